import Files

extension NDArray {
  /// Calls `body` with the elements, in row-major order and without gaps.
  ///
  /// The elements are copied first unless they are already in that order. The pointer is valid only
  /// during the call.
  ///
  /// - Parameters:
  ///   - type: The Swift type of an element.
  ///   - body: Receives ``elementCount`` elements.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  /// - Precondition: `T.dtype` is the array's type.
  public func withElements<T: NDArrayElement, R, E: Error>(
    as type: T.Type, _ body: (UnsafeBufferPointer<T>) throws(E) -> R
  ) throws(E) -> R {
    require(T.dtype == dtype, "an array of \(dtype) has no elements of type \(T.dtype)")
    // Every array has memory for whole elements of its type, aligned for them.
    return try withContiguousBytes { bytes throws(E) in
      try unsafe bytes.withUnsafeBytes { bytes throws(E) in
        try unsafe body(bytes.assumingMemoryBound(to: T.self))
      }
    }
  }

  /// Calls `body` with the elements, in row-major order and without gaps, for writing.
  ///
  /// If other arrays share the storage, or the elements have gaps, the array first gets a copy of
  /// its own.
  ///
  /// - Parameters:
  ///   - type: The Swift type of an element.
  ///   - body: Receives ``elementCount`` elements.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  /// - Precondition: `T.dtype` is the array's type.
  public mutating func withMutableElements<T: NDArrayElement, R, E: Error>(
    as type: T.Type, _ body: (UnsafeMutableBufferPointer<T>) throws(E) -> R
  ) throws(E) -> R {
    require(T.dtype == dtype, "an array of \(dtype) has no elements of type \(T.dtype)")
    return try withMutableContiguousBytes { bytes throws(E) in
      try unsafe bytes.withUnsafeMutableBytes { bytes throws(E) in
        try unsafe body(bytes.assumingMemoryBound(to: T.self))
      }
    }
  }

  /// Calls `body` with the bytes of the elements, in row-major order and without gaps.
  ///
  /// The elements are copied first unless they are already in that order.
  ///
  /// - Parameter body: Receives ``byteCount`` bytes, valid during the call only.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withContiguousBytes<R, E: Error>(
    _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    let array = contiguous()
    let count = byteCount
    // Without elements the offset says nothing.
    let start = count == 0 ? 0 : array.layout.offset * dtype.itemSize
    return try array.storage.withBytes { bytes throws(E) in
      try body(bytes.extracting(start..<start + count))
    }
  }

  /// Calls `body` with the bytes of the elements, in row-major order and without gaps, for writing.
  ///
  /// If other arrays share the storage, or the elements have gaps, the array first gets a copy of
  /// its own.
  ///
  /// - Parameter body: Receives ``byteCount`` bytes, valid during the call only.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public mutating func withMutableContiguousBytes<R, E: Error>(
    _ body: (inout MutableRawSpan) throws(E) -> R
  ) throws(E) -> R {
    makeUniqueAndContiguous()
    let count = byteCount
    let start = count == 0 ? 0 : layout.offset * dtype.itemSize
    return try storage.withMutableBytes { bytes throws(E) in
      try bytes.withBytes(in: start..<start + count, body)
    }
  }

  /// A copy of the elements in row-major order.
  ///
  /// - Parameter type: The Swift type of an element; usually inferred.
  /// - Precondition: `T.dtype` is the array's type. Use ``converted(to:)`` first for another one.
  public func elements<T: NDArrayElement>(as type: T.Type = T.self) -> [T] {
    unsafe withElements(as: type) { unsafe Array($0) }
  }

  /// The single element of an array that has exactly one. Equivalent to `torch.Tensor.item`.
  ///
  /// - Parameter type: The Swift type of the element; usually inferred.
  /// - Precondition: The array has one element, and `T.dtype` is its type.
  public func item<T: NDArrayElement>(as type: T.Type = T.self) -> T {
    require(elementCount == 1, "item: shape \(shape) does not have one element")
    return unsafe withElements(as: type) { unsafe $0[0] }
  }

  /// Whether two arrays agree in type, shape and every bit of every element.
  ///
  /// NaN therefore equals a NaN of the same payload, and 0 differs from −0. Layouts may differ.
  public func isBitwiseEqual(to other: NDArray) -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    if isIdentical(to: other) { return true }
    return withContiguousBytes { mine in
      other.withContiguousBytes { theirs in mine.isEqual(to: theirs) }
    }
  }
}
