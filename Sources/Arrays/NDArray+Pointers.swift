// For kernels, which take plain pointers. Whoever uses one keeps the array alive meanwhile.
extension NDArray {
  /// The address of the first element. The others are placed as ``layout`` says.
  package var pointer: UnsafeRawPointer {
    unsafe UnsafeRawPointer(storage.base + layout.offset * dtype.itemSize)
  }

  /// The address of the first element of a new array, for initializing it.
  ///
  /// Only for an array that the caller has just made and not yet shared.
  package var freshPointer: UnsafeMutableRawPointer {
    unsafe storage.base + layout.offset * dtype.itemSize
  }

  /// The address of the first element, for writing.
  ///
  /// Makes the array the sole owner of its elements first, in row-major order.
  package mutating func mutablePointer() -> UnsafeMutableRawPointer {
    makeUniqueAndContiguous()
    return unsafe freshPointer
  }
}
