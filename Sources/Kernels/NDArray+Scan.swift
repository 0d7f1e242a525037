import Arrays
import CKernels
import Files

extension NDArray {
  /// The sums, or products, of all elements so far along a dimension.
  package func scanned(axis: Int, product: Bool) -> NDArray {
    let x = cast(to: dtype.computeType).contiguous()
    let result = NDArray(uninitialized: shape, dtype: x.dtype)
    let (outer, n, inner) = shape.split(at: axis)
    guard elementCount > 0 else { return result.cast(to: dtype) }
    let block = n * inner * x.dtype.itemSize
    x.withPointer { input in
      let output = result.freshPointer
      Threads.split(outer, grain: Swift.max(1, Threads.elementGrain / 4 / (n * inner))) { range in
        let start = range.lowerBound * block
        ck_scan(
          x.dtype.loops, product, input + start, output + start, range.count, n, inner)
      }
    }
    return result.cast(to: dtype)
  }
}
