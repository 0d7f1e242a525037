import Arrays
import Checkpoints
import Files

/// A tensor in an ONNX file, as its record says: its elements are not read yet.
struct ONNXTensor: Sendable {
  /// Where the elements are.
  enum Content: Sendable {
    /// In the file, as the format has them in `raw_data`: little-endian, in row-major order.
    case raw(Range<Int>)
    /// In a field of their type, in the message in this range: numbers that have to be decoded.
    case typed(message: Range<Int>)
    /// Numbers of an attribute, as `raw_data` would have them.
    case numbers([UInt8])
    /// In another file.
    case external(ONNXExternalRange)
  }

  /// The name in the file; empty where it is the value of an attribute.
  let name: String
  let type: ONNXTensorType
  /// The lengths, as the file has them.
  let dimensions: [Int]
  let content: Content
  /// The bytes of the elements, as `raw_data` has them.
  let byteCount: Int
  /// Whether there is a description, or there are metadata, which do not come over.
  let isDescribed: Bool
  /// The numbers of the fields that are not known.
  let unknownFields: Set<Int>

  /// Where the elements are in another file; nil if they are in this one.
  var externalRange: ONNXExternalRange? {
    if case .external(let range) = content { range } else { nil }
  }
}

extension ONNXTensor {
  /// The longest name that is read, in bytes.
  static let maximumNameByteCount = 1 << 16
  /// The most dimensions that are read.
  static let maximumRank = 256

  /// Reads the record of a tensor.
  ///
  /// - Parameters:
  ///   - reader: The message.
  ///   - range: Where it is in the file.
  ///   - what: What it is, for errors, if it has no name.
  /// - Throws: `CheckpointError` with code `damaged`, with `unsupported` for a type that is not known and for a
  ///   piece of a tensor, with `refused` for elements outside of the model's folder.
  init(
    _ message: ProtobufReader, _ range: Range<Int>, _ what: @autoclosure () -> String
  ) throws(CheckpointError) {
    var reader = message.message(in: range)
    reader.place = what()
    var record = ONNXTensorRecord()
    try record.readName(&reader, range)
    if !record.name.isEmpty { reader.place = record.name }
    try record.read(&reader)
    guard let number = record.typeNumber, number != 0 else {
      throw reader.damaged("it has no type")
    }
    guard let type = ONNXTensorType(number: number) else {
      throw reader.error(.unsupported, "its type is number \(number), which is not known here")
    }
    guard let byteCount = type.byteCount(of: record.dimensions),
      let elementCount = ONNXTensorType.elementCount(of: record.dimensions)
    else { throw reader.damaged("its shape is impossible") }
    content = try record.content(
      type, byteCount: byteCount, elementCount: elementCount, range, reader)
    name = record.name
    self.type = type
    self.byteCount = byteCount
    dimensions = record.dimensions
    isDescribed = record.isDescribed
    unknownFields = record.unknownFields
  }

  /// The numbers that an attribute is.
  ///
  /// - Parameters:
  ///   - bytes: The numbers, as `raw_data` would have them.
  ///   - dtype: `float32` or `int64`.
  ///   - isList: Whether there may be any number of them, and not one.
  init(numbers bytes: [UInt8], _ dtype: DType, isList: Bool) {
    name = ""
    type = ONNXTensorType(dtype) ?? .bytes
    dimensions = isList ? [bytes.count / dtype.itemSize] : []
    content = .numbers(bytes)
    byteCount = bytes.count
    isDescribed = false
    unknownFields = []
  }
}

/// What the fields of a tensor say, before it is known whether that fits together.
private struct ONNXTensorRecord {
  var name = ""
  var typeNumber: Int?
  var dimensions: [Int] = []
  var isDescribed = false
  var unknownFields: Set<Int> = []
  private var raw: Range<Int>?
  private var typedFields: Set<Int> = []
  /// The numbers of a typed field, if they are in one piece.
  private var packed: (range: Range<Int>, isAlone: Bool)?
  private var external: [(key: String, value: String)] = []
  private var isExternal = false

