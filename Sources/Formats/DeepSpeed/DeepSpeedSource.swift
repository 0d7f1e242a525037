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
  let folder: DeepSpeedFolder
  let models: [SavedFile]
  let optimizers: [SavedFile]
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
    // What is to be read of it is chosen of what is made of it.
    var options = probe.options
    options.root = nil
    first = try FileProbe("\(folder.path)/\(folder.models.first?.name ?? "")", options: options)
    self.folder = folder
    self.access = access
    self.options = probe.options
  }

  // MARK: Reading

  func read() throws -> ReadResult { try read(access) }

  private func read(_ access: Access) throws(CheckpointError) -> ReadResult {
    let states = try modelStates(access)
    guard let groups = states[0].groups else { return try readUndivided(states[0], access) }
    var result = ReadResult(Checkpoint(state: StateDict()), notes: folder.notes)
    let weights: OrderedDictionary<String, NDArray>
    var cut: Set<String> = []
    let optimizerValues: [(key: String, value: SavedValue)]
    var ranks: [OptimizerStates] = []
    var optimizerFile: SavedObject?
    if folder.isUniversal {
      let isInParts = folder.isInParts
      let parameters = try UniversalParameters(
        "\(folder.path)/\(DeepSpeedFolder.parameters)", isInParts ? Self.union(states) : groups,
        rankCount: folder.isDivided ? states.count : 1,
        parts: isInParts ? Self.shapes(states) : nil, access, options)
      weights = parameters.weights
      cut = parameters.cut
      optimizerValues = parameters.optimizerValues
      optimizerFile = parameters.common
      result.checkpoint.optimizer = parameters.optimizer
      result.notes += parameters.notes
      result.losses += parameters.losses
    } else {
      ranks = try optimizerStates(access, states)
      optimizerFile = ranks.first?.root.owner
      let tensors = try ZeroTensors(ranks, groups, folder: folder.path)
      weights = tensors.weights
      optimizerValues = tensors.optimizerValues
      result.checkpoint.optimizer = tensors.optimizer
      result.losses += tensors.losses
    }
    let model = try ModelAssembly(
      states, weights: weights, cut: cut,
      folder.isDivided ? .ranks : folder.isInParts ? .parts : .whole, folder: folder.path)
    result.checkpoint.state = model.state
    result.notes += model.notes
    result.losses += model.losses
    try takeMetadata(states, model, &result)
    try takeOptimizerMetadata(optimizerValues, ranks, &result)
    result.losses += states[0].root.owner.losses + (optimizerFile?.losses ?? [])
    return result
  }

  func modelStates(_ access: Access) throws(CheckpointError) -> [ModelStates] {
    var states: [ModelStates] = []
    for file in models { states.append(try ModelStates(file.object(access, options))) }
    let names = Array(states[0].groups?.joined() ?? [].joined())
    for state in states.dropFirst() where folder.isDivided {
      let others: String? =
        if !(state.groups?.joined().elementsEqual(names) ?? names.isEmpty) {
          "parameters (param_shapes)"
        } else if state.frozen != states[0].frozen {
          "parameters that are not trained (frozen_param_shapes)"
        } else if state.buffers != states[0].buffers {
          "buffers (buffer_names)"
        } else {
          nil
        }
      if let others {
        throw CheckpointError(
          .damaged, file: state.file,
          reason: "its \(others) are not those of rank 0: the files are of several checkpoints")
      }
    }
    return states
  }

  func optimizerStates(
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

  /// The shapes of each parameter in the parts of a model.
  private static func shapes(_ states: [ModelStates]) -> [String: [[Int]]] {
    var shapes: [String: [[Int]]] = [:]
    for parameter in states.flatMap({ ($0.groups ?? []).joined() }) {
      shapes[parameter.name, default: []].append(parameter.shape)
    }
    return shapes
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
    try requireModule(states, result.checkpoint.state)
    for key in result.checkpoint.state.keys {
      result.checkpoint.state.entries[key]?.role =
        states.buffers.contains(key) ? .buffer : .parameter
      result.roleRules[key] = nil
    }
    result.notes = folder.notes + result.notes
    if states.root["optimizer"]?["fp32_groups_flat"] != nil {
      result.notes.append(
        "the weights are the model's own; what the optimizer has of them in float32, and keeps for them, is "
          + "flat and without names: it is in the metadata as it is")
    }
    return result
  }

  /// Refuses a state that is of another dictionary than the engine's: what users save beside the model may have
  /// names that are more often a model's.
  private func requireModule(
    _ states: ModelStates, _ state: StateDict
  ) throws(CheckpointError) {
    let tensors = (states.module.entries ?? []).filter(\.value.isTensor)
    var isSame = tensors.count == state.count
    // What is nowhere else has no other values.
    let isAlone = !states.others.contains {
      $0.value.entries?.contains { $0.value.isTensor } ?? false
    }
    for (key, value) in tensors where isSame {
      guard let own = state[key] else {
        isSame = false
        break
      }
      if !isAlone { isSame = try own.isBitwiseEqual(to: value.array(place: key)) }
    }
    if isSame { return }
    throw CheckpointError(
      .unsupported, file: states.file,
      reason:
        "it has other dictionaries of tensors beside the model (module), and which of them is the "
        + "model is not told by their names",
      advice: "Name the file, with --from pytorch --root module.")
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
}
