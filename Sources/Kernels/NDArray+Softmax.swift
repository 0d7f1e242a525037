import Arrays
import CKernels
import Files

extension NDArray {
  /// Softmax along a dimension, or its logarithm.
  package func softmax(axis: Int, logarithm: Bool) -> NDArray {
    let x = contiguous()
    let result = NDArray(uninitialized: shape, dtype: dtype)
    let (outer, n, inner) = shape.split(at: axis)
    guard elementCount > 0 else { return result }
    let block = n * inner * dtype.itemSize
    x.withPointer { input in
      let output = result.freshPointer
      Threads.split(outer, grain: Swift.max(1, Threads.elementGrain / 8 / (n * inner))) { range in
        let start = range.lowerBound * block
        ck_softmax(dtype.loops, logarithm, input + start, output + start, range.count, n, inner)
      }
    }
    return result
  }

  /// Softmax of `float32` or `float64` along the last dimension, which is not empty. Rows that are minus infinity
  /// throughout give zeros.
  package func blindSoftmax() -> NDArray {
    let result = copied()
    let n = shape[rank - 1]
    guard elementCount > 0 else { return result }
    let output = result.freshPointer
    withExtendedLifetime(result) {
      Threads.split(elementCount / n, grain: Swift.max(1, Threads.elementGrain / 8 / n)) { range in
        ck_masked_softmax(
          dtype.loops, output + range.lowerBound * n * dtype.itemSize, range.count, n, 1, -1, nil,
          nil, 0, 0)
      }
    }
    return result
  }

  /// The gradient of `softmax` for its input; this array is the output, `gradient` the output's.
  package func softmaxGradient(_ gradient: NDArray, axis: Int, logarithm: Bool) -> NDArray {
    let y = contiguous()
    let gradient = gradient.rows("the gradient", dtype, shape, for: "softmax")
    let result = NDArray(uninitialized: shape, dtype: dtype)
    let (outer, n, inner) = shape.split(at: axis)
    guard elementCount > 0 else { return result }
    let block = n * inner * dtype.itemSize
    withPointers(gradient, y) { gradients, outputs in
      let output = result.freshPointer
      Threads.split(outer, grain: Swift.max(1, Threads.elementGrain / 4 / (n * inner))) { range in
        let start = range.lowerBound * block
        ck_softmax_grad(
          dtype.loops, logarithm, gradients + start, outputs + start, output + start, range.count,
          n, inner)
      }
    }
    return result
  }
}

extension Shape {
  /// The number of elements before, along, and after a dimension; a scalar has one along its own.
  package func split(at axis: Int) -> (outer: Int, length: Int, inner: Int) {
    let position = normalizedAxis(axis, for: "dimension")
    guard rank > 0 else { return (1, 1, 1) }
    return (
      dimensions[..<position].reduce(1, *), self[position],
      dimensions[(position + 1)...].reduce(1, *)
    )
  }
}
