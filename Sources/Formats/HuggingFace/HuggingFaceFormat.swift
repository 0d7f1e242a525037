import Checkpoints
import Files
import OrderedCollections
import SafetensorsFiles
import States

/// A folder of a model repository, as transformers, diffusers and PEFT write it: weights as
/// safetensors or as `torch.save` writes them, in one file or in shards that an index names.
///
/// The names of the files are those of `save_pretrained` in transformers 5.24 and diffusers 0.42,
/// and of `save_torch_state_dict` in huggingface_hub 2.4.
struct HuggingFaceFormat: CheckpointFormat {
  let id = "huggingface"
  let displayName = "Hugging Face"
  /// None: it is a folder, of any name.
  let endings: [String] = []

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.hasVariants = true
    traits.mixesTensors = true
    traits.compression = .none("loaders map tensors as they lie")
    traits.options = HuggingFaceOptions.self
    return traits
  }

  /// Recognises a folder with weights, and those single files that other formats would take for a
  /// whole model or not know: a shard, and an index other than that of plain safetensors.
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
  /// A folder of a model repository on the Hugging Face hub: safetensors or PyTorch files, single
  /// or in shards. It has no ending, since the folder may have any name.
  public static let huggingFace = FileFormat(HuggingFaceFormat())
}

/// How the weights in a repository's folder are written.
public struct HuggingFaceOptions: FormatOptions {
  /// The kind of file that holds the weights.
  public enum Weights: String, Sendable, CaseIterable {
    /// `model.safetensors`, which holds everything that a checkpoint has;
    /// `diffusion_pytorch_model.safetensors` for a `config` of diffusers'.
    case safetensors
    /// `pytorch_model.bin`, or `diffusion_pytorch_model.bin`: a pickled state dict, for loaders that
    /// know nothing else. It holds the model alone.
    case bin
  }

  /// The format's name in a sentence.
  public static let formatName = "Hugging Face"

  /// The kind of file that holds the weights.
  public var weights = Weights.safetensors
  /// The variant as which they are written, such as `fp16` for `model.fp16.safetensors`; nil for
  /// the plain one.
  public var variant: String?
  /// The most bytes that the tensors of one file may have; further ones go into another file. A
  /// larger tensor gets a file of its own. The default is 5 GB (5 · 10⁹ bytes), as in
  /// huggingface_hub.
  public var shardByteCount = 5_000_000_000

  /// The default options: `model.safetensors` without a variant, in shards of 5 GB.
  public init() {}
}

extension WriteOptions {
  /// The options for folders of model repositories. Writing any other format with options other
  /// than the defaults is refused.
  public var huggingFace: HuggingFaceOptions {
    get { self[HuggingFaceOptions.self] }
    set { self[HuggingFaceOptions.self] = newValue }
  }
}
