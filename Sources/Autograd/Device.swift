import Arrays

/// Where the elements of a tensor are.
public enum Device: String, Hashable, Sendable, CustomStringConvertible {
  /// In memory, computed with on the processor.
  case cpu
  /// Nowhere: the tensor has a shape and a type and no elements.
  ///
  /// A model made on this device costs nothing until values are adopted into it. Operations on
  /// such tensors give the shape and type of their results.
  case meta

  /// The device of tensors that are made without naming one. Set by ``with(_:_:)``.
  @TaskLocal public static var current = Device.cpu

  /// Calls `body` with another device for the tensors that are made in it.
  ///
  /// Equivalent to `with torch.device("meta"):`.
  ///
  /// ```swift
  /// let skeleton = Device.with(.meta) { Linear(4096, 4096) }
  /// ```
  public static func with<R>(_ device: Device, _ body: () throws -> R) rethrows -> R {
    try $current.withValue(device, operation: body)
  }

  /// PyTorch's name: `cpu`, `meta`.
  public var description: String { rawValue }
}

extension NDArray {
  /// Stands for an array that is nowhere: one element, repeated.
  static func placeholder(_ shape: Shape, _ dtype: DType) -> NDArray {
    NDArray(zeros: .scalar, dtype: dtype).expanded(to: shape)
  }
}
