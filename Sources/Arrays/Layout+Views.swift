import Files

extension Layout {
  /// The layout with two dimensions swapped.
  ///
  /// - Parameters:
  ///   - first: A dimension, in `-rank..<rank`; negative ones count from the end.
  ///   - second: The dimension to swap it with, counted likewise.
  /// - Precondition: Both dimensions exist.
  public func transposed(_ first: Int, _ second: Int) -> Layout {
    let first = shape.normalizedAxis(first, for: "transpose")
    let second = shape.normalizedAxis(second, for: "transpose")
    var order = Array(0..<shape.rank)
    if shape.rank > 0 { order.swapAt(first, second) }
    return permuted(order)
  }

  /// The layout with its dimensions in a different order.
  ///
  /// - Parameter axes: Each dimension exactly once; negative ones count from the end.
  /// - Precondition: `axes` is a permutation of the dimensions.
  public func permuted(_ axes: [Int]) -> Layout {
    let order = axes.map { shape.normalizedAxis($0, for: "permute") }
    require(
      Set(order).count == shape.rank && order.count == shape.rank,
      "permute: \(axes) does not name each dimension of shape \(shape) once")
    return Layout(
      shape: Shape(order.map { shape[$0] }), strides: order.map { strides[$0] }, offset: offset)
  }

  /// The layout of every `step`-th index in `range` along one dimension.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - range: The indices, within `0..<shape[axis]`.
  ///   - step: The distance between consecutive indices, at least 1.
  /// - Returns: A layout whose length along `axis` is ⌈range.count / step⌉.
  /// - Precondition: `range` is within the dimension and `step` is positive.
  public func sliced(axis: Int, _ range: Range<Int>, step: Int = 1) -> Layout {
    let axis = shape.normalizedAxis(axis, for: "slice")
    require(
      shape.rank > 0 && range.lowerBound >= 0 && range.upperBound <= shape[axis] && step > 0,
      "slice: \(range) by \(step) is not within dimension \(axis) of shape \(shape)")
    var lengths = shape.dimensions
    var newStrides = strides
    lengths[axis] = (range.count + step - 1) / step
    newStrides[axis] *= step
    return Layout(
      part: Shape(lengths), strides: newStrides, of: self,
      start: range.lowerBound * strides[axis])
  }

  /// The layout at one index of a dimension, which is removed.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - index: The index; negative ones count from the end.
  /// - Precondition: The index exists.
  public func selected(axis: Int, _ index: Int) -> Layout {
    let axis = shape.normalizedAxis(axis, for: "select")
    let length = shape.rank > 0 ? shape[axis] : 0
    let position = index < 0 ? index + length : index
    require(
      position >= 0 && position < length,
      "select: index \(index) is out of range for dimension \(axis) of shape \(shape)")
    var lengths = shape.dimensions
    var newStrides = strides
    lengths.remove(at: axis)
    newStrides.remove(at: axis)
    return Layout(
      part: Shape(lengths), strides: newStrides, of: self, start: position * strides[axis])
  }

  /// The layout of a diagonal of two dimensions.
  ///
  /// Both dimensions are removed, and the diagonal becomes a new last dimension.
  ///
  /// - Parameters:
  ///   - distance: How far the diagonal is above the main one; negative for below.
  ///   - rows: The dimension of rows; negative ones count from the end.
  ///   - columns: The dimension of columns, likewise.
  /// - Precondition: `rows` and `columns` are different dimensions.
  public func diagonal(_ distance: Int, rows: Int, columns: Int) -> Layout {
    let rowAxis = shape.normalizedAxis(rows, for: "diagonal")
    let columnAxis = shape.normalizedAxis(columns, for: "diagonal")
    require(
      shape.rank >= 2 && rowAxis != columnAxis,
      "diagonal: dimensions \(rows) and \(columns) of shape \(shape) are not two")
    let (above, below) = (max(distance, 0), max(-distance, 0))
    let length = max(0, min(shape[rowAxis] - below, shape[columnAxis] - above))
    let kept = shape.indices.filter { $0 != rowAxis && $0 != columnAxis }
    return Layout(
      part: Shape(kept.map { shape[$0] } + [length]),
      strides: kept.map { strides[$0] } + [strides[rowAxis] + strides[columnAxis]], of: self,
      start: below * strides[rowAxis] + above * strides[columnAxis])
  }

