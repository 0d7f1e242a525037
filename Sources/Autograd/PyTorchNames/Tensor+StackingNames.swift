import Arrays
import Files
import Kernels

// Tensors put together, and taken apart, along dimensions that have names of their own.
extension Tensor {
  /// Tensors along a dimension. Equivalent to `torch.concat`. See ``cat(_:_:)``.
  ///
  /// - Parameters:
  ///   - tensors: The tensors.
  ///   - dim: The dimension.
  public static func concat(_ tensors: [Tensor], dim: Int = 0) -> Tensor { cat(tensors, dim: dim) }
  /// Tensors along a dimension. Equivalent to `torch.concatenate`. See ``cat(_:_:)``.
  ///
  /// - Parameters:
  ///   - tensors: The tensors.
  ///   - dim: The dimension.
  public static func concatenate(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
    cat(tensors, dim: dim)
  }
  /// Tensors one below the other; vectors as rows. Equivalent to `torch.vstack`.
  ///
  /// - Parameter tensors: At least one tensor.
  public static func vstack(_ tensors: [Tensor]) -> Tensor {
    requireSome(tensors, "vstack")
    return concatenated(tensors.map { $0.atleast2d() })
  }
  /// Tensors one below the other; vectors as rows. Equivalent to `torch.row_stack`.
  ///
  /// - Parameter tensors: At least one tensor.
  public static func rowStack(_ tensors: [Tensor]) -> Tensor { vstack(tensors) }
  /// Tensors side by side; vectors one after the other. Equivalent to `torch.hstack`.
  ///
  /// - Parameter tensors: At least one tensor.
  public static func hstack(_ tensors: [Tensor]) -> Tensor {
    requireSome(tensors, "hstack")
    let parts = tensors.map { $0.atleast1d() }
    return concatenated(parts, axis: parts[0].rank == 1 ? 0 : 1)
  }
  /// Tensors one behind the other, along the third dimension. Equivalent to `torch.dstack`.
  ///
  /// - Parameter tensors: At least one tensor.
  public static func dstack(_ tensors: [Tensor]) -> Tensor {
    requireSome(tensors, "dstack")
    return concatenated(tensors.map { $0.atleast3d() }, axis: 2)
  }
  /// Tensors side by side; vectors as columns. Equivalent to `torch.column_stack`.
  ///
  /// - Parameter tensors: At least one tensor.
  public static func columnStack(_ tensors: [Tensor]) -> Tensor {
    requireSome(tensors, "columnStack")
    return hstack(tensors.map { $0.rank <= 1 ? $0.reshaped([$0.elementCount, 1]) : $0 })
  }

  private static func requireSome(_ tensors: [Tensor], _ operation: StaticString) {
    require(!tensors.isEmpty, "\(operation): expects a non-empty list of tensors")
  }

  /// This tensor with at least one dimension. Equivalent to `torch.atleast_1d`.
  public final func atleast1d() -> Tensor { rank == 0 ? reshaped([1]) : self }
  /// This tensor with at least two dimensions; a vector as a row. Equivalent to `torch.atleast_2d`.
  public final func atleast2d() -> Tensor {
    switch rank {
    case 0: reshaped([1, 1])
    case 1: unsqueezed(0)
    default: self
    }
  }
  /// This tensor with at least three dimensions; a vector along the second, a matrix along the first two.
  /// Equivalent to `torch.atleast_3d`.
  public final func atleast3d() -> Tensor {
    switch rank {
    case 0: reshaped([1, 1, 1])
    case 1: unsqueezed(0).unsqueezed(-1)
    case 2: unsqueezed(-1)
    default: self
    }
  }

  /// Parts of nearly equal length along a dimension, the longer ones first. Equivalent to
  /// `torch.tensor_split` with a number.
  ///
  /// - Parameters:
  ///   - sections: How many parts, at least one.
  ///   - dim: The dimension.
  public final func tensorSplit(_ sections: Int, dim: Int = 0) -> [Tensor] {
    let length = splitLength(dim, "tensorSplit")
    require(
      sections > 0,
      "tensorSplit: number of sections must be larger than 0, got \(sections) for shape \(shape)")
    let (size, longer) = length.quotientAndRemainder(dividingBy: sections)
    var start = 0
    return (0..<sections).map { place in
      let end = start + size + (place < longer ? 1 : 0)
      defer { start = end }
      return sliced(dim, start..<end)
    }
  }
  /// The parts of a dimension between indices. Equivalent to `torch.tensor_split` with indices.
  ///
  /// - Parameters:
  ///   - indices: Where the parts end, as in Python's slices: negative ones count from the end.
  ///   - dim: The dimension.
  public final func tensorSplit(_ indices: [Int], dim: Int = 0) -> [Tensor] {
    let length = splitLength(dim, "tensorSplit")
    func place(_ index: Int) -> Int {
      Swift.min(Swift.max(index < 0 ? index + length : index, 0), length)
    }
    let starts = [0] + indices.map(place)
    let ends = indices.map(place) + [length]
    return zip(starts, ends).map { sliced(dim, $0..<Swift.max($0, $1)) }
  }

