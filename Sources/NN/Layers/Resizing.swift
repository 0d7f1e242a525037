import Arrays
import Autograd

// None of these has state.

/// Planes of another size. Equivalent to `torch.nn.Upsample` for modes `nearest` and `bilinear`.
public final class Upsample: Module {
  private let size: (Int, Int)?
  private let scaleFactor: (Double, Double)?
  private let mode: InterpolationMode
  private let alignCorners: Bool
  private let summary: String

  /// A layer with an output of this height and width.
  public init(
    size: some PairConvertible, mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    self.size = size.pair
    scaleFactor = nil
    self.mode = mode
    self.alignCorners = alignCorners
    summary = "size=\(size is Int ? "\(size)" : "\(size.pair)"), mode='\(mode.rawValue)'"
  }

  /// A layer that multiplies height and width by a factor.
  public init(
    scaleFactor: Double, mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    size = nil
    self.scaleFactor = (scaleFactor, scaleFactor)
    self.mode = mode
    self.alignCorners = alignCorners
    summary = "scale_factor=\(pythonFloat(scaleFactor)), mode='\(mode.rawValue)'"
  }

  /// The planes in their new size.
  public override func forward(_ input: Tensor) -> Tensor {
    input.interpolated(
      size: size, scaleFactor: scaleFactor, mode: mode, alignCorners: alignCorners)
  }

  public override var extraDescription: String { summary }
}

/// Channels dealt out over larger planes. Equivalent to `torch.nn.PixelShuffle`.
public final class PixelShuffle: Module {
  /// By how much height and width grow.
  public let upscaleFactor: Int

  /// A layer with this factor.
  public init(_ upscaleFactor: Int) { self.upscaleFactor = upscaleFactor }

  /// The larger planes.
  public override func forward(_ input: Tensor) -> Tensor { input.pixelShuffled(upscaleFactor) }

  public override var extraDescription: String { "upscale_factor=\(upscaleFactor)" }
}

/// The greatest element under a window on lines. Equivalent to `torch.nn.MaxPool1d`.
public final class MaxPool1d: Module {
  private let kernelSize: Int
  private let stride: Int
  private let padding: Int
  private let dilation: Int
  private let ceilMode: Bool

  /// A layer with this window. The arguments are those of ``MaxPool2d``.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
  }

  /// The input, pooled.
  public override func forward(_ input: Tensor) -> Tensor {
    input.maxPool1d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  public override var extraDescription: String {
    "kernel_size=\(kernelSize), stride=\(stride), padding=\(padding), dilation=\(dilation), "
      + "ceil_mode=\(pythonBool(ceilMode))"
  }
}

/// The mean under a window on lines. Equivalent to `torch.nn.AvgPool1d`.
public final class AvgPool1d: Module {
  private let kernelSize: Int
  private let stride: Int
  private let padding: Int
  private let ceilMode: Bool
  private let countIncludePad: Bool

  /// A layer with this window. The arguments are those of ``AvgPool2d``.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.ceilMode = ceilMode
    self.countIncludePad = countIncludePad
  }

  /// The input, pooled.
  public override func forward(_ input: Tensor) -> Tensor {
    input.avgPool1d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad)
  }

  public override var extraDescription: String {
    "kernel_size=(\(kernelSize),), stride=(\(stride),), padding=(\(padding),)"
  }
}
