import Arrays
import BallastFiles
import Checkpoints
import Files
import Platform
import States
import Synchronization

/// A save that goes on in the background.
///
/// What is saved is what the checkpoint was when the save began: arrays are values, so that whoever
/// changes one meanwhile changes a copy. The first change of a tensor after the call therefore costs
/// a copy of it, and a tensor that does not change costs nothing.
///
/// Saves run one after the other, in the order of the calls, so that of two for one path the later
/// one is what remains.
///
/// No save is dropped in silence. A process that exits, by returning from `main` or by `exit`, first
/// finishes its pending saves; an error that nobody has asked for by then goes to standard error. A
/// process that is killed leaves the old file.
public final class PendingSave: Sendable {
  /// The path that is written.
  public let path: String

  private let work: BackgroundWork<WriteSummary>
  private let number: Int

  /// The saves of this process that are under way, or have failed and nobody knows.
  private static let pending = Mutex(Pending())

  private struct Pending {
    var saves: [(number: Int, path: String, work: BackgroundWork<WriteSummary>)] = []
    /// What the next save waits for.
    var last: BackgroundWork<WriteSummary>?
    var count = 0
  }

  /// Begins a save.
  ///
  /// - Parameters:
  ///   - path: What errors at exit are about.
  ///   - body: Does it, and is given no state that anyone changes.
  init(to path: String, _ body: @escaping @Sendable () throws -> WriteSummary) {
    self.path = path
    (work, number) = Self.pending.withLock { pending in
      if pending.count == 0 { atexit { PendingSave.finishAll() } }
      pending.saves.removeAll { $0.work.isFinished && $0.work.failure == nil }
      pending.count += 1
      let work = BackgroundWork { [previous = pending.last] in
        // Its error is its own affair.
        _ = try? previous?.wait()
        return try body()
      }
      pending.last = work
      pending.saves.append((pending.count, path, work))
      return (work, pending.count)
    }
  }

  /// Whether the save has ended, with success or without.
  public var isFinished: Bool { work.isFinished }

  /// What was written, when the save has ended.
  ///
  /// - Throws: What `CheckpointWriter.write` throws; the path then leads to what it did before.
  public var value: WriteSummary {
    get async throws {
      defer { Self.forget(number) }
      return try await work.value
    }
  }

  /// Blocks until the save has ended.
  ///
  /// - Throws: As ``value``.
  @discardableResult
  public func wait() throws -> WriteSummary {
    defer { Self.forget(number) }
    return try work.wait()
  }

  /// Waits for all saves that are pending, and writes the errors that nobody has asked for to
  /// standard error.
  public static func finishAll() {
    while let save = pending.withLock({ $0.saves.first }) {
      _ = try? save.work.wait()
      if let error = save.work.failure {
        let line = "Ballast: the save to \(save.path) failed: \(error)\n"
        line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
      }
      forget(save.number)
    }
  }

  private static func forget(_ number: Int) {
    pending.withLock { pending in pending.saves.removeAll { $0.number == number } }
  }
}

extension CheckpointWriter {
  /// Writes `checkpoint` to `path` in the background, as it is now.
  ///
  /// Returns at once; see ``PendingSave`` for what that costs and what is promised. One of the
  /// threads of `options` is left to whoever goes on meanwhile, if there are several.
  ///
  /// ```swift
  /// let save = CheckpointWriter.writeAsync(checkpoint, to: "epoch-3.h5")
  /// …                      // The training goes on.
  /// try await save.value   // Here errors come up.
  /// ```
  public static func writeAsync(
    _ checkpoint: Checkpoint, to path: String, options: WriteOptions = WriteOptions()
  ) -> PendingSave {
    var options = options
    options.threads = max(options.threads - 1, 1)
    return PendingSave(to: path) { [options] in
      try write(checkpoint, to: path, options: options)
    }
  }
}
