import Checkpoints
import Interchange
import States

extension Module {
  /// Saves the parameters and buffers in the format that the name's ending stands for, such as HDF5
  /// for `.h5`.
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
  /// - Throws: `CheckpointError`, as `Checkpoint.save(to:options:)`. The previous file, if any, is then
  ///   still in place.
  @discardableResult
  public final func save(
    to path: String, metadata: KeyValuePairs<String, Value> = [:],
    options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> WriteSummary {
    try Checkpoint(model: self, metadata: metadata).save(to: path, options: options)
  }

  /// Saves the parameters and buffers in the background, as they are now, in the format that the
  /// name's ending stands for.
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
  ///   - strict: Whether keys that only the file or only the module has are refused, and tensors of
  ///     the file that could not be read.
  ///   - assign: Whether the module adopts the file's tensors, with their types, instead of copying
  ///     their values. They are then read when they are used, and their checksums are not verified.
  ///     Otherwise everything that the file has a checksum for is verified, in every format.
  /// - Returns: What happened to each key, and in `LoadReport.losses` and `LoadReport.notes` what the
  ///   file holds that did not come over: of more than the module's tensors, such as an optimizer.
  /// - Throws: `LoadError` with all problems, the module being unchanged; `CheckpointError` if the
  ///   file cannot be read or is damaged.
  @discardableResult
  public final func load(
    from path: String, strict: Bool = true, assign: Bool = false
  ) throws -> LoadReport {
    let opened = try OpenedCheckpoint(path, access: assign ? .mapped : .verified)
    if let uncertainty = opened.uncertainty { throw uncertainty }
    return try load(opened.checkpoint, strict: strict, assign: assign)
  }

  /// Loads the state of a checkpoint, with what is known about how it was read.
  func load(_ checkpoint: Checkpoint, strict: Bool, assign: Bool) throws(LoadError) -> LoadReport {
    if !checkpoint.losses.isEmpty { try check(checkpoint, strict: strict, assign: assign) }
    var report = try loadStateDict(checkpoint.state, strict: strict, assign: assign)
    (report.losses, report.notes) = (checkpoint.losses, checkpoint.notes)
    return report
  }

  /// Refuses a checkpoint that cannot be loaded.
  func check(_ checkpoint: Checkpoint, strict: Bool, assign: Bool) throws(LoadError) {
    var report = loadReport(for: checkpoint.state, assign: assign)
    (report.losses, report.notes) = (checkpoint.losses, checkpoint.notes)
    guard report.isAcceptable(strict: strict) else {
      throw LoadError(moduleType: typeName, report: report, strict: strict)
    }
  }
}
