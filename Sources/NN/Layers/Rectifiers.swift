import Arrays
import Autograd
import Files

// Rectifiers of all kinds. Only PReLU has state.

/// A scaled ELU that keeps mean and variance. Equivalent to `torch.nn.SELU`.
public final class SELU: Module {
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool

  /// A layer that gives another tensor, or changes its input.
  public init(inplace: Bool = false) { self.inplace = inplace }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.selu_() : input.selu()
  }

  /// The arguments as PyTorch prints them: `inplace=True`, or none.
  public override var extraDescription: String { inplace ? "inplace=True" : "" }
}

/// x · sigmoid(x). Equivalent to `torch.nn.SiLU`.
public final class SiLU: Module {
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool

  /// A layer that gives another tensor, or changes its input.
  public init(inplace: Bool = false) { self.inplace = inplace }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.silu_() : input.silu()
  }

  /// The arguments as PyTorch prints them: `inplace=True`, or none.
  public override var extraDescription: String { inplace ? "inplace=True" : "" }
}

/// x · tanh(softplus(x)). Equivalent to `torch.nn.Mish`.
public final class Mish: Module {
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool

  /// A layer that gives another tensor, or changes its input.
  public init(inplace: Bool = false) { self.inplace = inplace }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.mish_() : input.mish()
  }

  /// The arguments as PyTorch prints them: `inplace=True`, or none.
  public override var extraDescription: String { inplace ? "inplace=True" : "" }
}

/// x · clamp(x + 3, 0…6) / 6. Equivalent to `torch.nn.Hardswish`.
public final class Hardswish: Module {
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool

  /// A layer that gives another tensor, or changes its input.
  public init(inplace: Bool = false) { self.inplace = inplace }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.hardswish_() : input.hardswish()
  }
}

/// clamp(x + 3, 0…6) / 6. Equivalent to `torch.nn.Hardsigmoid`.
public final class Hardsigmoid: Module {
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool

  /// A layer that gives another tensor, or changes its input.
  public init(inplace: Bool = false) { self.inplace = inplace }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.hardsigmoid_() : input.hardsigmoid()
  }
}

/// Replaces elements whose magnitude is at most a bound by zero. Equivalent to
/// `torch.nn.Hardshrink`.
public final class Hardshrink: Module {
  /// The bound.
  public let lambda: Double
  private let lambdaText: String

  /// A layer with this bound.
  public init(lambda: LayerNumber = 0.5) {
    self.lambda = lambda.layerValue
    lambdaText = lambda.layerText
  }

  /// A layer with this number, which may be computed.
  @_disfavoredOverload
  public convenience init(lambda: Double) { self.init(lambda: LayerNumber(lambda)) }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.hardshrink(lambda: lambda) }

  /// The arguments as PyTorch prints them: `0.5`.
  public override var extraDescription: String { lambdaText }
}

/// Moves each element towards zero by a distance, at most to zero. Equivalent to
/// `torch.nn.Softshrink`.
public final class Softshrink: Module {
  /// The length.
  public let lambda: Double
  private let lambdaText: String

  /// A layer with this length.
  public init(lambda: LayerNumber = 0.5) {
    self.lambda = lambda.layerValue
    lambdaText = lambda.layerText
  }

  /// A layer with this number, which may be computed.
  @_disfavoredOverload
  public convenience init(lambda: Double) { self.init(lambda: LayerNumber(lambda)) }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.softshrink(lambda: lambda) }

  /// The arguments as PyTorch prints them: `0.5`.
  public override var extraDescription: String { lambdaText }
}

/// Replaces elements that are not above a bound by a value. Equivalent to `torch.nn.Threshold`.
public final class Threshold: Module {
  /// The bound.
  public let threshold: Double
  /// The replacement.
  public let value: Double
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool
  private let thresholdText: String
  private let valueText: String

  /// A layer with this bound and value.
  public init(_ threshold: LayerNumber, _ value: LayerNumber, inplace: Bool = false) {
    self.inplace = inplace
    self.threshold = threshold.layerValue
    thresholdText = threshold.layerText
    self.value = value.layerValue
    valueText = value.layerText
  }

  /// A layer with these numbers, which may be computed.
  @_disfavoredOverload
  public convenience init(_ threshold: Double, _ value: Double, inplace: Bool = false) {
    self.init(LayerNumber(threshold), LayerNumber(value), inplace: inplace)
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.threshold_(threshold, value) : input.threshold(threshold, value)
  }

