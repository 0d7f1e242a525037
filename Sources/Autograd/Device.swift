import Arrays

/// The place where the elements of a tensor are.
public enum Device: String, Hashable, Sendable, CustomStringConvertible {
  /// In memory; operations run on the processor.
  case cpu
  /// Nowhere: the tensor has a shape and a type but no elements.
  ///
  /// A model created on this device takes no memory for its parameters until values are loaded into
  /// it. Operations on such tensors yield the shape and type of the result. Reading elements traps.
  case meta

  /// The device of newly created tensors. Changed with ``with(_:_:)``; ``cpu`` by default.
  @TaskLocal public static var current = Device.cpu

  /// Calls `body` with another device for the tensors created in it. Equivalent to `with
  /// torch.device("meta"):`.
  ///
  /// ```swift
  /// let skeleton = Device.with(.meta) { Linear(4096, 4096) }
  /// try skeleton.loadStateDict(state)
  /// ```
  ///
  /// - Parameters:
  ///   - device: The device during the call, in the current task only.
  ///   - body: The code to run.
  /// - Returns: What `body` returns.
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
