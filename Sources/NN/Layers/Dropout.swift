import Arrays
import Autograd

// None of these has state. The random masks are PyTorch's.

/// Elements set to zero at random in training. Equivalent to `torch.nn.Dropout`.
public final class Dropout: Module {
  /// The probability of a zero.
  public let p: Double

  /// A layer with this probability of a zero.
  public init(_ p: Double = 0.5) {
    self.p = checked(p, "Dropout")
  }

  /// The input, in training with zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    input.dropout(p, training: isTraining)
  }

  public override var extraDescription: String { "p=\(pythonFloat(p)), inplace=False" }
}

/// Whole channels of lines set to zero at random in training. Equivalent to `torch.nn.Dropout1d`.
public final class Dropout1d: Module {
  /// The probability of a zero.
  public let p: Double

  /// A layer with this probability of a zero.
  public init(_ p: Double = 0.5) {
    self.p = checked(p, "Dropout1d")
  }

  /// The input of (batch, channels, length), or without a batch, in training with zeros and the rest
  /// scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    require(
      input.rank == 2 || input.rank == 3,
      "Dropout1d: expected 2D or 3D input, got shape \(input.shape)")
    guard input.rank == 3 else {
      return input.unsqueezed(0).featureDropout(p, training: isTraining).squeezed([0])
    }
    return input.featureDropout(p, training: isTraining)
  }

  public override var extraDescription: String { "p=\(pythonFloat(p)), inplace=False" }
}

/// Whole channels of planes set to zero at random in training. Equivalent to `torch.nn.Dropout2d`.
public final class Dropout2d: Module {
  /// The probability of a zero.
  public let p: Double

  /// A layer with this probability of a zero.
  public init(_ p: Double = 0.5) {
    self.p = checked(p, "Dropout2d")
  }

  /// The input of (batch, channels, height, width), or as in PyTorch of (batch, channels, length),
  /// in training with zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    require(
      input.rank == 3 || input.rank == 4,
      "Dropout2d: expected 3D or 4D input, got shape \(input.shape)")
    return input.featureDropout(p, training: isTraining)
  }

  public override var extraDescription: String { "p=\(pythonFloat(p)), inplace=False" }
}

private func checked(_ probability: Double, _ layer: String) -> Double {
  require(
    (0...1).contains(probability),
    "\(layer): probability must be between 0 and 1, not \(probability)")
  return probability
}
