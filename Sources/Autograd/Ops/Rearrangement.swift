import Arrays
import Files
import Kernels

extension Tensor {
  /// The lower triangle of matrices, zeros elsewhere. Equivalent to `torch.tril`.
  ///
  /// - Parameter diagonal: The last diagonal that is kept, counted upwards from the main one.
  public final func lowerTriangle(_ diagonal: Int = 0) -> Tensor {
    maskedFill(offsets("tril") .> Double(diagonal), 0).named("TrilBackward0")
  }

  /// The upper triangle of matrices, zeros elsewhere. Equivalent to `torch.triu`.
  ///
  /// - Parameter diagonal: The first diagonal that is kept, counted upwards from the main one.
  public final func upperTriangle(_ diagonal: Int = 0) -> Tensor {
    maskedFill(offsets("triu") .< Double(diagonal), 0).named("TriuBackward0")
  }

  /// The distance of each element of a matrix to the right of the main diagonal.
  private final func offsets(_ operation: StaticString) -> Tensor {
    require(rank >= 2, "\(operation): shape \(shape) is not that of matrices")
    return noGrad { Tensor.arange(shape[rank - 1]) - Tensor.arange(shape[rank - 2]).unsqueezed(1) }
  }

  /// This tensor shifted along a dimension; elements that leave at one end enter at the other.
  /// Equivalent to `torch.roll`.
  ///
  /// - Parameters:
  ///   - shift: The distance towards higher indices; negative for lower ones.
  ///   - axis: The dimension; if nil, elements are shifted in row-major order.
  public final func rolled(_ shift: Int, _ axis: Int? = nil) -> Tensor {
    guard let axis else { return flattened().rolled(shift, 0).reshaped(shape) }
    require(rank > 0, "roll: shape \(shape) has no dimension \(axis)")
    let length = shape[shape.normalizedAxis(axis, for: "roll")]
    guard length > 0 else { return clone() }
    let indices = (0..<length).map { (($0 - shift) % length + length) % length }
    return indexSelect(axis, Tensor(indices))
  }

  /// This tensor repeated along each dimension. Equivalent to `torch.Tensor.repeat`.
  ///
  /// - Parameter counts: The number of repetitions along each dimension; further ones in front
  ///   create new dimensions. Fewer than dimensions, or negative ones, trap.
  public final func repeated(_ counts: [Int]) -> Tensor {
    require(
      counts.count >= rank && counts.allSatisfy { $0 >= 0 },
      "repeat: counts \(counts) do not fit shape \(shape)")
    let lengths = Array(repeating: 1, count: counts.count - rank) + shape.dimensions
    // Each dimension gets one of its repetitions before it, and is merged with that.
    let apart = reshaped(Shape(lengths.flatMap { [1, $0] }))
    let expanded = apart.expanded(Shape(zip(counts, lengths).flatMap { [$0, $1] }))
    return expanded.reshaped(Shape(zip(counts, lengths).map { $0 * $1 })).apart(from: self)
  }

  /// This tensor repeated along each dimension. Equivalent to `torch.tile`.
  ///
  /// - Parameter counts: As for ``repeated(_:)``, but there may be fewer than dimensions, and they
  ///   then belong to the last ones.
  public final func tiled(_ counts: [Int]) -> Tensor {
    repeated(Array(repeating: 1, count: Swift.max(0, rank - counts.count)) + counts)
  }

  /// A diagonal of matrices as the last dimension, without copying. Equivalent to `torch.diagonal`.
  ///
  /// - Parameters:
  ///   - offset: How far the diagonal is above the main one; negative for below.
  ///   - first: The dimension of rows, which is removed.
  ///   - second: The dimension of columns, which is removed.
  /// - Precondition: The dimensions are different.
  public final func diagonal(_ offset: Int = 0, _ first: Int = 0, _ second: Int = 1) -> Tensor {
    let picked = array.diagonal(offset, rows: first, columns: second)
    let shape = shape
    return .record("diagonal", [self], picked, isView: true) { _ in
      let rows = shape.normalizedAxis(first, for: "diagonal")
      let columns = shape.normalizedAxis(second, for: "diagonal")
      let order = shape.indices.filter { $0 != rows && $0 != columns } + [rows, columns]
      let lengths = order.map { shape[$0] }
      let width = shape[columns]
      let start = offset >= 0 ? offset : -offset * width
      let places = NDArray((0..<picked.shape[shape.rank - 2]).map { start + $0 * (width + 1) })
      return [
        { grad in
          grad.indexAdded(shape.rank - 2, places, shape[rows] * width).reshaped(Shape(lengths))
            .permuted(shape.indices.map { axis in order.firstIndex(of: axis) ?? axis })
        }
      ]
    }
  }

