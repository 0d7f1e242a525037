import Arrays
import Files
import Kernels

extension Tensor {
  /// The inverses of square matrices. Equivalent to `torch.linalg.inv`.
  ///
  /// - Returns: This tensor's shape, (…, n, n).
  /// - Precondition: The matrices are square, of `float32` or `float64`, and not singular.
  public final func inverse() -> Tensor {
    if let result = Autocast.raised({ wide in wide(self).inverse() }) { return result }
    let size = requireMatrices("inverse")
    let array = matrices(size) { matrix -> [Double] in
      guard let inverse = Elimination(matrix, size).inverse() else {
        trap("inverse: the diagonal element of a matrix of shape \(shape) is zero: it is singular")
      }
      return inverse
    }
    return .record("inverse", [self], NDArray(array, shape: shape).cast(to: dtype)) { output in
      [
        { grad in
          let transposed = output().transposed()
          return -transposed.matmul(grad).matmul(transposed)
        }
      ]
    }
  }

  /// The determinants of square matrices. Equivalent to `torch.linalg.det`.
  ///
  /// - Returns: (…) for this tensor of shape (…, n, n).
  /// - Precondition: The matrices are square, of `float32` or `float64`. The gradient of a singular
  ///   matrix is made of its minors, in time that grows with the fifth power of its size.
  public final func det() -> Tensor {
    let size = requireMatrices("det")
    let array = matrices(size) { [Elimination($0, size).determinant] }
    let batch = Shape(shape.dimensions.dropLast(2))
    return .record("det", [self], NDArray(array, shape: batch).cast(to: dtype)) { output in
      let x = self.saved
      return [
        { grad in
          if output().hasZero { return grad.unsqueezed(-1).unsqueezed(-1) * x().cofactors() }
          return (grad * output()).unsqueezed(-1).unsqueezed(-1) * x().inverse().transposed()
        }
      ]
    }
  }

  /// The determinants of the matrices without a row and a column, with the signs of the places.
  final func cofactors() -> Tensor {
    let size = shape[rank - 1]
    guard size > 1 else { return Tensor.ones(shape, dtype: dtype) }
    let others = (0..<size).map { place in Tensor((0..<size).filter { $0 != place }) }
    let entries = others.indices.flatMap { row -> [Tensor] in
      let rows = indexSelect(-2, others[row])
      return others.indices.map { column -> Tensor in
        let minor = rows.indexSelect(-1, others[column]).det()
        return (row + column) % 2 == 0 ? minor : -minor
      }
    }
    return Tensor.stacked(entries, axis: -1).reshaped(shape)
  }

  /// The lower triangular matrices L with L · Lᵀ equal to these. Equivalent to
  /// `torch.linalg.cholesky`.
  ///
  /// As in PyTorch, only the lower triangle is read, and the gradient is symmetric.
  ///
  /// - Returns: This tensor's shape, (…, n, n).
  /// - Precondition: The matrices are symmetric and positive-definite, of `float32` or `float64`.
  public final func cholesky() -> Tensor {
    if let result = Autocast.raised({ wide in wide(self).cholesky() }) { return result }
    let size = requireMatrices("cholesky")
    let array = matrices(size) { matrix -> [Double] in
      var factor = [Double](repeating: 0, count: size * size)
      for row in 0..<size {
        for column in 0...row {
          var sum = matrix[row * size + column]
          for k in 0..<column { sum -= factor[row * size + k] * factor[column * size + k] }
          require(
            row != column || sum > 0,
            "cholesky: the input of shape \(shape) is not positive-definite (the leading minor of "
              + "order \(row + 1))")
          factor[row * size + column] =
            row == column ? sum.squareRoot() : sum / factor[column * size + column]
        }
      }
      return factor
    }
    return .record("cholesky", [self], NDArray(array, shape: shape).cast(to: dtype)) { output in
      [
        { grad in
          // Murray, "Differentiation of the Cholesky decomposition" (2016), eq. 10.
          let factor = output()
          let product = factor.transposed().matmul(grad)
          let half = Tensor.eye(size, dtype: product.dtype) * 0.5
          let phi = product.lowerTriangle() - product * half
          let inverse = factor.inverse()
          let slope = inverse.transposed().matmul(phi).matmul(inverse)
          return (slope + slope.transposed()) * 0.5
        }
      ]
    }
  }

  /// The length of the sides of these matrices.
  final func requireMatrices(_ operation: StaticString) -> Int {
    requireStorage(operation)
    require(
      rank >= 2 && shape[-1] == shape[-2] && (dtype == .float32 || dtype == .float64),
      "\(operation): expected square matrices of float32 or float64, not \(dtype) of shape \(shape)"
    )
    return shape[-1]
  }

