import Arrays
import Autograd
import Files

// None of these has state. The random masks are PyTorch's.

/// The base class of the dropout layers.
public class DropoutLayer: Module {
  /// The probability of a zero.
  public final let p: Double
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public final let inplace: Bool
  private final let text: String

  /// A layer with this probability of a zero.
  public init(_ p: LayerNumber = 0.5, inplace: Bool = false) {
    self.p = p.layerValue
    self.inplace = inplace
    text = p.layerText
    super.init()
    require(
      (0...1).contains(p.layerValue),
      "\(typeName): probability must be between 0 and 1, not \(p.layerValue)")
  }

  /// A layer with this probability of a zero, which may be computed.
  @_disfavoredOverload
  public convenience init(_ p: Double, inplace: Bool = false) {
    self.init(LayerNumber(p), inplace: inplace)
  }

  /// A layer with this probability of a zero.
  public convenience init(p: LayerNumber, inplace: Bool = false) { self.init(p, inplace: inplace) }

  /// A layer with this probability of a zero, which may be computed.
  @_disfavoredOverload
  public convenience init(p: Double, inplace: Bool = false) {
    self.init(LayerNumber(p), inplace: inplace)
  }

  /// The arguments as PyTorch prints them: `p=0.5, inplace=False`.
  public final override var extraDescription: String {
    "p=\(text), inplace=\(inplace ? "True" : "False")"
  }
}

/// Elements set to zero at random in training. Equivalent to `torch.nn.Dropout`.
public final class Dropout: DropoutLayer {
  /// The input, in training with zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    F.dropout(input, p, training: isTraining, inplace: inplace)
  }
}

/// Whole channels of lines set to zero at random in training. Equivalent to `torch.nn.Dropout1d`.
public final class Dropout1d: DropoutLayer {
  /// The input of (batch, channels, length), or without a batch, in training with zeros and the rest
  /// scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    F.dropout1d(input, p, training: isTraining, inplace: inplace)
  }
}

/// Whole channels of planes set to zero at random in training. Equivalent to `torch.nn.Dropout2d`.
public final class Dropout2d: DropoutLayer {
  /// The input of (batch, channels, height, width), or as in PyTorch of (batch, channels, length),
  /// in training with zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    F.dropout2d(input, p, training: isTraining, inplace: inplace)
  }
}

/// Whole channels of volumes set to zero at random in training. Equivalent to `torch.nn.Dropout3d`.
public final class Dropout3d: DropoutLayer {
  /// The input of (batch, channels, depth, height, width), or without a batch, in training with
  /// zeros and the rest scaled up.
  public override func forward(_ input: Tensor) -> Tensor {
    F.dropout3d(input, p, training: isTraining, inplace: inplace)
  }
}

/// Elements set to the limit of ``SELU`` at random in training, so that mean and variance stay.
/// Equivalent to `torch.nn.AlphaDropout`, which makes another tensor even with `inplace=True`.
public final class AlphaDropout: DropoutLayer {
  /// The input, in training with some elements at the limit and all scaled and shifted.
  public override func forward(_ input: Tensor) -> Tensor {
    input.alphaDropout(p, training: isTraining)
  }
}

/// Whole channels set to the limit of ``SELU`` at random in training, so that mean and variance
/// stay. Equivalent to `torch.nn.FeatureAlphaDropout`, which makes another tensor even with
/// `inplace=True`.
public final class FeatureAlphaDropout: DropoutLayer {
  /// The input of (batch, channels, …), in training with some channels at the limit and all scaled
  /// and shifted.
  public override func forward(_ input: Tensor) -> Tensor {
    input.featureAlphaDropout(p, training: isTraining)
  }
}
