import Arrays
import Files
import Kernels

extension Tensor {
  /// The same elements in row-major order under another shape. Equivalent to `torch.reshape`.
  ///
  /// One length may be −1, which stands for whatever is left.
  public final func reshaped(_ lengths: Int...) -> Tensor { reshaped(resolve(lengths)) }

  /// The same elements in row-major order under another shape. Equivalent to `torch.reshape`.
  public final func reshaped(_ target: Shape) -> Tensor {
    let shape = shape
    return .record("reshape", [self], array.reshaped(to: target)) { _ in
      [{ $0.reshaped(shape) }]
    }
  }

  private final func resolve(_ lengths: [Int]) -> Shape {
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

  /// Dimensions `start` to `end`, both included, as one. Equivalent to `torch.flatten`.
  public final func flattened(from start: Int = 0, through end: Int = -1) -> Tensor {
    guard rank > 0 else { return reshaped([1]) }
    let first = shape.normalizedAxis(start, for: "flatten")
    let last = shape.normalizedAxis(end, for: "flatten")
    require(first <= last, "flatten: dimension \(start) comes after \(end) in shape \(shape)")
    let merged = shape.dimensions[first...last].reduce(1, *)
    return reshaped(
      Shape(shape.dimensions[..<first] + [merged] + shape.dimensions[(last + 1)...]))
  }

  /// A dimension as several, of which one length may be −1. Equivalent to `torch.unflatten`.
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

  /// This tensor with dimensions in reverse. Equivalent to `torch.flip`.
  public final func flipped(_ axes: [Int]) -> Tensor {
    axes.reduce(self) { flipped, axis in
      let position = flipped.shape.normalizedAxis(axis, for: "flip")
      guard flipped.rank > 0 else { return flipped }
      let length = flipped.shape[position]
      return flipped.indexSelect(axis, Tensor(Array((0..<length).reversed())))
    }
  }

  /// This tensor with two dimensions exchanged; the last two if none are named. Equivalent to
  /// `torch.transpose`.
  public final func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
    .record("transpose", [self], array.transposed(first, second)) { _ in
      [{ $0.transposed(first, second) }]
    }
  }

  /// This tensor with its dimensions in another order. Equivalent to `torch.permute`.
  public final func permuted(_ axes: [Int]) -> Tensor {
    let order = axes.map { shape.normalizedAxis($0, for: "permute") }
    return .record("permute", [self], array.permuted(axes)) { _ in
      var inverse = order
      for (to, from) in order.enumerated() { inverse[from] = to }
      return [{ $0.permuted(inverse) }]
    }
  }

  /// Dimensions of length one, or new leading ones, repeated. Equivalent to
  /// `torch.Tensor.expand`.
  public final func expanded(_ target: Shape) -> Tensor {
    // Gradients are summed back where they are added up, as for any broadcast.
    .record("expand", [self], array.expanded(to: target)) { _ in [{ $0 }] }
  }

  /// This tensor with a dimension of length one before `axis`. Equivalent to `torch.unsqueeze`.
  public final func unsqueezed(_ axis: Int) -> Tensor {
    let shape = shape
    return .record("unsqueeze", [self], array.unsqueezed(axis)) { _ in [{ $0.reshaped(shape) }] }
  }

  /// This tensor without dimensions of length one: all, or those named that have it. Equivalent
  /// to `torch.squeeze`.
  public final func squeezed(_ axes: [Int]? = nil) -> Tensor {
    let shape = shape
    return .record("squeeze", [self], array.squeezed(axes)) { _ in [{ $0.reshaped(shape) }] }
  }

  /// Every `step`-th index in `range` of a dimension. Equivalent to `x[range]` along it.
  public final func sliced(_ axis: Int, _ range: Range<Int>, step: Int = 1) -> Tensor {
    let length = rank > 0 ? shape[shape.normalizedAxis(axis, for: "slice")] : 0
    return .record("slice", [self], array.sliced(axis: axis, range, step: step)) { _ in
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
      let indices = NDArray(Array(stride(from: range.lowerBound, to: range.upperBound, by: step)))
      placed = array.addedAt(indices, axis: position, length: length)
    }
    return .record("sliceBackward", [self], placed) { _ in
      [{ $0.sliced(position, range, step: step) }]
    }
  }

