import Autograd
import NN

/// A network of inverted residuals with squeeze and excitation, scaled in width, depth and
/// resolution. Equivalent to `torchvision.models.efficientnet_b0` and its larger siblings.
///
/// Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks" (2019).
/// The keys are torchvision's: the stem `features.0`, the stages `features.1` to `features.7`, with
/// blocks `features.2.0.block.0.0.weight`, … and squeezes `features.2.0.block.2.fc1`, the last
/// convolution `features.8`, and the classifier `classifier.1`. The initial values are too. In
/// training mode, residual blocks are dropped at random: see ``Configuration/stochasticDepth``.
public final class EfficientNet: Module, NamedBySources {
  /// The networks of the family. The raw value is torchvision's name.
  public enum Variant: String, Sendable, CaseIterable {
    /// The smallest, for images of 224×224.
    case b0 = "efficientnet_b0"
    /// For images of 240×240.
    case b1 = "efficientnet_b1"
    /// For images of 288×288.
    case b2 = "efficientnet_b2"
    /// For images of 300×300.
    case b3 = "efficientnet_b3"
    /// For images of 380×380.
    case b4 = "efficientnet_b4"
    /// For images of 456×456.
    case b5 = "efficientnet_b5"
    /// For images of 528×528.
    case b6 = "efficientnet_b6"
    /// The largest, for images of 600×600.
    case b7 = "efficientnet_b7"

    /// The factors of widths and depths, and the probability of dropout.
    var scale: (width: Double, depth: Double, dropout: Double) {
      switch self {
      case .b0: (1.0, 1.0, 0.2)
      case .b1: (1.0, 1.1, 0.2)
      case .b2: (1.1, 1.2, 0.3)
      case .b3: (1.2, 1.4, 0.3)
      case .b4: (1.4, 1.8, 0.4)
      case .b5: (1.6, 2.2, 0.4)
      case .b6: (1.8, 2.6, 0.5)
      case .b7: (2.0, 3.1, 0.5)
      }
    }

    /// Whether the normalizations have the momentum and the ε of the paper's own implementation.
    var hasNormsOfPaper: Bool { [.b5, .b6, .b7].contains(self) }
  }

  /// The numbers that make a network.
  public struct Configuration: Hashable, Sendable {
    /// The number of classes, which is the length of the output.
    public var numClasses = 1000
    /// The factor of all numbers of channels.
    public var widthMultiplier: Double
    /// The factor of all numbers of blocks.
    public var depthMultiplier: Double
    /// The probability with which the classifier drops a feature.
    public var dropout: Double
    /// The probability with which training drops a block for an image. It rises from zero, at the
    /// first block, towards this.
    public var stochasticDepth = 0.2
    /// The stages: how many times wider a block is inside, its kernel, the stride of the first
    /// block, the channels of the input and of the output, and the number of blocks.
    public var stages = [
      [1, 3, 1, 32, 16, 1], [6, 3, 2, 16, 24, 2], [6, 5, 2, 24, 40, 2], [6, 3, 2, 40, 80, 3],
      [6, 5, 1, 80, 112, 3], [6, 5, 2, 112, 192, 4], [6, 3, 1, 192, 320, 1],
    ]
    /// The number of channels of the last convolution; four times those of its input if nil.
    public var lastChannels: Int?
    /// The ε of the normalizations.
    public var normEps: Double
    /// The momentum of the normalizations.
    public var normMomentum: Double

    /// The configuration of a network of the family.
    public init(_ variant: Variant) {
      (widthMultiplier, depthMultiplier, dropout) = variant.scale
      (normEps, normMomentum) = variant.hasNormsOfPaper ? (1e-3, 0.01) : (1e-5, 0.1)
    }
  }

  private let features: Sequential
  private let avgpool = AdaptiveAvgPool2d(1)
  private let classifier: Sequential

  /// A network with torchvision's initial values.
  ///
  /// - Parameters:
  ///   - variant: The network.
  ///   - numClasses: The number of classes, which is the length of the output.
  public convenience init(_ variant: Variant, numClasses: Int = 1000) {
    var configuration = Configuration(variant)
    configuration.numClasses = numClasses
    self.init(configuration)
  }

  /// A network with torchvision's initial values.
  ///
  /// - Parameter configuration: Its numbers; such as no network has trap.
  public init(_ configuration: Configuration) {
    configuration.requireFit()
    let (eps, momentum) = (configuration.normEps, configuration.normMomentum)
    func scaled(_ channels: Int) -> Int {
      divisible(Double(channels) * configuration.widthMultiplier, by: 8)
    }
    let stem = scaled(configuration.stages[0][3])
    features = Sequential(
      convolutionBlock(3, stem, stride: 2, eps: eps, momentum: momentum, activation: SiLU()))
    let total = configuration.stages.reduce(0) { $0 + configuration.depth($1) }
    var position = 0
    var channels = stem
    for stage in configuration.stages {
      channels = scaled(stage[4])
      let blocks = (0..<configuration.depth(stage)).map { index -> Module in
        defer { position += 1 }
        return MobileBlock(
          index == 0 ? scaled(stage[3]) : channels, channels, kernelSize: stage[1],
          stride: index == 0 ? stage[2] : 1, expansion: stage[0], configuration,
          dropped: configuration.stochasticDepth * Double(position) / Double(total))
      }
      features.append(Sequential(blocks))
    }
    let last = configuration.lastChannels ?? 4 * channels
    features.append(
      convolutionBlock(
        channels, last, kernelSize: 1, eps: eps, momentum: momentum, activation: SiLU()))
    classifier = Sequential(
      Dropout(configuration.dropout), Linear(last, configuration.numClasses))
    super.init()
    initializeConvolutions { layer in
      let bound = 1 / Double(layer.weight.shape[0]).squareRoot()
      Initialization.uniform(layer.weight, from: -bound, to: bound)
      if let bias = layer.bias { Initialization.zeros(bias) }
    }
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, height, width), of any height and width.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    classifier(avgpool(features(input)).flattened(from: 1))
  }
}