  private final func splitLength(_ dim: Int, _ operation: StaticString) -> Int {
    require(
      rank > 0, "\(operation): expected at least a 1-dimensional tensor, but got shape \(shape)")
    return shape[shape.normalizedAxis(dim, for: operation)]
  }

  /// Equal parts along the first dimension. Equivalent to `torch.vsplit`.
  ///
  /// - Parameter sections: How many; the length is a multiple of it.
  public final func vsplit(_ sections: Int) -> [Tensor] { evenly("vsplit", sections, 0, from: 2) }
  /// The parts of the first dimension between indices. Equivalent to `torch.vsplit`.
  ///
  /// - Parameter indices: Where the parts end.
  public final func vsplit(_ indices: [Int]) -> [Tensor] {
    requireRank("vsplit", 2)
    return tensorSplit(indices, dim: 0)
  }
  /// Equal parts along the second dimension, or of a vector. Equivalent to `torch.hsplit`.
  ///
  /// - Parameter sections: How many; the length is a multiple of it.
  public final func hsplit(_ sections: Int) -> [Tensor] {
    evenly("hsplit", sections, rank == 1 ? 0 : 1, from: 1)
  }
  /// The parts of the second dimension, or of a vector, between indices. Equivalent to `torch.hsplit`.
  ///
  /// - Parameter indices: Where the parts end.
  public final func hsplit(_ indices: [Int]) -> [Tensor] {
    requireRank("hsplit", 1)
    return tensorSplit(indices, dim: rank == 1 ? 0 : 1)
  }
  /// Equal parts along the third dimension. Equivalent to `torch.dsplit`.
  ///
  /// - Parameter sections: How many; the length is a multiple of it.
  public final func dsplit(_ sections: Int) -> [Tensor] { evenly("dsplit", sections, 2, from: 3) }
  /// The parts of the third dimension between indices. Equivalent to `torch.dsplit`.
  ///
  /// - Parameter indices: Where the parts end.
  public final func dsplit(_ indices: [Int]) -> [Tensor] {
    requireRank("dsplit", 3)
    return tensorSplit(indices, dim: 2)
  }

  private final func requireRank(_ operation: StaticString, _ least: Int) {
    require(
      rank >= least,
      "\(operation): requires a tensor with at least \(least) dimensions, but got shape \(shape)")
  }

  private final func evenly(
    _ operation: StaticString, _ sections: Int, _ dim: Int, from least: Int
  ) -> [Tensor] {
    requireRank(operation, least)
    require(
      sections > 0 && shape[dim] % sections == 0,
      "\(operation): dimension \(dim) of shape \(shape) is not divisible by \(sections)")
    return tensorSplit(sections, dim: dim)
  }

  /// Rows in reverse. Equivalent to `torch.flipud`.
  ///
  /// - Precondition: There is at least one dimension.
  public final func flipud() -> Tensor {
    requireRank("flipud", 1)
    return flipped([0])
  }
  /// Columns in reverse. Equivalent to `torch.fliplr`.
  ///
  /// - Precondition: There are at least two dimensions.
  public final func fliplr() -> Tensor {
    requireRank("fliplr", 2)
    return flipped([1])
  }
  /// This tensor turned by quarters in a plane. Equivalent to `torch.rot90`.
  ///
  /// - Parameters:
  ///   - k: How many quarters, from the first dimension towards the second.
  ///   - dims: The two dimensions of the plane.
  public final func rot90(_ k: Int = 1, _ dims: [Int] = [0, 1]) -> Tensor {
    requireRank("rot90", 2)
    require(
      dims.count == 2,
      "rot90: expected total rotation dims 2, but got \(dims) for shape \(shape)")
    let axes = dims.map { shape.normalizedAxis($0, for: "rot90") }
    require(
      axes[0] != axes[1],
      "rot90: expected rotation dims to be different, but got \(dims) for shape \(shape)")
    switch (k % 4 + 4) % 4 {
    case 1: return flipped([axes[1]]).transposed(axes[0], axes[1])
    case 2: return flipped(axes)
    case 3: return flipped([axes[0]]).transposed(axes[0], axes[1])
    default: return clone()
    }
  }
}
