import Arrays
import Checkpoints

/// The header of a `.npy` file: what the bytes after it are.
///
/// The format is that of `numpy.lib.format`, versions 1 to 3: a magic text, the version, the
/// length of the header, and a Python dictionary with `descr`, `fortran_order` and `shape`.
package struct NPYHeader: Sendable, Hashable {
  var dtype: DType
  var isBigEndian = false
  /// Whether the first dimension's elements are next to each other, rather than the last one's.
  var isFortranOrder = false
  var shape: Shape
  /// Whether the file gives only the size of an element: ``dtype`` is the unsigned integer of it.
  var isVoid = false

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Far above what any array needs.
  private static let maximumByteCount = 1 << 20

  /// Why a header cannot be used.
  struct Failure: Error {
    let code: CheckpointError.Code
    let reason: String
  }

  /// Reads a header.
  ///
  /// - Parameter bytes: The beginning of the file.
  /// - Returns: The header, and where the elements begin.
  static func parse(_ bytes: [UInt8]) throws(Failure) -> (header: NPYHeader, dataOffset: Int) {
    guard bytes.starts(with: magic), bytes.count >= 10 else {
      throw Failure(code: .notThisFormat, reason: "it does not begin as a NumPy array does")
    }
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw Failure(code: .unsupported, reason: "its format version is \(version), not 1, 2 or 3")
    }
    let lengthSize = version == 1 ? 2 : 4
    let start = 8 + lengthSize
    guard bytes.count >= start else {
      throw Failure(code: .damaged, reason: "its header is cut off")
    }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumByteCount, length <= bytes.count - start else {
      throw Failure(
        code: .damaged, reason: "its header claims \(length) bytes, and they are not there")
    }
    let text = String(decoding: bytes[start..<(start + length)], as: UTF8.self)
    return (try NPYHeader(dictionary: text), start + length)
  }

  /// Whether the elements of a file that begins so are Python objects.
  static func holdsObjects(_ head: [UInt8]) -> Bool {
    do throws(Failure) {
      _ = try parse(head)
      return false
    } catch {
      return error.reason == objects
    }
  }

  private static let objects = "it holds Python objects, which are never unpickled"

  private init(dictionary text: String) throws(Failure) {
    var parser = PythonLiteral(text)
    let header = parser.parse()
    if case .dictionary(let entries)? = header, case .tuple? = entries["descr"] ?? nil {
      throw Failure(code: .unsupported, reason: "it holds records, which no tensor can hold")
    }
    guard case .dictionary(let entries)? = header,
      case .text(let description)? = entries["descr"] ?? nil,
      case .boolean(let isFortranOrder)? = entries["fortran_order"] ?? nil,
      case .tuple(let lengths)? = entries["shape"] ?? nil
    else {
      throw Failure(
        code: .damaged,
        reason: "its header does not give descr, fortran_order and shape of a plain array")
    }
    let dimensions = lengths.compactMap {
      if case .integer(let length) = $0 { length } else { nil }
    }
    guard dimensions.count == lengths.count, let shape = Shape(validating: dimensions) else {
      throw Failure(code: .damaged, reason: "its shape is impossible")
    }
    guard let dtype = Self.dtype(of: description.dropFirst()) else {
      throw Failure(
        code: .unsupported,
        reason: Self.reason(description))
    }
    self.dtype = dtype
    isVoid = description.dropFirst().hasPrefix("V")
    self.shape = shape
    self.isFortranOrder = isFortranOrder
    isBigEndian = description.hasPrefix(">") && !isVoid
  }

  /// Why no tensor is of a type.
  private static func reason(_ description: String) -> String {
    switch description.dropFirst().first {
    case "O": objects
    case "U", "S": "it holds texts"
    case "M", "m": "it holds dates or times"
    default: "its type '\(description)' is not one of a tensor"
    }
  }

  /// The type of a description such as `f4`, without the byte order.
  private static func dtype(of code: Substring) -> DType? {
    codes.first { $0.value == code }?.key ?? voids[code]
  }

  /// Whether NumPy has a type.
  static func hasName(_ dtype: DType) -> Bool { codes[dtype] != nil }

  /// NumPy's codes for bytes of no type, as which it keeps the types of other libraries, such as
  /// ml_dtypes' bfloat16.
  private static let voids: [Substring: DType] = [
    "V1": .uint8, "V2": .uint16, "V4": .uint32,
  ]

  /// NumPy's codes of the types that it has.
  private static let codes: [DType: Substring] = [
    .bool: "b1", .uint8: "u1", .uint16: "u2", .uint32: "u4", .uint64: "u8", .int8: "i1",
    .int16: "i2", .int32: "i4", .int64: "i8", .float16: "f2", .float32: "f4", .float64: "f8",
    .complex64: "c8", .complex128: "c16",
  ]

  init(_ dtype: DType, _ shape: Shape) {
    self.dtype = dtype
    self.shape = shape
  }

  /// The code of a type in a header; for a type that NumPy does not have, that of bytes, as NumPy
  /// itself writes types of other libraries.
  static func description(of dtype: DType) -> String {
    guard let code = codes[dtype] else { return "<V\(dtype.itemSize)" }
    return (dtype.itemSize == 1 ? "|" : "<") + code
  }

  /// The header as bytes, to a multiple of 64.
  var encoded: [UInt8] {
    let text =
      "{'descr': '\(Self.description(of: dtype))', 'fortran_order': False, "
      + "'shape': \(shape), }"
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    var bytes = Self.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
    bytes += text.utf8
    bytes += [UInt8](repeating: 0x20, count: length - text.utf8.count - 1)
    return bytes + [0x0A]
  }
}
