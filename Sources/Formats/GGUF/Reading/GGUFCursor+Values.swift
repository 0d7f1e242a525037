import Arrays
import Checkpoints
import Files
import States

extension GGUFCursor {
  /// The next value of the metadata, with its type before it.
  ///
  /// - Parameter key: Its key.
  /// - Throws: `CheckpointError`: `damaged`; `refused` for arrays that are nested too deep.
  mutating func value(
    of key: String
  ) throws(CheckpointError) -> (type: GGUFValueType, value: Value) {
    let type = try scalarType(of: key)
    guard type == .array else { return (.scalar(type), try scalar(type, of: key)) }
    return try array(of: key, depth: 1)
  }

  private mutating func scalarType(of key: String) throws(CheckpointError) -> GGUFScalarType {
    let number = try integer(UInt32.self, of: "the value of \(Self.short(key))")
    guard let type = GGUFScalarType(rawValue: number) else {
      throw damaged("there is no type \(number) of values", key)
    }
    return type
  }

  private mutating func array(
    of key: String, depth: Int
  ) throws(CheckpointError) -> (type: GGUFValueType, value: Value) {
    guard depth <= GGUFValueType.maximumDepth else {
      throw error(
        .refused, "arrays are within each other more than \(GGUFValueType.maximumDepth) deep", key)
    }
    let type = try scalarType(of: key)
    let claimed = try integer(UInt64.self, of: "the array \(Self.short(key))")
    guard claimed <= UInt64(remaining / type.minimumByteCount) else {
      throw damaged("it claims \(claimed) elements, and \(remaining) bytes follow", key)
    }
    let count = Int(claimed)
    if type == .array {
      var types: [GGUFValueType] = []
      var values: [Value] = []
      for _ in 0..<count {
        let element = try array(of: key, depth: depth + 1)
        types.append(element.type)
        values.append(element.value)
      }
      // Of no arrays nothing says what is in them.
      return (.nested(types), .list(values))
    }
    if let dtype = type.dtype, count > GGUFMetadata.maximumListCount {
      return (.array(type), .tensor(try numbers(dtype, count, of: key)))
    }
    var values: [Value] = []
    for _ in 0..<count { values.append(try scalar(type, of: key)) }
    return (.array(type), .list(values))
  }

  /// Many numbers, as an array of theirs.
  private mutating func numbers(
    _ dtype: DType, _ count: Int, of key: String
  ) throws(CheckpointError) -> NDArray {
    // So many bytes are left: see the caller.
    let content = try bytes(UInt64(count) * UInt64(dtype.itemSize), of: Self.short(key))
    if dtype == .bool, let other = content.first(where: { $0 > 1 }) {
      throw damaged("a truth value is \(other), which is neither 0 nor 1", key)
    }
    let storage = content.withBytes { Storage(copying: $0) }
    if isBigEndian { storage.swapBytes(ofWordsOf: dtype.wordSize) }
    return NDArray(storage: storage, dtype: dtype, layout: Layout([count]))
  }

  private mutating func scalar(
    _ type: GGUFScalarType, of key: String
  ) throws(CheckpointError) -> Value {
    func name() -> String { "the value of \(Self.short(key))" }
    switch type {
    case .uint8: return .int(Int(try integer(UInt8.self, of: name())))
    case .int8: return .int(Int(try integer(Int8.self, of: name())))
    case .uint16: return .int(Int(try integer(UInt16.self, of: name())))
    case .int16: return .int(Int(try integer(Int16.self, of: name())))
    case .uint32: return .int(Int(try integer(UInt32.self, of: name())))
    case .int32: return .int(Int(try integer(Int32.self, of: name())))
    case .int64: return .int(Int(try integer(Int64.self, of: name())))
    case .uint64:
      let number = try integer(UInt64.self, of: name())
      return Int(exactly: number).map(Value.int) ?? .bigInt(String(number))
    case .float32:
      return .float(Double(keepingBits: try integer(UInt32.self, of: name())))
    case .float64: return .float(Double(bitPattern: try integer(UInt64.self, of: name())))
    case .bool:
      let byte = try integer(UInt8.self, of: name())
      guard byte <= 1 else {
        throw damaged("a truth value is \(byte), which is neither 0 nor 1", key)
      }
      return .bool(byte == 1)
    case .string:
      let bytes = try text(of: name())
      // A token may be a part of a letter: what is no text stays bytes.
      return String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(bytes)
    case .array: throw damaged("an array is where a value should be", key)
    }
  }
}
