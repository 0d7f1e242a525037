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
    switch try format ?? FileFormat.detect(path) {
    case .ballast: try verifyBallast(path)
    case .pytorch: try verifyPyTorch(path)
    case .safetensors: try verifySafetensors(path)
    case .numpy: try verifyNumPy(path)
    case .keras: try verifyKeras(path, .keras)
    case .kerasWeights: try verifyKeras(path, .kerasWeights)
    case .kerasLegacy: try verifyKeras(path, .kerasLegacy)
    case .hdf5: try verifyPlainHDF5(path)
    }
  }

  /// The format has no checksums: what can be held is that the header describes the file.
  private mutating func verifySafetensors(_ path: String) throws {
    do {
      let tensors = try OpenedCheckpoint(path, format: .safetensors).checkpoint.namedTensors
      tensorCount = tensors.count
      byteCount = tensors.reduce(0) { $0 + $1.array.byteCount }
      notes = ["safetensors keeps no checksums; only the structure was verified"]
    } catch let error as InterchangeError {
      guard error.code == .damaged else { throw error }
      problems = [error]
    }
  }

  /// Keras keeps checksums in its archives only. What is compressed is inflated; what is not stays
  /// where it is, since there is nothing to hold it against.
  private mutating func verifyKeras(_ path: String, _ format: FileFormat) throws {
    do {
      let tensors = try OpenedCheckpoint(path, format: format).checkpoint.namedTensors
      tensorCount = tensors.count
      byteCount = tensors.reduce(0) { $0 + $1.array.byteCount }
      if format == .keras {
        let unprotected = try KerasArchive(path).verify()
        if unprotected > 0 { notes = ["\(unprotected) parts of the file without a checksum"] }
      } else {
        notes = ["Keras keeps no checksums here; only the structure was verified"]
      }
    } catch let error as InterchangeError {
      guard error.code == .damaged else { throw error }
      problems = [error]
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