  /// One index of a dimension, which goes away. Equivalent to `torch.select`.
  ///
  /// - Parameter index: Counted from the end if negative.
  public final func select(_ axis: Int, _ index: Int) -> Tensor {
    let selected = array.selected(axis: axis, index)
    let position = shape.normalizedAxis(axis, for: "select")
    let first = index < 0 ? index + shape[position] : index
    let length = shape[position]
    return .record("select", [self], selected) { _ in
      [{ $0.unsqueezed(position).placed(position, length, first..<first + 1, 1) }]
    }
  }

  /// One index of the first dimension, which goes away.
  public final subscript(index: Int) -> Tensor { select(0, index) }

  /// Some indices of the first dimension.
  public final subscript(range: Range<Int>) -> Tensor { sliced(0, range) }

  /// This tensor with `before` and `after` zeros along a dimension.
  public final func padded(_ axis: Int, before: Int, after: Int) -> Tensor {
    let position = shape.normalizedAxis(axis, for: "pad")
    require(
      before >= 0 && after >= 0 && rank > 0, "pad: \(before) and \(after) do not pad shape \(shape)"
    )
    let length = before + shape[position] + after
    return placed(position, length, before..<before + shape[position], 1)
  }

  /// Parts of `length` along a dimension, the last one perhaps shorter. Equivalent to
  /// `torch.split`.
  public final func split(_ length: Int, axis: Int = 0) -> [Tensor] {
    require(length > 0 && rank > 0, "split: parts of \(length) of shape \(shape)")
    let total = shape[shape.normalizedAxis(axis, for: "split")]
    // Of nothing there is one part.
    return stride(from: 0, to: Swift.max(total, 1), by: length).map {
      sliced(axis, $0..<Swift.min($0 + length, total))
    }
  }

  /// Parts of these lengths along a dimension. Equivalent to `torch.split` with a list.
  ///
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

  /// At most `count` parts of equal length along a dimension, the last one perhaps shorter; as many
  /// as `count` if the dimension is empty.
  /// Equivalent to `torch.chunk`.
  public final func chunked(_ count: Int, axis: Int = 0) -> [Tensor] {
    require(count > 0 && rank > 0, "chunk: \(count) parts of shape \(shape)")
    let total = shape[shape.normalizedAxis(axis, for: "chunk")]
    guard total > 0 else { return split([Int](repeating: 0, count: count), axis: axis) }
    return split((total + count - 1) / count, axis: axis)
  }

  /// Tensors joined along a dimension. Equivalent to `torch.cat`.
  ///
  /// - Precondition: There is one, and all have the same shape but for that dimension.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else { trap("cat: there is no tensor to join") }
    require(first.rank > 0, "cat: tensors without dimensions cannot be joined")
    let position = first.shape.normalizedAxis(axis, for: "cat")
    for tensor in tensors {
      require(
        tensor.rank == first.rank
          && first.shape.indices.allSatisfy {
            $0 == position || tensor.shape[$0] == first.shape[$0]
          },
        "cat: shapes \(first.shape) and \(tensor.shape) differ beyond dimension \(position)")
    }
    let dtype = tensors.reduce(first.dtype) { $0.promoted(with: $1.dtype) }
    let joined = NDArray.concatenated(tensors.map { $0.array.cast(to: dtype) }, axis: position)
    return record("cat", tensors, joined) { _ in
      var start = 0
      return tensors.map { tensor in
        let range = start..<start + tensor.shape[position]
        start = range.upperBound
        return { $0.sliced(position, range) }
      }
    }
  }

  /// Tensors of one shape joined along a new dimension. Equivalent to `torch.stack`.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    concatenated(tensors.map { $0.unsqueezed(axis) }, axis: axis)
  }
}
