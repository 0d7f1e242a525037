extension NDArray {
  /// Calls `body` with the bytes of the elements in row-major order, a block at a time.
  ///
  /// A contiguous array is handed over in one piece or in pieces of `blockByteCount`; any other
  /// is gathered into a buffer of that size, so that an array that is large only because it
  /// repeats its elements (`expand`) takes no more memory than that.
  ///
  /// - Parameters:
  ///   - blockByteCount: The size of a block, at least one element.
  ///   - body: Is given the bytes and the position of the first among the array's bytes.
  public func forEachBlock<E: Error>(
    ofByteCount blockByteCount: Int,
    _ body: (UnsafeRawBufferPointer, Int) throws(E) -> Void
  ) throws(E) {
    let itemSize = dtype.itemSize
    let blockLength = max(blockByteCount / itemSize, 1)
    let count = elementCount
    if isContiguous {
      try withContiguousBytes { bytes throws(E) in
        var start = 0
        while start < bytes.count {
          let end = min(start + blockLength * itemSize, bytes.count)
          try body(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), start)
          start = end
        }
      }
      return
    }
    let block = Storage(uninitializedByteCount: min(blockLength, count) * itemSize)
    var start = 0
    while start < count {
      let end = min(start + blockLength, count)
      storage.withUnsafeBytes { source in
        block.withUnsafeMutableBytes { destination in
          StridedCopy.gather(
            start..<end, of: layout, from: source, itemSize: itemSize, into: destination)
        }
      }
      try block.withUnsafeBytes { bytes throws(E) in
        try body(
          UnsafeRawBufferPointer(rebasing: bytes[..<((end - start) * itemSize)]), start * itemSize)
      }
      start = end
    }
  }
}
