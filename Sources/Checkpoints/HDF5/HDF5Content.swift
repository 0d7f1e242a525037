import Arrays
import Files
import HDF5

/// The bytes of an HDF5 file: a file, a part of one such as a member of an archive, or memory.
///
/// Tensors of any layout are read from it; see ``StoredTensor``.
package struct HDF5Content: Sendable {
  /// What errors call the file.
  package let name: String
  /// The number of bytes.
  package let byteCount: Int

  private let source: Source
  /// The structure, if it was read before.
  private let known: HDF5Scan?

  private enum Source {
    case region(FileRegion)
    case memory(Storage)
  }

  /// A file as a whole.
  package init(_ file: InputFile) throws(FileError) {
    self.init(try FileRegion(file, 0..<file.byteCount), name: file.path)
  }

  /// A file as a whole, with what is known of its structure.
  ///
  /// - Throws: ``CheckpointError`` with code `notThisFormat` if it is no HDF5 file.
  package init(_ probe: FileProbe) throws(CheckpointError) {
    guard let scan = try probe.hdf5() else {
      throw CheckpointError(.notThisFormat, file: probe.path, reason: "it is no HDF5 file")
    }
    let file = try probe.file
    let region = try reportingFileErrors { () throws(FileError) in
      try FileRegion(file, 0..<file.byteCount)
    }
    self.init(region, name: file.path, known: scan)
  }

  /// A part of a file.
  package init(_ region: FileRegion, name: String) { self.init(region, name: name, known: nil) }

  private init(_ region: FileRegion, name: String, known: HDF5Scan?) {
    self.name = name
    self.known = known
    byteCount = region.range.count
    source = .region(region)
  }

  /// Bytes in memory.
  package init(_ storage: Storage, name: String) {
    self.name = name
    known = nil
    byteCount = storage.byteCount
    source = .memory(storage)
  }

  /// Fills `bytes` with those from `offset` on.
  ///
  /// - Precondition: They are within the content.
  package func read(
    into bytes: inout MutableRawSpan, at offset: Int
  ) throws(FileError) {
    switch source {
    case .region(let region): try region.read(into: &bytes, at: offset)
    case .memory(let storage):
      storage.withBytes(in: offset..<(offset + bytes.byteCount)) { bytes.copy($0) }
    }
  }

  /// The structure, read now unless it was read before.
  package func scan() throws(HDF5Error) -> HDF5Scan {
    if let known { return known }
    return try HDF5Scan(byteCount: byteCount, name: name) { bytes, offset in
      try read(into: &bytes, at: offset)
    }
  }

  /// The bytes of a range as a storage, mapped if the elements can be used where they are.
  func storage(_ range: Range<Int>, alignment: Int, maps: Bool) throws -> Storage {
    switch source {
    case .region(let region):
      let start = region.range.lowerBound
      let part = try FileRegion(
        region.file, (start + range.lowerBound)..<(start + range.upperBound))
      let isAligned = part.range.lowerBound.isMultiple(of: alignment)
      return try maps && isAligned ? Storage(mapping: part) : Storage(reading: part)
    case .memory(let storage):
      return storage.withBytes(in: range) { Storage(copying: $0) }
    }
  }
}

// MARK: - Tensors

extension HDF5Content {
  /// The bytes of the elements of a dataset of whatever type and layout, as the file has them.
  ///
  /// - Parameter maximumBytes: More than this is an error, before anything is allocated.
  /// - Throws: ``CheckpointError`` or `HDF5Error` if the elements are not there, or in other files.
  package func bytes(
    of dataset: HDF5ScannedDataset, path: String, maximumBytes: Int? = nil
  ) throws -> [UInt8] {
    guard dataset.byteCount != 0 else { return [] }
    guard case .chunked = dataset.layout else {
      return try dataset.bytes(maximumBytes: maximumBytes)
    }
    let place = CheckpointPlace(name, path)
    let stored = try StoredTensor(
      dataset, as: .uint8, elementShape: [dataset.elementByteCount], place)
    guard stored.byteCount <= maximumBytes ?? byteCount * Self.maximumExpansion,
      let reader = try ChunkReader(stored, in: self)
    else { throw place.damaged("it has more bytes than such a dataset may have") }
    try ChunkReader.readAll([reader], threads: Threads.count)
    return reader.storage.withBytes { [UInt8](copying: $0) }
  }

  /// No chunk becomes more than this many times as large by deflate.
  private static let maximumExpansion = 1_100

  /// The type of tensor that a dataset holds by its HDF5 type alone, nil if it holds none.
  package static func dtype(of dataset: HDF5ScannedDataset) -> DType? {
    DType(dataset.datatype.littleEndian, name: nil)
  }

  /// The tensor in a dataset of this content.
  ///
  /// - Parameters:
  ///   - dtype: What its numbers are, of the size that they have in the file.
  ///   - elementShape: The shape of the numbers of one element, if it is an array of HDF5's.
  ///   - path: What errors call it.
  ///   - maps: Whether a tensor that is ready for use may be mapped rather than read.
  /// - Throws: As ``StoredTensor``.
  package func tensor(
    _ dataset: HDF5ScannedDataset, as dtype: DType, elementShape: [Int] = [], path: String,
    maps: Bool
  ) throws -> NDArray {
    try StoredTensor(dataset, as: dtype, elementShape: elementShape, CheckpointPlace(name, path))
      .array(in: self, maps: maps, threads: Threads.count)
  }
}
