import Arrays
import Files

/// How far the values of two tensors of one shape are apart.
///
/// Both are compared as `float64`, but integers of one type exactly. Values within the tolerance of
/// the comparison are not counted, and do not enter the maxima. NaN equals NaN; a NaN and a number,
/// or an infinity and anything else, are infinitely far apart. Packed 4-bit numbers are compared by
/// their bytes alone: ``count`` is then 0 or 1, and the rest says nothing.
public struct ValueDifference: Hashable, Sendable {
  /// How many values differ by more than the tolerance; 0 if only bits differ that are no part of
  /// the value. The two parts of a complex number count separately.
  public private(set) var count = 0
  /// The maximum of `|a − b|`.
  public private(set) var maximumAbsolute = 0.0
  /// The maximum of `|a − b| / |b|`, where b is the second value; infinity where b is zero.
  public private(set) var maximumRelative = 0.0
  /// The maximum distance in units in the last place: how many steps from one representable value
  /// to the next lead from one to the other, also across zero. Pairs with a NaN are left out. nil
  /// if the two are of different types, or no floating-point or complex numbers.
  public private(set) var maximumULP: UInt64?
  /// The indices of the element with ``maximumAbsolute``, the first in row-major order; empty for a
  /// scalar, or if ``count`` is 0.
  public private(set) var worstIndex: [Int] = []

  /// Reads both tensors, block by block.
  ///
  /// - Throws: `FileError` if a tensor cannot be read.
  init(_ a: NDArray, _ b: NDArray, _ tolerance: CheckpointComparison.Tolerance) throws {
    guard a.dtype != .float4E2M1FNx2, b.dtype != .float4E2M1FNx2 else {
      count = try Digest(a) == Digest(b) ? 0 : 1
      return
    }
    let partCount = a.dtype.isComplex || b.dtype.isComplex ? 2 : 1
    let distance = a.dtype == b.dtype ? BitDistance(a.dtype) : nil
    if distance?.isULP == true { maximumULP = 0 }
    var worst = -1
    let blockLength = 1 << 15
    for start in stride(from: 0, to: a.elementCount, by: blockLength) {
      let range = start..<min(start + blockLength, a.elementCount)
      try BlockPair.read(a, b, range) { mine, theirs, isSame in
        guard !isSame else { return }
        let (xs, ys) = (
          try Self.values(a, range, partCount), try Self.values(b, range, partCount)
        )
        for place in xs.indices {
          let isWorse = add(
            xs[place], ys[place], distance?.measure(mine, theirs, place), distance, tolerance)
          if isWorse { worst = start + place / partCount }
        }
      }
    }
    if worst >= 0 { worstIndex = Self.index(worst, in: a.shape) }
  }

  /// Counts a pair of values.
  ///
  /// - Returns: Whether no pair before was as far apart.
  private mutating func add(
    _ x: Double, _ y: Double, _ bits: UInt64?, _ distance: BitDistance?,
    _ tolerance: CheckpointComparison.Tolerance
  ) -> Bool {
    // Integers of 64 bits may differ where no double does.
    let isInteger = distance?.isULP == false
    if isInteger ? bits == 0 : (x == y || (x.isNaN && y.isNaN)) { return false }
    let apart = isInteger ? Double(bits ?? 0) : (x - y).magnitude
    // A share of infinity is infinite: nothing but itself is close to it.
    let isClose =
      x.isFinite && y.isFinite && apart <= tolerance.absolute + tolerance.relative * y.magnitude
    guard !isClose else { return false }
    count += 1
    let absolute = apart.isNaN ? .infinity : apart
    let relative = apart / y.magnitude
    maximumRelative = max(maximumRelative, relative.isNaN ? .infinity : relative)
    if let bits, let maximum = maximumULP, !x.isNaN, !y.isNaN {
      maximumULP = max(maximum, bits)
    }
    guard count == 1 || absolute > maximumAbsolute else { return false }
    maximumAbsolute = absolute
    return true
  }

  /// Elements as doubles, both parts of complex ones.
  private static func values(
    _ array: NDArray, _ range: Range<Int>, _ partCount: Int
  ) throws -> [Double] {
    var values: [Double] = []
    let wide: DType = partCount == 2 ? .complex128 : .float64
    try array.forEachBlock(in: range, as: wide, ofByteCount: 1 << 20) { bytes, _ in
      values.append(copying: bytes)
    }
    return values
  }

  /// The indices of an element that is counted in row-major order.
  private static func index(_ place: Int, in shape: Shape) -> [Int] {
    var rest = place
    return shape.dimensions.reversed().map { length in
      defer { rest /= length }
      return rest % length
    }.reversed()
  }
}

extension ValueDifference: CustomStringConvertible {
  /// The difference in words.
  public var description: String {
    guard count > 0 else {
      return "other bits of equal values (the sign of zero or the payload of NaN)"
    }
    let ulp = maximumULP.map { ", \($0) ULP" } ?? ""
    return "\(count) value\(count == 1 ? " differs" : "s differ"), by at most \(maximumAbsolute) "
      + "(at \(worstIndex)), relatively \(maximumRelative)\(ulp)"
  }
}

/// The distance of two elements of one type by their bits.
private struct BitDistance {
  /// Whether the type is of floating-point numbers; their distance is in units in the last place.
  let isULP: Bool
  private let itemSize: Int
  private let hasSign: Bool

  init(_ dtype: DType) {
    isULP = dtype.isFloatingPoint || dtype.isComplex
    itemSize = dtype.isComplex ? dtype.itemSize / 2 : dtype.itemSize
    hasSign = dtype != .float8E8M0FNU && dtype.kind != .unsignedInteger && dtype.kind != .boolean
  }

  func measure(
    _ a: RawSpan, _ b: RawSpan, _ place: Int
  ) -> UInt64 {
    let (x, y) = (ordered(bits(a, place)), ordered(bits(b, place)))
    return x > y ? x - y : y - x
  }

  private func bits(_ bytes: RawSpan, _ place: Int) -> UInt64 {
    let offset = place * itemSize
    return switch itemSize {
    case 1: UInt64(bytes[offset])
    case 2: UInt64(bytes.load(UInt16.self, at: offset))
    case 4: UInt64(bytes.load(UInt32.self, at: offset))
    default: bytes.load(UInt64.self, at: offset)
    }
  }

  /// A number that is greater for greater values.
  private func ordered(_ bits: UInt64) -> UInt64 {
    guard hasSign else { return bits }
    let sign = UInt64(1) << UInt64(itemSize * 8 - 1)
    // Two's complement needs its sign turned; floats count from zero in both directions.
    guard isULP else { return bits ^ sign }
    return bits & sign == 0 ? sign + bits : sign - (bits & ~sign)
  }
}

/// Blocks of two tensors of one shape, read side by side.
enum BlockPair {
  /// Calls `body` with the bytes of the same elements of both, and whether they are the same bytes
  /// of the same type.
  static func read(
    _ a: NDArray, _ b: NDArray, _ range: Range<Int>,
    _ body: (RawSpan, RawSpan, Bool) throws -> Void
  ) throws {
    try a.forEachBlock(in: range, ofByteCount: range.count * a.dtype.itemSize) { mine, _ in
      try b.forEachBlock(in: range, ofByteCount: range.count * b.dtype.itemSize) { theirs, _ in
        try body(mine, theirs, a.dtype == b.dtype && mine.isEqual(to: theirs))
      }
    }
  }
}
