import Checkpoints
import Files
import Platform
import Synchronization

/// A save in progress in the background.
///
/// It saves the checkpoint as it was when the save began. Arrays are values, so code that changes
/// one in the meantime changes a copy: the first change of each tensor costs a copy of it, and a
/// tensor that does not change costs nothing.
///
/// Saves run one after another, in the order of the calls. Of two to the same path the later one
/// remains: if the earlier one has not begun yet, it is not written at all, and both stand for the
/// later one's file. Two are pending at most, the one that runs and one behind it, so that copies do not
/// pile up: whoever asks for a third, to another path, waits for the first.
///
/// No save is dropped silently. A process that exits, by returning from `main` or calling `exit`,
/// finishes its pending saves first, and errors that neither ``value`` nor ``wait()`` has thrown by
/// then are written to standard error. A process that is killed leaves the previous file.
public final class PendingSave: Sendable {
  /// The path being written.
  public let path: String

  private let job: SaveJob
  /// The number of this save among those of the job.
  private let turn: Int

  /// The saves of this process that are in progress, or have failed without anyone
  /// having waited for them.
  private static let pending = Mutex(Pending())

  private struct Pending {
    var jobs: [SaveJob] = []
    /// What the next save waits for.
    var last: SaveJob?
    var isFirst = true
  }

  /// The one that runs, and one behind it.
  private static let maximumCount = 2

  /// Starts a save, when there is room for it.
  ///
  /// - Parameters:
  ///   - path: The path of the file, which is also named in errors at exit.
  ///   - options: What `body` gets, with what cancels this save.
  ///   - body: Performs the save, and captures no state that anyone changes.
  init(to path: String, _ options: WriteOptions, _ body: @escaping SaveJob.Body) {
    self.path = path
    while true {
      switch Self.enter(path, options, body) {
      case .entered(let job, let turn):
        (self.job, self.turn) = (job, turn)
        return
      case .full(let oldest): _ = try? oldest.work.wait()
      }
    }
  }

  private enum Entry {
    case entered(SaveJob, turn: Int)
    /// There is no room before this one has ended.
    case full(SaveJob)
  }

  private static func enter(
    _ path: String, _ options: WriteOptions, _ body: @escaping SaveJob.Body
  ) -> Entry {
    pending.withLock { pending in
      if pending.isFirst { atexit { PendingSave.finishAll() } }
      pending.isFirst = false
      pending.jobs.removeAll { $0.work.isFinished && $0.work.failure == nil }
      for job in pending.jobs where job.path == path {
        if let turn = job.replace(options, body) { return .entered(job, turn: turn) }
      }
      let running = pending.jobs.filter { !$0.work.isFinished }
      if running.count >= maximumCount, let oldest = running.first { return .full(oldest) }
      let job = SaveJob(to: path, options, after: pending.last, body)
      pending.last = job
      pending.jobs.append(job)
      return .entered(job, turn: 0)
    }
  }

  /// Whether the save has ended, successfully or not.
  public var isFinished: Bool { job.work.isFinished }

  /// Ends the save before it is done: waiting for it throws a `CheckpointError` with code `cancelled`,
  /// and the previous file, if any, stays.
  ///
  /// It does nothing once the save has ended, or a later one to the same path has taken its place.
  public func cancel() { job.cancel(turn) }

  /// Whether the save was cancelled, by ``cancel()`` or with a task that waits for it.
  package var isCancelled: Bool { job.isCancelled(turn) }

  /// The result of the save, once it has ended.
  ///
  /// A task that is cancelled while it waits cancels the save.
  ///
  /// - Throws: `CheckpointError`. The previous file, if any, is then still in place.
  public var value: WriteSummary {
    get async throws {
      defer { Self.forget(job) }
      return try await withTaskCancellationHandler {
        try await job.work.value
      } onCancel: {
        cancel()
      }
    }
  }

  /// Blocks until the save has ended, and returns its result.
  ///
  /// - Throws: As ``value``.
  @discardableResult
  public func wait() throws -> WriteSummary {
    defer { Self.forget(job) }
    return try job.work.wait()
  }

  /// Waits for all pending saves, and writes errors that nobody has waited for to standard
  /// error.
  public static func finishAll() {
    while let job = pending.withLock({ $0.jobs.first }) {
      _ = try? job.work.wait()
      if let error = job.work.failure, (error as? CheckpointError)?.code != .cancelled {
        let line = "Ballast: the save to \(job.path) failed: \(error)\n"
        line.withCString { _ = write(STDERR_FILENO, $0, strlen($0)) }
      }
      forget(job)
    }
  }

  private static func forget(_ job: SaveJob) {
    pending.withLock { pending in pending.jobs.removeAll { $0 === job } }
  }
}