  /// The layout of all windows along a dimension.
  ///
  /// The dimension then counts the windows, and the elements of each window form a new last
  /// dimension. Overlapping windows share elements.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - size: The length of a window, at most that of the dimension.
  ///   - step: The distance between the starts of consecutive windows, at least 1.
  /// - Precondition: A window fits into the dimension and `step` is positive.
  public func unfolded(axis: Int, size: Int, step: Int) -> Layout {
    let position = shape.normalizedAxis(axis, for: "unfold")
    let length = shape.rank > 0 ? shape[position] : 0
    require(
      shape.rank > 0 && size >= 0 && size <= length && step > 0,
      "unfold: windows of \(size) by \(step) are not within dimension \(axis) of shape \(shape)")
    var lengths = shape.dimensions
    var newStrides = strides
    lengths[position] = (length - size) / step + 1
    newStrides[position] *= step
    return Layout(
      shape: Shape(lengths + [size]), strides: newStrides + [strides[position]], offset: offset)
  }

  /// The layout of a part that begins `start` elements after the whole.
  ///
  /// A part without elements begins where the whole does, since the storage may end there.
  private init(part: Shape, strides: [Int], of whole: Layout, start: Int) {
    self.init(
      shape: part, strides: strides,
      offset: whole.offset + (part.elementCount == 0 ? 0 : start))
  }

  /// The layout broadcast to `target`, without copying: repeated dimensions get a stride of zero.
  ///
  /// - Parameter target: The shape wanted. Each dimension of length one may get any length, and new
  ///   dimensions may be added in front.
  /// - Precondition: Every other length equals that of `target`.
  public func expanded(to target: Shape) -> Layout {
    let added = target.rank - shape.rank
    require(added >= 0, "expand: shape \(shape) does not expand to \(target)")
    var newStrides = [Int](repeating: 0, count: target.rank)
    for axis in 0..<shape.rank {
      let length = shape[axis]
      require(
        length == target[axis + added] || length == 1,
        "expand: shape \(shape) does not expand to \(target)")
      newStrides[axis + added] = length == target[axis + added] ? strides[axis] : 0
    }
    return Layout(shape: target, strides: newStrides, offset: offset)
  }

  /// The layout with a dimension of length one inserted before `axis`.
  ///
  /// - Parameter axis: In `-rank - 1...rank`; negative ones count from the end of the result.
  /// - Precondition: `axis` is in that range.
  public func unsqueezed(_ axis: Int) -> Layout {
    let position = axis < 0 ? axis + shape.rank + 1 : axis
    require(
      position >= 0 && position <= shape.rank,
      "unsqueeze: axis \(axis) is out of range for shape \(shape)")
    var lengths = shape.dimensions
    var newStrides = strides
    newStrides.insert(
      position < shape.rank ? lengths[position] * strides[position] : 1, at: position)
    lengths.insert(1, at: position)
    return Layout(shape: Shape(lengths), strides: newStrides, offset: offset)
  }

  /// The layout without its dimensions of length one.
  ///
  /// - Parameter axes: The dimensions to remove, where they have length one; others are kept
  ///   whatever their length. Nil removes every dimension of length one.
  public func squeezed(_ axes: [Int]? = nil) -> Layout {
    let named = axes.map { Set($0.map { shape.normalizedAxis($0, for: "squeeze") }) }
    let kept = shape.indices.filter { shape[$0] != 1 || !(named?.contains($0) ?? true) }
    return Layout(
      shape: Shape(kept.map { shape[$0] }), strides: kept.map { strides[$0] }, offset: offset)
  }

  /// The layout of the same elements, in row-major order, under another shape.
  ///
  /// - Parameter target: The shape wanted.
  /// - Returns: Nil if no strides describe the result, so that the elements have to be copied
  ///   first.
  /// - Precondition: Both shapes have the same number of elements.
  public func reshaped(to target: Shape) -> Layout? {
    require(
      target.elementCount == shape.elementCount,
      "reshape: shape \(shape) has \(shape.elementCount) elements, \(target) has "
        + "\(target.elementCount)")
    if isContiguous { return Layout(target, offset: offset) }
    // Walks both shapes from the back, matching runs of old dimensions that are adjacent in
    // memory with runs of new ones of the same number of elements.
    var newStrides = [Int](repeating: 0, count: target.rank)
    var newAxis = target.rank - 1
    var runLength = 1
    var runStride = strides.last ?? 1
    var matched = 1
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      runLength *= shape[axis]
      let endsRun =
        axis == 0 || (shape[axis - 1] != 1 && strides[axis - 1] != runLength * runStride)
      guard endsRun else { continue }
      while newAxis >= 0 && (matched < runLength || target[newAxis] == 1) {
        newStrides[newAxis] = matched * runStride
        matched *= target[newAxis]
        newAxis -= 1
      }
      guard matched == runLength else { return nil }
      if axis > 0 {
        runStride = strides[axis - 1]
        runLength = 1
        matched = 1
      }
    }
    return newAxis < 0 ? Layout(shape: target, strides: newStrides, offset: offset) : nil
  }
}
