import Checkpoints
import OrderedCollections

/// What the nodes of a file tell of the tensors that they take: which part of which layer each is.
struct ONNXConsumers {
  private let model: ONNXModel
  private var found: OrderedDictionary<String, ONNXProposal> = [:]
  /// The tensors of other names than made-up ones that a product has on its right.
  private(set) var rightKeys: OrderedSet<String> = []
  /// The tensors of operators into which an optimiser says that it folded a batch normalisation.
  private(set) var foldedKeys: OrderedSet<String> = []

  /// Looks at what nodes take.
  ///
  /// - Parameter key: The key of the tensor that a node takes; nil if it is none.
  init(of model: ONNXModel, _ uses: [ONNXUse], key: (ONNXUse) -> String?) {
    self.model = model
    for use in uses {
      // Integers are no weights.
      guard let key = key(use), let tensor = model.tensors[key],
        tensor.type.dtype?.isFloatingPoint == true
      else { continue }
      take(use, key, isRight: use.isRight && tensor.dimensions.count == 2)
    }
  }

  private mutating func take(_ use: ONNXUse, _ key: String, isRight: Bool) {
    if use.isFolded { foldedKeys.append(key) }
    guard ONNXProposal.isMadeUp(use.name) else {
      // Whoever gave the name knew in which layout the tensor is.
      if isRight { rightKeys.append(key) }
      return
    }
    guard var proposal = found[key] else {
      found[key] = ONNXProposal(
        key: key, name: use.wanted, wanted: use.wanted.map { [$0] } ?? [], kind: use.kind,
        isTransposed: isRight)
      return
    }
    // What one node tells and another does not is no longer sure.
    if let wanted = use.wanted { proposal.wanted.append(wanted) }
    if proposal.name != use.wanted || proposal.isTransposed != isRight {
      proposal.name = nil
      proposal.isTransposed = false
      proposal.isDisputed = true
    }
    found[key] = proposal
  }

  /// What the nodes tell of tensors whose names were made up; those without a name of their own whose name another
  /// tensor has, or of which nodes tell different things.
  var proposals: [ONNXProposal] {
    var counts: [String: Int] = [:]
    for proposal in found.values {
      if let name = proposal.name { counts[name, default: 0] += 1 }
    }
    return found.values.compactMap { proposal in
      // The names of constants are all made up, and most are no weights.
      guard
        model.isInitializer(proposal.key) || proposal.isTransposed || !proposal.wanted.isEmpty
      else {
        return nil
      }
      var proposal = proposal
      if let name = proposal.name, counts[name] != 1 || model.tensors[name] != nil {
        proposal.name = nil
      }
      return proposal
    }
  }
}
