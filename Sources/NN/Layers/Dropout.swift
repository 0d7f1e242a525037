import Arrays
import Autograd
import Files

// None of these has state. The random masks are PyTorch's.

/// The base class of the dropout layers.
public class DropoutLayer: Module {
  /// The probability of a zero.
  public final let p: Double
  private final let text: String

  /// A layer with this probability of a zero.
  public init(_ p: LayerNumber = 0.5) {
    self.p = p.layerValue
    text = p.layerText
    super.init()
    require(
      (0...1).contains(p.layerValue),
      "\(typeName): probability must be between 0 and 1, not \(p.layerValue)")
  }

  /// A layer with this probability of a zero, which may be computed.
  @_disfavoredOverload
  public convenience init(_ p: Double) { self.init(LayerNumber(p)) }

  /// A layer with this probability of a zero.
  public convenience init(p: LayerNumber) { self.init(p) }

  /// A layer with this probability of a zero, which may be computed.
  @_disfavoredOverload
  public convenience init(p: Double) { self.init(LayerNumber(p)) }

  /// The arguments as PyTorch prints them: `p=0.5, inplace=False`.
  public final override var extraDescription: String { "p=\(text), inplace=False" }

  /// Whole channels set to zero, of an input that may lack a batch.
  fileprivate final func dropChannels(_ input: Tensor, batchedRank: Int) -> Tensor {
    require(
      input.rank == batchedRank - 1 || input.rank == batchedRank,
      "\(typeName): expected \(batchedRank - 1)D or \(batchedRank)D input, got shape "
        + "\(input.shape)")
    guard input.rank == batchedRank else {
      return input.unsqueezed(0).featureDropout(p, training: isTraining).squeezed([0])
    }
    return input.featureDropout(p, training: isTraining)
  }
}

/// Elements set to zero at random in training. Equivalent to `torch.nn.Dropout`.
public final class Dropout: DropoutLayer {
  /// The input, in training with zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    input.dropout(p, training: isTraining)
  }
}

/// Whole channels of lines set to zero at random in training. Equivalent to `torch.nn.Dropout1d`.
public final class Dropout1d: DropoutLayer {
  /// The input of (batch, channels, length), or without a batch, in training with zeros and the rest
  /// scaled up.
  public override func forward(_ input: Tensor) -> Tensor { dropChannels(input, batchedRank: 3) }
}

/// Whole channels of planes set to zero at random in training. Equivalent to `torch.nn.Dropout2d`.
public final class Dropout2d: DropoutLayer {
  /// The input of (batch, channels, height, width), or as in PyTorch of (batch, channels, length),
  /// in training with zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    require(
      input.rank == 3 || input.rank == 4,
      "Dropout2d: expected 3D or 4D input, got shape \(input.shape)")
    return input.featureDropout(p, training: isTraining)
  }
}

/// Whole channels of volumes set to zero at random in training. Equivalent to `torch.nn.Dropout3d`.
public final class Dropout3d: DropoutLayer {
  /// The input of (batch, channels, depth, height, width), or without a batch, in training with
  /// zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor { dropChannels(input, batchedRank: 5) }
}

/// Elements set to the limit of ``SELU`` at random in training, so that mean and variance stay.
/// Equivalent to `torch.nn.AlphaDropout`.
public final class AlphaDropout: DropoutLayer {
  /// The input, in training with some elements at the limit and all scaled and shifted.
  public override func forward(_ input: Tensor) -> Tensor {
    input.alphaDropout(p, training: isTraining)
  }
}

/// Whole channels set to the limit of ``SELU`` at random in training, so that mean and variance
/// stay. Equivalent to `torch.nn.FeatureAlphaDropout`.
public final class FeatureAlphaDropout: DropoutLayer {
  /// The input of (batch, channels, …), in training with some channels at the limit and all scaled
  /// and shifted.
  public override func forward(_ input: Tensor) -> Tensor {
    input.featureAlphaDropout(p, training: isTraining)
  }
}
