import Autograd
import NN

/// A plain deep network of 3×3 convolutions. Equivalent to `torchvision.models.vgg11` and its
/// siblings, with and without batch normalization.
///
/// Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition"
/// (2014). The keys are torchvision's: the convolutions and normalizations `features.0`,
/// `features.3`, …, numbered together with the activations and pools between them, and the linear
/// layers `classifier.0`, `classifier.3`, `classifier.6`. The initial values are too.
public final class VGG: Module, NamedBySources {
  /// The networks of the family. The raw value is torchvision's name.
  public enum Variant: String, Sendable, CaseIterable {
    /// 11 layers.
    case vgg11
    /// 11 layers, with batch normalization.
    case vgg11BN = "vgg11_bn"
    /// 13 layers.
    case vgg13
    /// 13 layers, with batch normalization.
    case vgg13BN = "vgg13_bn"
    /// 16 layers.
    case vgg16
    /// 16 layers, with batch normalization.
    case vgg16BN = "vgg16_bn"
    /// 19 layers.
    case vgg19
    /// 19 layers, with batch normalization.
    case vgg19BN = "vgg19_bn"

    /// How many convolutions each stage has.
    var stageCounts: [Int] {
      switch self {
      case .vgg11, .vgg11BN: [1, 1, 2, 2, 2]
      case .vgg13, .vgg13BN: [2, 2, 2, 2, 2]
      case .vgg16, .vgg16BN: [2, 2, 3, 3, 3]
      case .vgg19, .vgg19BN: [2, 2, 4, 4, 4]
      }
    }

    /// Whether batch normalization follows each convolution.
    var hasBatchNorm: Bool { rawValue.hasSuffix("_bn") }
  }

  private let features: Sequential
  private let avgpool = AdaptiveAvgPool2d(7)
  private let classifier: Sequential

  /// A network with torchvision's initial values.
  ///
  /// - Parameters:
  ///   - variant: The network.
  ///   - numClasses: The number of classes, which is the length of the output.
  ///   - dropout: The probability with which the classifier drops a feature.
  ///   - width: The number of channels of the first stage; the others have 2, 4, 8 and 8 times as
  ///     many.
  ///   - hiddenFeatures: The length of the two hidden layers of the classifier.
  public init(
    _ variant: Variant, numClasses: Int = 1000, dropout: Double = 0.5, width: Int = 64,
    hiddenFeatures: Int = 4096
  ) {
    features = Sequential()
    var channels = 3
    for (stage, count) in variant.stageCounts.enumerated() {
      let outChannels = width << min(stage, 3)
      for _ in 0..<count {
        features.append(Conv2d(channels, outChannels, kernelSize: 3, padding: 1))
        if variant.hasBatchNorm { features.append(BatchNorm2d(outChannels)) }
        features.append(ReLU())
        channels = outChannels
      }
      features.append(MaxPool2d(2, stride: 2))
    }
    classifier = Sequential(
      Linear(channels * 7 * 7, hiddenFeatures), ReLU(), Dropout(dropout),
      Linear(hiddenFeatures, hiddenFeatures), ReLU(), Dropout(dropout),
      Linear(hiddenFeatures, numClasses))
    super.init()
    initializeConvolutions(linear: initializeClassifier)
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, height, width), of 32 or more in both directions.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    classifier(avgpool(features(input)).flattened(from: 1))
  }
}

extension VGG {
  /// Those of timm's files.
  public var namings: [KeyNaming] {
    KeyNaming.builtIn("torchvision-vgg-from-timm")
  }
}

extension Architecture {
  /// `vgg11` to `vgg19_bn`.
  static let vggs = VGG.Variant.allCases.map { variant in
    Architecture(
      variant.rawValue, source: "torchvision.models.\(variant.rawValue)",
      options: ["num_classes=1000", "dropout=0.5", "width=64", "hidden_features=4096"]
    ) { arguments throws(ModelError) in
      VGG(
        variant, numClasses: try arguments.length("num_classes", default: 1000),
        dropout: try arguments.probability("dropout", default: 0.5).layerValue,
        width: try arguments.width("width", default: 64),
        hiddenFeatures: try arguments.width("hidden_features", default: 4096))
    }
  }
}
