import Arrays
import Files
import Kernels

extension Tensor {
  /// The logarithms of the determinants of square matrices: NaN where one is negative. Equivalent to
  /// `torch.logdet`.
  ///
  /// - Returns: (…) for this tensor of shape (…, n, n).
  /// - Precondition: The matrices are square, of `float32` or `float64`.
  public final func logdet() -> Tensor {
    let (sign, logarithm) = slogdet()
    return logarithm.maskedFill(sign .< 0, .nan)
  }

  /// The signs of the determinants of square matrices, and the logarithms of their magnitudes, which neither
  /// overflow nor underflow. Equivalent to `torch.linalg.slogdet`.
  ///
  /// - Returns: Both of shape (…) for this tensor of shape (…, n, n); 0 and −∞ of singular matrices.
  /// - Precondition: The matrices are square, of `float32` or `float64`.
  public final func slogdet() -> (sign: Tensor, logabsdet: Tensor) {
    let size = requireMatrices("slogdet")
    let batch = Shape(shape.dimensions.dropLast(2))
    let pairs = matrices(size) { matrix -> [Double] in
      let found = Elimination(matrix, size).logDeterminant
      return [found.sign, found.logarithm]
    }
    let both = NDArray(pairs, shape: Shape(batch.dimensions + [2])).cast(to: dtype)
    func part(_ place: Int64) -> NDArray {
      both.selected(NDArray([place]), axis: batch.rank).reshaped(to: batch)
    }
    let sign = Tensor.record("LinalgSlogdetBackward0", [self], part(0)) { _ in
      let own = zeros
      return [{ _ in own }]
    }
    let isSingular = noGrad { (Tensor(part(1)) .== -.infinity).unsqueezed(-1).unsqueezed(-1) }
    let hasSingular = noGrad { Bool(isSingular.any()) }
    let logarithm = Tensor.record("LinalgSlogdetBackward0", [self], part(1)) { _ in
      let saved = self.saved
      return [
        { grad in
          let x = saved()
          guard hasSingular else {
            return grad.unsqueezed(-1).unsqueezed(-1) * x.inverse().transposed()
          }
          // Each matrix by itself: one that is singular must not touch the others.
          let regular = Tensor.where(isSingular, Tensor.eye(size, dtype: x.dtype), x)
          let slope = Tensor.where(
            isSingular, x.cofactors() / x.det().unsqueezed(-1).unsqueezed(-1),
            regular.inverse().transposed())
          return grad.unsqueezed(-1).unsqueezed(-1) * slope
        }
      ]
    }
    return (sign, logarithm)
  }

  /// X with A · X equal to `other`, for these matrices A. Equivalent to `torch.linalg.solve`.
  ///
  /// - Parameters:
  ///   - other: (…, n, k), or vectors of shape (n,), or (…, n) where … is what these matrices have. Leading
  ///     dimensions of matrices broadcast.
  ///   - left: False for X with X · A equal to `other`.
  /// - Returns: The shape of `other`, broadcast.
  /// - Precondition: The matrices are square, of `float32` or `float64`, and not singular.
  public final func solve(_ other: Tensor, left: Bool = true) -> Tensor {
    let size = requireMatrices("solve")
    require(
      other.dtype == dtype,
      "solve: expected \(dtype) of shape \(shape) and \(other.dtype) of shape \(other.shape) to be of one "
        + "type")
    let isStack: Bool = other.shape.dimensions == Array(shape.dimensions.dropLast())
    let isVector: Bool = other.rank == 1 || isStack
    if isVector {
      require(
        left, "solve: vectors of shape \(other.shape) are only for left: true, with shape \(shape)")
      return solve(other.unsqueezed(-1)).squeezed([-1])
    }
    guard left else { return transposed().solve(other.transposed()).transposed() }
    require(
      other.rank >= 2 && other.shape[-2] == size,
      "solve: shapes \(shape) and \(other.shape) do not fit")
    let (x, y) = expandedTogether(other, "solve")
    let width = y.shape[-1]
    let array = x.solved(y, size, width) { matrix, right in
      guard let found = Elimination(matrix, size).solution(of: right, width: width) else {
        trap("solve: the solver failed because the input matrix of shape \(shape) is singular")
      }
      return found
    }
    return .recordJointly("LinalgSolveExBackward0", [x, y], array) { output in
      let saved = x.saved
      return { grad, _ in
        let right = saved().transposed().solve(grad)
        return [-right.matmul(output().transposed()), right]
      }
    }
  }

  /// X with A · X equal to `other`, for these triangular matrices A, of which only one triangle is read.
  /// Equivalent to `torch.linalg.solve_triangular`.
  ///
  /// - Parameters:
  ///   - other: (…, n, k). Leading dimensions broadcast.
  ///   - upper: Whether the upper triangle counts.
  ///   - left: False for X with X · A equal to `other`.
  ///   - unitriangular: Whether the diagonal counts as ones, and is not read.
  /// - Returns: The shape of `other`, broadcast; not finite where a diagonal has a zero.
  /// - Precondition: The matrices are square, of `float32` or `float64`.
  public final func solveTriangular(
    _ other: Tensor, upper: Bool, left: Bool = true, unitriangular: Bool = false
  ) -> Tensor {
    let size = requireMatrices("solveTriangular")
    guard left else {
      return transposed().solveTriangular(
        other.transposed(), upper: !upper, unitriangular: unitriangular
      ).transposed()
    }
    require(
      other.rank >= 2 && other.shape[-2] == size && other.dtype == dtype,
      "solveTriangular: \(dtype) of shape \(shape) and \(other.dtype) of shape \(other.shape) do not fit"
    )
    let (x, y) = expandedTogether(other, "solveTriangular")
    let width = y.shape[-1]
    let array = x.solved(y, size, width) { matrix, right in
      Elimination.substitution(
        matrix, size, right, width, upper: upper, unitriangular: unitriangular)
    }
    return .recordJointly("LinalgSolveTriangularBackward0", [x, y], array) { output in
      let saved = x.saved
      return { grad, _ in
        let right = saved().transposed().solveTriangular(
          grad, upper: !upper, unitriangular: unitriangular)
        let full = -right.matmul(output().transposed())
        let edge = unitriangular ? 1 : 0
        return [upper ? full.upperTriangle(edge) : full.lowerTriangle(-edge), right]
      }
    }
  }

