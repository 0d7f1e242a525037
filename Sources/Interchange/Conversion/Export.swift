import Arrays
import Checkpoints
import States

/// How a checkpoint is written as a file of any format.
public struct ExportOptions: Sendable {
  /// The shape of a PyTorch file.
  public enum PyTorchLayout: String, Sendable, CaseIterable {
    /// The model's tensors alone: `torch.save(model.state_dict())`.
    case stateDict = "state-dict"
    /// A dictionary of the model, the optimizer and the rest:
    /// `{"model_state_dict": …, "optimizer_state_dict": …, "epoch": …}`.
    case checkpoint
    /// What a PyTorch Lightning trainer writes: `state_dict`, `optimizer_states`, ….
    case lightning
  }

  /// What holds for every format: type conversion, compression, overwriting, durability, threads.
  public var save = SaveOptions()
  /// The shape of a PyTorch file; nil takes that of the file it came from, else the plainest that
  /// holds everything.
  public var pytorchLayout: PyTorchLayout?
  /// Whether parameters in a PyTorch file are `torch.nn.Parameter` objects, as
  /// `state_dict(keep_vars=True)` has them; nil does as the file that the checkpoint came from.
  public var pytorchParameterObjects: Bool?
  /// The greatest size of a safetensors file in bytes, beyond which tensors go on in another; nil
  /// writes one file.
  public var shardByteCount: Int?

  /// A Keras file of the same model, or its config as JSON, for a checkpoint that did not come from
  /// Keras: it says which layers there are, and where their weights are.
  public var kerasTemplate: String?

  /// Is given what the format cannot hold, before anything is written. If it throws, nothing is.
  public var reviewLosses: (@Sendable ([Loss]) throws -> Void)?

  /// What is usual in each format.
  public init() {}
}

/// What was written, and what the format could not hold.
public struct ExportSummary: Sendable {
  /// What was written.
  public var save: SaveSummary
  /// What the format could not hold.
  public var losses: [Loss]

  /// A summary of these parts.
  public init(save: SaveSummary, losses: [Loss] = []) {
    self.save = save
    self.losses = losses
  }
}

extension Checkpoint {
  /// Writes the checkpoint as a file of a format.
  ///
  /// The file takes its place only when it is whole. Tensors are streamed from where they lie.
  ///
  /// - Throws: `FileError`, `CheckpointError` or ``InterchangeError``.
  @discardableResult
  public func write(
    to path: String, format: FileFormat, options: ExportOptions = ExportOptions()
  ) throws -> ExportSummary {
    switch format {
    case .ballast:
      return ExportSummary(
        save: try CheckpointWriter.write(self, to: path, options: options.save))
    case .pytorch: return try PyTorchWriter.write(self, to: path, options: options)
    case .safetensors: return try SafetensorsWriter.write(self, to: path, options: options)
    case .numpy: return try NumPyWriter.write(self, to: path, options: options)
    case .keras, .kerasWeights, .kerasLegacy:
      return try KerasWriter.write(self, to: path, format: format, options: options)
    case .hdf5:
      throw InterchangeError(
        .unsupported, file: path, reason: "\(format.displayName) files are not written")
    }
  }
}
