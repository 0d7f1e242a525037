import Arrays
import Checkpoints
import Interchange
import States
import TestSupport
import Testing

/// `.npy` files that hold Python objects, which are read as the pickles that they are.
@Suite(.needsPeers) struct NumPyObjectTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Peers.run("write_objects.py", [folder.path])
  }

  private func open(_ name: String) throws -> OpenedCheckpoint {
    try OpenedCheckpoint(folder.file("\(name).npy"))
  }

  private let weight = NDArray([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])

  @Test func dictionariesAreRead() throws {
    let opened = try open("weights")
    #expect(opened.format == .pytorch)
    #expect(opened.notes.contains { $0.contains("NumPy") })
    let state = opened.checkpoint.state
    #expect(Array(state.keys) == ["fc.weight", "fc.bias"])
    #expect(state["fc.weight"]?.isBitwiseEqual(to: weight) == true)
    #expect(state["fc.bias"]?.isBitwiseEqual(to: NDArray([1.5, -2.0])) == true)
  }

  /// The model in it is found as in a pickle of PyTorch's, and the rest is kept.
  @Test func theModelIsFound() throws {
    let checkpoint = try open("training").checkpoint
    #expect(checkpoint.state["fc.weight"]?.isBitwiseEqual(to: weight) == true)
    #expect(checkpoint.metadata["epoch"] == 3)
    #expect(checkpoint.metadata["names"] == ["a", "b"])
  }

  @Test func ordersAndTypesAreThoseOfNumbers() throws {
    let state = try open("turned").checkpoint.state
    #expect(state["w"]?.isBitwiseEqual(to: weight) == true)
    #expect(state["big"]?.isBitwiseEqual(to: NDArray([1.5, -2.0])) == true)
    #expect(state["flags"]?.dtype == .bool)
  }

  /// What is no tensor is told or kept, and never passes for one.
  @Test func whatIsNoTensorIsNamed() throws {
    let opened = try open("texts")
    #expect(opened.checkpoint.state["w"]?.isBitwiseEqual(to: weight) == true)
    for name in ["labels", "kinds"] {
      #expect(opened.checkpoint.state[name] == nil)
      let isTold = opened.losses.contains { $0.subject?.contains(name) == true }
      #expect(isTold || opened.checkpoint.metadata[name] != nil, "\(name): \(opened.losses)")
    }
  }

  /// Nothing is run, and what names something through which a program could be is refused.
  @Test func programsAreRefused() throws {
    let error = #expect(throws: CheckpointError.self) { try open("evil") }
    #expect(error?.code == .refused)
    #expect(error?.reason.contains("system") == true)
  }

  /// As NumPy's own format it is what it was: refused, with the reason.
  @Test func asAnArrayItIsRefused() throws {
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("weights.npy"), format: .numpy)
    }
    #expect(error?.reason.contains("Python objects") == true)
  }
}
