import Arrays
import Files
import Kernels

extension Tensor {
  /// The sums of products along the last dimensions. Equivalent to `torch.inner`; with a tensor without
  /// dimensions it is the product.
  ///
  /// - Parameter other: (…, features).
  /// - Returns: This tensor's shape and then that of `other`, both without the last dimension.
  public final func inner(_ other: Tensor) -> Tensor {
    guard rank > 0, other.rank > 0 else { return self * other }
    require(
      shape[-1] == other.shape[-1],
      "inner: the last dimension must match on both input tensors but got shapes \(shape) and "
        + "\(other.shape)")
    return tensordot(other, [-1], [-1])
  }

  /// The sums of products along dimensions of two tensors. Equivalent to `torch.tensordot`.
  ///
  /// - Parameters:
  ///   - other: The other tensor.
  ///   - axes: Dimensions of this tensor.
  ///   - otherAxes: The dimensions of `other` that belong to them, of the same lengths.
  /// - Returns: The remaining dimensions of this tensor, then those of `other`.
  public final func tensordot(_ other: Tensor, _ axes: [Int], _ otherAxes: [Int]) -> Tensor {
    require(
      dtype == other.dtype,
      "tensordot: expected both tensors to have one type, not \(dtype) of shape \(shape) and "
        + "\(other.dtype) of shape \(other.shape)")
    let first = axes.map { shape.normalizedAxis($0, for: "tensordot") }
    let second = otherAxes.map { other.shape.normalizedAxis($0, for: "tensordot") }
    require(
      first.count == second.count && Set(first).count == first.count
        && Set(second).count == second.count
        && zip(first, second).allSatisfy {
          shape[$0] == other.shape[$1] || shape[$0] == 1 || other.shape[$1] == 1
        },
      "tensordot: dimensions \(axes) of shape \(shape) do not match dimensions \(otherAxes) of shape "
        + "\(other.shape)")
    // Of a pair with one length of 1, the other is summed, as in PyTorch.
    for (axis, otherAxis) in zip(first, second) where shape[axis] != other.shape[otherAxis] {
      return shape[axis] == 1
        ? tensordot(other.sum([otherAxis], keepDims: true).to(dtype), axes, otherAxes)
        : sum([axis], keepDims: true).to(dtype).tensordot(other, axes, otherAxes)
    }
    let rows = shape.indices.filter { !first.contains($0) }
    let columns = other.shape.indices.filter { !second.contains($0) }
    let length = first.reduce(1) { $0 * shape[$1] }
    func count(_ axes: [Int], _ shape: Shape) -> Int { axes.reduce(1) { $0 * shape[$1] } }
    let left = permuted(rows + first).reshaped(Shape([count(rows, shape), length]))
    let right = other.permuted(second + columns)
      .reshaped(Shape([length, count(columns, other.shape)]))
    return left.matmul(right)
      .reshaped(Shape(rows.map { shape[$0] } + columns.map { other.shape[$0] }))
  }

  /// The Kronecker product: a copy of `other` for each element, times that. Equivalent to `torch.kron`.
  ///
  /// - Parameter other: The right factor. The tensor with fewer dimensions gets further ones in front.
  /// - Returns: The products of the lengths.
  public final func kron(_ other: Tensor) -> Tensor {
    let rank = Swift.max(self.rank, other.rank)
    func padded(_ shape: Shape) -> [Int] {
      [Int](repeating: 1, count: rank - shape.rank) + shape.dimensions
    }
    let (left, right) = (padded(shape), padded(other.shape))
    let product =
      reshaped(Shape(left.flatMap { [$0, 1] })) * other.reshaped(Shape(right.flatMap { [1, $0] }))
    return product.reshaped(Shape(zip(left, right).map(*)))
  }

  /// The product of a matrix and a vector. Equivalent to `torch.mv`.
  ///
  /// - Parameter vec: (m,) for this tensor of shape (n, m).
  public final func mv(_ vec: Tensor) -> Tensor {
    require(
      rank == 2 && vec.rank == 1 && shape[1] == vec.shape[0],
      "mv: shapes \(shape) and \(vec.shape) are not of a matrix and a vector that fit")
    requireOneType("mv", vec)
    return matmul(vec)
  }

  /// The sum of the products of two vectors. Equivalent to `torch.vdot`, which for real numbers is
  /// ``dot(_:)``.
  ///
  /// - Parameter other: A vector of equal length.
  public final func vdot(_ other: Tensor) -> Tensor {
    requireOneType("vdot", other)
    return dot(other)
  }

