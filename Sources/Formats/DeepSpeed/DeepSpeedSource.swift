import Arrays
import Checkpoints
import Files
import OrderedCollections
import PyTorchFiles
import States

/// A checkpoint of DeepSpeed's, open for reading.
///
/// What is read is the model with the weights in float32 that ZeRO's optimizer has, as
/// `get_fp32_state_dict_from_zero_checkpoint` of `deepspeed.utils.zero_to_fp32` gives it; and what that leaves
/// out: what the optimizer keeps, by the names of the parameters, and all that was saved beside the model.
struct DeepSpeedSource: CheckpointSource {
  private let folder: DeepSpeedFolder
  private let models: [SavedFile]
  private let optimizers: [SavedFile]
  private let access: Access
  private let options: ReadOptions
  /// What says by itself what is a model and what an optimizer, in a checkpoint that is not divided.
  private let first: FileProbe

  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    let folder = try DeepSpeedFolder(probe)
    func open(_ names: [DeepSpeedFileName]) throws(CheckpointError) -> [SavedFile] {
      var files: [SavedFile] = []
      for file in names { files.append(try SavedFile("\(folder.path)/\(file.name)")) }
      return files
    }
    models = try open(folder.models)
    optimizers = try open(folder.optimizers)
    first = try FileProbe(
      "\(folder.path)/\(folder.models.first?.name ?? "")", options: probe.options)
    self.folder = folder
    self.access = access
    options = probe.options
  }

  // MARK: Reading

  func read() throws -> ReadResult { try read(access) }

  private func read(_ access: Access) throws(CheckpointError) -> ReadResult {
    let states = try modelStates(access)
    guard let groups = states[0].groups else { return try readUndivided(states[0], access) }
    var result = ReadResult(Checkpoint(state: StateDict()), notes: folder.notes)
    let weights: OrderedDictionary<String, NDArray>
    let optimizerValues: [(key: String, value: SavedValue)]
    var ranks: [OptimizerStates] = []
    if folder.isUniversal {
      let isInParts = folder.isInParts
      let parameters = try UniversalParameters(
        "\(folder.path)/\(DeepSpeedFolder.parameters)", isInParts ? Self.union(states) : groups,
        rankCount: folder.isDivided ? states.count : 1, hasParts: isInParts, access, options)
      weights = parameters.weights
      optimizerValues = parameters.optimizerValues
      result.checkpoint.optimizer = parameters.optimizer
      result.notes += parameters.notes
      result.losses += parameters.losses
    } else {
      ranks = try optimizerStates(access, states)
      let tensors = try ZeroTensors(ranks, groups, folder: folder.path)
      weights = tensors.weights
      optimizerValues = tensors.optimizerValues
      result.checkpoint.optimizer = tensors.optimizer
      result.losses += tensors.losses
    }
    let model = try ModelAssembly(
      states, weights: weights,
      folder.isDivided ? .ranks : folder.isInParts ? .parts : .whole, folder: folder.path)
    result.checkpoint.state = model.state
    result.notes += model.notes
    result.losses += model.losses
    try takeMetadata(states, model, &result)
    try takeOptimizerMetadata(optimizerValues, ranks, &result)
    result.losses += states[0].root.owner.losses + (ranks.first?.root.owner.losses ?? [])
    return result
  }

  private func modelStates(_ access: Access) throws(CheckpointError) -> [ModelStates] {
    var states: [ModelStates] = []
    for file in models { states.append(try ModelStates(file.object(access, options))) }
    let names = states[0].groups?.joined().map(\.self) ?? []
    for state in states.dropFirst() where folder.isDivided {
      guard state.groups?.joined().elementsEqual(names) ?? names.isEmpty else {
        throw CheckpointError(
          .damaged, file: state.file,
          reason: "its parameters (param_shapes) are not those of rank 0: the files are of "
            + "several checkpoints")
      }
    }
    return states
  }

  private func optimizerStates(
    _ access: Access, _ states: [ModelStates]
  ) throws(CheckpointError) -> [OptimizerStates] {
    guard !optimizers.isEmpty else { throw noOptimizers(states[0]) }
    var ranks: [OptimizerStates] = []
    for file in optimizers { ranks.append(try OptimizerStates(file.object(access, options))) }
    guard (ranks[0].stage == 3) == folder.isDivided else {
      throw CheckpointError(
        .damaged, file: folder.path,
        reason: "its optimizer was divided by stage \(ranks[0].stage) of ZeRO, and its model "
          + "states are "
          + (folder.isDivided ? "in parts, as of stage 3" : "whole, as of stage 1 or 2"))
    }
    guard !folder.isDivided || states.count == ranks.count else {
      throw CheckpointError(
        .damaged, file: folder.path,
        reason: "it has \(states.count) files of model states and \(ranks.count) of optimizer "
          + "states, and each rank writes one of both",
        advice: "Fetch those of all ranks.")
    }
    return ranks
  }

  private func noOptimizers(_ first: ModelStates) -> CheckpointError {
    CheckpointError(
      .damaged, file: folder.path,
      reason: "the ranks' files with the weights in float32, such as "
        + "zero_pp_rank_0_mp_rank_00_optim_states.pt, are not in the folder",
      advice: folder.isDivided
        ? "Fetch those of all ranks: the model states have no weights."
        : "Fetch those of all ranks; --from pytorch reads the model's own weights in "
          + "\(folder.models.first?.name ?? "").")
  }

  /// The parameters of all parts of a model: each has those of its layers, or a part of every one.
  private static func union(_ states: [ModelStates]) -> [[ZeroPartition.Parameter]] {
    var groups: [[ZeroPartition.Parameter]] = []
    var known: Set<String> = []
    for state in states {
      for (index, parameters) in (state.groups ?? []).enumerated() {
        if index == groups.count { groups.append([]) }
        for parameter in parameters where known.insert(parameter.name).inserted {
          groups[index].append(parameter)
        }
      }
    }
    return groups
  }

  /// What the only file holds that there is, in which the roles of its tensors are said.
  private func readUndivided(
    _ states: ModelStates, _ access: Access
  ) throws(CheckpointError) -> ReadResult {
    guard optimizers.isEmpty, models.count == 1, !folder.isDivided, !folder.isUniversal else {
      throw CheckpointError(
        .damaged, file: states.file,
        reason: "it does not say of which parameters (param_shapes) the ranks have parts")
    }
    var result = try CheckpointError.reporting(first.path) {
      try FileFormat.pytorch.implementation.open(first, access).read()
    }
    for key in result.checkpoint.state.keys {
      result.checkpoint.state.entries[key]?.role =
        states.buffers.contains(key) ? .buffer : .parameter
      result.roleRules[key] = nil
    }
    result.notes = folder.notes + result.notes
    return result
  }

  // MARK: Metadata

  /// Under which name the values are that ZeRO's optimizer has beside its state.
  private static let optimizerName = "zero_optimizer"

  private func takeMetadata(
    _ states: [ModelStates], _ model: ModelAssembly, _ result: inout ReadResult
  ) throws(CheckpointError) {
    for (key, value) in states[0].others {
      result.checkpoint.metadata[key] = try value.converted(place: key)
    }
    for (key, value) in model.others {
      let name = "module.\(key)"
      guard result.checkpoint.metadata[name] == nil else {
        result.losses.append(
          ConversionLoss(.metadataDropped, key, "the metadata have an entry \(name) already"))
        continue
      }
      result.checkpoint.metadata[name] = try value.converted(place: name)
    }
    for (rank, state) in states.enumerated().dropFirst() {
      try compare(state.others, rank, result.checkpoint.metadata, &result.losses)
    }
  }

  private func takeOptimizerMetadata(
    _ values: [(key: String, value: SavedValue)], _ ranks: [OptimizerStates],
    _ result: inout ReadResult
  ) throws(CheckpointError) {
    var own: OrderedDictionary<String, Value> = [:]
    for (key, value) in values {
      own[key] = try value.converted(place: "\(Self.optimizerName).\(key)")
    }
    for (rank, state) in ranks.enumerated().dropFirst() {
      try compare(state.others, rank, own, &result.losses)
    }
    if let first = ranks.first {
      own["zero_stage"] = .int(first.stage)
      for (key, value) in first.root.entries ?? [] where key != "optimizer_state_dict" {
        let value = try value.converted(place: key)
        // The engine's options and its version are in both files.
        if result.checkpoint.metadata[key] != value { own[key] = value }
      }
    }
    guard !own.isEmpty else { return }
    guard result.checkpoint.metadata[Self.optimizerName] == nil else {
      result.losses.append(
        ConversionLoss(
          .optimizerDropped, Self.optimizerName,
          "what the optimizer has beside its state was left out: the user's metadata have such an "
            + "entry"))
      return
    }
    result.checkpoint.metadata[Self.optimizerName] = .dict(
      OrderedDictionary(uniqueKeysWithValues: own.map { (.string($0), $1) }))
  }

  /// Tells what the file of another rank has otherwise.
  private func compare(
    _ others: [(key: String, value: SavedValue)], _ rank: Int,
    _ known: OrderedDictionary<String, Value>, _ losses: inout [ConversionLoss]
  ) throws(CheckpointError) {
    var keys: Set<String> = []
    for (key, value) in others {
      keys.insert(key)
      guard try value.converted(place: key) != known[key] else { continue }
      losses.append(
        ConversionLoss(
          .metadataDropped, key,
          "rank \(rank) has another value of it than rank 0, whose is taken"))
    }
    for key in known.keys where !keys.contains(key) && !key.hasPrefix("module.") {
      losses.append(
        ConversionLoss(
          .metadataDropped, key,
          "rank \(rank) has no such value, and rank 0's is taken"))
    }
  }

  // MARK: Verification

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    var unprotectedCount = 0
    func take(_ file: SavedFile) throws {
      let result = try file.verify(known: known)
      verification.problems += result.problems
      unprotectedCount += result.unprotectedCount
    }
    for file in models + optimizers { try take(file) }
    if folder.isUniversal {
      let parameters = "\(folder.path)/\(DeepSpeedFolder.parameters)"
      for path in try UniversalParameters.files(parameters) {
        do throws(CheckpointError) {
          try CheckpointError.reporting(path) { try take(SavedFile(path)) }
        } catch {
          guard error.code == .damaged else { throw error }
          verification.problems.append(error)
        }
      }
    }
    if let checkpoint {
      verification.count(checkpoint)
    } else if verification.problems.isEmpty {
      do throws(CheckpointError) {
        verification.count(try read(.unverified).checkpoint)
      } catch {
        guard error.code == .damaged else { throw error }
        verification.problems = [error]
      }
    }
    if !optimizers.isEmpty, verification.problems.isEmpty {
      verification.notes.append("that the ranks' parts make up each parameter was proved")
    }
    if unprotectedCount > 0 {
      verification.notes.append(
        "\(unprotectedCount) part\(unprotectedCount == 1 ? "" : "s") without a checksum")
    }
    return verification
  }

  // MARK: Facts

  /// `bytes` of all files; `version` of DeepSpeed, `stage` of ZeRO; `tensors` and `pieces`, how many are in one
  /// piece and in several; and of each file of a rank (`ranks`) how many it has, and its bytes.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = [:]
      var paths = (models + optimizers).map(\.path)
      if folder.isUniversal {
        paths += try UniversalParameters.files("\(folder.path)/\(DeepSpeedFolder.parameters)")
      }
      facts["bytes"] = .int(try Folder.byteCount(of: paths))
      let states = try modelStates(.unverified)
      if let version = states[0].root["ds_version"]?.text { facts["version"] = .string(version) }
      if folder.isUniversal { facts["universal"] = true }
      guard let groups = states[0].groups, !optimizers.isEmpty else { return facts }
      let ranks = try optimizerStates(.unverified, states)
      facts["stage"] = .int(ranks[0].stage)
      let placed = try ZeroTensors.placed(ranks, groups, folder.path)
      let wholeCount = placed.count { $0.pieces.count <= 1 }
      facts["tensors"] = .int(placed.count)
      facts["pieces"] = .int(placed.reduce(0) { $0 + $1.pieces.count })
      facts["in_one_piece"] = .int(wholeCount)
      facts["in_several_pieces"] = .int(placed.count - wholeCount)
      var counts = [(whole: Int, parts: Int)](repeating: (0, 0), count: ranks.count)
      for parameter in placed {
        for piece in parameter.pieces {
          if parameter.pieces.count == 1 {
            counts[piece.rank].whole += 1
          } else {
            counts[piece.rank].parts += 1
          }
        }
      }
      facts["ranks"] = .list(
        zip(folder.optimizers, zip(optimizers, counts)).map { name, rank in
          [
            "name": .string(name.name), "bytes": .int(rank.0.byteCount),
            "tensors": .int(rank.1.whole), "parts_of_tensors": .int(rank.1.parts),
          ]
        })
      return facts
    }
  }
}
