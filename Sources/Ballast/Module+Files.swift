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
  ///   - path: The file, which is replaced once the new one is complete.
  ///   - metadata: Further values by name.
  ///   - options: How the file is written: compression, durability, threads.
  /// - Returns: What was written.
  /// - Throws: `CheckpointError` or `FileError`. The previous file, if any, is then still in place.
  @discardableResult
  public final func save(
    to path: String, metadata: KeyValuePairs<String, Value> = [:],
    options: WriteOptions = WriteOptions()
  ) throws -> WriteSummary {
    try Checkpoint(model: self, metadata: metadata).save(to: path, options: options)
  }

  /// Saves the parameters and buffers in the background, as they are now.
  ///
  /// See ``PendingSave`` for how errors surface, and what is guaranteed when the process exits.
  ///
  /// - Parameters:
  ///   - path: The file, which is replaced once the new one is complete.
  ///   - metadata: Further values by name.
  ///   - options: How the file is written: compression, durability, threads.
  public final func saveAsync(
    to path: String, metadata: KeyValuePairs<String, Value> = [:],
    options: WriteOptions = WriteOptions()
  ) -> PendingSave {
    Checkpoint(model: self, metadata: metadata).saveAsync(to: path, options: options)
  }

  /// Loads parameters and buffers from a checkpoint of any format.
  ///
  /// - Parameters:
  ///   - path: The file or folder, whose contents decide the format.
  ///   - strict: Whether keys that only the file or only the module has are refused.
  ///   - assign: Whether the module adopts the file's tensors, with their types, instead of copying
  ///     their values. They are then read when they are used, and their checksums are not verified.
  ///     Otherwise everything that the file has a checksum for is verified, in every format.
  /// - Returns: What happened to each key.
  /// - Throws: `LoadError` with all problems, the module being unchanged; `CheckpointError` if the
  ///   file cannot be read or is damaged.
  @discardableResult
  public final func load(
    from path: String, strict: Bool = true, assign: Bool = false
  ) throws -> LoadReport {
    let opened = try OpenedCheckpoint(path, access: assign ? .mapped : .verified)
    return try loadStateDict(opened.checkpoint.state, strict: strict, assign: assign)
  }
}
