import Files

/// The tensors that would share memory in PyTorch: a tensor and its views.
///
/// Arrays are values here, so a change in place would reach only one of them. Whoever changes one
/// asks whether there are others.
final class ViewFamily {}

extension Tensor {
  /// Counts this tensor among the views of another.
  final func join(_ other: Tensor) {
    let common = other.family ?? ViewFamily()
    other.family = common
    family = common
  }

  /// This tensor for a graph, which keeps it without anybody being able to see it.
  ///
  /// A leaf that collects a gradient stays itself.
  final var outsideFamily: Tensor {
    guard family != nil, node != nil || !requiresGrad else { return self }
    return Tensor(array: array, device: device, node: node, requiresGrad: false)
  }

  /// Traps if a change in place would be seen in PyTorch by another tensor, but not here.
  final func requireAlone(_ operation: StaticString) {
    guard family != nil, !isKnownUniquelyReferenced(&family) else { return }
    trap(
      "\(operation): a tensor of shape \(shape) is changed in place while another one is a view of "
        + "it, or it of another, which would not see the change: assign to a subscript, as in "
        + "x[0] = y, compute a new tensor, or clone() one of them first")
  }
}
