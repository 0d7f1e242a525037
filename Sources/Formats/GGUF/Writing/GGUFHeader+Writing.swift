import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

extension GGUFHeader {
  /// The beginning of a file of version 3, little-endian, up to the first tensor.
  ///
  /// - Parameters:
  ///   - pairs: The metadata, each value of a type that holds it: see `GGUFMetadata.fits`.
  ///   - items: The tensors, in the order of their bytes.
  ///   - alignment: Of what their offsets are multiples.
  static func encode(
    _ pairs: OrderedDictionary<String, Pair>, _ items: [GGUFPlan.Item], alignment: Int
  ) -> [UInt8] {
    var bytes = magic
    bytes.append(littleEndian: UInt32(3))
    bytes.append(littleEndian: UInt64(items.count))
    bytes.append(littleEndian: UInt64(pairs.count))
    for (key, pair) in pairs {
      bytes.append(text: Array(key.utf8))
      bytes.append(pair.value, typed: pair.type)
    }
    var offset = 0
    for item in items {
      bytes.append(text: Array(item.name.utf8))
      bytes.append(littleEndian: UInt32(item.dimensions.count))
      for length in item.dimensions.reversed() { bytes.append(littleEndian: UInt64(length)) }
      bytes.append(littleEndian: item.type.number)
      bytes.append(littleEndian: UInt64(offset))
      offset += item.byteCount.rounded(upToMultipleOf: alignment)
    }
    let end = bytes.count.rounded(upToMultipleOf: alignment)
    return bytes + [UInt8](repeating: 0, count: end - bytes.count)
  }
}

extension [UInt8] {
  /// Appends a text, with its length before it.
  fileprivate mutating func append(text: [UInt8]) {
    append(littleEndian: UInt64(text.count))
    append(contentsOf: text)
  }

  /// Appends a value of the metadata, with its type before it.
  fileprivate mutating func append(_ value: Value, typed type: GGUFValueType) {
    switch type {
    case .scalar(let scalar):
      append(littleEndian: scalar.rawValue)
      append(value, as: scalar)
    case .array(let element):
      append(littleEndian: GGUFScalarType.array.rawValue)
      append(value, elementsOf: element)
    // They are not written: see `GGUFMetadata.fits`.
    case .nested: break
    }
  }

  /// Appends an array without the word that says that it is one.
  private mutating func append(_ value: Value, elementsOf type: GGUFScalarType) {
    append(littleEndian: type.rawValue)
    if let array = value.tensor {
      append(littleEndian: UInt64(array.elementCount))
      array.withContiguousBytes { append(copying: $0) }
    } else {
      let elements = value.elements ?? []
      append(littleEndian: UInt64(elements.count))
      for member in elements { append(member, as: type) }
    }
  }

  /// Appends a single value, of a type that holds it.
  private mutating func append(_ value: Value, as type: GGUFScalarType) {
    let number = value.intValue ?? 0
    switch type {
    case .uint8: append(littleEndian: UInt8(truncatingIfNeeded: number))
    case .int8: append(littleEndian: Int8(truncatingIfNeeded: number))
    case .uint16: append(littleEndian: UInt16(truncatingIfNeeded: number))
    case .int16: append(littleEndian: Int16(truncatingIfNeeded: number))
    case .uint32: append(littleEndian: UInt32(truncatingIfNeeded: number))
    case .int32: append(littleEndian: Int32(truncatingIfNeeded: number))
    case .int64: append(littleEndian: Int64(number))
    case .uint64:
      if case .bigInt(let digits) = value {
        append(littleEndian: UInt64(digits) ?? 0)
      } else {
        append(littleEndian: UInt64(number))
      }
    case .float32: append(littleEndian: value.doubleValue?.bitsOfFloat ?? 0)
    case .float64: append(littleEndian: (value.doubleValue ?? 0).bitPattern)
    case .bool: append(value.boolValue == true ? 1 : 0)
    case .string:
      if case .bytes(let bytes) = value {
        append(text: bytes)
      } else {
        append(text: Array((value.stringValue ?? "").utf8))
      }
    case .array: break
    }
  }
}
