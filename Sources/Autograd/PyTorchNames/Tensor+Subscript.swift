import Arrays
import Files
import Kernels

extension Tensor {
  /// Part of this tensor, as Python's brackets pick it. See ``TensorIndex`` for what can stand there.
  ///
  /// ```swift
  /// x[0, 1]                 // one element, without dimensions
  /// x[1..., -1]             // the last column from the second row on
  /// x[x > 0]                // the positive elements, in one dimension
  /// x[0, 0] = 5             // changes x in place, as in PyTorch
  /// x[x < 0] = 0
  /// x[1] += y
  /// ```
  ///
  /// Reading records the operation. Ranges are cut off at the ends of a dimension; a single index
  /// that does not exist traps. Integers, ranges, `.newAxis` and `...` give a view, which copies
  /// nothing; tensors of indices and masks give a copy.
  ///
  /// Writing changes the tensor in place, and what shares its elements, as ``add_(_:alpha:)`` does: the
  /// new elements broadcast to the part and are converted to this tensor's type, and the gradient
  /// follows them.
  public final subscript(indices: any TensorIndex...) -> Tensor {
    get { part(indices) }
    set { put(newValue, at: indices) }
    // What `x[mask] += 1` changes is a copy, and goes back.
    _modify {
      var part = part(indices).alone
      yield &part
      put(part, at: indices)
    }
  }

  /// Part of this tensor, `...` being all dimensions that no index is for.
  public final subscript(
    ellipsis: (UnboundedRange_) -> Void, indices: any TensorIndex...
  ) -> Tensor {
    get { part([.ellipsis] + indices) }
    set { put(newValue, at: [.ellipsis] + indices) }
    _modify {
      var part = part([.ellipsis] + indices).alone
      yield &part
      put(part, at: [.ellipsis] + indices)
    }
  }

  /// Part of this tensor, `...` being all dimensions that no index is for.
  public final subscript(
    first: any TensorIndex, ellipsis: (UnboundedRange_) -> Void, indices: any TensorIndex...
  ) -> Tensor {
    get { part([first, .ellipsis] + indices) }
    set { put(newValue, at: [first, .ellipsis] + indices) }
    _modify {
      var part = part([first, .ellipsis] + indices).alone
      yield &part
      put(part, at: [first, .ellipsis] + indices)
    }
  }

  /// A number for all elements of a part: `x[0, 0] = 5`, `x[mask] = value`.
  ///
  /// Writing sets every element of the part in place, as ``fill_(_:)``. To read a number use
  /// `x[0, 0].item()` or `Float(x[0, 0])`: this is optional, so that the compiler takes `x[0] * value` for
  /// a product of a tensor. Nil cannot be written.
  @_disfavoredOverload
  public final subscript<N: TensorNumber>(indices: any TensorIndex...) -> N? {
    get { part(indices).item(as: N.self) }
    set { put(newValue, at: indices) }
  }

  /// A number for all elements of a part, `...` being all dimensions that no index is for.
  @_disfavoredOverload
  public final subscript<N: TensorNumber>(
    ellipsis: (UnboundedRange_) -> Void, indices: any TensorIndex...
  ) -> N? {
    get { part([.ellipsis] + indices).item(as: N.self) }
    set { put(newValue, at: [.ellipsis] + indices) }
  }

  private final func put(_ number: (some TensorNumber)?, at indices: [any TensorIndex]) {
    guard let number else { trap("index: nil is not an element of a tensor of shape \(shape)") }
    put(Tensor(number.filling(dtype, for: "index")), at: indices)
  }

  private final func part(_ indices: [any TensorIndex]) -> Tensor {
    let plan = IndexPlan(indices, shape)
    let part = plan.steps.reduce(self) { part, step in
      switch step {
      case .select(let axis, let index): part.select(axis, index)
      case .slice(let axis, let range, let step): part.sliced(axis, range, step: step)
      case .unsqueeze(let axis): part.unsqueezed(axis)
      }
    }
    return plan.isPicking ? part.indexed(plan.tensors) : part
  }

  /// This tensor under another identity, which shares its memory with nobody.
  private final var alone: Tensor {
    Tensor(array: array, device: device, node: node, requiresGrad: false)
  }

  private final func put(_ value: Tensor, at indices: [any TensorIndex]) {
    requireStorage("index")
    let plan = IndexPlan(indices, shape)
    require(
      !plan.isPicking || value.dtype == dtype,
      "index: an index put requires the source and destination dtypes match, got \(dtype) of shape "
        + "\(shape) for the destination and \(value.dtype) for the source")
    let isPlain = !GradMode.isEnabled || !(requiresGrad || value.requiresGrad || hasRecordedViews)
    guard !plan.isPicking, isPlain else {
      changed("index") { $0.withElements(of: value, at: indices) }
      return
    }
    requireChangeable("index", isRecorded: false)
    value.array.requireReal(for: dtype, "index")
    let part = plan.part(of: array.layout)
    let values = Tensor(value.array.cast(to: dtype)).fitting(part.shape).array
    write(values, for: "index") { plan.part(of: $0) }
    countChange()
  }

  /// This tensor with the elements of another at a part, in the graph of both.
  private final func withElements(of value: Tensor, at indices: [any TensorIndex]) -> Tensor {
    let places = noGrad { Tensor.arange(elementCount).reshaped(shape).part(indices) }
    let values = value.to(dtype).fitting(places.shape)
    guard places.elementCount > 0 else { return self }
    return flattened().scattered(0, places.flattened().detached(), values.flattened())
      .reshaped(shape)
  }

  /// This tensor broadcast to a part's shape; as in PyTorch, leading dimensions of length one may be
  /// too many.
  private final func fitting(_ target: Shape) -> Tensor {
    var values = self
    while values.rank > target.rank, values.shape[0] == 1 { values = values.select(0, 0) }
    require(
      values.rank <= target.rank
        && zip(values.shape.reversed(), target.reversed()).allSatisfy { $0 == $1 || $0 == 1 },
      "index: shape mismatch: value tensor of shape \(shape) cannot be broadcast to indexing result "
        + "of shape \(target)")
    return values.expanded(target)
  }
}

extension Tensor: Sequence {
  /// The slices along the first dimension, as a loop over a tensor gives them in Python.
  ///
  /// - Precondition: The tensor has a dimension.
  public final func makeIterator() -> AnyIterator<Tensor> {
    require(rank > 0, "iteration over a 0-d tensor")
    var index = 0
    return AnyIterator {
      guard index < self.shape[0] else { return nil }
      defer { index += 1 }
      return self.select(0, index)
    }
  }
}
