import Arrays
import Autograd

/// x · weightᵀ + bias. Equivalent to `torch.nn.Linear`.
///
/// State dict: `weight` (out, in), `bias` (out,).
public final class Linear: Module {
  /// (out, in).
  public let weight: Parameter
  /// (out,), if the layer has one.
  public let bias: Parameter?

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inFeatures: The length of the last dimension of the input.
  ///   - outFeatures: The length of the last dimension of the output.
  ///   - bias: Whether something is added.
  public init(_ inFeatures: Int, _ outFeatures: Int, bias: Bool = true) {
    weight = Parameter(Tensor.zeros([outFeatures, inFeatures]))
    self.bias = bias ? Parameter(Tensor.zeros([outFeatures])) : nil
    super.init()
    resetParameters()
  }

  /// Sets the initial values anew.
  public func resetParameters() { Initialization.layer(weight, bias) }

  /// (…, out) for an input of shape (…, in).
  public override func forward(_ input: Tensor) -> Tensor { input.linear(weight, bias) }

  public override var extraDescription: String {
    "in_features=\(weight.shape[1]), out_features=\(weight.shape[0]), "
      + "bias=\(pythonBool(bias != nil))"
  }
}

/// What it is given. Equivalent to `torch.nn.Identity`. It has no state.
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

  public override var extraDescription: String { "start_dim=\(startDim), end_dim=\(endDim)" }
}
