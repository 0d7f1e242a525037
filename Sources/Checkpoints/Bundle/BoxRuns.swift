/// A box in a tensor as runs of bytes: those that follow each other in the box and in the tensor.
///
/// Elements are in row-major order in both. A box that reaches from end to end of the last axes has long
/// runs; one of some columns has a run for each row.
struct BoxRuns: Sendable {
  /// The bytes of one run.
  let byteCount: Int
  /// How many runs there are.
  let count: Int

  private let base: Int
  private let lengths: [Int]
  private let strides: [Int]

  /// - Precondition: The box is within the shape and has elements, and the bytes of the tensor fit in an
  ///   `Int`.
  init(_ box: Box, of shape: [Int], itemSize: Int) {
    var stride = itemSize
    var strides = [Int](repeating: 0, count: shape.count)
    for axis in shape.indices.reversed() {
      strides[axis] = stride
      stride *= max(shape[axis], 1)
    }
    var base = 0
    for axis in shape.indices { base += box.offsets[axis] * strides[axis] }
    self.base = base
    // The last axis along which the box is shorter; all behind it are in the run.
    var cut = shape.count
    var run = itemSize
    while cut > 0 {
      cut -= 1
      run = box.sizes[cut] * strides[cut]
      if box.sizes[cut] != shape[cut] { break }
    }
    byteCount = run
    lengths = Array(box.sizes[..<cut])
    self.strides = Array(strides[..<cut])
    count = lengths.reduce(1, *)
  }

  /// Where a run begins in the tensor, in bytes.
  func start(of run: Int) -> Int {
    var rest = run
    var place = base
    for axis in lengths.indices.reversed() {
      place += rest % lengths[axis] * strides[axis]
      rest /= lengths[axis]
    }
    return place
  }

  /// Where the last run ends in the tensor.
  var end: Int { start(of: count - 1) + byteCount }

  /// The runs that have bytes in a range of the tensor.
  func runs(in range: Range<Int>) -> Range<Int> {
    let first = firstRun { start(of: $0) + byteCount > range.lowerBound }
    let end = firstRun { start(of: $0) >= range.upperBound }
    return first..<max(first, end)
  }

  /// The first run of which something is so that stays so for all that follow.
  private func firstRun(_ isSo: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if isSo(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
