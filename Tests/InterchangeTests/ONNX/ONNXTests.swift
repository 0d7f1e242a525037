import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// Files that the `onnx` package wrote, held against what it finds in them.
@Suite struct ONNXTests {
  struct Tensor: Decodable {
    let type: String
    let shape: [Int]
    /// The bytes, as `raw_data` has them.
    let hex: String
  }

  typealias Written = [String: [String: Tensor]]

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func written() throws -> Written {
    let json = try Peers.run("write_onnx.py", [folder.path])
    return try JSONDecoder().decode(Written.self, from: Data(json.utf8))
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
  }

  /// The types that arrays have, by the names in the format; those of less than a byte have none.
  static let types: [String: DType] = [
    "FLOAT": .float32, "UINT8": .uint8, "INT8": .int8, "UINT16": .uint16, "INT16": .int16,
    "INT32": .int32, "INT64": .int64, "BOOL": .bool, "FLOAT16": .float16, "DOUBLE": .float64,
    "UINT32": .uint32, "UINT64": .uint64, "COMPLEX64": .complex64, "COMPLEX128": .complex128,
    "BFLOAT16": .bfloat16, "FLOAT8E4M3FN": .float8E4M3FN, "FLOAT8E4M3FNUZ": .float8E4M3FNUZ,
    "FLOAT8E5M2": .float8E5M2, "FLOAT8E5M2FNUZ": .float8E5M2FNUZ, "FLOAT8E8M0": .float8E8M0FNU,
  ]

  static let bits = [
    "UINT4": 4, "INT4": 4, "UINT2": 2, "INT2": 2, "FLOAT6E2M3": 6, "FLOAT6E3M2": 6,
    "FLOAT4E2M1": 4,
  ]

