import Arrays
import Checkpoints
import OrderedCollections
import States

/// What of a checkpoint's metadata a GGUF file can say in its own, and in which types.
///
/// | GGUF | value |
/// |---|---|
/// | integers | an integer |
/// | FLOAT32, FLOAT64 | a floating-point number |
/// | BOOL | a truth value |
/// | STRING | a text; bytes, where it is none |
/// | ARRAY of numbers | a list; a tensor, from ``maximumListCount`` elements on |
/// | ARRAY of texts or arrays | a list; of arrays it is read, and not written: the loader of llama.cpp refuses it |
///
/// Other types than those that such a value is usually written in are kept in the origin.
enum GGUFMetadata {
  /// How many numbers are still a list. A tensor takes a fraction of the memory.
  static let maximumListCount = 256

  /// The key of the architecture, which every file has to have.
  static let architectureKey = "general.architecture"
  /// The architecture of what is no model of llama.cpp's.
  static let ownArchitecture = "ballast"
  /// The beginning of the keys that are Ballast's own.
  static let ownPrefix = "ballast."
  /// What a `CheckpointOutline` is written under.
  static let outlineKey = "ballast.outline"
  /// The names of all metadata in order, where the outline has some of them.
  static let orderKey = "ballast.metadata"
  /// What tensors are that GGUF has no type or shape for: see ``GGUFCarriers``.
  static let carriersKey = "ballast.tensors"

  /// In which type a value of the metadata is written; nil for what has to go into the outline.
  ///
  /// - Parameter kept: The type that a file had before, if any.
  static func type(of value: Value, _ key: String, kept: GGUFValueType?) -> GGUFValueType? {
    guard !key.isEmpty, key.utf8.count <= GGUFHeader.maximumKeyByteCount, !key.utf8.contains(0),
      !key.hasPrefix(ownPrefix), !GGUFSet.keys.contains(key)
    else { return nil }
    let type = kept.flatMap { fits(value, $0) ? $0 : nil } ?? GGUFValueType(usualFor: value)
    switch key {
    case architectureKey where type != .scalar(.string) || value == .string(ownArchitecture):
      return nil
    case GGUFHeader.alignmentKey:
      guard type == .scalar(.uint32), let number = value.intValue, GGUFHeader.isAlignment(number)
      else { return nil }
      return type
    default: return type
    }
  }

  /// Whether a type holds a value exactly, and reading gives this value for it.
  static func fits(_ value: Value, _ type: GGUFValueType) -> Bool {
    switch (type, value) {
    case (.scalar(let type), _): return fits(value, type)
    case (.array(let type), .tensor(let array)):
      return array.dtype == type.dtype && array.rank == 1 && array.elementCount > maximumListCount
    case (.array(let type), .list(let elements)):
      return (type.dtype == nil || elements.count <= maximumListCount)
        && elements.allSatisfy { fits($0, type) }
    default: return false
    }
  }

  private static func fits(_ value: Value, _ type: GGUFScalarType) -> Bool {
    switch (type, value) {
    case (.uint8, .int(let number)): UInt8(exactly: number) != nil
    case (.int8, .int(let number)): Int8(exactly: number) != nil
    case (.uint16, .int(let number)): UInt16(exactly: number) != nil
    case (.int16, .int(let number)): Int16(exactly: number) != nil
    case (.uint32, .int(let number)): UInt32(exactly: number) != nil
    case (.int32, .int(let number)): Int32(exactly: number) != nil
    case (.uint64, .int(let number)): number >= 0
    case (.uint64, .bigInt): GGUFValueType(usualFor: value) == .scalar(.uint64)
    case (.int64, .int), (.float64, .float), (.bool, .bool), (.string, .string): true
    case (.float32, .float(let number)):
      number.bitsOfFloat != nil
    // A text that was none: see reading.
    case (.string, .bytes(let bytes)): String(validating: bytes, as: UTF8.self) == nil
    default: false
    }
  }
}

extension Origin {
  /// What is kept of a GGUF file for the way back.
  var gguf: GGUFOrigin {
    get { GGUFOrigin(self["gguf"]) }
    set { self["gguf"] = newValue.value }
  }
}

/// What is kept of a GGUF file for the way back: types that the values do not say.
struct GGUFOrigin {
  /// The types of metadata that are not the usual ones of such values.
  var types: OrderedDictionary<String, GGUFValueType> = [:]
  /// The types of the tensors that are blocks, held as bytes.
  var blocks: OrderedDictionary<String, GGUFTensorType> = [:]

  /// What an entry of the origin says; what it says wrongly is passed over.
  init(_ entry: Value?) {
    for (key, value) in entry?["types"]?.dictionary ?? [:] {
      types[key.text] = GGUFValueType(value)
    }
    for (key, value) in entry?["blocks"]?.dictionary ?? [:] {
      guard let type = value.stringValue.flatMap(GGUFTensorType.init(name:)), type.isBlocks else {
        continue
      }
      blocks[key.text] = type
    }
  }

  /// The entry; nil if there is nothing to keep.
  var value: Value? {
    var members: OrderedDictionary<Value.Key, Value> = [:]
    if !types.isEmpty {
      members["types"] = .dict(
        OrderedDictionary(uniqueKeysWithValues: types.map { (.string($0.key), $0.value.value) }))
    }
    if !blocks.isEmpty {
      members["blocks"] = .dict(
        OrderedDictionary(
          uniqueKeysWithValues: blocks.map { (.string($0.key), .string($0.value.name)) }))
    }
    return members.isEmpty ? nil : .dict(members)
  }

  /// The type of the blocks that a tensor is; nil if it is none: it has another shape or type by now.
  func blockType(of key: String, _ array: NDArray) -> GGUFTensorType? {
    guard array.dtype == .uint8, let type = blocks[key],
      type.elementShape(ofBytes: array.shape.dimensions) != nil
    else { return nil }
    return type
  }
}

extension Double {
  /// A number of 32 bits. Of NaN the payload is kept, and whether it is a signalling one, which the processor
  /// would make a quiet one.
  init(keepingBits bits: UInt32) {
    let number = Float(bitPattern: bits)
    guard number.isNaN else {
      self = Double(number)
      return
    }
    let (sign, payload) = (UInt64(bits & 0x8000_0000), UInt64(bits & 0x007F_FFFF))
    self = Double(bitPattern: sign << 32 | 0x7FF0_0000_0000_0000 | payload << 29)
  }

  /// The bits of the number of 32 bits that is this one; nil if there is none.
  var bitsOfFloat: UInt32? {
    guard isNaN else {
      let number = Float(self)
      return Double(number).bitPattern == bitPattern ? number.bitPattern : nil
    }
    guard bitPattern & 0x1FFF_FFFF == 0 else { return nil }
    let (sign, payload) = (bitPattern >> 32 & 0x8000_0000, bitPattern >> 29 & 0x007F_FFFF)
    return UInt32(sign | 0x7F80_0000 | payload)
  }
}
