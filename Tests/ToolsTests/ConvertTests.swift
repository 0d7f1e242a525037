import Arrays
import BallastFiles
import Checkpoints
import Files
import Foundation
import HDF5
import LibHDF5
import States
import TestSupport
import Testing

/// What `ballast-convert` writes, held against what it was given.
@Suite struct ConvertTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func theSameModelGivesTheSameBytes() throws {
    let first = try bench.convertedSample(to: "a.h5")
    let second = try bench.convertedSample(to: "b.h5")
    #expect(first == second)
    #expect(try bench.run("convert", "a.h5", "a.h5", "--overwrite").status == 0)
    #expect(try bench.folder.bytes("a.h5") == first)
  }

  /// The file is mapped while it is read, and replaced by another: the mapping stays the old one's.
  @Test(arguments: [
    "h5", "pth", "safetensors", "npz", "gguf", "onnx", "mat", "safetensors.index.json",
  ])
  func aFileMayBeWrittenOverItself(_ ending: String) throws {
    let name = "a.\(ending)"
    try bench.run("convert", Workbench.sample, name, "--quiet")
    let before = try bench.folder.names.map { try bench.folder.bytes($0) }
    let names = bench.folder.names
    #expect(try bench.run("convert", name, name).status == 73)
    for options in [[], ["--no-sync"]] {
      let command = try Command.tool(
        "ballast-convert", [name, name, "--overwrite"] + options, in: bench.folder.path)
      #expect(command.status == 0, "\(command.errors)")
      #expect(bench.folder.names == names)
      #expect(try bench.folder.names.map { try bench.folder.bytes($0) } == before)
    }
    #expect(try bench.run("verify", name, Workbench.sample).status == 0)
  }

  @Test(arguments: ["image.keras", "image.weights.h5", "image.h5"])
  func aFileOfKerasMayBeWrittenOverItself(_ name: String) throws {
    try FileManager.default.copyItem(
      atPath: Workbench.keras(name), toPath: bench.folder.file(name))
    let command = try bench.run("convert", name, name, "--overwrite")
    #expect(command.status == 0, "\(command.errors)")
    #expect(try bench.run("verify", name, Workbench.keras(name)).status == 0)
    #expect(bench.folder.names == [name])
  }

  /// Other formats under the old name, and converted in place.
  @Test func aFileMayBecomeAnotherInItsPlace() throws {
    try bench.run("convert", Workbench.sample, "a.safetensors", "--quiet")
    for format in ["pytorch", "ballast", "gguf", "onnx", "matlab", "safetensors"] {
      let command = try bench.run(
        "convert", "a.safetensors", "a.safetensors", "--overwrite", "--to", format)
      #expect(command.status == 0, "\(format): \(command.errors)")
      #expect(try bench.run("verify", "a.safetensors", Workbench.sample).status == 0)
    }
    #expect(bench.folder.names == ["a.safetensors"])
  }

  @Test func aFolderOfArraysIsNotWrittenOver() throws {
    try bench.run("convert", Workbench.sample, "arrays/", "--to", "numpy", "--quiet")
    let command = try bench.run("convert", "arrays/", "arrays/", "--to", "numpy", "--overwrite")
    expectRefusal(command, 73, "arrays", "not empty")
    #expect(try bench.run("verify", "arrays/", Workbench.sample).status == 0)
  }

  @Test func reportSaysWhatWasDone() throws {
    let command = try bench.run("convert", Workbench.sample, "a.h5")
    #expect(command.errors.isEmpty)
    #expect(command.output.contains("9 parameters, 7 buffers, 27 optimizer tensors (Adam)"))
    let json = try bench.run("convert", "a.h5", "b.h5", "--json").json()
    #expect(
      Set(json.keys) == [
        "input", "input_format", "output", "output_format", "parameters", "buffers", "optimizer",
        "models", "optimizers", "roles", "tensor_bytes", "file_bytes", "metadata", "losses",
        "notes",
        "twin", "twin_settings",
      ])
    #expect(json["parameters"] as? Int == 9)
    #expect(json["buffers"] as? Int == 7)
    #expect(json["input_format"] as? String == "ballast")
    #expect(json["metadata"] as? [String] == ["epoch", "loss", "classes"])
    let size = try bench.folder.bytes("b.h5").count
    #expect(json["file_bytes"] as? Int == size)
    #expect((json["optimizer"] as? [String: Any])?["tensors"] as? Int == 27)
  }

  @Test func rolesAreReportedByRule() throws {
    let json = try bench.run("convert", Workbench.sample, "a.h5", "--json").json()
    #expect(
      json["roles"] as? [String: Int] == [
        "dtype_or_name": 6, "optimizer_omission": 1, "default": 9,
      ])
  }

  @Test func includeAndExcludeSelectKeys() throws {
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    let whole = try bench.read("a.h5")
    let command = try bench.run(
      "convert", "a.h5", "b.h5", "--include", "^features", "--include", "bias$", "--exclude",
      "running_|num_batches")
    #expect(command.output.contains("note: 8 tensors left out"), "\(command.output)")
    let part = try bench.read("b.h5")
    let kept = whole.state.keys.filter {
      ($0.hasPrefix("features") || $0.hasSuffix("bias")) && !$0.contains("running_")
        && !$0.contains("num_batches")
    }
    #expect(Array(part.state.keys) == Array(kept))
    #expect(kept.count == 8)
    #expect(part.optimizer?.state.keys.allSatisfy { kept.contains($0) } == true)
    #expect(part.optimizer?.groups.first?.parameters.allSatisfy { kept.contains($0) } == true)
    for key in kept { #expect(part.state[key]?.bytes == whole.state[key]?.bytes, "\(key)") }
  }

  @Test func mapRenamesTensorsAndTheirOptimizerState() throws {
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    let command = try bench.run(
      "convert", "a.h5", "b.h5", "--map", #"^features\.(\d+)\.=layer\1."#, "--map", "^layer0=stem",
      "--map", "^nothing=x")
    #expect(command.output.contains("note: --map '^nothing=x' changed no key"))
    let renamed = try bench.read("b.h5")
    let whole = try bench.read("a.h5")
    #expect(renamed.state["stem.weight"]?.bytes == whole.state["features.0.weight"]?.bytes)
    #expect(
      renamed.state["layer5.running_var"]?.bytes == whole.state["features.5.running_var"]?.bytes)
    #expect(renamed.state["features.0.weight"] == nil)
    #expect(renamed.optimizer?.state["stem.weight"]?.count == 3)
    #expect(renamed.optimizer?.groups.first?.parameters.contains("layer1.bias") == true)
  }

  @Test func selectionsThatCannotBeMeantAreWrongUsage() throws {
    try bench.convertedSample(to: "a.h5")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--map", "^.*$=x"), 64, "'class_weights'",
      "'features.0.weight'", "both be named 'x'")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--map", "(=x"), 64, "'(=x'", "expected ')'")
    expectRefusal(try bench.run("convert", "a.h5", "b.h5", "--map", "x"), 64, "REGEX=REPLACEMENT")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--exclude", "["), 64, "--exclude '['")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--include", "^nothing"), 64, "16 tensors",
      "'class_weights'")
    #expect(bench.folder.names == ["a.h5"])
  }

  @Test func dtypeConvertsTheModelOnly() throws {
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    let command = try bench.run("convert", "a.h5", "b.h5", "--dtype", "bfloat16")
    #expect(
      command.output.contains("written as bfloat16 instead of float32, 72 of 72 rounded"),
      "\(command.output)")
    #expect(command.output.contains("  lost: and "), "\(command.output)")
    let whole = try bench.read("a.h5")
    let narrow = try bench.read("b.h5")
    for (key, entry) in whole.state.entries {
      let isFloat = entry.array.dtype == .float32
      #expect(narrow.state[key]?.dtype == (isFloat ? .bfloat16 : entry.array.dtype), "\(key)")
      let expected = isFloat ? try entry.array.converted(to: .bfloat16) : entry.array
      #expect(narrow.state[key]?.bytes == expected.bytes, "\(key)")
    }
    #expect(
      narrow.optimizer?.state["classifier.weight"]?["exp_avg"]?.tensor?.dtype == .float32)
  }

  @Test(arguments: [[], ["--shuffle"]])
  func compressionIsUndoneByEveryReader(_ options: [String]) throws {
    let values = (0..<65536).map { Float($0 % 100) }
    try bench.write(["w": .init(values, shape: [256, 256]), "s": .init(Float(1))], to: "a.h5")
    let command = try Command.tool(
      "ballast-convert", ["a.h5", "b.h5", "--compress", "6"] + options, in: bench.folder.path)
    #expect(command.status == 0)
    #expect(try bench.folder.bytes("b.h5").count < bench.folder.bytes("a.h5").count / 2)
    let filters = try HDF5File.open(bench.folder.file("b.h5")).root
      .dataset("parameters/w").filters
    #expect(filters.map(\.name) == (options.isEmpty ? [] : ["shuffle"]) + ["deflate"])
    #expect(filters.last?.parameters == [6])
    #expect(try bench.read("b.h5").state["w"]?.elements(as: Float.self) == values)
    #expect(try bench.run("verify", "a.h5", "b.h5").status == 0)
  }

  @Test func likeTakesTheRolesOfAnotherFile() throws {
    try bench.convertedSample(to: "a.h5")
    var state = try bench.read("a.h5").state
    state.entries["classifier.bias"]?.role = .buffer
    state.entries["class_weights"] = nil
    try CheckpointWriter.write(Checkpoint(state: state), to: bench.folder.file("like.h5"))
    let command = try bench.run("convert", Workbench.sample, "b.h5", "--like", "like.h5")
    #expect(command.output.contains("note: like.h5 does not have 1 key of the input"))
    #expect(command.output.contains("15 by the model or file given"))
    let roles = try bench.read("b.h5").state.entries.mapValues(\.role)
    #expect(roles["classifier.bias"] == .buffer)
    #expect(roles["classifier.weight"] == .parameter)
    #expect(roles["class_weights"] == .buffer)
    expectRefusal(
      try bench.run("convert", Workbench.sample, "c.h5", "--like", "none.h5"), 66, "none.h5")
  }

  /// Two tensors of 510,000 bytes each are in one file if its size allows for both.
  @Test(arguments: [
    ("1MB", 2), ("1MiB", 1), ("1020000", 1), ("1019999B", 2), ("1019KB", 2), ("1020kb", 1),
    ("996KiB", 2), ("997KiB", 1), ("1GB", 1),
  ])
  func sizesHaveUnits(_ size: String, _ count: Int) throws {
    try bench.write(
      [
        "a": NDArray(repeating: UInt8(1), shape: [510_000]),
        "b": NDArray(repeating: UInt8(2), shape: [510_000]),
      ], to: "in.h5")
    let command = try bench.run(
      "convert", "in.h5", "out.safetensors", "--shard-size", size, "--quiet")
    #expect(command.status == 0, "\(command.errors)")
    let files = bench.folder.names.filter { $0.hasSuffix(".safetensors") }
    #expect(files.count == count, "\(files)")
  }

  @Test func formatsAreTakenFromContentNameOrOption() throws {
    let expected = try bench.convertedSample(to: "a.h5")
    #expect(try bench.run("convert", Workbench.sample, "b", "--to", "ballast").status == 0)
    #expect(try bench.folder.bytes("b") == expected)
    try FileManager.default.copyItem(
      atPath: Workbench.sample, toPath: bench.folder.file("misnamed.h5"))
    #expect(try bench.run("convert", "misnamed.h5", "c.h5").status == 0)
    #expect(try bench.folder.bytes("c.h5") == expected)
    for name in ["d", "d.xyz", ".h5"] {
      expectRefusal(
        try bench.run("convert", "a.h5", name), 64, "--to", "ballast, huggingface, pytorch")
    }
    expectRefusal(try bench.run("convert", "a.h5", "d.h5", "--from", "pytorch"), 65, "HDF5 file")
    expectRefusal(try bench.run("convert", Workbench.sample, "d.h5", "--from", "ballast"), 65)
  }

  @Test(arguments: ["a b.h5", "ü.h5", "new\nline.h5", "quote'\".h5", "[31m.h5", "-x.h5"])
  func oddNamesAreNames(_ name: String) throws {
    let command = try bench.run("convert", Workbench.sample, "./\(name)")
    #expect(command.status == 0, "\(command.errors)")
    #expect(command.output.split(separator: "\n").count == 9)
    #expect(bench.folder.names == [name])
    #expect(try bench.run("verify", "./\(name)").status == 0)
  }
}

extension NDArray {
  /// The bytes of all elements in order.
  var bytes: [UInt8] { withContiguousBytes { [UInt8](copying: $0) } }
}
