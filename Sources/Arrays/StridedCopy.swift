import Files

/// Copies elements between a strided layout and row-major order.
///
/// The loops are over pointers, for which all bounds are checked at the beginning: that the layout is
/// within one of the two spans, and the elements that are copied within the other.
enum StridedCopy {
  /// Copies all elements of `layout` in `source` to `destination`, one after the other.
  static func gather(
    from source: RawSpan, layout: Layout, itemSize: Int, into destination: inout MutableRawSpan
  ) {
    gather(
      0..<layout.shape.elementCount, of: layout, from: source, itemSize: itemSize,
      into: &destination)
  }

  /// Copies the elements at `range`, counted in row-major order, one after the other.
  static func gather(
    _ range: Range<Int>, of layout: Layout, from source: RawSpan, itemSize: Int,
    into destination: inout MutableRawSpan
  ) {
    guard !range.isEmpty else { return }
    if layout.isContiguous {
      let start = (layout.offset + range.lowerBound) * itemSize
      destination.copy(source.extracting(start..<start + range.count * itemSize))
      return
    }
    require(layout.isWithin(source.byteCount / itemSize), "the layout leaves its storage")
    require(
      range.lowerBound >= 0 && range.upperBound <= layout.shape.elementCount
        && range.count * itemSize <= destination.byteCount, "there is no room for the elements")
    guard source.isAligned(to: min(itemSize, MemoryLayout<UInt64>.alignment)) else {
      var written = 0
      let stride = layout.strides[layout.shape.rank - 1]
      forEachRun(in: range, of: layout) { start, length in
        for index in 0..<length {
          let place = (start + index * stride) * itemSize
          destination.copy(source.extracting(place..<place + itemSize), at: written)
          written += itemSize
        }
      }
      return
    }
    switch itemSize {
    case 1: gather(range, source, layout, &destination, UInt8.self)
    case 2: gather(range, source, layout, &destination, UInt16.self)
    case 4: gather(range, source, layout, &destination, UInt32.self)
    case 8: gather(range, source, layout, &destination, UInt64.self)
    default: gather(range, source, layout, &destination, (UInt64, UInt64).self)
    }
  }

  private static func gather<T>(
    _ range: Range<Int>, _ source: RawSpan, _ layout: Layout,
    _ destination: inout MutableRawSpan, _ type: T.Type
  ) {
    unsafe source.withUnsafeBytes { source in
      unsafe destination.withUnsafeMutableBytes { destination in
        guard let from = source.baseAddress, let to = destination.baseAddress else { return }
        unsafe gather(
          range, from.assumingMemoryBound(to: T.self), layout, to.assumingMemoryBound(to: T.self),
          type)
      }
    }
  }

  private static func gather<T>(
    _ range: Range<Int>, _ source: UnsafePointer<T>, _ layout: Layout,
    _ destination: UnsafeMutablePointer<T>, _ type: T.Type
  ) {
    guard !range.isEmpty else { return }
    let stride = layout.strides[layout.shape.rank - 1]
    var written = 0
    if stride == 1 {
      forEachRun(in: range, of: layout) { start, length in
        unsafe (destination + written).update(from: source + start, count: length)
        written += length
      }
      return
    }
    if stride == 0 {
      forEachRun(in: range, of: layout) { start, length in
        unsafe (destination + written).update(repeating: source[start], count: length)
        written += length
      }
      return
    }
    if let tiled = TiledRows(range, of: layout) {
      // What is before the first whole row, and behind the last one.
      unsafe gather(range.lowerBound..<tiled.elements.lowerBound, source, layout, destination, type)
      unsafe tiled.gather(
        from: source, into: destination + (tiled.elements.lowerBound - range.lowerBound))
      unsafe gather(
        tiled.elements.upperBound..<range.upperBound, source, layout,
        destination + (tiled.elements.upperBound - range.lowerBound), type)
      return
    }
    forEachRun(in: range, of: layout) { start, length in
      for index in 0..<length {
        unsafe destination[written + index] = source[start + index * stride]
      }
      written += length
    }
  }

  /// Copies elements that follow each other in `source` to their places in `layout`.
  static func scatter(
    from source: RawSpan, layout: Layout, itemSize: Int, into destination: inout MutableRawSpan
  ) {
    guard layout.shape.elementCount > 0 else { return }
    guard !layout.isContiguous else {
      destination.copy(
        source.extracting(0..<layout.shape.elementCount * itemSize), at: layout.offset * itemSize)
      return
    }
    let stride = layout.strides[layout.shape.rank - 1]
    var read = 0
    forEachRun(in: 0..<layout.shape.elementCount, of: layout) { start, length in
      for index in 0..<length {
        let place = (read + index) * itemSize
        destination.copy(
          source.extracting(place..<place + itemSize), at: (start + index * stride) * itemSize)
      }
      read += length
    }
  }

  /// Calls `body` with the storage position of the first element and the length of each run
  /// along the last dimension that is in `range`, in row-major order.
  ///
  /// - Precondition: The layout is not contiguous, so it has a dimension and an element.
  private static func forEachRun(
    in range: Range<Int>, of layout: Layout, _ body: (Int, Int) -> Void
  ) {
    let shape = layout.shape
    let last = shape.rank - 1
    var index = [Int](repeating: 0, count: shape.rank)
    var rest = range.lowerBound
    for axis in stride(from: last, through: 0, by: -1) {
      index[axis] = rest % shape[axis]
      rest /= shape[axis]
    }
    var row = layout.offset
    for axis in 0..<last { row += index[axis] * layout.strides[axis] }

    var remaining = range.count
    var column = index[last]
    while remaining > 0 {
      let length = min(shape[last] - column, remaining)
      body(row + column * layout.strides[last], length)
      remaining -= length
      column = 0
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        row += layout.strides[axis]
        if index[axis] < shape[axis] { break }
        row -= index[axis] * layout.strides[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }
}

extension RawSpan {
  /// Whether the first byte lies at a multiple of a number.
  fileprivate func isAligned(to alignment: Int) -> Bool {
    unsafe withUnsafeBytes { bytes in
      unsafe bytes.baseAddress.map { UInt(bitPattern: $0) % UInt(alignment) == 0 } ?? true
    }
  }
}
