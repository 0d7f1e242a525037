import Arrays
import Checkpoints
import Files
import HDF5

/// The proof that the structures of a file are those that were written with its index.
///
/// Where it holds, the index alone says where all tensors are, and opening a file does not visit
/// their datasets one after the other. Editing the file with another tool, so that there are
/// other objects or they are elsewhere, changes structures and thereby breaks the seal: then the
/// datasets themselves are read. See <doc:Layout>, "The seal".
struct IndexSeal: Equatable {
  /// How many bytes at the beginning of the file hold structures.
  var byteCount: Int
  /// Their CRC-32, in which this number counts as 0.
  var crc32: UInt32

  static let name = "seal"
  static let datatype = IndexLayout.compound([("byte_count", .uint64), ("crc32", .uint32)])
  /// The row's bytes before and in the checksum.
  private static let (headCount, checksumCount) = (8, 4)

  var encoded: [UInt8] {
    littleEndianBytes(UInt64(byteCount)) + littleEndianBytes(crc32)
  }

  // MARK: - Writing

  /// Seals structures that hold all they should but the seal.
  static func close(_ structure: inout HDF5Structure, in dataset: HDF5Blueprint.DatasetID) {
    var seal = IndexSeal(byteCount: structure.withBytes { $0.byteCount }, crc32: 0)
    structure.fill(dataset, with: seal.encoded)
    seal.crc32 = structure.withBytes { CRC32.checksum($0) }
    structure.fill(dataset, with: seal.encoded)
  }

  // MARK: - Reading

  /// Whether the seal in `/index` holds. One that is missing or makes no sense does not.
  ///
  /// - Throws: `FileError` or `CheckpointError` if the file cannot be read.
  static func holds(for group: HDF5ScannedGroup, in input: InputFile) throws -> Bool {
    guard let (seal, place) = try read(from: group), seal.byteCount <= input.byteCount,
      place + headCount + checksumCount <= seal.byteCount
    else { return false }
    var crc = CRC32()
    try crc.update(input, 0..<place + headCount)
    [UInt8](repeating: 0, count: checksumCount).withBytes { crc.update($0) }
    try crc.update(input, place + headCount + checksumCount..<seal.byteCount)
    return crc.value == seal.crc32
  }

  /// The seal, and where in the file it is.
  private static func read(
    from group: HDF5ScannedGroup
  ) throws -> (seal: IndexSeal, place: Int)? {
    guard let dataset = try ifSound({ try group.dataset(name) }), dataset.datatype == datatype,
      dataset.dataspace == .scalar, let place = dataset.contiguousRange?.lowerBound,
      let bytes = try ifSound({ try dataset.bytes() }), bytes.count == headCount + checksumCount
    else { return nil }
    return bytes.withBytes { bytes in
      let byteCount: UInt64 = bytes.loadLittleEndian(at: 0)
      let crc32: UInt32 = bytes.loadLittleEndian(at: headCount)
      return (IndexSeal(byteCount: Int(clamping: byteCount), crc32: crc32), place)
    }
  }
}

extension CRC32 {
  /// Takes the bytes of a range of a file, a piece at a time.
  fileprivate mutating func update(_ input: InputFile, _ range: Range<Int>) throws(FileError) {
    let pieceByteCount = 1 << 20
    for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceByteCount) {
      let bytes = try input.bytes(in: start..<min(start + pieceByteCount, range.upperBound))
      bytes.withBytes { update($0) }
    }
  }
}