  /// Reads the name before all else, so that errors have it.
  mutating func readName(
    _ reader: inout ProtobufReader, _ range: Range<Int>
  ) throws(CheckpointError) {
    var names = reader.message(in: range)
    while let field = try names.next() {
      guard field.number == 8 else { continue }
      name = try names.text(field, limit: ONNXTensor.maximumNameByteCount)
    }
  }

  mutating func read(_ reader: inout ProtobufReader) throws(CheckpointError) {
    while let field = try reader.next() {
      switch field.number {
      case 1:
        var lengths: [UInt64] = []
        try reader.forEachVarint(field) { (bits) throws(CheckpointError) in
          // One more than there may be is refused as well as many more.
          if lengths.count <= ONNXTensor.maximumRank { lengths.append(bits) }
        }
        for bits in lengths {
          guard let length = Int(exactly: bits) else {
            throw reader.damaged("its shape has a length of \(Int(truncatingIfNeeded: bits))")
          }
          guard dimensions.count < ONNXTensor.maximumRank else {
            throw reader.damaged("it claims more than \(ONNXTensor.maximumRank) dimensions")
          }
          dimensions.append(length)
        }
      case 2: typeNumber = try reader.integer(field)
      case 3:
        throw reader.error(.unsupported, "it is a segment of a tensor, which no program writes")
      case 4...7, 10, 11:
        if case .bytes(let range) = field.content, field.number != 6 {
          // An empty one says nothing.
          if range.isEmpty { continue }
          packed = (range, packed == nil && typedFields.isEmpty)
        } else {
          packed = packed.map { ($0.range, false) }
        }
        typedFields.insert(field.number)
      case 9:
        guard raw == nil else { throw reader.damaged("it has its bytes twice") }
        raw = try reader.range(of: field)
      case 12, 16:
        if try !reader.range(of: field).isEmpty { isDescribed = true }
      case 13:
        guard external.count < Self.maximumEntryCount else {
          throw reader.damaged("it says too much of another file")
        }
        external.append(try ONNXModelReader.entry(reader.message(field)))
      case 14: isExternal = try reader.integer(field) == 1
      case 8: continue
      default: unknownFields.insert(field.number)
      }
    }
  }

  private static let maximumEntryCount = 64

  /// Where the elements are, if what the fields say fits together.
  func content(
    _ type: ONNXTensorType, byteCount: Int, elementCount: Int, _ message: Range<Int>,
    _ reader: ProtobufReader
  ) throws(CheckpointError) -> ONNXTensor.Content {
    let isHere = raw.map { !$0.isEmpty } ?? false || !typedFields.isEmpty
    if isExternal {
      guard !isHere else { throw reader.damaged("it has elements here and in another file") }
      return .external(
        try ONNXExternalRange(external, tensorByteCount: byteCount, reader))
    }
    if let raw, !raw.isEmpty || typedFields.isEmpty {
      guard typedFields.isEmpty else {
        throw reader.damaged("it has its elements twice, in raw_data and in a field of a type")
      }
      guard type.typedField != .texts else { throw reader.damaged("its texts are in raw_data") }
      guard raw.count == byteCount else {
        throw reader.damaged(
          "its \(elementCount) elements of \(type.name) take \(byteCount) bytes, and it has \(raw.count)"
        )
      }
      return .raw(raw)
    }
    guard elementCount > 0 || !typedFields.isEmpty else {
      return .raw(message.lowerBound..<message.lowerBound)
    }
    guard typedFields.count == 1, typedFields.first == type.typedField.rawValue else {
      throw reader.damaged(
        typedFields.isEmpty
          ? "it has no elements"
          : "its elements are not in \(type.typedField.name), as those of \(type.name) are")
    }
    // Numbers of four and eight bytes are in one piece as they would be in `raw_data`.
    if let packed, packed.isAlone, [.floats, .doubles].contains(type.typedField) {
      guard packed.range.count == byteCount else {
        throw reader.damaged(
          "its \(elementCount) elements of \(type.name) take \(byteCount) bytes, and it has \(packed.range.count)"
        )
      }
      return .raw(packed.range)
    }
    return .typed(message: message)
  }
}
