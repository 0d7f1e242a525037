import Arrays
import Autograd

// None of these has state.

/// Resizes lines, planes or volumes. Equivalent to `torch.nn.Upsample` for modes `nearest`,
/// `nearest-exact`, `linear`, `bilinear` and `trilinear`.
public class Upsample: Module {
  private let size: [Int]?
  private let scaleFactor: [Double]?
  private let mode: InterpolationMode
  private let alignCorners: Bool
  private let summary: String

  fileprivate init(
    _ size: [Int]?, _ scaleFactor: [Double]?, _ mode: InterpolationMode, _ alignCorners: Bool,
    _ summary: String
  ) {
    self.size = size
    self.scaleFactor = scaleFactor
    self.mode = mode
    self.alignCorners = alignCorners
    self.summary = "\(summary), mode='\(mode.rawValue)'"
  }

  /// A layer whose output has the given lengths.
  public convenience init(
    size: [Int], mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    self.init(size, nil, mode, alignCorners, "size=\(Shape(size))")
  }

  /// A layer whose output has the given length in every dimension.
  public convenience init(
    size: Int, mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    self.init([size], nil, mode, alignCorners, "size=\(size)")
  }

  /// A layer that multiplies each length by its own factor.
  public convenience init(
    scaleFactor: [Double], mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    let text = scaleFactor.map(pythonFloat).joined(separator: ", ")
    self.init(nil, scaleFactor, mode, alignCorners, "scale_factor=(\(text))")
  }

  /// A layer that multiplies every length by one factor.
  public convenience init(
    scaleFactor: Double, mode: InterpolationMode = .nearest, alignCorners: Bool = false
  ) {
    self.init(nil, [scaleFactor], mode, alignCorners, factorText(scaleFactor))
  }

  /// The input in its new size.
  public final override func forward(_ input: Tensor) -> Tensor {
    let count = max(0, input.rank - 2)
    func each<T>(_ values: [T]) -> [T] {
      values.count == 1 ? Array(repeating: values[0], count: count) : values
    }
    return input.interpolated(
      size: size.map(each), scaleFactor: scaleFactor.map(each), mode: mode,
      alignCorners: alignCorners)
  }

  /// The arguments as PyTorch prints them: `scale_factor=2.0, mode='nearest'`.
  public final override var extraDescription: String { summary }
}

/// Planes of another size, of the nearest samples. Equivalent to `torch.nn.UpsamplingNearest2d`.
public final class UpsamplingNearest2d: Upsample {
  /// A layer with an output of this height and width, one number for both or two.
  public init(size: some PairConvertible) {
    super.init(
      [size.pair.0, size.pair.1], nil, .nearest, false, "size=\(pairText(size))")
  }

  /// A layer that multiplies height and width by a factor.
  public init(scaleFactor: Double) {
    super.init(nil, [scaleFactor], .nearest, false, factorText(scaleFactor))
  }
}

/// Planes of another size, of straight lines between samples whose corners keep their places.
/// Equivalent to `torch.nn.UpsamplingBilinear2d`.
public final class UpsamplingBilinear2d: Upsample {
  /// A layer with an output of this height and width, one number for both or two.
  public init(size: some PairConvertible) {
    super.init(
      [size.pair.0, size.pair.1], nil, .bilinear, true, "size=\(pairText(size))")
  }

  /// A layer that multiplies height and width by a factor.
  public init(scaleFactor: Double) {
    super.init(nil, [scaleFactor], .bilinear, true, factorText(scaleFactor))
  }
}

private func factorText(_ factor: Double) -> String { "scale_factor=\(pythonFloat(factor))" }
