import Files
import HDF5

/// Undoes HDF5's filter scale-offset: numbers as their distance from the least one, in as few bits as
/// the largest distance takes; floats multiplied by a power of ten and rounded before.
///
/// A chunk begins with the number of bits (4 bytes, little-endian), the size of the least number (1
/// byte) and that number (up to 16 bytes, little-endian). The distances follow from byte 21 on, the
/// highest bit first. The distance of all ones stands for the fill value, if there is one. The
/// parameters are those of `H5Zscaleoffset.c`.
struct ScaleOffset {
  private enum Scaling {
    case integers
    /// Of floats, the power of ten.
    case decimals(Int)
  }

  /// Whether chunks are as they were, without a beginning: integers that are to keep all of their bits
  /// are not touched.
  let isIdentity: Bool

  private let scaling: Scaling
  /// How many numbers a chunk has.
  private let elementCount: Int
  private let itemSize: Int
  private let isBigEndian: Bool
  /// The bits of the fill value, if there is one.
  private let fill: UInt64?

  private static let headerByteCount = 21

  /// What the parameters say; nil if they make no sense, or are for the scaling by exponents, which
  /// libhdf5 does not have.
  init?(_ filter: HDF5Filter) {
    let parameters = filter.parameters.map(Int.init)
    guard parameters.count >= 8, [1, 2, 4, 8].contains(parameters[4]) else { return nil }
    let (kind, factor) = (parameters[0], Int(Int32(truncatingIfNeeded: parameters[1])))
    elementCount = parameters[2]
    itemSize = parameters[4]
    switch (kind, parameters[3]) {
    case (2, 0):
      // The factor is the number of bits, or 0 if the filter is to find it.
      guard factor <= 8 * itemSize else { return nil }
      scaling = .integers
    case (0, 1):
      guard itemSize >= 4, abs(factor) <= 300 else { return nil }
      scaling = .decimals(factor)
    default: return nil
    }
    isIdentity = parameters[3] == 0 && factor == 8 * itemSize
    isBigEndian = parameters[6] == 1
    guard parameters[7] == 1 else {
      fill = nil
      return
    }
    guard parameters.count >= 8 + (itemSize + 3) / 4 else { return nil }
    let words = parameters[8..<(8 + (itemSize + 3) / 4)].enumerated()
    fill = words.reduce(0) { $0 | UInt64($1.element) << UInt64(32 * $1.offset) }
  }

  /// Fills `target` with the numbers, in the byte order of the dataset.
  ///
  /// - Returns: Whether `bytes` are what the filter makes of so many numbers.
  func undo(_ bytes: RawSpan, into target: inout MutableRawSpan) -> Bool {
    guard bytes.byteCount >= Self.headerByteCount, target.byteCount == elementCount * itemSize
    else {
      return false
    }
    let bitCount = Int(bytes.loadLittleEndian(UInt32.self, at: 0))
    let minimumByteCount = Int(bytes[4])
    guard bitCount <= 8 * itemSize, minimumByteCount <= 16 else { return false }
    var minimum: UInt64 = 0
    for index in 0..<min(minimumByteCount, 8) {
      minimum |= UInt64(bytes[5 + index]) << UInt64(8 * index)
    }
    let packed = bytes.extracting(droppingFirst: Self.headerByteCount)
    if bitCount == 8 * itemSize {
      // Nothing was gained, and the numbers are as they were but for the order of their bytes.
      guard packed.byteCount >= target.byteCount else { return false }
      for index in 0..<elementCount {
        let places = (index * itemSize)..<((index + 1) * itemSize)
        store(places.reversed().reduce(0) { $0 << 8 | UInt64(packed[$1]) }, at: index, of: &target)
      }
      return true
    }
    let (needed, overflow) = elementCount.multipliedReportingOverflow(by: bitCount)
    guard !overflow, packed.byteCount >= (needed + 7) / 8 else { return false }
    let mask: UInt64 = (1 << UInt64(bitCount)) - 1
    var bit = 0
    for index in 0..<elementCount {
      let distance = Self.bits(bitCount, at: bit, of: packed)
      bit += bitCount
      let value = if distance == mask, let fill { fill } else { number(distance, from: minimum) }
      store(value, at: index, of: &target)
    }
    return true
  }

  /// The bits of the number that is so far from the least one.
  private func number(_ distance: UInt64, from minimum: UInt64) -> UInt64 {
    switch scaling {
    case .integers: minimum &+ distance
    case .decimals(let power) where itemSize == 4:
      // In the type's own precision, as libhdf5 computes.
      UInt64(
        (Float(distance) / Float(Self.powerOfTen(power))
          + Float(bitPattern: UInt32(truncatingIfNeeded: minimum))).bitPattern)
    case .decimals(let power):
      (Double(distance) / Self.powerOfTen(power) + Double(bitPattern: minimum)).bitPattern
    }
  }

  /// Exact up to 22, beyond which no number of 64 bits has decimals left.
  private static func powerOfTen(_ exponent: Int) -> Double {
    let power = (0..<abs(exponent)).reduce(1.0) { product, _ in product * 10 }
    return exponent < 0 ? 1 / power : power
  }

  private static func bits(
    _ count: Int, at start: Int, of bytes: RawSpan
  ) -> UInt64 {
    var value: UInt64 = 0
    var position = start
    var rest = count
    while rest > 0 {
      let free = 8 - position % 8
      let taken = min(free, rest)
      let byte = UInt64(bytes[position / 8]) >> UInt64(free - taken)
      value = value << UInt64(taken) | byte & (1 << UInt64(taken) - 1)
      position += taken
      rest -= taken
    }
    return value
  }

  private func store(_ value: UInt64, at index: Int, of target: inout MutableRawSpan) {
    switch itemSize {
    case 1: target[index] = UInt8(truncatingIfNeeded: value)
    case 2: store(number: UInt16(truncatingIfNeeded: value), at: index, of: &target)
    case 4: store(number: UInt32(truncatingIfNeeded: value), at: index, of: &target)
    default: store(number: value, at: index, of: &target)
    }
  }

  private func store<Number: FixedWidthInteger & BitwiseCopyable>(
    number: Number, at index: Int, of target: inout MutableRawSpan
  ) {
    target.storeBytes(
      of: isBigEndian ? number.bigEndian : number.littleEndian, toByteOffset: index * itemSize,
      as: Number.self)
  }
}
