import Checkpoints
import Files
import Interchange

extension Checkpoint {
  /// Saves the checkpoint in the format that the name's ending stands for, such as HDF5 for `.h5`,
  /// PyTorch's for `.pth` and safetensors for `.safetensors`.
  ///
  /// Everything is saved, or nothing: `write(to:format:options:)` also writes in a format that cannot
  /// hold all of the checkpoint, and returns what is lost.
  ///
  /// - Parameters:
  ///   - path: The file, which is replaced once the new one is complete.
  ///   - options: How it is written: compression, durability, threads.
  /// - Returns: What was written.
  /// - Throws: `CheckpointError`, with code `unsupported` for an ending that is no format's, and for
  ///   a format that cannot hold the checkpoint without loss. The previous file, if any, is then still
  ///   in place.
  @discardableResult
  public func save(
    to path: String, options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> WriteSummary {
    guard let format = FileFormat(fileName: path) else {
      throw CheckpointError(
        .unsupported, file: path, reason: "the ending of its name is not that of a format",
        advice: "Name a format by an ending such as .h5, .pth or .safetensors.")
    }
    let plan = try plan(to: path, format: format, options: options)
    if let loss = plan.losses.first {
      let others = plan.losses.count == 1 ? "" : "; and \(plan.losses.count - 1) more"
      throw CheckpointError(
        .unsupported, file: path, place: loss.subject,
        reason: "a \(format.displayName) file cannot hold it without loss: \(loss.detail)\(others)",
        advice: "write(to:format:options:) writes it all the same, and returns what is lost.")
    }
    return try CheckpointError.reporting(path) { try plan.write(checking: nil) }
  }

  /// Saves the checkpoint in the background, as it is now, in the format that the name's ending
  /// stands for.
  ///
  /// ```swift
  /// let save = Checkpoint(model: model, optimizer: optimizer).saveAsync(to: "training.h5")
  /// …                      // Training continues without affecting the file.
  /// try await save.value   // Errors are thrown here.
  /// ```
  ///
  /// It returns immediately, unless two saves are pending; see ``PendingSave`` for the cost, and for what
  /// is guaranteed when the process exits. If `options` has several threads, one of them is left to the
  /// caller.
  ///
  /// - Parameters:
  ///   - path: The file, which is replaced once the new one is complete.
  ///   - options: How it is written: compression, durability, threads.
  /// - Returns: The save, which throws what ``save(to:options:)`` does to whoever waits for it.
  public func saveAsync(to path: String, options: WriteOptions = WriteOptions()) -> PendingSave {
    var options = options
    options.threads = max(options.threads - 1, 1)
    return PendingSave(to: path, options) { options throws(CheckpointError) in
      try save(to: path, options: options)
    }
  }

  /// Writes the checkpoint as a file of a format in the background, as it is now, also where the format
  /// cannot hold all of it.
  ///
  /// ```swift
  /// let summary = try await opened.checkpoint.writeAsync(to: "model.h5", format: .ballast).value
  /// ```
  ///
  /// As ``saveAsync(to:options:)`` it waits while two saves are pending, and a later save to the same path
  /// takes the place of one that has not begun, whatever its format. Tensors in a mapped file are read when
  /// they are written.
  ///
  /// - Parameters:
  ///   - path: The file, which is replaced once the new one is complete.
  ///   - format: The format.
  ///   - options: How it is written, and who is told how far that has come.
  /// - Returns: The save, which throws what `write(to:format:options:)` does to whoever waits for it.
  public func writeAsync(
    to path: String, format: FileFormat, options: WriteOptions = WriteOptions()
  ) -> PendingSave {
    var options = options
    options.threads = max(options.threads - 1, 1)
    return PendingSave(to: path, options) { options throws(CheckpointError) in
      try write(to: path, format: format, options: options)
    }
  }

  /// Reads a checkpoint of any format.
  ///
  /// Its tensors are read at once, compared with the checksums that the file has, and are its own
  /// then: whatever happens to the file changes nothing. With `Access.mapped` they are read when they
  /// are used, which takes no time and no memory now; the file must not change as long as they are in
  /// use. One that is written to in place, rather than replaced, changes them, and one that is cut
  /// short ends the process with a signal.
  ///
  /// What the file holds that did not come over is in `Checkpoint.losses`, and what else is worth
  /// knowing in `Checkpoint.notes`; `OpenedCheckpoint` has more, such as how roles were found.
  ///
  /// - Parameters:
  ///   - path: The file or folder, whose contents decide the format.
  ///   - access: How tensors come into memory, and what is compared with checksums.
  ///   - strict: Whether a file is refused of which something did not come over, or came over as a
  ///     guess, even if that is only a value of the metadata.
  /// - Throws: `CheckpointError`: with code `damaged` also if a tensor does not match its checksum;
  ///   with code `unsupported` also if `strict` and there are losses, or several models of which none is
  ///   the checkpoint's own: they are in `Checkpoint.models`.
  public init(
    contentsOf path: String, access: Access = .verified, strict: Bool = false
  ) throws(CheckpointError) {
    let opened = try OpenedCheckpoint(path, access: access)
    if strict { try opened.requireAll() }
    self = opened.checkpoint
  }

  /// Reads a checkpoint of any format on a thread of its own, while the task that asks for it waits.
  ///
  /// ```swift
  /// let checkpoint = try await Checkpoint.readAsync(contentsOf: "training.h5") { progress in
  ///   print("\(Int(progress.fraction * 100)) %")
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - path: The file or folder, whose contents decide the format.
  ///   - access: How tensors come into memory, and what is compared with checksums.
  ///   - strict: Whether a file is refused of which something did not come over, or came over as a
  ///     guess.
  ///   - onProgress: Told how far reading has come, on the threads that read, one report after the other;
  ///     reading waits for it.
  /// - Throws: As ``init(contentsOf:access:strict:)``; and `CheckpointError` with code `cancelled` soon after
  ///   the task is cancelled.
  public static func readAsync(
    contentsOf path: String, access: Access = .verified, strict: Bool = false,
    onProgress: @escaping @Sendable (WorkProgress) -> Void = { _ in }
  ) async throws -> Checkpoint {
    let opened = try await OpenedCheckpoint.openAsync(
      path, access: access, onProgress: onProgress)
    if strict { try opened.requireAll() }
    return opened.checkpoint
  }
}

extension OpenedCheckpoint {
  /// - Throws: `CheckpointError` with code `unsupported` if something of the file did not come over, or
  ///   came over as a guess.
  fileprivate func requireAll() throws(CheckpointError) {
    if let uncertainty { throw uncertainty }
    guard let first = losses.first else { return }
    let others = losses.count == 1 ? "" : "; and \(losses.count - 1) more"
    throw CheckpointError(
      .unsupported, file: path, place: first.subject,
      reason: "it is not read without loss: \(first.detail)\(others)",
      advice: "Without strict it is read, and Checkpoint.losses has all of them.")
  }
}
