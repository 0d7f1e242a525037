import Files

extension NDArray {
  /// Calls `body` with the bytes of the elements as `dtype`, one block at a time, and records the
  /// checksums of what was read from a file.
  ///
  /// - Parameters:
  ///   - range: The elements to visit, counted in row-major order; nil for all.
  ///   - dtype: The type to convert each block to.
  ///   - blockByteCount: The size of a block in bytes before conversion.
  ///   - seen: Receives the checksums; nil to compute none.
  ///   - body: Receives the bytes of a block, and the offset of its first byte among the array's
  ///     bytes.
  /// - Throws: As `forEachBlock(in:as:ofByteCount:_:)`.
  package func forEachBlock(
    in range: Range<Int>? = nil, as dtype: DType, ofByteCount blockByteCount: Int = 1 << 20,
    recording seen: ReadChecksums?, _ body: (RawSpan, Int) throws -> Void
  ) throws {
    guard seen != nil, region(as: dtype) != nil else {
      return try forEachBlock(in: range, as: dtype, ofByteCount: blockByteCount, body)
    }
    try forEachSummedBlock(in: range, as: dtype, ofByteCount: blockByteCount, recording: seen) {
      bytes, _, place in try body(bytes, place)
    }
  }

  /// Calls `body` with the bytes of the elements as `dtype`, one block at a time, and with their
  /// CRC-32.
  ///
  /// Where the bytes written are the bytes read, one checksum serves for both.
  ///
  /// - Parameters:
  ///   - range: The elements to visit, counted in row-major order; nil for all.
  ///   - dtype: The type to convert each block to.
  ///   - blockByteCount: The size of a block in bytes before conversion.
  ///   - seen: Receives the checksums of what was read from a file; nil to record none.
  ///   - body: Receives the bytes of a block, their checksum, and the offset of the first byte
  ///     among the array's bytes.
  /// - Throws: As `forEachBlock(in:as:ofByteCount:_:)`.
  package func forEachSummedBlock(
    in range: Range<Int>? = nil, as dtype: DType, ofByteCount blockByteCount: Int = 1 << 20,
    recording seen: ReadChecksums?, _ body: (RawSpan, UInt32, Int) throws -> Void
  ) throws {
    let region = region(as: dtype)
    try forEachBlock(in: range, as: dtype, ofByteCount: blockByteCount) { bytes, place in
      let checksum = CRC32.checksum(bytes)
      if let seen, let region {
        let start = region.range.lowerBound + layout.offset * dtype.itemSize + place
        seen.record(checksum, of: start..<start + bytes.byteCount, in: region.file)
      }
      try body(bytes, checksum, place)
    }
  }

  /// The part of a file from which the elements come as they are, one after the other.
  private func region(as dtype: DType) -> FileRegion? {
    isContiguous && dtype == self.dtype ? storage.fileRegion : nil
  }
}
