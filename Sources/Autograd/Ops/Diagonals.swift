import Arrays
import Files
import Kernels

extension Tensor {
  /// The sum of the diagonal of a matrix. Equivalent to `torch.trace`. Integers are summed as `int64`.
  ///
  /// - Precondition: There are two dimensions.
  public final func trace() -> Tensor {
    require(rank == 2, "trace: expected a matrix, but got a tensor of shape \(shape)")
    return diagonal().sum().named("TraceBackward0")
  }

  /// A matrix with these elements as a diagonal, of a vector, or a copy of a diagonal, of a matrix. Equivalent
  /// to `torch.diag`.
  ///
  /// - Parameter offset: How far the diagonal is above the main one; negative for below.
  /// - Precondition: There are one or two dimensions.
  public final func diag(_ offset: Int = 0) -> Tensor {
    require(
      rank == 1 || rank == 2,
      "diag: supports 1D or 2D tensors, but got a tensor of shape \(shape)")
    return rank == 1 ? diagEmbed(offset) : diagonal(offset).clone()
  }

  /// Matrices of zeros with these elements as diagonals. Equivalent to `torch.diag_embed`.
  ///
  /// - Parameters:
  ///   - offset: How far the diagonals are above the main ones; negative for below.
  ///   - dim1: The dimension of rows in the result.
  ///   - dim2: The dimension of columns in the result.
  /// - Returns: This tensor's shape with the last dimension replaced by two.
  /// - Precondition: The dimensions are different.
  public final func diagEmbed(_ offset: Int = 0, _ dim1: Int = -2, _ dim2: Int = -1) -> Tensor {
    require(rank > 0, "diagEmbed: shape \(shape) has no dimension of diagonals")
    let length = shape[-1]
    let size = length + Swift.abs(offset)
    let lengths = Array(shape.dimensions.dropLast())
    // Of the shape that the result has, whatever the order of its dimensions.
    let target = Shape(lengths + [size, size])
    let (rows, columns) = (
      target.normalizedAxis(dim1, for: "diagEmbed"), target.normalizedAxis(dim2, for: "diagEmbed")
    )
    require(
      rows != columns,
      "diagEmbed: diagonal dimensions cannot be identical \(dim1), \(dim2) for shape \(shape)")
    let first = offset >= 0 ? offset : -offset * size
    let places = NDArray((0..<length).map { Int64(first + $0 * (size + 1)) })
    let matrices = indexAdded(rank - 1, places, size * size).reshaped(target)
    // With a transposed pair of dimensions rows and columns change places, as in PyTorch.
    var others = Array(0..<rank - 1).makeIterator()
    let order = target.indices.map { axis in
      axis == rows ? rank - 1 : axis == columns ? rank : others.next() ?? axis
    }
    return matrices.permuted(order).contiguous().named("diagEmbed")
  }

  /// A matrix with all elements as a diagonal. Equivalent to `torch.diagflat`.
  ///
  /// - Parameter offset: How far the diagonal is above the main one; negative for below.
  public final func diagflat(_ offset: Int = 0) -> Tensor { flattened().diagEmbed(offset) }
}
