import Arrays
import CKernels
import Files

extension NDArray {
  /// The indices that put a dimension in order. Equal elements keep theirs, and NaN counts as
  /// larger than every number.
  ///
  /// - Parameters:
  ///   - axis: The dimension.
  ///   - descending: Whether the largest element comes first.
  ///   - count: How many of the first indices are wanted; all if nil.
  package func argsorted(axis: Int, descending: Bool, count: Int? = nil) -> NDArray {
    guard rank > 0 else { return NDArray(zeros: .scalar, dtype: .int64) }
    let compute = dtype.computeType
    let last = rank - 1
    let rows = transposed(axis, last).cast(to: compute).contiguous()
    let length = shape[axis]
    let count = count ?? length
    let result = NDArray(
      uninitialized: Shape(rows.shape.dimensions.dropLast() + [count]), dtype: .int64)
    guard result.elementCount > 0 else { return result.transposed(axis, last) }
    rows.withPointer { input in
      let output = result.freshPointer.assumingMemoryBound(to: Int64.self)
      let grain = Swift.max(1, Threads.elementGrain / 16 / length)
      Threads.split(elementCount / length, grain: grain) { range in
        withUnsafeTemporaryAllocation(of: CKKeyed.self, capacity: 2 * length) { scratch in
          for row in range {
            ck_argsort(
              compute.loops, descending, input + row * length * compute.itemSize,
              output + row * count, length, count, scratch.baseAddress)
          }
        }
      }
    }
    return result.transposed(axis, last).contiguous()
  }
}