  /// The arguments as PyTorch prints them: `threshold=0.1, value=20.0`.
  public override var extraDescription: String {
    "threshold=\(thresholdText), value=\(valueText)" + (inplace ? ", inplace=True" : "")
  }
}

/// x / (1 + |x|). Equivalent to `torch.nn.Softsign`.
public final class Softsign: Module {
  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.softsign() }
}

/// x − tanh(x). Equivalent to `torch.nn.Tanhshrink`.
public final class Tanhshrink: Module {
  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.tanhshrink() }
}

/// The logarithm of the sigmoid. Equivalent to `torch.nn.LogSigmoid`.
public final class LogSigmoid: Module {
  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.logSigmoid() }
}

/// x where it is positive, `negativeSlope` · x elsewhere. Equivalent to `torch.nn.LeakyReLU`.
public final class LeakyReLU: Module {
  /// What negative elements are multiplied by.
  public let negativeSlope: Double
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool
  private let negativeSlopeText: String

  /// A layer with this slope.
  public init(negativeSlope: LayerNumber = 0.01, inplace: Bool = false) {
    self.inplace = inplace
    self.negativeSlope = negativeSlope.layerValue
    negativeSlopeText = negativeSlope.layerText
  }

  /// A layer with this number, which may be computed.
  @_disfavoredOverload
  public convenience init(negativeSlope: Double, inplace: Bool = false) {
    self.init(negativeSlope: LayerNumber(negativeSlope), inplace: inplace)
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace
      ? input.leakyRelu_(negativeSlope: negativeSlope)
      : input.leakyRelu(negativeSlope: negativeSlope)
  }

  /// The arguments as PyTorch prints them: `negative_slope=0.01`.
  public override var extraDescription: String {
    "negative_slope=\(negativeSlopeText)" + (inplace ? ", inplace=True" : "")
  }
}

/// A leaky ReLU whose slopes are random in training, and their mean in evaluation. Equivalent to
/// `torch.nn.RReLU`, whose random numbers it draws.
public final class RReLU: Module {
  /// The minimum slope.
  public let lower: Double
  /// The maximum slope.
  public let upper: Double
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool
  private let lowerText: String
  private let upperText: String

  /// A layer with slopes between these.
  public init(
    lower: LayerNumber = 0.125, upper: LayerNumber = .init(1.0 / 3.0), inplace: Bool = false
  ) {
    self.inplace = inplace
    require(
      lower.layerValue <= upper.layerValue,
      "RReLU: the slopes \(lower.layerText) and \(upper.layerText) are reversed")
    self.lower = lower.layerValue
    lowerText = lower.layerText
    self.upper = upper.layerValue
    upperText = upper.layerText
  }

  /// A layer with these numbers, which may be computed.
  @_disfavoredOverload
  public convenience init(lower: Double = 1 / 8, upper: Double = 1 / 3, inplace: Bool = false) {
    self.init(lower: LayerNumber(lower), upper: LayerNumber(upper), inplace: inplace)
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace
      ? input.rrelu_(lower: lower, upper: upper, training: isTraining)
      : input.rrelu(lower: lower, upper: upper, training: isTraining)
  }

  /// The arguments as PyTorch prints them: `lower=0.125, upper=0.3333333333333333`.
  public override var extraDescription: String {
    "lower=\(lowerText), upper=\(upperText)" + (inplace ? ", inplace=True" : "")
  }
}

/// A leaky ReLU with learned slopes. Equivalent to `torch.nn.PReLU`.
///
/// State dict: `weight` (1,) or (channels,).
public final class PReLU: Module {
  /// The slopes.
  public let weight: Parameter

  /// A layer with one slope, or one per channel.
  ///
  /// - Parameters:
  ///   - numParameters: 1, or the number of channels.
  ///   - initial: The initial value of the slopes.
  public init(numParameters: Int = 1, initial: Double = 0.25) {
    weight = Parameter(Tensor.full([numParameters], initial))
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor { input.prelu(weight) }

  /// The arguments as PyTorch prints them: `num_parameters=1`.
  public override var extraDescription: String { "num_parameters=\(weight.elementCount)" }
}

/// x where it is positive, alpha · (eˣ − 1) elsewhere. Equivalent to `torch.nn.ELU`.
public final class ELU: Module {
  /// The limit for negative elements.
  public let alpha: Double
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool
  private let alphaText: String

  /// A layer with this limit.
  public init(alpha: LayerNumber = 1.0, inplace: Bool = false) {
    self.inplace = inplace
    self.alpha = alpha.layerValue
    alphaText = alpha.layerText
  }