  private func expect(_ array: NDArray?, is tensor: Tensor, _ key: String) throws {
    let array = try #require(array, "\(key)")
    #expect(hex(array) == tensor.hex, "\(key)")
    if let dtype = Self.types[tensor.type] {
      #expect(array.dtype == dtype, "\(key)")
      #expect(array.shape.dimensions == tensor.shape, "\(key)")
    } else {
      let bits = try #require(Self.bits[tensor.type])
      let isWhole = tensor.shape.last.map { ($0 * bits).isMultiple(of: 8) } ?? false
      let isPair = tensor.type == "FLOAT4E2M1" && isWhole
      #expect(array.dtype == (isPair ? .float4E2M1FNx2 : .uint8), "\(key)")
      #expect(
        array.shape.dimensions
          == (isWhole
            ? tensor.shape.dropLast() + [(tensor.shape.last ?? 0) * bits / 8]
            : [tensor.hex.utf8.count / 2]),
        "\(key)")
    }
  }

  /// Every type, in `raw_data` and in the field of its own, in one file and beside it.
  @Test(.needsPeers) func readsWhatThePackageWrites() throws {
    let written = try written()
    for name in ["all.onnx", "external.onnx", "several.onnx"] {
      #expect(try FileFormat.detect(folder.file(name)) == .onnx)
      let expected = try #require(written[name])
      for access in [Access.mapped, .verified, .unverified] {
        let opened = try OpenedCheckpoint(folder.file(name), access: access)
        #expect(Set(opened.checkpoint.state.keys) == Set(expected.keys))
        #expect(opened.losses == [])
        for (key, tensor) in expected {
          try expect(opened.checkpoint.state[key], is: tensor, "\(name) \(key)")
        }
      }
      #expect(try Verification(folder.file(name)).problems == [])
    }
    let facts = try OpenedCheckpoint(folder.file("all.onnx")).facts
    #expect(facts["ir_version"] == 14)
    #expect(facts["opsets"] == ["ai.onnx 21", "com.microsoft 1"])
    #expect(facts["producer"] == "test 1.0")
    #expect(facts["types"]?["INT4"] == 8)
    let beside = try OpenedCheckpoint(folder.file("external.onnx")).facts
    #expect(beside["files"] == ["weights/external.bin"])
  }

  /// Elements that are where arrays may have them are mapped, not copied.
  @Test(.needsPeers) func elementsAreMapped() throws {
    _ = try written()
    let state = try OpenedCheckpoint(folder.file("several.onnx"), access: .mapped).checkpoint.state
    #expect(state.count == 7)
    for (key, entry) in state.entries {
      #expect(entry.array.storage.fileRegion != nil, "\(key)")
      #expect(entry.array.storage.fileRegion?.file.path == folder.file(key), "\(key)")
    }
  }

  @Test(.needsPeers) func metadataAreTexts() throws {
    _ = try written()
    let opened = try OpenedCheckpoint(folder.file("all.onnx"))
    #expect(
      opened.checkpoint.metadata == [
        "format": "pt", "größe": "日本\n", "number": "7", "empty": "",
      ])
    #expect(opened.notes.contains { $0.contains("packed elements") && $0.contains("INT4") })
  }

  /// Back to ONNX, over every format: the same for the package.
  @Test(
    .needsPeers,
    arguments: [FileFormat.ballast, .pytorch, .safetensors, .numpy, .gguf, .huggingFace, .onnx])
  func comesBackOverOtherFormats(_ format: FileFormat) throws {
    _ = try written()
    for name in ["all.onnx", "external.onnx"] {
      let source = try OpenedCheckpoint(folder.file(name)).checkpoint
      let between = folder.file("between.\(format.endings.first ?? "folder")")
      try source.write(to: between, format: format)
      let again = try OpenedCheckpoint(between).checkpoint
      let summary = try again.write(to: folder.file("back.onnx"), format: .onnx)
      #expect(summary.losses == [])
      #expect(try Verification(folder.file("back.onnx")).problems == [])
      let mine = try JSONDecoder().decode(
        [ONNXWriterTests.Found].self,
        from: Data(Peers.run("read_onnx.py", [folder.file("back.onnx")]).utf8))
      let theirs = try JSONDecoder().decode(
        [ONNXWriterTests.Found].self,
        from: Data(Peers.run("read_onnx.py", [folder.file(name)]).utf8))
      #expect(
        mine[0].tensors.sorted { $0.name < $1.name }
          == theirs[0].tensors.sorted { $0.name < $1.name })
      #expect(mine[0].header == theirs[0].header, "\(name) over \(format)")
      #expect(mine[0].metadata == theirs[0].metadata)
      let back = try OpenedCheckpoint(folder.file("back.onnx")).checkpoint
      #expect(try CheckpointComparison(source, back).differences.isEmpty)
    }
  }

  /// Weights are also in constants, attributes, subgraphs, functions and what trains the model; what is none is told.
  @Test(.needsPeers) func findsWeightsWhereverTheyAre() throws {
    let expected = try #require(written()["graphs.onnx"])
    let opened = try OpenedCheckpoint(folder.file("graphs.onnx"))
    let (state, metadata) = (opened.checkpoint.state, opened.checkpoint.metadata)
    for (key, tensor) in expected {
      try expect(state[key] ?? metadata[key]?.tensor, is: tensor, key)
    }
    #expect(state.keys.first == "w")
    #expect(Set(state.keys).union(metadata.keys) == Set(expected.keys))
    let told: [(ConversionLoss.Kind, String?, String)] = [
      (.tensorDropped, "texts", "STRING"), (.tensorDropped, "c6", "STRING"),
      (.tensorDropped, "sparse", "sparse tensor of shape (6)"),
      (.metadataDropped, "w", "SCALE_TENSOR w_scale"), (.metadataDropped, "stage", "graph"),
      (.metadataDropped, "w", "description"), (.metadataDropped, "training_info", "trained"),
      (.architectureDropped, nil, "12 nodes and 1 functions"),
    ]
    for (kind, subject, words) in told {
      #expect(
        opened.losses.contains {
          $0.kind == kind && $0.subject == subject && $0.detail.contains(words)
        }, "\(words): \(opened.losses)")
    }
    #expect(opened.losses.count == told.count)
    let facts = try opened.facts
    #expect(facts["nodes"] == 12)
    #expect(facts["functions"] == 1)
    #expect(facts["operators"]?["Constant"] == 7)
    #expect(facts["initializers"] == 1)
  }
}
