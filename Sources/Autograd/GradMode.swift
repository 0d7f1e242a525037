/// Whether operations are recorded for ``Tensor/backward(_:retainGraph:createGraph:)``.
///
/// The setting belongs to the current task, so one task can evaluate a model while another trains
/// one. Change it with ``noGrad(_:)`` and ``enableGrad(_:)``.
public enum GradMode {
  /// Whether operations are recorded in the current task. True by default. Equivalent to
  /// `torch.is_grad_enabled`.
  @TaskLocal public static var isEnabled = true
}

/// Calls `body` without recording operations. Equivalent to `torch.no_grad`.
///
/// Results do not require a gradient, and no memory is kept for one. Parameters may be changed in
/// place.
///
/// ```swift
/// noGrad { weight -= lr * gradient }
/// ```
///
/// - Parameter body: The code to run.
/// - Returns: What `body` returns.
@discardableResult
public func noGrad<R>(_ body: () throws -> R) rethrows -> R {
  try GradMode.$isEnabled.withValue(false, operation: body)
}

/// Calls `body` with operations recorded, inside a ``noGrad(_:)``. Equivalent to
/// `torch.enable_grad`.
///
/// - Parameter body: The code to run.
/// - Returns: What `body` returns.
@discardableResult
public func enableGrad<R>(_ body: () throws -> R) rethrows -> R {
  try GradMode.$isEnabled.withValue(true, operation: body)
}
