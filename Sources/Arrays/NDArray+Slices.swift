import Files

extension NDArray {
  /// A part of the array in memory of its own, of which no more is read than is needed.
  ///
  /// ```swift
  /// let checkpoint = try Checkpoint(contentsOf: "model.safetensors", access: .mapped)
  /// let rows = try checkpoint.state["lm_head.weight"]?.slice(0..<128)
  /// let block = try checkpoint.state["lm_head.weight"]?.slice(0..<128, 1024...)
  /// ```
  ///
  /// Of a tensor that is in a file still (`Access.mapped`), be it in several pieces or in several files, the
  /// bytes of the part are read, with gaps of no more than a page, and nothing else comes into memory: neither
  /// the tensor nor its mapping. Of one that is in memory, as all are that a file has compressed, the part is
  /// copied. Elements of views in any order are read so too: ``sliced(axis:_:step:)``, ``transposed(_:_:)``
  /// and others of the array say what is meant, and `slice()` of them reads it.
  ///
  /// Equivalent to `get_slice(name)[0:128, 1024:]` of the `safetensors` library, of any format.
  ///
  /// - Parameters:
  ///   - ranges: The indices along each dimension, such as `0..<128`, `..<128` or `1024...`, within the
  ///     dimension; anything else traps. Of dimensions that are not named, behind the others, all is
  ///     taken.
  /// - Returns: The elements, in row-major order, equal to the bit to those of the whole.
  /// - Throws: `FileError` if the system cannot read them, or a file is not as it was when it was opened.
  public func slice(_ ranges: any RangeExpression<Int>...) throws(FileError) -> NDArray {
    require(
      ranges.count <= rank,
      "slice: \(ranges.count) ranges are more than the dimensions of shape \(shape)")
    var part = layout
    for (axis, range) in ranges.enumerated() {
      part = part.sliced(axis: axis, range.relative(to: 0..<shape[axis]))
    }
    let slice = try view(part).readIntoMemory()
    for file in storage.source?.files ?? [] { try file.checkIsUnchanged() }
    return slice
  }

  /// The elements in memory of their own, in row-major order, read from where they are rather than touched in a
  /// mapping.
  ///
  /// - Throws: `FileError` if a file cannot be read, as one that was cut short meanwhile.
  package func readIntoMemory() throws(FileError) -> NDArray {
    let result = NDArray(uninitialized: shape, dtype: dtype)
    try result.storage.withMutableBytes { (bytes) throws(FileError) in
      try read(0..<elementCount, into: &bytes)
    }
    return result
  }

  /// Fills `bytes` with elements in row-major order, which are read from where they are if they are not in memory
  /// alone.
  ///
  /// - Parameter range: The elements, counted in row-major order.
  /// - Throws: `FileError` if a file cannot be read.
  package func read(_ range: Range<Int>, into bytes: inout MutableRawSpan) throws(FileError) {
    if let source = storage.source {
      try StridedReading(layout, itemSize: dtype.itemSize, from: source).read(range, into: &bytes)
    } else {
      storage.withBytes { source in
        StridedCopy.gather(
          range, of: layout, from: source, itemSize: dtype.itemSize, into: &bytes)
      }
    }
  }
}
