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
/// without recording, and puts the model's values back. Buffers and the modes of submodules are the
/// average's own, as they are in PyTorch's copy: `train()` and `eval()` of the one do not change the other.
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
  ///   - model: The model. The average begins with copies of its parameters, buffers and modes;
  ///     ``updateParameters(_:)`` copies the buffers again, as in PyTorch.
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
      requireSame(own, new, model)
      for (average, value) in zip(own, new) {
        guard count > 0, average is Parameter else {
          average.copy_(value)
          continue
        }
        // As PyTorch does: to a mean by what is missing, to a moving average by what is new.
        let share = decay.map { 1 - $0 } ?? 1 / (count + 1)
        let isBlendable = average.dtype.isFloatingPoint && value.dtype == average.dtype
        average.copy_(
          isBlendable ? average.lerp(value, share) : average + (value - average) * share)
      }
      nAveraged.assign(nAveraged + 1)
    }
  }

  /// The model's output with the averaged parameters. Nothing is recorded.
  ///
  /// What the call does to buffers, such as running statistics, is done to the average's, as in PyTorch. Of the
  /// model nothing changes, so a graph that it is part of can still be walked.
  ///
  /// - Precondition: The input requires no gradient, or the call is in `noGrad`; and the model
  ///   has the parameters and buffers that it had.
  public override func forward(_ input: Tensor) -> Tensor {
    require(
      !GradMode.isEnabled || !input.requiresGrad,
      "AveragedModel: no gradient flows through it to an input of shape \(input.shape): use detached(), or "
        + "noGrad { }")
    let (tensors, own) = (Averages.tensors(of: model), averaged.values)
    requireSame(own, tensors, model)
    let parts = (model: model.modules(), average: averaged.modules())
    require(
      parts.model.count == parts.average.count,
      "AveragedModel: \(model.typeName) does not have the modules of the averaged model")
    let modules = zip(parts.model, parts.average).map { ($0, $1, $0.isTraining) }
    for (module, average, _) in modules { module.isTraining = average.isTraining }
    let lent = zip(tensors, own).map { $0.lend($1.array, device: $1.device) }
    let given = tensors.map(\.version)
    defer {
      for (index, tensor) in tensors.enumerated() {
        if tensor.version != given[index] {
          own[index].replace(tensor.array, device: tensor.device)
        }
        tensor.takeBack(lent[index])
      }
      for (module, _, mode) in modules { module.isTraining = mode }
    }
    return noGrad { model(input) }
  }

  private func requireSame(_ own: [Tensor], _ new: [Tensor], _ model: Module) {
    require(
      own.count == new.count && zip(own, new).allSatisfy { $0.shape == $1.shape },
      "AveragedModel: \(model.typeName) does not have the parameters of the averaged model")
  }
}

/// The averages of parameters, and copies of buffers, under the keys of a model.
private final class Averages: Module {
  private let tree: [Member]

  convenience init(_ model: Module) {
    var known: [ObjectIdentifier: AnyObject] = [:]
    self.init(model, &known)
  }

  /// What is tied in the model is tied here, and each module begins in the mode that it has there.
  private init(_ model: Module, _ known: inout [ObjectIdentifier: AnyObject]) {
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
        let own = child.map { child in
          known[ObjectIdentifier(child)] as? Averages ?? Averages(child, &known)
        }
        if let child, let own { known[ObjectIdentifier(child)] = own }
        tree.append(Member(member.name, .module(own)))
      }
    }
    self.tree = tree
    super.init()
    isTraining = model.isTraining
  }

  override func members() -> [Member] { tree }

  var values: [Tensor] { Self.tensors(of: self) }

  static func tensors(of model: Module) -> [Tensor] { model.parameters() + model.buffers() }
}
