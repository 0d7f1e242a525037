import Arrays
import Checkpoints
import OrderedCollections
import States

/// The header of a safetensors file: which tensors it holds, and where.
///
/// The format is 8 bytes with the header's length, the header in JSON, and the bytes of the
/// tensors, which must fill the rest of the file without holes, overlaps or remainder.
struct SafetensorsHeader: Sendable {
  /// A tensor, and its bytes counted from the end of the header.
  struct Entry: Sendable {
    var dtype: DType
    var shape: Shape
    var range: Range<Int>
  }

  /// The tensors, in the order of the header.
  private(set) var entries: OrderedDictionary<String, Entry> = [:]
  /// Texts that the writer added.
  private(set) var metadata: OrderedDictionary<String, String> = [:]

  /// Why a header is refused.
  struct Failure: Error {
    let code: CheckpointError.Code
    let place: String?
    let reason: String

    init(_ code: CheckpointError.Code, _ reason: String, place: String? = nil) {
      self.code = code
      self.place = place
      self.reason = reason
    }
  }

  /// The member of a header that is not a tensor.
  static let metadataKey = "__metadata__"

  /// The longest header that the format allows.
  static let maximumByteCount = 100_000_000

  /// Reads a header, and checks that it follows the rules of the format.
  ///
  /// - Parameters:
  ///   - json: The bytes of the header.
  ///   - dataByteCount: How many bytes follow it.
  init(json: [UInt8], dataByteCount: Int) throws(Failure) {
    guard json.first == UInt8(ascii: "{") else {
      throw Failure(.notThisFormat, "its header does not begin with '{'")
    }
    var limits = Value.JSONLimits()
    limits.depth = 8
    let value: Value
    do {
      value = try Value(json: json, limits: limits)
    } catch {
      throw Failure(.damaged, "its header is \(error)")
    }
    for (key, member) in value.dictionary ?? [:] {
      if key == .string(Self.metadataKey) {
        try readMetadata(member)
      } else {
        entries[key.text] = try Self.entry(key.text, member)
      }
    }
    try checkCoverage(dataByteCount)
  }

  private mutating func readMetadata(_ value: Value) throws(Failure) {
    // MLX writes null where there are none, and the format's library takes that for none.
    if value == Value.none { return }
    guard let members = value.dictionary else {
      throw Failure(.damaged, "__metadata__ is not an object")
    }
    for (key, member) in members {
      guard let text = member.stringValue else {
        throw Failure(.damaged, "the metadata \"\(key.text)\" is not a text")
      }
      metadata[key.text] = text
    }
  }

  private static func entry(_ name: String, _ value: Value) throws(Failure) -> Entry {
    guard let typeName = value["dtype"]?.stringValue, let lengths = value["shape"]?.elements,
      let ends = value["data_offsets"]?.elements, ends.count == 2,
      case let offsets = ends.compactMap(\.intValue), offsets.count == 2
    else {
      throw Failure(.damaged, "it lacks dtype, shape or data_offsets", place: name)
    }
    guard let dtype = DType(safetensors: typeName) else {
      throw Failure(.unsupported, "its type \(typeName) is not known here", place: name)
    }
    var dimensions = lengths.compactMap(\.intValue)
    guard dimensions.count == lengths.count else {
      throw Failure(.damaged, "its shape is impossible", place: name)
    }
    if dtype == .float4E2M1FNx2 {
      // An element there is half a byte, and here the byte of two.
      guard let last = dimensions.last, last.isMultiple(of: 2) else {
        throw Failure(.damaged, "a row of 4-bit numbers ends within a byte", place: name)
      }
      dimensions[dimensions.count - 1] = last / 2
    }
    guard let shape = Shape(validating: dimensions),
      case let (byteCount, overflow) = shape.elementCount.multipliedReportingOverflow(
        by: dtype.itemSize), !overflow
    else { throw Failure(.damaged, "its shape is impossible", place: name) }
    guard offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] - offsets[0] == byteCount else {
      throw Failure(
        .damaged, "its offsets \(offsets[0]) to \(offsets[1]) do not hold \(byteCount) bytes",
        place: name)
    }
    return Entry(dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Checks that the tensors fill the data exactly.
  private func checkCoverage(_ dataByteCount: Int) throws(Failure) {
    let sorted = entries.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound)
        < ($1.value.range.lowerBound, $1.value.range.upperBound)
    }
    var end = 0
    for (name, entry) in sorted {
      guard entry.range.lowerBound == end else {
        throw Failure(
          .damaged,
          entry.range.lowerBound < end
            ? "its bytes are another tensor's too" : "there is a hole before its bytes",
          place: name)
      }
      end = entry.range.upperBound
    }
    guard end == dataByteCount else {
      throw Failure(
        .damaged,
        "its tensors have \(end) bytes, and \(dataByteCount) follow the header: "
          + (end > dataByteCount ? "the file was cut short" : "something was appended"))
    }
  }
}

extension DType {
  /// The names of the types in safetensors 0.8, in the library's order.
  private static let safetensorsNames: KeyValuePairs<String, DType> = [
    "BOOL": .bool, "F4": .float4E2M1FNx2, "U8": .uint8, "I8": .int8, "F8_E5M2": .float8E5M2,
    "F8_E4M3": .float8E4M3FN, "F8_E8M0": .float8E8M0FNU, "F8_E4M3FNUZ": .float8E4M3FNUZ,
    "F8_E5M2FNUZ": .float8E5M2FNUZ, "I16": .int16, "U16": .uint16, "F16": .float16,
    "BF16": .bfloat16, "I32": .int32, "U32": .uint32, "F32": .float32, "C64": .complex64,
    "F64": .float64, "I64": .int64, "U64": .uint64,
  ]

  /// The place of each name in the library's order.
  static let safetensorsOrder = Dictionary(
    uniqueKeysWithValues: safetensorsNames.enumerated().map { ($0.element.key, $0.offset) })

  /// The type of a name in safetensors.
  init?(safetensors name: String) {
    guard let place = Self.safetensorsOrder[name] else { return nil }
    self = Self.safetensorsNames[place].value
  }

  /// The name of the type in safetensors, nil if it has none.
  var safetensorsName: String? { Self.safetensorsNames.first { $0.value == self }?.key }
}
