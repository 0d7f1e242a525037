import Arrays
import Files

/// A tensor that a module learns: it has a gradient, and an optimizer changes it.
///
/// Equivalent to `torch.nn.Parameter`. A property of this type is a parameter of its module.
public final class Parameter: Tensor {
  /// A parameter of these elements.
  ///
  /// - Parameter requiresGrad: False for one that is frozen.
  public init(_ array: NDArray, requiresGrad: Bool = true) {
    super.init(
      array: array, device: Device.current, node: nil,
      requiresGrad: requiresGrad && array.dtype.isFloatingPoint)
  }

  /// A parameter of a tensor's elements, apart from the graph that the tensor is part of.
  public init(_ tensor: Tensor, requiresGrad: Bool = true) {
    super.init(
      array: tensor.array, device: tensor.device, node: nil,
      requiresGrad: requiresGrad && tensor.dtype.isFloatingPoint)
  }

  /// Changes the elements in place, converted to this parameter's type.
  ///
  /// Equivalent to `parameter.copy_(values)`: identity is kept, so optimizers and ties notice.
  ///
  /// - Precondition: The shapes are equal, and either this parameter is frozen or the call is in
  ///   ``noGrad(_:)``.
  public func assign(_ values: Tensor) {
    require(
      !GradMode.isEnabled || !requiresGrad,
      "assign: a leaf that requires grad is being used in an in-place operation; do it in noGrad")
    copyElements(of: values)
  }
}

/// A tensor that a module keeps, saves and moves, but does not learn.
///
/// Equivalent to `torch.nn.Buffer`. A property of this type is a buffer of its module: running
/// statistics, masks, tables.
public final class Buffer: Tensor {
  /// Whether the buffer is part of the state dict.
  public let isPersistent: Bool

  /// A buffer of these elements.
  ///
  /// - Parameter persistent: False for one that is moved with its module but not saved.
  public init(_ array: NDArray, persistent: Bool = true) {
    isPersistent = persistent
    super.init(array: array, device: Device.current, node: nil, requiresGrad: false)
  }

  /// A buffer of a tensor's elements, apart from the graph that the tensor is part of.
  public init(_ tensor: Tensor, persistent: Bool = true) {
    isPersistent = persistent
    super.init(array: tensor.array, device: tensor.device, node: nil, requiresGrad: false)
  }

  /// Changes the elements in place, converted to this buffer's type.
  ///
  /// A forward pass that does `running.assign(0.9 * running + 0.1 * x)` is seen in the state dict.
  ///
  /// - Precondition: The shapes are equal.
  public func assign(_ values: Tensor) { copyElements(of: values) }
}

extension Tensor {
  fileprivate final func copyElements(of values: Tensor) {
    require(
      values.shape == shape, "assign: shape \(values.shape) does not fit shape \(shape)")
    requireStorage("assign")
    values.requireStorage("assign")
    replace(values.array.cast(to: dtype).contiguous())
  }
}
