import Checkpoints
import States

/// A file of any format, held against the checksums in it.
public struct FileVerification: Sendable {
  /// How many tensors the file holds, those of the optimizer included.
  public internal(set) var tensorCount = 0
  /// The bytes of those tensors.
  public internal(set) var byteCount = 0
  /// What is damaged: errors that name the tensor or the part. Empty if the file is sound.
  public internal(set) var problems: [any Error] = []
  /// What cannot be vouched for, a sentence each.
  public internal(set) var notes: [String] = []

  /// Reads a file from end to end, a block at a time.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - format: Its format; told by the content if nil.
  /// - Throws: `FileError`, `CheckpointError` or ``InterchangeError`` if the file cannot be read,
  ///   is of no known format, or asks for what is refused. Damage is told in ``problems``.
  public init(_ path: String, format: FileFormat? = nil) throws {
    let format = try format ?? FileFormat.detect(path)
    switch format {
    case .ballast: try verifyBallast(path)
    case .pytorch: try verifyPyTorch(path)
    case .numpy: try verifyNumPy(path)
    case .keras:
      try verifyStructure(path, format)
      if problems.isEmpty { try verifyMembers(KerasArchive(path).archive) }
    case .safetensors: try verifySafetensors(path)
    case .kerasWeights, .kerasLegacy, .hdf5:
      try verifyStructure(path, format)
      if problems.isEmpty {
        notes = ["a \(format.displayName) file has no checksums; only the structure was verified"]
      }
    }
  }

  private mutating func verifySafetensors(_ path: String) throws {
    try verifyStructure(path, .safetensors)
    guard problems.isEmpty else { return }
    let result = try SafetensorsFile.verify(path)
    problems = result.problems
    switch result.unprotectedCount {
    case 0: break
    case result.tensorCount:
      notes = ["a safetensors file has no checksums of its own; only the structure was verified"]
    case 1: notes = ["a tensor without a checksum; another program added or changed it"]
    case let count:
      notes = ["\(count) tensors without a checksum; another program added or changed them"]
    }
  }

  /// Looks at the structure of a file whose format has no checksums, or has them elsewhere.
  ///
  /// What is compressed is inflated; what is not stays where it is, since there is nothing to hold
  /// it against.
  private mutating func verifyStructure(_ path: String, _ format: FileFormat) throws {
    do {
      let tensors = try OpenedCheckpoint(path, format: format).checkpoint.namedTensors
      tensorCount = tensors.count
      byteCount = tensors.reduce(0) { $0 + $1.array.byteCount }
    } catch let error as InterchangeError {
      guard error.code == .damaged else { throw error }
      problems = [error]
    }
  }

  private mutating func verifyMembers(_ archive: ZipArchive) throws {
    let found = try archive.verify()
    problems = found.problems.map(\.error)
    if found.unprotectedCount > 0 {
      notes = ["\(found.unprotectedCount) parts of the file without a checksum"]
    }
  }

  private mutating func verifyBallast(_ path: String) throws {
    do {
      let result = try CheckpointFile(path).verify()
      tensorCount = result.tensorCount
      byteCount = result.byteCount
      problems = result.problems
      notes = result.unknownTensors.map { "\($0): nothing vouches for it; another tool added it" }
    } catch let error as CheckpointError where error.code == .damaged {
      problems = [error]
    }
  }

  private mutating func verifyPyTorch(_ path: String) throws {
    let file: PyTorchFile
    var checkpoint: Checkpoint?
    do throws(InterchangeError) {
      file = try PyTorchFile(path: path, access: .unverified)
      checkpoint = try file.checkpoint().checkpoint
    } catch {
      guard error.code == .damaged else { throw error }
      problems = [error]
      return
    }
    let tensors = checkpoint?.namedTensors ?? []
    tensorCount = tensors.count
    byteCount = tensors.reduce(0) { $0 + $1.array.byteCount }
    let result = try file.verify(naming: checkpoint)
    problems = result.problems
    if result.unprotectedCount > 0 {
      let isOne = result.unprotectedCount == 1
      notes = [
        "\(result.unprotectedCount) part\(isOne ? "" : "s") of the file "
          + "without a checksum"
      ]
    }
  }
}
