import Files

extension NDArray {
  /// Calls `body` with the bytes of the elements in row-major order, one block at a time.
  ///
  /// Suitable for arrays larger than memory. Contiguous elements are passed in place. Others
  /// are gathered into a buffer of bounded size, so an array that is large only because it repeats
  /// elements (`expand`) takes no more memory than that. Contiguous elements in a mapped file are
  /// read rather than touched, so the file does not fill this process's memory, and a truncated
  /// file is an error rather than a signal; so are those that are put together from several places.
  /// Elements that are gathered are touched.
  ///
  /// - Parameters:
  ///   - range: The elements to visit, counted in row-major order; nil for all.
  ///   - blockByteCount: The size of a block in bytes. A block holds at least one element.
  ///   - body: Receives the bytes of a block, and the offset of its first byte among the array's
  ///     bytes.
  /// - Throws: `FileError` if a file cannot be read, and what `body` throws.
  public func forEachBlock(
    in range: Range<Int>? = nil, ofByteCount blockByteCount: Int = 1 << 20,
    _ body: (RawSpan, Int) throws -> Void
  ) throws {
    let range = range ?? 0..<elementCount
    let blockLength = max(blockByteCount / dtype.itemSize, 1)
    guard isContiguous else { return try forEachGatheredBlock(in: range, blockLength, body) }
    let source = storage.source
    let buffer = Storage(
      uninitializedByteCount: source == nil
        ? 0 : min(blockLength, range.count) * dtype.itemSize)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: blockLength) {
      let first = (layout.offset + start) * dtype.itemSize
      let byteCount = min(blockLength, range.upperBound - start) * dtype.itemSize
      if let source {
        try buffer.withMutableBytes { bytes in
          try bytes.withBytes(in: 0..<byteCount) { bytes in
            try source.read(into: &bytes, at: first)
            try body(bytes.bytes, start * dtype.itemSize)
          }
        }
      } else {
        try storage.withBytes { bytes in
          try body(bytes.extracting(first..<(first + byteCount)), start * dtype.itemSize)
        }
      }
    }
  }

  /// The size of the buffer for gathered elements.
  ///
  /// In a transposed matrix each row has an element in every cache line of the matrix, so many rows
  /// must be gathered at once.
  private static var gatheredByteCount: Int { 4 << 20 }

  private func forEachGatheredBlock(
    in range: Range<Int>, _ blockLength: Int, _ body: (RawSpan, Int) throws -> Void
  ) throws {
    let itemSize = dtype.itemSize
    let gatheredLength = max(Self.gatheredByteCount / itemSize / blockLength, 1) * blockLength
    let buffer = Storage(uninitializedByteCount: min(gatheredLength, range.count) * itemSize)
    for start in stride(from: range.lowerBound, to: range.upperBound, by: gatheredLength) {
      let count = min(gatheredLength, range.upperBound - start)
      buffer.withMutableBytes { bytes in
        bytes.withBytes(in: 0..<count * itemSize) { gather(start..<(start + count), into: &$0) }
      }
      try buffer.withBytes { bytes in
        for first in stride(from: 0, to: count, by: blockLength) {
          let end = min(first + blockLength, count)
          try body(
            bytes.extracting((first * itemSize)..<(end * itemSize)), (start + first) * itemSize)
        }
      }
    }
  }

  /// Copies the elements at `range`, counted in row-major order, one after the other.
  private func gather(_ range: Range<Int>, into destination: inout MutableRawSpan) {
    storage.withUnalignedBytes { source in
      StridedCopy.gather(
        range, of: layout, from: source, itemSize: dtype.itemSize, into: &destination)
    }
  }

  /// Calls `body` with the bytes of the elements, converted to another type, one block at a time.
  ///
  /// - Parameters:
  ///   - range: The elements to visit, counted in row-major order; nil for all.
  ///   - dtype: The type to convert each block to; see ``converted(to:)``.
  ///   - blockByteCount: The size of a block in bytes before conversion. A block holds at least one
  ///     element.
  ///   - body: Receives the converted bytes of a block, and the offset of its first byte among the
  ///     bytes of the converted array.
  /// - Throws: `FileError` if a file cannot be read, ``ConversionError`` if there is no such
  ///   conversion, and what `body` throws.
  public func forEachBlock(
    in range: Range<Int>? = nil, as dtype: DType, ofByteCount blockByteCount: Int = 1 << 20,
    _ body: (RawSpan, Int) throws -> Void
  ) throws {
    guard dtype != self.dtype else {
      return try forEachBlock(in: range, ofByteCount: blockByteCount, body)
    }
    try checkConversion(to: dtype)
    let itemSize = self.dtype.itemSize
    let buffer = Storage(
      uninitializedByteCount: max(blockByteCount / itemSize, 1) * dtype.itemSize)
    try forEachBlock(in: range, ofByteCount: blockByteCount) { bytes, place in
      try buffer.withMutableBytes { converted in
        let count = bytes.byteCount / itemSize * dtype.itemSize
        try converted.withBytes(in: 0..<count) { converted in
          ElementConversion.convert(bytes, self.dtype, into: &converted, dtype)
          try body(converted.bytes, place / itemSize * dtype.itemSize)
        }
      }
    }
  }
}
