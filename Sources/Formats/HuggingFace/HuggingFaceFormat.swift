import Checkpoints
import Files
import OrderedCollections
import SafetensorsFiles
import States

/// A folder of a hub's repository, as transformers, diffusers and PEFT write it: weights as
/// safetensors or as what `torch.save` writes, in one file or in shards that an index names.
///
/// The names of the files are those of `save_pretrained` in transformers 5.24 and diffusers 0.42, and
/// of `save_torch_state_dict` in huggingface_hub 2.4.
struct HuggingFaceFormat: CheckpointFormat {
  let id = "huggingface"
  let displayName = "Hugging Face"
  /// None: it is a folder, of any name.
  let endings: [String] = []

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.hasVariants = true
    traits.compression = .none("loaders map tensors as they lie")
    traits.options = HuggingFaceOptions.self
    return traits
  }

  /// A folder with weights; of files only what other formats would take for the whole, or do not
  /// know: a shard, and an index that is not that of plain safetensors.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    if probe.isFolder { return RepositoryFolder(probe.path, try probe.names()).recognition }
    guard let file = WeightFile(probe.name) else { return nil }
    switch file.form {
    case .single: return nil
    case .index:
      if probe.name.hasSuffix(SafetensorsShards.indexSuffix) { return nil }
      return probe.head.first { $0 > 0x20 } == UInt8(ascii: "{") ? .certain : .likely
    case .shard: return try file.holds(probe) ? .certain : nil
    }
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    try HuggingFaceSource(probe, access)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try HuggingFaceWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// A folder of a hub's repository: safetensors or PyTorch's files, single or in shards.
  public static let huggingFace = FileFormat(HuggingFaceFormat())
}

/// How a folder of a hub's repository is written.
public struct HuggingFaceOptions: FormatOptions {
  /// What holds the weights.
  public enum Weights: String, Sendable, CaseIterable {
    /// `model.safetensors`, which holds everything that a checkpoint has.
    case safetensors
    /// `pytorch_model.bin`, a pickled state dict, for loaders that know nothing else: it holds the
    /// model alone.
    case bin
  }

  /// The format's name in a sentence.
  public static let formatName = "Hugging Face"

  /// What holds the weights.
  public var weights = Weights.safetensors
  /// The variant as which they are written, as in `model.fp16.safetensors`; nil for the plain one.
  public var variant: String?
  /// How many bytes the tensors of one file may have at most, beyond which they go on in another. A
  /// larger tensor is a file of its own. The library's own bound is the usual one: 5 GB.
  public var shardByteCount = 5_000_000_000

  /// What is usual in the format.
  public init() {}
}

extension WriteOptions {
  /// The options of folders of a hub's repository.
  public var huggingFace: HuggingFaceOptions {
    get { self[HuggingFaceOptions.self] }
    set { self[HuggingFaceOptions.self] = newValue }
  }
}
