import Arrays
import Files

/// A matrix in memory as BLAS takes it.
struct Matrix {
  var pointer: UnsafeRawPointer
  var isTransposed: Bool
  /// The distance between rows, or between columns if transposed.
  var leading: Int
}

/// Matrix products over OpenBLAS.
enum Product {
  /// c = a · b + beta · c, where c has `rows` × `columns` elements, rows `leading` apart.
  ///
  /// Runs on the calling thread.
  static func multiply(
    _ dtype: DType, rows: Int, columns: Int, inner: Int, _ a: Matrix, _ b: Matrix,
    beta: Double = 0, into c: UnsafeMutableRawPointer, leading: Int
  ) {
    let transA = a.isTransposed ? OpenBLAS.transposed : OpenBLAS.notTransposed
    let transB = b.isTransposed ? OpenBLAS.transposed : OpenBLAS.notTransposed
    if dtype == .float32 {
      OpenBLAS.shared.multiplyFloat32(
        OpenBLAS.rowMajor, transA, transB, Int32(rows), Int32(columns), Int32(inner), 1,
        a.pointer, Int32(a.leading), b.pointer, Int32(b.leading), Float(beta), c, Int32(leading))
    } else {
      require(dtype == .float64, "matmul: there is no product of \(dtype)")
      OpenBLAS.shared.multiplyFloat64(
        OpenBLAS.rowMajor, transA, transB, Int32(rows), Int32(columns), Int32(inner), 1,
        a.pointer, Int32(a.leading), b.pointer, Int32(b.leading), beta, c, Int32(leading))
    }
  }

  /// The same, its rows or columns divided between threads.
  static func multiplyInParallel(
    _ dtype: DType, rows: Int, columns: Int, inner: Int, _ a: Matrix, _ b: Matrix,
    beta: Double = 0, into c: UnsafeMutableRawPointer
  ) {
    // Below about this many multiplications a second thread costs more than it saves.
    let grain = 1 << 20
    let size = dtype.itemSize
    if rows >= columns {
      Threads.split(rows, grain: Swift.max(8, grain / Swift.max(1, columns * inner))) { range in
        var part = a
        part.pointer += range.lowerBound * (a.isTransposed ? 1 : a.leading) * size
        multiply(
          dtype, rows: range.count, columns: columns, inner: inner, part, b, beta: beta,
          into: c + range.lowerBound * columns * size, leading: columns)
      }
    } else {
      Threads.split(columns, grain: Swift.max(16, grain / Swift.max(1, rows * inner))) { range in
        var part = b
        part.pointer += range.lowerBound * (b.isTransposed ? b.leading : 1) * size
        multiply(
          dtype, rows: rows, columns: range.count, inner: inner, a, part, beta: beta,
          into: c + range.lowerBound * size, leading: columns)
      }
    }
  }
}

extension NDArray {
  /// The product of two matrices, stacks of them, or vectors, as `torch.matmul`.
  package static func matmul(_ x: NDArray, _ y: NDArray) -> NDArray {
    require(
      x.rank > 0 && y.rank > 0,
      "matmul: shapes \(x.shape) and \(y.shape) must both have a dimension")
    let left = x.rank == 1 ? x.unsqueezed(0) : x
    let right = y.rank == 1 ? y.unsqueezed(1) : y
    require(
      left.shape[left.rank - 1] == right.shape[right.rank - 2],
      "matmul: shapes \(x.shape) and \(y.shape) do not multiply")
    var result = product(left, right)
    if y.rank == 1 { result = result.squeezed([-1]) }
    if x.rank == 1 { result = result.squeezed([y.rank == 1 ? -1 : -2]) }
    return result
  }

