import OrderedCollections
import States

/// The result of reading a file of any format.
public struct ReadResult: Sendable {
  /// What was read.
  public var checkpoint: Checkpoint
  /// By which rule each tensor of the model was found to be a parameter or a buffer. Empty for a
  /// format that says so itself.
  public var roleRules: OrderedDictionary<String, RoleRule>
  /// What is worth knowing, a sentence each. Nothing was lost by it: what was, is in ``losses``.
  public var notes: [String]
  /// What the file holds, and the checkpoint does not.
  public var losses: [ConversionLoss]
  /// The classes of the containers that the tensors of the model are in, by their places; empty for
  /// a format without such classes.
  package var containers: OrderedDictionary<String, String> = [:]
  /// By which rule the tensors of the models in the metadata got their roles, where that was a guess, by
  /// the place of the model.
  package var furtherRoleRules: OrderedDictionary<String, OrderedDictionary<String, RoleRule>> = [:]
  /// Why none of several models in the file was taken, for who needs one; nil if one was, or if there is
  /// none. All are in the metadata then: see `Checkpoint.models`.
  public var uncertainty: CheckpointError?
  /// What in the file may be the model, where a reader had to search for it.
  public var candidates: [ModelCandidate] = []

  /// Of a part of a file, what was kept for the whole, and the key that each tensor had there.
  package var partOf: (origin: Origin, keys: [String: String])?

  /// A result of these parts.
  ///
  /// - Parameters:
  ///   - checkpoint: What was read.
  ///   - roleRules: The rule for each key, of a format that does not say roles itself.
  ///   - notes: What is worth knowing, a sentence each.
  ///   - losses: What the file holds, and the checkpoint does not.
  public init(
    _ checkpoint: Checkpoint, roleRules: OrderedDictionary<String, RoleRule> = [:],
    notes: [String] = [], losses: [ConversionLoss] = []
  ) {
    self.checkpoint = checkpoint
    self.roleRules = roleRules
    self.notes = notes
    self.losses = losses
  }

  /// How many tensors each rule decided, the surest rule first. Rules that decided none are left
  /// out.
  public var roleCounts: [(rule: RoleRule, count: Int)] {
    RoleRule.allCases.map { rule in (rule, roleRules.values.count { $0 == rule }) }
      .filter { $0.count > 0 }
  }

  /// What reading lost, as far as it matters for a file of a format: roles that were guessed count
  /// where the format keeps roles, since the guess would be a fact in it.
  ///
  /// - Parameter format: The format that the checkpoint is to be written in.
  /// - Returns: ``losses``, then one of kind `roleGuessed` for each tensor by
  ///   ``RoleRule/dtypeOrName``, ``RoleRule/optimizerOmission`` or `RoleRule.default`.
  public func losses(for format: FileFormat) -> [ConversionLoss] {
    guard format.traits.keepsRoles else { return losses }
    func guess(_ rule: RoleRule?, _ role: StateDict.Role?, _ subject: String) -> ConversionLoss? {
      rule?.guess(role).map { ConversionLoss(.roleGuessed, subject, $0) }
    }
    let guesses = checkpoint.state.entries.compactMap { key, entry in
      guess(roleRules[key], entry.role, key)
    }
    let further = checkpoint.models.flatMap { name, state in
      state.entries.compactMap { key, entry in
        guess(furtherRoleRules[name]?[key], entry.role, "\(name).\(key)")
      }
    }
    return losses + guesses + further
  }
}

extension ReadResult {
  /// Gives the checkpoint other keys, and keeps what is known of the roles of its tensors.
  ///
  /// - Parameters:
  ///   - checkpoint: What this one has become.
  ///   - origins: The key that each tensor had before, by its key now, as
  ///     ``MappingReport/origins`` has them. A tensor without one loses its rule.
  public mutating func replaceCheckpoint(_ checkpoint: Checkpoint, origins: [String: String]) {
    self.checkpoint = checkpoint
    let rules = roleRules
    roleRules = [:]
    for key in checkpoint.state.keys { roleRules[key] = origins[key].flatMap { rules[$0] } }
  }

  /// Takes the roles from a model, or from a file that says them. Shapes are not compared.
  ///
  /// What the file itself says of a tensor stays, as does the role of a key that the reference
  /// does not have.
  ///
  /// - Returns: The keys that the reference does not have.
  @discardableResult
  public mutating func takeRoles(from reference: StateDict) -> [String] {
    let own = checkpoint.state
    let assigned = Set(checkpoint.state.assignRoles(from: reference))
    for key in assigned {
      if roleRules[key] == .parameterObject {
        checkpoint.state.entries[key]?.role = own.entries[key]?.role
      } else {
        roleRules[key] = .reference
      }
    }
    checkpoint.mapFurtherParts { value, name in
      guard case .model(var state) = value else { return value }
      for key in state.assignRoles(from: reference) { furtherRoleRules[name]?[key] = nil }
      return .model(state)
    }
    return own.keys.filter { !assigned.contains($0) }
  }
}

extension ReadResult {
  /// Takes a value of the metadata that one of several files has.
  ///
  /// The first one counts; that another is different is a loss.
  ///
  /// - Parameter file: What has it, in a sentence.
  package mutating func take(_ value: Value, _ name: String, of file: String) {
    guard let known = checkpoint.metadata[name] else {
      checkpoint.metadata[name] = value
      return
    }
    guard known != value else { return }
    losses.append(
      ConversionLoss(.metadataDropped, name, "\(file) has another value of it than a file before"))
  }
}
