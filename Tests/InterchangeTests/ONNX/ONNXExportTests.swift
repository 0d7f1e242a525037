import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// Models that PyTorch's exporters wrote (`make_onnx.py`), held against the state dict of which they are.
@Suite struct ONNXExportTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static func path(_ name: String) -> String {
    TestTarget.folder().appending(path: "Fixtures/onnx").appending(path: name).path
  }

  private func model() throws -> Checkpoint {
    try OpenedCheckpoint(Self.path("model.pth")).checkpoint
  }

  private func opened(_ name: String) throws -> OpenedCheckpoint {
    try OpenedCheckpoint(Self.path(name))
  }

  /// Without optimisation every key is there, but for the number of batches; ties are there once.
  @Test(arguments: [("plain.onnx", "emb.weight"), ("script_plain.onnx", "out.weight")])
  func plainExportsHaveTheStateDict(_ name: String, _ tie: String) throws {
    let opened = try opened(name)
    for (key, entry) in try model().state.entries
    where key != tie && key != "bn.num_batches_tracked" {
      let array = try #require(opened.checkpoint.state[key], "\(name): \(key)")
      #expect(array.isBitwiseEqual(to: entry.array), "\(name): \(key)")
    }
    #expect(!opened.notes.contains { $0.contains("made up") })
    #expect(opened.losses.contains { $0.kind == .architectureDropped })
    #expect(opened.checkpoint.state.entries["bn.running_mean"]?.role == .buffer)
  }

  /// Names are kept, and what the graph tells of them is said.
  @Test func namesThatWereMadeUpAreExplained() throws {
    let opened = try opened("script.onnx")
    #expect(
      Array(opened.checkpoint.state.keys.prefix(7)) == [
        "fc.weight", "fc.bias", "emb.weight", "onnx::Conv_27", "onnx::Conv_28", "onnx::MatMul_29",
        "onnx::MatMul_30",
      ])
    let notes = opened.notes
    #expect(
      notes.contains(
        "4 tensors whose names the exporter made up, kept as they are; by the graph "
          + "onnx::Conv_27 is conv.weight, onnx::Conv_28 is conv.bias, "
          + "onnx::MatMul_29 is layers.0.weight, onnx::MatMul_30 is out.weight"))
    #expect(notes.contains { $0.contains("transpose") && $0.contains("onnx::MatMul_29") })
    #expect(notes.contains { $0.contains("folding a batch normalisation") })
    #expect(notes.contains { $0.contains("--map-file") })
  }

  /// What the optimiser says of a batch normalisation that it folded is said, and the bias has its name of that.
  @Test func foldedNormalisationsAreTold() throws {
    let opened = try opened("optimized.onnx")
    #expect(
      opened.notes.contains {
        $0.contains("batch normalisation was folded")
          && $0.contains("conv.weight, conv.weight_bias")
      }, "\(opened.notes)")
    let own = try model().state["conv.weight"]
    #expect(opened.checkpoint.state["conv.weight"]?.isBitwiseEqual(to: try #require(own)) == false)
    #expect(opened.notes.contains { $0.contains("val_19 is layers.0.weight") }, "\(opened.notes)")
    // The name that would follow is that of the tie.
    #expect(opened.notes.contains { $0.contains("val_20 is taken by MatMul") })
  }

  /// The facts have a mapping that gives names and shapes, and its inverse.
  @Test(arguments: ["script.onnx", "optimized.onnx"])
  func theMappingGivesNamesAndShapes(_ name: String) throws {
    let opened = try opened(name)
    let json = try #require(opened.facts["mapping"]?.stringValue)
    let mapping = try TensorMapping(json: json)
    let (mapped, _) = try mapping.apply(to: opened.checkpoint)
    let model = try model().state
    for key in ["layers.0.weight", "fc.weight"] {
      #expect(
        mapped.state[key]?.isBitwiseEqual(to: try #require(model[key])) == true, "\(name) \(key)")
    }
    let (back, _) = try mapping.inverted().apply(to: mapped)
    #expect(Set(back.state.keys) == Set(opened.checkpoint.state.keys))
    for (key, entry) in opened.checkpoint.state.entries {
      #expect(back.state[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
  }

  // MARK: - Templates

  private func write(
    _ checkpoint: Checkpoint, into template: String, to name: String = "out.onnx"
  ) throws -> WriteSummary {
    var options = WriteOptions()
    options.onnx.template = template
    return try checkpoint.write(to: folder.file(name), format: .onnx, options: options)
  }

  /// The values change, and no other byte.
  @Test func weightsGoIntoATemplate() throws {
    var tuned = try model()
    for (key, entry) in tuned.state.entries where entry.array.dtype == .float32 {
      let numbers = entry.array.withElements(as: Float.self) { $0.map { $0 * 2 + 1 } }
      tuned.state[key] = NDArray(numbers, shape: entry.array.shape)
    }
    tuned.state["emb.weight"] = tuned.state["out.weight"]
    let summary = try write(tuned, into: Self.path("plain.onnx"))
    #expect(summary.losses.map(\.subject).contains("bn.num_batches_tracked"))
    // The tie is there once.
    #expect(!summary.losses.map(\.subject).contains("emb.weight"))
    let before = try [UInt8](Data(contentsOf: URL(filePath: Self.path("plain.onnx"))))
    let after = try folder.bytes("out.onnx")
    #expect(before.count == after.count)
    let new = try OpenedCheckpoint(folder.file("out.onnx")).checkpoint
    for (key, entry) in new.state.entries {
      guard let array = tuned.state[key] else { continue }
      #expect(entry.array.isBitwiseEqual(to: array), "\(key)")
    }
    // The old values in the new file are the old file.
    var old = try model()
    old.state["bn.num_batches_tracked"] = nil
    let again = try write(old, into: folder.file("out.onnx"), to: "again.onnx")
    #expect(again.tensorCount == 9)
    #expect(try folder.bytes("again.onnx") == before)
  }

  @Test(.needsPeers) func theCheckerTakesWhatWasWrittenIntoATemplate() throws {
    _ = try write(model(), into: Self.path("plain.onnx"))
    let found = try JSONDecoder().decode(
      [ONNXWriterTests.Found].self,
      from: Data(Peers.run("read_onnx.py", [folder.file("out.onnx")]).utf8))
    #expect(found[0].tensors.count == 9)
    #expect(found[0].header.texts[0] == "pytorch")
  }

  /// The files beside a template are copied, and its own stay what they are.
  @Test(.needsPeers) func filesBesideATemplateAreWrittenToo() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("t"), withIntermediateDirectories: true)
    try Peers.run("write_onnx.py", [folder.file("t")])
    try FileManager.default.createDirectory(
      atPath: folder.file("weights"), withIntermediateDirectories: true)
    for name in ["external.onnx", "several.onnx"] {
      var checkpoint = try OpenedCheckpoint(folder.file("t/\(name)")).checkpoint
      let old = checkpoint
      for key in ["FLOAT", "small"] {
        let shape = try #require(checkpoint.state[key]?.shape)
        checkpoint.state[key] = NDArray((0..<shape.elementCount).map(Float.init), shape: shape)
      }
      let summary = try write(checkpoint, into: folder.file("t/\(name)"), to: name)
      #expect(summary.losses == [])
      let new = try OpenedCheckpoint(folder.file(name)).checkpoint
      #expect(try CheckpointComparison(checkpoint, new).differences.isEmpty)
      let kept = try OpenedCheckpoint(folder.file("t/\(name)")).checkpoint
      #expect(try CheckpointComparison(old, kept).differences.isEmpty)
      #expect(try folder.bytes(name) == folder.bytes("t/\(name)"))
      // Beside the template its files would be overwritten.
      let error = #expect(throws: CheckpointError.self) {
        try write(checkpoint, into: folder.file("t/\(name)"), to: "t/other.onnx")
      }
      #expect(error?.reason.contains("belongs to the template") == true)
      // But for the template itself, which is what is to be replaced.
      _ = try write(checkpoint, into: folder.file("t/\(name)"), to: "t/\(name)")
      let replaced = try OpenedCheckpoint(folder.file("t/\(name)")).checkpoint
      #expect(try CheckpointComparison(checkpoint, replaced).differences.isEmpty)
    }
  }

  /// A model of old weights and new ones that do not belong together is not written.
  @Test func templatesThatDoNotFitAreRefused() throws {
    func reason(_ checkpoint: Checkpoint, _ template: String) -> CheckpointError? {
      #expect(throws: CheckpointError.self) { try write(checkpoint, into: template) }
    }
    let model = try model()
    let folded = reason(model, Self.path("optimized.onnx"))
    #expect(folded?.code == .unsupported)
    #expect(folded?.place == "bn.running_mean")
    #expect(folded?.reason.contains("folded the batch normalisation") == true)
    var rest = model
    for key in model.state.keys where key.hasPrefix("bn.") || key.hasPrefix("conv.") {
      rest.state[key] = nil
    }
    let named = reason(rest, Self.path("script.onnx"))
    #expect(named?.place == "layers.0.weight")
    #expect(named?.reason.contains("onnx::MatMul_29") == true)
    #expect(named?.reason.contains("transpose") == true)

    // Without what the exporter says of modules: by shapes, and by the values in the template.
    let template = try OpenedCheckpoint(Self.path("optimized.onnx")).checkpoint
    var renamed = template
    renamed.state["layers.0.weight"] = renamed.state["val_19"]?.transposed().copied()
    renamed.state["val_19"] = nil
    #expect(reason(renamed, Self.path("optimized.onnx"))?.place == "layers.0.weight")
    renamed.state["mine"] = renamed.state["layers.0.weight"]
    renamed.state["layers.0.weight"] = nil
    let alike = reason(renamed, Self.path("optimized.onnx"))
    #expect(alike?.place == "mine")
    #expect(alike?.reason.contains("val_19 of as many rows") == true)
    // The transpose of the embedding is a tensor of its own in the file.
    var tied = template
    tied.state["val_20"] = nil
    let made = reason(tied, Self.path("optimized.onnx"))
    #expect(made?.place == "out.weight")
    #expect(made?.reason.contains("val_20 too") == true)

    var copied = try OpenedCheckpoint(Self.path("script.onnx")).checkpoint
    copied.state["onnx::MatMul_30"] = nil
    let copy = reason(copied, Self.path("script.onnx"))
    #expect(copy?.place == "onnx::MatMul_30")
    #expect(copy?.reason.contains("copy of a tensor") == true)

    var shaped = model
    shaped.state["fc.bias"] = NDArray(zeros: [5])
    #expect(reason(shaped, Self.path("plain.onnx"))?.place == "fc.bias")
    var typed = model
    typed.state["fc.bias"] = NDArray(zeros: [4], dtype: .float16)
    #expect(reason(typed, Self.path("plain.onnx"))?.place == "fc.bias")
    let other = Checkpoint(state: ["nothing": NDArray(zeros: [9, 9])])
    #expect(
      reason(other, Self.path("plain.onnx"))?.reason.contains("no tensor of the names") == true)
    try Checkpoint(state: ["w": NDArray(zeros: [4])], metadata: ["list": [1]])
      .write(to: folder.file("own.onnx"), format: .onnx)
    let own = reason(Checkpoint(state: ["w": NDArray(zeros: [4])]), folder.file("own.onnx"))
    #expect(own?.reason.contains("Ballast wrote") == true)
    #expect(folder.names == ["own.onnx"])
  }

  /// What a template has no place for, and what of it stays, is told.
  @Test func whatHasNoPlaceInATemplateIsTold() throws {
    var checkpoint = try model()
    checkpoint.metadata = ["epoch": 3]
    checkpoint.optimizer = OptimizerState(type: "SGD")
    checkpoint.architecture = ["type": "mlp"]
    checkpoint.origin["pytorch"] = ["layout": "checkpoint"]
    checkpoint.state["more"] = NDArray(zeros: [2])
    checkpoint.state["fc.bias"] = nil
    checkpoint.state.entries["fc.weight"]?.role = .buffer
    let losses = try write(checkpoint, into: Self.path("plain.onnx")).losses
    let told: [(ConversionLoss.Kind, String?)] = [
      (.metadataDropped, "epoch"), (.optimizerDropped, nil), (.architectureDropped, nil),
      (.tensorDropped, "more"), (.tensorDropped, "fc.bias"), (.roleLost, "fc.weight"),
      (.tensorDropped, "bn.num_batches_tracked"), (.moduleVersionsDropped, nil),
      (.originDropped, "pytorch"),
    ]
    for (kind, subject) in told {
      #expect(
        losses.contains { $0.kind == kind && $0.subject == subject },
        "\(kind) \(subject ?? ""): \(losses)")
    }
  }
}
