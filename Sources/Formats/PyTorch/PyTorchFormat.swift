import Arrays
import Checkpoints
import States

/// The files that `torch.save` writes, in all forms since 2016.
struct PyTorchFormat: CheckpointFormat {
  let id = "pytorch"
  let displayName = "PyTorch"
  /// The endings in use; `bin` is that of transformers, `ckpt` that of Lightning, `tar` that of the
  /// examples of PyTorch, whose files are no tar archives.
  let endings = ["pth", "pt", "bin", "ckpt", "tar"]

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.keepsRoles = false
    traits.readsRoots = true
    traits.holdsSeveralModels = true
    traits.compression = .none("PyTorch maps their tensors as they are stored")
    traits.options = PyTorchOptions.self
    return traits
  }

  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard !probe.isFolder, let kind = try ifSound({ try FileKind(probe) }) else {
      // Opening a damaged archive reports it as such.
      return probe.head.starts(with: [0x50, 0x4B, 0x03, 0x04]) ? .possible : nil
    }
    switch kind {
    case .zip(let zip): return PyTorchArchive.isLikely(zip) ? .certain : .possible
    case .legacy, .objects: return .certain
    case .tar, .pickle: return .likely
    }
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    try PyTorchFile(probe, access)
  }

  /// How the state dict is put together, and not the dictionary that it was in.
  func originEntry(ofModelIn entry: Value) -> Value? {
    PyTorchStructure(entry).map(\.ofModel).flatMap { $0.isPlain ? nil : $0.value }
  }

  /// A dictionary for each model, in one whose name tells the models.
  ///
  /// Where a name says that what it names is something else, such as an average, a reader would take the
  /// others for the model. The tensors are in one dictionary then.
  func originEntry(ofModels names: [String]) -> Value? {
    guard names.allSatisfy({ ModelName.rank($0) == .other }) else { return nil }
    var structure = PyTorchStructure(layout: .checkpoint)
    structure.modelPath = [.key(.string("model_state_dict"), at: 0)]
    structure.networks = names
    return structure.value
  }

  func partNames(in entry: Value) -> PartNames {
    guard let structure = PyTorchStructure(entry) else { return PartNames() }
    func text(_ path: [StructureStep]) -> String? {
      path.isEmpty ? nil : path.map(\.text).joined(separator: ".")
    }
    let optimizer = text(structure.optimizerPath) ?? structure.optimizerKey
    return PartNames(
      model: text(structure.modelPath),
      optimizer: structure.optimizerIsListed ? optimizer.map { "\($0).0" } : optimizer)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    PyTorchWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// The files that `torch.save` writes. All forms since 2016 are read; the zip archive of PyTorch
  /// 1.6 and later is written.
  ///
  /// A file says what is a parameter if it holds `torch.nn.Parameter` objects, or if Ballast wrote
  /// it; otherwise the optimizer's list of parameters, types and names decide: see `RoleRule`.
  public static let pytorch = FileFormat(PyTorchFormat())
}

/// How a PyTorch file is written.
///
/// ```swift
/// var options = WriteOptions()
/// options.pytorch.layout = .stateDict
/// try checkpoint.write(to: "model.pth", format: .pytorch, options: options)
/// ```
public struct PyTorchOptions: FormatOptions {
  /// The structure of the object that is saved.
  public enum Layout: String, Sendable, CaseIterable {
    /// The model's tensors alone: `torch.save(model.state_dict())`. The optimizer's state and the
    /// metadata have no place in it, which the plan reports as losses.
    case stateDict = "state-dict"
    /// A dictionary of the model, the optimizer and the rest:
    /// `{"model_state_dict": …, "optimizer_state_dict": …, "epoch": …}`.
    case checkpoint
    /// What a PyTorch Lightning trainer writes: `state_dict`, `optimizer_states`, ….
    case lightning
  }

  /// The format's name in a sentence.
  public static let formatName = "PyTorch"

  /// The structure of the object; nil takes that of the file that the checkpoint came from, or else
  /// the simplest that holds everything.
  public var layout: Layout?
  /// Whether parameters are saved as `torch.nn.Parameter` objects, as `state_dict(keep_vars=True)`
  /// has them; nil does as the file that the checkpoint came from.
  public var parameterObjects: Bool?

  /// The default options: structure and parameters as in the file that the checkpoint came from.
  public init() {}
}

extension WriteOptions {
  /// The options for PyTorch files. Writing any other format with options other than the defaults
  /// is refused.
  public var pytorch: PyTorchOptions {
    get { self[PyTorchOptions.self] }
    set { self[PyTorchOptions.self] = newValue }
  }
}
