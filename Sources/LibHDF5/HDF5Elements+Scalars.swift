import CHDF5
import HDF5

extension HDF5Elements {
  /// Reads elements as values of a Swift type.
  func read<Element: HDF5Scalar>(
    as type: Element.Type, _ hyperslab: HDF5Hyperslab?, _ conversion: HDF5Conversion,
    limit: Int?
  ) throws(HDF5Error) -> [Element] {
    let operation: StaticString = "read"
    try checkScalar(type, operation)
    let found = try datatype()
    guard conversion == .lossy || found.converts(exactlyTo: Element.datatype) else {
      throw place.error(
        .typeMismatch, operation,
        "its type \(found) does not convert exactly to \(Element.datatype)")
    }
    let memoryType = try Element.datatype.makeIdentifier(at: place)
    let selection = try select(hyperslab, of: found, operation)
    let count = selection.count
    _ = try checkedByteCount(
      count, of: MemoryLayout<Element>.stride, limit: limit, operation)
    var failure: HDF5Error?
    let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      do throws(HDF5Error) {
        try read(selection, as: memoryType, into: bytes, operation)
        var read = bytes.mutableBytes
        Element.normalize(&read)
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  /// Writes values of a Swift type.
  func write<Element: HDF5Scalar>(
    _ values: UnsafeBufferPointer<Element>, _ hyperslab: HDF5Hyperslab?,
    _ conversion: HDF5Conversion
  ) throws(HDF5Error) {
    let operation: StaticString = "write"
    try checkScalar(Element.self, operation)
    let found = try datatype()
    guard conversion == .lossy || Element.datatype.converts(exactlyTo: found) else {
      throw place.error(
        .typeMismatch, operation,
        "\(Element.datatype) does not convert exactly to its type \(found)")
    }
    let memoryType = try Element.datatype.makeIdentifier(at: place)
    let selection = try select(hyperslab, of: found, operation)
    try checkCount(values.count, selection.count, operation)
    try write(
      selection, as: memoryType, from: UnsafeRawBufferPointer(values), operation)
  }

  /// Reads elements as bytes of a type: the one in the file, if none is given.
  func readBytes(
    into buffer: UnsafeMutableRawBufferPointer, as type: HDF5Datatype?, _ hyperslab: HDF5Hyperslab?
  ) throws(HDF5Error) {
    let operation: StaticString = "read"
    let raw = try rawType(type, operation)
    let selection = try select(hyperslab, of: raw.found, operation)
    try checkBuffer(buffer.count, selection.count, raw.bytes, operation)
    _ = try checkedByteCount(selection.count, of: raw.bytes, limit: .max, operation)
    try read(selection, as: raw.identifier, into: buffer, operation)
  }

  /// Reads elements as bytes of a type: the one in the file, if none is given.
  func readBytes(
    as type: HDF5Datatype?, _ hyperslab: HDF5Hyperslab?, limit: Int?
  ) throws(HDF5Error) -> [UInt8] {
    let operation: StaticString = "read"
    let raw = try rawType(type, operation)
    let selection = try select(hyperslab, of: raw.found, operation)
    let total = try checkedByteCount(selection.count, of: raw.bytes, limit: limit, operation)
    var failure: HDF5Error?
    let result = [UInt8](unsafeUninitializedCapacity: total) { buffer, initialized in
      do throws(HDF5Error) {
        try read(
          selection, as: raw.identifier, into: UnsafeMutableRawBufferPointer(buffer), operation)
        initialized = total
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return result
  }

  /// Writes elements from bytes of a type: the one in the file, if none is given.
  func writeBytes(
    from buffer: UnsafeRawBufferPointer, as type: HDF5Datatype?, _ hyperslab: HDF5Hyperslab?
  ) throws(HDF5Error) {
    let operation: StaticString = "write"
    let raw = try rawType(type, operation)
    let selection = try select(hyperslab, of: raw.found, operation)
    try checkBuffer(buffer.count, selection.count, raw.bytes, operation)
    try write(selection, as: raw.identifier, from: buffer, operation)
  }

  /// A type of plain bytes in memory.
  private struct RawType: ~Copyable {
    let identifier: HDF5ScopedIdentifier
    let bytes: Int
    /// The type in the file.
    let found: HDF5Datatype
  }

  /// The type for raw bytes, and its size. Types whose elements are pointers have no raw bytes.
  private func rawType(
    _ type: HDF5Datatype?, _ operation: StaticString
  ) throws(HDF5Error) -> RawType {
    let found = try datatype()
    let wanted = type ?? found
    guard !wanted.hasVariableLength, let bytes = wanted.byteCount else {
      throw place.error(.unsupported, operation, "elements of type \(wanted) are no plain bytes")
    }
    let memoryType = if let type { try type.makeIdentifier(at: place) } else { try openType() }
    return RawType(identifier: memoryType, bytes: bytes, found: found)
  }

  private func checkScalar<Element: HDF5Scalar>(
    _ type: Element.Type, _ operation: StaticString
  ) throws(HDF5Error) {
    let stride = MemoryLayout<Element>.stride
    guard type.datatype.byteCount == stride, !type.datatype.hasVariableLength else {
      throw place.error(
        .invalidArgument, operation,
        "\(type) takes \(stride) bytes, but declares the type \(type.datatype)")
    }
  }

  func checkCount(
    _ given: Int, _ wanted: Int, _ operation: StaticString
  ) throws(HDF5Error) {
    guard given == wanted else {
      throw place.error(
        .invalidArgument, operation, "\(given) values were given for \(wanted) elements")
    }
  }

  private func checkBuffer(
    _ given: Int, _ count: Int, _ bytes: Int, _ operation: StaticString
  ) throws(HDF5Error) {
    guard [count, bytes].checkedProduct == given else {
      throw place.error(
        .invalidArgument, operation,
        "a buffer of \(given) bytes was given for \(count) elements of \(bytes) bytes")
    }
  }
}
