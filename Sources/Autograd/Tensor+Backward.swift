import Arrays
import Files
import Kernels

extension Tensor {
  /// Adds the gradients of this tensor to ``grad`` of every leaf it was computed from.
  ///
  /// Equivalent to `torch.Tensor.backward`, except that a second pass through a freed graph always
  /// traps; PyTorch allows it where no operation on the way saved a tensor.
  ///
  /// ```swift
  /// let loss = model(x).mseLoss(y)
  /// loss.backward()
  /// ```
  ///
  /// - Parameters:
  ///   - gradient: The gradient of this tensor, of its shape. Nil, which means 1, is allowed only
  ///     for a tensor with one element.
  ///   - retainGraph: Whether the graph is kept for another pass. The value of `createGraph` if
  ///     nil.
  ///   - createGraph: Whether the pass itself is recorded, so that gradients can be differentiated.
  /// - Precondition: This tensor requires a gradient.
  public final func backward(
    _ gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false
  ) {
    BackwardWalk.accumulate(
      [(self, startingGradient(gradient))], retainGraph: retainGraph ?? createGraph,
      createGraph: createGraph)
  }

  /// The gradients of `outputs` with respect to `inputs`. Equivalent to `torch.autograd.grad` with
  /// `allow_unused=True`.
  ///
  /// No ``grad`` is changed. Inputs need not be leaves.
  ///
  /// ```swift
  /// let x = Tensor([3] as [Float], requiresGrad: true)
  /// let first = Tensor.gradients(of: [x * x * x], for: [x], createGraph: true)[0]    // 3x²
  /// ```
  ///
  /// - Parameters:
  ///   - outputs: The tensors to differentiate.
  ///   - inputs: The tensors to differentiate with respect to.
  ///   - gradients: The gradients of `outputs`, each of its output's shape, or nil for an output
  ///     with one element.
  ///   - retainGraph: Whether the graph is kept for another pass. The value of `createGraph` if
  ///     nil.
  ///   - createGraph: Whether the pass itself is recorded, so that the results can be
  ///     differentiated.
  /// - Returns: One gradient per input; nil for an input that the outputs do not depend on.
  /// - Precondition: Every output requires a gradient.
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
      return Tensor(
        array: NDArray(filling: shape, with: 1, dtype: dtype), device: device, node: nil,
        requiresGrad: false)
    }
    require(
      gradient.shape == shape,
      "backward: a gradient of shape \(gradient.shape) does not fit an output of shape \(shape)")
    return gradient
  }

  /// Keeps the gradient of a result in ``grad``. Equivalent to `torch.Tensor.retain_grad`.
  ///
  /// Leaves keep theirs in any case.
  ///
  /// - Precondition: The tensor requires a gradient.
  public final func retainGrad() {
    require(requiresGrad, "retainGrad: a tensor of shape \(shape) does not require grad")
    node?.retained = self
  }

  /// Calls `hook` with each gradient of this tensor, before it flows on or is kept. Equivalent to
  /// `torch.Tensor.register_hook`.
  ///
  /// - Parameter hook: Receives the gradient; what it returns, if not nil, replaces it.
  /// - Returns: A handle that removes the hook.
  /// - Precondition: The tensor requires a gradient.
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
