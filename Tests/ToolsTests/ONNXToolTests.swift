import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// The tools with ONNX files.
@Suite struct ONNXToolTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A file of those that PyTorch's exporters wrote.
  private static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../InterchangeTests/Fixtures/onnx/\(name)").standardized.path
  }

  @Test func weightsAreCarriedThereAndBack() throws {
    try bench.write(
      [
        "fc.weight": NDArray((0..<6).map(Float.init), shape: [2, 3]),
        "fc.bias": NDArray(zeros: [2]),
      ],
      to: "in.h5")
    let made = try bench.run("convert", "in.h5", "a.onnx", "--strict")
    #expect(made.status == 0, "\(made.errors)")
    #expect(try bench.run("verify", "in.h5", "a.onnx").status == 0)
    #expect(try bench.run("verify", "a.onnx").status == 0)
    let bytes = try bench.folder.bytes("a.onnx")
    for between in ["a.pth", "a.safetensors", "a.npz", "a.gguf"] {
      #expect(try bench.run("convert", "a.onnx", between, "--strict").status == 0)
      #expect(try bench.run("convert", between, "back.onnx", "--overwrite").status == 0)
      #expect(try bench.folder.bytes("back.onnx") == bytes, "\(between)")
    }
    #expect(try bench.run("verify", "--round-trip", "a.onnx", "--through", "ballast").status == 0)
  }

  /// The graph does not come over, which is told, and an error for --strict.
  @Test func whatDoesNotComeOverIsTold() throws {
    let made = try bench.run("convert", Self.fixture("plain.onnx"), "a.h5")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("not its graph of 23 nodes"))
    expectRefusal(
      try bench.run("convert", Self.fixture("plain.onnx"), "b.h5", "--strict"), 65, "graph")
    let script = try bench.run("convert", Self.fixture("script.onnx"), "c.h5")
    #expect(script.output.contains("onnx::MatMul_29 is layers.0.weight"))
  }

  @Test func weightsGoIntoATemplate() throws {
    let (model, template) = (Self.fixture("model.pth"), Self.fixture("plain.onnx"))
    let made = try bench.run("convert", model, "out.onnx", "--onnx-template", template)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("bn.num_batches_tracked"))
    let before = try [UInt8](Data(contentsOf: URL(filePath: template)))
    #expect(try bench.folder.bytes("out.onnx") == before)
    expectRefusal(
      try bench.run(
        "convert", model, "x.onnx", "--onnx-template", Self.fixture("optimized.onnx")), 65,
      "bn.running_mean", "folded the batch normalisation")
    let none = try bench.run("convert", model, "x.onnx", "--onnx-template", "none.onnx")
    #expect(none.status != 0)
    #expect(none.errors.contains("none.onnx"))
    #expect(bench.folder.names == ["out.onnx"])
  }

  /// The facts have the rules by which names and shapes become those of the model, there and back.
  @Test func theFactsHaveAMapping() throws {
    let script = Self.fixture("script.onnx")
    let facts = try bench.run("inspect", script, "--facts", "--json").json()
    let inner = try #require(facts["facts"] as? [String: Any] ?? facts)
    let mapping = try #require(inner["mapping"] as? String)
    try bench.folder.write(mapping.utf8, to: "m.json")
    let made = try bench.run("convert", script, "a.safetensors", "--map-file", "m.json")
    #expect(made.status == 0, "\(made.errors)")
    let state = try OpenedCheckpoint(bench.folder.file("a.safetensors")).checkpoint.state
    let model = try OpenedCheckpoint(Self.fixture("model.pth")).checkpoint.state
    let key = "layers.0.weight"
    #expect(state[key]?.isBitwiseEqual(to: try #require(model[key])) == true)
    let back = try bench.run(
      "convert", "a.safetensors", "b.onnx", "--map-file", "m.json", "--map-inverse",
      "--onnx-template", script)
    #expect(back.status == 0, "\(back.errors)")
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: script)))
    #expect(try bench.folder.bytes("b.onnx") == bytes)
  }

  @Test func aCutFileIsRefused() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: Self.fixture("plain.onnx"))))
    try bench.folder.write(bytes.dropLast(64), to: "cut.onnx")
    for tool in ["convert cut.onnx x.h5", "verify cut.onnx", "inspect cut.onnx"] {
      let words = tool.split(separator: " ").map(String.init)
      let command = try Command.tool(
        "ballast-\(words[0])", Array(words.dropFirst()), in: bench.folder.path)
      #expect([65, 1].contains(command.status), "\(tool): \(command.errors)\(command.output)")
      #expect((command.errors + command.output).contains("cut short"), "\(tool)")
    }
  }
}
