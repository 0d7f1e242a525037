import Arrays
import Checkpoints
import Files

extension CheckpointIndex {
  /// Why the bytes of an index are not one.
  struct DecodingError: Error {
    let reason: String
  }

  /// Reads rows that were written by ``encoded()``, believing nothing.
  ///
  /// - Throws: ``DecodingError`` if a row refers to what is not there, or to what cannot be.
  init(_ encoded: Encoded) throws(DecodingError) {
    fileByteCount = encoded.fileByteCount
    let reader = Reader(extents: encoded.extents, text: encoded.text)
    for row in try Reader.rows(encoded.tensors, Self.tensorRowSize) {
      tensors.append(try reader.tensorRow(row, precedingCount: tensors.count))
    }
    for row in try Reader.rows(encoded.values, Self.valueRowSize) {
      values.append(
        ValueRow(path: try reader.path(row), digest: Digest(crc32: row.integer(at: 12))))
    }
    for row in try Reader.rows(encoded.modules, Self.moduleRowSize) {
      let version: Int64 = row.integer(at: 12)
      modules.append(ModuleRow(path: try reader.path(row), version: Int(version)))
    }
    guard Set(tensors.map(\.path)).count == tensors.count else {
      throw DecodingError(reason: "two tensors have one path")
    }
  }
}

private struct Reader {
  let extents: [UInt8]
  let text: [UInt8]

  typealias DecodingError = CheckpointIndex.DecodingError

  static func rows(
    _ bytes: [UInt8], _ size: Int
  ) throws(DecodingError) -> some Sequence<ArraySlice<UInt8>> {
    guard bytes.count.isMultiple(of: size) else {
      throw DecodingError(reason: "its rows are cut off")
    }
    return stride(from: 0, to: bytes.count, by: size).lazy.map { bytes[$0..<($0 + size)] }
  }

  func path(_ row: ArraySlice<UInt8>) throws(DecodingError) -> String {
    let start: UInt64 = row.integer(at: 0)
    let count: UInt32 = row.integer(at: 8)
    guard let start = Int(exactly: start), start <= text.count, Int(count) <= text.count - start,
      let path = String(validating: text[start..<(start + Int(count))], as: UTF8.self)
    else { throw DecodingError(reason: "a row has no path") }
    return path
  }

  func tensorRow(
    _ row: ArraySlice<UInt8>, precedingCount: Int
  ) throws(DecodingError) -> CheckpointIndex.TensorRow {
    let path = try path(row)
    func failure(_ reason: String) -> DecodingError {
      DecodingError(reason: "\(path) has \(reason)")
    }
    let code: UInt8 = row.integer(at: 12)
    guard Int(code) < DType.codes.count else { throw failure("an unknown type") }
    let dtype = DType.codes[Int(code)]

    let rank: UInt8 = row.integer(at: 13)
    let hasStrides: UInt8 = row.integer(at: 14)
    let numbers = try extents(
      from: row.integer(at: 16), count: Int(rank) * (hasStrides == 0 ? 1 : 2), failure)
    guard let shape = Shape(validating: Array(numbers.prefix(Int(rank)))),
      !shape.elementCount.multipliedReportingOverflow(by: dtype.itemSize).overflow
    else { throw failure("an impossible shape") }

    let alias: Int64 = row.integer(at: 24)
    guard alias < precedingCount else { throw failure("an alias that comes later") }
    let storage: Int64 = row.integer(at: 32)
    let storageOffset: Int64 = row.integer(at: 40)
    var view: TensorSharing.View?
    if hasStrides != 0 {
      guard storage >= 0, storageOffset >= 0 else { throw failure("an impossible view") }
      view = TensorSharing.View(
        storage: Int(storage), offset: Int(storageOffset),
        strides: Array(numbers.dropFirst(Int(rank))))
    }
    let dataOffset: UInt64 = row.integer(at: 48)
    return CheckpointIndex.TensorRow(
      path: path, dtype: dtype, shape: shape, aliasOf: alias < 0 ? nil : Int(alias), view: view,
      dataOffset: dataOffset == .max ? nil : Int(clamping: dataOffset),
      digest: Digest(crc32: row.integer(at: 64)))
  }

  private func extents(
    from start: UInt64, count: Int, _ failure: (String) -> DecodingError
  ) throws(DecodingError) -> [Int] {
    guard let start = Int(exactly: start), start <= extents.count / 8,
      count <= extents.count / 8 - start
    else { throw failure("no shape") }
    return (start..<(start + count)).map { index in
      let value: Int64 = extents[(index * 8)..<(index * 8 + 8)].integer(at: 0)
      return Int(value)
    }
  }
}

extension ArraySlice<UInt8> {
  /// The integer whose low byte is `offset` bytes into the slice.
  fileprivate func integer<T: FixedWidthInteger & PlainNumber>(at offset: Int) -> T {
    withBytes { $0.loadLittleEndian(at: offset) }
  }
}
