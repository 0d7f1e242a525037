import CDeflate
import CFilters
import HDF5

/// What was done to a chunk on its way to the file, to be undone.
struct ChunkFilters {
  private let filters: [HDF5Filter]
  private let place: CheckpointPlace

  /// - Parameters:
  ///   - filters: In the order of writing.
  ///   - mask: A bit for each filter that was left out for this chunk.
  init(_ filters: [HDF5Filter], skipping mask: UInt32, _ place: CheckpointPlace) {
    self.filters = filters.enumerated().filter { mask >> UInt32($0.offset) & 1 == 0 }
      .map(\.element)
    self.place = place
  }

  /// The bytes of a chunk before the filters.
  ///
  /// - Parameter byteCount: How many they have to be.
  /// - Throws: ``CheckpointError`` if the bytes are not what the filters make.
  func undo(_ stored: [UInt8], byteCount: Int, itemSize: Int) throws -> [UInt8] {
    var bytes = stored
    for (index, filter) in filters.enumerated().reversed() {
      switch filter.id {
      case HDF5Filter.deflateID:
        // Only the checksum of fletcher32 may have been added before.
        let added = filters[..<index].contains { $0.id == HDF5Filter.fletcher32ID } ? 4 : 0
        bytes = try inflated(bytes, byteCount: byteCount + added)
      case HDF5Filter.shuffleID:
        bytes = Self.unshuffled(bytes, itemSize: Int(filter.parameters.first ?? UInt32(itemSize)))
      case HDF5Filter.fletcher32ID: bytes = try checked(bytes)
      default: throw place.damaged("a chunk has the unknown filter \(filter.id)")
      }
    }
    guard bytes.count == byteCount else {
      throw place.damaged("a chunk has \(bytes.count) bytes, and should have \(byteCount)")
    }
    return bytes
  }

  private func inflated(_ bytes: [UInt8], byteCount: Int) throws -> [UInt8] {
    guard let decompressor = libdeflate_alloc_decompressor() else {
      throw place.damaged("there is no memory to decompress a chunk")
    }
    defer { libdeflate_free_decompressor(decompressor) }
    let inflated = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      // Without a place for the size found, one that is not what is asked for is an error.
      let result = libdeflate_zlib_decompress(
        decompressor, bytes, bytes.count, buffer.baseAddress, byteCount, nil)
      count = result == LIBDEFLATE_SUCCESS ? byteCount : 0
    }
    guard inflated.count == byteCount else {
      throw place.damaged("a chunk does not decompress to its \(byteCount) bytes")
    }
    return inflated
  }

  /// Puts the bytes of each element together again; those that make no whole element stay.
  private static func unshuffled(_ bytes: [UInt8], itemSize: Int) -> [UInt8] {
    guard itemSize > 1, bytes.count >= itemSize else { return bytes }
    let count = bytes.count / itemSize
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, initializedCount in
      guard let base = buffer.baseAddress else { return }
      cf_unshuffle(bytes, base, count, itemSize)
      for index in (count * itemSize)..<bytes.count { buffer[index] = bytes[index] }
      initializedCount = bytes.count
    }
  }

  /// The bytes before their checksum, which is held against them.
  private func checked(_ bytes: [UInt8]) throws -> [UInt8] {
    guard bytes.count >= 4 else { throw place.damaged("a chunk has no checksum") }
    let content = bytes[..<(bytes.count - 4)]
    let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard Self.fletcher32(content) == stored else {
      throw place.damaged("a chunk does not match its checksum")
    }
    return Array(content)
  }

  /// Fletcher's checksum over big-endian words of 16 bits, as the filter of HDF5 computes it.
  private static func fletcher32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var low: UInt32 = 0
    var high: UInt32 = 0
    let fold = { (sum: UInt32) in (sum & 0xFFFF) + (sum >> 16) }
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let word =
        UInt32(bytes[index]) << 8 | (index + 1 < bytes.endIndex ? UInt32(bytes[index + 1]) : 0)
      low = fold(low + word)
      high = fold(high + low)
      index += 2
    }
    return fold(high) << 16 | fold(low)
  }
}
