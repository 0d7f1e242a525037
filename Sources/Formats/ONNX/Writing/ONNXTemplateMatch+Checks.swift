import Arrays
import Checkpoints
import States

/// What is refused of templates: what would come of it is a model of old weights and new ones that do not belong
/// together.
extension ONNXTemplateMatch {
  /// Refuses tensors whose names the template has in several places, or where a name may mean something else.
  ///
  /// What is in graphs within the main one, in functions and in attributes keeps its values. It has keys by which it
  /// can be read, made of where it is, and a checkpoint that has such a key may mean another tensor by it.
  func checkScopes(_ state: StateDict) throws(CheckpointError) {
    for (key, entry) in state.entries {
      if template.model.innerKeys.contains(key) {
        guard template.tensors[key]?.isBitwiseEqual(to: entry.array) != true else { continue }
        throw unfit(
          key,
          "the template \(template.path) has it within a graph, a function or an attribute of a node, where only what "
            + "is there already can stand",
          advice: "Leave it out with --exclude: the template's values stay then, which is told.")
      }
      if let other = template.model.sharedNames[key] {
        guard template.tensors[key]?.isBitwiseEqual(to: entry.array) != true else { continue }
        throw unfit(
          key,
          "the template \(template.path) has this name more than once, also as \(ProtobufReader.short(other)), which "
            + "would stay as it is",
          advice: "Export the model anew.")
      }
    }
  }

  /// Refuses a template in which a batch normalisation of the model is part of other weights.
  func checkFolding(_ state: StateDict) throws(CheckpointError) {
    let missing = state.keys.first { key in
      template.tensors[key] == nil
        && ["running_mean", "running_var"].contains { key == $0 || key.hasSuffix("." + $0) }
    }
    guard let missing else { return }
    throw unfit(
      missing,
      "the template \(template.path) has no such tensor: its exporter folded the batch normalisation into other "
        + "weights, which those of the checkpoint cannot replace",
      advice: "Export the model without optimisation (torch.onnx.export(…, optimize=False)).")
  }

  /// Refuses a template that has tensors of the checkpoint under names that its exporter made up.
  func checkProposals(_ state: StateDict) throws(CheckpointError) {
    for proposal in template.model.proposals where state[proposal.key] == nil {
      guard let name = proposal.wanted.first(where: { state[$0] != nil }) else { continue }
      let transpose = proposal.isTransposed ? ", and the transpose" : ""
      guard proposal.name != nil, !template.model.innerKeys.contains(proposal.key) else {
        throw unfit(
          name,
          "the template \(template.path) has \(proposal.key) too, which as the graph tells is made of it\(transpose)",
          advice: "Export the model without optimisation (torch.onnx.export(…, optimize=False)).")
      }
      throw unfit(
        name,
        "in the template \(template.path) it is \(proposal.key), as the graph tells\(transpose)",
        advice:
          "Give it that name and shape: ballast-inspect --facts of the template has a mapping, for --map-file "
          + "with --map-inverse.")
    }
  }

  /// Refuses a template with tensors that would stay as they are, and may be some of those that are replaced, or of
  /// those of the checkpoint that have no place.
  func checkRest(_ state: StateDict) throws(CheckpointError) {
    let kept = keptKeys(state).filter { key in
      guard let array = template.tensors[key], array.dtype.isFloatingPoint else { return false }
      // Most numbers that stand alone are no weights, but for those that an exporter has beside weights.
      return array.elementCount > 1 || template.model.isInitializer(key)
    }
    guard !kept.isEmpty else { return }
    var placed: [[Int]: [NDArray]] = [:]
    var misplaced: [[Int]: String] = [:]
    for (key, entry) in state.entries where entry.array.dtype.isFloatingPoint {
      if let array = template.tensors[key] {
        placed[array.shape.sorted(), default: []].append(array)
      }
    }
    let ties = Set(
      state.entries.filter { template.tensors[$0.key] != nil }.values.map(\.array.identity))
    for (key, entry) in state.entries
    where template.tensors[key] == nil && entry.array.dtype.isFloatingPoint
      && !ties.contains(entry.array.identity)
    {
      misplaced[entry.array.shape.sorted()] = misplaced[entry.array.shape.sorted()] ?? key
    }
    for key in kept {
      guard let array = template.tensors[key], array.rank > 0 else { continue }
      let lengths = array.shape.sorted()
      if let other = misplaced[lengths] {
        throw unfit(
          other,
          "the template \(template.path) has no tensor of this name, and \(key) of as many rows and columns, which may "
            + "be the same and would stay as it is",
          advice: "Give it that name with --map, or leave it out with --exclude.")
      }
      let isCopy = (placed[lengths] ?? []).contains { other in
        array.rank > 1
          && (array.isBitwiseEqual(to: other)
            || array.rank == 2 && array.isBitwiseEqual(to: other.transposed()))
      }
      guard !isCopy else {
        throw unfit(
          key,
          "the template \(template.path) has it as a copy of a tensor that is replaced, so that it would stay what that was",
          advice: "Export the model without optimisation (torch.onnx.export(…, optimize=False)).")
      }
    }
  }
}
