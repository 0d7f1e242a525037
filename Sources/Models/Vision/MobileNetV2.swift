import Autograd
import NN

/// A small network of inverted residuals, for phones. Equivalent to
/// `torchvision.models.mobilenet_v2`.
///
/// Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks" (2018). The keys are
/// torchvision's: the stem `features.0.0` and `features.0.1`, the blocks `features.1.conv.…` to
/// `features.17.conv.…`, the last convolution `features.18.…`, and the classifier `classifier.1`.
/// The initial values are too.
public final class MobileNetV2: Module, NamedBySources {
  /// The numbers that make a network.
  public struct Configuration: Hashable, Sendable {
    /// The number of classes, which is the length of the output.
    public var numClasses = 1000
    /// The factor of all numbers of channels.
    public var widthMultiplier = 1.0
    /// The probability with which the classifier drops a feature.
    public var dropout = 0.2
    /// What all numbers of channels are multiples of.
    public var roundNearest = 8
    /// The stages: how many times wider a block is inside, its channels, the number of blocks, and
    /// the stride of the first.
    public var stages = [
      [1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2],
      [6, 320, 1, 1],
    ]

    /// The configuration of the paper.
    public init() {}
  }

  private let features: Sequential
  private let classifier: Sequential

  /// A network with torchvision's initial values.
  ///
  /// - Parameter configuration: Its numbers; such as no network has trap.
  public init(_ configuration: Configuration = Configuration()) {
    configuration.requireFit()
    func rounded(_ channels: Int, _ factor: Double) -> Int {
      divisible(Double(channels) * factor, by: configuration.roundNearest)
    }
    var channels = rounded(32, configuration.widthMultiplier)
    features = Sequential(convolutionBlock(3, channels, stride: 2, activation: ReLU6()))
    for stage in configuration.stages {
      let outChannels = rounded(stage[1], configuration.widthMultiplier)
      for index in 0..<stage[2] {
        features.append(
          InvertedResidual(
            channels, outChannels, stride: index == 0 ? stage[3] : 1, expansion: stage[0]))
        channels = outChannels
      }
    }
    let last = rounded(1280, max(1, configuration.widthMultiplier))
    features.append(convolutionBlock(channels, last, kernelSize: 1, activation: ReLU6()))
    classifier = Sequential(
      Dropout(configuration.dropout), Linear(last, configuration.numClasses))
    super.init()
    initializeConvolutions(linear: initializeClassifier)
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, height, width), of any height and width.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    classifier(features(input).adaptiveAvgPool2d((1, 1)).flattened(from: 1))
  }
}

extension MobileNetV2.Configuration: CheckedConfiguration {
  var blockCount: Int { stages.reduce(0) { $0 + $1[2] } }

  var fault: String? {
    guard numClasses > 0 else { return "num_classes is \(numClasses), and should be positive" }
    guard roundNearest > 0 else {
      return "round_nearest is \(roundNearest), and should be positive"
    }
    guard widthMultiplier > 0, widthMultiplier <= 64 else {
      return "width_mult is \(widthMultiplier), and should be above 0 and at most 64"
    }
    guard stages.allSatisfy({ $0.count == 4 && $0.allSatisfy { $0 > 0 } && $0[3] <= 2 }) else {
      return "inverted_residual_setting has rows of expansion, channels, blocks and a stride of "
        + "1 or 2"
    }
    return nil
  }
}

/// A 1×1 convolution that widens, a 3×3 one of each channel by itself, and a 1×1 one that narrows
/// and has no activation; beside it the input, where the shapes are the same.
final class InvertedResidual: Module {
  private let conv: Sequential
  private let hasShortcut: Bool

  init(_ inChannels: Int, _ outChannels: Int, stride: Int, expansion: Int) {
    let hidden = inChannels * expansion
    conv = Sequential()
    if expansion != 1 {
      conv.append(convolutionBlock(inChannels, hidden, kernelSize: 1, activation: ReLU6()))
    }
    conv.append(
      convolutionBlock(hidden, hidden, stride: stride, groups: hidden, activation: ReLU6()))
    conv.append(Conv2d(hidden, outChannels, kernelSize: 1, bias: false))
    conv.append(BatchNorm2d(outChannels))
    hasShortcut = stride == 1 && inChannels == outChannels
  }

  override func forward(_ input: Tensor) -> Tensor {
    hasShortcut ? input + conv(input) : conv(input)
  }
}

extension MobileNetV2 {
  /// Those of timm's files.
  public var namings: [KeyNaming] {
    KeyNaming.builtIn("torchvision-mobilenet_v2-from-timm")
  }
}

extension Architecture {
  /// `mobilenet_v2`.
  static let mobileNetV2 = Architecture(
    "mobilenet_v2", source: "torchvision.models.mobilenet_v2",
    options: [
      "num_classes=1000", "width_mult=1.0", "dropout=0.2", "round_nearest=8",
      "inverted_residual_setting=[[1,16,1,1],…,[6,320,1,1]]",
    ]
  ) { arguments throws(ModelError) in
    var configuration = MobileNetV2.Configuration()
    configuration.numClasses = try arguments.length("num_classes", default: 1000)
    configuration.widthMultiplier = try arguments.number("width_mult", default: 1)
    configuration.dropout = try arguments.probability("dropout", default: 0.2).layerValue
    configuration.roundNearest = try arguments.width("round_nearest", default: 8)
    configuration.stages = try arguments.rows(
      "inverted_residual_setting", length: 4, default: configuration.stages)
    return MobileNetV2(try configuration.checked())
  }
}
