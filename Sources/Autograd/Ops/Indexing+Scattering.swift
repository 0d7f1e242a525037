import Arrays
import Files
import Kernels

extension Tensor {
  /// This tensor with elements of another written to indices along a dimension. Equivalent to
  /// `torch.scatter`.
  ///
  /// Where several elements go to one place, the last one remains; as in PyTorch, each of them gets
  /// the gradient of that place.
  ///
  /// - Parameters:
  ///   - axis: The dimension that `indices` refer to.
  ///   - indices: Integers, not negative. Along no dimension longer than `source`, nor, apart from
  ///     `axis`, than this tensor.
  ///   - source: The elements to write, of this tensor's type. Those beyond the shape of `indices`
  ///     are ignored.
  /// - Precondition: The shapes fit, and every index exists.
  public final func scattered(_ axis: Int, _ indices: Tensor, _ source: Tensor) -> Tensor {
    let places = scatterPlaces(axis, indices, source, "scatter")
    let source = source.cropped(to: indices.shape)
    return .record("scatter", [self, source], scatteredArray(places, source.array)) { _ in
      [
        { $0.scattered(places.axis, Tensor(places.indices), 0) },
        { $0.gather(places.axis, places.indices) },
      ]
    }
  }

  /// This tensor with a number written to indices along a dimension. Equivalent to `torch.scatter`
  /// with a number.
  ///
  /// - Parameters:
  ///   - axis: The dimension that `indices` refer to.
  ///   - indices: Integers, not negative. Apart from `axis`, along no dimension longer than this
  ///     tensor.
  ///   - value: The number, converted to this tensor's type.
  /// - Precondition: The shapes fit, and every index exists.
  public final func scattered(_ axis: Int, _ indices: Tensor, _ value: Double) -> Tensor {
    let source = Tensor(NDArray(filling: indices.shape, with: value, dtype: dtype))
    let places = scatterPlaces(axis, indices, source, "scatter")
    return .record("scatter", [self], scatteredArray(places, source.array)) { _ in
      [{ $0.scattered(places.axis, Tensor(places.indices), 0) }]
    }
  }

  /// This tensor with elements of another added at indices along a dimension. Equivalent to
  /// `torch.scatter_add`.
  ///
  /// - Parameters:
  ///   - axis: The dimension that `indices` refer to.
  ///   - indices: Integers, not negative. Along no dimension longer than `source`, nor, apart from
  ///     `axis`, than this tensor.
  ///   - source: The elements to add, of this tensor's type. Those beyond the shape of `indices`
  ///     are ignored.
  /// - Precondition: The shapes fit, and every index exists.
  public final func scatterAdded(_ axis: Int, _ indices: Tensor, _ source: Tensor) -> Tensor {
    let places = scatterPlaces(axis, indices, source, "scatterAdd")
    return self
      + source.cropped(to: indices.shape).scatterAdded(places.axis, places.indices, shape)
  }

  final func scatterPlaces(
    _ axis: Int, _ indices: Tensor, _ source: Tensor, _ operation: StaticString
  ) -> (axis: Int, indices: NDArray) {
    let position = shape.normalizedAxis(axis, for: operation)
    require(
      indices.rank == rank && source.rank == rank
        && shape.indices.allSatisfy {
          indices.shape[$0] <= source.shape[$0]
            && ($0 == position || indices.shape[$0] <= shape[$0])
        },
      "\(operation): indices of shape \(indices.shape) do not fit a source of shape "
        + "\(source.shape) and shape \(shape) apart from dimension \(axis)")
    require(
      source.dtype == dtype,
      "\(operation): a source of \(source.dtype) does not go into \(dtype) of shape \(shape)")
    let length = rank == 0 ? 1 : shape[position]
    return (position, indices.array.checkedIndices(length, for: operation))
  }

  private final func scatteredArray(
    _ places: (axis: Int, indices: NDArray), _ source: NDArray
  ) -> NDArray {
    func spread(_ x: NDArray) -> NDArray {
      x.scattered(places.indices, axis: places.axis, into: shape, adding: false)
    }
    let marks = NDArray(filling: places.indices.shape, with: 1, dtype: .int64)
    return .select(spread(marks).cast(to: .bool), spread(source), array)
  }

  /// The first elements along each dimension.
  final func cropped(to target: Shape) -> Tensor {
    shape == target
      ? self : target.indices.reduce(self) { $0.sliced($1, 0..<target[$1]) }
  }
}
