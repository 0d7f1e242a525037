import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// The average of a model's parameters over a training. Equivalent to
/// `torch.optim.swa_utils.AveragedModel`.
///
/// ```swift
/// let average = AveragedModel(model)                      // or AveragedModel(model, decay: 0.999)
/// for batch in batches {
///   …
///   optimizer.step()
///   average.updateParameters(model)
/// }
/// let output = average(x)                                 // with the averaged parameters
/// ```
///
/// It begins as the model is, and the first update copies the model's parameters. Swift cannot copy an
/// object, so the structure remains the model's own: a call puts the averaged values into it, runs it
/// without recording, and puts the model's values back.
///
/// State dict: `n_averaged`, a scalar of `int64`, then the model's keys after `module.`.
public final class AveragedModel: Module {
  private let model: Module
  private let decay: Double?
  private let averaged: Averages
  private let nAveraged = Buffer(NDArray(Int64(0)))

  /// The average of a model.
  ///
  /// - Parameters:
  ///   - model: The model. Its buffers are those of the average too, until
  ///     ``updateParameters(_:)`` copies them, as in PyTorch.
  ///   - decay: The weight of the average so far, for an exponential moving average; nil for the mean
  ///     of all updates.
  public init(_ model: Module, decay: Double? = nil) {
    require(
      decay.map { (0...1).contains($0) } ?? true,
      "AveragedModel: decay \(decay ?? 0) must be between 0 and 1")
    self.model = model
    self.decay = decay
    averaged = Averages(model)
  }

  /// `n_averaged` and the averages after `module.`.
  public override func members() -> [Member] {
    [Member("n_averaged", .buffer(nAveraged)), Member("module", .module(averaged))]
  }

  /// Adds the present parameters to the average, and copies the buffers. Equivalent to
  /// `update_parameters`.
  ///
  /// - Parameter model: The model.
  /// - Precondition: It has the parameters of the model that this is the average of.
  public func updateParameters(_ model: Module) {
    let count = Double(nAveraged)
    noGrad {
      let (own, new) = (averaged.values, Averages.tensors(of: model))
      require(
        own.count == new.count && zip(own, new).allSatisfy { $0.shape == $1.shape },
        "AveragedModel: \(model.typeName) does not have the parameters of the averaged model")
      for (average, value) in zip(own, new) {
        guard count > 0, average is Parameter else {
          average.copy_(value)
          continue
        }
        // As PyTorch does: to a mean by what is missing, to a moving average by what is new.
        let share = decay.map { 1 - $0 } ?? 1 / (count + 1)
        average.copy_(average + (value - average) * share)
      }
      nAveraged.assign(nAveraged + 1)
    }
  }

  /// The model's output with the averaged parameters. Nothing is recorded.
  public override func forward(_ input: Tensor) -> Tensor {
    let tensors = Averages.tensors(of: model)
    let own = tensors.map(\.array)
    func put(_ arrays: [NDArray]) {
      for (tensor, array) in zip(tensors, arrays) { tensor.replace(array, device: tensor.device) }
    }
    let modes = model.modules().map { ($0, $0.isTraining) }
    model.train(isTraining)
    put(averaged.values.map(\.array))
    defer {
      put(own)
      for (module, mode) in modes { module.isTraining = mode }
    }
    return noGrad { model(input) }
  }
}

/// The averages of parameters, and copies of buffers, under the keys of a model.
private final class Averages: Module {
  private let tree: [Member]

  convenience init(_ model: Module) {
    var known: [ObjectIdentifier: Tensor] = [:]
    self.init(model, &known)
  }

  /// What is tied in the model is tied here.
  private init(_ model: Module, _ known: inout [ObjectIdentifier: Tensor]) {
    var tree: [Member] = []
    for member in model.members() {
      switch member.content {
      case .parameter(let parameter):
        let own = parameter.map { parameter in
          known[ObjectIdentifier(parameter)] as? Parameter
            ?? Parameter(parameter.array, requiresGrad: parameter.requiresGrad)
        }
        if let parameter, let own { known[ObjectIdentifier(parameter)] = own }
        tree.append(Member(member.name, .parameter(own)))
      case .buffer(let buffer):
        let own = buffer.map { buffer in
          known[ObjectIdentifier(buffer)] as? Buffer
            ?? Buffer(buffer.array, persistent: buffer.isPersistent)
        }
        if let buffer, let own { known[ObjectIdentifier(buffer)] = own }
        tree.append(Member(member.name, .buffer(own)))
      case .module(let child):
        tree.append(Member(member.name, .module(child.map { Averages($0, &known) })))
      }
    }
    self.tree = tree
  }

  override func members() -> [Member] { tree }

  var values: [Tensor] { Self.tensors(of: self) }

  static func tensors(of model: Module) -> [Tensor] { model.parameters() + model.buffers() }
}
