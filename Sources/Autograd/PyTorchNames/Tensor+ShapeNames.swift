// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Files
import Kernels

// PyTorch's names of what has a name of Swift's already, and means the same.
extension Tensor {
  /// The shape: PyTorch's name of ``shape``.
  public final func size() -> Shape { shape }
  /// The length along a dimension; a negative one counts from the end. One that does not exist traps.
  public final func size(_ dim: Int) -> Int { shape[dim] }
  /// The number of dimensions: PyTorch's name of ``rank``.
  public final func dim() -> Int { rank }
  /// The number of dimensions: PyTorch's name of ``rank``.
  public final var ndim: Int { rank }
  /// The number of elements: PyTorch's name of ``elementCount``.
  public final func numel() -> Int { elementCount }
  /// Whether the elements are in row-major order without gaps. Equivalent to
  /// `torch.Tensor.is_contiguous`.
  public final var isContiguous: Bool { array.isContiguous }

  /// The same elements under another shape, sharing storage. Equivalent to `torch.Tensor.view`.
  ///
  /// - Parameter lengths: The new lengths. One may be −1, which is then derived from the others.
  /// - Precondition: The number of elements stays the same, and strides can describe the result;
  ///   ``reshaped(_:)-(Int...)`` copies where they cannot.
  public final func view(_ lengths: Int...) -> Tensor { view(lengths) }

  /// The same elements under another shape, sharing storage. Equivalent to `torch.Tensor.view`.
  ///
  /// - Parameter lengths: As for ``view(_:)-(Int...)``.
  /// - Precondition: As for ``view(_:)-(Int...)``.
  public final func view(_ lengths: [Int]) -> Tensor { view(resolve(lengths)) }

  /// The same elements under another shape, sharing storage. Equivalent to `torch.Tensor.view`.
  ///
  /// - Parameter target: The new shape.
  /// - Precondition: As for ``view(_:)-(Int...)``.
  public final func view(_ target: Shape) -> Tensor {
    require(
      target.elementCount != elementCount || array.layout.reshaped(to: target) != nil,
      "view: size is not compatible with input tensor's size \(shape) and stride "
        + "\(array.layout.strides): use reshape")
    return reshaped(target)
  }

  /// The same elements, in row-major order, under another shape: PyTorch's name of
  /// ``reshaped(_:)-(Int...)``.
  ///
  /// - Parameter lengths: The new lengths. One may be −1, which is then derived from the others.
  public final func reshape(_ lengths: Int...) -> Tensor { reshaped(lengths) }

  /// The same elements, in row-major order, under another shape: PyTorch's name of
  /// ``reshaped(_:)-(Int...)``.
  ///
  /// - Parameter lengths: The new lengths. One may be −1, which is then derived from the others.
  public final func reshape(_ lengths: [Int]) -> Tensor { reshaped(lengths) }

  /// The same elements, in row-major order, under another shape: PyTorch's name of
  /// ``reshaped(_:)-(Shape)``.
  ///
  /// - Parameter target: The new shape.
  public final func reshape(_ target: Shape) -> Tensor { reshaped(target) }

  /// This tensor with consecutive dimensions merged: PyTorch's name of ``flattened(from:through:)``.
  ///
  /// - Parameters:
  ///   - startDim: The first dimension to merge.
  ///   - endDim: The last dimension to merge, inclusive.
  public final func flatten(_ startDim: Int = 0, _ endDim: Int = -1) -> Tensor {
    flattened(from: startDim, through: endDim)
  }

  /// This tensor with consecutive dimensions merged: PyTorch's name of ``flattened(from:through:)``.
  ///
  /// - Parameters:
  ///   - startDim: The first dimension to merge.
  ///   - endDim: The last dimension to merge, inclusive.
  public final func flatten(startDim: Int, endDim: Int = -1) -> Tensor {
    flattened(from: startDim, through: endDim)
  }

  /// All elements in one dimension. Equivalent to `torch.ravel`.
  public final func ravel() -> Tensor { flattened() }

  /// A dimension split into several: PyTorch's name of ``unflattened(_:_:)``.
  ///
  /// - Parameters:
  ///   - dim: The dimension to split.
  ///   - sizes: The new lengths, of which one may be −1.
  public final func unflatten(_ dim: Int, _ sizes: [Int]) -> Tensor { unflattened(dim, sizes) }

