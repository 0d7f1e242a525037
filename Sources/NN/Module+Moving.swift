import Arrays
import Autograd
import Files
import Kernels

extension Module {
  private final var ownTensors: [Tensor] {
    parameters() + buffers()
  }

  /// Converts parameters and buffers of floating-point type, in place. Equivalent to
  /// `torch.nn.Module.to(dtype)`.
  ///
  /// Integers such as `num_batches_tracked` stay what they are. Identity is kept, so that
  /// optimizers and ties go on.
  ///
  /// - Precondition: `dtype` is a floating-point type.
  @discardableResult
  public final func to(_ dtype: DType) -> Self {
    require(
      dtype.isFloatingPoint || dtype.isComplex,
      "to: a module can only be converted to floating-point types, not \(dtype)")
    for tensor in ownTensors where tensor.dtype.isFloatingPoint && tensor.dtype != dtype {
      tensor.convert(to: dtype)
    }
    return self
  }

  /// Moves parameters and buffers to a device, in place. Equivalent to
  /// `torch.nn.Module.to(device)`.
  ///
  /// - Precondition: Nothing is moved from ``/Autograd/Device/meta``, where there is nothing: use
  ///   ``toEmpty(_:)`` or load a state.
  @discardableResult
  public final func to(_ device: Device) -> Self {
    for tensor in ownTensors where tensor.device != device {
      require(
        tensor.device != .meta,
        "to: cannot copy out of a meta tensor of shape \(tensor.shape), which has no data; "
          + "use toEmpty or loadStateDict")
      tensor.move(to: device)
    }
    return self
  }

  /// Makes parameters and buffers on a device, without setting their values. Equivalent to
  /// `torch.nn.Module.to_empty`.
  ///
  /// The values are zeros.
  @discardableResult
  public final func toEmpty(_ device: Device) -> Self {
    for tensor in ownTensors {
      tensor.replace(NDArray(zeros: tensor.shape, dtype: tensor.dtype), device: device)
    }
    return self
  }
}

extension Tensor {
  fileprivate final func convert(to dtype: DType) {
    replace(device == .meta ? array : array.cast(to: dtype), device: device)
    grad?.convert(to: dtype)
  }

  fileprivate final func move(to device: Device) {
    replace(array, device: device)
    grad = nil
  }
}