extension EfficientNet.Configuration: CheckedConfiguration {
  var blockCount: Int { stages.reduce(0) { $0 + depth($1) } }

  var fault: String? {
    guard numClasses > 0, lastChannels.map({ $0 > 0 }) ?? true else {
      return "the numbers of classes and of channels are positive"
    }
    for (name, factor) in [("width_mult", widthMultiplier), ("depth_mult", depthMultiplier)]
    where !(factor > 0 && factor <= 64) {
      return "\(name) is \(factor), and should be above 0 and at most 64"
    }
    guard (0...1).contains(dropout), (0...1).contains(stochasticDepth) else {
      return "dropout and stochastic_depth_prob are between 0 and 1"
    }
    let isFit = { (stage: [Int]) in
      stage.count == 6 && stage.allSatisfy { $0 > 0 } && !stage[1].isMultiple(of: 2)
        && stage[2] <= 2
    }
    guard !stages.isEmpty, stages.allSatisfy(isFit) else {
      return "inverted_residual_setting has rows of expansion, an odd kernel, a stride of 1 or 2, "
        + "input channels, output channels and blocks"
    }
    guard zip(stages, stages.dropFirst()).allSatisfy({ $0[4] == $1[3] }) else {
      return "each stage's input has as many channels as the output of the one before"
    }
    return nil
  }

  /// The number of blocks of a stage.
  fileprivate func depth(_ stage: [Int]) -> Int {
    Int((Double(stage[5]) * depthMultiplier).rounded(.up))
  }
}

/// An inverted residual with squeeze and excitation: torchvision's `MBConv`.
final class MobileBlock: Module {
  private let block: Sequential
  private let stochasticDepth: StochasticDepth
  private let hasShortcut: Bool

  init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Int, stride: Int, expansion: Int,
    _ configuration: EfficientNet.Configuration, dropped: Double
  ) {
    let (eps, momentum) = (configuration.normEps, configuration.normMomentum)
    let hidden = divisible(Double(inChannels) * Double(expansion), by: 8)
    block = Sequential()
    if hidden != inChannels {
      block.append(
        convolutionBlock(
          inChannels, hidden, kernelSize: 1, eps: eps, momentum: momentum, activation: SiLU()))
    }
    block.append(
      convolutionBlock(
        hidden, hidden, kernelSize: kernelSize, stride: stride, groups: hidden, eps: eps,
        momentum: momentum, activation: SiLU()))
    block.append(SqueezeExcitation(hidden, squeezed: max(1, inChannels / 4)))
    block.append(
      convolutionBlock(
        hidden, outChannels, kernelSize: 1, eps: eps, momentum: momentum, activation: nil))
    stochasticDepth = StochasticDepth(dropped)
    hasShortcut = stride == 1 && inChannels == outChannels
  }

  override func forward(_ input: Tensor) -> Tensor {
    hasShortcut ? stochasticDepth(block(input)) + input : block(input)
  }
}

/// Weighs the channels by what a small network makes of their means. Hu et al., "Squeeze-and-
/// excitation networks" (2018); twin of `torchvision.ops.SqueezeExcitation` with SiLU.
final class SqueezeExcitation: Module {
  private let fc1: Conv2d
  private let fc2: Conv2d

  init(_ channels: Int, squeezed: Int) {
    fc1 = Conv2d(channels, squeezed, kernelSize: 1)
    fc2 = Conv2d(squeezed, channels, kernelSize: 1)
  }

  override func forward(_ input: Tensor) -> Tensor {
    fc2(fc1(input.adaptiveAvgPool2d((1, 1))).silu()).sigmoid() * input
  }
}

extension Architecture {
  /// `efficientnet_b0` to `efficientnet_b7`.
  static let efficientNets = EfficientNet.Variant.allCases.map { variant in
    let defaults = EfficientNet.Configuration(variant)
    return Architecture(
      variant.rawValue, source: "torchvision.models.\(variant.rawValue)",
      options: [
        "num_classes=1000", "dropout=\(defaults.dropout)", "stochastic_depth_prob=0.2",
        "width_mult=\(defaults.widthMultiplier)", "depth_mult=\(defaults.depthMultiplier)",
        "inverted_residual_setting=[[1,3,1,32,16,1],…,[6,3,1,192,320,1]]",
      ]
    ) { arguments throws(ModelError) in
      var configuration = defaults
      configuration.numClasses = try arguments.length("num_classes", default: 1000)
      configuration.dropout = try arguments.probability("dropout", default: defaults.dropout)
        .layerValue
      configuration.stochasticDepth = try arguments.probability(
        "stochastic_depth_prob", default: 0.2
      ).layerValue
      configuration.widthMultiplier = try arguments.number(
        "width_mult", default: defaults.widthMultiplier)
      configuration.depthMultiplier = try arguments.number(
        "depth_mult", default: defaults.depthMultiplier)
      configuration.stages = try arguments.rows(
        "inverted_residual_setting", length: 6, default: defaults.stages)
      return EfficientNet(try configuration.checked())
    }
  }
}
