import Autograd
import NN

/// A network that labels each pixel, with shortcuts between its descent and its ascent. Equivalent
/// to the class `UNet` of Pytorch-UNet by milesial.
///
/// Ronneberger et al., "U-Net: convolutional networks for biomedical image segmentation" (2015).
/// As in that implementation the convolutions are padded and have batch normalization. The keys are
/// its own: `inc.double_conv.0.weight`, `down1.maxpool_conv.1.double_conv.0.weight`, …,
/// `up1.up.weight` (none if ``init(nChannels:nClasses:bilinear:width:)`` is told to be bilinear),
/// `up1.conv.double_conv.0.weight`, …, `outc.conv.weight`. The initial values are PyTorch's.
public final class UNet: Module, NamedBySources {
  private let inc: DoubleConv
  /// From the second level down, `down1`, `down2`, …
  private let descent: [UNetDown]
  /// From the level above the lowest up, `up1`, `up2`, …
  private let ascent: [UNetUp]
  private let outc: UNetOut

  /// How often the descent halves the height and width.
  private static let depth = 4

  /// A network with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - nChannels: The number of channels of an image.
  ///   - nClasses: The number of classes, which is the number of channels of the output.
  ///   - bilinear: Whether the ascent interpolates, rather than to learn transposed convolutions.
  ///   - width: The number of channels of the first level, an even one if `bilinear`.
  public init(nChannels: Int = 3, nClasses: Int = 2, bilinear: Bool = false, width: Int = 64) {
    // The channels at each level. Interpolation keeps their number, so that what it is given has
    // half of them already.
    let channels = (0...UNet.depth).map { width << $0 }
    let given = channels.map { bilinear ? $0 / 2 : $0 }
    inc = DoubleConv(nChannels, width)
    descent = (1...UNet.depth).map { level in
      UNetDown(channels[level - 1], level == UNet.depth ? given[level] : channels[level])
    }
    ascent = (0..<UNet.depth).reversed().map { level in
      UNetUp(channels[level + 1], level == 0 ? width : given[level], bilinear: bilinear)
    }
    outc = UNetOut(width, nClasses)
  }

  /// The members, with the levels numbered from 1 under the names of the reference.
  public override func members() -> [Member] {
    super.members().map { member in
      for (list, name) in [("descent.", "down"), ("ascent.", "up")]
      where member.name.hasPrefix(list) {
        guard let index = Int(member.name.dropFirst(list.count)) else { continue }
        return Member("\(name)\(index + 1)", member.content)
      }
      return member
    }
  }

  /// The scores of the classes for each pixel, before any softmax.
  ///
  /// - Parameter input: Images, (batch, channels, height, width), of 16 or more in both directions.
  /// - Returns: (batch, classes, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    var levels = [inc(input)]
    var lowest = levels[0]
    for stage in descent {
      lowest = stage(lowest)
      levels.append(lowest)
    }
    let scored = zip(ascent, levels.dropLast().reversed()).reduce(lowest) { below, step in
      let (stage, beside) = step
      return stage(below, beside)
    }
    return outc(scored)
  }
}

/// Two 3×3 convolutions, each with a normalization and a ReLU.
final class DoubleConv: Module {
  private let doubleConv = Sequential()

  init(_ inChannels: Int, _ outChannels: Int, middle: Int? = nil) {
    let channels = [inChannels, middle ?? outChannels, outChannels]
    for (from, to) in zip(channels, channels.dropFirst()) {
      doubleConv.append(Conv2d(from, to, kernelSize: 3, padding: 1, bias: false))
      doubleConv.append(BatchNorm2d(to))
      doubleConv.append(ReLU())
    }
  }

  override func forward(_ input: Tensor) -> Tensor { doubleConv(input) }
}

/// A level of the descent: half the height and width, and two convolutions.
final class UNetDown: Module {
  private let maxpoolConv: Sequential

  init(_ inChannels: Int, _ outChannels: Int) {
    maxpoolConv = Sequential(MaxPool2d(2), DoubleConv(inChannels, outChannels))
  }

  override func forward(_ input: Tensor) -> Tensor { maxpoolConv(input) }
}

/// A level of the ascent: twice the height and width, joined with the same level of the descent.
final class UNetUp: Module {
  private let up: Module
  private let conv: DoubleConv

  init(_ inChannels: Int, _ outChannels: Int, bilinear: Bool) {
    up =
      bilinear
      ? Upsample(scaleFactor: 2, mode: .bilinear, alignCorners: true)
      : ConvTranspose2d(inChannels, inChannels / 2, kernelSize: 2, stride: 2)
    conv = DoubleConv(inChannels, outChannels, middle: bilinear ? inChannels / 2 : nil)
  }

  /// - Parameters:
  ///   - input: The level below.
  ///   - skipped: The same level of the descent, whose odd height or width the input is padded to.
  func callAsFunction(_ input: Tensor, _ skipped: Tensor) -> Tensor {
    withHooks([input, skipped]) { inputs in
      let (risen, beside) = (up(inputs[0]), inputs[1])
      let centred = [2, 3].reduce(risen) { x, axis in
        let missing = beside.shape[axis] - x.shape[axis]
        let before = missing / 2
        return x.padded(axis, before: before, after: missing - before)
      }
      return [conv(.concatenated([beside, centred], axis: 1))]
    }[0]
  }
}

/// The 1×1 convolution that gives the scores.
final class UNetOut: Module {
  private let conv: Conv2d

  init(_ inChannels: Int, _ outChannels: Int) {
    conv = Conv2d(inChannels, outChannels, kernelSize: 1)
  }

  override func forward(_ input: Tensor) -> Tensor { conv(input) }
}

extension Architecture {
  /// `unet`.
  static let uNet = Architecture(
    "unet", source: "UNet of Pytorch-UNet by milesial",
    options: ["n_channels=3", "n_classes=2", "bilinear=false", "width=64"]
  ) { arguments throws(ModelError) in
    let bilinear = try arguments.flag("bilinear", default: false)
    let width = try arguments.width("width", default: 64)
    guard width <= 1024, !bilinear || width.isMultiple(of: 2) else {
      throw ModelError(reason: "width is at most 1024, and even if the network is bilinear")
    }
    return UNet(
      nChannels: try arguments.width("n_channels", default: 3),
      nClasses: try arguments.width("n_classes", default: 2), bilinear: bilinear, width: width)
  }
}
