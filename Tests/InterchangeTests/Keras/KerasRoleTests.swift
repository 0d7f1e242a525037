import Arrays
import Checkpoints
import Interchange
import States
import TestSupport
import Testing

/// What is told of weights that Keras's layers do not learn.
@Suite(.needsPeers) struct KerasRoleTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Peers.run("keras_roles.py", [folder.path])
  }

  private static let buffers = [
    "norm.mean", "norm.variance", "norm.count", "spectral.vector_u", "bn.running_mean",
    "bn.running_var", "bn.num_batches_tracked",
  ]

  /// The layers in the order of the model, which is not that of an alphabet.
  private static let layers =
    ["norm", "spectral", "bn"] + (0..<12).flatMap { ["d\($0)", "s\($0)"] }

  private func layers(_ state: StateDict) -> [String] {
    state.keys.map { String($0.prefix { $0 != "." }) }.reduce(into: []) { layers, layer in
      if layers.last != layer { layers.append(layer) }
    }
  }

  @Test(arguments: ["keras", "h5"]) func statisticsAreBuffers(_ kind: String) throws {
    let opened = try OpenedCheckpoint(folder.file("roles.\(kind)"))
    let state = opened.checkpoint.state
    #expect(
      state.entries.filter { $0.value.role == .buffer }.keys.filter { !$0.hasPrefix("s") }
        == Self.buffers.filter { !$0.hasPrefix("s") })
    #expect(state.entries["spectral.vector_u"]?.role == .buffer)
    #expect(state["spectral.weight"]?.shape == [3, 2, 3, 3])
    #expect(layers(state) == Self.layers)
    // Whether a class that is not known learns a weight is not said, and told.
    let guessed = opened.losses.filter { $0.kind == .roleGuessed }.compactMap(\.subject)
    #expect(guessed.count == (kind == "h5" ? 12 : 24))
    #expect(guessed.allSatisfy { $0.hasPrefix("s") && !$0.hasPrefix("spectral") })
    #expect(opened.losses.allSatisfy { $0.kind == .roleGuessed }, "\(opened.losses)")
    if kind == "h5" { #expect(state.entries["s10.moving_mean"]?.role == .buffer) }
  }

  /// Of layers that are known, the same tensors from both kinds of whole models.
  @Test func namesAreTheSameFromEveryKind() throws {
    let whole = try OpenedCheckpoint(folder.file("roles.keras")).checkpoint.state
    let legacy = try OpenedCheckpoint(folder.file("roles.h5")).checkpoint.state
    func isKnown(_ key: String) -> Bool { !key.hasPrefix("s") || key.hasPrefix("spectral") }
    #expect(whole.keys.filter(isKnown) == legacy.keys.filter(isKnown))
    for key in whole.keys.filter(isKnown) {
      let (a, b) = (whole[key], legacy[key])
      #expect(a != nil && b.map { a?.isBitwiseEqual(to: $0) == true } == true, "\(key)")
    }
  }

  @Test func weightsAloneAreInTheOrderOfTheModel() throws {
    let opened = try OpenedCheckpoint(folder.file("roles.weights.h5"))
    #expect(layers(opened.checkpoint.state) == Self.layers)
    for key in ["norm.mean", "norm.variance", "norm.count"] {
      #expect(opened.checkpoint.state.entries[key]?.role == .buffer)
    }
  }

  @Test(arguments: ["keras", "h5", "weights.h5"]) func theWayBackIsTheSame(_ kind: String) throws {
    let first = try OpenedCheckpoint(folder.file("roles.\(kind)"))
    let path = folder.file("back.\(kind)")
    #expect(try first.checkpoint.write(to: path, format: first.format).losses == [])
    let second = try OpenedCheckpoint(path)
    #expect(
      try CheckpointComparison(first.checkpoint, second.checkpoint).differences.isEmpty)
    // The kernel that a file of weights has twice is there twice.
    if kind != "h5" {
      #expect(second.checkpoint.origin["keras"] == first.checkpoint.origin["keras"])
    }
  }
}
