import Arrays
import Autograd
import Files
import Kernels

extension Module {
  private final var ownTensors: [Tensor] {
    parameters() + buffers()
  }

  /// Converts floating-point parameters and buffers to another type, in place. Equivalent to
  /// `torch.nn.Module.to(dtype)`.
  ///
  /// Integers such as `num_batches_tracked` keep their type. The tensors remain the same objects,
  /// so optimizers and ties are unaffected.
  ///
  /// - Parameter dtype: The type, floating-point or complex; others trap.
  /// - Returns: This module.
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
  /// - Parameter device: The device.
  /// - Returns: This module.
  /// - Precondition: Nothing is moved away from ``/Autograd/Device/meta``, where tensors have no
  ///   values: use ``toEmpty(_:)`` or load a state.
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

  /// Moves parameters and buffers to a device without their values. Equivalent to
  /// `torch.nn.Module.to_empty`.
  ///
  /// PyTorch leaves the new values undefined; here they are zeros.
  ///
  /// - Parameter device: The device.
  /// - Returns: This module.
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
