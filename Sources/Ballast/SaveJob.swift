import Checkpoints
import Files
import Synchronization

/// The work of one save in the background, or of several to one path of which only the last is written.
final class SaveJob: Sendable {
  typealias Body = @Sendable (WriteOptions) throws(CheckpointError) -> WriteSummary

  let path: String
  let work: BackgroundWork<WriteSummary>
  private let shared: Shared

  /// Begins a job.
  ///
  /// - Parameter previous: What has to end before.
  init(
    to path: String, _ options: WriteOptions, after previous: SaveJob?, _ body: @escaping Body
  ) {
    let shared = Shared(options, body)
    let earlier = previous?.work
    self.path = path
    self.shared = shared
    work = BackgroundWork {
      // Its error is its own affair.
      _ = try? earlier?.wait()
      return try shared.run(path)
    }
  }

  /// Puts a later save in the place of the one that has not begun.
  ///
  /// - Returns: Its number; nil if this one has begun, or is cancelled.
  func replace(_ options: WriteOptions, _ body: @escaping Body) -> Int? {
    shared.state.withLock { state in
      guard state.save != nil, !state.isCancelled else { return nil }
      state.save = (options, body)
      state.turn += 1
      return state.turn
    }
  }

  /// Cancels the save of a number, unless another has taken its place.
  func cancel(_ turn: Int) {
    shared.state.withLock { state in
      guard state.turn == turn else { return }
      state.isCancelled = true
      // What has not begun need not be kept.
      state.save = nil
    }
  }

  /// Whether the save of a number was cancelled.
  func isCancelled(_ turn: Int) -> Bool {
    shared.state.withLock { $0.turn == turn && $0.isCancelled }
  }

  /// What the thread of the work shares with those who asked for it.
  private final class Shared: Sendable {
    struct State {
      /// What is to be done; nil from when it begins.
      var save: (options: WriteOptions, body: Body)?
      var turn = 0
      var isCancelled = false
    }

    let state: Mutex<State>

    init(_ options: WriteOptions, _ body: @escaping Body) {
      state = Mutex(State(save: (options, body)))
    }

    /// Performs the save that is the last one by now.
    func run(_ path: String) throws(CheckpointError) -> WriteSummary {
      let (save, isCancelled) = state.withLock { state in
        defer { state.save = nil }
        return (state.save, state.isCancelled)
      }
      guard let save, !isCancelled else {
        throw CheckpointError(.cancelled, file: path, reason: "the save was cancelled")
      }
      var options = save.options
      options.isCancelled = { [self, before = options.isCancelled] in
        before() || state.withLock { $0.isCancelled }
      }
      return try save.body(options)
    }
  }
}
