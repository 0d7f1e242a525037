import Arrays

/// The padding of a convolution of volumes: lengths as for ``TripleConvertible``, or `.same` or `.valid`.
public protocol VolumePaddingConvertible {
  /// The padding.
  var volumePadding: VolumePadding { get }
}

/// The padding of a convolution of volumes. Pass a number, an array of three, `.same` or `.valid`.
public enum VolumePadding: Hashable, Sendable, VolumePaddingConvertible {
  /// As much before as behind in depth, height and width.
  case lengths(Int, Int, Int)
  /// As much as makes the output as large as the input. PyTorch's `padding='same'`.
  case toSameSize
  /// No padding. PyTorch's `padding='valid'`.
  case nothing

  /// This padding.
  public var volumePadding: VolumePadding { self }

  /// This padding as PyTorch prints it.
  var text: String {
    switch self {
    case .lengths(let depth, let height, let width): "\((depth, height, width))"
    case .toSameSize: "same"
    case .nothing: "valid"
    }
  }

  /// The padding before and after, along each of three dimensions.
  func amounts(kernel: [Int], dilation: [Int]) -> [(before: Int, after: Int)] {
    switch self {
    case .lengths(let depth, let height, let width): [depth, height, width].map { ($0, $0) }
    case .nothing: [(0, 0), (0, 0), (0, 0)]
    case .toSameSize:
      zip(kernel, dilation).map { kernel, dilation in
        let sum = dilation * (kernel - 1)
        return (sum / 2, sum - sum / 2)
      }
    }
  }
}

extension VolumePaddingConvertible where Self == VolumePadding {
  /// As much as makes the output as large as the input. Needs a stride of 1.
  public static var same: VolumePadding { .toSameSize }
  /// No padding.
  public static var valid: VolumePadding { .nothing }
}

extension Int: VolumePaddingConvertible {
  /// This number in all directions.
  public var volumePadding: VolumePadding { .lengths(self, self, self) }
}

extension Array: VolumePaddingConvertible where Element == Int {
  /// The three elements: depth, height and width. Traps unless there are three.
  public var volumePadding: VolumePadding { .lengths(triple.0, triple.1, triple.2) }
}
