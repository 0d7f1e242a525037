import CHDF5
import HDF5
import Platform

extension HDF5Elements {
  /// Reads texts, of a fixed or a variable length.
  func readStrings(_ hyperslab: HDF5Hyperslab?, limit: Int?) throws(HDF5Error) -> [String] {
    let operation: StaticString = "read"
    let format = try stringFormat(operation)
    guard case .fixed(let length) = format.length else {
      return try readVariableStrings(hyperslab, limit: limit)
    }
    let bytes = try readBytes(as: nil, hyperslab, limit: limit)
    var strings: [String] = []
    strings.reserveCapacity(bytes.count / length)
    for start in stride(from: 0, to: bytes.count, by: length) {
      let text = format.trim(bytes[start..<start + length])
      guard let string = String(validating: text, as: UTF8.self) else {
        throw place.error(.corrupt, operation, "text \(strings.count) is not UTF-8")
      }
      strings.append(string)
    }
    return strings
  }

  private func readVariableStrings(
    _ hyperslab: HDF5Hyperslab?, limit: Int?
  ) throws(HDF5Error) -> [String] {
    let operation: StaticString = "read"
    var strings: [String] = []
    try readPointers(hyperslab, limit: limit, operation) { raw, count throws(HDF5Error) in
      let pointers = raw.bindMemory(to: UnsafePointer<CChar>?.self)
      strings.reserveCapacity(count)
      for pointer in pointers {
        // A text that was never written has no pointer.
        guard let pointer else {
          strings.append("")
          continue
        }
        guard let string = String(validatingCString: pointer) else {
          throw place.error(.corrupt, operation, "text \(strings.count) is not UTF-8")
        }
        strings.append(string)
      }
    }
    return strings
  }

  /// Reads elements with pointers in them, lends them, and frees what the pointers lead to.
  func readPointers(
    _ hyperslab: HDF5Hyperslab?, limit: Int?, _ operation: StaticString,
    _ body: (UnsafeMutableRawBufferPointer, Int) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    let type = try openType()
    let found = try HDF5Datatype(reading: type, at: place)
    let size = found.byteCount ?? .max
    let selection = try select(hyperslab, of: found, operation)
    let total = try checkedByteCount(selection.count, of: size, limit: limit, operation)
    guard total > 0 else { return }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: total, alignment: 16)
    defer { memory.deallocate() }
    // Null pointers, which are safe to free, wherever the read leaves a gap or stops.
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    let space = try HDF5Dataspace.simple(dimensions: [selection.count]).makeIdentifier(at: place)
    let (typeID, spaceID, base) = (type.id, space.id, memory.baseAddress)
    defer { HDF5Library.ignoringErrors { chdf5_reclaim(typeID, spaceID, base) } }
    try read(selection, as: type, into: memory, operation)
    try body(memory, selection.count)
  }

  /// Writes texts, of a fixed or a variable length.
  func writeStrings(_ strings: [String], _ hyperslab: HDF5Hyperslab?) throws(HDF5Error) {
    let operation: StaticString = "write"
    let format = try stringFormat(operation)
    let type = try openType()
    let selection = try select(hyperslab, of: .string(format), operation)
    try checkCount(strings.count, selection.count, operation)
    guard case .fixed(let length) = format.length else {
      return try writeVariableStrings(strings, selection, as: type, operation)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(strings.count * length)
    for string in strings {
      guard let padded = format.pad(Array(string.utf8), to: length) else {
        throw place.error(
          .invalidArgument, operation,
          "the text '\(string.shortened)' does not fit into \(length) bytes")
      }
      bytes += padded
    }
    try bytes.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try write(selection, as: type, from: UnsafeRawBufferPointer(buffer), operation)
    }
  }

  private func writeVariableStrings(
    _ strings: [String], _ selection: borrowing Selection, as type: borrowing HDF5ScopedIdentifier,
    _ operation: StaticString
  ) throws(HDF5Error) {
    // All texts one after the other, each ended by NUL, and pointers into them.
    var text: [UInt8] = []
    var offsets: [Int] = []
    for string in strings {
      guard !string.utf8.contains(0) else {
        throw place.error(.invalidArgument, operation, "a text contains a NUL character")
      }
      offsets.append(text.count)
      text.append(contentsOf: string.utf8)
      text.append(0)
    }
    try text.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
      try pointers.withUnsafeBufferPointer { pointers throws(HDF5Error) in
        try write(selection, as: type, from: UnsafeRawBufferPointer(pointers), operation)
      }
    }
  }

  private func stringFormat(_ operation: StaticString) throws(HDF5Error) -> HDF5StringFormat {
    let found = try datatype()
    guard case .string(let format) = found else {
      throw place.error(.typeMismatch, operation, "its elements are no texts, but of type \(found)")
    }
    return format
  }
}
