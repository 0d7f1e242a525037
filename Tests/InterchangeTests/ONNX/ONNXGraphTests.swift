import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// What the `onnx` package wrote into graphs, functions and what trains a model.
@Suite struct ONNXGraphTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func opened(_ name: String, _ access: Access = .mapped) throws -> OpenedCheckpoint {
    try Peers.run("write_onnx_graphs.py", [folder.path])
    return try OpenedCheckpoint(folder.file(name), access: access)
  }

  /// Whoever gave a name knew in which layout the tensor is: there is a note, and no rule.
  @Test(.needsPeers) func namedTensorsAreNotTransposed() throws {
    let opened = try opened("named.onnx")
    #expect(try opened.facts["mapping"] == nil)
    #expect(
      opened.notes.contains {
        $0.contains("2 tensors of names that were not made up")
          && $0.contains("attn.weight, proj")
      }, "\(opened.notes)")
    #expect(!opened.notes.contains { $0.contains("--map-file") })
  }

  /// What nodes tell is a rule only if all of them tell it, wherever they are.
  @Test(.needsPeers) func disputedNamesHaveNoRule() throws {
    let opened = try opened("disputed.onnx")
    let mapping = try TensorMapping(json: try #require(opened.facts["mapping"]?.stringValue))
    let (mapped, _) = try mapping.apply(to: opened.checkpoint)
    #expect(
      Set(mapped.state.keys) == ["val_1", "fc.weight", "deep.weight", "own.weight"],
      "\(mapped.state.keys)")
    for (key, name, isTransposed) in [
      ("val_1", "val_1", false), ("val_2", "fc.weight", true), ("val_3", "deep.weight", true),
      ("if.then_branch/val_4", "own.weight", true),
    ] {
      let array = try #require(opened.checkpoint.state[key])
      let expected = isTransposed ? array.transposed() : array
      #expect(mapped.state[name]?.isBitwiseEqual(to: expected) == true, "\(key)")
    }
    #expect(opened.notes.contains { $0.contains("val_1 is taken by Gather, and otherwise too") })
  }

  /// What a function is called with is no tensor, and a number that is not there is zero.
  @Test(.needsPeers) func constantsOfFunctionsAreRead() throws {
    let opened = try opened("functions.onnx")
    let state = opened.checkpoint.state
    #expect(Set(state.keys) == ["F/zero", "F/none", "F/table"])
    #expect(state["F/zero"]?.isBitwiseEqual(to: NDArray([Float(0)], shape: [])) == true)
    #expect(state["F/none"]?.isBitwiseEqual(to: NDArray([Int64(0)], shape: [])) == true)
    #expect(state["F/table"]?.isBitwiseEqual(to: NDArray([Float(7), 8])) == true)
    #expect(opened.losses.map(\.kind) == [.architectureDropped], "\(opened.losses)")
  }

  /// Tensors of other graphs have keys of their own, whatever names they have.
  @Test(.needsPeers) func namesOfOtherGraphsHaveTheirPlace() throws {
    let state = try opened("branches.onnx").checkpoint.state
    #expect(
      Array(state.keys) == [
        "own", "whole", "packed", "c", "if.else_branch/w", "if.then_branch/w",
      ])
  }

  /// A graph without nodes has no computation, and its inputs are told.
  @Test(.needsPeers) func aFileOfAnOldVersionIsWrittenAsOneThatTheCheckerTakes() throws {
    let opened = try opened("version.onnx")
    #expect(opened.losses.map(\.kind) == [.architectureDropped])
    #expect(opened.losses.first?.detail.contains("inputs") == true)
    try opened.checkpoint.write(to: folder.file("new.onnx"), format: .onnx)
    let found = try JSONDecoder().decode(
      [ONNXWriterTests.Found].self,
      from: Data(Peers.run("read_onnx.py", [folder.file("new.onnx")]).utf8))
    #expect(found[0].header.numbers[0] == 4)
    #expect(found[0].tensors.map(\.name) == ["w"])
  }

  @Test(.needsPeers) func whatTrainsAModelIsReadAsOtherGraphsAre() throws {
    let opened = try opened("training.onnx")
    let metadata = opened.checkpoint.metadata
    #expect(
      Set(metadata.keys) == [
        "training_info.0.algorithm/rate", "training_info.0.algorithm/momentum",
      ]
    )
    #expect(
      metadata["training_info.0.algorithm/momentum"]?.tensor?.withContiguousBytes {
        [UInt8](copying: $0)
      } == (0..<12).map(UInt8.init))
    for (kind, subject) in [
      (ConversionLoss.Kind.tensorDropped, "sparse"), (.tensorDropped, "sparse_of_training"),
      (.metadataDropped, "training_info.0.algorithm/rate"), (.metadataDropped, "training_info"),
    ] {
      #expect(
        opened.losses.contains { $0.kind == kind && $0.subject == subject },
        "\(subject): \(opened.losses)")
    }
    #expect(opened.losses.count == 4)
  }

  /// Many names of the same bytes are one array, however it is read.
  @Test(arguments: [Access.mapped, .verified, .unverified])
  func namesOfTheSameBytesAreTies(_ access: Access) throws {
    var file = ONNXHostileTests.File()
    file.tensors = (0..<50).map { number in
      var tensor = ONNXHostileTests.Tensor(name: "w\(number)", lengths: [1024])
      // A checksum makes no other bytes of them.
      tensor.setExternal([("location", "w.bin")] + (number % 2 == 0 ? [("checksum", "ab")] : []))
      return tensor
    }
    try folder.write(file.bytes, to: "a.onnx")
    try folder.write([UInt8](repeating: 1, count: 4096), to: "w.bin")
    let state = try OpenedCheckpoint(folder.file("a.onnx"), access: access).checkpoint.state
    #expect(state.ties.count == 49)
    #expect(Set(state.entries.values.map { ObjectIdentifier($0.array.storage) }).count == 1)
  }

  /// Two names of files that differ only in how they encode an accent are two files.
  @Test func namesOfFilesAreTheirBytes() throws {
    var file = ONNXHostileTests.File()
    file.tensors = ["\u{FC}.bin", "u\u{308}.bin"].enumerated().map { number, name in
      var tensor = ONNXHostileTests.Tensor(name: "w\(number)", lengths: [4])
      tensor.setExternal([("location", name)])
      return tensor
    }
    try folder.write(file.bytes, to: "a.onnx")
    try folder.write([UInt8](repeating: 1, count: 16), to: "\u{FC}.bin")
    try folder.write([UInt8](repeating: 2, count: 16), to: "u\u{308}.bin")
    let state = try OpenedCheckpoint(folder.file("a.onnx")).checkpoint.state
    for (key, byte) in [("w0", UInt8(1)), ("w1", 2)] {
      let bytes = state[key]?.withContiguousBytes { [UInt8](copying: $0) }
      #expect(bytes == [UInt8](repeating: byte, count: 16), "\(key)")
    }
  }

  /// Fields that are not known are told of every part that is read.
  @Test func fieldsThatAreNotKnownAreTold() throws {
    var file = ONNXHostileTests.File()
    file.tensors[0].more.number(99, 1)
    file.graph.number(98, 1)
    file.graph.message(
      1,
      ONNXHostileTests.Message { node in
        node.text(4, "Relu")
        node.number(97, 1)
        node.message(
          5,
          ONNXHostileTests.Message {
            $0.text(1, "value_float")
            $0.number(96, 1)
          })
      })
    file.model.message(
      25,
      ONNXHostileTests.Message {
        $0.text(1, "f")
        $0.number(95, 1)
      })
    file.model.message(20, ONNXHostileTests.Message { $0.number(94, 1) })
    try folder.write(file.bytes, to: "a.onnx")
    let losses = try OpenedCheckpoint(folder.file("a.onnx")).losses.map(\.detail)
    for text in [
      "field 99 of a tensor", "field 98 of a graph", "field 97 of a node",
      "field 96 of an attribute", "field 95 of a function",
      "field 94 of what the model is trained by",
    ] {
      #expect(losses.contains("\(text) is not kept"), "\(text): \(losses)")
    }
    // Of no Constant such a number is a tensor.
    #expect(try OpenedCheckpoint(folder.file("a.onnx")).checkpoint.state.count == 1)
  }

  /// Numbers behind names are given in one pass.
  @Test func fiftyThousandConstantsMayHaveOneName() throws {
    var file = ONNXHostileTests.File()
    let constant = ONNXHostileTests.node {
      $0.text(1, "value_int")
      $0.number(3, 1)
    }
    for _ in 0..<50_000 { file.graph.message(1, constant) }
    try folder.write(file.bytes, to: "a.onnx")
    let opened = try OpenedCheckpoint(folder.file("a.onnx"))
    #expect(opened.checkpoint.state.count == 50_001)
    #expect(opened.checkpoint.state["out~50000"] != nil)
    #expect(opened.losses.count { $0.kind == .keyChanged } == 49_999)
  }
}
