import Arrays
import CKernels
import Files

/// A matrix that rows are multiplied with again and again, such as the weight of a recurrence.
///
/// BLAS lays its operands out anew for each product, which for few rows takes longer than the product. Here
/// that is done once: the columns lie in panels as wide as the registers of the processor, and for a block of
/// rows they are read one after the other.
struct RepeatedFactor {
  private let inner: Int
  private let columns: Int
  private let dtype: DType
  /// The matrix as it is, for a single product, and whether it is (columns, inner).
  private let matrix: NDArray
  private let isTransposed: Bool
  /// Its panels, (panels, inner, lanes), for several.
  private let panels: NDArray?

  /// Whether there are 32 registers as wide as a row of a panel.
  static let hasManyRegisters = ck_processor().has_avx512
  /// The bytes of a row of a panel.
  static let panelBytes = 64

  /// A factor of (inner, columns).
  ///
  /// - Parameters:
  ///   - matrix: A matrix of `float32` or `float64` in row-major order, or transposed.
  ///   - isTransposed: Whether `matrix` is (columns, inner).
  ///   - uses: How many products there will be.
  init(_ matrix: NDArray, isTransposed: Bool, uses: Int) {
    let dtype = matrix.dtype
    let inner = matrix.shape[isTransposed ? 1 : 0]
    let columns = matrix.shape[isTransposed ? 0 : 1]
    (self.matrix, self.isTransposed, self.dtype) = (matrix, isTransposed, dtype)
    (self.inner, self.columns) = (inner, columns)
    guard uses > 1 else {
      panels = nil
      return
    }
    let lanes = Self.panelBytes / dtype.itemSize
    let panels = NDArray(
      uninitialized: [(columns + lanes - 1) / lanes, inner, lanes], dtype: dtype)
    withExtendedLifetime(matrix) {
      ck_pack(
        dtype.loops, matrix.pointer, isTransposed ? 1 : columns, isTransposed ? inner : 1, inner,
        columns, panels.freshPointer)
    }
    self.panels = panels
  }

  /// The memory that a product reads of it.
  var byteCount: Int { (panels ?? matrix).elementCount * dtype.itemSize }

  /// out = start + x · this, where `x` has `rows` of `inner` elements.
  ///
  /// - Parameters:
  ///   - x: The rows, one after the other.
  ///   - start: What is added: rows like those of `out`, which may be `out`; one row for all if `startsAlike`;
  ///     zeros if nil.
  ///   - isDivided: Whether threads share the columns.
  func multiply(
    _ rows: Int, _ x: UnsafeRawPointer, plus start: UnsafeRawPointer?, startsAlike: Bool = false,
    into out: UnsafeMutableRawPointer, isDivided: Bool
  ) {
    guard let panels else {
      let rowBytes = columns * dtype.itemSize
      if let start, start != UnsafeRawPointer(out) {
        for row in 0..<rows {
          (out + row * rowBytes).copyMemory(
            from: start + (startsAlike ? 0 : row * rowBytes), byteCount: rowBytes)
        }
      }
      withExtendedLifetime(matrix) {
        Product.multiplyInParallel(
          dtype, rows: rows, columns: columns, inner: inner,
          Matrix(pointer: x, isTransposed: false, leading: inner),
          Matrix(
            pointer: matrix.pointer, isTransposed: isTransposed,
            leading: isTransposed ? inner : columns), beta: start == nil ? 0 : 1, into: out)
      }
      return
    }
    let count = panels.shape[0]
    let multiply = { (part: Range<Int>) in
      ck_packed_product(
        dtype.loops, x, inner, panels.pointer, start, startsAlike ? 0 : columns, out, columns, rows,
        inner, part.lowerBound, part.count, columns, Self.hasManyRegisters)
    }
    guard isDivided else { return multiply(0..<count) }
    let work = Swift.max(1, rows * byteCount / Swift.max(1, count))
    Threads.split(count, grain: Swift.max(1, (1 << 20) / work), multiply)
  }
}
