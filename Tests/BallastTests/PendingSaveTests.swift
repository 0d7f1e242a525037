import Ballast
import Foundation
import TestSupport
import Testing

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