  /// Matrices and right sides with the same leading dimensions.
  private final func expandedTogether(
    _ other: Tensor, _ operation: StaticString
  ) -> (Tensor, Tensor) {
    let stack = Shape.broadcast(
      Shape(Array(shape.dimensions.dropLast(2))), Shape(Array(other.shape.dimensions.dropLast(2))),
      for: operation)
    func grown(_ x: Tensor) -> Tensor {
      let target = Shape(stack.dimensions + x.shape.dimensions.suffix(2))
      return x.shape == target ? x : x.expanded(target)
    }
    return (grown(self), grown(other))
  }

  /// A function of each matrix and its right side, in `float64`.
  private final func solved(
    _ other: Tensor, _ size: Int, _ width: Int, _ function: ([Double], [Double]) -> [Double]
  ) -> NDArray {
    let (left, right) = ([Double](self), [Double](other))
    let count = shape.dimensions.dropLast(2).reduce(1, *)
    let (area, width): (Int, Int) = (size * size, size * width)
    var solutions: [Double] = []
    for place in 0..<count {
      let start: Int = place * area
      let first: Int = place * width
      solutions += function(
        Array(left[start..<start + area]), Array(right[first..<first + width]))
    }
    return NDArray(solutions, shape: other.shape).cast(to: dtype)
  }

  /// A power of square matrices. Equivalent to `torch.linalg.matrix_power`.
  ///
  /// - Parameter n: The exponent; a negative one is of the inverse.
  /// - Precondition: The matrices are square, and not singular where `n` is negative.
  public final func matrixPower(_ n: Int) -> Tensor {
    require(
      rank >= 2 && shape[-1] == shape[-2],
      "matrixPower: shape \(shape) is not that of square matrices")
    guard n != 0 else {
      let identity = Tensor.eye(shape[-1], dtype: dtype).expanded(shape).array.copied()
      return .record("matrixPower", [self], identity) { _ in [{ $0.zeros }] }
    }
    guard n > 0 else { return inverse().matrixPower(-n) }
    guard n > 1 else { return clone() }
    var (square, result, rest) = (self, Tensor?.none, n)
    while true {
      if rest % 2 == 1 { result = result.map { $0.matmul(square) } ?? square }
      rest /= 2
      guard rest > 0 else { return result ?? square }
      square = square.matmul(square)
    }
  }

  /// The product of matrices, in the order that takes the fewest multiplications. Equivalent to
  /// `torch.linalg.multi_dot`.
  ///
  /// - Parameter tensors: At least two matrices; the first and the last may be vectors.
  public static func multiDot(_ tensors: [Tensor]) -> Tensor {
    require(
      tensors.count > 1,
      "multiDot: expected at least 2 tensors but got shapes \(tensors.map(\.shape))")
    var factors = tensors
    let isRow = factors[0].rank == 1
    let isColumn = factors[factors.count - 1].rank == 1
    if isRow { factors[0] = factors[0].unsqueezed(0) }
    if isColumn { factors[factors.count - 1] = factors[factors.count - 1].unsqueezed(1) }
    require(
      factors.allSatisfy { $0.rank == 2 }
        && zip(factors, factors.dropFirst()).allSatisfy { $0.shape[1] == $1.shape[0] },
      "multiDot: tensors of shapes \(tensors.map(\.shape)) cannot be multiplied")
    let product = MatrixChain(factors.map { $0.shape[0] } + [factors[factors.count - 1].shape[1]])
      .product(of: factors)
    return product.squeezed((isRow ? [0] : []) + (isColumn ? [1] : []))
  }
}

/// The order in which a chain of matrices is multiplied (Cormen et al., "Introduction to Algorithms", 15.2).
private struct MatrixChain {
  /// Where the product from one place to another is cut.
  private var cuts: [[Int]]

  init(_ lengths: [Int]) {
    let count = lengths.count - 1
    var costs = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    cuts = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
    for distance in 1..<Swift.max(2, count) {
      for first in 0..<Swift.max(0, count - distance) {
        let last = first + distance
        costs[first][last] = .infinity
        for cut in first..<last {
          let own = Double(lengths[first]) * Double(lengths[cut + 1]) * Double(lengths[last + 1])
          let cost = costs[first][cut] + costs[cut + 1][last] + own
          if cost < costs[first][last] {
            costs[first][last] = cost
            cuts[first][last] = cut
          }
        }
      }
    }
  }

  func product(of factors: [Tensor]) -> Tensor { product(of: factors, 0, factors.count - 1) }

  private func product(of factors: [Tensor], _ first: Int, _ last: Int) -> Tensor {
    guard first < last else { return factors[first] }
    let cut = cuts[first][last]
    return product(of: factors, first, cut).matmul(product(of: factors, cut + 1, last))
  }
}
