import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// What is written as a folder of `torch.distributed.checkpoint` is loaded by PyTorch.
@Suite struct DistributedWriterTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func array(_ shape: Shape, _ factor: Float = 1) -> NDArray {
    NDArray((0..<shape.elementCount).map { Float($0) * factor }, shape: shape)
  }

  /// A model with ties and an optimizer by name.
  private static var training: Checkpoint {
    var state = StateDict()
    state.entries["a.weight"] = .init(array([7, 5]), role: .parameter)
    state.entries["a.bias"] = .init(array([7], 0.5), role: .parameter)
    state.entries["head"] = state.entries["a.weight"]
    state.entries["count"] = .init(NDArray(Int64(9)), role: .buffer)
    var optimizer = OptimizerState(type: "AdamW")
    optimizer.groups = [.init(options: ["lr": 0.5], parameters: ["a.weight", "a.bias"])]
    optimizer.state["a.weight"] = [
      "step": .tensor(NDArray(Float(3))), "exp_avg": .tensor(array([7, 5], 2)),
    ]
    optimizer.state["a.bias"] = [
      "step": .tensor(NDArray(Float(3))), "exp_avg": .tensor(array([7], 3)),
    ]
    return Checkpoint(
      state: state, optimizer: optimizer,
      metadata: [
        "epoch": 4, "args": ["lr": 0.5, "names": ["a", "b"], "none": [:]],
        "odd": .dict([.int(1): "one"]), "pair": .tuple([1, .tensor(array([2]))]),
        "list": [.tensor(array([3])), 1],
      ])
  }

  /// PyTorch's conversion and `dcp.load` on one, two and three processes find each tensor to the bit.
  @Test(.needsPeers) func pyTorchLoadsItOnSeveralProcesses() throws {
    let checkpoint = Self.training
    let path = folder.file("out")
    let summary = try checkpoint.write(to: path, format: .pyTorchDistributed)
    #expect(summary.losses.map(\.kind) == [.keyChanged])
    #expect(summary.losses.first?.subject == "odd")
    var expected: [String: String] = [:]
    func add(_ key: String, _ array: NDArray) {
      expected[key] = array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
    }
    for (key, entry) in checkpoint.state.entries { add("model.\(key)", entry.array) }
    for (parameter, slots) in checkpoint.optimizer?.state ?? [:] {
      for (slot, value) in slots {
        if let tensor = value.tensor { add("optim.state.\(parameter).\(slot)", tensor) }
      }
    }
    add("list.0", Self.array([3]))
    try folder.write(JSONEncoder().encode(expected), to: "expected.json")
    let output = try Peers.run("load_distributed.py", [path, folder.file("expected.json")])
    #expect(
      output.split(separator: "\n").map(String.init) == [
        "converted 9",
        "values {'epoch': 4, 'args': {'lr': 0.5, 'names': ['a', 'b'], 'none': {}}, "
          + "'odd': {1: 'one'}, 'lr': 0.5, 'params': ['a.weight', 'a.bias'], 'pair': [0.0, 1.0]}",
        "loaded by 1: 9", "loaded by 2: 9", "loaded by 3: 9", "looked for what is not there",
      ])
  }

  /// What PyTorch would look for by other keys is told, with the first of them.
  @Test func whatIsNotFoundByLoadIsTold() throws {
    var checkpoint = Self.training
    checkpoint.metadata = [
      "sched": [
        "milestones": .dict([.int(30): 1]), "kept": ["a": 1], "last": 1, "none": [:],
        "plain": ["b": 2], "inner": [.dict([.int(7): 2])],
      ]
    ]
    checkpoint.origin["pytorch"] = [
      "layout": "checkpoint",
      "classes": [
        "sched.milestones": "collections.Counter", "sched.kept": "collections.OrderedDict",
      ],
    ]
    try checkpoint.write(to: folder.file("in.pth"), format: .pytorch)
    checkpoint = try OpenedCheckpoint(folder.file("in.pth")).checkpoint
    let summary = try checkpoint.write(to: folder.file("out"), format: .pyTorchDistributed)
    #expect(summary.losses.allSatisfy { $0.kind == .keyChanged }, "\(summary.losses)")
    #expect(
      Set(summary.losses.map(\.subject)) == ["sched.milestones", "sched.kept", "sched.inner"])
    for key in ["sched.milestones.30", "sched.kept.a", "sched.inner.0.7"] {
      #expect(summary.losses.contains { $0.detail.contains(key) }, "\(key): \(summary.losses)")
    }
    let back = try OpenedCheckpoint(folder.file("out")).checkpoint
    let comparison = try CheckpointComparison(checkpoint, back)
    #expect(comparison.differences.isEmpty, "\(comparison)")
  }

  /// What an object may unpack to is bounded by its own bytes, and not by those of the table.
  @Test func largeObjectsAreReadAgain() throws {
    var checkpoint = Self.training
    checkpoint.metadata = ["ids": .list((0..<200_000).map { .int($0) })]
    try checkpoint.write(to: folder.file("out"), format: .pyTorchDistributed)
    #expect(try OpenedCheckpoint(folder.file("out")).checkpoint.metadata == checkpoint.metadata)
  }

  @Test func tiesAreOneTensorAgain() throws {
    let path = folder.file("out")
    try Self.training.write(to: path, format: .pyTorchDistributed)
    let back = try OpenedCheckpoint(path, access: .mapped)
    #expect(back.checkpoint.state.ties.map(\.key) == ["head"])
    let comparison = try CheckpointComparison(Self.training, back.checkpoint)
    #expect(comparison.isSame, "\(comparison)")
    #expect(back.losses.isEmpty)
  }

  @Test func theSameCheckpointGivesTheSameBytes() throws {
    for name in ["first", "second"] {
      try Self.training.write(to: folder.file(name), format: .pyTorchDistributed)
    }
    for name in [".metadata", "__0_0.distcp", "ballast.json"] {
      #expect(try folder.bytes("first/\(name)") == folder.bytes("second/\(name)"))
    }
  }

  /// Values lie at multiples of 64 in the file, so that they are mapped.
  @Test func tensorsAreMapped() throws {
    try Self.training.write(to: folder.file("out"), format: .pyTorchDistributed)
    let state = try OpenedCheckpoint(folder.file("out"), access: .mapped).checkpoint.state
    for (key, entry) in state.entries {
      let region = try #require(entry.array.storage.fileRegion)
      #expect((region.file.start + region.range.lowerBound).isMultiple(of: 64), "\(key)")
    }
  }

  @Test func whatIsThereIsNotReplaced() throws {
    try folder.write([1], to: "note.txt")
    #expect(throws: CheckpointError.self) {
      try Self.training.write(to: folder.path, format: .pyTorchDistributed)
    }
    #expect(folder.names == ["note.txt"])
  }

  /// Numbers for keys of the outermost dictionary become texts, as in PyTorch, and each is told.
  @Test func numbersForKeysAreTold() throws {
    func tensor(_ offset: Int) -> [UInt8] {
      Pickle.tensor(offset: offset, shape: [2], strides: [1])
    }
    func file(_ key: [UInt8]) throws -> Checkpoint {
      let members = [Pickle.int(7), tensor(0), Pickle.int(12), tensor(2), key, tensor(1)]
      let path = try folder.write(
        Pickle.file(of: [0x7D, 0x28] + members.joined() + [0x75]), to: "numbers.pth")
      return try OpenedCheckpoint(path).checkpoint
    }
    let checkpoint = try file(Pickle.text("name"))
    let summary = try checkpoint.write(to: folder.file("out"), format: .pyTorchDistributed)
    let losses = summary.losses.filter { $0.kind == .keyChanged }
    #expect(losses.map(\.subject) == ["7", "12"])
    #expect(losses.allSatisfy { $0.detail.contains("its key is a number, and becomes a text") })
    let back = try OpenedCheckpoint(folder.file("out")).checkpoint
    #expect(Array(back.state.keys) == ["7", "12", "name"])
    #expect(back.state["12"]?.elements(as: Float.self) == [3, 4])
    // Where a text is the same as a number, there is no key for both.
    let error = #expect(throws: CheckpointError.self) {
      try file(Pickle.text("12")).write(to: folder.file("both"), format: .pyTorchDistributed)
    }
    #expect(error?.code == .unsupported)
    #expect(!folder.names.contains("both"))
  }

  /// A name with a point in it and a dictionary may have the same flat key.
  @Test func equalKeysAreRefused() throws {
    var checkpoint = Self.training
    checkpoint.metadata = ["a.b": 1, "a": ["b": 2]]
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: folder.file("out"), format: .pyTorchDistributed)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.place == "a.b")
    #expect(folder.names.isEmpty)
  }
}
