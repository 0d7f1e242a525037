// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Files
import Kernels

// Products and places that change their tensor; the rules are those of `add_`.

extension Tensor {
  /// Blends each element with one of a product. Equivalent to
  /// `torch.Tensor.addmm_`.
  ///
  /// - Parameters:
  ///   - mat1: The left factor.
  ///   - mat2: The right factor.
  ///   - beta: The factor of this tensor.
  ///   - alpha: The factor of the product.
  /// - Returns: This tensor.
  @discardableResult
  public final func addmm_<B: TensorNumber, A: TensorNumber>(
    _ mat1: Tensor, _ mat2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Self {
    changed("addmm_") { $0.addmm(mat1, mat2, beta: beta, alpha: alpha) }
  }
  /// Blends each element with one of a product. Equivalent to
  /// `torch.Tensor.addmv_`.
  ///
  /// - Parameters:
  ///   - mat: The left factor.
  ///   - vec: The right factor.
  ///   - beta: The factor of this tensor.
  ///   - alpha: The factor of the product.
  /// - Returns: This tensor.
  @discardableResult
  public final func addmv_<B: TensorNumber, A: TensorNumber>(
    _ mat: Tensor, _ vec: Tensor, beta: B = 1, alpha: A = 1
  ) -> Self {
    changed("addmv_") { $0.addmv(mat, vec, beta: beta, alpha: alpha) }
  }
  /// Blends each element with one of a product. Equivalent to
  /// `torch.Tensor.baddbmm_`.
  ///
  /// - Parameters:
  ///   - batch1: The left factor.
  ///   - batch2: The right factor.
  ///   - beta: The factor of this tensor.
  ///   - alpha: The factor of the product.
  /// - Returns: This tensor.
  @discardableResult
  public final func baddbmm_<B: TensorNumber, A: TensorNumber>(
    _ batch1: Tensor, _ batch2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Self {
    changed("baddbmm_") { $0.baddbmm(batch1, batch2, beta: beta, alpha: alpha) }
  }
  /// Blends each element with one of a product. Equivalent to
  /// `torch.Tensor.addbmm_`.
  ///
  /// - Parameters:
  ///   - batch1: The left factor.
  ///   - batch2: The right factor.
  ///   - beta: The factor of this tensor.
  ///   - alpha: The factor of the product.
  /// - Returns: This tensor.
  @discardableResult
  public final func addbmm_<B: TensorNumber, A: TensorNumber>(
    _ batch1: Tensor, _ batch2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Self {
    changed("addbmm_") { $0.addbmm(batch1, batch2, beta: beta, alpha: alpha) }
  }
  /// Blends each element with one of a product. Equivalent to
  /// `torch.Tensor.addr_`.
  ///
  /// - Parameters:
  ///   - vec1: The left factor.
  ///   - vec2: The right factor.
  ///   - beta: The factor of this tensor.
  ///   - alpha: The factor of the product.
  /// - Returns: This tensor.
  @discardableResult
  public final func addr_<B: TensorNumber, A: TensorNumber>(
    _ vec1: Tensor, _ vec2: Tensor, beta: B = 1, alpha: A = 1
  ) -> Self {
    changed("addr_") { $0.addr(vec1, vec2, beta: beta, alpha: alpha) }
  }
  /// Adds slices at indices along a dimension. Equivalent to
  /// `torch.Tensor.index_add_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers.
  ///   - source: The slices.
  ///   - alpha: A factor for them.
  /// - Returns: This tensor.
  @discardableResult
  public final func indexAdd_<A: TensorNumber>(
    _ dim: Int, _ index: Tensor, _ source: Tensor, alpha: A = 1
  ) -> Self {
    changed("indexAdd_") { $0.indexAdd(dim, index, source, alpha: alpha) }
  }
  /// Writes slices to indices along a dimension. Equivalent to
  /// `torch.Tensor.index_copy_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers.
  ///   - source: The slices.
  /// - Returns: This tensor.
  @discardableResult
  public final func indexCopy_(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Self {
    changed("indexCopy_") { $0.indexCopy(dim, index, source) }
  }
  /// Writes a number to the slices at indices along a dimension. Equivalent to
  /// `torch.Tensor.index_fill_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers.
  ///   - value: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func indexFill_(_ dim: Int, _ index: Tensor, _ value: some TensorNumber) -> Self {
    changed("indexFill_") { $0.indexFill(dim, index, value) }
  }
  /// Writes a number to the slices at indices along a dimension. Equivalent to
  /// `torch.Tensor.index_fill_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers.
  ///   - value: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func indexFill_(_ dim: Int, _ index: Tensor, _ value: Tensor) -> Self {
    changed("indexFill_") { $0.indexFill(dim, index, value) }
  }
  /// Writes elements to indices, or adds them there. Equivalent to
  /// `torch.Tensor.index_put_`.
  ///
  /// - Parameters:
  ///   - indices: As for ``indexed(_:)``.
  ///   - values: The elements, which broadcast.
  ///   - accumulate: Whether they are added.
  /// - Returns: This tensor.
  @discardableResult
  public final func indexPut_(
    _ indices: [Tensor?], _ values: Tensor, accumulate: Bool = false
  ) -> Self {
    changed("indexPut_") { $0.indexPut(indices, values, accumulate: accumulate) }
  }
  /// Writes elements to indices along a dimension. Equivalent to
  /// `torch.Tensor.scatter_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the elements go.
  ///   - src: The elements.
  /// - Returns: This tensor.
  @discardableResult
  public final func scatter_(_ dim: Int, _ index: Tensor, _ src: Tensor) -> Self {
    changed("scatter_") { $0.scattered(dim, index, src) }
  }
  /// Writes a number to indices along a dimension. Equivalent to
  /// `torch.Tensor.scatter_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the number goes.
  ///   - value: The number.
  /// - Returns: This tensor.
  @discardableResult
  public final func scatter_(_ dim: Int, _ index: Tensor, _ value: some TensorNumber) -> Self {
    changed("scatter_") {
      let number = Tensor(value.filling($0.dtype, for: "scatter_"))
      return $0.scattered(dim, index, number.expanded(index.shape))
    }
  }
  /// Adds elements at indices along a dimension. Equivalent to
  /// `torch.Tensor.scatter_add_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the elements are added.
  ///   - src: The elements.
  /// - Returns: This tensor.
  @discardableResult
  public final func scatterAdd_(_ dim: Int, _ index: Tensor, _ src: Tensor) -> Self {
    changed("scatterAdd_") { $0.scatterAdded(dim, index, src) }
  }
  /// Combines elements with those at indices along a dimension. Equivalent to
  /// `torch.Tensor.scatter_reduce_`.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the elements go.
  ///   - src: The elements.
  ///   - reduce: How they are combined.
  ///   - includeSelf: Whether this tensor's elements take part.
  /// - Returns: This tensor.
  @discardableResult
  public final func scatterReduce_(
    _ dim: Int, _ index: Tensor, _ src: Tensor, reduce: ScatterReduction,
    includeSelf: Bool = true
  ) -> Self {
    changed("scatterReduce_") {
      $0.scatterReduce(dim, index, src, reduce: reduce, includeSelf: includeSelf)
    }
  }
  /// Writes elements, one after the other, where a mask is true. Equivalent to
  /// `torch.Tensor.masked_scatter_`.
  ///
  /// - Parameters:
  ///   - mask: A mask of type `bool`, which broadcasts to this tensor's shape.
  ///   - source: The elements.
  /// - Returns: This tensor.
  @discardableResult
  public final func maskedScatter_(_ mask: Tensor, _ source: Tensor) -> Self {
    changed("maskedScatter_") { $0.maskedScatter(mask, source) }
  }
  /// Sets the main diagonal to a number. Equivalent to
  /// `torch.Tensor.fill_diagonal_`.
  ///
  /// - Parameter value: The number, converted to this tensor's type.
  /// - Returns: This tensor.
  /// - Precondition: There are two dimensions, or more of equal length. There is no `wrap`.
  @discardableResult
  public final func fillDiagonal_(_ value: some TensorNumber) -> Self {
    require(
      rank == 2 || rank > 2 && shape.allSatisfy { $0 == shape[0] },
      "fillDiagonal_: shape \(shape) must have two dimensions, or more of equal length")
    return changed("fillDiagonal_") { x in
      // A tall matrix has no more than its columns.
      let length = shape.min() ?? 0
      let step = Layout(shape).strides.reduce(0, +)
      let places = Tensor((0..<length).map { $0 * step })
      let number = Tensor(value.filling(dtype, for: "fillDiagonal_").expanded(to: [length]))
      return x.flattened().scattered(0, places, number).reshaped(shape)
    }
  }
}
