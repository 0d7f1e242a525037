import Arrays
import Files
import Kernels

extension Tensor {
  /// Elements at indices in row-major order. Equivalent to `torch.take`.
  ///
  /// - Parameter index: Integers, which count from the end if negative; others trap.
  /// - Returns: The shape of `index`.
  public final func take(_ index: Tensor) -> Tensor {
    let places = index.array.checkedIndices(elementCount, countsFromEnd: true, for: "take")
    let flat = Tensor(places.reshaped(to: [index.elementCount]))
    return reshaped([elementCount]).indexSelect(0, flat).reshaped(index.shape).named("take")
  }

  /// Elements picked along a dimension by indices that broadcast against this tensor apart from it. Equivalent
  /// to `torch.take_along_dim`.
  ///
  /// - Parameters:
  ///   - indices: Integers, such as ``argsort(_:descending:)`` gives.
  ///   - dim: The dimension; all elements in row-major order if nil.
  public final func takeAlongDim(_ indices: Tensor, _ dim: Int? = nil) -> Tensor {
    indices.array.requireIntegers("indices", for: "takeAlongDim")
    guard let dim else { return flattened().gather(0, indices.flattened()) }
    require(
      rank == indices.rank,
      "takeAlongDim: input and indices should have the same number of dimensions, not shapes \(shape) and "
        + "\(indices.shape)")
    let position = shape.normalizedAxis(dim, for: "takeAlongDim")
    guard rank > 0 else { return gather(0, indices) }
    let places = Tensor(
      indices.array.checkedIndices(shape[position], countsFromEnd: true, for: "takeAlongDim"))
    func without(_ shape: Shape) -> Shape {
      Shape(shape.indices.map { $0 == position ? 1 : shape[$0] })
    }
    let common = Shape.broadcast(without(shape), without(indices.shape), for: "takeAlongDim")
    func grown(_ x: Tensor) -> Tensor {
      x.expanded(Shape(common.indices.map { $0 == position ? x.shape[$0] : common[$0] }))
    }
    return grown(self).gather(position, grown(places))
  }

  /// This tensor with the slices of another added at indices along a dimension. Equivalent to
  /// `torch.index_add`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers, not negative.
  ///   - source: As many slices of this tensor's type and, apart from `dim`, shape.
  ///   - alpha: A factor for them; a whole one for integers.
  public final func indexAdd<A: TensorNumber>(
    _ dim: Int, _ index: Tensor, _ source: Tensor, alpha: A = 1
  ) -> Tensor {
    require(
      !dtype.isIntegral || alpha.asInt != nil,
      "indexAdd: for integral tensors of shape \(shape) alpha must not be a floating-point number")
    let slices = slicePlaces(dim, index, source, "indexAdd")
    let scaled = alpha.asDouble == 1 ? slices.source : slices.source * alpha
    let sum = scaled.indexAdded(slices.axis, slices.places, slices.target.shape[slices.axis])
    return (slices.target + sum).reshaped(shape).named("indexAdd")
  }

  /// This tensor with the slices of another in the place of those at indices along a dimension. Equivalent to
  /// `torch.index_copy`. Of several for one place the last one remains.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers, not negative.
  ///   - source: As many slices of this tensor's type and, apart from `dim`, shape.
  public final func indexCopy(_ dim: Int, _ index: Tensor, _ source: Tensor) -> Tensor {
    let slices = slicePlaces(dim, index, source, "indexCopy")
    let everywhere = slices.spread(slices.places, over: slices.source.shape)
    return slices.target.scattered(slices.axis, everywhere, slices.source).reshaped(shape)
      .named("indexCopy")
  }

  /// This tensor with a number in the slices at indices along a dimension. Equivalent to `torch.index_fill`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers, which count from the end if negative.
  ///   - value: The number, converted to this tensor's type.
  public final func indexFill(_ dim: Int, _ index: Tensor, _ value: some TensorNumber) -> Tensor {
    indexFill(dim, index, Tensor(value.filling(dtype, for: "indexFill")))
  }

  /// This tensor with an element in the slices at indices along a dimension. Equivalent to `torch.index_fill`
  /// with a tensor.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - index: One-dimensional integers, which count from the end if negative.
  ///   - value: A tensor without dimensions, converted to this tensor's type. It gets the sum of the gradients.
  public final func indexFill(_ dim: Int, _ index: Tensor, _ value: Tensor) -> Tensor {
    require(
      value.rank == 0,
      "indexFill: only supports a 0-dimensional value tensor, but got one of shape \(value.shape)")
    require(
      !value.dtype.isComplex || dtype.isComplex,
      "indexFill: value of \(value.dtype) cannot go into \(dtype) of shape \(shape)")
    require(index.rank <= 1, "indexFill: index of shape \(index.shape) is supposed to be a vector")
    let position = shape.normalizedAxis(dim, for: "indexFill")
    let length = rank == 0 ? 1 : shape[position]
    let places = index.array.checkedIndices(length, countsFromEnd: true, for: "indexFill")
    var isMeant = [Bool](repeating: false, count: length)
    for place in places.elements(as: Int64.self) { isMeant[Int(place)] = true }
    let line = Shape(shape.indices.map { $0 == position ? length : 1 })
    return .where(Tensor(isMeant, shape: line), value.to(dtype), self).named("indexFill")
  }

