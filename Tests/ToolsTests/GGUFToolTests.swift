import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// The tools with GGUF files and their quantised tensors.
@Suite struct GGUFToolTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A file of two tensors, one of which is quantised.
  private func makeQuantised() throws {
    let weight = NDArray((0..<128).map { Float($0) / 8 }, shape: [2, 64])
    try bench.write(["layer.weight": weight, "layer.bias": NDArray(zeros: [2])], to: "in.h5")
    let made = try bench.run("convert", "in.h5", "q.gguf", "--quantize", "q8_0")
    try #require(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("quantised to Q8_0"))
  }

  @Test func quantisedTensorsAreCarriedOrMadeNumbersOf() throws {
    try makeQuantised()
    let bytes = try bench.folder.bytes("q.gguf")
    for between in ["a.h5", "a.pth", "a.safetensors", "a.npz"] {
      let there = try bench.run("convert", "q.gguf", between)
      #expect(there.status == 0, "\(there.errors)")
      #expect(there.output.contains("--dequantize"))
      #expect(try bench.run("verify", "q.gguf", between).status == 0)
      #expect(try bench.run("convert", between, "back.gguf", "--overwrite").status == 0)
      #expect(try bench.folder.bytes("back.gguf") == bytes, "\(between)")
      let numbers = try bench.run(
        "convert", between, "n.safetensors", "--dequantize", "float32", "--overwrite", "--strict")
      #expect(numbers.status == 0, "\(numbers.errors)")
      let state = try OpenedCheckpoint(bench.folder.file("n.safetensors")).checkpoint.state
      #expect(state["layer.weight"]?.dtype == .float32)
      #expect(state["layer.weight"]?.shape == [2, 64])
    }
    #expect(try bench.run("verify", "--round-trip", "q.gguf", "--through", "ballast").status == 0)
    let narrow = try bench.run("convert", "q.gguf", "h.pth", "--dequantize", "float16")
    #expect(narrow.status == 0)
    #expect(narrow.output.contains("made float16 of Q8_0 blocks"))
    #expect(
      try bench.run("convert", "q.gguf", "s.pth", "--dequantize", "float16", "--strict").status
        == 65)
  }

  @Test func whatWouldMakeBytesOfBlocksIsRefused() throws {
    try makeQuantised()
    for options in [["--map", "^layer\\.=l."], ["--strip-prefix", "layer."]] {
      let refused = try Command.tool(
        "ballast-convert", ["q.gguf", "x.h5"] + options, in: bench.folder.path)
      expectRefusal(refused, 64, "layer.weight", "--dequantize")
      let made = try Command.tool(
        "ballast-convert", ["q.gguf", "x.h5", "--overwrite", "--dequantize", "float32"] + options,
        in: bench.folder.path)
      #expect(made.status == 0, "\(made.errors)")
    }
    expectRefusal(
      try bench.run("convert", "in.h5", "y.h5", "--dequantize", "float32"), 64, "quantised")
  }

  @Test func whatIsNotQuantisedIsTold() throws {
    try bench.write(["w": NDArray(zeros: [4, 31])], to: "in.h5")
    expectRefusal(
      try bench.run("convert", "in.h5", "q.gguf", "--quantize", "q4_0"), 64,
      "no tensor of in.h5 can be quantised", "multiples of 32", "w")
    #expect(bench.folder.names == ["in.h5"])
    try makeQuantised()
    expectRefusal(
      try bench.run("convert", "q.gguf", "r.gguf", "--quantize", "q4_0"), 64, "--dequantize",
      "layer.weight")
    try bench.write(
      ["a": NDArray(zeros: [4, 31]), "b": NDArray(zeros: [4, 32]), "c": NDArray(zeros: [4])],
      to: "mixed.h5")
    let mixed = try bench.run("convert", "mixed.h5", "m.gguf", "--quantize", "q4_0")
    #expect(mixed.status == 0)
    #expect(mixed.output.contains("1 tensor not quantised, since rows have to be multiples of 32"))
    #expect(mixed.output.contains(": a"))
  }

  /// What is left out need not be a number.
  @Test func tensorsAreLeftOutBeforeNumbersAreMade() throws {
    var state: StateDict = ["w": NDArray(zeros: [2, 292], dtype: .uint8)]
    state["v"] = NDArray(zeros: [2, 34], dtype: .uint8)
    var checkpoint = Checkpoint(state: state)
    checkpoint.origin["gguf"] = ["blocks": ["w": "Q8_K", "v": "Q8_0"]]
    try checkpoint.write(to: bench.folder.file("in.gguf"), format: .gguf)
    expectRefusal(
      try bench.run("convert", "in.gguf", "x.h5", "--dequantize", "float32"), 65, "in.gguf (w)",
      "Q8_K")
    let made = try bench.run(
      "convert", "in.gguf", "x.h5", "--dequantize", "float32", "--exclude", "^w$", "--map", "v=u")
    #expect(made.status == 0, "\(made.errors)")
    #expect(!made.output.contains("kept as the bytes"))
    #expect(try bench.read("x.h5").state["u"]?.shape == [2, 32])
  }

  @Test func headsOfAnotherSizeAreWrongUsage() throws {
    var checkpoint = Checkpoint(state: ["blk.0.attn_q.weight": NDArray(zeros: [256, 2])])
    checkpoint.metadata = ["general.architecture": "llama", "llama.rope.dimension_count": 128]
    try checkpoint.write(to: bench.folder.file("in.gguf"), format: .gguf)
    let mapping = "gguf-llama-from-huggingface-"
    expectRefusal(
      try bench.run(
        "convert", "in.gguf", "x.h5", "--map-file", "\(mapping)64", "--map-inverse"), 64,
      "heads of 64 features", "llama.rope.dimension_count says 128")
    #expect(bench.folder.names == ["in.gguf"])
    let right = try bench.run(
      "convert", "in.gguf", "x.h5", "--map-file", "\(mapping)128", "--map-inverse")
    #expect(right.status == 0, "\(right.errors)")
  }

  @Test func inspectTellsTypesAndBits() throws {
    try makeQuantised()
    let facts = try bench.run("inspect", "q.gguf", "--facts")
    #expect(facts.status == 0)
    for text in ["architecture  ballast", "Q8_0 (2, 64)", "bits_per_weight", "little-endian"] {
      #expect(facts.output.contains(text), "\(facts.output)")
    }
  }

  @Test func aCutFileIsRefused() throws {
    try makeQuantised()
    let bytes = try bench.folder.bytes("q.gguf")
    try bench.folder.write(bytes.dropLast(64), to: "cut.gguf")
    for tool in ["convert cut.gguf x.h5", "verify cut.gguf", "inspect cut.gguf"] {
      let words = tool.split(separator: " ").map(String.init)
      let command = try Command.tool(
        "ballast-\(words[0])", Array(words.dropFirst()), in: bench.folder.path)
      #expect([65, 1].contains(command.status), "\(tool): \(command.errors)\(command.output)")
      #expect((command.errors + command.output).contains("cut short"), "\(tool)")
    }
  }
}
