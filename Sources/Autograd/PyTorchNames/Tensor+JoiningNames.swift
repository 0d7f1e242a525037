import Arrays
import Files
import Kernels

extension Tensor {
  /// Tensors joined along a dimension: PyTorch's name of ``concatenated(_:axis:)``.
  ///
  /// - Parameters:
  ///   - tensors: At least one.
  ///   - dim: The dimension along which they are joined.
  public static func cat(_ tensors: [Tensor], _ dim: Int = 0) -> Tensor {
    concatenated(tensors, axis: dim)
  }
  /// Tensors joined along a dimension: PyTorch's name of ``concatenated(_:axis:)``.
  ///
  /// - Parameters:
  ///   - tensors: At least one.
  ///   - dim: The dimension along which they are joined.
  public static func cat(_ tensors: [Tensor], dim: Int) -> Tensor {
    concatenated(tensors, axis: dim)
  }
  /// Tensors joined along a new dimension: PyTorch's name of ``stacked(_:axis:)``.
  ///
  /// - Parameters:
  ///   - tensors: At least one.
  ///   - dim: The position of the new dimension.
  public static func stack(_ tensors: [Tensor], _ dim: Int = 0) -> Tensor {
    stacked(tensors, axis: dim)
  }
  /// Tensors joined along a new dimension: PyTorch's name of ``stacked(_:axis:)``.
  ///
  /// - Parameters:
  ///   - tensors: At least one.
  ///   - dim: The position of the new dimension.
  public static func stack(_ tensors: [Tensor], dim: Int) -> Tensor {
    stacked(tensors, axis: dim)
  }

  /// At most `chunks` parts of equal length: PyTorch's name of ``chunked(_:axis:)``.
  ///
  /// - Parameters:
  ///   - chunks: The maximum number of parts.
  ///   - dim: The dimension to split.
  public final func chunk(_ chunks: Int, _ dim: Int = 0) -> [Tensor] { chunked(chunks, axis: dim) }
  /// At most `chunks` parts of equal length: PyTorch's name of ``chunked(_:axis:)``.
  ///
  /// - Parameters:
  ///   - chunks: The maximum number of parts.
  ///   - dim: The dimension to split.
  public final func chunk(_ chunks: Int, dim: Int) -> [Tensor] { chunked(chunks, axis: dim) }
  /// Parts of equal length along a dimension. Equivalent to `torch.split`.
  ///
  /// - Parameters:
  ///   - size: The length of a part.
  ///   - dim: The dimension to split.
  public final func split(_ size: Int, dim: Int) -> [Tensor] { split(size, axis: dim) }
  /// Parts of the given lengths along a dimension. Equivalent to `torch.split`.
  ///
  /// - Parameters:
  ///   - sizes: The length of each part.
  ///   - dim: The dimension to split.
  public final func split(_ sizes: [Int], dim: Int) -> [Tensor] { split(sizes, axis: dim) }
  /// The slices of a dimension, which is removed. Equivalent to `torch.unbind`.
  ///
  /// - Parameter dim: The dimension.
  public final func unbind(_ dim: Int = 0) -> [Tensor] {
    require(rank > 0, "unbind: dimension \(dim) is out of range for shape \(shape)")
    return (0..<shape[shape.normalizedAxis(dim, for: "unbind")]).map { select(dim, $0) }
  }
  /// The slices of a dimension, which is removed. Equivalent to `torch.unbind`.
  ///
  /// - Parameter dim: The dimension.
  public final func unbind(dim: Int) -> [Tensor] { unbind(dim) }

  /// The largest elements along a dimension and their indices: PyTorch's name of
  /// ``topK(_:_:largest:)``.
  ///
  /// - Parameters:
  ///   - k: The number of elements.
  ///   - dim: The dimension.
  ///   - largest: False for the smallest elements.
  public final func topk(
    _ k: Int, _ dim: Int = -1, largest: Bool = true
  ) -> (values: Tensor, indices: Tensor) {
    topK(k, dim, largest: largest)
  }
  /// The largest elements along a dimension and their indices: PyTorch's name of
  /// ``topK(_:_:largest:)``.
  ///
  /// - Parameters:
  ///   - k: The number of elements.
  ///   - dim: The dimension.
  ///   - largest: False for the smallest elements.
  public final func topk(
    _ k: Int, dim: Int, largest: Bool = true
  ) -> (values: Tensor, indices: Tensor) {
    topK(k, dim, largest: largest)
  }
  /// The elements along a dimension in order, and their indices: PyTorch's name of
  /// ``sorted(_:descending:)``. The tensor itself is unchanged, as in PyTorch.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - descending: Whether the largest element comes first.
  public final func sort(
    _ dim: Int = -1, descending: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    sorted(dim, descending: descending)
  }
  /// The elements along a dimension in order, and their indices: PyTorch's name of
  /// ``sorted(_:descending:)``.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - descending: Whether the largest element comes first.
  public final func sort(
    dim: Int, descending: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    sorted(dim, descending: descending)
  }