  /// The products of every element of one vector with every element of another. Equivalent to
  /// `torch.outer`.
  ///
  /// - Parameter other: (m,).
  /// - Returns: (n, m) for this tensor of shape (n,).
  /// - Precondition: Both tensors are one-dimensional.
  public final func outer(_ other: Tensor) -> Tensor {
    require(
      rank == 1 && other.rank == 1, "outer: shapes \(shape) and \(other.shape) are not of vectors")
    return unsqueezed(1) * other
  }

  /// A vector of zeros for each class, with a one at its index. Equivalent to
  /// `torch.nn.functional.one_hot`.
  ///
  /// - Parameter classes: The number of classes. Unlike in PyTorch it is not derived from the
  ///   elements.
  /// - Returns: (…, classes), of `int64`, for this tensor of integers of shape (…).
  /// - Precondition: Every element is in `0..<classes`.
  public final func oneHot(_ classes: Int) -> Tensor {
    _ = array.checkedIndices(classes, for: "oneHot")
    return (unsqueezed(-1) .== Tensor.arange(classes)).to(.int64)
  }

  /// The elements where a mask is true, in row-major order. Equivalent to `torch.masked_select`,
  /// except that the mask does not broadcast.
  ///
  /// - Parameter mask: Of type `bool` and of this tensor's shape; anything else traps.
  /// - Returns: (count,).
  public final func maskedSelect(_ mask: Tensor) -> Tensor {
    requireStorage("maskedSelect")
    require(
      mask.dtype == .bool,
      "maskedSelect: a mask of \(mask.dtype) with shape \(mask.shape) does not fit shape \(shape): it "
        + "must be bool")
    let common = Shape.broadcast(shape, mask.shape, for: "maskedSelect")
    guard mask.shape == common && shape == common else {
      return expanded(common).maskedSelect(mask.expanded(common))
    }
    let places = mask.elements(as: Bool.self).enumerated().filter(\.element).map(\.offset)
    return reshaped([elementCount]).indexSelect(0, Tensor(places))
  }

  /// The elements along a dimension in order, and the index of each. Equivalent to `torch.sort`
  /// with `stable=True`.
  ///
  /// NaN counts as larger than every number.
  ///
  /// - Parameters:
  ///   - axis: The dimension.
  ///   - descending: Whether the largest element comes first.
  /// - Returns: Values and indices, of this tensor's shape.
  public final func sorted(
    _ axis: Int = -1, descending: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    let indices = argsort(axis, descending: descending)
    return (gather(axis, indices), indices)
  }

  /// The indices that put a dimension in order. Equivalent to `torch.argsort` with `stable=True`.
  ///
  /// - Parameters:
  ///   - axis: The dimension.
  ///   - descending: Whether the index of the largest element comes first.
  /// - Returns: Indices of `int64`, of this tensor's shape.
  public final func argsort(_ axis: Int = -1, descending: Bool = false) -> Tensor {
    let position = shape.normalizedAxis(axis, for: "sort")
    let indices = array.argsorted(axis: position, descending: descending)
    return Tensor(array: indices, device: device, node: nil, requiresGrad: false)
  }

  /// The largest elements along a dimension in descending order, and the index of each. Equivalent
  /// to `torch.topk`.
  ///
  /// A zero-dimensional tensor has one element, which is returned for a count of 0 as well,
  /// as in PyTorch.
  ///
  /// - Parameters:
  ///   - count: The number of elements; more than the dimension has, or fewer than 0, trap.
  ///   - axis: The dimension.
  ///   - largest: False for the smallest elements, in ascending order.
  public final func topK(
    _ count: Int, _ axis: Int = -1, largest: Bool = true
  ) -> (values: Tensor, indices: Tensor) {
    let position = shape.normalizedAxis(axis, for: "topk")
    let length = rank > 0 ? shape[position] : 1
    require(
      (0...length).contains(count),
      "topk: there are no \(count) elements along dimension \(axis) of shape \(shape)")
    let order = array.argsorted(axis: position, descending: largest, count: count)
    let indices = Tensor(array: order, device: device, node: nil, requiresGrad: false)
    return (gather(axis, indices), indices)
  }
}
