import Arrays
import Files
import States
import Synchronization

/// Moves the bytes of tensors from where they are to files and members of archives, on several
/// threads, with their checksums: the one loop by which all formats are written.
///
/// Each tensor is read once, a block at a time, converted on the way if need be, and summed up in
/// the same pass. Nothing is kept but a block per thread, so that a checkpoint may be larger than
/// memory.
package struct TensorStream: Sendable {
  /// A tensor, and the place that waits for its bytes.
  package struct Item: Sendable {
    /// The values.
    package let array: NDArray
    /// The type in which they are written.
    package let dtype: DType
    /// Where the first byte goes.
    package let place: Place

    /// A tensor on its way.
    package init(_ array: NDArray, as dtype: DType, to place: Place) {
      self.array = array
      self.dtype = dtype
      self.place = place
    }
  }

  /// Where the bytes of a tensor go, one after the other.
  package enum Place: Sendable {
    /// Into a file, from an offset on.
    case file(ReplacementFile, offset: Int)
    /// Into a member of an archive, from an offset in its content on.
    case member(ZipArchiveWriter.Member, of: ZipArchiveWriter, offset: Int)

    /// The place so many bytes behind this one.
    package func advanced(by count: Int) -> Place {
      switch self {
      case .file(let file, let offset): .file(file, offset: offset + count)
      case .member(let member, let archive, let offset):
        .member(member, of: archive, offset: offset + count)
      }
    }

    /// Writes bytes so many bytes behind this place. May be called from several threads.
    package func write(_ bytes: RawSpan, at count: Int) throws(FileError) {
      switch self {
      case .file(let file, let offset): try file.write(bytes, at: offset + count)
      case .member(let member, let archive, let offset):
        try archive.write(bytes, to: member, at: offset + count)
      }
    }
  }

  private let items: [Item]
  private let threads: Int
  private let seen: ReadChecksums?

  /// - Parameters:
  ///   - threads: How many threads read and write.
  ///   - seen: What takes the checksums of what is read of files; nil if they are not needed.
  package init(_ items: [Item], threads: Int, recording seen: ReadChecksums?) {
    self.items = items
    self.threads = threads
    self.seen = seen
  }

  /// Small enough to be in the cache still when it is written after its checksum was made.
  private static let pieceByteCount = 1 << 20

  /// Writes all tensors.
  ///
  /// - Returns: The CRC-32 of each tensor's bytes as they were written, in the order of the items.
  /// - Throws: `FileError` if a tensor cannot be read or written.
  package func write() throws -> [UInt32] {
    let blocks = TensorBlock.blocks(of: items.enumerated().map { ($0, $1.array) })
    let units = TensorBlock.units(of: blocks) { items[$0].dtype }
    let parts = Mutex([UInt32](repeating: 0, count: blocks.count))
    try Parallel.forEach(units.count, threads: threads) { unit in
      let work = WatchedWork.current
      var run = RunWriter()
      var sums: [UInt32] = []
      for number in units[unit] {
        let item = items[blocks[number].tensor]
        var sum = CRC32()
        try item.array.forEachSummedBlock(
          in: blocks[number].range, as: item.dtype, ofByteCount: Self.pieceByteCount,
          recording: seen
        ) { bytes, checksum, position in
          sum.append(checksum, byteCount: bytes.byteCount)
          work?.complete(
            byteCount: bytes.byteCount / item.dtype.itemSize * item.array.dtype.itemSize)
          switch item.place {
          case .file(let file, let offset): try run.write(bytes, to: file, at: offset + position)
          case .member(let member, let archive, let offset):
            try archive.write(bytes, checksum, to: member, at: offset + position)
          }
        }
        sums.append(sum.value)
      }
      try run.flush()
      let first = units[unit].lowerBound
      parts.withLock { parts in
        for (number, sum) in sums.enumerated() { parts[first + number] = sum }
      }
    }
    try items.lazy.map(\.array).checkMappedFiles()
    var sums = [CRC32](repeating: CRC32(), count: items.count)
    for (block, part) in zip(blocks, parts.withLock { $0 }) {
      sums[block.tensor].append(
        part, byteCount: block.range.count * items[block.tensor].dtype.itemSize)
    }
    return sums.map(\.value)
  }
}

/// Joins small pieces that are next to each other in a file, so that it is written in few calls.
private struct RunWriter {
  private var file: ReplacementFile?
  private var buffer: [UInt8] = []
  private var start = 0

  private static let capacity = 1 << 18
  /// Pieces from this size on are worth a call each.
  private static let directByteCount = 1 << 15
  /// Gaps up to this size, which alignment leaves, are written as zeros.
  private static let maximumGap = 256

  mutating func write(
    _ bytes: RawSpan, to target: ReplacementFile, at place: Int
  ) throws(FileError) {
    if file !== target {
      try flush()
      file = target
    }
    guard bytes.byteCount < Self.directByteCount else {
      try flush()
      return try target.write(bytes, at: place)
    }
    let gap = place - start - buffer.count
    if buffer.isEmpty || gap < 0 || gap > Self.maximumGap
      || buffer.count + gap + bytes.byteCount > Self.capacity
    {
      try flush()
      buffer.reserveCapacity(Self.capacity)
      start = place
    } else if gap > 0 {
      buffer.append(contentsOf: repeatElement(0, count: gap))
    }
    buffer.append(copying: bytes)
  }

  mutating func flush() throws(FileError) {
    guard let file, !buffer.isEmpty else { return }
    try file.write(buffer, at: start)
    buffer.removeAll(keepingCapacity: true)
  }
}
