import Arrays
import CKernels
import Files

extension NDArray {
  /// These indices as `int64`, in row-major order, none of them negative.
  ///
  /// - Parameters:
  ///   - length: The length of the dimension in which each index must be; others trap.
  ///   - countsFromEnd: Whether negative indices are allowed, which count from the end.
  ///   - operation: The operation that the message of a trap names.
  package func checkedIndices(
    _ length: Int, countsFromEnd: Bool = false, for operation: StaticString
  ) -> NDArray {
    requireIntegers("indices", for: operation)
    let least = countsFromEnd ? -Int64(length) : 0
    var indices = cast(to: .int64).contiguous()
    let isPlain = indices.withElements(as: Int64.self) { indices in
      var isPlain = true
      for index in indices {
        require(
          index >= least && index < Int64(length),
          "\(operation): index \(index) is out of range for a dimension of length \(length)")
        if index < 0 { isPlain = false }
      }
      return isPlain
    }
    if !isPlain {
      indices.withMutableElements(as: Int64.self) { indices in
        for slot in indices.indices where indices[slot] < 0 { indices[slot] += Int64(length) }
      }
    }
    return indices
  }

  /// Traps unless these are integers. As in PyTorch, booleans are not.
  ///
  /// - Parameters:
  ///   - role: What the elements are for the operation, in the plural.
  ///   - operation: The operation that the message of a trap names.
  package func requireIntegers(_ role: StaticString, for operation: StaticString) {
    require(
      dtype.isIntegral && dtype != .bool,
      "\(operation): \(role) of shape \(shape) are \(dtype), but must be integers: convert them "
        + "with to(.int64)")
  }

  /// The slices of a dimension at these indices, which have been checked.
  package func selected(_ indices: NDArray, axis: Int) -> NDArray {
    let x = contiguous()
    let indices = indices.indexOperand(indices.shape, for: "indexSelect")
    let position = shape.normalizedAxis(axis, for: "indexSelect")
    let (outer, length, inner) = shape.split(at: position)
    var lengths = shape.dimensions
    lengths[position] = indices.elementCount
    let result = NDArray(uninitialized: Shape(lengths), dtype: dtype)
    withPointers(x, indices) { input, indices in
      ck_index_select(
        dtype.itemSize, input, indices.assumingMemoryBound(to: Int64.self), result.freshPointer,
        outer, length, lengths[position], inner)
    }
    return result
  }

  /// Adds the slices of this array along a dimension to zeros of `length` there.
  package func addedAt(_ indices: NDArray, axis: Int, length: Int) -> NDArray {
    let position = shape.normalizedAxis(axis, for: "indexAdd")
    let gradient = contiguous().cast(to: dtype.computeType)
    let (outer, count, inner) = shape.split(at: position)
    require(
      indices.elementCount == count,
      "indexAdd: \(indices.elementCount) indices for dimension \(axis) of shape \(shape)")
    let indices = indices.indexOperand(indices.shape, for: "indexAdd")
    var lengths = shape.dimensions
    lengths[position] = length
    let result = NDArray(zeros: Shape(lengths), dtype: gradient.dtype)
    withPointers(gradient, indices) { from, indices in
      ck_index_add(
        gradient.dtype.loops, from, indices.assumingMemoryBound(to: Int64.self),
        result.freshPointer, outer, length, count, inner)
    }
    return result.cast(to: dtype)
  }

  /// Elements picked along a dimension by checked indices of the result's shape.
  package func gathered(_ indices: NDArray, axis: Int) -> NDArray {
    let (x, outer, length, count, inner) = alignedForGather(indices, axis: axis)
    let compute = x.cast(to: dtype.computeType)
    let indices = indices.indexOperand(indices.shape, for: "gather")
    let result = NDArray(uninitialized: indices.shape, dtype: compute.dtype)
    withPointers(compute, indices) { input, indices in
      ck_gather(
        compute.dtype.loops, input, indices.assumingMemoryBound(to: Int64.self),
        result.freshPointer, outer, length, count, inner)
    }
    return result.cast(to: dtype)
  }

