import Files
import Platform

extension NDArray {
  /// Calls `body` with the elements in row-major order without gaps.
  ///
  /// Copies them first if they do not lie so.
  ///
  /// - Precondition: `T` is the array's type.
  public func withElements<T: NDArrayElement, R, E: Error>(
    as type: T.Type, _ body: (UnsafeBufferPointer<T>) throws(E) -> R
  ) throws(E) -> R {
    require(T.dtype == dtype, "an array of \(dtype) has no elements of type \(T.dtype)")
    return try withContiguousBytes { bytes throws(E) in
      try body(bytes.assumingMemoryBound(to: T.self))
    }
  }

  /// Calls `body` with the elements in row-major order without gaps, to be changed.
  ///
  /// - Precondition: `T` is the array's type.
  public mutating func withMutableElements<T: NDArrayElement, R, E: Error>(
    as type: T.Type, _ body: (UnsafeMutableBufferPointer<T>) throws(E) -> R
  ) throws(E) -> R {
    require(T.dtype == dtype, "an array of \(dtype) has no elements of type \(T.dtype)")
    return try withMutableContiguousBytes { bytes throws(E) in
      try body(bytes.assumingMemoryBound(to: T.self))
    }
  }

  /// Calls `body` with the bytes of the elements in row-major order without gaps.
  ///
  /// Copies them first if they do not lie so.
  public func withContiguousBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    let array = contiguous()
    let start = array.layout.offset * dtype.itemSize
    let count = byteCount
    return try array.storage.withUnsafeBytes { bytes throws(E) in
      try body(
        UnsafeRawBufferPointer(rebasing: bytes[start..<(count == 0 ? start : start + count)]))
    }
  }

  /// Calls `body` with the bytes of the elements in row-major order without gaps, to be changed.
  public mutating func withMutableContiguousBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    makeUniqueAndContiguous()
    let start = layout.offset * dtype.itemSize
    let count = byteCount
    return try storage.withUnsafeMutableBytes { bytes throws(E) in
      try body(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + count]))
    }
  }

  /// The elements in row-major order.
  ///
  /// - Precondition: `T` is the array's type.
  public func elements<T: NDArrayElement>(as type: T.Type = T.self) -> [T] {
    withElements(as: type) { Array($0) }
  }

  /// The one element of an array that has one.
  ///
  /// - Precondition: `T` is the array's type, and there is one element.
  public func item<T: NDArrayElement>(as type: T.Type = T.self) -> T {
    require(elementCount == 1, "item: shape \(shape) does not have one element")
    return withElements(as: type) { $0[0] }
  }

  /// Whether two arrays have the same type, shape and bits: NaN equals itself, 0 is not −0.
  public func isBitwiseEqual(to other: NDArray) -> Bool {
    guard dtype == other.dtype, shape == other.shape else { return false }
    if isIdentical(to: other) { return true }
    return withContiguousBytes { mine in
      other.withContiguousBytes { theirs in mine.elementsAreEqual(to: theirs) }
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func elementsAreEqual(to other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count, let mine = baseAddress, let theirs = other.baseAddress else {
      return count == other.count
    }
    return memcmp(mine, theirs, count) == 0
  }
}
