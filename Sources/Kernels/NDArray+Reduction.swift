import Arrays
import CKernels
import Files

extension NDArray {
  /// A fold over some dimensions, or all if `axes` is nil.
  ///
  /// Sums and products of integers and booleans are `int64`, as in PyTorch.
  package func reduced(_ f: CKReduce, axes: [Int]? = nil, keepDims: Bool = false) -> NDArray {
    let resultType = dtype.isIntegral && (f == .sum || f == .product) ? .int64 : dtype
    let x = cast(to: resultType.computeType)
    let isReduced = shape.markedAxes(axes, for: "reduce")
    let keptAxes = shape.indices.filter { !isReduced[$0] }
    let keptShape = Shape(keptAxes.map { shape[$0] })
    var result = NDArray(uninitialized: keptShape, dtype: x.dtype)
    if elementCount == 0 {
      require(
        f == .sum || f == .product || result.elementCount == 0,
        "max, min: shape \(shape) has no element to choose from")
      result = NDArray(filling: keptShape, with: f == .sum ? 0 : 1, dtype: x.dtype)
    } else {
      x.fold(f, keptAxes: keptAxes, isReduced: isReduced, into: result)
    }
    let shaped = keepDims ? result.reshaped(to: shape.keeping(isReduced)) : result
    return shaped.cast(to: resultType)
  }

  private func fold(_ f: CKReduce, keptAxes: [Int], isReduced: [Bool], into result: NDArray) {
    // The order of a fold is free, so the dimension with the least stride goes innermost.
    let reducedAxes = shape.indices.filter { isReduced[$0] }
      .sorted { layout.strides[$0] > layout.strides[$1] }
    let kept = LoopNest(
      lengths: keptAxes.map { shape[$0] }, strides: [keptAxes.map { layout.strides[$0] }])
    let reduced = LoopNest(
      lengths: reducedAxes.map { shape[$0] }, strides: [reducedAxes.map { layout.strides[$0] }])
    let size = dtype.itemSize
    if result.elementCount == 1, reduced.lengths.count == 1,
      reduced.lengths[0] > 2 * Threads.elementGrain
    {
      foldInParts(f, length: reduced.lengths[0], stride: reduced.strides[0][0], into: result)
      return
    }
    let perResult = elementCount / result.elementCount
    let inner = kept.lengths.dropFirst().reduce(1, *)
    withPointer { input in
      let output = result.freshPointer
      let grain = Swift.max(1, Threads.elementGrain / Swift.max(1, perResult * inner))
      Threads.split(kept.lengths[0], grain: grain) { range in
        var lengths = kept.lengths
        lengths[0] = range.count
        ck_reduce(
          dtype.loops, f, lengths.count, lengths, kept.strides[0], reduced.lengths.count,
          reduced.lengths, reduced.strides[0],
          input + range.lowerBound * kept.strides[0][0] * size,
          output + range.lowerBound * inner * size)
      }
    }
  }

  /// Folds one long row by parts of a fixed length, so that the result is the same to the bit
  /// whatever the number of threads.
  private func foldInParts(_ f: CKReduce, length: Int, stride: Int, into result: NDArray) {
    let part = Threads.elementGrain
    let count = (length + part - 1) / part
    let parts = NDArray(uninitialized: [count], dtype: dtype)
    let size = dtype.itemSize
    withPointer { input in
      let output = parts.freshPointer
      Threads.parallel(count) { index in
        let first = index * part
        let lengths = [Swift.min(part, length - first)]
        ck_reduce(
          dtype.loops, f, 0, nil, nil, 1, lengths, [stride], input + first * stride * size,
          output + index * size)
      }
    }
    parts.withPointer {
      ck_reduce(dtype.loops, f, 0, nil, nil, 1, [count], [1], $0, result.freshPointer)
    }
  }

  /// The index of the maximum (or minimum) element along a dimension, or of all if `axis` is nil.
  ///
  /// The first of equals; NaN is greater, and less, than any number. The result is `int64`.
  package func argExtreme(least: Bool, axis: Int?, keepDims: Bool = false) -> NDArray {
    let name = least ? "argmin" : "argmax"
    guard let axis else {
      let flat = contiguous().reshaped(to: [elementCount])
      let index = flat.argExtreme(least: least, axis: 0)
      return keepDims ? index.reshaped(to: Shape(shape.map { _ in 1 })) : index
    }
    let x = cast(to: dtype.computeType)
    let position = shape.normalizedAxis(axis, for: least ? "argmin" : "argmax")
    let length = rank == 0 ? 1 : shape[position]
    require(length > 0, "\(name): dimension \(position) of shape \(shape) has no element")
    // The dimension goes last, and the others are walked in row-major order.
    var order = Array(shape.indices)
    if rank > 0 { order.append(order.remove(at: position)) }
    let moved = x.permuted(order)
    let stride = moved.layout.strides.last ?? 1
    let outer = rank == 0 ? moved : moved.selected(axis: -1, 0)
    var result = NDArray(uninitialized: outer.shape, dtype: .int64)
    let nest = LoopNest(outer.shape, [outer.layout])
    let size = x.dtype.itemSize
    x.withPointer { input in
      result.withMutableElements(as: Int64.self) { indices in
        guard !indices.isEmpty else { return }
        var place = [Int](repeating: 0, count: nest.lengths.count)
        var offset = 0
        for slot in indices.indices {
          indices[slot] = ck_arg_extreme(
            x.dtype.loops, least, input + offset * size, length, stride)
          nest.advance(&place, &offset)
        }
      }
    }
    guard keepDims, rank > 0 else { return result }
    return result.unsqueezed(position)
  }
}

extension LoopNest {
  /// Moves to the next element of the first array, in row-major order.
  fileprivate func advance(_ place: inout [Int], _ offset: inout Int) {
    for axis in lengths.indices.reversed() {
      place[axis] += 1
      offset += strides[0][axis]
      if place[axis] < lengths[axis] { return }
      offset -= lengths[axis] * strides[0][axis]
      place[axis] = 0
    }
  }
}

extension Shape {
  /// For each dimension whether it is one of `axes`; all are if that is nil.
  package func markedAxes(_ axes: [Int]?, for operation: StaticString) -> [Bool] {
    guard let axes else { return [Bool](repeating: true, count: rank) }
    var marks = [Bool](repeating: false, count: rank)
    for axis in axes {
      let position = normalizedAxis(axis, for: operation)
      if rank > 0 { marks[position] = true }
    }
    return marks
  }

  /// This shape with length one along the marked dimensions.
  package func keeping(_ marks: [Bool]) -> Shape {
    Shape(indices.map { marks[$0] ? 1 : self[$0] })
  }
}
