import Arrays
import Checkpoints
import OrderedCollections
import States

/// A checkpoint read from a file of any format, and what is worth telling about the reading.
public struct OpenedCheckpoint: Sendable {
  /// The file.
  public let path: String
  /// Its format.
  public let format: FileFormat
  /// What was read; its tensors look at the file.
  public var checkpoint: Checkpoint
  /// By which rule each tensor of the model was found to be a parameter or a buffer. Empty for a
  /// format that says so itself.
  public var roleRules: OrderedDictionary<String, RoleRule>
  /// What was not carried over, or was understood in a way worth knowing, a sentence each.
  public var notes: [String]
  /// What the reading could not carry over.
  public var losses: [Loss] = []

  /// How tensors come into memory.
  public enum Reading: Sendable {
    /// By mapping: they are read when they are touched. What has to be read anyway is compared with
    /// its checksum; see ``FileVerification`` for the rest.
    case mapped
    /// By reading, and comparing everything with the checksums that the file has.
    case verified
    /// By mapping, without a look at any checksum, to see what a damaged file still holds.
    case unverified

    fileprivate var access: PyTorchFile.Access {
      switch self {
      case .mapped: .mapped
      case .verified: .read
      case .unverified: .unverified
      }
    }
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - format: Its format; told by the content if nil.
  ///   - reading: How tensors come into memory, and what is compared with checksums.
  /// - Throws: `FileError`, `CheckpointError` or ``InterchangeError``.
  public init(_ path: String, format: FileFormat? = nil, reading: Reading = .mapped) throws {
    self.path = path
    self.format = try format ?? FileFormat.detect(path)
    switch self.format {
    case .ballast:
      checkpoint = try CheckpointFile(path).read(reading == .verified ? .eager : .mapped)
      roleRules = [:]
      notes = []
    case .pytorch:
      let result = try PyTorchFile(path: path, access: reading.access).checkpoint()
      checkpoint = result.checkpoint
      roleRules = result.roleRules
      notes = result.notes
    case .safetensors:
      let result = try SafetensorsFile.read(path, verifies: reading == .verified)
      (checkpoint, roleRules, notes) = (result.checkpoint, result.roleRules, result.notes)
    case .numpy:
      let (result, losses) = try NumPyReader(path, reading).read()
      (checkpoint, roleRules, notes) = (result.checkpoint, result.roleRules, result.notes)
      self.losses = losses
    case .keras, .kerasWeights, .kerasLegacy:
      (checkpoint, notes, losses) = try KerasReader.read(
        path, format: self.format, maps: reading != .verified)
      roleRules = [:]
    case .hdf5:
      let (result, losses) = try PlainHDF5Reader.read(path, maps: reading != .verified)
      (checkpoint, roleRules, notes) = (result.checkpoint, result.roleRules, result.notes)
      self.losses = losses
    }
  }

  /// How many tensors each rule decided, the surest rule first.
  public var roleCounts: [(rule: RoleRule, count: Int)] {
    RoleRule.allCases.map { rule in (rule, roleRules.values.count { $0 == rule }) }
      .filter { $0.count > 0 }
  }

  /// Gives the checkpoint other keys, and keeps what is known of the roles of its tensors.
  ///
  /// - Parameters:
  ///   - checkpoint: What this one has become.
  ///   - origins: The key that each tensor had before.
  public mutating func replaceCheckpoint(_ checkpoint: Checkpoint, origins: [String: String]) {
    self.checkpoint = checkpoint
    let rules = roleRules
    roleRules = [:]
    for key in checkpoint.state.keys { roleRules[key] = origins[key].flatMap { rules[$0] } }
  }

  /// Takes the roles from a model, or from a file that knows them.
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
    return own.keys.filter { !assigned.contains($0) }
  }
}
