// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Files
import Kernels

extension Tensor {
  /// A tensor with the same elements through which no gradient flows: PyTorch's name of
  /// ``detached()``.
  public final func detach() -> Tensor { detached() }
  /// A copy with elements of its own, to which gradients flow back. Equivalent to
  /// `torch.Tensor.clone`.
  public final func clone() -> Tensor {
    .record("clone", [self], device == .meta ? array : array.copied()) { _ in [{ $0 }] }
  }
  /// This tensor with its elements in row-major order without gaps. Equivalent to
  /// `torch.Tensor.contiguous`.
  public final func contiguous() -> Tensor { array.isContiguous ? self : clone() }
  /// This tensor in memory. Equivalent to `torch.Tensor.cpu`.
  public final func cpu() -> Tensor { to(.cpu) }
  /// This tensor on a device. Equivalent to `torch.Tensor.to` with a device.
  ///
  /// - Parameter device: The device. From ``Device/meta`` nothing can be moved, since nothing is
  ///   there.
  public final func to(_ device: Device) -> Tensor {
    guard device != self.device else { return self }
    require(
      self.device != .meta,
      "to: cannot copy out of a meta tensor of shape \(shape), which has no data")
    return Tensor(
      array: .placeholder(shape, dtype), device: device, node: nil,
      requiresGrad: false)
  }
  /// This tensor as `float32`. Equivalent to `torch.Tensor.float`.
  public final func float() -> Tensor { to(.float32) }
  /// This tensor as `float64`. Equivalent to `torch.Tensor.double`.
  public final func double() -> Tensor { to(.float64) }
  /// This tensor as `float16`. Equivalent to `torch.Tensor.half`.
  public final func half() -> Tensor { to(.float16) }
  /// This tensor as `bfloat16`. Equivalent to `torch.Tensor.bfloat16`.
  public final func bfloat16() -> Tensor { to(.bfloat16) }
  /// This tensor as `int64`. Equivalent to `torch.Tensor.long`.
  public final func long() -> Tensor { to(.int64) }
  /// This tensor as `int32`. Equivalent to `torch.Tensor.int`.
  public final func int() -> Tensor { to(.int32) }
  /// This tensor as `bool`. Equivalent to `torch.Tensor.bool`.
  public final func bool() -> Tensor { to(.bool) }
  /// This tensor as another type. Equivalent to `torch.Tensor.type` with a type.
  ///
  /// - Parameter dtype: The type to convert to.
  public final func type(_ dtype: DType) -> Tensor { to(dtype) }
  /// The elements as an array, which is a value and never changes with the tensor. Equivalent to
  /// `torch.Tensor.numpy`.
  ///
  /// - Precondition: The tensor requires no gradient; otherwise use `detach().numpy()`, or ``array``.
  public final func numpy() -> NDArray {
    require(
      !requiresGrad,
      "Can't call numpy() on Tensor that requires grad: use detach().numpy(), shape \(shape)")
    requireStorage("numpy")
    return array
  }
  /// The elements as nested lists. Equivalent to `torch.Tensor.tolist`. For a plain array of numbers
  /// use `[Float](x)`, `[Int](x)`, ….
  ///
  /// - Returns: A number (`Int`, `Double`, `Complex<Double>`) or a boolean for a tensor without dimensions, otherwise arrays of them.
  public final func tolist() -> Any {
    requireStorage("tolist")
    if rank > 0 { return map { $0.tolist() } }
    if dtype == .bool { return item(as: Bool.self) }
    if dtype.isComplex { return array.cast(to: .complex128).item(as: Complex<Double>.self) }
    return dtype.isIntegral ? Int(self) as Any : Double(self) as Any
  }

  /// The name of the recorded operation that this tensor is the result of, as PyTorch writes it:
  /// `AddBackward0`. Equivalent to `torch.Tensor.grad_fn`; nil for a leaf.
  public final var gradFn: String? { node.map { GradientName.of($0) } }

  /// Calls `hook` with each gradient of this tensor: PyTorch's name of ``onGradient(_:)``.
  ///
  /// - Parameter hook: Receives the gradient; what it returns, if not nil, replaces it.
  /// - Returns: A handle that removes the hook.
  @discardableResult
  public final func registerHook(_ hook: @escaping GradientHook) -> HookHandle { onGradient(hook) }

  /// The elements without the graph. Equivalent to `torch.Tensor.data`.
  ///
  /// It is a view, so `p.data -= lr * p.grad!` and `p.data.zero_()` change this tensor, of a parameter
  /// too, without a gradient. Setting it gives this tensor the memory of the new value, of which it is
  /// a view from then on; the tensor keeps its identity, so optimizers and ties see the new values.
  ///
  /// Unlike in PyTorch, where the gradient would be a wrong one, a gradient that needs the elements as
  /// they were before traps.
  ///
  /// - Precondition: The new value has this tensor's type, and the shape of its gradient, if any.
  public final var data: Tensor {
    get { detached() }
    set {
      require(
        newValue.dtype == dtype,
        "data: \(newValue.dtype) of shape \(newValue.shape) is not the type of a tensor of \(dtype) "
          + "and shape \(shape)")
      require(
        newValue.shape == shape || (grad == nil && node == nil),
        "data: the gradient has shape \(shape), not \(newValue.shape)")
      // `x.data += y` has changed the elements already.
      let isShared = family != nil && newValue.family === family
      if newValue === self || isShared && newValue.array.isIdentical(to: array) { return }
      replace(newValue.array, device: newValue.device)
      join(newValue, detached: true)
    }
  }

  /// Whether all elements are close to those of another tensor: PyTorch's name of
  /// ``isClose(to:relative:absolute:equalNaN:)``. Equivalent to `torch.allclose`.
  ///
  /// - Parameters:
  ///   - other: The other tensor.
  ///   - rtol: The relative tolerance.
  ///   - atol: The absolute tolerance.
  ///   - equalNaN: Whether NaN is close to NaN.
  public final func allclose(
    _ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false
  ) -> Bool {
    requireOneType("allclose", other)
    return isClose(to: other, relative: rtol, absolute: atol, equalNaN: equalNaN)
  }
  /// Whether two tensors have the same shape and equal elements. Equivalent to `torch.equal`.
  ///
  /// - Parameters:
  ///   - lhs: A tensor.
  ///   - rhs: Another one.
  public static func equal(_ lhs: Tensor, _ rhs: Tensor) -> Bool {
    lhs.shape == rhs.shape && Bool(noGrad { (lhs .== rhs).all() })
  }
  /// Whether another tensor has the same shape and equal elements. Equivalent to
  /// `torch.Tensor.equal`.
  ///
  /// - Parameter other: The other tensor.
  public final func equal(_ other: Tensor) -> Bool { Tensor.equal(self, other) }

  /// The norm of the elements. Equivalent to `torch.norm`. See ``norm(order:_:keepDims:)``.
  ///
  /// - Parameter p: The order.
  public final func norm(_ p: some TensorNumber) -> Tensor { norm(order: p.asDouble) }
  /// The norms along a dimension. Equivalent to `torch.norm`. See ``norm(order:_:keepDims:)``.
  ///
  /// - Parameters:
  ///   - p: The order.
  ///   - dim: The dimension to reduce.
  ///   - keepdim: Whether it is kept, with length one.
  public final func norm(p: Double = 2, dim: Int, keepdim: Bool = false) -> Tensor {
    norm(order: p, [dim], keepDims: keepdim)
  }
}
