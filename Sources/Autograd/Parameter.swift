import Arrays
import Files

/// A tensor that a module learns. Equivalent to `torch.nn.Parameter`.
///
/// It requires a gradient, and optimizers update it. A stored property of this type is a parameter
/// of its module.
///
/// ```swift
/// final class Scale: Module {
///   let factor = Parameter(Tensor.ones([1]))      // "factor" in the state dict
///   override func forward(_ input: Tensor) -> Tensor { input * factor }
/// }
/// ```
public final class Parameter: Tensor {
  /// A parameter with the given elements.
  ///
  /// - Parameters:
  ///   - array: The initial values.
  ///   - requiresGrad: False for a frozen parameter. Only floating-point types can have a
  ///     gradient.
  public init(_ array: NDArray, requiresGrad: Bool = true) {
    super.init(
      array: array, device: Device.current, node: nil,
      requiresGrad: requiresGrad && array.dtype.isFloatingPoint)
  }

  /// A parameter with the elements of a tensor, detached from the tensor's graph.
  ///
  /// As in PyTorch it shares the tensor's memory: a change in place of one reaches the other.
  ///
  /// - Parameters:
  ///   - tensor: The initial values; the parameter is on the same device.
  ///   - requiresGrad: False for a frozen parameter. Only floating-point types can have a
  ///     gradient.
  public init(_ tensor: Tensor, requiresGrad: Bool = true) {
    super.init(
      array: tensor.array, device: tensor.device, node: nil,
      requiresGrad: requiresGrad && tensor.dtype.isFloatingPoint)
    join(tensor, detached: true)
  }

  /// Replaces the elements in place, converted to this parameter's type. Equivalent to
  /// `parameter.copy_(values)`.
  ///
  /// The parameter remains the same object, so optimizers and tied modules see the new values.
  ///
  /// - Parameter values: The new elements, of this parameter's shape.
  /// - Precondition: The shapes are equal, neither tensor is on ``Device/meta``, and the parameter
  ///   is frozen or the call is inside ``noGrad(_:)``.
  public func assign(_ values: Tensor) {
    require(
      !GradMode.isEnabled || !requiresGrad,
      "assign: a leaf that requires grad is being used in an in-place operation; do it in noGrad")
    copyElements(of: values)
  }
}

/// A tensor that a module saves and moves but does not learn. Equivalent to `torch.nn.Buffer`.
///
/// A stored property of this type is a buffer of its module: running statistics, masks, tables.
public final class Buffer: Tensor {
  /// Whether the buffer is in the state dict.
  public let isPersistent: Bool

  /// A buffer with the given elements.
  ///
  /// - Parameters:
  ///   - array: The initial values.
  ///   - persistent: False for a buffer that is moved with its module but not saved.
  public init(_ array: NDArray, persistent: Bool = true) {
    isPersistent = persistent
    super.init(array: array, device: Device.current, node: nil, requiresGrad: false)
  }

  /// A buffer with the elements of a tensor, detached from the tensor's graph.
  ///
  /// As in PyTorch it shares the tensor's memory: a change in place of one reaches the other.
  ///
  /// - Parameters:
  ///   - tensor: The initial values; the buffer is on the same device.
  ///   - persistent: False for a buffer that is moved with its module but not saved.
  public init(_ tensor: Tensor, persistent: Bool = true) {
    isPersistent = persistent
    super.init(array: tensor.array, device: tensor.device, node: nil, requiresGrad: false)
    join(tensor, detached: true)
  }

  /// Replaces the elements in place, converted to this buffer's type.
  ///
  /// A forward pass that calls `running.assign(0.9 * running + 0.1 * x)` changes what the state
  /// dict contains.
  ///
  /// - Parameter values: The new elements, of this buffer's shape.
  /// - Precondition: The shapes are equal, and neither tensor is on ``Device/meta``.
  public func assign(_ values: Tensor) { copyElements(of: values) }
}

extension Tensor {
  fileprivate final func copyElements(of values: Tensor) {
    require(
      values.shape == shape, "assign: shape \(values.shape) does not fit shape \(shape)")
    requireStorage("assign")
    values.requireStorage("assign")
    values.array.requireReal(for: dtype, "assign")
    overwrite(values.array.cast(to: dtype).contiguous())
  }
}
