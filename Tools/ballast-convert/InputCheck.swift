import Arrays
import Checkpoints
import Interchange
import ToolSupport

/// Holds the input against its checksums while it is converted, so that it is read once.
///
/// What the conversion reads is compared when all is written, with the rest of the file, and before
/// the output takes its place.
struct InputCheck {
  private let opened: OpenedCheckpoint
  /// What has been read.
  let seen = ReadChecksums()

  /// - Parameter opened: The input as it was opened, with ``OpenedCheckpoint/Reading/mapped``.
  init(_ opened: OpenedCheckpoint) { self.opened = opened }

  /// Compares what is left to compare.
  ///
  /// - Throws: ``DamagedInput``.
  func finish() throws {
    let problems = try opened.damage(besides: seen)
    if !problems.isEmpty { throw DamagedInput(problems: problems) }
  }

  /// Why a conversion failed: damage of the input, if there is any, may well look like something
  /// else.
  func cause(of error: any Error) -> any Error {
    // What the system refuses is not in the input.
    if error is FileError || error is DamagedInput { return error }
    do {
      try finish()
    } catch let damage as DamagedInput {
      return damage
    } catch {
      // The input cannot be read any more; what came of that was told first.
    }
    return error
  }
}

/// The input does not match its own checksums.
struct DamagedInput: Error, CustomStringConvertible {
  let problems: [any Error]

  var description: String {
    let first = problems.first.map { "\($0)" } ?? ""
    let others = problems.count > 1 ? "; and \((problems.count - 1).of("other part")) like it" : ""
    return "\(first)\(others). --no-verify converts what the file holds"
  }
}
