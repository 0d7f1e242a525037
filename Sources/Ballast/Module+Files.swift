import Checkpoints
import Interchange
import States

extension Module {
  /// Saves the parameters and buffers as an HDF5 checkpoint.
  ///
  /// ```swift
  /// try model.save(to: "model.h5", metadata: ["epoch": 3])
  /// ```
  ///
  /// - Parameters:
  ///   - path: The file; it is replaced when the new one is whole.
  ///   - metadata: What else to save, by name.
  /// - Throws: `CheckpointError`, `FileError`.
  @discardableResult
  public final func save(
    to path: String, metadata: KeyValuePairs<String, Value> = [:],
    options: WriteOptions = WriteOptions()
  ) throws -> WriteSummary {
    try Checkpoint(model: self, metadata: metadata).save(to: path, options: options)
  }

  /// Saves the parameters and buffers as they are now, in the background.
  ///
  /// See `PendingSave` for how errors come up, and what is promised when the process ends.
  public final func saveAsync(
    to path: String, metadata: KeyValuePairs<String, Value> = [:],
    options: WriteOptions = WriteOptions()
  ) -> PendingSave {
    Checkpoint(model: self, metadata: metadata).saveAsync(to: path, options: options)
  }

  /// Loads parameters and buffers from a checkpoint of any format.
  ///
  /// - Parameters:
  ///   - path: The file. Its format is told by its content.
  ///   - strict: Whether keys that only the file or only the module has are refused.
  ///   - assign: Whether the module adopts the file's tensors, with their types, instead of copying
  ///     their values. They are then read when they are used, and their checksums are not compared.
  ///     Without it everything that the file has a checksum for is compared, in every format.
  /// - Returns: What became of each key.
  /// - Throws: `LoadError` with all that is in the way, the module being as it was;
  ///   `CheckpointError` if the file cannot be read, or is damaged.
  @discardableResult
  public final func load(
    from path: String, strict: Bool = true, assign: Bool = false
  ) throws -> LoadReport {
    let opened = try OpenedCheckpoint(path, access: assign ? .mapped : .verified)
    return try loadStateDict(opened.checkpoint.state, strict: strict, assign: assign)
  }
}