  /// Writes the elements of this array into zeros of `target`, each at its index along a dimension.
  ///
  /// - Parameters:
  ///   - indices: The indices, checked, of this array's shape.
  ///   - axis: The dimension that they refer to.
  ///   - target: The shape of the result.
  ///   - adding: Whether elements of one place are added up; otherwise the last one remains.
  package func scattered(
    _ indices: NDArray, axis: Int, into target: Shape, adding: Bool
  ) -> NDArray {
    let position = target.normalizedAxis(axis, for: "gather")
    let indices = indices.indexOperand(shape, for: "scatter")
    require(target.rank == rank, "scatter: shape \(shape) does not go into shape \(target)")
    let gradient = contiguous().cast(to: dtype.computeType)
    let (outer, count, inner) = shape.split(at: position)
    var lengths = shape.dimensions
    let length = target.rank == 0 ? 1 : target[position]
    if target.rank > 0 { lengths[position] = length }
    let cropped = NDArray(zeros: Shape(lengths), dtype: gradient.dtype)
    let scatter = adding ? ck_scatter_add : ck_scatter
    withPointers(gradient, indices) { from, indices in
      scatter(
        gradient.dtype.loops, from, indices.assumingMemoryBound(to: Int64.self),
        cropped.freshPointer, outer, length, count, inner)
    }
    return cropped.cast(to: dtype).padded(to: target)
  }

  /// This array with its dimensions cut to those of the indices, all but the one picked along.
  private func alignedForGather(
    _ indices: NDArray, axis: Int
  ) -> (NDArray, outer: Int, length: Int, count: Int, inner: Int) {
    let position = shape.normalizedAxis(axis, for: "gather")
    require(
      indices.rank == rank,
      "gather: indices of shape \(indices.shape) do not have the dimensions of \(shape)")
    var x = self
    for other in shape.indices where other != position {
      require(
        indices.shape[other] <= shape[other],
        "gather: indices of shape \(indices.shape) exceed shape \(shape)")
      x = x.sliced(axis: other, 0..<indices.shape[other])
    }
    let (outer, count, inner) = indices.shape.split(at: position)
    return (x.contiguous(), outer, rank == 0 ? 1 : shape[position], count, inner)
  }

  /// This array at the start of zeros of a larger shape.
  private func padded(to target: Shape) -> NDArray {
    guard shape != target else { return self }
    return target.indices.reduce(self) { padded, axis in
      padded.padded(axis: axis, before: 0, after: target[axis] - padded.shape[axis])
    }
  }

  /// This array with zeros before and after along a dimension.
  package func padded(axis: Int, before: Int, after: Int) -> NDArray {
    if before == 0 && after == 0 { return self }
    var lengths = shape.dimensions
    lengths[axis] = before
    let start = NDArray(zeros: Shape(lengths), dtype: dtype)
    lengths[axis] = after
    let end = NDArray(zeros: Shape(lengths), dtype: dtype)
    return NDArray.concatenated([start, self, end], axis: axis)
  }

  /// Arrays of one type joined along a dimension. The others have equal lengths.
  package static func concatenated(_ arrays: [NDArray], axis: Int) -> NDArray {
    let first = arrays[0]
    let position = first.shape.normalizedAxis(axis, for: "cat")
    var lengths = first.shape.dimensions
    lengths[position] = arrays.reduce(0) { $0 + $1.shape[position] }
    let result = NDArray(uninitialized: Shape(lengths), dtype: first.dtype)
    let (outer, total, inner) = result.shape.split(at: position)
    let row = total * inner * first.dtype.itemSize
    var offset = 0
    for array in arrays {
      require(
        array.dtype == first.dtype && array.rank == first.rank
          && first.shape.indices.allSatisfy {
            $0 == position || array.shape[$0] == first.shape[$0]
          },
        "cat: \(array.dtype) of shape \(array.shape) does not go beside \(first.dtype) of shape "
          + "\(first.shape)")
      let block = array.shape[position] * inner * first.dtype.itemSize
      let source = array.contiguous()
      source.withPointer { from in
        let to = result.freshPointer + offset
        for index in 0..<outer {
          (to + index * row).copyMemory(from: from + index * block, byteCount: block)
        }
      }
      offset += block
    }
    return result
  }
}