  /// Elements picked along a dimension: ``gather(_:_:)``.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: Indices along it.
  public final func gather(dim: Int, index: Tensor) -> Tensor { gather(dim, index) }
  /// This tensor with elements of another written to indices: PyTorch's name of
  /// ``scattered(_:_:_:)-(_,_,Tensor)``.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the elements go.
  ///   - source: The elements.
  public final func scatter(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    scattered(dim, index, source)
  }
  /// This tensor with a number written to indices: PyTorch's name of
  /// ``scattered(_:_:_:)-(_,_,Double)``.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the number goes.
  ///   - value: The number.
  public final func scatter(_ dim: Int, _ index: Tensor, _ value: some TensorNumber) -> Tensor {
    scattered(dim, index, value.asDouble)
  }
  /// This tensor with elements of another added at indices: PyTorch's name of
  /// ``scatterAdded(_:_:_:)``.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the elements are added.
  ///   - source: The elements.
  public final func scatterAdd(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    scatterAdded(dim, index, source)
  }
  /// The lower triangle of matrices: PyTorch's name of ``lowerTriangle(_:)``.
  ///
  /// - Parameter diagonal: The last diagonal that is kept.
  @_disfavoredOverload
  public final func tril(_ diagonal: Int = 0) -> Tensor { lowerTriangle(diagonal) }
  /// The lower triangle of matrices: PyTorch's name of ``lowerTriangle(_:)``.
  ///
  /// - Parameter diagonal: The last diagonal that is kept.
  @_disfavoredOverload
  public final func tril(diagonal: Int) -> Tensor { lowerTriangle(diagonal) }
  /// The upper triangle of matrices: PyTorch's name of ``upperTriangle(_:)``.
  ///
  /// - Parameter diagonal: The first diagonal that is kept.
  @_disfavoredOverload
  public final func triu(_ diagonal: Int = 0) -> Tensor { upperTriangle(diagonal) }
  /// The upper triangle of matrices: PyTorch's name of ``upperTriangle(_:)``.
  ///
  /// - Parameter diagonal: The first diagonal that is kept.
  @_disfavoredOverload
  public final func triu(diagonal: Int) -> Tensor { upperTriangle(diagonal) }
  /// The lower triangle of matrices. Equivalent to `torch.tril`.
  ///
  /// - Parameters:
  ///   - tensor: The matrices.
  ///   - diagonal: The last diagonal that is kept.
  public static func tril(_ tensor: Tensor, diagonal: Int = 0) -> Tensor {
    tensor.lowerTriangle(diagonal)
  }
  /// The upper triangle of matrices. Equivalent to `torch.triu`.
  ///
  /// - Parameters:
  ///   - tensor: The matrices.
  ///   - diagonal: The first diagonal that is kept.
  public static func triu(_ tensor: Tensor, diagonal: Int = 0) -> Tensor {
    tensor.upperTriangle(diagonal)
  }
  /// The products of every element of one vector with every one of another. Equivalent to
  /// `torch.outer`.
  ///
  /// - Parameters:
  ///   - first: (n,).
  ///   - second: (m,).
  public static func outer(_ first: Tensor, _ second: Tensor) -> Tensor { first.outer(second) }
  /// Vectors as coordinates of a grid, the first along rows. Equivalent to `torch.meshgrid` with
  /// `indexing="ij"`, which is PyTorch's default.
  ///
  /// - Parameter vectors: Tensors with at most one dimension.
  public static func meshgrid(_ vectors: Tensor...) -> [Tensor] {
    require(
      vectors.allSatisfy { $0.rank <= 1 },
      "meshgrid: expected vectors, not shapes \(vectors.map(\.shape))")
    let shape = Shape(vectors.map(\.elementCount))
    return vectors.enumerated().map { axis, vector in
      var lengths = [Int](repeating: 1, count: vectors.count)
      lengths[axis] = vector.elementCount
      return vector.reshaped(lengths).expanded(shape)
    }
  }

  /// Elements of `x` where `condition` is true, a number elsewhere. Equivalent to `torch.where`.
  ///
  /// - Parameters:
  ///   - condition: A mask of type `bool`.
  ///   - x: The elements where the mask is true.
  ///   - y: The number elsewhere.
  public static func `where`(_ condition: Tensor, _ x: Tensor, _ y: some TensorNumber) -> Tensor {
    .where(condition, x, y.beside(x))
  }
  /// A number where `condition` is true, elements of `y` elsewhere. Equivalent to `torch.where`.
  ///
  /// - Parameters:
  ///   - condition: A mask of type `bool`.
  ///   - x: The number where the mask is true.
  ///   - y: The elements elsewhere.
  public static func `where`(_ condition: Tensor, _ x: some TensorNumber, _ y: Tensor) -> Tensor {
    .where(condition, x.beside(y), y)
  }
  /// The product of two matrices. Equivalent to `torch.mm`. PyTorch's `x @ y` is ``matmul(_:)``, since
  /// Swift has no operator `@`.
  ///
  /// - Parameter other: (m, k) for this tensor of shape (n, m).
  public final func mm(_ other: Tensor) -> Tensor {
    require(rank == 2 && other.rank == 2, "mm: \(shape) and \(other.shape) are not matrices")
    return matmul(other)
  }
  /// The products of two batches of matrices. Equivalent to `torch.bmm`.
  ///
  /// - Parameter other: (batch, m, k) for this tensor of shape (batch, n, m).
  public final func bmm(_ other: Tensor) -> Tensor {
    require(
      rank == 3 && other.rank == 3 && shape[0] == other.shape[0],
      "bmm: \(shape) and \(other.shape) are not batches of matrices of equal length")
    return matmul(other)
  }
  /// The sum of the products of two vectors. Equivalent to `torch.dot`.
  ///
  /// - Parameter other: A vector of equal length.
  public final func dot(_ other: Tensor) -> Tensor {
    require(
      rank == 1 && other.rank == 1 && shape == other.shape,
      "dot: \(shape) and \(other.shape) are not vectors of equal length")
    return matmul(other)
  }
}
