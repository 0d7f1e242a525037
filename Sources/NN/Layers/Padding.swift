import Arrays
import Autograd
import Files

// None of these has state.

/// The base class of the padding layers.
public class PaddingLayer: Module {
  /// The number of elements before and after each dimension, the last dimension first: (left,
  /// right, top, bottom, front, back).
  public final let padding: [Int]

  /// The number of dimensions that are padded.
  fileprivate class var spatialRank: Int { 1 }
  /// The elements that are added.
  fileprivate var mode: PaddingMode { .zeros }
  /// The number to add in place of zeros.
  fileprivate var fill: Double { 0 }

  /// A layer with the same padding on each side.
  public convenience init(_ padding: Int) {
    self.init(Array(repeating: padding, count: 2 * Self.spatialRank))
  }

  /// A layer with a padding per side: left and right, top and bottom, front and back.
  ///
  /// - Parameter padding: Two numbers per padded dimension; another count traps.
  public init(_ padding: [Int]) {
    self.padding = padding
    super.init()
    require(
      padding.count == 2 * Self.spatialRank,
      "\(typeName): \(padding) are not \(2 * Self.spatialRank) lengths")
  }

  fileprivate final var paddingText: String {
    "(\(padding.map(String.init).joined(separator: ", ")))"
  }

  /// The padded input.
  ///
  /// - Parameter input: (batch, channels, …), or without a batch; any other number of dimensions
  ///   traps.
  public final override func forward(_ input: Tensor) -> Tensor {
    let rank = Self.spatialRank
    require(
      input.rank == rank + 1 || input.rank == rank + 2,
      "\(typeName): expected \(rank + 1)D or \(rank + 2)D input, got shape \(input.shape)")
    return input.padded(padding, mode: mode, value: fill)
  }

  /// The arguments as PyTorch prints them: `(1, 1)`.
  public override var extraDescription: String { paddingText }
}

/// A number put around lines, planes and volumes: what `ConstantPad1d`, `ConstantPad2d` and
/// `ConstantPad3d` have in common. Negative lengths cut off the edge.
public class ConstantPad: PaddingLayer {
  /// The number.
  public final let value: Double
  private let text: String

  /// A layer that puts the number this often on each side.
  public convenience init(_ padding: Int, _ value: LayerNumber) {
    self.init(Array(repeating: padding, count: 2 * Self.spatialRank), value)
  }

  /// A layer that puts the number, which may be computed, this often on each side.
  @_disfavoredOverload
  public convenience init(_ padding: Int, _ value: Double) {
    self.init(padding, LayerNumber(value))
  }

  /// A layer that puts the number this often to the left and right, to the top and bottom, to the
  /// front and back.
  public init(_ padding: [Int], _ value: LayerNumber) {
    self.value = value.layerValue
    text = value.layerText
    super.init(padding)
  }

  /// A layer that puts the number, which may be computed, this often to the left and right, to the
  /// top and bottom, to the front and back.
  @_disfavoredOverload
  public convenience init(_ padding: [Int], _ value: Double) {
    self.init(padding, LayerNumber(value))
  }

  fileprivate final override var fill: Double { value }

  /// The arguments as PyTorch prints them: `padding=(1, 1), value=0.5`.
  public final override var extraDescription: String {
    "padding=\(paddingText), value=\(text)"
  }
}

/// A number around lines. Equivalent to `torch.nn.ConstantPad1d`.
public final class ConstantPad1d: ConstantPad {}

/// A number around planes. Equivalent to `torch.nn.ConstantPad2d`.
public final class ConstantPad2d: ConstantPad {
  fileprivate override class var spatialRank: Int { 2 }
}

/// A number around volumes. Equivalent to `torch.nn.ConstantPad3d`.
public final class ConstantPad3d: ConstantPad {
  fileprivate override class var spatialRank: Int { 3 }
}

/// Zeros around lines. Equivalent to `torch.nn.ZeroPad1d`; negative lengths cut off the edge.
public final class ZeroPad1d: PaddingLayer {}

/// Zeros around planes. Equivalent to `torch.nn.ZeroPad2d`; negative lengths cut off the edge.
public final class ZeroPad2d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 2 }
}

/// Zeros around volumes. Equivalent to `torch.nn.ZeroPad3d`; negative lengths cut off the edge.
public final class ZeroPad3d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 3 }
}

/// The elements next to the edges in reverse around lines. Equivalent to `torch.nn.ReflectionPad1d`.
public final class ReflectionPad1d: PaddingLayer {
  fileprivate override var mode: PaddingMode { .reflect }
}

/// The elements next to the edges in reverse around planes. Equivalent to
/// `torch.nn.ReflectionPad2d`.
public final class ReflectionPad2d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 2 }
  fileprivate override var mode: PaddingMode { .reflect }
}

/// The elements next to the edges in reverse around volumes. Equivalent to
/// `torch.nn.ReflectionPad3d`.
public final class ReflectionPad3d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 3 }
  fileprivate override var mode: PaddingMode { .reflect }
}

/// The elements on the edges around lines. Equivalent to `torch.nn.ReplicationPad1d`.
public final class ReplicationPad1d: PaddingLayer {
  fileprivate override var mode: PaddingMode { .replicate }
}

/// The elements on the edges around planes. Equivalent to `torch.nn.ReplicationPad2d`.
public final class ReplicationPad2d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 2 }
  fileprivate override var mode: PaddingMode { .replicate }
}

/// The elements on the edges around volumes. Equivalent to `torch.nn.ReplicationPad3d`.
public final class ReplicationPad3d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 3 }
  fileprivate override var mode: PaddingMode { .replicate }
}

/// The elements from the other ends around lines. Equivalent to `torch.nn.CircularPad1d`.
public final class CircularPad1d: PaddingLayer {
  fileprivate override var mode: PaddingMode { .circular }
}

/// The elements from the other ends around planes. Equivalent to `torch.nn.CircularPad2d`.
public final class CircularPad2d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 2 }
  fileprivate override var mode: PaddingMode { .circular }
}

/// The elements from the other ends around volumes. Equivalent to `torch.nn.CircularPad3d`.
public final class CircularPad3d: PaddingLayer {
  fileprivate override class var spatialRank: Int { 3 }
  fileprivate override var mode: PaddingMode { .circular }
}
