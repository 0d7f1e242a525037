import Arrays
import Files

// What the graph knows of views: which changes in place it can follow, and how it does.
extension Tensor {
  /// Traps if elements cannot be changed because of what the graph knows of views.
  ///
  /// - Parameters:
  ///   - operation: The operation that sentences name.
  ///   - isRecorded: Whether the new elements are the result of a recorded operation.
  final func requireChangeable(_ operation: StaticString, isRecorded: Bool) {
    guard GradMode.isEnabled else { return }
    require(
      !requiresGrad || node != nil,
      "\(operation): a leaf of shape \(shape) that requires grad is being used in an in-place "
        + "operation; do it in noGrad")
    guard let family, !family.isSingle else { return }
    family.forEach { other in
      // A part that was made a leaf by itself forbids changes of its own parts only.
      guard other !== self, other.line == line,
        other.node != nil || other.requiresGrad && (!other.isView || requiresGrad)
      else { return }
      require(
        !other.isLeaf,
        "\(operation): a view, of shape \(shape), of a leaf that requires grad is being used in an "
          + "in-place operation; do it in noGrad")
      require(
        isRecorded || !isUnrecordedView,
        "\(operation): a view of shape \(shape) was created in noGrad mode and is being modified in "
          + "place with grad mode enabled; do both in noGrad, or neither")
    }
  }

  /// Whether a view of this tensor, or what it is a view of, is the result of a recorded operation.
  final var hasRecordedViews: Bool {
    var isRecorded = false
    family?.forEach { if $0.line == line && $0.node != nil { isRecorded = true } }
    return isRecorded
  }

  /// Makes the graph of each view follow a change of this tensor, before that is made.
  ///
  /// - Parameter changed: This tensor as it will be.
  final func rebaseViews(on changed: Tensor) {
    guard let family, !family.isSingle else { return }
    let place = array.layout
    family.forEach { view in
      guard view !== self, view.line == line, view.dtype == dtype else { return }
      // One without a graph gets it even where it has none of the elements, as in PyTorch.
      let mustFollow =
        view.node == nil
        ? changed.requiresGrad : view.array.layout.reach.overlaps(place.reach)
      if mustFollow { view.rebase(on: changed, at: place) }
    }
  }

  /// If this is a leaf that requires a gradient, makes the graph of each view that has seen a change since it
  /// was made start here.
  ///
  /// So it is in PyTorch, where a view asks its base anew after a change; a view that was made before the
  /// base required a gradient, and of which nothing was changed, stays a constant. So does one that was
  /// made in ``noGrad(_:)``, of which PyTorch refuses to say.
  final func leadChangedViews() {
    guard node == nil, requiresGrad, !isView, let family else { return }
    let place = array.layout
    family.forEach { view in
      guard view !== self, view.line == line, view.isView, !view.isUnrecordedView, view.version > 0,
        view.node == nil, view.dtype == dtype
      else { return }
      enableGrad { view.rebase(on: self, at: place) }
    }
  }

  /// Makes elements those of another tensor where both have the same, and leaves the rest.
  ///
  /// Only the graph is made. Which elements they are is found out if a gradient wants to know.
  private final func rebase(on changed: Tensor, at place: Layout) {
    let before = Tensor(array: array, device: device, node: node, requiresGrad: false)
    let (mine, shape, changedShape) = (array.layout, shape, changed.shape)
    // PyTorch's names, for a base and for a view.
    let name: StaticString = array.isPart ? "AsStridedBackward0" : "CopySlices"
    let result = Tensor.record(name, [before, changed], .placeholder(shape, dtype)) { _ in
      [
        { gradient in
          let isOutside = Tensor(mine.positions(in: place).map { $0 < 0 }).reshaped(shape)
          return gradient.kept(where: isOutside)
        },
        { gradient in
          let shared = mine.positions(in: place).enumerated().filter { $0.element >= 0 }
          let parts = gradient.flattened().indexSelect(0, Tensor(shared.map(\.offset)))
          return parts.indexAdded(0, NDArray(shared.map(\.element)), changedShape.elementCount)
            .reshaped(changedShape)
        },
      ]
    }
    setNode(result.node)
  }

  /// Puts a node in the place of the present one, which loses the wish to keep the gradient.
  final func setNode(_ new: Node?) {
    if let node, node !== new, node.retained === self {
      node.retained = nil
      new?.retained = self
    }
    node = new
  }
}

extension NDArray {
  /// Whether there is more in the storage.
  var isPart: Bool { storage.byteCount > elementCount * dtype.itemSize }
}

extension Layout {
  /// The part of the storage in which all elements are.
  fileprivate var reach: Range<Int> {
    guard shape.elementCount > 0 else { return offset..<offset }
    let ends = zip(strides, shape).map { $0 * ($1 - 1) }
    let first = offset + ends.reduce(0) { $0 + Swift.min($1, 0) }
    return first..<offset + ends.reduce(0) { $0 + Swift.max($1, 0) } + 1
  }

  /// For each element, its number among those of another layout of the storage; −1 if that does not
  /// have it.
  fileprivate func positions(in other: Layout) -> [Int] {
    let reach = other.reach
    var numbers = [Int](repeating: -1, count: reach.count)
    for (number, place) in other.places.enumerated() { numbers[place - reach.lowerBound] = number }
    return places.map { reach.contains($0) ? numbers[$0 - reach.lowerBound] : -1 }
  }

  /// Where the elements are in the storage, in row-major order.
  var places: [Int] {
    zip(strides, shape).reduce([offset]) { places, next in
      places.flatMap { place in (0..<next.1).map { place + $0 * next.0 } }
    }
  }
}
