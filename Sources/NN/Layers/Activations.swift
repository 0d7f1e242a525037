import Arrays
import Autograd
import Files

// None of these has state.

/// max(0, x). Equivalent to `torch.nn.ReLU`.
public final class ReLU: Module {
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool

  /// A layer that gives another tensor, or changes its input.
  public init(inplace: Bool = false) { self.inplace = inplace }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.relu_() : input.relu()
  }

  /// The arguments as PyTorch prints them: `inplace=True`, or none.
  public override var extraDescription: String { inplace ? "inplace=True" : "" }
}

/// 1 / (1 + e⁻ˣ). Equivalent to `torch.nn.Sigmoid`.
public final class Sigmoid: Module {
  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.sigmoid() }
}

/// The hyperbolic tangent. Equivalent to `torch.nn.Tanh`.
public final class Tanh: Module {
  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.tanh() }
}

/// x · Φ(x), where Φ is the cumulative distribution function of the standard normal distribution.
/// Equivalent to `torch.nn.GELU`.
public final class GELU: Module {
  /// How the distribution is computed.
  public let approximate: Tensor.GELUApproximation

  /// A layer that computes the distribution so.
  public init(approximate: Tensor.GELUApproximation = .none) { self.approximate = approximate }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.gelu(approximate: approximate) }

  /// The arguments as PyTorch prints them: `approximate='none'`.
  public override var extraDescription: String { "approximate='\(approximate.rawValue)'" }
}

/// Softmax along a dimension. Equivalent to `torch.nn.Softmax` with a dimension.
public final class Softmax: Module {
  /// The dimension.
  public let dim: Int

  /// A layer along this dimension.
  public init(dim: Int) { self.dim = dim }

  /// Numbers that add up to one along the dimension.
  public override func forward(_ input: Tensor) -> Tensor { input.softmax(dim) }

  /// The arguments as PyTorch prints them: `dim=1`.
  public override var extraDescription: String { "dim=\(dim)" }
}

/// Softmax over the channels at each place of planes. Equivalent to `torch.nn.Softmax2d`.
public final class Softmax2d: Module {
  /// Numbers that add up to one over the channels of (batch, channels, height, width), or without a
  /// batch.
  public override func forward(_ input: Tensor) -> Tensor {
    require(
      input.rank == 3 || input.rank == 4,
      "Softmax2d: expected 3D or 4D input, got shape \(input.shape)")
    return input.softmax(-3)
  }
}

/// The logarithm of softmax along a dimension. Equivalent to `torch.nn.LogSoftmax` with a dimension.
public final class LogSoftmax: Module {
  /// The dimension.
  public let dim: Int

  /// A layer along this dimension.
  public init(dim: Int) { self.dim = dim }

  /// The logarithms of numbers that add up to one along the dimension.
  public override func forward(_ input: Tensor) -> Tensor { input.logSoftmax(dim) }

  /// The arguments as PyTorch prints them: `dim=1`.
  public override var extraDescription: String { "dim=\(dim)" }
}

/// Softmax of the negative along a dimension. Equivalent to `torch.nn.Softmin` with a dimension.
public final class Softmin: Module {
  /// The dimension.
  public let dim: Int

  /// A layer along this dimension.
  public init(dim: Int) { self.dim = dim }

  /// Numbers that add up to one along the dimension.
  public override func forward(_ input: Tensor) -> Tensor { input.softmin(dim) }

  /// The arguments as PyTorch prints them: `dim=1`.
  public override var extraDescription: String { "dim=\(dim)" }
}

/// The first half of a dimension times the sigmoid of the second half. Equivalent to
/// `torch.nn.GLU`.
public final class GLU: Module {
  /// The dimension.
  public let dim: Int

  /// A layer that halves this dimension.
  public init(dim: Int = -1) { self.dim = dim }

  /// The first half, gated by the second.
  public override func forward(_ input: Tensor) -> Tensor { input.glu(dim) }

  /// The arguments as PyTorch prints them: `dim=-1`.
  public override var extraDescription: String { "dim=\(dim)" }
}
