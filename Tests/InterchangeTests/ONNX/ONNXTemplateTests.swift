import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Weights that are written into models with more in them than the checkpoint has.
@Suite struct ONNXTemplateTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["t", "out"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: false)
    }
  }

  private func template(_ name: String) throws -> String {
    try Peers.run("write_onnx_graphs.py", [folder.file("t")])
    return folder.file("t/\(name)")
  }

  private func write(
    _ checkpoint: Checkpoint, into template: String, to name: String = "out/out.onnx"
  ) throws -> WriteSummary {
    var options = WriteOptions()
    options.onnx.template = template
    return try checkpoint.write(to: folder.file(name), format: .onnx, options: options)
  }

  private func refusal(
    _ checkpoint: Checkpoint, _ template: String, to name: String = "out/out.onnx"
  ) -> CheckpointError? {
    #expect(throws: CheckpointError.self) { try write(checkpoint, into: template, to: name) }
  }

  private func numbers(_ count: Int, from start: Float = 0) -> NDArray {
    NDArray((0..<count).map { start + Float($0) })
  }

  /// A tensor without elements is nowhere, and what is before it is not written back.
  @Test(.needsPeers) func emptyTensorsAreNowhere() throws {
    let template = try template("empty.onnx")
    var checkpoint = try OpenedCheckpoint(template).checkpoint
    checkpoint.state["weight"] = NDArray((0..<400).map { Float(-$0) }, shape: [20, 20])
    #expect(try write(checkpoint, into: template).losses == [])
    let new = try OpenedCheckpoint(folder.file("out/out.onnx")).checkpoint
    #expect(try CheckpointComparison(checkpoint, new).differences.isEmpty)
  }

  /// All that stays is told: constants, integers, packed elements, and what is in other graphs.
  @Test(.needsPeers) func whatStaysIsTold() throws {
    let template = try template("branches.onnx")
    let losses = try write(Checkpoint(state: ["own": numbers(5, from: 9)]), into: template).losses
    #expect(losses.allSatisfy { $0.kind == .tensorDropped && $0.detail.contains("stay") })
    #expect(
      Set(losses.map(\.subject)) == [
        "whole", "packed", "c", "if.else_branch/w", "if.then_branch/w",
      ]
    )
    let trained = try write(
      Checkpoint(state: ["w": numbers(2, from: 9)]), into: self.template("training.onnx"),
      to: "out/trained.onnx"
    ).losses
    #expect(
      Set(trained.map(\.subject)) == [
        "training_info.0.algorithm/rate", "training_info.0.algorithm/momentum", "sparse",
        "sparse_of_training",
      ], "\(trained)")
  }

  /// One name in several graphs is refused, and so is what is in another graph than the main one.
  @Test(.needsPeers) func namesOfOtherGraphsAreRefused() throws {
    let branches = try template("branches.onnx")
    let own = numbers(5, from: 9)
    let inner = refusal(
      Checkpoint(state: ["own": own, "if.then_branch/w": numbers(3, from: 9)]), branches)
    #expect(inner?.place == "if.then_branch/w")
    #expect(inner?.code == .unsupported)
    // By its shape it may be either of those.
    let bare = refusal(Checkpoint(state: ["own": own, "w": numbers(3, from: 9)]), branches)
    #expect(bare?.place == "w")
    let shared = refusal(
      Checkpoint(state: ["own": own, "w": numbers(3, from: 9)]), try template("shared.onnx"))
    #expect(shared?.place == "w")
    #expect(shared?.reason.contains("more than once") == true)
    // What is there already may stand anywhere.
    var same = try OpenedCheckpoint(branches).checkpoint
    same.state["own"] = own
    _ = try write(same, into: branches)
    let new = try OpenedCheckpoint(folder.file("out/out.onnx")).checkpoint
    #expect(try CheckpointComparison(same, new).differences.isEmpty)
  }

  /// Made-up names in other graphs, and those of which nodes tell different things, may be the checkpoint's tensors.
  @Test(.needsPeers, arguments: ["deep.weight", "own.weight", "out.weight", "emb.weight"])
  func madeUpNamesAnywhereAreRefused(_ name: String) throws {
    let template = try template("disputed.onnx")
    var checkpoint = Checkpoint(state: ["val_2": NDArray(zeros: [4, 4])])
    checkpoint.state[name] = NDArray(zeros: [4, 4])
    let error = refusal(checkpoint, template)
    #expect(error?.place == name)
    #expect(error?.reason.contains("as the graph tells") == true, "\(error as Any)")
  }

  /// Files of sparse tensors and of what trains the model are copied, and their bytes are nobody else's.
  @Test(.needsPeers) func allFilesOfTheTemplateAreWritten() throws {
    let template = try template("training.onnx")
    _ = try write(Checkpoint(state: ["w": numbers(2, from: 9)]), into: template)
    for name in ["training", "momentum", "sparse", "sparse_of_training"] {
      #expect(
        try folder.bytes("out/\(name).data") == folder.bytes("t/\(name).data"), "\(name)")
    }
    let together = refusal(
      Checkpoint(state: ["w": numbers(2, from: 9)]), folder.file("t/together.onnx"))
    #expect(together?.place == "training_info.0.algorithm/rate")
    let summed = refusal(
      Checkpoint(state: ["w": numbers(2, from: 9)]), folder.file("t/summed.onnx"))
    #expect(summed?.reason.contains("checksum of training.data") == true)
  }

  /// A file beside the output is replaced only if it is the output's own.
  @Test(.needsPeers) func otherFilesAreNotReplaced() throws {
    let template = try template("empty.onnx")
    var checkpoint = try OpenedCheckpoint(template).checkpoint
    try folder.write([1, 2, 3], to: "out/empty.data")
    #expect(refusal(checkpoint, template)?.reason.contains("is there already") == true)
    // Another model's, with an output beside it that has none.
    try Checkpoint(state: ["w": numbers(2)]).write(to: folder.file("out/out.onnx"), format: .onnx)
    #expect(refusal(checkpoint, template)?.reason.contains("is there already") == true)
    // The template itself in another folder, where a file of that name is not its own.
    try FileManager.default.linkItem(atPath: template, toPath: folder.file("out/empty.onnx"))
    let linked = refusal(checkpoint, template, to: "out/empty.onnx")
    #expect(linked?.reason.contains("is there already") == true)
    #expect(try folder.bytes("out/empty.data") == [1, 2, 3])
    try FileManager.default.removeItem(atPath: folder.file("out/empty.data"))
    _ = try write(checkpoint, into: template)
    checkpoint.state["weight"] = NDArray((0..<400).map { Float(-$0) }, shape: [20, 20])
    _ = try write(checkpoint, into: template)
    let new = try OpenedCheckpoint(folder.file("out/out.onnx")).checkpoint
    #expect(try CheckpointComparison(checkpoint, new).differences.isEmpty)
  }

  /// Files whose names differ only in how they encode an accent get the bytes of their own tensors.
  @Test func namesOfFilesAreTheirBytes() throws {
    var file = ONNXHostileTests.File()
    let names = ["\u{FC}.bin", "u\u{308}.bin"]
    file.tensors = names.enumerated().map { number, name in
      var tensor = ONNXHostileTests.Tensor(name: "w\(number)", lengths: [4])
      tensor.setExternal([("location", name)])
      return tensor
    }
    try folder.write(file.bytes, to: "t/a.onnx")
    for name in names { try folder.write([UInt8](repeating: 1, count: 16), to: "t/\(name)") }
    let checkpoint = Checkpoint(state: ["w0": numbers(4, from: 5), "w1": numbers(4, from: 9)])
    #expect(try write(checkpoint, into: folder.file("t/a.onnx")).losses == [])
    let new = try OpenedCheckpoint(folder.file("out/out.onnx")).checkpoint
    #expect(try CheckpointComparison(checkpoint, new).differences.isEmpty)
  }

  /// What a stored origin says of packed elements is believed only where it fits, whatever its lengths.
  @Test(arguments: [
    ("INT4", 2_305_843_009_213_693_951), ("UINT2", 4_611_686_018_427_387_903),
    ("FLOAT6E2M3", 1_537_228_672_809_129_301), ("INT4", Int.max), ("INT4", -1),
  ])
  func lengthsOfAnOriginMayBeAny(_ type: String, _ length: Int) throws {
    var checkpoint = Checkpoint(state: ["w": NDArray([UInt8(1), 2])])
    checkpoint.origin["onnx"] = ["packed": ["w": [.string(type), [.int(length)]]]]
    try checkpoint.write(to: folder.file("a.onnx"), format: .onnx)
    let back = try OpenedCheckpoint(folder.file("a.onnx"))
    #expect(try back.facts["types"] == ["UINT8": 1])
  }
}
