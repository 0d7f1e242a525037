import Arrays
import Files
import Kernels

extension Tensor {
  /// The same elements, in row-major order, under another shape. Equivalent to `torch.reshape`.
  ///
  /// - Parameter lengths: The new lengths. One may be −1, which is then derived from the others.
  /// - Precondition: The number of elements stays the same.
  public final func reshaped(_ lengths: Int...) -> Tensor { reshaped(resolve(lengths)) }

  /// The same elements, in row-major order, under another shape. Equivalent to `torch.reshape`.
  ///
  /// - Parameter lengths: The new lengths. One may be −1, which is then derived from the others.
  /// - Precondition: The number of elements stays the same.
  public final func reshaped(_ lengths: [Int]) -> Tensor { reshaped(resolve(lengths)) }

  /// The same elements, in row-major order, under another shape. Equivalent to `torch.reshape`.
  ///
  /// - Parameter target: The new shape, with the same number of elements; anything else traps.
  public final func reshaped(_ target: Shape) -> Tensor {
    let shape = shape
    return .record("reshape", [self], array.reshaped(to: target), isView: true) { _ in
      [{ $0.reshaped(shape) }]
    }
  }

  /// Lengths with the one that is −1 derived from the others.
  final func resolve(_ lengths: [Int]) -> Shape {
    guard let open = lengths.firstIndex(of: -1) else { return Shape(lengths) }
    var lengths = lengths
    lengths[open] = 1
    let known = lengths.reduce(1, *)
    require(
      known > 0 && elementCount % known == 0,
      "reshape: shape \(shape) does not divide into \(lengths)")
    lengths[open] = elementCount / known
    return Shape(lengths)
  }

  /// This tensor with consecutive dimensions merged into one. Equivalent to `torch.flatten`.
  ///
  /// - Parameters:
  ///   - start: The first dimension to merge; negative ones count from the end.
  ///   - end: The last dimension to merge, inclusive.
  public final func flattened(from start: Int = 0, through end: Int = -1) -> Tensor {
    guard rank > 0 else { return reshaped([1]) }
    let first = shape.normalizedAxis(start, for: "flatten")
    let last = shape.normalizedAxis(end, for: "flatten")
    require(first <= last, "flatten: dimension \(start) comes after \(end) in shape \(shape)")
    let merged = shape.dimensions[first...last].reduce(1, *)
    return reshaped(
      Shape(shape.dimensions[..<first] + [merged] + shape.dimensions[(last + 1)...]))
  }

  /// This tensor with a dimension split into several. Equivalent to `torch.unflatten`.
  ///
  /// - Parameters:
  ///   - axis: The dimension to split.
  ///   - lengths: The new lengths, whose product is that of the dimension; anything else traps. One
  ///     may be −1, which is then derived from the others.
  public final func unflattened(_ axis: Int, _ lengths: [Int]) -> Tensor {
    require(rank > 0, "unflatten: shape \(shape) has no dimension \(axis)")
    let position = shape.normalizedAxis(axis, for: "unflatten")
    let known = lengths.filter { $0 != -1 }.reduce(1, *)
    let sizes = lengths.map { $0 == -1 ? shape[position] / Swift.max(1, known) : $0 }
    require(
      sizes.reduce(1, *) == shape[position],
      "unflatten: dimension \(axis) of shape \(shape) does not divide into \(lengths)")
    return reshaped(
      Shape(shape.dimensions[..<position] + sizes + shape.dimensions[(position + 1)...]))
  }

  /// This tensor with the given dimensions reversed. Equivalent to `torch.flip`.
  ///
  /// - Parameter axes: The dimensions; negative ones count from the end.
  public final func flipped(_ axes: [Int]) -> Tensor {
    let result = axes.reduce(self) { flipped, axis in
      let position = flipped.shape.normalizedAxis(axis, for: "flip")
      guard flipped.rank > 0 else { return flipped }
      let length = flipped.shape[position]
      return flipped.indexSelect(axis, Tensor(Array((0..<length).reversed())))
    }
    return result.apart(from: self)
  }

