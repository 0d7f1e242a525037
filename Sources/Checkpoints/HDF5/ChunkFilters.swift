import Arrays
import CSupport
import Files
import HDF5

/// What was done to a chunk on its way to the file, to be undone.
package struct ChunkFilters {
  private let filters: [HDF5Filter]
  private let place: CheckpointPlace

  /// Whether a filter can be undone: deflate, shuffle, the check of fletcher32, LZF, scale-offset, and
  /// n-bit where it leaves out nothing.
  package static func isKnown(_ filter: HDF5Filter) -> Bool {
    switch filter.id {
    case HDF5Filter.deflateID, HDF5Filter.shuffleID, HDF5Filter.fletcher32ID, HDF5Filter.lzfID:
      true
    case HDF5Filter.scaleOffsetID: ScaleOffset(filter) != nil
    case HDF5Filter.nbitID: isIdentity(nbit: filter)
    default: false
    }
  }

  /// Whether n-bit found nothing to leave out, as its second parameter says: see `H5Znbit.c`.
  private static func isIdentity(nbit filter: HDF5Filter) -> Bool {
    filter.parameters.count >= 2 && filter.parameters[1] != 0
  }

  /// - Parameters:
  ///   - filters: In the order of writing.
  ///   - mask: A bit for each filter that was left out for this chunk.
  package init(_ filters: [HDF5Filter], skipping mask: UInt32, _ place: CheckpointPlace) {
    self.filters = filters.enumerated().filter { mask >> UInt32($0.offset) & 1 == 0 }
      .map(\.element)
    self.place = place
  }

  /// Brings the bytes of a chunk to what they were before the filters.
  ///
  /// - Parameters:
  ///   - stored: The bytes in the file.
  ///   - destination: Of as many bytes as a chunk has.
  ///   - memory: For what is between two filters.
  /// - Throws: ``CheckpointError`` if the bytes are not what the filters make.
  package func undo(
    _ stored: RawSpan, into destination: inout MutableRawSpan, itemSize: Int, _ memory: ChunkMemory
  ) throws {
    var made: Made?
    var count = stored.byteCount
    for (index, filter) in filters.enumerated().reversed() {
      /// Lends the bytes that are left to undo, and room for so many; says how many are made of them.
      func replace(
        by room: Int, _ body: (RawSpan, inout MutableRawSpan) throws -> Int
      ) throws {
        let isLast = index == 0 && room == destination.byteCount
        let target = isLast ? nil : memory.next(byteCount: room)
        let source = count
        try Self.withBytes(of: made, stored, source) { bytes in
          if let target {
            count = try target.withMutableBytes(in: 0..<room) { try body(bytes, &$0) }
          } else {
            count = try body(bytes, &destination)
          }
        }
        made = target.map(Made.between) ?? .inPlace
      }
      switch filter.id {
      case HDF5Filter.deflateID, HDF5Filter.lzfID:
        // The filters before may have made it smaller.
        try replace(by: destination.byteCount + Self.added(by: filters[..<index])) {
          try expand($0, with: filter, into: &$1, memory)
        }
      case HDF5Filter.scaleOffsetID:
        let scaling = ScaleOffset(filter)
        if scaling?.isIdentity == true { break }
        try replace(by: destination.byteCount) {
          guard let scaling, scaling.undo($0, into: &$1) else {
            throw place.damaged("a chunk is not what scale-offset makes of numbers")
          }
          return $1.byteCount
        }
      case HDF5Filter.nbitID where Self.isIdentity(nbit: filter): break
      case HDF5Filter.shuffleID:
        try replace(by: count) {
          Self.unshuffle(
            $0, into: &$1, itemSize: Int(filter.parameters.first ?? UInt32(itemSize)))
          return $1.byteCount
        }
      case HDF5Filter.fletcher32ID:
        count = try Self.withBytes(of: made, stored, count) { try checkedByteCount($0) }
      default: throw place.damaged("a chunk has the unknown filter \(filter.id)")
      }
    }
    guard count == destination.byteCount else {
      throw place.damaged(
        "a chunk has \(count) bytes, and should have \(destination.byteCount)")
    }
    if case .inPlace = made { return }
    Self.withBytes(of: made, stored, count) { destination.copy($0) }
  }

  /// Where the bytes are that the filters have left so far, if not where they were stored.
  private enum Made {
    case between(Storage)
    /// In the destination, which the last filter fills.
    case inPlace
  }

  private static func withBytes<Result>(
    of made: Made?, _ stored: RawSpan, _ count: Int, _ body: (RawSpan) throws -> Result
  ) rethrows -> Result {
    guard case .between(let storage) = made else { return try body(stored.extracting(0..<count)) }
    return try storage.withBytes(in: 0..<count, body)
  }

  /// The bytes by which filters may enlarge a chunk: a checksum, and what scaled numbers begin with.
  private static func added(by filters: ArraySlice<HDF5Filter>) -> Int {
    filters.reduce(0) { sum, filter in
      switch filter.id {
      case HDF5Filter.fletcher32ID: sum + 4
      case HDF5Filter.scaleOffsetID: sum + 32
      default: sum
      }
    }
  }

  /// Expands what is compressed.
  ///
  /// - Returns: How many bytes it is.
  private func expand(
    _ bytes: RawSpan, with filter: HDF5Filter, into target: inout MutableRawSpan,
    _ memory: ChunkMemory
  ) throws -> Int {
    var count: Int?
    if filter.id == HDF5Filter.lzfID {
      count = LZF.decompress(bytes, into: &target)
    } else {
      guard let decompressor = memory.decompressor else {
        throw place.damaged("there is no memory to decompress a chunk")
      }
      count = decompressor.expand(zlib: bytes, into: &target)
    }
    guard let count else {
      throw place.damaged("a chunk does not decompress to its \(target.byteCount) bytes")
    }
    return count
  }

  /// Puts the bytes of each element together again; those that make no whole element stay.
  private static func unshuffle(
    _ bytes: RawSpan, into target: inout MutableRawSpan, itemSize: Int
  ) {
    guard itemSize > 1, bytes.byteCount >= itemSize else { return target.copy(bytes) }
    precondition(target.byteCount >= bytes.byteCount)
    let count = bytes.byteCount / itemSize
    // A C function that reads and writes as many whole elements, for which there is room.
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe target.withUnsafeMutableBytes { target in
        unsafe cf_unshuffle(bytes.baseAddress, target.baseAddress, count, itemSize)
      }
    }
    for index in (count * itemSize)..<bytes.byteCount { target[index] = bytes[index] }
  }

  /// How many bytes are before their checksum, which is compared with theirs.
  private func checkedByteCount(_ bytes: RawSpan) throws -> Int {
    guard bytes.byteCount >= 4 else { throw place.damaged("a chunk has no checksum") }
    let content = bytes.extracting(droppingLast: 4)
    guard Self.fletcher32(content) == bytes.loadLittleEndian(at: content.byteCount) else {
      throw place.damaged("a chunk does not match its checksum")
    }
    return content.byteCount
  }

  /// Fletcher's checksum over big-endian words of 16 bits, as the filter of HDF5 computes it.
  private static func fletcher32(_ bytes: RawSpan) -> UInt32 {
    var low: UInt64 = 0
    var high: UInt64 = 0
    // Modulo 0xFFFF, where only what is zero throughout is zero.
    func fold(_ sum: inout UInt64) { while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 } }
    let wholeByteCount = bytes.byteCount & ~1
    for start in stride(from: 0, to: wholeByteCount, by: foldedByteCount) {
      for index in stride(
        from: start, to: min(start + foldedByteCount, wholeByteCount), by: 2)
      {
        low += UInt64(UInt16(bigEndian: bytes.load(at: index)))
        high += low
      }
      fold(&low)
      fold(&high)
    }
    if wholeByteCount < bytes.byteCount {
      low += UInt64(bytes[wholeByteCount]) << 8
      high += low
      fold(&low)
      fold(&high)
    }
    return UInt32(truncatingIfNeeded: high << 16 | low)
  }

  /// After as many bytes sums are reduced: long before they leave 64 bits.
  private static let foldedByteCount = 8192
}
