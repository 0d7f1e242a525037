import Arrays
import Autograd

// None of these has state.

/// Lines, planes or volumes of another size. Equivalent to `torch.nn.Upsample` for modes `nearest`,
/// `nearest-exact`, `linear`, `bilinear` and `trilinear`.
public final class Upsample: Module {
  private let size: [Int]?
  private let scaleFactor: [Double]?
  private let mode: InterpolationMode
  private let alignCorners: Bool
  private let summary: String

  private init(
    _ size: [Int]?, _ scaleFactor: [Double]?, _ mode: InterpolationMode, _ alignCorners: Bool,
    _ summary: String
  ) {
    self.size = size
    self.scaleFactor = scaleFactor
    self.mode = mode
    self.alignCorners = alignCorners
    self.summary = "\(summary), mode='\(mode.rawValue)'"
  }

  /// A layer with an output of these lengths.
  public convenience init(
    size: [Int], mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    self.init(size, nil, mode, alignCorners, "size=\(Shape(size))")
  }

  /// A layer with an output of this length along each dimension.
  public convenience init(
    size: Int, mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    self.init([size], nil, mode, alignCorners, "size=\(size)")
  }

  /// A layer that multiplies each length by a factor of its own.
  public convenience init(
    scaleFactor: [Double], mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    let text = scaleFactor.map(pythonFloat).joined(separator: ", ")
    self.init(nil, scaleFactor, mode, alignCorners, "scale_factor=(\(text))")
  }

  /// A layer that multiplies each length by one factor.
  public convenience init(
    scaleFactor: Double, mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    self.init(nil, [scaleFactor], mode, alignCorners, "scale_factor=\(pythonFloat(scaleFactor))")
  }

  /// The input in its new size.
  public override func forward(_ input: Tensor) -> Tensor {
    let count = max(0, input.rank - 2)
    func each<T>(_ values: [T]) -> [T] {
      values.count == 1 ? Array(repeating: values[0], count: count) : values
    }
    return input.interpolated(
      size: size.map(each), scaleFactor: scaleFactor.map(each), mode: mode,
      alignCorners: alignCorners)
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
