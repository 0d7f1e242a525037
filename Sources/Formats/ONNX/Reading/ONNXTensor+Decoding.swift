import Arrays
import Checkpoints
import Files

extension ONNXTensor {
  /// The elements that are in a field of their type, as `raw_data` would have them.
  ///
  /// - Parameters:
  ///   - reader: The message of the tensor.
  /// - Throws: `CheckpointError` with code `damaged` if they are not as many as there should be, or not of the
  ///   type.
  func decoded(_ message: ProtobufReader) throws(CheckpointError) -> Storage {
    var reader = message
    reader.place = name.isEmpty ? message.place : name
    var values = ONNXTypedValues(type, byteCount: byteCount, reader)
    while let field = try reader.next() {
      guard field.number == type.typedField.rawValue else { continue }
      switch field.content {
      case .fixed32(let bits): try values.append(UInt64(bits), width: 4)
      case .fixed64(let bits): try values.append(bits, width: 8)
      case .bytes(let range) where type.typedField.isFixed:
        try values.append(try reader.bytes(in: range))
      case .varint, .bytes:
        try reader.forEachVarint(field) { (bits) throws(CheckpointError) in
          try values.append(number: bits)
        }
      }
    }
    return try values.storage()
  }
}

/// The elements of a tensor, one after the other.
private struct ONNXTypedValues {
  private let type: ONNXTensorType
  private let byteCount: Int
  private let reader: ProtobufReader
  private var bytes: [UInt8] = []
  /// Bits that fill no byte yet, of elements of six bits.
  private var rest: (bits: UInt32, count: Int) = (0, 0)

  init(_ type: ONNXTensorType, byteCount: Int, _ reader: ProtobufReader) {
    self.type = type
    self.byteCount = byteCount
    self.reader = reader
  }

  /// Appends bytes that are as `raw_data` has them.
  mutating func append(_ more: [UInt8]) throws(CheckpointError) {
    try checkRoom(more.count)
    bytes += more
  }

  /// Appends a number of so many bytes.
  mutating func append(_ bits: UInt64, width: Int) throws(CheckpointError) {
    guard type.typedField.isFixed, width == type.typedField.byteCount else { throw mismatch }
    try append(lowBytesOf: bits, width)
  }

  /// Appends an element, or, of types of less than six bits, a byte of them, that was a number of any size.
  mutating func append(number bits: UInt64) throws(CheckpointError) {
    guard !type.typedField.isFixed else { throw mismatch }
    if type.bitCount == 6 {
      guard bits < 64 else { throw outOfRange(bits) }
      rest = (rest.bits | UInt32(bits) << UInt32(rest.count), rest.count + 6)
      while rest.count >= 8 {
        try append(lowBytesOf: UInt64(rest.bits), 1)
        rest = (rest.bits >> 8, rest.count - 8)
      }
      return
    }
    let number = Int64(bitPattern: bits)
    let width = max(type.bitCount / 8, 1)
    let isInRange =
      switch type.dtype {
      case .int8: Int8(exactly: number) != nil
      case .int16: Int16(exactly: number) != nil
      case .int32: Int32(exactly: number) != nil
      case .int64, .uint64: true
      case .bool: number == 0 || number == 1
      // Unsigned integers, and the bits of floating-point numbers.
      default: bits >> UInt64(8 * width) == 0
      }
    guard isInRange else { throw outOfRange(bits) }
    try append(lowBytesOf: bits, width)
  }

  private mutating func append(lowBytesOf bits: UInt64, _ count: Int) throws(CheckpointError) {
    try checkRoom(count)
    for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))) }
  }

  /// The memory with all elements.
  mutating func storage() throws(CheckpointError) -> Storage {
    if rest.count > 0 {
      try append(lowBytesOf: UInt64(rest.bits), 1)
      rest = (0, 0)
    }
    guard bytes.count == byteCount else { throw wrongCount }
    return Storage(copying: bytes)
  }

  private func checkRoom(_ count: Int) throws(CheckpointError) {
    guard count <= byteCount - bytes.count else { throw wrongCount }
  }

  private var wrongCount: CheckpointError {
    reader.damaged("there are not as many elements as its shape says")
  }
  private var mismatch: CheckpointError {
    reader.damaged("the numbers in its \(type.typedField.name) are not of that type")
  }
  private func outOfRange(_ bits: UInt64) -> CheckpointError {
    reader.damaged("\(Int64(bitPattern: bits)) is no element of \(type.name)")
  }
}

extension ONNXTensorType.TypedField {
  /// The bytes of a number; nil for numbers of any size.
  fileprivate var byteCount: Int? {
    switch self {
    case .floats: 4
    case .doubles: 8
    case .int32s, .int64s, .uint64s, .texts: nil
    }
  }

  fileprivate var isFixed: Bool { byteCount != nil }
}
