import Files

extension NDArray {
  /// Calls `body` with the bytes of the elements as a type, a block at a time, and remembers the
  /// checksums of what was read of a file.
  ///
  /// - Parameters:
  ///   - seen: What takes the checksums; nil if nobody wants them.
  ///   - body: Is given the bytes, and the place of the first one among those of the array.
  /// - Throws: As `forEachBlock(in:as:ofByteCount:_:)`.
  package func forEachBlock(
    in range: Range<Int>? = nil, as dtype: DType, ofByteCount blockByteCount: Int = 1 << 20,
    recording seen: ReadChecksums?, _ body: (UnsafeRawBufferPointer, Int) throws -> Void
  ) throws {
    guard seen != nil, region(as: dtype) != nil else {
      return try forEachBlock(in: range, as: dtype, ofByteCount: blockByteCount, body)
    }
    try forEachSummedBlock(in: range, as: dtype, ofByteCount: blockByteCount, recording: seen) {
      bytes, _, place in try body(bytes, place)
    }
  }

  /// Calls `body` with the bytes of the elements as a type, a block at a time, and their CRC-32,
  /// which serves for what was read and for what is written if both are the same bytes.
  ///
  /// - Parameters:
  ///   - seen: What takes the checksums of what was read of a file.
  ///   - body: Is given the bytes, their checksum, and the place of the first one among those of the
  ///     array.
  /// - Throws: As `forEachBlock(in:as:ofByteCount:_:)`.
  package func forEachSummedBlock(
    in range: Range<Int>? = nil, as dtype: DType, ofByteCount blockByteCount: Int = 1 << 20,
    recording seen: ReadChecksums?, _ body: (UnsafeRawBufferPointer, UInt32, Int) throws -> Void
  ) throws {
    let region = region(as: dtype)
    try forEachBlock(in: range, as: dtype, ofByteCount: blockByteCount) { bytes, place in
      let checksum = CRC32.checksum(bytes)
      if let seen, let region {
        let start = region.range.lowerBound + layout.offset * dtype.itemSize + place
        seen.record(checksum, of: start..<start + bytes.count, in: region.file)
      }
      try body(bytes, checksum, place)
    }
  }

  /// The part of a file from which the elements come as they are, one after the other.
  private func region(as dtype: DType) -> FileRegion? {
    isContiguous && dtype == self.dtype ? storage.fileRegion : nil
  }
}