  /// This tensor with two dimensions swapped, without copying. Equivalent to `torch.transpose`.
  ///
  /// - Parameters:
  ///   - first: A dimension; negative ones count from the end.
  ///   - second: The dimension to swap it with. By default the last two are swapped.
  public final func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
    .record("transpose", [self], array.transposed(first, second), isView: true) { _ in
      [{ $0.transposed(first, second) }]
    }
  }

  /// This tensor with its dimensions in a different order, without copying. Equivalent to
  /// `torch.permute`.
  ///
  /// - Parameter axes: Each dimension exactly once; negative ones count from the end.
  public final func permuted(_ axes: [Int]) -> Tensor {
    let order = axes.map { shape.normalizedAxis($0, for: "permute") }
    return .record("permute", [self], array.permuted(axes), isView: true) { _ in
      var inverse = order
      for (to, from) in order.enumerated() { inverse[from] = to }
      return [{ $0.permuted(inverse) }]
    }
  }

  /// This tensor broadcast to a shape, without copying. Equivalent to `torch.Tensor.expand`.
  ///
  /// - Parameter target: The shape wanted. Dimensions of length one are repeated, and new ones may
  ///   be added in front; anything else traps.
  public final func expanded(_ target: Shape) -> Tensor {
    // Gradients are summed back where they are added up, as for any broadcast.
    .record("expand", [self], array.expanded(to: target), isView: true) { _ in [{ $0 }] }
  }

  /// This tensor with a dimension of length one inserted before `axis`. Equivalent to
  /// `torch.unsqueeze`.
  ///
  /// - Parameter axis: In `-rank - 1...rank`; negative ones count from the end of the result.
  public final func unsqueezed(_ axis: Int) -> Tensor {
    let shape = shape
    return .record("unsqueeze", [self], array.unsqueezed(axis), isView: true) { _ in
      [{ $0.reshaped(shape) }]
    }
  }

  /// This tensor without its dimensions of length one. Equivalent to `torch.squeeze`.
  ///
  /// - Parameter axes: The dimensions to remove where they have length one; all of them if nil.
  public final func squeezed(_ axes: [Int]? = nil) -> Tensor {
    let shape = shape
    return .record("squeeze", [self], array.squeezed(axes), isView: true) { _ in
      [{ $0.reshaped(shape) }]
    }
  }

  /// Every `step`-th index in `range` along a dimension. Equivalent to `x[a:b:step]` along it.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - range: The indices. Unlike in Python, they must be within the dimension; others trap.
  ///   - step: The distance between consecutive indices, at least 1.
  public final func sliced(_ axis: Int, _ range: Range<Int>, step: Int = 1) -> Tensor {
    let length = rank > 0 ? shape[shape.normalizedAxis(axis, for: "slice")] : 0
    let (lower, upper) = (
      range.lowerBound + (range.lowerBound < 0 ? length : 0),
      range.upperBound + (range.upperBound < 0 ? length : 0)
    )
    require(
      lower >= 0 && lower <= upper,
      "slice: \(range) is not within dimension \(axis) of shape \(shape)")
    let range = lower..<upper
    return .record("slice", [self], array.sliced(axis: axis, range, step: step), isView: true) {
      _ in
      [{ $0.placed(axis, length, range, step) }]
    }
  }

  /// Zeros of `length` along a dimension, with this tensor at every `step`-th index in `range`.
  private final func placed(_ axis: Int, _ length: Int, _ range: Range<Int>, _ step: Int) -> Tensor
  {
    let position = shape.normalizedAxis(axis, for: "slice")
    let placed: NDArray
    if step == 1 {
      placed = array.padded(
        axis: position, before: range.lowerBound, after: length - range.upperBound)
    } else {
      let indices = NDArray(
        Array(Swift.stride(from: range.lowerBound, to: range.upperBound, by: step)))
      placed = array.addedAt(indices, axis: position, length: length)
    }
    return .record("sliceBackward", [self], placed, isView: true) { _ in
      [{ $0.sliced(position, range, step: step) }]
    }
  }

  /// This tensor at one index of a dimension, which is removed. Equivalent to `torch.select`.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - index: The index; negative ones count from the end. Traps if it does not exist.
  public final func select(_ axis: Int, _ index: Int) -> Tensor {
    let selected = array.selected(axis: axis, index)
    let position = shape.normalizedAxis(axis, for: "select")
    let first = index < 0 ? index + shape[position] : index
    let length = shape[position]
    return .record("select", [self], selected, isView: true) { _ in
      [{ $0.unsqueezed(position).placed(position, length, first..<first + 1, 1) }]
    }
  }

  /// This tensor with zeros added before and after along a dimension.
  ///
  /// - Parameters:
  ///   - axis: The dimension; negative ones count from the end.
  ///   - before: The number of zeros in front, not negative.
  ///   - after: The number of zeros at the end, not negative.
  public final func padded(_ axis: Int, before: Int, after: Int) -> Tensor {
    let position = shape.normalizedAxis(axis, for: "pad")
    require(
      before >= 0 && after >= 0 && rank > 0, "pad: \(before) and \(after) do not pad shape \(shape)"
    )
    let length = before + shape[position] + after
    return placed(position, length, before..<before + shape[position], 1)
  }

  /// Parts of equal length along a dimension, of which the last may be shorter. Equivalent to
  /// `torch.split`.
  ///
  /// - Parameters:
  ///   - length: The length of a part; positive, or it traps.
  ///   - axis: The dimension to split.
  public final func split(_ length: Int, axis: Int = 0) -> [Tensor] {
    require(length > 0 && rank > 0, "split: parts of \(length) of shape \(shape)")
    let total = shape[shape.normalizedAxis(axis, for: "split")]
    // Of nothing there is one part.
    return Swift.stride(from: 0, to: Swift.max(total, 1), by: length).map {
      sliced(axis, $0..<Swift.min($0 + length, total))
    }
  }

  /// Parts of the given lengths along a dimension. Equivalent to `torch.split` with a list.
  ///
  /// - Parameters:
  ///   - lengths: The length of each part.
  ///   - axis: The dimension to split.
  /// - Precondition: The lengths add up to that of the dimension.
  public final func split(_ lengths: [Int], axis: Int = 0) -> [Tensor] {
    let total = rank > 0 ? shape[shape.normalizedAxis(axis, for: "split")] : 0
    require(
      lengths.allSatisfy { $0 >= 0 } && lengths.reduce(0, +) == total && rank > 0,
      "split: lengths \(lengths) do not add up to dimension \(axis) of shape \(shape)")
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return sliced(axis, start..<start + length)
    }
  }

  /// At most `count` parts of equal length along a dimension, of which the last may be shorter.
  /// Equivalent to `torch.chunk`.
  ///
  /// An empty dimension yields `count` empty parts.
  ///
  /// - Parameters:
  ///   - count: The maximum number of parts; positive, or it traps.
  ///   - axis: The dimension to split.
  public final func chunked(_ count: Int, axis: Int = 0) -> [Tensor] {
    require(count > 0 && rank > 0, "chunk: \(count) parts of shape \(shape)")
    let total = shape[shape.normalizedAxis(axis, for: "chunk")]
    guard total > 0 else { return split([Int](repeating: 0, count: count), axis: axis) }
    return split((total + count - 1) / count, axis: axis)
  }

  /// Tensors joined along an existing dimension. Equivalent to `torch.cat`. Types are promoted to a
  /// common one.
  ///
  /// - Parameters:
  ///   - tensors: At least one.
  ///   - axis: The dimension along which they are joined.
  /// - Precondition: The shapes agree in all other dimensions, and none is zero-dimensional.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let any = tensors.first else { trap("cat: there is no tensor to join") }
    // As in PyTorch, one of shape (0,) goes with every shape.
    let first = tensors.first { $0.shape != [0] } ?? any
    require(first.rank > 0, "cat: tensors without dimensions cannot be joined")
    let position = first.shape.normalizedAxis(axis, for: "cat")
    let parts = tensors.filter { $0.shape != [0] || first.shape == [0] }
    for tensor in parts {
      require(
        tensor.rank == first.rank
          && first.shape.indices.allSatisfy {
            $0 == position || tensor.shape[$0] == first.shape[$0]
          },
        "cat: shapes \(first.shape) and \(tensor.shape) differ beyond dimension \(position)")
    }
    let dtype = tensors.reduce(first.dtype) { $0.promoted(with: $1.dtype) }
    let joined = NDArray.concatenated(parts.map { $0.array.cast(to: dtype) }, axis: position)
    return record("cat", tensors, joined) { _ in
      var start = 0
      return tensors.map { tensor in
        guard tensor.rank == first.rank else {
          return { Tensor(NDArray(zeros: [0], dtype: $0.dtype)) }
        }
        let range = start..<start + tensor.shape[position]
        start = range.upperBound
        return { $0.sliced(position, range) }
      }
    }
  }

  /// Tensors of equal shape joined along a new dimension. Equivalent to `torch.stack`.
  ///
  /// - Parameters:
  ///   - tensors: At least one.
  ///   - axis: The position of the new dimension.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { trap("stack: there is no tensor to join") }
    for tensor in tensors {
      require(
        tensor.shape == first.shape,
        "stack: expects each tensor to be of equal size, but got \(first.shape) and \(tensor.shape)"
      )
    }
    require(
      (-first.rank - 1...first.rank).contains(axis),
      "stack: axis \(axis) is out of range for shape \(first.shape)")
    return concatenated(tensors.map { $0.unsqueezed(axis) }, axis: axis).named("StackBackward0")
  }
}
