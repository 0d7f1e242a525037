import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// MAT-files that were damaged, or changed by another program.
extension MATLABWriterTests {
  @Test func damageIsFoundAndNamed() throws {
    let numbers = NDArray((0..<4096).map { Float($0) + 0.5 }, shape: [64, 64])
    try write([("good", try array([8, 8])), ("bad", numbers)])
    var bytes = try folder.bytes("a.mat")
    let last = withUnsafeBytes(of: Float(4095.5)) { Array($0) }
    let place = try #require(
      bytes.indices.dropLast(3).last { bytes[$0..<$0 + 4].elementsEqual(last) })
    bytes[place] ^= 1
    try folder.write(bytes, to: "a.mat")
    let problems = try Verification(folder.file("a.mat")).problems
    #expect(problems.map(\.place) == ["bad"] && problems.map(\.code) == [.damaged])
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("a.mat"), access: .verified)
    }
    #expect(error?.place == "bad")
    #expect(
      try OpenedCheckpoint(folder.file("a.mat"), access: .unverified).checkpoint.state.count == 2)
  }

  @Test(.needsPeers) func whatAnotherProgramChangedIsWhatItIsNow() throws {
    try write([
      ("half", try array([2, 3], .float16)), ("vector", try array([4])),
      ("kept", try array([2, 2], .float16)),
    ])
    try Peers.run("change_matlab.py", [folder.file("a.mat")])
    let opened = try OpenedCheckpoint(folder.file("a.mat"), access: .unverified)
    let state = opened.checkpoint.state
    #expect(state["half"]?.dtype == .float32 && state["half"]?.shape == [2, 3])
    #expect(state["half"]?.selected(axis: 0, 0).selected(axis: 0, 0).item(as: Float.self) == 0.1)
    #expect(state["vector"]?.shape == [2, 2])
    #expect(state["kept"]?.dtype == .float16)
    #expect(state["added"]?.shape == [2, 1])
    #expect(
      Set(opened.notes) == [
        "half: it was float16 of shape (2, 3), and is float32 of shape (2, 3) now",
        "vector: it was float32 of shape (4,), and is float32 of shape (2, 2) now",
        "added: another program added this tensor",
      ])
  }

  /// What is read of a file after another program changed it.
  private func changed(
    _ way: String, _ arrays: [(String, NDArray)]
  ) throws -> OpenedCheckpoint {
    try write(arrays)
    try Peers.run("change_matlab.py", [folder.file("a.mat"), way])
    #expect(try Verification(folder.file("a.mat")).problems == [])
    return try OpenedCheckpoint(folder.file("a.mat"), access: .verified)
  }

  private func moved(_ path: String, _ key: String) -> String {
    "\(path): Ballast wrote it as \(key), and another program put it here: it is what the file has"
  }

  @Test(.needsPeers) func tensorsThatWereMovedAreWhereTheyAre() throws {
    let (a, b) = (try array([2, 3]), NDArray([Float(7), 8, 9, 10, 11, 12], shape: [2, 3]))
    let swapped = try changed("swap", [("s.a", a), ("s.b", b)])
    #expect(swapped.checkpoint.state["s.a"]?.isBitwiseEqual(to: b) == true)
    #expect(swapped.checkpoint.state["s.b"]?.isBitwiseEqual(to: a) == true)
    #expect(swapped.notes == [moved("s.a", "s.b"), moved("s.b", "s.a")])
    let half = try array([3], .float16)
    let renamed = try changed("rename", [("v", half), ("w", a)])
    // What it was is not said of this place.
    #expect(renamed.checkpoint.state["other"]?.dtype == .float32)
    #expect(renamed.checkpoint.state["other"]?.shape == [1, 3])
    #expect(renamed.checkpoint.state["v"] == nil)
    #expect(renamed.notes.contains(moved("other", "v")))
    #expect(renamed.losses.map(\.subject) == ["v"])
  }

  @Test(.needsPeers) func copiesDoNotTakeTheNameOfWhatTheyAreOf() throws {
    let vector = try array([4], .float16)
    let copied = try changed("copy", [("v", vector)])
    #expect(copied.checkpoint.state["v"]?.isBitwiseEqual(to: vector) == true)
    #expect(copied.checkpoint.state["v"]?.dtype == .float16)
    #expect(copied.checkpoint.state["a0"]?.shape == [1, 4])
    #expect(copied.checkpoint.state["a0"]?.elements(as: Float.self) == [9, 9, 9, 9])
    #expect(copied.notes.contains(moved("a0", "v")))
    let aliased = try changed("alias", [("v", vector)])
    #expect(aliased.checkpoint.state["v"]?.isBitwiseEqual(to: vector) == true)
    #expect(aliased.checkpoint.state["a0"]?.elements(as: Float.self) == [0, 1, 2, 3])
    #expect(aliased.notes.contains(moved("a0", "v")))
    let taken = try changed("take", [("0", vector)])
    #expect(taken.checkpoint.state["0"]?.isBitwiseEqual(to: vector) == true)
    #expect(taken.checkpoint.state["0~2"]?.elements(as: Double.self) == [7])
    #expect(taken.notes.contains("0: another tensor is called 0; it is 0~2"))
  }
}
