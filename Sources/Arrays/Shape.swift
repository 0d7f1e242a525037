import Files

/// The length of an array along each of its dimensions.
///
/// An empty shape is that of a scalar, which has one element. A shape can be written as an array
/// literal, is a collection of its lengths, and prints as in PyTorch's error messages: `(64, 1, 3,
/// 3)`, `(64,)`, `()`.
public struct Shape: Hashable, Sendable {
  /// The length along each dimension. None is negative.
  public let dimensions: [Int]

  /// A shape with the given lengths.
  ///
  /// - Parameter dimensions: The length along each dimension.
  /// - Precondition: No length is negative, and the number of elements fits in an `Int`. For
  ///   lengths from a file use ``init(validating:)``.
  public init(_ dimensions: [Int]) {
    guard let shape = Shape(validating: dimensions) else {
      trap("\(dimensions) is not the shape of an array")
    }
    self = shape
  }

  /// A shape with the given lengths, or nil if one is negative or their product overflows.
  ///
  /// Lengths of zero are left out of the product, so that strides never overflow either.
  ///
  /// - Parameter dimensions: The length along each dimension, from an untrusted source.
  public init?(validating dimensions: [Int]) {
    var product = 1
    for length in dimensions {
      guard length >= 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: Swift.max(length, 1))
      guard !overflow else { return nil }
      product = next
    }
    self.dimensions = dimensions
  }

  /// The shape of a zero-dimensional array, which holds one element.
  public static let scalar = Shape([])

  /// The number of dimensions.
  public var rank: Int { dimensions.count }

  /// The number of elements: the product of all lengths, which is one for a scalar.
  public var elementCount: Int { dimensions.reduce(1, *) }

  /// The strides, in elements, of an array whose elements are in row-major order without gaps.
  ///
  /// A length of zero counts as one, as in PyTorch.
  public var contiguousStrides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    var next = 1
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      strides[axis] = next
      next *= Swift.max(dimensions[axis], 1)
    }
    return strides
  }

  /// An axis counted from the front.
  ///
  /// A scalar is treated as one-dimensional, as in PyTorch.
  ///
  /// - Parameters:
  ///   - axis: In `-rank..<rank`; negative axes count from the end.
  ///   - operation: The operation that the message of a trap names.
  /// - Precondition: `axis` is in that range.
  public func normalizedAxis(_ axis: Int, for operation: StaticString = "axis") -> Int {
    let count = Swift.max(rank, 1)
    let normalized = axis < 0 ? axis + count : axis
    require(
      (0..<count).contains(normalized),
      "\(operation): axis \(axis) is out of range for shape \(self)")
    return normalized
  }
}

extension Shape: RandomAccessCollection {
  /// The position of the first dimension.
  public var startIndex: Int { 0 }
  /// The position after the last dimension.
  public var endIndex: Int { dimensions.count }
  /// The length along one dimension; a negative one counts from the end. One that does not exist
  /// traps.
  public subscript(axis: Int) -> Int {
    let position = axis < 0 ? axis + dimensions.count : axis
    require(
      position >= 0 && position < dimensions.count,
      "shape: dimension \(axis) is out of range for shape \(self)")
    return dimensions[position]
  }
}

extension Shape: ExpressibleByArrayLiteral {
  /// A shape with the given lengths. Traps as ``init(_:)``.
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }
}

extension Shape: CustomStringConvertible {
  /// The shape as Python writes a tuple: `(2, 3)`, `(2,)`, `()`.
  public var description: String {
    rank == 1 ? "(\(self[0]),)" : "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
  }
}
