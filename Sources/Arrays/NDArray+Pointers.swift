// For kernels, which take plain pointers. Whoever uses one keeps the array alive meanwhile.
extension NDArray {
  /// Where the first element lies. Others lie as ``layout`` says.
  package var pointer: UnsafeRawPointer {
    UnsafeRawPointer(storage.base + layout.offset * dtype.itemSize)
  }

  /// Where the first element of a new array lies, to be set.
  ///
  /// Only for an array that this caller has just made and given to no one.
  package var freshPointer: UnsafeMutableRawPointer {
    storage.base + layout.offset * dtype.itemSize
  }

  /// Where the first element lies, to be changed, after making the elements this array's own and
  /// putting them in row-major order.
  package mutating func mutablePointer() -> UnsafeMutableRawPointer {
    makeUniqueAndContiguous()
    // Tells the storage that it may no longer equal the file that it was mapped from.
    return storage.withUnsafeMutableBytes { _ in freshPointer }
  }
}
