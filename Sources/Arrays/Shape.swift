import Files

/// The lengths of an array along each of its dimensions.
///
/// An empty shape is a scalar, which has one element. Written as PyTorch's error messages write
/// it: `(64, 1, 3, 3)`, `(64,)`, `()`.
public struct Shape: Hashable, Sendable {
  /// The length along each dimension. None is negative.
  public let dimensions: [Int]

  /// A shape of these lengths.
  ///
  /// - Precondition: No length is negative and the number of elements fits in an `Int`. For
  ///   lengths that come from a file use ``init(validating:)``.
  public init(_ dimensions: [Int]) {
    guard let shape = Shape(validating: dimensions) else {
      trap("\(dimensions) is not the shape of an array")
    }
    self = shape
  }

  /// A shape of these lengths, or nil if one is negative or their product does not fit.
  ///
  /// The product is taken over the lengths that are not zero, so that strides always fit too.
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

  /// The shape of an array without dimensions, which holds one element.
  public static let scalar = Shape([])

  /// The number of dimensions.
  public var rank: Int { dimensions.count }

  /// The number of elements: the product of all lengths, one for a scalar.
  public var elementCount: Int { dimensions.reduce(1, *) }

  /// The strides, in elements, of an array whose elements lie in row-major order without gaps.
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

  /// An axis counted from the front, where a negative one counts from the end.
  ///
  /// A scalar counts as of one dimension, as in PyTorch.
  ///
  /// - Precondition: `axis` is in `-rank..<rank`; `operation` names who asked in the message.
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
  /// The length along one dimension.
  public subscript(axis: Int) -> Int { dimensions[axis] }
}

extension Shape: ExpressibleByArrayLiteral {
  /// A shape of these lengths.
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }
}

extension Shape: CustomStringConvertible {
  /// The shape as a Python tuple.
  public var description: String {
    rank == 1 ? "(\(self[0]),)" : "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
  }
}
