import Platform
import Synchronization

/// How far reading or writing has come.
///
/// The bytes are those of the files that are read, or of the tensors that are written. Of what is mapped or
/// left out less is to be done than it seemed, and with each file that is found, as in a folder, there is more;
/// the last report of work that succeeds has all of them.
public struct WorkProgress: Sendable, Hashable {
  /// The bytes that are done.
  public let completedByteCount: Int
  /// All bytes, as far as they are known.
  public let totalByteCount: Int

  /// The part that is done, from 0 to 1.
  public var fraction: Double {
    totalByteCount > 0 ? Double(completedByteCount) / Double(totalByteCount) : 1
  }
}

/// Reading or writing that somebody watches, and may cancel.
///
/// It is ``current`` for whatever runs within ``run(_:)``, in the threads of ``Parallel`` too. Files that are
/// opened meanwhile keep it, and ask it before each read.
package final class WatchedWork: Sendable {
  /// What the code that is running is a part of.
  @TaskLocal package static var current: WatchedWork?

  fileprivate struct State {
    var total: Int
    var completed = 0
    /// How many thousandths were reported.
    var reported = -1
    var isCancelled = false
    var isFinished = false
  }

  private let state: Mutex<State>
  /// Held while a report is made, so that one comes after the other.
  private let report: Mutex<@Sendable (WorkProgress) -> Void>

  /// - Parameters:
  ///   - byteCount: How much is to be done, but for files that are opened meanwhile.
  ///   - report: Receives reports, a thousand at most, on whatever thread does the work.
  package init(byteCount: Int = 0, _ report: @escaping @Sendable (WorkProgress) -> Void) {
    state = Mutex(State(total: byteCount))
    self.report = Mutex(report)
  }

  /// Does the work. What it leaves open is not watched any more.
  ///
  /// - Parameter path: What an error calls the file.
  /// - Throws: ``FileError`` of the number `ECANCELED` if the work was cancelled before it ended, however it
  ///   ended: what was refused may have been taken for damage meanwhile. Otherwise what `body` throws.
  package func run<R>(_ path: String, _ body: () throws -> R) throws -> R {
    defer { report.withLock { $0 = { _ in } } }
    let result = Result { try Self.$current.withValue(self, operation: body) }
    let (isCancelled, total) = state.withLock { state in
      state.isFinished = true
      return (state.isCancelled, state.total)
    }
    if isCancelled { throw FileError("read", path: path, errno: ECANCELED) }
    let value = try result.get()
    tell(WorkProgress(completedByteCount: total, totalByteCount: total))
    return value
  }

  /// What the report itself does is no part of the work.
  private func tell(_ progress: WorkProgress) {
    Self.$current.withValue(nil) { report.withLock { $0(progress) } }
  }

  /// Makes ``check(_:)`` throw from now on.
  package func cancel() { state.withLock { $0.isCancelled = true } }

  /// Throws if the work was cancelled.
  ///
  /// - Parameter path: The file that was to be read.
  /// - Throws: ``FileError`` of the number `ECANCELED`.
  package func check(_ path: String) throws(FileError) {
    let isCancelled = state.withLock { $0.isCancelled && !$0.isFinished }
    if isCancelled { throw FileError("read", path: path, errno: ECANCELED) }
  }

  /// Adds to what is to be done.
  package func expect(byteCount: Int) {
    state.withLock { state in
      state.total += byteCount
      // What seemed to be all is only a part.
      state.reported = min(state.reported, state.thousandths)
    }
  }

  /// Adds to what is done.
  package func complete(byteCount: Int) {
    let isDue = state.withLock { state in
      guard !state.isFinished else { return false }
      state.completed = min(state.completed + byteCount, state.total)
      return state.isDue
    }
    guard isDue else { return }
    Self.$current.withValue(nil) {
      report.withLock { report in
        // Another thread may have told of more meanwhile.
        let progress = state.withLock { state -> WorkProgress? in
          guard state.isDue, !state.isFinished else { return nil }
          state.reported = state.thousandths
          return WorkProgress(
            completedByteCount: state.completed, totalByteCount: state.total)
        }
        if let progress { report(progress) }
      }
    }
  }
}

extension WatchedWork.State {
  fileprivate var thousandths: Int {
    total > 0 ? Int(Double(completed) / Double(total) * 1000) : 1000
  }

  fileprivate var isDue: Bool { thousandths > reported }
}
