import Autograd
import NN
import OrderedCollections

/// A network in which each layer sees the outputs of all before it. Equivalent to
/// `torchvision.models.densenet121` and its siblings.
///
/// Huang et al., "Densely connected convolutional networks" (2017). The keys are torchvision's: the
/// stem `features.conv0` and `features.norm0`, the layers
/// `features.denseblock1.denselayer1.norm1.weight`, …, the transitions `features.transition1.norm`
/// and `.conv`, then `features.norm5` and `classifier`. The initial values are too. The files
/// that torchvision offers say `denselayer1.norm.1` for `denselayer1.norm1`, which `load_state_dict`
/// refuses, here as there: the mapping `torchvision-densenet-from-old` renames them.
public final class DenseNet: Module, NamedBySources {
  /// The networks of the family. The raw value is torchvision's name.
  public enum Variant: String, Sendable, CaseIterable {
    /// 121 layers.
    case denseNet121 = "densenet121"
    /// 161 layers, which are wider.
    case denseNet161 = "densenet161"
    /// 169 layers.
    case denseNet169 = "densenet169"
    /// 201 layers.
    case denseNet201 = "densenet201"
  }

  /// The numbers that make a network.
  public struct Configuration: Hashable, Sendable {
    /// How many channels each layer adds.
    public var growthRate: Int
    /// How many layers each block has.
    public var blockCounts: [Int]
    /// The number of channels of the stem.
    public var numInitFeatures: Int
    /// How many times wider than what it adds the inside of a layer is.
    public var bottleneckSize = 4
    /// The probability with which a layer drops one of its features.
    public var dropRate = 0.0
    /// The number of classes, which is the length of the output.
    public var numClasses = 1000

    /// The configuration of a network of the family.
    public init(_ variant: Variant) {
      (growthRate, numInitFeatures) = variant == .denseNet161 ? (48, 96) : (32, 64)
      blockCounts =
        switch variant {
        case .denseNet121: [6, 12, 24, 16]
        case .denseNet161: [6, 12, 36, 24]
        case .denseNet169: [6, 12, 32, 32]
        case .denseNet201: [6, 12, 48, 32]
        }
    }
  }

  private let features: Sequential
  private let classifier: Linear

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
    var channels = configuration.numInitFeatures
    features = Sequential(
      ("conv0", Conv2d(3, channels, kernelSize: 7, stride: 2, padding: 3, bias: false)),
      ("norm0", BatchNorm2d(channels)), ("relu0", ReLU()),
      ("pool0", MaxPool2d(3, stride: 2, padding: 1)))
    for (index, count) in configuration.blockCounts.enumerated() {
      features.add("denseblock\(index + 1)", DenseBlock(count, channels, configuration))
      channels += count * configuration.growthRate
      guard index + 1 < configuration.blockCounts.count else { break }
      features.add(
        "transition\(index + 1)",
        Sequential(
          ("norm", BatchNorm2d(channels)), ("relu", ReLU()),
          ("conv", Conv2d(channels, channels / 2, kernelSize: 1, bias: false)),
          ("pool", AvgPool2d(2, stride: 2))))
      channels /= 2
    }
    features.add("norm5", BatchNorm2d(channels))
    classifier = Linear(channels, configuration.numClasses)
    super.init()
    initializeConvolutions(fan: .input) { if let bias = $0.bias { Initialization.zeros(bias) } }
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, height, width), of 29 or more in both directions.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    classifier(features(input).relu().adaptiveAvgPool2d((1, 1)).flattened(from: 1))
  }
}

extension DenseNet.Configuration: CheckedConfiguration {
  var blockCount: Int { blockCounts.reduce(0, +) }

  var fault: String? {
    guard growthRate > 0, numInitFeatures > 0, bottleneckSize > 0, numClasses > 0,
      !blockCounts.isEmpty, blockCounts.allSatisfy({ $0 > 0 })
    else { return "the numbers of channels, of classes and of layers are positive" }
    guard (0...1).contains(dropRate) else { return "drop_rate is between 0 and 1" }
    guard numInitFeatures + blockCounts[0] * growthRate > 1 else {
      return "one channel cannot be halved"
    }
    return nil
  }
}

/// Layers of which each adds its output to the channels that the next ones see.
final class DenseBlock: Module {
  private let layers: OrderedDictionary<String, DenseLayer>

  init(_ count: Int, _ inChannels: Int, _ configuration: DenseNet.Configuration) {
    layers = OrderedDictionary(
      uniqueKeysWithValues: (0..<count).map { index in
        let channels = inChannels + index * configuration.growthRate
        return ("denselayer\(index + 1)", DenseLayer(channels, configuration))
      })
  }

  override func members() -> [Member] { layers.map { Member($0.key, .module($0.value)) } }

  override func forward(_ input: Tensor) -> Tensor {
    layers.values.reduce(input) { .concatenated([$0, $1($0)], axis: 1) }
  }
}

/// A 1×1 and a 3×3 convolution, each after a normalization and a ReLU.
final class DenseLayer: Module {
  private let norm1: BatchNorm2d
  private let conv1: Conv2d
  private let norm2: BatchNorm2d
  private let conv2: Conv2d
  private let dropRate: Double

  init(_ inChannels: Int, _ configuration: DenseNet.Configuration) {
    let hidden = configuration.bottleneckSize * configuration.growthRate
    norm1 = BatchNorm2d(inChannels)
    conv1 = Conv2d(inChannels, hidden, kernelSize: 1, bias: false)
    norm2 = BatchNorm2d(hidden)
    conv2 = Conv2d(hidden, configuration.growthRate, kernelSize: 3, padding: 1, bias: false)
    dropRate = configuration.dropRate
  }

  override func forward(_ input: Tensor) -> Tensor {
    let narrow = conv1(norm1(input).relu())
    return conv2(norm2(narrow).relu()).dropout(dropRate, training: isTraining)
  }
}

extension DenseNet {
  /// Those of the files that torchvision offers.
  public var namings: [KeyNaming] {
    KeyNaming.builtIn("torchvision-densenet-from-old")
  }
}

extension Architecture {
  /// `densenet121` to `densenet201`.
  static let denseNets = DenseNet.Variant.allCases.map { variant in
    let defaults = DenseNet.Configuration(variant)
    return Architecture(
      variant.rawValue, source: "torchvision.models.\(variant.rawValue)",
      options: [
        "num_classes=1000", "growth_rate=\(defaults.growthRate)",
        "block_config=\(defaults.blockCounts)", "num_init_features=\(defaults.numInitFeatures)",
        "bn_size=4", "drop_rate=0.0",
      ]
    ) { arguments throws(ModelError) in
      var configuration = defaults
      configuration.numClasses = try arguments.length("num_classes", default: 1000)
      configuration.growthRate = try arguments.width("growth_rate", default: defaults.growthRate)
      configuration.blockCounts = try arguments.integers(
        "block_config", default: defaults.blockCounts)
      configuration.numInitFeatures = try arguments.width(
        "num_init_features", default: defaults.numInitFeatures)
      configuration.bottleneckSize = try arguments.width("bn_size", default: 4)
      configuration.dropRate = try arguments.probability("drop_rate", default: 0).layerValue
      return DenseNet(try configuration.checked())
    }
  }
}
