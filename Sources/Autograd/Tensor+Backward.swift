import Arrays
import Files
import Kernels

extension Tensor {
  /// Adds the gradients of this tensor to ``grad`` of all leaves that it was computed from.
  ///
  /// Equivalent to `torch.Tensor.backward`, except that a second walk over a freed graph always
  /// traps; PyTorch lets it pass where no operation on the way had saved a tensor.
  ///
  /// - Parameters:
  ///   - gradient: The gradient of this tensor, of its shape; may be left out for one element.
  ///   - retainGraph: Whether the graph can be walked again. By default as `createGraph`.
  ///   - createGraph: Whether the walk is recorded, so that gradients can be differentiated.
  public final func backward(
    _ gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false
  ) {
    BackwardWalk.accumulate(
      [(self, startingGradient(gradient))], retainGraph: retainGraph ?? createGraph,
      createGraph: createGraph)
  }

  /// The gradients of `outputs` for `inputs`, which need not be leaves; nil for an input that they
  /// do not depend on.
  ///
  /// Equivalent to `torch.autograd.grad` with `allow_unused=True`. No ``grad`` is changed.
  ///
  /// - Parameters:
  ///   - outputs: What is differentiated.
  ///   - inputs: What by.
  ///   - gradients: The gradients of `outputs`; each may be nil for one element.
  ///   - retainGraph: Whether the graph can be walked again. By default as `createGraph`.
  ///   - createGraph: Whether the walk is recorded, so that the result can be differentiated.
  public static func gradients(
    of outputs: [Tensor], for inputs: [Tensor], _ gradients: [Tensor?]? = nil,
    retainGraph: Bool? = nil, createGraph: Bool = false
  ) -> [Tensor?] {
    let starts = gradients ?? outputs.map { _ in nil }
    require(
      starts.count == outputs.count,
      "gradients: \(starts.count) gradients for \(outputs.count) outputs")
    return BackwardWalk.gradients(
      zip(outputs, starts).map { ($0, $0.startingGradient($1)) }, for: inputs,
      retainGraph: retainGraph ?? createGraph, createGraph: createGraph)
  }

  private final func startingGradient(_ gradient: Tensor?) -> Tensor {
    require(
      requiresGrad, "backward: a tensor of shape \(shape) does not require grad and has no graph")
    guard let gradient else {
      require(
        elementCount == 1,
        "backward: grad can be implicitly created only for scalar outputs, not shape \(shape)")
      return Tensor(NDArray(filling: shape, with: 1, dtype: dtype))
    }
    require(
      gradient.shape == shape,
      "backward: a gradient of shape \(gradient.shape) does not fit an output of shape \(shape)")
    return gradient
  }

  /// Keeps the gradient of a result in ``grad``. Equivalent to `torch.Tensor.retain_grad`.
  ///
  /// Leaves keep theirs anyway.
  public final func retainGrad() {
    require(requiresGrad, "retainGrad: a tensor of shape \(shape) does not require grad")
    node?.retained = self
  }

  /// Calls `hook` with each gradient of this tensor, before it flows on or is kept.
  ///
  /// Equivalent to `torch.Tensor.register_hook`. A gradient that the hook returns takes the place
  /// of the one that it was given.
  @discardableResult
  public final func onGradient(_ hook: @escaping GradientHook) -> HookHandle {
    require(requiresGrad, "onGradient: a tensor of shape \(shape) does not require grad")
    if let node {
      let hooks = node.hooks ?? HookList()
      node.hooks = hooks
      return hooks.add(hook)
    }
    let hooks = leafHooks ?? HookList()
    leafHooks = hooks
    return hooks.add(hook)
  }
}
