import Files

/// Reads the elements of a layout from where their bytes are, rather than touching them in a mapping.
///
/// The elements are read in parts, each a box of them. Along the axes on which the elements of a box are close
/// together they are read in one run, with what little lies between them; along the others each run is read
/// by itself. The runs go into a buffer one after the other, from which the elements are gathered, or to
/// their places at once where that is the same. So what is read of the file is what is asked for and gaps of
/// no more than a page, and what is in memory besides is a buffer of bounded size.
struct StridedReading {
  private let layout: Layout
  private let itemSize: Int
  private let source: any ByteSource
  /// The elements of a step along each axis, in row-major order.
  private let steps: [Int]

  /// Gaps up to this size are read with what is around them: the system reads pages.
  private static let maximumGap = 4 << 10
  /// What a box may take before its elements are gathered.
  private static let maximumBufferByteCount = 4 << 20

  /// - Precondition: The elements are within the source.
  init(_ layout: Layout, itemSize: Int, from source: any ByteSource) {
    self.layout = layout
    self.itemSize = itemSize
    self.source = source
    steps = layout.shape.contiguousStrides
  }

  /// Fills `bytes` with the elements at `range`, counted in row-major order.
  ///
  /// - Throws: `FileError` if they cannot be read.
  func read(_ range: Range<Int>, into bytes: inout MutableRawSpan) throws(FileError) {
    var start = range.lowerBound
    while start < range.upperBound {
      let part = part(from: start, upTo: range.upperBound)
      let place = (start - range.lowerBound) * itemSize
      try bytes.withBytes(in: place..<place + part.count * itemSize) {
        (bytes) throws(FileError) in try read(part, into: &bytes)
      }
      start += part.count
    }
  }

  /// The largest box of elements that follow each other from one on, and that the buffer can take.
  private func part(from start: Int, upTo end: Int) -> Part {
    let lengths = layout.shape.dimensions
    var index: [Int] = []
    var rest = start
    for step in steps {
      let (place, remainder) = rest.quotientAndRemainder(dividingBy: step)
      index.append(place)
      rest = remainder
    }
    for axis in lengths.indices {
      // All along the axes behind this one, or none.
      guard index[(axis + 1)...].allSatisfy({ $0 == 0 }), end - start >= steps[axis] else {
        continue
      }
      var length = min(lengths[axis] - index[axis], (end - start) / steps[axis])
      while true {
        let sizes = lengths.indices.map { $0 < axis ? 1 : $0 == axis ? length : lengths[$0] }
        var smallest = Int.max
        // Where gaps would fill the buffer, the runs are read without them rather than again and again.
        for gap in [Self.maximumGap, 0] {
          let part = Part(sizes, at: index, of: layout, itemSize, maximumGap: gap)
          smallest = part.bufferByteCount
          if part.isInOrder || smallest <= Self.maximumBufferByteCount { return part }
        }
        guard length > 1 else { break }
        length = max(length / (smallest / Self.maximumBufferByteCount + 1), 1)
      }
    }
    // A single element, which has no axis that could be shorter.
    return Part(lengths.map { _ in 1 }, at: index, of: layout, itemSize, maximumGap: 0)
  }

  private func read(_ part: Part, into bytes: inout MutableRawSpan) throws(FileError) {
    guard !part.isInOrder else { return try readRuns(of: part, into: &bytes) }
    let buffer = Storage(uninitializedByteCount: part.bufferByteCount)
    try buffer.withMutableBytes { (buffer) throws(FileError) in
      try readRuns(of: part, into: &buffer)
      StridedCopy.gather(
        from: buffer.bytes, layout: part.layout, itemSize: itemSize, into: &bytes)
    }
  }

  /// Reads the runs of a box one behind the other, in the order in which they are in the storage.
  private func readRuns(of part: Part, into bytes: inout MutableRawSpan) throws(FileError) {
    let byteCount = part.runLength * itemSize
    var place = part.start
    var index = [Int](repeating: 0, count: part.outer.count)
    for target in stride(from: 0, to: part.bufferByteCount, by: byteCount) {
      try bytes.withBytes(in: target..<target + byteCount) { (bytes) throws(FileError) in
        try source.read(into: &bytes, at: place * itemSize)
      }
      for (number, axis) in part.outer.enumerated() {
        index[number] += 1
        place += axis.stride
        if index[number] < axis.length { break }
        place -= axis.length * axis.stride
        index[number] = 0
      }
    }
  }
}

/// A box of the elements of a layout, and the runs in which it is read.
private struct Part {
  /// The number of elements.
  let count: Int
  /// The first element of the box in the storage, the lowest one.
  let start: Int
  /// How many elements of the storage a run has.
  let runLength: Int
  /// The axes along which each run is read by itself, those of neighbours first.
  let outer: [(length: Int, stride: Int)]
  /// Where the elements are when the runs follow each other.
  let layout: Layout
  /// The bytes of all runs; `Int.max` if they cannot be counted.
  let bufferByteCount: Int

  /// Whether the runs, one after the other, are the elements in row-major order.
  var isInOrder: Bool { bufferByteCount < .max && layout.isContiguous }

  /// - Parameters:
  ///   - sizes: How long the box is along each axis; none is 0.
  ///   - index: Where it begins.
  ///   - maximumGap: The bytes between elements that are read with them at most.
  init(_ sizes: [Int], at index: [Int], of whole: Layout, _ itemSize: Int, maximumGap: Int) {
    var start = whole.offset
    for axis in sizes.indices {
      let stride = whole.strides[axis]
      start += index[axis] * stride
      if stride < 0 { start += (sizes[axis] - 1) * stride }
    }
    let axes = sizes.indices.filter { sizes[$0] > 1 && whole.strides[$0] != 0 }
      .sorted { whole.strides[$0].magnitude < whole.strides[$1].magnitude }
    var strides = [Int](repeating: 0, count: sizes.count)
    var outer: [(length: Int, stride: Int)] = []
    var runLength = 1
    var length = 1
    var isHuge = false
    for axis in axes {
      // Of two elements or more in a storage, so that the distance can be counted in bytes.
      let stride = Int(whole.strides[axis].magnitude)
      if outer.isEmpty, (stride - runLength) * itemSize <= maximumGap {
        strides[axis] = stride
        runLength += (sizes[axis] - 1) * stride
        length = runLength
      } else {
        strides[axis] = length
        outer.append((sizes[axis], stride))
        let (next, overflow) = length.multipliedReportingOverflow(by: sizes[axis])
        guard !overflow, next <= Int.max / itemSize else {
          isHuge = true
          break
        }
        length = next
      }
    }
    var first = 0
    for axis in axes where whole.strides[axis] < 0 && !isHuge {
      first += (sizes[axis] - 1) * strides[axis]
      strides[axis] = -strides[axis]
    }
    count = sizes.reduce(1, *)
    self.start = start
    self.runLength = runLength
    self.outer = outer
    layout = Layout(shape: Shape(sizes), strides: strides, offset: first)
    bufferByteCount = isHuge ? .max : length * itemSize
  }
}
