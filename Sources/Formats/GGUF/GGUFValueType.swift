import Arrays
import OrderedCollections
import States

/// The type of a single value in the metadata of a GGUF file.
enum GGUFScalarType: UInt32, CaseIterable, Sendable {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
  case float64

  /// The name, as the specification of the format has it.
  var name: String {
    switch self {
    case .uint8: "UINT8"
    case .int8: "INT8"
    case .uint16: "UINT16"
    case .int16: "INT16"
    case .uint32: "UINT32"
    case .int32: "INT32"
    case .float32: "FLOAT32"
    case .bool: "BOOL"
    case .string: "STRING"
    case .array: "ARRAY"
    case .uint64: "UINT64"
    case .int64: "INT64"
    case .float64: "FLOAT64"
    }
  }

  /// The type of a name; nil if there is none.
  init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// The fewest bytes that a value takes: a text has its length before it, an array its type and its
  /// count.
  var minimumByteCount: Int {
    switch self {
    case .string: 8
    case .array: 12
    default: dtype?.itemSize ?? 1
    }
  }

  /// The type of arrays of such numbers; nil for texts and arrays.
  var dtype: DType? {
    switch self {
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .float32: .float32
    case .bool: .bool
    case .uint64: .uint64
    case .int64: .int64
    case .float64: .float64
    case .string, .array: nil
    }
  }
}

/// The type of a value in the metadata, with those of the elements of an array.
indirect enum GGUFValueType: Hashable, Sendable {
  /// A single value.
  case scalar(GGUFScalarType)
  /// An array whose elements are of one type, and no arrays.
  case array(GGUFScalarType)
  /// An array of arrays, each of its own type.
  case nested([GGUFValueType])

  /// How deep arrays may be within each other. The loader of llama.cpp takes none within another.
  static let maximumDepth = 8

  /// The type as it is kept in the origin: `"UINT32"`, `{"array": "STRING"}`, `{"array": […]}`.
  var value: Value {
    switch self {
    case .scalar(let type): .string(type.name)
    case .array(let type): ["array": .string(type.name)]
    case .nested(let elements): ["array": .list(elements.map(\.value))]
    }
  }

  /// A type that was kept; nil for what is none.
  init?(_ value: Value, depth: Int = 0) {
    guard depth <= Self.maximumDepth else { return nil }
    if let name = value.stringValue {
      guard let type = GGUFScalarType(name: name), type != .array else { return nil }
      self = .scalar(type)
    } else if let name = value["array"]?.stringValue {
      guard let type = GGUFScalarType(name: name), type != .array else { return nil }
      self = .array(type)
    } else if let elements = value["array"]?.elements {
      let types = elements.map { GGUFValueType($0, depth: depth + 1) }
      let known = types.compactMap(\.self)
      guard known.count == types.count, known.allSatisfy(\.isArray) else { return nil }
      self = .nested(known)
    } else {
      return nil
    }
  }

  /// Whether it is an array.
  var isArray: Bool {
    if case .scalar = self { false } else { true }
  }

  /// The type in which a value is written that came from no GGUF file; nil for what the format has
  /// no such type for.
  ///
  /// Reading gives the same value for it, so that it need not be kept.
  init?(usualFor value: Value) {
    switch value {
    case .bool: self = .scalar(.bool)
    case .int: self = .scalar(.int64)
    case .float: self = .scalar(.float64)
    case .string: self = .scalar(.string)
    case .bigInt(let digits):
      guard let number = UInt64(digits), number > UInt64(Int64.max), String(number) == digits
      else { return nil }
      self = .scalar(.uint64)
    case .list(let elements):
      guard let first = elements.first,
        elements.count <= GGUFMetadata.maximumListCount || first.isText,
        case .scalar(let type) = GGUFValueType(usualFor: first), type != .uint64,
        elements.allSatisfy({ GGUFValueType(usualFor: $0) == .scalar(type) })
      else { return nil }
      self = .array(type)
    case .none, .complex, .bytes, .tuple, .dict, .tensor, .object, .model, .optimizer: return nil
    }
  }
}

extension Value {
  /// Whether it is a text.
  fileprivate var isText: Bool { stringValue != nil }
}
