import Arrays
import Files
import Kernels

extension Tensor {
  /// The lower triangle of matrices, zeros elsewhere. Equivalent to `torch.tril`.
  ///
  /// - Parameter diagonal: The last diagonal that is kept, counted upwards from the main one.
  public final func lowerTriangle(_ diagonal: Int = 0) -> Tensor {
    maskedFill(offsets("tril") .> Double(diagonal), 0)
  }

  /// The upper triangle of matrices, zeros elsewhere. Equivalent to `torch.triu`.
  ///
  /// - Parameter diagonal: The first diagonal that is kept, counted upwards from the main one.
  public final func upperTriangle(_ diagonal: Int = 0) -> Tensor {
    maskedFill(offsets("triu") .< Double(diagonal), 0)
  }

  /// Of each element of a matrix its distance to the right of the main diagonal.
  private final func offsets(_ operation: StaticString) -> Tensor {
    require(rank >= 2, "\(operation): shape \(shape) is not that of matrices")
    return noGrad { Tensor.arange(shape[rank - 1]) - Tensor.arange(shape[rank - 2]).unsqueezed(1) }
  }

  /// This tensor moved along a dimension, what leaves at one end coming in at the other.
  /// Equivalent to `torch.roll`.
  ///
  /// - Parameter axis: The dimension; if nil the elements are moved in row-major order.
  public final func rolled(_ shift: Int, _ axis: Int? = nil) -> Tensor {
    guard let axis else { return flattened().rolled(shift, 0).reshaped(shape) }
    require(rank > 0, "roll: shape \(shape) has no dimension \(axis)")
    let length = shape[shape.normalizedAxis(axis, for: "roll")]
    guard length > 0 else { return self }
    let indices = (0..<length).map { (($0 - shift) % length + length) % length }
    return indexSelect(axis, Tensor(indices))
  }

  /// This tensor several times along each dimension. Equivalent to `torch.Tensor.repeat`.
  ///
  /// - Parameter counts: At least one for each dimension; further ones in front make new
  ///   dimensions.
  public final func repeated(_ counts: [Int]) -> Tensor {
    require(
      counts.count >= rank && counts.allSatisfy { $0 >= 0 },
      "repeat: counts \(counts) do not fit shape \(shape)")
    let lengths = Array(repeating: 1, count: counts.count - rank) + shape.dimensions
    // Each dimension gets one of its repetitions before it, and is merged with that.
    let apart = reshaped(Shape(lengths.flatMap { [1, $0] }))
    let expanded = apart.expanded(Shape(zip(counts, lengths).flatMap { [$0, $1] }))
    return expanded.reshaped(Shape(zip(counts, lengths).map { $0 * $1 }))
  }

  /// This tensor several times along each dimension. Equivalent to `torch.tile`.
  ///
  /// As ``repeated(_:)``, but counts may be fewer than dimensions: they are those of the last ones.
  public final func tiled(_ counts: [Int]) -> Tensor {
    repeated(Array(repeating: 1, count: Swift.max(0, rank - counts.count)) + counts)
  }

  /// A diagonal of matrices as the last dimension. Equivalent to `torch.diagonal`: a view.
  ///
  /// - Parameters:
  ///   - offset: How far above the main diagonal it lies.
  ///   - first: The dimension of rows, which goes away.
  ///   - second: The dimension of columns, which goes away.
  public final func diagonal(_ offset: Int = 0, _ first: Int = 0, _ second: Int = 1) -> Tensor {
    let picked = array.diagonal(offset, rows: first, columns: second)
    let shape = shape
    return .record("diagonal", [self], picked) { _ in
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

  /// All products of two vectors' elements. Equivalent to `torch.outer`.
  public final func outer(_ other: Tensor) -> Tensor {
    require(
      rank == 1 && other.rank == 1, "outer: shapes \(shape) and \(other.shape) are not of vectors")
    return unsqueezed(1) * other
  }

  /// For each class a vector of zeros with a one at its place. Equivalent to
  /// `torch.nn.functional.one_hot`.
  ///
  /// - Precondition: This tensor holds integers from 0 up to but not `classes`.
  public final func oneHot(_ classes: Int) -> Tensor {
    _ = array.checkedIndices(classes, for: "oneHot")
    return (unsqueezed(-1) .== Tensor.arange(classes)).to(.int64)
  }

  /// The elements where a mask is true, in row-major order. Equivalent to `torch.masked_select`.
  ///
  /// - Parameter mask: Of type `bool`, of this tensor's shape.
  public final func maskedSelect(_ mask: Tensor) -> Tensor {
    requireStorage("maskedSelect")
    require(
      mask.dtype == .bool && mask.shape == shape,
      "maskedSelect: a mask of \(mask.dtype) with shape \(mask.shape) does not fit shape \(shape)")
    let places = mask.elements(as: Bool.self).enumerated().filter(\.element).map(\.offset)
    return reshaped([elementCount]).indexSelect(0, Tensor(places))
  }

  /// The elements along a dimension in order, and where each was. Equivalent to `torch.sort` with
  /// `stable=True`: NaN counts as greater than all numbers.
  public final func sorted(
    _ axis: Int = -1, descending: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    let indices = argsort(axis, descending: descending)
    return (gather(axis, indices), indices)
  }

  /// Where each element comes from when a dimension is put in order. Equivalent to
  /// `torch.argsort` with `stable=True`.
  public final func argsort(_ axis: Int = -1, descending: Bool = false) -> Tensor {
    let position = shape.normalizedAxis(axis, for: "sort")
    let indices = array.argsorted(axis: position, descending: descending)
    return Tensor(array: indices, device: device, node: nil, requiresGrad: false)
  }

  /// The greatest elements along a dimension in descending order, and where each was. Equivalent to
  /// `torch.topk`.
  ///
  /// A tensor without dimensions has one element, which is in the result whatever the count, as in
  /// PyTorch.
  ///
  /// - Parameter largest: False for the least elements, in ascending order.
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
