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
public final class UNet: Module {
  private let inc: DoubleConv
  private let down1, down2, down3, down4: UNetDown
  private let up1, up2, up3, up4: UNetUp
  private let outc: UNetOut

  /// A network with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - nChannels: The number of channels of an image.
  ///   - nClasses: The number of classes, which is the number of channels of the output.
  ///   - bilinear: Whether the ascent interpolates, rather than to learn transposed convolutions.
  ///   - width: The number of channels of the first level, an even one if `bilinear`.
  public init(nChannels: Int = 3, nClasses: Int = 2, bilinear: Bool = false, width: Int = 64) {
    let factor = bilinear ? 2 : 1
    inc = DoubleConv(nChannels, width)
    down1 = UNetDown(width, 2 * width)
    down2 = UNetDown(2 * width, 4 * width)
    down3 = UNetDown(4 * width, 8 * width)
    down4 = UNetDown(8 * width, 16 * width / factor)
    up1 = UNetUp(16 * width, 8 * width / factor, bilinear: bilinear)
    up2 = UNetUp(8 * width, 4 * width / factor, bilinear: bilinear)
    up3 = UNetUp(4 * width, 2 * width / factor, bilinear: bilinear)
    up4 = UNetUp(2 * width, width, bilinear: bilinear)
    outc = UNetOut(width, nClasses)
  }

  /// The scores of the classes for each pixel, before any softmax.
  ///
  /// - Parameter input: Images, (batch, channels, height, width), of 16 or more in both directions.
  /// - Returns: (batch, classes, height, width).
  public override func forward(_ input: Tensor) -> Tensor {
    let x1 = inc(input)
    let x2 = down1(x1)
    let x3 = down2(x2)
    let x4 = down3(x3)
    let x5 = down4(x4)
    return outc(up4(up3(up2(up1(x5, x4), x3), x2), x1))
  }
}

/// Two 3×3 convolutions, each with a normalization and a ReLU.
final class DoubleConv: Module {
  private let doubleConv: Sequential

  init(_ inChannels: Int, _ outChannels: Int, middle: Int? = nil) {
    let middle = middle ?? outChannels
    doubleConv = Sequential(
      Conv2d(inChannels, middle, kernelSize: 3, padding: 1, bias: false), BatchNorm2d(middle),
      ReLU(), Conv2d(middle, outChannels, kernelSize: 3, padding: 1, bias: false),
      BatchNorm2d(outChannels), ReLU())
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
      var x = up(inputs[0])
      for axis in [2, 3] {
        let missing = inputs[1].shape[axis] - x.shape[axis]
        x = x.padded(axis, before: missing / 2, after: missing - missing / 2)
      }
      return [conv(.concatenated([inputs[1], x], axis: 1))]
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
