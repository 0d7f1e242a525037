/// Copies elements between a strided layout and row-major order.
enum StridedCopy {
  /// Copies the elements of `layout` in `source` to `destination`, one after the other.
  static func gather(
    from source: UnsafeRawBufferPointer, layout: Layout, itemSize: Int,
    into destination: UnsafeMutableRawBufferPointer
  ) {
    let count = layout.shape.elementCount
    guard count > 0, let from = source.baseAddress, let to = destination.baseAddress else { return }
    if layout.isContiguous {
      to.copyMemory(from: from + layout.offset * itemSize, byteCount: count * itemSize)
      return
    }
    switch itemSize {
    case 1: gather(from, layout, to, UInt8.self)
    case 2: gather(from, layout, to, UInt16.self)
    case 4: gather(from, layout, to, UInt32.self)
    case 8: gather(from, layout, to, UInt64.self)
    default: gather(from, layout, to, (UInt64, UInt64).self)
    }
  }

  private static func gather<T>(
    _ source: UnsafeRawPointer, _ layout: Layout, _ destination: UnsafeMutableRawPointer,
    _ type: T.Type
  ) {
    let source = source.assumingMemoryBound(to: T.self)
    var destination = destination.assumingMemoryBound(to: T.self)
    let length = layout.shape[layout.shape.rank - 1]
    let stride = layout.strides[layout.shape.rank - 1]
    forEachRow(of: layout) { start in
      for index in 0..<length {
        destination[index] = source[start + index * stride]
      }
      destination += length
    }
  }

  /// Calls `body` with the position of the first element of each run along the last dimension,
  /// in row-major order.
  ///
  /// - Precondition: The layout has a dimension, and an element.
  private static func forEachRow(of layout: Layout, _ body: (Int) -> Void) {
    let outer = layout.shape.rank - 1
    var index = [Int](repeating: 0, count: outer)
    var position = layout.offset
    while true {
      body(position)
      var axis = outer - 1
      while axis >= 0 {
        index[axis] += 1
        position += layout.strides[axis]
        if index[axis] < layout.shape[axis] { break }
        position -= index[axis] * layout.strides[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
