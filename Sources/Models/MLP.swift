import Arrays
import Autograd
import Files
import NN

/// A multilayer perceptron: linear layers with a ReLU between each two.
///
/// Equivalent to `torch.nn.Sequential(Linear, ReLU, Linear, …)`. State dict: `0.weight`, `0.bias`,
/// `2.weight`, `2.bias`, …
///
/// ```swift
/// let model = MLP([784, 256, 10])
/// let logits = model(images)                   // (batch, 784) to (batch, 10)
/// ```
public final class MLP: Module {
  private let layers: Sequential

  /// A network with layers of the given sizes and PyTorch's initial values.
  ///
  /// - Parameter sizes: The number of features of the input, of each hidden layer, and of the
  ///   output.
  /// - Precondition: There are at least two sizes.
  public init(_ sizes: [Int]) {
    require(sizes.count >= 2, "an MLP has an input and an output")
    layers = Sequential()
    for (index, (from, to)) in zip(sizes, sizes.dropFirst()).enumerated() {
      if index > 0 { layers.append(ReLU()) }
      layers.append(Linear(from, to))
    }
  }

  /// The members of the layers, without a common prefix, so that keys start with their numbers.
  public override func members() -> [Member] {
    super.members().flatMap { member in
      if case .module(let module?) = member.content, module === layers { return layers.members() }
      return [member]
    }
  }

  /// The output of the last layer.
  ///
  /// - Parameter input: (…, sizes.first).
  /// - Returns: (…, sizes.last).
  public override func forward(_ input: Tensor) -> Tensor { layers(input) }
}

extension Architecture {
  /// A multilayer perceptron; `sizes` are the lengths of its input, hidden layers and output.
  static let mlp = Architecture("mlp", source: "torch.nn.Sequential", options: ["sizes"]) {
    arguments throws(ModelError) in
    let sizes = try arguments.shape("sizes").dimensions
    guard sizes.count >= 2, sizes.allSatisfy({ $0 > 0 }) else {
      throw ModelError(reason: "mlp: sizes are two or more positive lengths")
    }
    return MLP(sizes)
  }
}