  private static func product(_ x: NDArray, _ y: NDArray) -> NDArray {
    let resultType = x.dtype.promoted(with: y.dtype)
    // BLAS knows no integers; those below 2⁵³ pass through float64 exactly.
    let compute = resultType.isIntegral ? .float64 : resultType.computeType
    let x = x.cast(to: compute)
    let y = y.cast(to: compute)
    let rows = x.shape[x.rank - 2]
    let inner = x.shape[x.rank - 1]
    let columns = y.shape[y.rank - 1]
    if y.rank == 2 && x.rank > 2 {
      // One product for the whole stack.
      let stack = Shape(x.shape.dimensions.dropLast())
      let flat = x.reshaped(to: [stack.elementCount, inner])
      return product(flat, y).reshaped(to: Shape(stack.dimensions + [columns])).cast(to: resultType)
    }
    let batch = Shape.broadcast(
      Shape(x.shape.dimensions.dropLast(2)), Shape(y.shape.dimensions.dropLast(2)), for: "matmul")
    let result = NDArray(
      uninitialized: Shape(batch.dimensions + [rows, columns]), dtype: compute)
    if inner == 0 { return NDArray(zeros: result.shape, dtype: resultType) }
    guard result.elementCount > 0 else { return result.cast(to: resultType) }
    let left = x.asMatrices()
    let right = y.asMatrices()
    withPointers(left.array, right.array) { a, b in
      let output = result.freshPointer
      let a = Matrix(pointer: a, isTransposed: left.isTransposed, leading: left.leading)
      let b = Matrix(pointer: b, isTransposed: right.isTransposed, leading: right.leading)
      if batch.elementCount == 1 {
        Product.multiplyInParallel(
          compute, rows: rows, columns: columns, inner: inner, a, b, into: output)
        return
      }
      let leftStarts = left.array.matrixStarts(batch)
      let rightStarts = right.array.matrixStarts(batch)
      let work = rows * columns * inner
      let size = compute.itemSize
      Threads.split(batch.elementCount, grain: Swift.max(1, (1 << 18) / work)) { range in
        for index in range {
          var (a, b) = (a, b)
          a.pointer += leftStarts[index] * size
          b.pointer += rightStarts[index] * size
          Product.multiply(
            compute, rows: rows, columns: columns, inner: inner, a, b,
            into: output + index * rows * columns * size, leading: columns)
        }
      }
    }
    return result.cast(to: resultType)
  }

  /// x · weightᵀ + bias, where `x` is (…, in), `weight` (out, in) and `bias` (out,).
  package static func linear(_ x: NDArray, _ weight: NDArray, _ bias: NDArray?) -> NDArray {
    let compute = x.dtype
    guard let bias, compute.isFloatingPoint, x.rank > 0, weight.dtype == compute,
      bias.dtype == compute
    else {
      let product = matmul(x, weight.transposed())
      return bias.map { binary(.add, product, $0, for: "linear") } ?? product
    }
    let wide = compute.computeType
    guard wide == compute else {
      // The sum with the bias is rounded once.
      return linear(x.cast(to: wide), weight.cast(to: wide), bias.cast(to: wide)).cast(to: compute)
    }
    require(
      weight.rank == 2 && x.shape[x.rank - 1] == weight.shape[1],
      "linear: shape \(x.shape) does not multiply with a weight of shape \(weight.shape)")
    let inputs = weight.shape[1]
    let outputs = weight.shape[0]
    let stack = Shape(x.shape.dimensions.dropLast())
    let rows = stack.elementCount
    let result = bias.operand("the bias", compute, [outputs], for: "linear")
      .expanded(to: Shape(stack.dimensions + [outputs])).copied()
    guard rows > 0, inputs > 0, outputs > 0 else { return result }
    let left = x.reshaped(to: [rows, inputs]).asMatrices()
    let right = weight.transposed().asMatrices()
    withPointers(left.array, right.array) { a, b in
      Product.multiplyInParallel(
        compute, rows: rows, columns: outputs, inner: inputs,
        Matrix(pointer: a, isTransposed: left.isTransposed, leading: left.leading),
        Matrix(pointer: b, isTransposed: right.isTransposed, leading: right.leading), beta: 1,
        into: result.freshPointer)
    }
    return result
  }

  /// This array with its last two dimensions laid out so that BLAS can read them.
  func asMatrices() -> (array: NDArray, isTransposed: Bool, leading: Int) {
    let rows = shape[rank - 2]
    let columns = shape[rank - 1]
    let rowStride = layout.strides[rank - 2]
    let columnStride = layout.strides[rank - 1]
    // A dimension of length one has a stride without meaning, which BLAS would still check.
    if columnStride == 1 || columns == 1, rowStride >= Swift.max(1, columns) || rows == 1 {
      return (self, false, rows == 1 ? Swift.max(1, columns) : rowStride)
    }
    if rowStride == 1 || rows == 1, columnStride >= Swift.max(1, rows) || columns == 1 {
      return (self, true, columns == 1 ? Swift.max(1, rows) : columnStride)
    }
    return (copied(), false, Swift.max(1, columns))
  }

  /// Where each matrix of a stack begins, counted from the first.
  func matrixStarts(_ batch: Shape) -> [Int] {
    let stack = Layout(
      shape: Shape(shape.dimensions.dropLast(2)), strides: Array(layout.strides.dropLast(2)),
      offset: 0
    ).expanded(to: batch)
    var starts = [0]
    for axis in batch.indices {
      starts = starts.flatMap { start in
        (0..<batch[axis]).map { start + $0 * stack.strides[axis] }
      }
    }
    return starts
  }
}
