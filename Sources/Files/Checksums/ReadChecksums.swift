import Synchronization

/// The CRC-32 of what was read of files while their tensors were written elsewhere.
///
/// A file that is converted is so read once: whoever then holds it against its own checksums reads
/// only the rest. See `InputCheck`.
public final class ReadChecksums: Sendable {
  private struct Piece {
    let range: Range<Int>
    let checksum: UInt32
  }

  private let pieces = Mutex<[InputFile.Identity: [Piece]]>([:])

  /// Nothing was read yet.
  public init() {}

  /// Records the checksum of a range of a file. Ranges may come in any order, and may overlap.
  package func record(_ checksum: UInt32, of range: Range<Int>, in file: InputFile) {
    let piece = Piece(range: range, checksum: checksum)
    pieces.withLock { $0[file.identity, default: []].append(piece) }
  }

  /// The checksums of parts of files, of which only what is not known is read, on several threads.
  ///
  /// - Parameter known: What was read before.
  /// - Throws: `FileError` if a file cannot be read.
  package static func checksums(
    of regions: [FileRegion], known: ReadChecksums? = nil, threads: Int = Threads.count
  ) throws -> [UInt32] {
    let parts = parts(of: regions, known)
    let units = units(of: parts)
    let read = Mutex([UInt32](repeating: 0, count: parts.count))
    try Parallel.forEach(units.count, threads: threads) { unit in
      let largest = units[unit].reduce(0) { max($0, parts[$1].range.count) }
      let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(largest, pieceByteCount), alignment: 64)
      defer { buffer.deallocate() }
      for number in units[unit] {
        let part = parts[number]
        let checksum = try checksum(of: part.range, in: regions[part.region].file, buffer)
        read.withLock { $0[number] = checksum }
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

  /// A part of a region, whose checksum is known or is to be found.
  private struct Part {
    let region: Int
    /// In the file.
    let range: Range<Int>
    let checksum: UInt32?
  }

  /// What one thread takes at a time at most.
  private static let blockByteCount = 8 << 20
  /// Small parts are taken in runs of about this size.
  private static let unitByteCount = 1 << 18
  /// Small enough to be in the cache still when its checksum is made.
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
        // What was read twice, as tied tensors are, or overlaps what is not of the region, gives way.
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

  private func sorted() -> [InputFile.Identity: [Piece]] {
    pieces.withLock { $0 }.mapValues { pieces in
      pieces.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
  }

  /// The first of the sorted pieces that begins at a position or behind it.
  private static func firstIndex(in pieces: [Piece], from position: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].range.lowerBound < position { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The parts to be read, in runs that a thread takes at a time.
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

  private static func checksum(
    of range: Range<Int>, in file: InputFile, _ buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) -> UInt32 {
    var crc = CRC32()
    for start in stride(from: range.lowerBound, to: range.upperBound, by: pieceByteCount) {
      let count = min(pieceByteCount, range.upperBound - start)
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try file.read(into: piece, at: start)
      crc.update(UnsafeRawBufferPointer(piece))
    }
    return crc.value
  }
}
