import Checkpoints
import PyTorchFiles
import SafetensorsFiles

/// What the name of a file in a hub's repository says: whose weights it holds, and how.
///
/// | name | |
/// |---|---|
/// | `model.safetensors`, `pytorch_model.bin` | a model of transformers |
/// | `diffusion_pytorch_model.safetensors` | a part of a pipeline of diffusers |
/// | `adapter_model.safetensors` | an adapter of PEFT |
/// | `model.fp16.safetensors` | a variant |
/// | `model-00001-of-00002.safetensors` | a shard |
/// | `model.fp16-00001-of-00002.safetensors`, `model-00001-of-00002.fp16.safetensors` | one of a variant |
/// | `model.safetensors.index.json` | the index of shards |
/// | `model.safetensors.index.fp16.json`, `model.fp16.safetensors.index.json` | that of a variant |
///
/// `_add_variant` of both libraries puts a variant before the last ending; the other places are those
/// of older versions and of huggingface_hub, which add their own part to a name that has one already.
struct WeightFile: Hashable {
  typealias Weights = HuggingFaceOptions.Weights

  /// How much of the weights a file holds.
  enum Form: Hashable {
    /// None: it says in which files they are.
    case index
    /// All of them.
    case single
    /// A part.
    case shard(ShardName)
  }

  /// The name.
  let name: String
  /// Whose weights they are: `model`, or the name up to its ending for one that no library has.
  let family: String
  /// The variant, nil for the plain one.
  let variant: String?
  let weights: Weights
  let form: Form

  /// The stems that the libraries have, the longer first where one begins with the other, and what
  /// the weights are in which files of different names may be the same.
  private static let stems = [
    ("pytorch_model", modelFamily), ("model", modelFamily), (diffusersFamily, diffusersFamily),
    (adapterFamily, adapterFamily),
  ]
  /// The weights of a model of transformers.
  static let modelFamily = "model"
  /// The weights of a model of diffusers, in files of either kind.
  static let diffusersFamily = "diffusion_pytorch_model"
  /// The weights of an adapter of PEFT, in files of either kind.
  static let adapterFamily = "adapter_model"

  /// Takes a name apart; nil if it is not that of weights.
  init?(_ name: String) {
    self.name = name
    var stem: String
    var suffix = ""
    if let index = Self.index(name) {
      (stem, suffix, weights, form) = (index.stem, index.variant, index.weights, .index)
    } else if let weights = Weights.allCases.first(where: { name.hasSuffix($0.ending) }),
      name.utf8.count > weights.ending.utf8.count
    {
      self.weights = weights
      if let shard = ShardName(name), shard.count > 1 {
        stem = shard.stem
        suffix = String(shard.ending.dropLast(weights.ending.count).dropFirst())
        form = .shard(shard)
      } else {
        stem = String(name.dropLast(weights.ending.count))
        form = .single
      }
    } else {
      return nil
    }
    // Some shards are "model.safetensors-00001-of-00002.safetensors".
    if stem.hasSuffix(weights.ending) { stem = String(stem.dropLast(weights.ending.count)) }
    let known = Self.stems.first { stem == $0.0 || stem.hasPrefix("\($0.0).") }
    family = known?.1 ?? stem
    let middle = known.map { String(stem.dropFirst($0.0.count).dropFirst()) } ?? ""
    let variants = [middle, suffix].filter { !$0.isEmpty }
    variant = variants.isEmpty ? nil : variants.joined(separator: ".")
  }

  private static func index(
    _ name: String
  ) -> (stem: String, variant: String, weights: Weights)? {
    guard name.hasSuffix(".json") else { return nil }
    for weights in Weights.allCases {
      let parts = String(name.dropLast(5)).separated(by: "\(weights.ending).index")
      guard parts.count == 2, !parts[0].isEmpty, parts[1].isEmpty || parts[1].hasPrefix(".")
      else { continue }
      return (parts[0], String(parts[1].dropFirst()), weights)
    }
    return nil
  }

  /// Whether the libraries have a name for such weights, so that a single `.bin` is what it seems.
  var isNamed: Bool { Self.stems.contains { $0.1 == family } }

  /// Which of several files with the same weights is read: safetensors before PyTorch's, an index
  /// before a single file. Shards without an index come last.
  var preference: Int {
    let isSafe = weights == .safetensors
    return switch form {
    case .index: isSafe ? 0 : 2
    case .single: isSafe ? 1 : 3
    case .shard: isSafe ? 4 : 5
    }
  }

  /// Whether the content of a file is of the weights that its name claims.
  func holds(_ probe: FileProbe) throws -> Bool {
    switch weights {
    case .safetensors:
      SafetensorsFile.isLikely(
        probe.head, byteCount: try probe.file.byteCount, name: probe.name)
    case .bin: try FileFormat.pytorch.implementation.recognise(probe) ?? .possible > .possible
    }
  }
}

extension HuggingFaceOptions.Weights {
  /// What the names of the files end in.
  var ending: String { ".\(rawValue)" }
  /// The format of one such file.
  var formatID: String {
    switch self {
    case .safetensors: FileFormat.safetensors.id
    case .bin: FileFormat.pytorch.id
    }
  }
  /// What the libraries call a model of these.
  var stem: String { self == .safetensors ? "model" : "pytorch_model" }
}