  /// This tensor with two dimensions swapped: PyTorch's name of ``transposed(_:_:)``.
  ///
  /// - Parameters:
  ///   - dim0: A dimension.
  ///   - dim1: The dimension to swap it with.
  public final func transpose(_ dim0: Int, _ dim1: Int) -> Tensor { transposed(dim0, dim1) }
  /// This tensor with two dimensions swapped. Equivalent to `torch.swapaxes`.
  ///
  /// - Parameters:
  ///   - axis0: A dimension.
  ///   - axis1: The dimension to swap it with.
  public final func swapaxes(_ axis0: Int, _ axis1: Int) -> Tensor { transposed(axis0, axis1) }
  /// This tensor with two dimensions swapped. Equivalent to `torch.swapdims`.
  ///
  /// - Parameters:
  ///   - dim0: A dimension.
  ///   - dim1: The dimension to swap it with.
  public final func swapdims(_ dim0: Int, _ dim1: Int) -> Tensor { transposed(dim0, dim1) }

  /// The transposed matrix. Equivalent to `torch.t`.
  ///
  /// - Precondition: There are at most two dimensions; with fewer, the tensor itself is returned.
  public final func t() -> Tensor {
    require(rank <= 2, "t() expects a tensor with <= 2 dimensions, but self is of shape \(shape)")
    return rank < 2 ? self : transposed(0, 1).named("TBackward0")
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// The transposed matrix. Equivalent to `torch.Tensor.T`.
  ///
  /// - Precondition: There are at most two dimensions; PyTorch reverses more, and says not to.
  public final var T: Tensor { t() }

  /// The matrices in the last two dimensions, transposed. Equivalent to `torch.Tensor.mT`.
  public final var mT: Tensor { transposed(-2, -1) }

  /// This tensor with its dimensions in a different order: PyTorch's name of ``permuted(_:)``.
  ///
  /// - Parameter dims: Each dimension exactly once.
  public final func permute(_ dims: Int...) -> Tensor { permuted(dims) }
  /// This tensor with its dimensions in a different order: PyTorch's name of ``permuted(_:)``.
  ///
  /// - Parameter dims: Each dimension exactly once.
  public final func permute(_ dims: [Int]) -> Tensor { permuted(dims) }

  /// This tensor with a dimension elsewhere. Equivalent to `torch.movedim`.
  ///
  /// - Parameters:
  ///   - source: The dimension.
  ///   - destination: Its place in the result.
  public final func movedim(_ source: Int, _ destination: Int) -> Tensor {
    let from = shape.normalizedAxis(source, for: "movedim")
    var order = shape.indices.filter { $0 != from }
    order.insert(
      from, at: Swift.min(shape.normalizedAxis(destination, for: "movedim"), order.count))
    return rank == 0 ? self : permuted(order)
  }

  /// A dimension of length one put in: PyTorch's name of ``unsqueezed(_:)``.
  ///
  /// - Parameter dim: The place of the new dimension.
  public final func unsqueeze(_ dim: Int) -> Tensor { unsqueezed(dim) }
  /// A dimension of length one put in: PyTorch's name of ``unsqueezed(_:)``.
  ///
  /// - Parameter dim: The place of the new dimension.
  public final func unsqueeze(dim: Int) -> Tensor { unsqueezed(dim) }

  /// This tensor without its dimensions of length one: PyTorch's name of ``squeezed(_:)``.
  public final func squeeze() -> Tensor { squeezed() }
  /// This tensor without these dimensions where they have length one: PyTorch's name of
  /// ``squeezed(_:)``.
  ///
  /// - Parameters:
  ///   - dim: A dimension.
  ///   - dims: Further ones.
  public final func squeeze(_ dim: Int, _ dims: Int...) -> Tensor { squeezed([dim] + dims) }
  /// This tensor without a dimension if it has length one: PyTorch's name of ``squeezed(_:)``.
  ///
  /// - Parameter dim: The dimension.
  public final func squeeze(dim: Int) -> Tensor { squeezed([dim]) }

  /// This tensor broadcast to lengths: PyTorch's name of ``expanded(_:)``.
  ///
  /// - Parameter sizes: The lengths wanted; −1 for that which the dimension has.
  public final func expand(_ sizes: Int...) -> Tensor { expand(sizes) }
  /// This tensor broadcast to lengths: PyTorch's name of ``expanded(_:)``.
  ///
  /// - Parameter sizes: The lengths wanted; −1 for that which the dimension has.
  public final func expand(_ sizes: [Int]) -> Tensor {
    let added = sizes.count - rank
    require(
      added >= 0 && sizes.prefix(Swift.max(0, added)).allSatisfy { $0 >= 0 },
      "expand: \(sizes) do not extend shape \(shape)")
    return expanded(
      Shape(sizes.enumerated().map { $1 == -1 && $0 >= added ? shape[$0 - added] : $1 }))
  }
  /// This tensor broadcast to a shape: PyTorch's name of ``expanded(_:)``.
  ///
  /// - Parameter target: The shape wanted.
  public final func expand(_ target: Shape) -> Tensor { expanded(target) }
  /// This tensor broadcast to another's shape. Equivalent to `torch.Tensor.expand_as`.
  ///
  /// - Parameter other: The tensor with the shape wanted.
  public final func expandAs(_ other: Tensor) -> Tensor { expanded(other.shape) }
  /// This tensor broadcast to a shape. Equivalent to `torch.broadcast_to`.
  ///
  /// - Parameter target: The shape wanted.
  public final func broadcastTo(_ target: Shape) -> Tensor { expanded(target) }

  /// This tensor repeated along each dimension: PyTorch's name of ``repeated(_:)``.
  ///
  /// - Parameter counts: The number of repetitions along each dimension.
  public final func `repeat`(_ counts: Int...) -> Tensor { repeated(counts) }
  /// This tensor repeated along each dimension: PyTorch's name of ``repeated(_:)``.
  ///
  /// - Parameter counts: The number of repetitions along each dimension.
  public final func `repeat`(_ counts: [Int]) -> Tensor { repeated(counts) }
  /// This tensor repeated along each dimension: PyTorch's name of ``tiled(_:)``.
  ///
  /// - Parameter counts: The number of repetitions along the last dimensions.
  public final func tile(_ counts: Int...) -> Tensor { tiled(counts) }

  /// This tensor shifted along a dimension: PyTorch's name of ``rolled(_:_:)``.
  ///
  /// - Parameters:
  ///   - shifts: The distance towards higher indices.
  ///   - dims: The dimension; if nil, elements are shifted in row-major order.
  public final func roll(_ shifts: Int, _ dims: Int? = nil) -> Tensor { rolled(shifts, dims) }
  /// This tensor with dimensions reversed: PyTorch's name of ``flipped(_:)``.
  ///
  /// - Parameter dims: The dimensions.
  public final func flip(_ dims: [Int]) -> Tensor { flipped(dims) }
  /// This tensor with dimensions reversed: PyTorch's name of ``flipped(_:)``.
  ///
  /// - Parameter dims: The dimensions.
  public final func flip(_ dims: Int...) -> Tensor { flipped(dims) }

  /// Part of a dimension, without copying. Equivalent to `torch.narrow`.
  ///
  /// - Parameters:
  ///   - dim: The dimension.
  ///   - start: The first index; negative ones count from the end.
  ///   - length: The number of indices.
  public final func narrow(_ dim: Int, _ start: Int, _ length: Int) -> Tensor {
    let total = rank > 0 ? shape[shape.normalizedAxis(dim, for: "narrow")] : 0
    let first = start < 0 ? start + total : start
    require(
      length >= 0 && first >= 0 && first + length <= total,
      "narrow: start \(start) and length \(length) exceed dimension \(dim) of shape \(shape)")
    return sliced(dim, first..<first + length)
  }

  /// A view by strides over the elements. Equivalent to `torch.as_strided`, but only of a tensor that
  /// is contiguous, over its own elements.
  ///
  /// - Parameters:
  ///   - size: The length along each dimension.
  ///   - strides: The distance along each dimension, in elements.
  ///   - offset: The first element.
  /// - Precondition: The tensor is contiguous, and every element is one of its own.
  public final func asStrided(_ size: [Int], _ strides: [Int], offset: Int = 0) -> Tensor {
    require(
      array.isContiguous && size.count == strides.count && strides.allSatisfy { $0 >= 0 },
      "asStrided: sizes \(size) and strides \(strides) do not fit shape \(shape)")
    let places = zip(size, strides).reduce([offset]) { places, next in
      places.flatMap { place in (0..<next.0).map { place + $0 * next.1 } }
    }
    require(
      places.allSatisfy { (0..<elementCount).contains($0) },
      "asStrided: sizes \(size), strides \(strides) and offset \(offset) leave shape \(shape)")
    let layout = Layout(
      shape: Shape(size), strides: strides, offset: array.layout.offset + offset)
    let (shape, count) = (shape, elementCount)
    return .record("AsStridedBackward0", [self], array.view(layout), isView: true) { _ in
      [{ $0.flattened().indexAdded(0, NDArray(places), count).reshaped(shape) }]
    }
  }
}
