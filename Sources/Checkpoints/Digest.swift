import Arrays
import Files

/// The CRC-32 of a tensor's type, shape and values, by which files of any format are compared.
///
/// Its definition is in `Layout.md` of `BallastFiles`, "Digests". It finds damage, not forgery.
public struct Digest: Hashable, Sendable {
  /// The CRC-32, polynomial of IEEE 802.3.
  public let crc32: UInt32

  /// A digest that was computed before.
  public init(crc32: UInt32) { self.crc32 = crc32 }

  /// The digest of a tensor.
  ///
  /// - Throws: `FileError` if the tensor is in a file that cannot be read.
  public init(_ array: NDArray) throws {
    var sum = RunningDigest(dtype: array.dtype, shape: array.shape)
    try array.forEachBlock { bytes, _ in sum.update(bytes) }
    self = sum.digest
  }

  /// The digest of a tensor without elements.
  package init(emptyOf dtype: DType, _ shape: Shape) {
    self = RunningDigest(dtype: dtype, shape: shape).digest
  }
}

extension Digest: CustomStringConvertible {
  /// Eight hexadecimal digits.
  public var description: String {
    let digits = String(crc32, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// A digest in the making, of bytes that come in pieces.
public struct RunningDigest: Sendable {
  private var crc = CRC32()

  /// The digest of nothing yet.
  public init() {}

  /// The digest of a tensor whose bytes are still to come.
  public init(dtype: DType, shape: Shape) {
    update("\(dtype.rawValue)[\(shape.dimensions.map(String.init).joined(separator: ","))]\n")
  }

  /// Goes on with these bytes.
  public mutating func update(_ bytes: RawSpan) {
    crc.update(bytes)
  }

  /// Goes on with these bytes.
  package mutating func update(_ bytes: [UInt8]) { bytes.withBytes { update($0) } }

  /// Goes on with the UTF-8 of a text.
  public mutating func update(_ text: String) {
    text.withUTF8Bytes { update($0) }
  }

  /// Goes on with bytes whose own digest is known.
  ///
  /// - Parameters:
  ///   - part: The digest of the bytes alone, begun with ``init()``.
  ///   - byteCount: How many they are.
  public mutating func append(_ part: RunningDigest, byteCount: Int) {
    append(part.crc.value, byteCount: byteCount)
  }

  /// Goes on with bytes whose CRC-32 is known.
  package mutating func append(_ checksum: UInt32, byteCount: Int) {
    crc.append(checksum, byteCount: byteCount)
  }

  /// The digest of all bytes so far.
  public var digest: Digest { Digest(crc32: crc.value) }
}