  /// A function of each matrix, in `float64`.
  final func matrices(_ size: Int, _ function: ([Double]) -> [Double]) -> [Double] {
    let elements = [Double](self)
    guard size > 0 else {
      return (0..<Shape(shape.dimensions.dropLast(2)).elementCount).flatMap { _ in function([]) }
    }
    return Swift.stride(from: 0, to: elements.count, by: size * size).flatMap {
      function(Array(elements[$0..<$0 + size * size]))
    }
  }

  /// The cross products of vectors of three elements along the first dimension of length three.
  /// Equivalent to `torch.cross` without a dimension.
  ///
  /// The default of `torch.linalg.cross` is the last dimension: that is `cross(other, -1)`.
  ///
  /// - Parameter other: The vectors on the right, which broadcast.
  /// - Precondition: The tensors have the same type and number of dimensions, and this one has a
  ///   dimension of length three.
  public final func cross(_ other: Tensor) -> Tensor {
    guard let axis = shape.firstIndex(of: 3) else {
      trap("cross: no dimension of size 3 in input of shape \(shape)")
    }
    return cross(other, axis)
  }

  /// The cross products of vectors of three elements. Equivalent to `torch.linalg.cross`, and to
  /// `torch.cross` with a dimension.
  ///
  /// - Parameters:
  ///   - other: The vectors on the right, which broadcast.
  ///   - axis: The dimension of the vectors, of length three.
  /// - Precondition: The tensors have the same type and number of dimensions.
  public final func cross(_ other: Tensor, _ axis: Int) -> Tensor {
    require(
      dtype == other.dtype,
      "cross: expected dtype \(dtype) but found \(other.dtype) of shape \(other.shape): convert one "
        + "with to(.\(dtype))")
    let common = Shape.broadcast(shape, other.shape, for: "cross")
    let position = common.normalizedAxis(axis, for: "cross")
    require(
      common.rank > 0 && common[position] == 3 && rank == other.rank,
      "cross: inputs dimension \(axis) must have length 3, got \(shape) and \(other.shape)")
    let (x, y) = (expanded(common), other.expanded(common))
    func turned(_ tensor: Tensor, _ shift: Int) -> Tensor { tensor.rolled(shift, position) }
    return (turned(x, -1) * turned(y, -2) - turned(x, -2) * turned(y, -1)).named("linalgCross")
  }

  /// The p-norm distances between the rows of two matrices. Equivalent to `torch.cdist`.
  ///
  /// - Parameters:
  ///   - other: (…, m, features).
  ///   - p: The norm, not negative.
  /// - Returns: (…, n, m) for this tensor of shape (…, n, features).
  public final func cdist(_ other: Tensor, p: Double = 2) -> Tensor {
    if let result = Autocast.raised({ wide in wide(self).cdist(wide(other), p: p) }) {
      return result
    }
    require(
      rank >= 2 && other.rank >= 2 && shape[-1] == other.shape[-1] && p >= 0,
      "cdist: shapes \(shape) and \(other.shape) are not of rows of equal length, or p \(p) is negative"
    )
    require(
      dtype.isFloatingPoint && other.dtype.isFloatingPoint,
      "cdist: only floating-point numbers have distances, not \(dtype) of shape \(shape) and "
        + "\(other.dtype) of shape \(other.shape)")
    // Of nothing PyTorch takes any.
    if elementCount > 0, other.elementCount > 0 { requireOneType("cdist", other) }
    let difference = unsqueezed(-2) - other.unsqueezed(-3)
    if p == 0 {
      // Unlike a norm's, the count of what differs is NaN beside NaN.
      let isNaN = noGrad { difference.isNaN().any([-1]) }
      return difference.norm(order: 0, [-1]).maskedFill(isNaN, .nan).named("cdist")
    }
    guard p == .infinity else { return difference.norm(order: p, [-1]).named("cdist") }
    // Unlike those of a norm, equal maxima do not share the gradient: each gets all of it, as in PyTorch.
    let result = noGrad { difference.norm(order: p, [-1]) }
    return .record("cdist", [difference], result.array) { output in
      let x = difference.saved
      return [
        { grad in
          let isIt = x().detached().abs() .== output().detached().unsqueezed(-1)
          return grad.unsqueezed(-1) * x().sign() * isIt.to(grad.dtype)
        }
      ]
    }
  }
}
