/// Whether operations are recorded for ``Tensor/backward(_:retainGraph:createGraph:)``.
///
/// The setting belongs to the current task, so that one task may evaluate a model while another
/// trains one.
public enum GradMode {
  /// Whether operations are recorded.
  @TaskLocal public static var isEnabled = true
}

/// Calls `body` without recording operations. Equivalent to `torch.no_grad()`.
public func noGrad<R>(_ body: () throws -> R) rethrows -> R {
  try GradMode.$isEnabled.withValue(false, operation: body)
}

/// Calls `body` with operations recorded, within a ``noGrad(_:)``. Equivalent to
/// `torch.enable_grad()`.
public func enableGrad<R>(_ body: () throws -> R) rethrows -> R {
  try GradMode.$isEnabled.withValue(true, operation: body)
}