  /// A layer with this number, which may be computed.
  @_disfavoredOverload
  public convenience init(alpha: Double, inplace: Bool = false) {
    self.init(alpha: LayerNumber(alpha), inplace: inplace)
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.elu_(alpha: alpha) : input.elu(alpha: alpha)
  }

  /// The arguments as PyTorch prints them: `alpha=1.0`.
  public override var extraDescription: String {
    "alpha=\(alphaText)" + (inplace ? ", inplace=True" : "")
  }
}

/// max(0, x) + min(0, alpha · (e^(x / alpha) − 1)). Equivalent to `torch.nn.CELU`.
public final class CELU: Module {
  /// The limit for negative elements.
  public let alpha: Double
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool
  private let alphaText: String

  /// A layer with this limit.
  public init(alpha: LayerNumber = 1.0, inplace: Bool = false) {
    self.inplace = inplace
    self.alpha = alpha.layerValue
    alphaText = alpha.layerText
  }

  /// A layer with this number, which may be computed.
  @_disfavoredOverload
  public convenience init(alpha: Double, inplace: Bool = false) {
    self.init(alpha: LayerNumber(alpha), inplace: inplace)
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.celu_(alpha: alpha) : input.celu(alpha: alpha)
  }

  /// The arguments as PyTorch prints them: `alpha=1.0`.
  public override var extraDescription: String {
    "alpha=\(alphaText)" + (inplace ? ", inplace=True" : "")
  }
}

/// log(1 + e^(beta · x)) / beta, x for large x. Equivalent to `torch.nn.Softplus`.
public final class Softplus: Module {
  /// The sharpness.
  public let beta: Double
  /// The value of beta · x above which the result is x.
  public let threshold: Double
  private let betaText: String
  private let thresholdText: String

  /// A layer of this sharpness.
  public init(beta: LayerNumber = 1.0, threshold: LayerNumber = 20.0) {
    self.beta = beta.layerValue
    betaText = beta.layerText
    self.threshold = threshold.layerValue
    thresholdText = threshold.layerText
  }

  /// A layer with these numbers, which may be computed.
  @_disfavoredOverload
  public convenience init(beta: Double = 1, threshold: Double = 20) {
    self.init(beta: LayerNumber(beta), threshold: LayerNumber(threshold))
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    input.softplus(beta: beta, threshold: threshold)
  }

  /// The arguments as PyTorch prints them: `beta=1.0, threshold=20.0`.
  public override var extraDescription: String {
    "beta=\(betaText), threshold=\(thresholdText)"
  }
}

/// Limits each element to bounds. Equivalent to `torch.nn.Hardtanh`.
public final class Hardtanh: Module {
  /// The lower bound.
  public let minVal: Double
  /// The upper bound.
  public let maxVal: Double
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool
  private let minValText: String
  private let maxValText: String

  /// A layer with these bounds.
  public init(minVal: LayerNumber = -1.0, maxVal: LayerNumber = 1.0, inplace: Bool = false) {
    self.inplace = inplace
    require(
      minVal.layerValue < maxVal.layerValue,
      "Hardtanh: the bounds \(minVal.layerText) and \(maxVal.layerText) are reversed")
    self.minVal = minVal.layerValue
    minValText = minVal.layerText
    self.maxVal = maxVal.layerValue
    maxValText = maxVal.layerText
  }

  /// A layer with these numbers, which may be computed.
  @_disfavoredOverload
  public convenience init(minVal: Double = -1, maxVal: Double = 1, inplace: Bool = false) {
    self.init(minVal: LayerNumber(minVal), maxVal: LayerNumber(maxVal), inplace: inplace)
  }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.hardtanh_(min: minVal, max: maxVal) : input.hardtanh(min: minVal, max: maxVal)
  }

  /// The arguments as PyTorch prints them: `min_val=-1.0, max_val=1.0`.
  public override var extraDescription: String {
    "min_val=\(minValText), max_val=\(maxValText)" + (inplace ? ", inplace=True" : "")
  }
}

/// Limits each element to 0…6. Equivalent to `torch.nn.ReLU6`.
public final class ReLU6: Module {
  /// Whether the input itself is changed, as PyTorch does it: whoever holds it sees the result.
  public let inplace: Bool

  /// A layer that gives another tensor, or changes its input.
  public init(inplace: Bool = false) { self.inplace = inplace }

  /// The function, applied to each element.
  public override func forward(_ input: Tensor) -> Tensor {
    inplace ? input.relu6_() : input.relu6()
  }

  /// The arguments as PyTorch prints them: `inplace=True`, or none.
  public override var extraDescription: String { inplace ? "inplace=True" : "" }
}
