extension Checkpoint {
  /// The state of a model, and of its training.
  ///
  /// A snapshot: later steps of the training do not change it.
  ///
  /// - Parameters:
  ///   - model: Whose parameters and buffers are kept.
  ///   - optimizer: Whose state is kept, by the names of the parameters.
  ///   - metadata: What else is kept, by name.
  ///   - architecture: How to build the model, if it was built from a description.
  public init(
    model: Module, optimizer: Optimizer? = nil, metadata: KeyValuePairs<String, Value> = [:],
    architecture: ModelDescription? = nil
  ) {
    self.init(
      state: model.stateDict(), optimizer: optimizer?.stateDict(),
      metadata: .init(metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
      architecture: architecture?.value)
  }

  /// Saves the checkpoint as HDF5.
  ///
  /// - Throws: `CheckpointError`, `FileError`; the path then leads to what it did before.
  @discardableResult
  public func save(to path: String, options: SaveOptions = SaveOptions()) throws -> SaveSummary {
    try CheckpointWriter.write(self, to: path, options: options)
  }

  /// Loads a checkpoint of any format; its tensors are read when they are used.
  ///
  /// - Throws: `CheckpointError`, `InterchangeError`, `FileError`.
  public init(contentsOf path: String) throws {
    self = try OpenedCheckpoint(path).checkpoint
  }

  /// Puts the state back into a model and its optimizer.
  ///
  /// - Returns: What became of each key.
  /// - Throws: `LoadError`, or `OptimizerStateError` if the checkpoint has no state for the
  ///   optimizer, or it does not fit. The model is loaded first, and is as it was after a
  ///   `LoadError`.
  @discardableResult
  public func restore(
    model: Module, optimizer: Optimizer? = nil, strict: Bool = true
  ) throws -> LoadReport {
    let report = try model.loadStateDict(state, strict: strict)
    if let optimizer {
      guard let saved = self.optimizer else {
        throw OptimizerStateError(
          optimizer: "\(Swift.type(of: optimizer))", reasons: ["the checkpoint has no optimizer"])
      }
      try optimizer.loadState(saved)
    }
    return report
  }
}
