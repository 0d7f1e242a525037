import Files

/// Compares a file with its own checksums while its tensors are written elsewhere, so that it is
/// read only once.
///
/// Writers record what they read in ``seen``. When everything is written, and before it takes its
/// place, ``finish()`` compares that, and reads only the rest of the file.
public final class InputCheck: Sendable {
  /// The checksums of what has been read so far.
  public let seen = ReadChecksums()

  private let source: any CheckpointSource
  private let checkpoint: Checkpoint
  private let path: String

  /// A check of a file that was opened with ``Access/mapped``.
  ///
  /// - Parameters:
  ///   - source: The file, open.
  ///   - checkpoint: What reading it returned, before anything was renamed or left out.
  ///   - path: What errors call the file.
  public init(_ source: any CheckpointSource, of checkpoint: Checkpoint, file path: String) {
    self.source = source
    self.checkpoint = checkpoint
    self.path = path
  }

  /// Compares the file with its checksums, reading what has not been read yet.
  ///
  /// - Throws: ``DamagedInput`` if anything does not match, or is so damaged that it cannot be
  ///   compared; ``CheckpointError`` if the file cannot be read, or needs what is refused.
  public func finish() throws {
    let problems: [CheckpointError]
    do throws(CheckpointError) {
      problems = try CheckpointError.reporting(path) {
        // What another program took out is a loss, which reading tells, and no damage.
        try source.verify(known: seen, of: checkpoint).problems.filter { $0.code != .missing }
      }
    } catch {
      guard error.code == .damaged else { throw error }
      problems = [error]
    }
    // What a file lost meanwhile is no damage of what it was.
    for file in checkpoint.mappedFiles { try file.checkIsUnchanged() }
    if !problems.isEmpty { throw DamagedInput(problems: problems) }
  }

  /// Why a conversion failed: damage of the input, if there is any, may well look like something
  /// else, and so may a disk that fails.
  ///
  /// - Parameter error: What the conversion threw.
  /// - Returns: ``DamagedInput`` if the input does not match its checksums; the error of the
  ///   operating system if the input cannot be read to compare it; otherwise `error`.
  public func cause(of error: any Error) -> any Error {
    // What the system refuses is not in the input.
    if error is FileError || error is DamagedInput { return error }
    if let code = (error as? CheckpointError)?.code, code == .inputOutput || code == .cancelled {
      return error
    }
    do {
      try finish()
      return error
    } catch let failure as CheckpointError where failure.code != .inputOutput {
      // What the check does not understand or refuses to do, the conversion met before it.
      return error
    } catch let failure {
      return failure
    }
  }
}

/// The input of a conversion does not match its own checksums.
public struct DamagedInput: Error, CustomStringConvertible, Sendable {
  /// What is damaged.
  public let problems: [CheckpointError]

  /// The first problem, and how many more there are.
  public var description: String {
    let first = problems.first.map { "\($0)" } ?? ""
    switch problems.count - 1 {
    case ...0: return first
    case 1: return "\(first); and 1 other part like it"
    case let count: return "\(first); and \(count) other parts like it"
    }
  }
}