  /// `beta` · this + `alpha` · (`mat1` · `mat2`). Equivalent to `torch.addmm`.
  ///
  /// Where `beta` is 0, this tensor's elements do not count, not even NaN. The same holds for the others of
  /// this kind, whose tensors have one type; factors of integers are whole.
  ///
  /// - Parameters:
  ///   - mat1: (n, k).
  ///   - mat2: (k, m).
  ///   - beta: The factor for this tensor, which broadcasts to (n, m).
  ///   - alpha: The factor for the product.
  public final func addmm<B: TensorNumber, A: TensorNumber>(
    _ mat1: Tensor, _ mat2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Tensor {
    require(
      mat1.rank == 2 && mat2.rank == 2 && mat1.shape[1] == mat2.shape[0],
      "addmm: shapes \(mat1.shape) and \(mat2.shape) are not of matrices that fit")
    return blended("addmm", mat1, mat2, beta, alpha) { $0.matmul($1) }
  }

  /// `beta` · this + `alpha` · (`mat` · `vec`). Equivalent to `torch.addmv`.
  ///
  /// - Parameters:
  ///   - mat: (n, m).
  ///   - vec: (m,).
  ///   - beta: The factor for this tensor, which broadcasts to (n,).
  ///   - alpha: The factor for the product.
  public final func addmv<B: TensorNumber, A: TensorNumber>(
    _ mat: Tensor, _ vec: Tensor, beta: B = 1, alpha: A = 1
  ) -> Tensor {
    require(
      mat.rank == 2 && vec.rank == 1 && mat.shape[1] == vec.shape[0],
      "addmv: shapes \(mat.shape) and \(vec.shape) are not of a matrix and a vector that fit")
    return blended("addmv", mat, vec, beta, alpha) { $0.matmul($1) }
  }

  /// `beta` · this + `alpha` · (`batch1` · `batch2`), matrix by matrix. Equivalent to `torch.baddbmm`.
  ///
  /// - Parameters:
  ///   - batch1: (batch, n, k).
  ///   - batch2: (batch, k, m).
  ///   - beta: The factor for this tensor, which broadcasts to (batch, n, m).
  ///   - alpha: The factor for the products.
  public final func baddbmm<B: TensorNumber, A: TensorNumber>(
    _ batch1: Tensor, _ batch2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Tensor {
    requireBatches("baddbmm", batch1, batch2)
    return blended("baddbmm", batch1, batch2, beta, alpha) { $0.matmul($1) }
  }

  /// `beta` · this + `alpha` · Σ (`batch1` · `batch2`), the sum of the products of all matrices. Equivalent to
  /// `torch.addbmm`.
  ///
  /// - Parameters:
  ///   - batch1: (batch, n, k).
  ///   - batch2: (batch, k, m).
  ///   - beta: The factor for this tensor, which broadcasts to (n, m).
  ///   - alpha: The factor for the sum.
  public final func addbmm<B: TensorNumber, A: TensorNumber>(
    _ batch1: Tensor, _ batch2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Tensor {
    requireBatches("addbmm", batch1, batch2)
    return blended("addbmm", batch1, batch2, beta, alpha) { $0.matmul($1).sum([0]).to($0.dtype) }
  }

  /// `beta` · this + `alpha` · the outer product of two vectors. Equivalent to `torch.addr`.
  ///
  /// - Parameters:
  ///   - vec1: (n,).
  ///   - vec2: (m,).
  ///   - beta: The factor for this tensor, which broadcasts to (n, m).
  ///   - alpha: The factor for the product.
  public final func addr<B: TensorNumber, A: TensorNumber>(
    _ vec1: Tensor, _ vec2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Tensor {
    require(
      vec1.rank == 1 && vec2.rank == 1,
      "addr: shapes \(vec1.shape) and \(vec2.shape) are not of vectors")
    let common = dtype.promoted(with: vec1.dtype).promoted(with: vec2.dtype)
    let result = to(common).blended("addr", vec1.to(common), vec2.to(common), beta, alpha) {
      $0.outer($1)
    }
    // Of truths it is whether the sum is not zero.
    return common == .bool ? result.to(.bool) : result
  }

  private final func requireBatches(_ operation: StaticString, _ first: Tensor, _ second: Tensor) {
    require(
      first.rank == 3 && second.rank == 3 && first.shape[0] == second.shape[0]
        && first.shape[2] == second.shape[1],
      "\(operation): shapes \(first.shape) and \(second.shape) are not of batches of matrices that fit"
    )
  }

  private final func blended(
    _ name: StaticString, _ first: Tensor, _ second: Tensor, _ beta: some TensorNumber,
    _ alpha: some TensorNumber, _ product: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).blended(name, low(first), low(second), beta, alpha, product)
    }) {
      return result
    }
    requireOneType(name, first, second)
    let isIntegral = dtype.isIntegral
    require(
      !isIntegral || beta.asInt != nil && alpha.asInt != nil,
      "\(name): for integral tensors of shape \(shape) beta and alpha must not be floating-point numbers"
    )
    if let result = widened({
      $0.blended(name, first.wide, second.wide, beta, alpha, product)
    }) {
      return result.named(name)
    }
    func scaled(_ x: Tensor, _ factor: some TensorNumber) -> Tensor {
      if factor.asDouble == 1 { return x }
      return x.dtype == .bool && isIntegral && factor.asDouble == 0 ? x.zeros : x * factor
    }
    let term = scaled(product(first, second), alpha)
    require(
      Shape.broadcast(shape, term.shape, for: name) == term.shape,
      "\(name): shape \(shape) does not expand to that of the product, \(term.shape)")
    guard beta.asDouble == 0 else {
      return (scaled(self, beta).expanded(term.shape) + term).named(name)
    }
    let nothing = Tensor.record("mul", [self], NDArray(zeros: shape, dtype: dtype)) { _ in
      [{ $0.zeros }]
    }
    return (nothing + term).named(name)
  }
}
