import Autograd
import NN

/// A convolutional network modelled on the transformer. Equivalent to
/// `torchvision.models.convnext_tiny` and its larger siblings.
///
/// Liu et al., "A ConvNet for the 2020s" (2022). The keys are torchvision's: the stem `features.0`,
/// the stages `features.1`, `features.3`, …, with blocks `features.1.0.layer_scale` and
/// `features.1.0.block.0` (the convolution), `.2` (the normalization), `.3` and `.5`; between them
/// the normalization and convolution `features.2.0` and `features.2.1`, …; the classifier
/// `classifier.0` and `classifier.2`. The initial values are too.
public final class ConvNeXt: Module, NamedBySources {
  /// The networks of the family. The raw value is torchvision's name.
  public enum Variant: String, Sendable, CaseIterable {
    /// 18 blocks, with 96 channels at first.
    case tiny = "convnext_tiny"
    /// 36 blocks, with 96 channels at first.
    case small = "convnext_small"
    /// 36 blocks, with 128 channels at first.
    case base = "convnext_base"
    /// 36 blocks, with 192 channels at first.
    case large = "convnext_large"
  }

  /// The numbers that make a network.
  public struct Configuration: Hashable, Sendable {
    /// The number of channels of each stage.
    public var widths: [Int]
    /// The number of blocks of each stage.
    public var depths: [Int]
    /// The probability with which training drops a block for an image. It rises evenly from zero,
    /// at the first block, to this, at the last.
    public var stochasticDepth: Double
    /// The initial factor of each channel of a block's output.
    public var layerScale = 1e-6
    /// The number of classes, which is the length of the output.
    public var numClasses = 1000

    /// The configuration of a network of the family.
    public init(_ variant: Variant) {
      let width: Int
      (width, stochasticDepth) =
        switch variant {
        case .tiny: (96, 0.1)
        case .small: (96, 0.4)
        case .base: (128, 0.5)
        case .large: (192, 0.5)
        }
      widths = [width, 2 * width, 4 * width, 8 * width]
      depths = [3, 3, variant == .tiny ? 9 : 27, 3]
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
    let widths = configuration.widths
    features = Sequential(
      Sequential(
        Conv2d(3, widths[0], kernelSize: 4, stride: 4), LayerNorm2d(widths[0], eps: 1e-6)))
    var dropped = StochasticDepth.rising(
      to: configuration.stochasticDepth, count: configuration.depths.reduce(0, +))[...]
    for (stage, depth) in configuration.depths.enumerated() {
      let width = widths[stage]
      features.append(
        Sequential(
          dropped.prefix(depth).map {
            ConvNeXtBlock(width, layerScale: configuration.layerScale, dropped: $0)
          }))
      dropped = dropped.dropFirst(depth)
      guard stage + 1 < widths.count else { break }
      features.append(
        Sequential(
          LayerNorm2d(width, eps: 1e-6),
          Conv2d(width, widths[stage + 1], kernelSize: 2, stride: 2)))
    }
    let last = widths[widths.count - 1]
    classifier = Sequential(
      LayerNorm2d(last, eps: 1e-6), Flatten(), Linear(last, configuration.numClasses))
    super.init()
    for module in modules() {
      let (weight, bias): (Parameter, Parameter?)
      switch module {
      case let convolution as Conv2d: (weight, bias) = (convolution.weight, convolution.bias)
      case let layer as Linear: (weight, bias) = (layer.weight, layer.bias)
      default: continue
      }
      Initialization.truncNormal(weight, std: 0.02)
      if let bias { Initialization.zeros(bias) }
    }
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, height, width), of 32 or more in both directions.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    classifier(avgpool(features(input)))
  }
}

extension ConvNeXt.Configuration: CheckedConfiguration {
  var blockCount: Int { depths.reduce(0, +) }

  var fault: String? {
    guard !widths.isEmpty, widths.count == depths.count else {
      return "there are \(widths.count) widths and \(depths.count) depths, one for each stage"
    }
    guard numClasses > 0, (widths + depths).allSatisfy({ $0 > 0 }) else {
      return "the numbers of channels, of blocks and of classes are positive"
    }
    guard (0...1).contains(stochasticDepth) else {
      return "stochastic_depth_prob is between 0 and 1"
    }
    return nil
  }
}

/// A 7×7 convolution of each channel by itself and two linear layers across the channels, beside
/// the input: torchvision's `CNBlock`.
final class ConvNeXtBlock: Module {
  private let layerScale: Parameter
  private let block: Sequential
  private let stochasticDepth: StochasticDepth

  init(_ channels: Int, layerScale: Double, dropped: Double) {
    block = Sequential(
      Conv2d(channels, channels, kernelSize: 7, padding: 3, groups: channels),
      Permute([0, 2, 3, 1]), LayerNorm(channels, eps: 1e-6), Linear(channels, 4 * channels),
      GELU(), Linear(4 * channels, channels), Permute([0, 3, 1, 2]))
    self.layerScale = Parameter(Tensor.full([channels, 1, 1], layerScale))
    stochasticDepth = StochasticDepth(dropped)
  }

  override func forward(_ input: Tensor) -> Tensor {
    stochasticDepth(layerScale * block(input)) + input
  }
}

extension ConvNeXt {
  /// Those of timm's files, and of the authors'.
  public var namings: [KeyNaming] {
    KeyNaming.builtIn("torchvision-convnext-from-timm")
      + KeyNaming.builtIn("torchvision-convnext-from-facebook")
  }
}

extension Architecture {
  /// `convnext_tiny` to `convnext_large`.
  static let convNeXts = ConvNeXt.Variant.allCases.map { variant in
    let defaults = ConvNeXt.Configuration(variant)
    return Architecture(
      variant.rawValue, source: "torchvision.models.\(variant.rawValue)",
      options: [
        "num_classes=1000", "widths=\(defaults.widths)", "depths=\(defaults.depths)",
        "stochastic_depth_prob=\(defaults.stochasticDepth)", "layer_scale=1e-6",
      ]
    ) { arguments throws(ModelError) in
      var configuration = defaults
      configuration.numClasses = try arguments.length("num_classes", default: 1000)
      configuration.widths = try arguments.integers("widths", default: defaults.widths)
      configuration.depths = try arguments.integers("depths", default: defaults.depths)
      configuration.stochasticDepth = try arguments.probability(
        "stochastic_depth_prob", default: defaults.stochasticDepth
      ).layerValue
      configuration.layerScale = try arguments.number("layer_scale", default: 1e-6)
      return ConvNeXt(try configuration.checked())
    }
  }
}
