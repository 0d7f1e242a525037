import Checkpoints
import Files

extension OpenedCheckpoint {
  /// Opens a file and reads it, on a thread of its own.
  ///
  /// ```swift
  /// let opened = try await OpenedCheckpoint.openAsync("model.pth", access: .verified) { progress in
  ///   print("\(Int(progress.fraction * 100)) %")
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - path: The file or folder.
  ///   - format: Its format; found by the content if nil.
  ///   - access: How tensors come into memory. What is mapped is read only when it is used, so that there
  ///     is little to wait for.
  ///   - options: What is read, where the path leads to several checkpoints.
  ///   - onProgress: Told how far reading has come, on the threads that read, one report after the other;
  ///     reading waits for it.
  /// - Returns: What was read, all of it: reading that was cancelled gives nothing.
  /// - Throws: As ``init(_:format:access:options:)``; and `CheckpointError` with code `cancelled` soon after
  ///   the task that waits is cancelled.
  public static func openAsync(
    _ path: String, format: FileFormat? = nil, access: Access = .verified,
    options: ReadOptions = ReadOptions(),
    onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws -> OpenedCheckpoint {
    let watched = WatchedWork(onProgress)
    return try await withTaskCancellationHandler {
      try await BackgroundWork {
        try CheckpointError.reporting(path) {
          try watched.run(path) {
            try OpenedCheckpoint(path, format: format, access: access, options: options)
          }
        }
      }.value
    } onCancel: {
      watched.cancel()
    }
  }
}
