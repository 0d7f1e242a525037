import Arrays
import Checkpoints
import Files
import OrderedCollections
import SafetensorsFiles
import States

/// Writes a folder as the hub's libraries do: one file of weights, or shards with their index; and
/// `config.json`, if the metadata hold the `config` that is read from one.
///
/// The files are called as the library looks for them that the `config` is of: diffusers, whose
/// `save_config` puts its version into `_diffusers_version`, loads no `model.safetensors`. An adapter of
/// PEFT, known by its `adapter_config` or its keys, is `adapter_model.safetensors` with
/// `adapter_config.json`, and in one file, since PEFT knows no shards.
///
/// Each safetensors file says `format: pt`, without which transformers does not load it, unless the
/// checkpoint came from a file that names another framework whose files transformers loads.
struct HuggingFaceWriter: WritePlan {
  private let content: Content
  private let configuration: (value: Value, bytes: [UInt8])?
  private let names: Names
  private let path: String
  private let options: WriteOptions
  /// What the files cannot hold, beyond what their own writers report.
  private let ownLosses: [ConversionLoss]

  /// The frameworks whose files transformers loads.
  private static let frameworks: Set = ["pt", "tf", "flax", "mlx"]

  /// What fills the files.
  private enum Content {
    case safetensors(SafetensorsWriter)
    case bin(PyTorchShardWriter)
  }

  var losses: [ConversionLoss] { summary.losses }

  private var summary: WriteSummary {
    var summary =
      switch content {
      case .safetensors(let writer): writer.summary
      case .bin(let writer): writer.summary
      }
    summary.losses = ownLosses + summary.losses
    return summary
  }

  private var fileCount: Int {
    switch content {
    case .safetensors(let writer): writer.fileCount
    case .bin(let writer): writer.fileCount
    }
  }

  init(_ checkpoint: Checkpoint, to path: String, _ options: WriteOptions) throws(CheckpointError) {
    let own = options.huggingFace
    self.path = path
    self.options = options
    var checkpoint = checkpoint
    let isAdapter = AdapterKeys.isAdapterAlone(checkpoint)
    let key = isAdapter ? RepositoryConfiguration.adapterKey : RepositoryConfiguration.key
    if let value = checkpoint.metadata[key], let bytes = RepositoryConfiguration.file(value) {
      configuration = (value, bytes)
      checkpoint.metadata[key] = nil
    } else {
      configuration = nil
    }
    let isOfDiffusers = configuration?.value["_diffusers_version"] != nil
    guard
      let names = Names(
        own.weights, variant: own.variant,
        family: isAdapter
          ? WeightFile.adapterFamily
          : isOfDiffusers ? WeightFile.diffusersFamily : WeightFile.modelFamily)
    else {
      throw CheckpointError(
        .unsupported, file: path,
        reason: "\"\(own.variant ?? "")\" is no name of a variant: it is a part of names of files")
    }
    self.names = names
    guard own.shardByteCount > 0 else {
      throw CheckpointError(
        .unsupported, file: path, reason: "a file cannot hold \(own.shardByteCount) bytes at most")
    }
    let isAsked = own.shardByteCount != HuggingFaceOptions().shardByteCount
    let byteCount = checkpoint.state.entries.values.reduce(0) { $0 + $1.array.byteCount }
    guard !isAdapter || !isAsked || byteCount <= own.shardByteCount else {
      throw CheckpointError(
        .unsupported, file: path,
        reason: "an adapter is one file, since PEFT reads no shards: it has \(byteCount) bytes, "
          + "and a shard would have \(own.shardByteCount) at most",
        advice: "Write it without a size of shards.")
    }
    let shardByteCount = isAdapter ? Int.max : own.shardByteCount
    switch own.weights {
    case .safetensors:
      ownLosses = Self.setFramework(&checkpoint)
      content = .safetensors(
        try SafetensorsWriter(checkpoint, to: path, options, shardByteCount: shardByteCount))
    case .bin:
      ownLosses = []
      content = .bin(
        PyTorchShardWriter(checkpoint, to: path, options, shardByteCount: shardByteCount))
    }
  }

