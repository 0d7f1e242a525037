import Ballast
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// Lets those who wait through once it is open.
private final class Gate: Sendable {
  private let opened = DispatchSemaphore(value: 0)
  private let reached = DispatchSemaphore(value: 0)

  func wait() {
    reached.signal()
    opened.wait()
    opened.signal()
  }

  /// Waits until somebody waits.
  func waitForOther() { reached.wait() }

  func open() { opened.signal() }
}

@Suite(.serialized) struct PendingSaveTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A thousand saves, each while the tensors change in place at once: none is torn.
  @Test func savesAreSnapshots() async throws {
    var state: StateDict = ["a": NDArray([Float](repeating: 0, count: 3000))]
    state["b"] = NDArray([Float](repeating: 0, count: 7))
    var options = WriteOptions()
    options.isDurable = false
    var saves: [PendingSave] = []
    for step in 1...1000 {
      // A save is followed by a change of what it saves, in place as far as the array knows.
      for key in ["a", "b"] {
        var array = try #require(state.entries[key]?.array)
        state.entries[key]?.array = NDArray(Float(0))
        array.withMutableElements(as: Float.self) { elements in
          for index in elements.indices { elements[index] = Float(step + index) }
        }
        state.entries[key]?.array = array
      }
      saves.append(
        Checkpoint(state: state).saveAsync(to: folder.file("\(step % 100).h5"), options: options))
      guard step.isMultiple(of: 100) else { continue }
      // While the next ones are under way nothing may change what these hundred hold.
      for save in saves { _ = try await save.value }
      saves = []
      for earlier in (step - 99)...step {
        let loaded = try CheckpointFile(folder.file("\(earlier % 100).h5")).read(.verified).state
        for key in ["a", "b"] {
          let shadow = (0..<(key == "a" ? 3000 : 7)).map { Float(earlier + $0) }
          #expect(loaded[key]?.elements(as: Float.self) == shadow, "\(key) of step \(earlier)")
        }
      }
    }
  }

  @Test func theLaterSaveOfAPathRemains() async throws {
    let saves = (1...20).map { step in
      Checkpoint(state: ["a": NDArray(Int64(step))]).saveAsync(to: folder.file())
    }
    for save in saves { _ = try await save.value }
    #expect(try CheckpointFile(folder.file()).read().state["a"]?.item(as: Int64.self) == 20)
    #expect(saves.allSatisfy { $0.isFinished })
    #expect(folder.names == ["test.h5"])
  }

  /// A save that stands still until it is let go: it asks whether it is cancelled before it writes.
  private func stoppedSave(
    _ name: String, value: Int64 = 0
  ) -> (save: PendingSave, go: @Sendable () -> Void) {
    let gate = Gate()
    var options = WriteOptions()
    options.isCancelled = {
      gate.wait()
      return false
    }
    let save = Checkpoint(state: ["a": NDArray(value)])
      .saveAsync(to: folder.file(name), options: options)
    gate.waitForOther()
    return (save, { gate.open() })
  }

  private func value(_ name: String) throws -> Int64? {
    try CheckpointFile(folder.file(name)).read().state["a"]?.item(as: Int64.self)
  }

  /// Of saves that have not begun the last one to a path is written, and stands for all.
  @Test func savesThatHaveNotBegunAreOne() async throws {
    let (first, go) = stoppedSave("a.h5")
    let asked = Mutex(0)
    var options = WriteOptions()
    options.isCancelled = {
      asked.withLock { $0 += 1 }
      return false
    }
    let second = Checkpoint(state: ["a": NDArray(Int64(2))])
      .saveAsync(to: folder.file("a.h5"), options: options)
    let saves = (3...60).map { step in
      Checkpoint(state: ["a": NDArray(Int64(step))]).saveAsync(to: folder.file("a.h5"))
    }
    #expect(!first.isFinished && !second.isFinished)
    go()
    for save in [first, second] + saves { _ = try await save.value }
    #expect(try value("a.h5") == 60)
    #expect(asked.withLock { $0 } == 0)
    #expect(folder.names == ["a.h5"])
  }

  /// A third path has to wait, or copies of the model would pile up.
  @Test func noMoreThanTwoArePending() async throws {
    let (first, go) = stoppedSave("a.h5")
    let second = Checkpoint(state: StateDict()).saveAsync(to: folder.file("b.h5"))
    let isThrough = Mutex(false)
    let third = BackgroundWork { [folder] in
      let save = Checkpoint(state: StateDict()).saveAsync(to: folder.file("c.h5"))
      isThrough.withLock { $0 = true }
      return try save.wait()
    }
    try await Task.sleep(for: .milliseconds(50))
    #expect(!isThrough.withLock { $0 })
    go()
    _ = try third.wait()
    #expect(first.isFinished && second.isFinished)
    #expect(folder.names == ["a.h5", "b.h5", "c.h5"])
  }

  @Test(arguments: ["a.h5", "a.pth", "a.safetensors", "a.npz"])
  func aCancelledSaveLeavesTheOldFile(_ name: String) async throws {
    try Checkpoint(state: ["a": NDArray(Int64(7))]).save(to: folder.file(name))
    let (save, go) = stoppedSave(name)
    let waiting = Checkpoint(state: StateDict()).saveAsync(to: folder.file("b.h5"))
    waiting.cancel()
    save.cancel()
    go()
    for save in [save, waiting] {
      let error = await #expect(throws: CheckpointError.self) { try await save.value }
      #expect(error?.code == .cancelled)
    }
    #expect(folder.names == [name])
    let state = try Checkpoint(contentsOf: folder.file(name)).state
    #expect(state["a"]?.item(as: Int64.self) == 7)
  }

  @Test(arguments: [FileFormat.numpy, .huggingFace])
  func aCancelledWriteLeavesNoFolder(_ format: FileFormat) throws {
    let asked = Mutex(0)
    var options = WriteOptions()
    options.isCancelled = {
      asked.withLock { asked in
        asked += 1
        return asked > 1
      }
    }
    let state: StateDict = ["a": NDArray(zeros: [300_000]), "b": NDArray(zeros: [300_000])]
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(state: state).write(to: folder.file("out"), format: format, options: options)
    }
    #expect(error?.code == .cancelled)
    #expect(folder.names == [])
  }

  @Test func aCancelledTaskCancelsTheSaveThatItWaitsFor() async throws {
    let (save, go) = stoppedSave("a.h5")
    let task = Task { try await save.value }
    task.cancel()
    // The task may not have begun, and cancels what it waits for once it does.
    while !save.isCancelled { await Task.yield() }
    go()
    let error = await #expect(throws: CheckpointError.self) { try await task.value }
    #expect(error?.code == .cancelled)
    #expect(folder.names == [])
    // One that was cancelled before it began takes no room, and keeps nothing.
    let (running, goFirst) = stoppedSave("c.h5")
    let cancelled = Checkpoint(state: StateDict()).saveAsync(to: folder.file("d.h5"))
    cancelled.cancel()
    let after = BackgroundWork { [folder] in
      try Checkpoint(state: StateDict()).saveAsync(to: folder.file("d.h5")).wait()
    }
    goFirst()
    _ = try (running.wait(), after.wait())
    #expect(folder.names == ["c.h5", "d.h5"])
    // One that has been replaced is the later one's.
    let (other, goOn) = stoppedSave("b.h5")
    let earlier = Checkpoint(state: ["a": NDArray(Int64(1))]).saveAsync(to: folder.file("a.h5"))
    let later = Checkpoint(state: ["a": NDArray(Int64(2))]).saveAsync(to: folder.file("a.h5"))
    earlier.cancel()
    goOn()
    _ = try await (other.value, later.value)
    #expect(try value("a.h5") == 2)
  }

  @Test func errorsComeUpWhenAwaited() async throws {
    let save = Checkpoint(state: StateDict()).saveAsync(to: folder.file("missing/a.h5"))
    await #expect(throws: CheckpointError.self) { try await save.value }
    #expect(throws: CheckpointError.self) { try save.wait() }
    // Nor do they stop the saves behind them.
    try Checkpoint(state: StateDict()).saveAsync(to: folder.file("b.h5")).wait()
    #expect(folder.names == ["b.h5"])
  }

  @Test func exitFinishesWhatIsPending() async throws {
    let path = FileManager.default.temporaryDirectory.appending(
      path: "ballast-exit-\(ProcessInfo.processInfo.processIdentifier).h5"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) { [path = path as String] in
      for size in [2_000_000, 1] {
        _ = Checkpoint(state: ["a": NDArray(zeros: [size])]).saveAsync(to: path)
      }
      _ = Checkpoint(state: StateDict()).saveAsync(to: "/nonexistent-folder/x.h5")
      exit(0)
    }
    #expect(try CheckpointFile(path).read().state["a"]?.shape == [1])
    let errors = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(errors.contains("the save to /nonexistent-folder/x.h5 failed: cannot create"))
  }
}
