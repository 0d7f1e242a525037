import Checkpoints
import Files
import OrderedCollections
import States

/// A checkpoint that Accelerate's FSDP saved in shards, open for reading: a folder with one distributed checkpoint
/// of the model and one of the optimizer, and files of its own beside them.
///
/// The names are those of `save_fsdp_model` and `save_fsdp_optimizer` in `accelerate/utils/fsdp_utils.py` and of
/// `accelerate/utils/constants.py` (Accelerate 1.13); `Trainer` of transformers puts the two folders into its own.
struct AccelerateSource: CheckpointSource {
  private let path: String
  private let model: DistributedSource
  private let optimizer: DistributedSource?
  /// The names of all else in the folder.
  private let others: [String]

  /// The folder of the first model.
  static let modelFolder = "pytorch_model_fsdp_0"
  private static let optimizerFolder = "optimizer_0"

  /// - Throws: `CheckpointError`: `unsupported` for several models, and what ``DistributedSource`` throws.
  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    path = probe.path
    let names = try probe.names().filter { $0 != "." && $0 != ".." }
    if names.contains("pytorch_model_fsdp_1") {
      throw CheckpointError(
        .unsupported, file: probe.path,
        reason: "it has several models, each in a folder of its own",
        advice: "Name the folder of one, such as \(probe.path)/\(Self.modelFolder).")
    }
    func source(_ name: String) throws(CheckpointError) -> DistributedSource {
      try DistributedSource(FileProbe("\(probe.path)/\(name)", options: probe.options), access)
    }
    model = try source(Self.modelFolder)
    // Who names a part of the model does not mean the optimizer.
    optimizer =
      names.contains(Self.optimizerFolder) && probe.options.root == nil
      ? try source(Self.optimizerFolder) : nil
    let isRead = optimizer == nil ? [Self.modelFolder] : [Self.modelFolder, Self.optimizerFolder]
    others = names.filter { !isRead.contains($0) }
  }

  func read() throws -> ReadResult {
    var result = try model.read()
    for name in others {
      result.losses.append(
        ConversionLoss(
          .metadataDropped, name, "it is a file or a folder of its own beside those of the model"))
    }
    guard let optimizer else { return result }
    let other = try optimizer.read()
    result.notes += other.notes
    result.losses += other.losses
    for key in other.checkpoint.state.keys {
      result.losses.append(
        ConversionLoss(.tensorDropped, key, "it is in \(Self.optimizerFolder), and of no optimizer")
      )
    }
    for (key, value) in other.checkpoint.metadata {
      guard result.checkpoint.metadata[key] == nil else {
        result.losses.append(
          ConversionLoss(
            .metadataDropped, key, "\(Self.modelFolder) has an entry of this name, which was taken")
        )
        continue
      }
      result.checkpoint.metadata[key] = value
    }
    result.checkpoint.optimizer = other.checkpoint.optimizer
    for key in other.checkpoint.optimizer?.groups.flatMap(\.parameters) ?? []
    where result.checkpoint.state.entries[key] != nil {
      result.checkpoint.state.entries[key]?.role = .parameter
      result.roleRules[key] = .optimizer
    }
    return result
  }

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = try model.verify(known: known, of: checkpoint)
    guard let optimizer else { return verification }
    // What was read of both is counted once.
    let other = try optimizer.verify(
      known: known, of: checkpoint == nil ? nil : Checkpoint(state: StateDict()))
    verification.tensorCount += other.tensorCount
    verification.byteCount += other.byteCount
    verification.problems += other.problems
    verification.notes += other.notes.filter { !verification.notes.contains($0) }
    return verification
  }

  /// Those of the model's folder, with what the optimizer's has of numbers added and its files behind.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts = try model.facts
      var ranks = Self.ranks(facts, in: Self.modelFolder)
      if let other = try optimizer?.facts {
        for (key, value) in other {
          if let number = value.intValue, let own = facts[key]?.intValue {
            facts[key] = .int(own + number)
          }
        }
        ranks += Self.ranks(other, in: Self.optimizerFolder)
      }
      facts["ranks"] = .list(ranks)
      return facts
    }
  }

  private static func ranks(
    _ facts: OrderedDictionary<String, Value>, in folder: String
  ) -> [Value] {
    (facts["ranks"]?.elements ?? []).map { rank in
      guard case .dict(var members) = rank, let name = rank["name"]?.stringValue else {
        return rank
      }
      members[.string("name")] = .string("\(folder)/\(name)")
      return .dict(members)
    }
  }
}
