import Synchronization

/// Collects the CRC-32 of every range of bytes that is read from files while their tensors are
/// written elsewhere.
///
/// A conversion has to read its input anyway. With these checksums, comparing the input with the
/// checksums that it carries needs to read only what no tensor brought in. Checksums of adjoining
/// ranges are combined as zlib's `crc32_combine` does. One object serves all threads and all files.
/// `InputCheck` in `Checkpoints` is how it is used.
public final class ReadChecksums: Sendable {
  /// A range that was read.
  private struct Piece {
    let range: Range<Int>
    let checksum: UInt32
  }

  /// What was read of each file, in the order in which it was recorded.
  private let pieces = Mutex<[InputFile.Identity: [Piece]]>([:])

  /// A collection in which nothing is recorded yet.
  public init() {}

  /// Records the checksum of a range of a file. Ranges may come in any order, from any thread, and
  /// may overlap.
  ///
  /// - Parameters:
  ///   - checksum: The CRC-32 of the bytes.
  ///   - range: Where they are, in bytes from the beginning of the file.
  ///   - file: The file; two objects opened for the same file count as one.
  package func record(_ checksum: UInt32, of range: Range<Int>, in file: InputFile) {
    let piece = Piece(range: range, checksum: checksum)
    pieces.withLock { $0[file.identity, default: []].append(piece) }
  }

  /// Computes the CRC-32 of regions of files, on several threads, reading only the parts whose
  /// checksum is not known yet.
  ///
  /// - Parameters:
  ///   - regions: What is to be summed. Regions may be in different files.
  ///   - known: The checksums of ranges that were read before.
  ///   - threads: How many threads read.
  ///   - visit: Receives all that is read, on any thread: the number of the region, where in it the
  ///     bytes begin, and the bytes.
  /// - Returns: The checksum of each region, in their order.
  /// - Throws: ``FileError`` if a file cannot be read.
  package static func checksums(
    of regions: [FileRegion], known: ReadChecksums? = nil, threads: Int = Threads.count,
    visiting visit: (@Sendable (Int, Int, RawSpan) -> Void)? = nil
  ) throws -> [UInt32] {
    let parts = parts(of: regions, known)
    let units = units(of: parts)
    let read = Mutex([UInt32](repeating: 0, count: parts.count))
    try Parallel.forEach(units.count, threads: threads) { unit in
      let maximum = units[unit].reduce(0) { max($0, parts[$1].range.count) }
      try withTemporaryBytes(min(maximum, pieceByteCount)) { (buffer) throws(FileError) in
        for number in units[unit] {
          let part = parts[number]
          let region = regions[part.region]
          let checksum = try checksum(of: part.range, in: region.file, &buffer) { start, bytes in
            visit?(part.region, start - region.range.lowerBound, bytes)
          }
          read.withLock { $0[number] = checksum }
        }
      }
    }
    let found = read.withLock { $0 }
    var sums = [CRC32](repeating: CRC32(), count: regions.count)
    for (number, part) in parts.enumerated() {
      sums[part.region].append(part.checksum ?? found[number], byteCount: part.range.count)
    }
    return sums.map(\.value)
  }

  // MARK: - Parts

  /// A part of a region, whose checksum is known or has to be computed.
  private struct Part {
    /// The number of the region in the list.
    let region: Int
    /// In the file.
    let range: Range<Int>
    let checksum: UInt32?
  }

  /// The most bytes that one thread takes at a time.
  private static let blockByteCount = 8 << 20
  /// Parts smaller than this are grouped until they have about as many bytes.
  private static let unitByteCount = 1 << 18
  /// The bytes that are read at a time: few enough that they are still in the cache when they are
  /// summed.
  private static let pieceByteCount = 1 << 18

  /// The parts of the regions, in order and without gaps.
  private static func parts(of regions: [FileRegion], _ known: ReadChecksums?) -> [Part] {
    let pieces = known?.sorted() ?? [:]
    var parts: [Part] = []
    for (number, region) in regions.enumerated() {
      var position = region.range.lowerBound
      func addUnknown(upTo end: Int) {
        while position < end {
          let next = min(position + blockByteCount, end)
          parts.append(Part(region: number, range: position..<next, checksum: nil))
          position = next
        }
      }
      let read = pieces[region.file.identity] ?? []
      for piece in read[firstIndex(in: read, from: position)...] {
        if piece.range.lowerBound >= region.range.upperBound { break }
        // What was read twice, as tied tensors are, or overlaps what is not of the region, gives
        // way.
        guard piece.range.lowerBound >= position, piece.range.upperBound <= region.range.upperBound
        else { continue }
        addUnknown(upTo: piece.range.lowerBound)
        parts.append(Part(region: number, range: piece.range, checksum: piece.checksum))
        position = piece.range.upperBound
      }
      addUnknown(upTo: region.range.upperBound)
    }
    return parts
  }

  /// The recorded ranges of each file, ordered by where they begin.
  private func sorted() -> [InputFile.Identity: [Piece]] {
    pieces.withLock { $0 }.mapValues { pieces in
      pieces.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
  }

  /// The index of the first piece, of pieces sorted by where they begin, that begins at or behind a
  /// position.
  private static func firstIndex(in pieces: [Piece], from position: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].range.lowerBound < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The numbers of the parts that have to be read, in groups that one thread takes at a time.
  private static func units(of parts: [Part]) -> [[Int]] {
    var units: [[Int]] = []
    var byteCount = unitByteCount
    for (number, part) in parts.enumerated() where part.checksum == nil {
      if byteCount >= unitByteCount {
        units.append([])
        byteCount = 0
      }
      units[units.count - 1].append(number)
      byteCount += part.range.count
    }
    return units
  }

  /// Reads a range through a buffer that the caller provides, and computes its CRC-32.
  ///
  /// - Throws: ``FileError`` if the range cannot be read.
  private static func checksum(
    of range: Range<Int>, in file: InputFile, _ buffer: inout MutableRawSpan,
    _ visit: (Int, RawSpan) -> Void
  ) throws(FileError) -> UInt32 {
    var crc = CRC32()
    for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceByteCount) {
      let count = min(pieceByteCount, range.upperBound - start)
      try buffer.withBytes(in: 0..<count) { (piece) throws(FileError) in
        try file.read(into: &piece, at: start)
        crc.update(piece.bytes)
        visit(start, piece.bytes)
      }
    }
    return crc.value
  }
}
