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

  /// A part of a file has its blocks as the whole has them.
  @Test func partsKeepTheirBlocks() throws {
    try makeQuantised()
    for whole in ["q.gguf", "q.h5", "q.pth", "q.safetensors"] {
      if whole != "q.gguf" { #expect(try bench.run("convert", "q.gguf", whole).status == 0) }
      let root = whole == "q.pth" ? "model_state_dict.layer" : "layer"
      let part = try bench.run("convert", whole, "part.gguf", "--root", root, "--overwrite")
      #expect(part.status == 0, "\(part.errors)")
      let facts = try bench.run("inspect", "part.gguf", "--facts")
      #expect(facts.output.contains("Q8_0 (2, 64)"), "\(whole): \(facts.output)")
      let numbers = try bench.run(
        "convert", whole, "n.h5", "--root", root, "--dequantize", "float32", "--overwrite")
      #expect(numbers.status == 0, "\(numbers.errors)")
      #expect(try bench.read("n.h5").state["weight"]?.shape == [2, 64])
    }
  }

  /// The bytes of blocks are no weights, though they may have a fitting shape.
  @Test func blocksAreNotLoaded() throws {
    try makeQuantised()
    try bench.write(
      ["fc.weight": NDArray(zeros: [3, 64]), "fc.bias": NDArray(zeros: [3])], to: "fc.h5")
    try #require(try bench.run("convert", "fc.h5", "fc.gguf", "--quantize", "q8_0").status == 0)
    expectRefusal(
      try bench.run("load", "fc.gguf", "--model", "mlp(68,3)"), 65, "fc.weight", "Q8_0",
      "--dequantize")
    let inventory = try bench.run("inspect", "fc.gguf")
    #expect(inventory.output.contains("195 learned values"), "\(inventory.output)")
  }

  /// What is said of blocks is said of those that are left.
  @Test func theNoteOnBlocksIsOfWhatIsLeft() throws {
    try makeQuantised()
    let made = try bench.run("convert", "q.gguf", "b.h5", "--include", "bias$")
    #expect(made.status == 0)
    #expect(!made.output.contains("--dequantize"))
    var checkpoint = Checkpoint(state: ["w": NDArray(zeros: [2, 292], dtype: .uint8)])
    checkpoint.origin["gguf"] = ["blocks": ["w": "Q8_K"]]
    try checkpoint.write(to: bench.folder.file("k.gguf"), format: .gguf)
    let kept = try bench.run("convert", "k.gguf", "k.h5")
    #expect(kept.output.contains("no numbers are made of such"))
  }

  /// A long array is a value of the metadata, and no tensor beside the model's.
  @Test func arraysOfTheMetadataAreNoTensors() throws {
    var checkpoint = Checkpoint(state: ["w": NDArray(zeros: [4])])
    checkpoint.metadata = [
      "tokenizer.ggml.scores": .tensor(NDArray([Float](repeating: 0.5, count: 300)))
    ]
    checkpoint.origin["gguf"] = ["types": ["tokenizer.ggml.scores": ["array": "FLOAT32"]]]
    try checkpoint.write(to: bench.folder.file("in.gguf"), format: .gguf)
    let made = try bench.run("convert", "in.gguf", "out.gguf")
    #expect(made.status == 0)
    #expect(!made.output.contains("beside the model's"), "\(made.output)")
    #expect(try bench.run("convert", "in.gguf", "x.npz").output.contains("beside the model's"))
  }

  /// What Ballast wrote for itself is as it was, or the file is damaged.
  @Test func damagedTablesAreTold() throws {
    var checkpoint = Checkpoint(state: [
      "w": NDArray([1, 2] as [Float]), "m": NDArray([true, false, true, true], shape: [2, 2]),
    ])
    checkpoint.metadata = ["none": Value.none]
    try checkpoint.write(to: bench.folder.file("in.gguf"), format: .gguf)
    let bytes = try bench.folder.bytes("in.gguf")
    for (old, new, place) in [
      (#"["F32""#, #"{"F32""#, "ballast.crc32"), (#"["bool""#, #"["booo""#, "ballast.tensors"),
      (#"{"m":["bool""#, #"["m":["bool""#, "ballast.tensors"),
    ] {
      var changed = bytes
      let range = try #require(changed.firstRange(of: Array(old.utf8)), "\(old)")
      changed.replaceSubrange(range, with: Array(new.utf8))
      try bench.folder.write(changed, to: "bad.gguf")
      for tool in [
        ["convert", "bad.gguf", "x.h5"], ["verify", "bad.gguf"], ["inspect", "bad.gguf"],
      ] {
        let command = try Command.tool(
          "ballast-\(tool[0])", Array(tool.dropFirst()), in: bench.folder.path)
        #expect([1, 65].contains(command.status), "\(tool): \(command.output)")
        #expect((command.errors + command.output).contains(place), "\(tool)")
      }
    }
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
