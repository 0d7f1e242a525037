import Arrays
import Files
import Kernels

// PyTorch's arguments of operations on places, by name.
extension Tensor {
  /// The indices of all elements that are not zero: ``nonzero()``. Equivalent to `torch.argwhere`.
  public final func argwhere() -> Tensor { nonzero() }
  /// The indices of all elements that are not zero, a tensor for each dimension. Equivalent to
  /// `torch.nonzero` with `as_tuple=True`.
  ///
  /// - Parameter asTuple: True; without it see ``nonzero()``.
  public final func nonzero(asTuple: Bool) -> [Tensor] {
    require(asTuple, "nonzero: asTuple is false, for shape \(shape): write nonzero()")
    let places = atleast1d().nonzero()
    return (0..<places.shape[1]).map { places.select(1, $0) }
  }
  /// The rows in ascending order, column by column. Equivalent to `torch.msort`.
  public final func msort() -> Tensor { sorted(0).values }
  /// The indices that put a dimension in order: ``argsort(_:descending:)``. Equivalent to `torch.argsort`,
  /// whose order is always stable here.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - descending: Whether the index of the largest element comes first.
  ///   - stable: No matter: equal elements keep their order anyway.
  public final func argsort(dim: Int, descending: Bool = false, stable: Bool = true) -> Tensor {
    argsort(dim, descending: descending)
  }
  /// The elements along a dimension in order, and their indices. Equivalent to `torch.sort`, whose order is
  /// always stable here.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - descending: Whether the largest element comes first.
  ///   - stable: No matter: equal elements keep their order anyway.
  public final func sort(
    dim: Int = -1, descending: Bool = false, stable: Bool
  ) -> (values: Tensor, indices: Tensor) {
    sorted(dim, descending: descending)
  }
  /// The slices of a dimension at indices: ``indexSelect(_:_:)``. Equivalent to `torch.index_select`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers.
  public final func indexSelect(dim: Int, index: Tensor) -> Tensor { indexSelect(dim, index) }
  /// A slice of a dimension: ``select(_:_:)``. Equivalent to `torch.select`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: The place of the slice.
  public final func select(dim: Int, index: Int) -> Tensor { select(dim, index) }
  /// A part of a dimension. Equivalent to `torch.narrow`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - start: Where it begins.
  ///   - length: How long it is.
  public final func narrow(dim: Int, start: Int, length: Int) -> Tensor {
    narrow(dim, start, length)
  }
  /// A copy of a part of a dimension. Equivalent to `torch.narrow_copy`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - start: Where it begins.
  ///   - length: How long it is.
  public final func narrowCopy(_ dim: Int, _ start: Int, _ length: Int) -> Tensor {
    narrow(dim, start, length).clone()
  }
  /// Each element several times. Equivalent to `torch.repeat_interleave`.
  ///
  /// - Parameters:
  ///   - repeats: How often.
  ///   - dim: The dimension.
  public final func repeatInterleave(_ repeats: Int, dim: Int) -> Tensor {
    repeatInterleave(repeats, dim)
  }
  /// Slices of a dimension, each as often as a tensor says. Equivalent to `torch.repeat_interleave` with a
  /// tensor.
  ///
  /// - Parameters:
  ///   - repeats: Integers, not negative, one for each slice, or one for all.
  ///   - dim: The dimension; all elements in row-major order if nil.
  public final func repeatInterleave(_ repeats: Tensor, dim: Int? = nil) -> Tensor {
    guard let dim else { return flattened().repeatInterleave(repeats, dim: 0) }
    repeats.requireStorage("repeatInterleave")
    repeats.array.requireIntegers("repeats", for: "repeatInterleave")
    let length = rank == 0 ? 1 : shape[shape.normalizedAxis(dim, for: "repeatInterleave")]
    let counts = [Int](repeats)
    require(
      repeats.rank <= 1 && (counts.count == 1 || counts.count == length),
      "repeatInterleave: repeats of shape \(repeats.shape) must have one number, or as many as dimension "
        + "\(dim) of shape \(shape)")
    require(
      counts.allSatisfy { $0 >= 0 },
      "repeatInterleave: repeats cannot be negative, for shape \(shape)")
    let places = (0..<length).flatMap { place in
      [Int](repeating: place, count: counts.count == 1 ? counts[0] : counts[place])
    }
    return (rank == 0 ? reshaped([1]) : self).indexSelect(dim, Tensor(places))
  }
  /// The number of elements along `dim` that are not zero. Equivalent to `torch.count_nonzero`.
  ///
  /// - Parameter dim: The dimension to reduce, or an array of some.
  public final func countNonzero(dim: some TensorDimensions) -> Tensor {
    countNonzero(dim.dimensionList)
  }
  /// The cross products of vectors along a dimension: ``cross(_:_:)``. Equivalent to `torch.cross`.
  ///
  /// - Parameters:
  ///   - other: The vectors on the right.
  ///   - dim: The dimension of the vectors.
  public final func cross(_ other: Tensor, dim: Int) -> Tensor { cross(other, dim) }
  /// This tensor shifted along several dimensions. Equivalent to `torch.roll`.
  ///
  /// - Parameters:
  ///   - shifts: The distance along each dimension.
  ///   - dims: The dimensions.
  public final func roll(_ shifts: [Int], _ dims: [Int]) -> Tensor {
    require(
      shifts.count == dims.count,
      "roll: shifts \(shifts) and dimensions \(dims) must align, for shape \(shape)")
    return zip(shifts, dims).reduce(self) { $0.rolled($1.0, $1.1) }
  }
  /// This tensor with a dimension elsewhere: ``movedim(_:_:)``. Equivalent to `torch.moveaxis`.
  ///
  /// - Parameters:
  ///   - source: The dimension.
  ///   - destination: Its place in the result.
  public final func moveaxis(_ source: Int, _ destination: Int) -> Tensor {
    movedim(source, destination)
  }
  /// Parts of these lengths along a dimension. Equivalent to `torch.split_with_sizes`.
  ///
  /// - Parameters:
  ///   - sizes: The lengths.
  ///   - dim: The dimension.
  public final func splitWithSizes(_ sizes: [Int], dim: Int = 0) -> [Tensor] {
    split(sizes, axis: dim)
  }
  /// This tensor with elements of another written to indices: ``scattered(_:_:_:)-(_,_,Tensor)``. Equivalent to
  /// `torch.scatter`.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the elements go.
  ///   - src: The elements.
  public final func scatter(dim: Int, index: Tensor, src: Tensor) -> Tensor {
    scattered(dim, index, src)
  }
  /// This tensor with elements of another added at indices: ``scatterAdded(_:_:_:)``. Equivalent to
  /// `torch.scatter_add`.
  ///
  /// - Parameters:
  ///   - dim: The dimension that `index` refers to.
  ///   - index: Where the elements are added.
  ///   - src: The elements.
  public final func scatterAdd(dim: Int, index: Tensor, src: Tensor) -> Tensor {
    scatterAdded(dim, index, src)
  }
  /// Elements picked along a dimension, with broadcasting: ``takeAlongDim(_:_:)``. Equivalent to
  /// `torch.take_along_dim`.
  ///
  /// - Parameters:
  ///   - indices: Integers.
  ///   - dim: The dimension.
  public final func takeAlongDim(_ indices: Tensor, dim: Int) -> Tensor {
    takeAlongDim(indices, dim)
  }
}
