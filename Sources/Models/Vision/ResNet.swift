import Autograd
import NN

/// A residual network for images. Equivalent to `torchvision.models.resnet18` and its larger
/// siblings.
///
/// He et al., "Deep residual learning for image recognition" (2016). The keys are torchvision's:
/// the stem `conv1`, `bn1`; the stages `layer1` to `layer4`, with blocks `layer1.0`, `layer1.1`, …;
/// the classifier `fc`. The initial values are too. As there, the stride of a bottleneck is in its
/// 3×3 convolution. Weights are Kaiming-normal over the fan-out in convolutions, as in torchvision.
///
/// ```swift
/// let model = ResNet(.resNet50)
/// try model.load(from: "resnet50.pth")          // torchvision's file
/// ```
public final class ResNet: Module, NamedBySources {
  /// The networks of the family. The raw value is torchvision's name.
  public enum Variant: String, Sendable, CaseIterable {
    /// 18 layers, with basic blocks.
    case resNet18 = "resnet18"
    /// 34 layers, with basic blocks.
    case resNet34 = "resnet34"
    /// 50 layers, with bottlenecks.
    case resNet50 = "resnet50"
    /// 101 layers, with bottlenecks.
    case resNet101 = "resnet101"
    /// 152 layers, with bottlenecks.
    case resNet152 = "resnet152"

    /// How many blocks each stage has.
    var blockCounts: [Int] {
      switch self {
      case .resNet18: [2, 2, 2, 2]
      case .resNet34, .resNet50: [3, 4, 6, 3]
      case .resNet101: [3, 4, 23, 3]
      case .resNet152: [3, 8, 36, 3]
      }
    }

    /// Whether the blocks are bottlenecks.
    var hasBottlenecks: Bool { self != .resNet18 && self != .resNet34 }
  }

  private let conv1 = Conv2d(3, 64, kernelSize: 7, stride: 2, padding: 3, bias: false)
  private let bn1 = BatchNorm2d(64)
  private let maxpool = MaxPool2d(3, stride: 2, padding: 1)
  private let layer1, layer2, layer3, layer4: Sequential
  private let avgpool = AdaptiveAvgPool2d(1)
  private let fc: Linear

  /// A network with torchvision's initial values.
  ///
  /// - Parameters:
  ///   - variant: The network.
  ///   - numClasses: The number of classes, which is the length of the output.
  public init(_ variant: Variant, numClasses: Int = 1000) {
    var channels = 64
    func stage(_ index: Int) -> Sequential {
      let width = 64 << index
      let blocks = (0..<variant.blockCounts[index]).map { block -> Module in
        let stride = index > 0 && block == 0 ? 2 : 1
        let residual =
          variant.hasBottlenecks
          ? Bottleneck(channels, width, stride: stride)
          : BasicBlock(channels, width, stride: stride)
        channels = variant.hasBottlenecks ? width * Bottleneck.expansion : width
        return residual
      }
      return Sequential(blocks)
    }
    layer1 = stage(0)
    layer2 = stage(1)
    layer3 = stage(2)
    layer4 = stage(3)
    fc = Linear(channels, numClasses)
    super.init()
    for case let convolution as Conv2d in modules() {
      Initialization.kaimingNormal(convolution.weight, fan: .output)
    }
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, height, width), of any height and width. torchvision's
  ///   weights expect them normalized with ImageNet's mean and standard deviation.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    let stem = maxpool(bn1(conv1(input)).relu())
    let features = layer4(layer3(layer2(layer1(stem))))
    return fc(avgpool(features).flattened(from: 1))
  }
}

/// Two 3×3 convolutions beside a shortcut; the first has the stride. Of (batch, inChannels, height,
/// width) it makes (batch, channels, ⌈height / stride⌉, ⌈width / stride⌉).
final class BasicBlock: Module {
  private let conv1: Conv2d
  private let bn1: BatchNorm2d
  private let conv2: Conv2d
  private let bn2: BatchNorm2d
  private let downsample: Sequential?

  init(_ inChannels: Int, _ channels: Int, stride: Int) {
    conv1 = Conv2d(
      inChannels, channels, kernelSize: 3, stride: stride, padding: 1, bias: false)
    bn1 = BatchNorm2d(channels)
    conv2 = Conv2d(channels, channels, kernelSize: 3, padding: 1, bias: false)
    bn2 = BatchNorm2d(channels)
    downsample = shortcut(inChannels, channels, stride: stride)
  }

  override func forward(_ input: Tensor) -> Tensor {
    let residual = bn2(conv2(bn1(conv1(input)).relu()))
    return (residual + (downsample?(input) ?? input)).relu()
  }
}

/// A 3×3 convolution, which has the stride, between two 1×1 ones, the first narrowing, the last
/// widening. The output has `channels` times ``expansion`` channels.
final class Bottleneck: Module {
  /// How many times wider the output is than the middle.
  static let expansion = 4

  private let conv1: Conv2d
  private let bn1: BatchNorm2d
  private let conv2: Conv2d
  private let bn2: BatchNorm2d
  private let conv3: Conv2d
  private let bn3: BatchNorm2d
  private let downsample: Sequential?

  init(_ inChannels: Int, _ channels: Int, stride: Int) {
    conv1 = Conv2d(inChannels, channels, kernelSize: 1, bias: false)
    bn1 = BatchNorm2d(channels)
    conv2 = Conv2d(channels, channels, kernelSize: 3, stride: stride, padding: 1, bias: false)
    bn2 = BatchNorm2d(channels)
    conv3 = Conv2d(channels, channels * Self.expansion, kernelSize: 1, bias: false)
    bn3 = BatchNorm2d(channels * Self.expansion)
    downsample = shortcut(inChannels, channels * Self.expansion, stride: stride)
  }

  override func forward(_ input: Tensor) -> Tensor {
    let narrow = bn1(conv1(input)).relu()
    let middle = bn2(conv2(narrow)).relu()
    return (bn3(conv3(middle)) + (downsample?(input) ?? input)).relu()
  }
}

/// The projection of a shortcut whose two ends differ in shape; nil where they do not.
private func shortcut(_ inChannels: Int, _ outChannels: Int, stride: Int) -> Sequential? {
  guard stride != 1 || inChannels != outChannels else { return nil }
  return Sequential(
    Conv2d(inChannels, outChannels, kernelSize: 1, stride: stride, bias: false),
    BatchNorm2d(outChannels))
}

extension ResNet {
  /// Those of transformers' files. timm's have torchvision's names.
  public var namings: [KeyNaming] {
    KeyNaming.builtIn(
      "torchvision-resnet-from-huggingface",
      remark: "that of a configuration with downsample_in_bottleneck has other strides")
  }
}

extension Architecture {
  /// `resnet18` to `resnet152`.
  static let resNets = ResNet.Variant.allCases.map { variant in
    Architecture(
      variant.rawValue, source: "torchvision.models.\(variant.rawValue)",
      options: ["num_classes=1000"]
    ) { arguments throws(ModelError) in
      ResNet(variant, numClasses: try arguments.length("num_classes", default: 1000))
    }
  }
}
