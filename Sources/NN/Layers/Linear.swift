import Arrays
import Autograd
import Files

/// x · weightᵀ + bias. Equivalent to `torch.nn.Linear`.
///
/// State dict: `weight` (out, in), `bias` (out,).
public class Linear: Module {
  /// (out, in).
  public final var weight: Parameter
  /// (out,), if the layer has one.
  public final var bias: Parameter?

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inFeatures: The length of the last dimension of the input.
  ///   - outFeatures: The length of the last dimension of the output.
  ///   - bias: Whether the layer has a bias.
  public convenience init(inFeatures: Int, outFeatures: Int, bias: Bool = true) {
    self.init(inFeatures, outFeatures, bias: bias)
  }

  /// A layer over parameters that exist already, such as those of another layer, with which it is
  /// then tied.
  ///
  /// ```swift
  /// let embedding = Embedding(50257, 768)
  /// let head = Linear(weight: embedding.weight)
  /// ```
  ///
  /// - Parameters:
  ///   - weight: (out, in).
  ///   - bias: (out,), if the layer is to have one.
  /// - Precondition: The shapes fit.
  public init(weight: Parameter, bias: Parameter? = nil) {
    require(
      weight.rank == 2 && (bias.map { $0.shape == [weight.shape[0]] } ?? true),
      "Linear: a weight of shape \(weight.shape) and a bias of shape "
        + "\(bias.map { "\($0.shape)" } ?? "()") do not fit")
    self.weight = weight
    self.bias = bias
  }

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inFeatures: The length of the last dimension of the input.
  ///   - outFeatures: The length of the last dimension of the output.
  ///   - bias: Whether the layer has a bias.
  public init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true) {
    weight = Parameter(Tensor.zeros([outFeatures, inFeatures]))
    self.bias = bias ? Parameter(Tensor.zeros([outFeatures])) : nil
    super.init()
    resetParameters()
  }

  /// Sets the initial values again, from the current random generator.
  public final func resetParameters() { Initialization.layer(weight, bias) }

  /// (…, out) for an input of shape (…, in).
  public override func forward(_ input: Tensor) -> Tensor { input.linear(weight, bias) }

  /// The arguments as PyTorch prints them: `in_features=3, out_features=2, bias=True`.
  public override var extraDescription: String {
    "in_features=\(weight.shape[1]), out_features=\(weight.shape[0]), "
      + "bias=\(pythonBool(bias != nil))"
  }
}

/// A linear layer under the name that PyTorch gives the last one of an attention.
final class NonDynamicallyQuantizableLinear: Linear {}

/// x₁ · weight · x₂ + bias for each output. Equivalent to `torch.nn.Bilinear`.
///
/// State dict: `weight` (out, in₁, in₂), `bias` (out,).
public final class Bilinear: Module {
  /// (out, in₁, in₂).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - in1Features: The length of the last dimension of the first input.
  ///   - in2Features: The length of the last dimension of the second input.
  ///   - outFeatures: The length of the last dimension of the output.
  ///   - bias: Whether the layer has a bias.
  public init(_ in1Features: Int, _ in2Features: Int, _ outFeatures: Int, bias: Bool = true) {
    weight = Parameter(Tensor.zeros([outFeatures, in1Features, in2Features]))
    self.bias = bias ? Parameter(Tensor.zeros([outFeatures])) : nil
    super.init()
    let bound = 1 / Double(in1Features).squareRoot()
    Initialization.uniform(weight, from: -bound, to: bound)
    if let bias = self.bias { Initialization.uniform(bias, from: -bound, to: bound) }
  }

  /// (…, out) for inputs of shapes (…, in₁) and (…, in₂).
  public func callAsFunction(_ first: Tensor, _ second: Tensor) -> Tensor {
    withHooks([first, second]) { [$0[0].bilinear($0[1], weight, bias)] }[0]
  }

  /// The arguments as PyTorch prints them:
  /// `in1_features=3, in2_features=4, out_features=2, bias=True`.
  public override var extraDescription: String {
    "in1_features=\(weight.shape[1]), in2_features=\(weight.shape[2]), "
      + "out_features=\(weight.shape[0]), bias=\(pythonBool(bias != nil))"
  }
}

/// Returns its input. Equivalent to `torch.nn.Identity`. It has no state.
public final class Identity: Module {
  /// The input.
  public override func forward(_ input: Tensor) -> Tensor { input }
}

/// Dimensions `startDim` to `endDim` as one. Equivalent to `torch.nn.Flatten`. It has no state.
public final class Flatten: Module {
  /// The first dimension that is merged.
  public let startDim: Int
  /// The last dimension that is merged.
  public let endDim: Int

  /// A layer that merges these dimensions, both included.
  public init(startDim: Int = 1, endDim: Int = -1) {
    self.startDim = startDim
    self.endDim = endDim
  }

  /// The input with the dimensions merged.
  public override func forward(_ input: Tensor) -> Tensor {
    input.flattened(from: startDim, through: endDim)
  }

  /// The arguments as PyTorch prints them: `start_dim=1, end_dim=-1`.
  public override var extraDescription: String { "start_dim=\(startDim), end_dim=\(endDim)" }
}

/// A dimension divided into several. Equivalent to `torch.nn.Unflatten`. It has no state.
public final class Unflatten: Module {
  /// The dimension that is divided.
  public let dim: Int
  /// The lengths in its place, of which one may be −1 for whatever is left.
  public let unflattenedSize: [Int]

  /// A layer that divides a dimension into these lengths.
  public init(_ dim: Int, _ unflattenedSize: [Int]) {
    self.dim = dim
    self.unflattenedSize = unflattenedSize
  }

  /// The input with the dimension divided.
  public override func forward(_ input: Tensor) -> Tensor {
    input.unflattened(dim, unflattenedSize)
  }

  /// The arguments as PyTorch prints them: `dim=1, unflattened_size=(2, 3)`.
  public override var extraDescription: String {
    let sizes = unflattenedSize.map(String.init).joined(separator: ", ")
    return "dim=\(dim), unflattened_size=(\(sizes)\(unflattenedSize.count == 1 ? "," : ""))"
  }
}