  /// Names a framework whose files transformers loads.
  private static func setFramework(_ checkpoint: inout Checkpoint) -> [ConversionLoss] {
    let known = checkpoint.origin.framework
    if let known, frameworks.contains(known) { return [] }
    checkpoint.origin.framework = "pt"
    guard let known else { return [] }
    return [
      ConversionLoss(
        .originDropped, "safetensors",
        "the files say \"format: pt\", for transformers loads none that say \"format: \(known)\"")
    ]
  }

  func write(checking input: InputCheck?) throws -> WriteSummary {
    let folder = try OutputFolder(path, for: names, options)
    return try folder.write(checking: input) { file in
      try fill(file, into: folder, recording: input?.seen)
    }
  }

  /// Writes all files.
  ///
  /// - Returns: The files, that by which the others are found last; and what was written.
  private func fill(
    _ makeFile: WriteOptions.FileMaker, into folder: OutputFolder, recording seen: ReadChecksums?
  ) throws -> (files: [ReplacementFile], result: WriteSummary) {
    let shards = fileCount == 1 ? [names.single] : names.shards(fileCount)
    // The one by which the others are found is the first to be refused, and the last in its place.
    let index = fileCount == 1 ? nil : try makeFile(names.index)
    let files = try shards.map(makeFile)
    var byteCount = 0
    var others: [ReplacementFile] = []
    if let configuration, try !folder.holds(configuration.value) {
      let file = try makeFile(names.configuration)
      try file.write(configuration.bytes, at: 0)
      byteCount += configuration.bytes.count
      others.append(file)
    }
    let json: [UInt8]
    switch content {
    case .safetensors(let writer):
      byteCount += try writer.fill(files, recording: seen)
      json = writer.indexJSON(of: shards)
    case .bin(let writer):
      byteCount += try writer.fill(files, recording: seen)
      json = writer.indexJSON(of: shards)
    }
    if let index {
      try index.write(json, at: 0)
      byteCount += json.count
    }
    var summary = summary
    summary.fileByteCount = byteCount
    return (others + files + (index.map { [$0] } ?? []), summary)
  }
}

extension HuggingFaceWriter {
  /// What the files are called.
  struct Names {
    let weights: HuggingFaceOptions.Weights
    let variant: String?
    /// Whose weights they are, as ``WeightFile/family`` has it.
    private let family: String

    /// The name without its variant and its ending.
    private let base: String
    private let stem: String

    /// Nil if the variant would not be found again by the names.
    init?(_ weights: HuggingFaceOptions.Weights, variant: String?, family: String) {
      self.weights = weights
      self.variant = variant
      self.family = family
      // Only transformers calls a model otherwise in its other kind of file.
      base = family == WeightFile.modelFamily ? weights.stem : family
      stem = base + (variant.map { ".\($0)" } ?? "")
      guard let file = WeightFile(single), file.variant == variant, file.form == .single,
        file.family == family, !single.contains("/"), !single.contains("\0")
      else { return nil }
    }

    /// The file that says what the weights are of.
    var configuration: String {
      RepositoryConfiguration.fileName(
        family == WeightFile.adapterFamily
          ? RepositoryConfiguration.adapterKey : RepositoryConfiguration.key)
    }
    /// The file of a model that is in one.
    var single: String { stem + weights.ending }
    /// The index of shards.
    var index: String {
      "\(base)\(weights.ending).index\(variant.map { ".\($0)" } ?? "").json"
    }

    /// The shards, in order.
    func shards(_ count: Int) -> [String] {
      (1...count).map { ShardName(stem, $0, of: count, ending: weights.ending).name }
    }

    /// Whether a file is of those that are written anew.
    func replaces(_ file: WeightFile) -> Bool {
      file.weights == weights && file.variant == variant && file.family == family
    }
  }
}
