import Checkpoints
import Interchange
import Models
import NN
import States

extension Module {
  /// Saves the parameters and buffers in the format that the name's ending stands for, such as HDF5
  /// for `.h5`.
  ///
  /// ```swift
  /// try model.save(to: "model.h5", metadata: ["epoch": 3])
  /// try model.save(to: "model.h5", architecture: ModelDescription(of: model))
  /// ```
  ///
  /// - Parameters:
  ///   - path: The file, which is replaced once the new one is complete.
  ///   - metadata: Further values by name.
  ///   - architecture: How to build the model, so that `ballast-load --model auto` does; nil leaves it
  ///     out.
  ///   - options: How the file is written: compression, durability, threads.
  /// - Returns: What was written.
  /// - Throws: `CheckpointError`, as `Checkpoint.save(to:options:)`. The previous file, if any, is then
  ///   still in place.
  @discardableResult
  public final func save(
    to path: String, metadata: KeyValuePairs<String, Value> = [:],
    architecture: ModelDescription? = nil, options: WriteOptions = WriteOptions()
  ) throws(CheckpointError) -> WriteSummary {
    try Checkpoint(model: self, metadata: metadata, architecture: architecture)
      .save(to: path, options: options)
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
  /// ```swift
  /// try model.load(from: "model.pth")
  /// try model.load(                              // all but a head for other classes
  ///   from: "resnet50.pth", renaming: [KeyRenaming(#"^module\.="#)], skippingMismatched: true)
  /// ```
  ///
  /// The file's tensors are first chosen by `keys`, then renamed, then mapped, as `ballast-convert` does.
  /// A well-known architecture is also loaded from files with the names of other sources that it knows
  /// (`NamedBySources`), if every tensor then has its place; `LoadReport.mappings` says so.
  ///
  /// - Parameters:
  ///   - path: The file or folder, whose contents decide the format.
  ///   - strict: Whether keys that only the file or only the module has are refused, and tensors of
  ///     the file that could not be read.
  ///   - assign: Whether the module adopts the file's tensors, with their types, instead of copying
  ///     their values. They are then read when they are used, and their checksums are not verified.
  ///     Otherwise everything that the file has a checksum for is verified, in every format.
  ///   - keys: Which of the file's tensors are taken, by their keys there; nil takes all. Tensors of the
  ///     file that could not be read have no key, and are as without it.
  ///   - renaming: Rules for other keys, each applied to what the one before it gave.
  ///   - mapping: Rules for other keys, shapes and types, such as `TensorMapping(named:)`; nil for none.
  ///   - skippingMismatched: Whether tensors that both have in different shapes keep the module's values,
  ///     as `LoadReport.skipped` lists them, instead of being an error.
  ///   - options: Which part of the file is read, and which variant of a folder.
  /// - Returns: What happened to each key, and in `LoadReport.losses` and `LoadReport.notes` what the
  ///   file holds that did not come over: of more than the module's tensors, such as an optimizer.
  /// - Throws: `LoadError` with all problems, the module being unchanged; `CheckpointError` if the
  ///   file cannot be read or is damaged, or none of its tensors is among `keys`; `MappingError` for rules
  ///   that do not fit, or that make one key of two.
  @discardableResult
  public final func load(
    from path: String, strict: Bool = true, assign: Bool = false, keys: KeyFilter? = nil,
    renaming: [KeyRenaming] = [], mapping: TensorMapping? = nil, skippingMismatched: Bool = false,
    options: ReadOptions = ReadOptions()
  ) throws -> LoadReport {
    let opened = try OpenedCheckpoint(
      path, access: assign ? .mapped : .verified, options: options)
    if let uncertainty = opened.uncertainty { throw uncertainty }
    var checkpoint = opened.checkpoint
    if let keys { checkpoint = try checkpoint.taking(keys, from: path) }
    try checkpoint.requireNumbers(file: path)
    if !renaming.isEmpty { checkpoint = try checkpoint.renamed(renaming) }
    if let mapping {
      let (mapped, report) = try mapping.apply(to: checkpoint)
      checkpoint = mapped
      checkpoint.losses += report.casts.flatMap(\.losses)
      checkpoint.notes += report.notes
    }
    return try load(
      checkpoint, strict: strict, assign: assign, skippingMismatched: skippingMismatched)
  }

  /// Loads the state of a checkpoint, with what is known about how it was read.
  func load(
    _ checkpoint: Checkpoint, strict: Bool, assign: Bool, skippingMismatched: Bool = false
  ) throws(LoadError) -> LoadReport {
    let (named, mappings) = try namedByModel(
      checkpoint, assign: assign, skippingMismatched: skippingMismatched)
    do throws(LoadError) {
      if !checkpoint.losses.isEmpty {
        try check(named, strict: strict, assign: assign, skippingMismatched: skippingMismatched)
      }
      var report = try loadStateDict(
        named.state, strict: strict, assign: assign, skippingMismatched: skippingMismatched)
      (report.losses, report.notes) = (checkpoint.losses, checkpoint.notes)
      report.mappings = mappings
      return report
    } catch {
      var error = error
      if self is any NamedBySources, error.advice == nil {
        error.advice = ModelCatalog.resemblance(of: checkpoint.state)
      }
      throw error
    }
  }

  /// Refuses a checkpoint that cannot be loaded.
  func check(
    _ checkpoint: Checkpoint, strict: Bool, assign: Bool, skippingMismatched: Bool = false
  ) throws(LoadError) {
    var report = loadReport(
      for: checkpoint.state, assign: assign, skippingMismatched: skippingMismatched)
    (report.losses, report.notes) = (checkpoint.losses, checkpoint.notes)
    guard report.isAcceptable(strict: strict) else {
      throw LoadError(moduleType: typeName, report: report, strict: strict)
    }
  }
}

extension Checkpoint {
  /// The tensors of some keys, and what was lost of all.
  fileprivate func taking(_ keys: KeyFilter, from path: String) throws(CheckpointError)
    -> Checkpoint
  {
    let part = filtered(keys)
    guard !part.state.entries.isEmpty || state.entries.isEmpty else {
      throw CheckpointError(
        .unsupported, file: path,
        reason: "none of its \(state.entries.count) tensors is among the keys",
        advice: state.keys.first.map { "Its first key is \"\($0)\"." })
    }
    return part
  }
}
