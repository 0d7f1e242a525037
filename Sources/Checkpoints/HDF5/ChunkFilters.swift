import CDeflate
import CSupport
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
    _ stored: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer,
    itemSize: Int, _ memory: ChunkMemory
  ) throws {
    var bytes = stored
    for (index, filter) in filters.enumerated().reversed() {
      switch filter.id {
      case HDF5Filter.deflateID, HDF5Filter.lzfID:
        let target =
          index == 0
          ? destination
          : memory.next(byteCount: destination.count + Self.added(by: filters[..<index]))
        // The filters before may have made it smaller.
        let count = try expand(bytes, with: filter, into: target, memory)
        bytes = UnsafeRawBufferPointer(rebasing: target[..<count])
      case HDF5Filter.scaleOffsetID:
        let scaling = ScaleOffset(filter)
        if scaling?.isIdentity == true { break }
        let target = index == 0 ? destination : memory.next(byteCount: destination.count)
        guard let scaling, scaling.undo(bytes, into: target) else {
          throw place.damaged("a chunk is not what scale-offset makes of numbers")
        }
        bytes = UnsafeRawBufferPointer(target)
      case HDF5Filter.nbitID where Self.isIdentity(nbit: filter): break
      case HDF5Filter.shuffleID:
        let isLast = index == 0 && bytes.count == destination.count
        let target = isLast ? destination : memory.next(byteCount: bytes.count)
        Self.unshuffle(
          bytes, into: target, itemSize: Int(filter.parameters.first ?? UInt32(itemSize)))
        bytes = UnsafeRawBufferPointer(target)
      case HDF5Filter.fletcher32ID: bytes = try checked(bytes)
      default: throw place.damaged("a chunk has the unknown filter \(filter.id)")
      }
    }
    guard bytes.count == destination.count else {
      throw place.damaged(
        "a chunk has \(bytes.count) bytes, and should have \(destination.count)")
    }
    if bytes.baseAddress != UnsafeRawPointer(destination.baseAddress) {
      destination.copyMemory(from: bytes)
    }
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
    _ bytes: UnsafeRawBufferPointer, with filter: HDF5Filter,
    into target: UnsafeMutableRawBufferPointer, _ memory: ChunkMemory
  ) throws -> Int {
    var count: Int?
    if filter.id == HDF5Filter.lzfID {
      count = LZF.decompress(bytes, into: target)
    } else {
      guard let decompressor = memory.decompressor else {
        throw place.damaged("there is no memory to decompress a chunk")
      }
      var found = 0
      let result = libdeflate_zlib_decompress(
        decompressor, bytes.baseAddress, bytes.count, target.baseAddress, target.count, &found)
      if result == LIBDEFLATE_SUCCESS { count = found }
    }
    guard let count else {
      throw place.damaged("a chunk does not decompress to its \(target.count) bytes")
    }
    return count
  }

  /// Puts the bytes of each element together again; those that make no whole element stay.
  private static func unshuffle(
    _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, itemSize: Int
  ) {
    guard itemSize > 1, bytes.count >= itemSize else { return target.copyMemory(from: bytes) }
    let count = bytes.count / itemSize
    cf_unshuffle(bytes.baseAddress, target.baseAddress, count, itemSize)
    for index in (count * itemSize)..<bytes.count { target[index] = bytes[index] }
  }

  /// The bytes before their checksum, which is compared with theirs.
  private func checked(_ bytes: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    guard bytes.count >= 4 else { throw place.damaged("a chunk has no checksum") }
    let content = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 4)])
    let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard Self.fletcher32(content) == stored else {
      throw place.damaged("a chunk does not match its checksum")
    }
    return content
  }

  /// Fletcher's checksum over big-endian words of 16 bits, as the filter of HDF5 computes it.
  private static func fletcher32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var low: UInt32 = 0
    var high: UInt32 = 0
    let fold = { (sum: UInt32) in (sum & 0xFFFF) + (sum >> 16) }
    var index = 0
    while index < bytes.count {
      let word =
        UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
      low = fold(low + word)
      high = fold(high + low)
      index += 2
    }
    return fold(high) << 16 | fold(low)
  }
}
