import HDF5

extension HDF5Elements {
  /// Reads elements of any type.
  func readValues(_ hyperslab: HDF5Hyperslab?, limit: Int?) throws(HDF5Error) -> [HDF5Value] {
    let operation: StaticString = "read"
    let type = try datatype()
    guard let size = type.byteCount, size > 0 else {
      throw place.error(.limitExceeded, operation, "one element of type \(type) is too large")
    }
    var values: [HDF5Value] = []
    // The library converts nothing here but pointers: the decoder knows byte orders and formats.
    try readPointers(hyperslab, limit: limit, operation) { memory, count throws(HDF5Error) in
      values.reserveCapacity(count)
      for start in stride(from: 0, to: memory.count, by: size) {
        let element = UnsafeRawBufferPointer(rebasing: memory[start..<start + size])
        values.append(try decode(element, type, operation))
      }
    }
    return values
  }

  /// Decodes one element from as many bytes as its type takes.
  private func decode(
    _ bytes: UnsafeRawBufferPointer, _ type: HDF5Datatype, _ operation: StaticString
  ) throws(HDF5Error) -> HDF5Value {
    switch type {
    case .integer(let size, let signed, let order):
      guard size <= 8 else { return .bytes(Array(bytes)) }
      let value = bytes.bytes.loadInteger(bytes: size, signed: signed, order: order)
      return signed || value >= 0 ? .integer(value) : .unsigned(UInt64(bitPattern: value))
    case .bitfield(let size, let order):
      let value = bytes.bytes.loadInteger(bytes: size, signed: false, order: order)
      return value >= 0 ? .integer(value) : .unsigned(UInt64(bitPattern: value))
    case .float(let format):
      guard format.bytes <= 8 else { return .bytes(Array(bytes)) }
      let bits = bytes.bytes.loadInteger(bytes: format.bytes, signed: false, order: format.order)
      return .float(format.decode(UInt64(bitPattern: bits)))
    case .string(let format):
      return .string(try decodeString(bytes, format, operation))
    case .enumeration(let base, _):
      let value = try decode(bytes, base, operation)
      return type.isBoolean ? .boolean(value != .integer(0)) : value
    case .compound(_, let members):
      var values: [HDF5Value.Member] = []
      for member in members {
        let part = try slice(bytes, member.offset, member.datatype, operation)
        values.append(.init(member.name, try decode(part, member.datatype, operation)))
      }
      return .compound(values)
    case .array(let dimensions, let element):
      return .array(
        try decodeAll(bytes, dimensions.checkedProduct ?? .max, element, operation))
    case .opaque:
      return .bytes(Array(bytes))
    case .objectReference:
      return .objectReference(bytes.loadUnaligned(as: HDF5ObjectReference.self))
    case .regionReference:
      return .regionReference(bytes.loadUnaligned(as: HDF5RegionReference.self))
    case .variableLength(let element):
      // The library's `hvl_t`: how many, and where.
      let count = bytes.loadUnaligned(as: Int.self)
      let pointer = bytes.loadUnaligned(
        fromByteOffset: MemoryLayout<Int>.size, as: UnsafeRawPointer?.self)
      guard count > 0, let pointer else { return .array([]) }
      guard let total = [count, element.byteCount ?? .max].checkedProduct else {
        throw place.error(.corrupt, operation, "a sequence declares \(count) elements")
      }
      let sequence = UnsafeRawBufferPointer(start: pointer, count: total)
      return .array(try decodeAll(sequence, count, element, operation))
    case .unsupported:
      throw place.error(.unsupported, operation, "there is no reading elements of type \(type)")
    }
  }

  private func decodeAll(
    _ bytes: UnsafeRawBufferPointer, _ count: Int, _ type: HDF5Datatype, _ operation: StaticString
  ) throws(HDF5Error) -> [HDF5Value] {
    guard let size = type.byteCount,
      [count, size].checkedProduct.map({ $0 <= bytes.count }) == true
    else { throw place.error(.corrupt, operation, "an element is shorter than its type") }
    var values: [HDF5Value] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      values.append(try decode(try slice(bytes, index * size, type, operation), type, operation))
    }
    return values
  }

  private func slice(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ type: HDF5Datatype, _ operation: StaticString
  ) throws(HDF5Error) -> UnsafeRawBufferPointer {
    guard let size = type.byteCount, offset >= 0, size <= bytes.count,
      offset <= bytes.count - size
    else { throw place.error(.corrupt, operation, "a member lies outside of its element") }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + size])
  }

  private func decodeString(
    _ bytes: UnsafeRawBufferPointer, _ format: HDF5StringFormat, _ operation: StaticString
  ) throws(HDF5Error) -> String {
    let text: String?
    switch format.length {
    case .fixed:
      text = String(validating: format.trim(Array(bytes)[...]), as: UTF8.self)
    case .variable:
      guard let pointer = bytes.loadUnaligned(as: UnsafePointer<CChar>?.self) else { return "" }
      text = String(validatingCString: pointer)
    }
    guard let text else { throw place.error(.corrupt, operation, "a text is not UTF-8") }
    return text
  }
}
