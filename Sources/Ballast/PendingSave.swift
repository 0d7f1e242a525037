import Arrays
import BallastFiles
import Checkpoints
import Files
import Platform
import States
import Synchronization

/// A save in progress in the background.
///
/// It saves the checkpoint as it was when the save began. Arrays are values, so code that changes
/// one in the meantime changes a copy: the first change of each tensor costs a copy of it, and a
/// tensor that does not change costs nothing.
///
/// Saves run one after another, in the order of the calls, so of two to the same path the later one
/// remains.
///
/// No save is dropped silently. A process that exits, by returning from `main` or calling `exit`,
/// finishes its pending saves first, and errors that neither ``value`` nor ``wait()`` has thrown by
/// then are written to standard error. A process that is killed leaves the previous file.
public final class PendingSave: Sendable {
  /// The path being written.
  public let path: String

  private let work: BackgroundWork<WriteSummary>
  private let number: Int

  /// The saves of this process that are in progress, or have failed without anyone
  /// having waited for them.
  private static let pending = Mutex(Pending())

  private struct Pending {
    var saves: [(number: Int, path: String, work: BackgroundWork<WriteSummary>)] = []
    /// What the next save waits for.
    var last: BackgroundWork<WriteSummary>?
    var count = 0
  }

  /// Starts a save.
  ///
  /// - Parameters:
  ///   - path: The path named in errors at exit.
  ///   - body: Performs the save, and captures no state that anyone changes.
  init(to path: String, _ body: @escaping @Sendable () throws(CheckpointError) -> WriteSummary) {
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

  /// Whether the save has ended, successfully or not.
  public var isFinished: Bool { work.isFinished }

  /// The result of the save, once it has ended.
  ///
  /// - Throws: `CheckpointError`. The previous file, if any, is then still in place.
  public var value: WriteSummary {
    get async throws {
      defer { Self.forget(number) }
      return try await work.value
    }
  }

  /// Blocks until the save has ended, and returns its result.
  ///
  /// - Throws: As ``value``.
  @discardableResult
  public func wait() throws -> WriteSummary {
    defer { Self.forget(number) }
    return try work.wait()
  }

  /// Waits for all pending saves, and writes errors that nobody has waited for to standard
  /// error.
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
