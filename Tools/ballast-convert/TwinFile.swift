import Checkpoints
import Files
import KerasFiles

/// The program of `--twin`, which takes its place once the output has.
struct TwinFile {
  private let file: ReplacementFile

  /// Writes the program beside its place.
  ///
  /// - Throws: `CheckpointError` if the checkpoint has no twin; `FileError`.
  init(
    _ path: String, of checkpoint: Checkpoint, _ input: String, _ options: WriteOptions
  ) throws {
    let twin = try KerasTwin(of: checkpoint, file: input)
    file = try ReplacementFile(path, overwrite: options.overwrite, durable: options.isDurable)
    let bytes = Array(twin.source.utf8)
    try file.write(bytes, at: 0)
  }

  func commit() throws { try file.commit() }
}