  /// This tensor with elements at indices replaced, or added to. Equivalent to `torch.index_put`, and with nil
  /// for a colon to `x[i, :, j] = values`.
  ///
  /// - Parameters:
  ///   - indices: As for ``indexed(_:)``.
  ///   - values: What is put there, of this tensor's type, which broadcasts to the shape that
  ///     ``indexed(_:)`` gives.
  ///   - accumulate: Whether it is added, each as often as its place occurs.
  public final func indexPut(
    _ indices: [Tensor?], _ values: Tensor, accumulate: Bool = false
  ) -> Tensor {
    require(
      values.dtype == dtype,
      "indexPut: source and destination must have one type, not \(values.dtype) of shape "
        + "\(values.shape) and \(dtype) of shape \(shape)")
    let places = Tensor.arange(elementCount).reshaped(shape).indexed(indices)
    require(
      Shape.broadcast(values.shape, places.shape, for: "indexPut") == places.shape,
      "indexPut: values of shape \(values.shape) do not broadcast to indexing result of shape "
        + "\(places.shape)")
    let source = values.expanded(places.shape).flattened()
    let flat = reshaped([elementCount])
    let target = places.flattened()
    let result =
      accumulate ? flat.scatterAdded(0, target, source) : flat.scattered(0, target, source)
    return result.reshaped(shape).named("indexPut")
  }

  /// This tensor with the elements of another, one after the other, where a mask is true. Equivalent to
  /// `torch.masked_scatter`.
  ///
  /// - Parameters:
  ///   - mask: A mask of type `bool`, which broadcasts with this tensor.
  ///   - source: At least as many elements of this tensor's type as the mask has that are true.
  public final func maskedScatter(_ mask: Tensor, _ source: Tensor) -> Tensor {
    require(
      mask.dtype == .bool,
      "maskedScatter: only supports boolean masks, but got \(mask.dtype) of shape \(mask.shape)")
    require(
      source.dtype == dtype,
      "maskedScatter: expected one type, but got \(dtype) of shape \(shape) and \(source.dtype) of "
        + "shape \(source.shape)")
    requireStorage("maskedScatter")
    mask.requireStorage("maskedScatter")
    let common = Shape.broadcast(shape, mask.shape, for: "maskedScatter")
    let truths = mask.array.expanded(to: common).elements(as: Bool.self)
    let places = truths.indices.filter { truths[$0] }
    require(
      places.count <= source.elementCount,
      "maskedScatter: number of elements of source, of shape \(source.shape), is less than the number of "
        + "ones in mask, \(places.count)")
    let picked = source.reshaped([source.elementCount]).sliced(0, 0..<places.count)
    return expanded(common).flattened().scattered(0, Tensor(places), picked).reshaped(common)
      .named("maskedScatter")
  }

  /// What ``indexAdd(_:_:_:alpha:)`` and its like write, checked; what has no dimensions as one slice.
  private final func slicePlaces(
    _ dim: Int, _ index: Tensor, _ source: Tensor, _ operation: StaticString
  ) -> SlicePlaces {
    let position = shape.normalizedAxis(dim, for: operation)
    require(
      index.rank <= 1,
      "\(operation): index of shape \(index.shape) is supposed to be a vector")
    require(
      source.dtype == dtype,
      "\(operation): self and source are expected to have one type, not \(dtype) of shape \(shape) and "
        + "\(source.dtype) of shape \(source.shape)")
    let count = index.elementCount
    let target = rank == 0 ? reshaped([1]) : self
    let slices = source.rank == 0 ? source.reshaped([1]) : source
    require(
      slices.rank == target.rank && slices.shape[position] == count
        && slices.shape.indices.allSatisfy {
          $0 == position || slices.shape[$0] == target.shape[$0]
        },
      "\(operation): a source of shape \(source.shape) does not fit \(count) indices along dimension "
        + "\(dim) of shape \(shape)")
    let places = index.array.checkedIndices(target.shape[position], for: operation)
    return SlicePlaces(
      axis: position, places: places.reshaped(to: [count]), target: target, source: slices)
  }
}

/// Slices and where they go.
private struct SlicePlaces {
  let axis: Int
  let places: NDArray
  let target: Tensor
  let source: Tensor

  /// The places as indices of each element of the slices.
  func spread(_ places: NDArray, over shape: Shape) -> Tensor {
    let line = Shape(shape.indices.map { $0 == axis ? shape[axis] : 1 })
    return Tensor(places.reshaped(to: line).expanded(to: shape).copied())
  }
}
