import Arrays
import Checkpoints
import Files
import Interchange
import PyTorchFiles
import States
import TestSupport
import Testing

/// Mappings, prefixes and losses as the tools take and tell them.
@Suite struct MappingTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func writeMapping(_ rules: String, to name: String = "map.json") throws {
    try bench.folder.write(#"{"ballast_mapping": 1, "rules": [\#(rules)]}"#.utf8, to: name)
  }

  @Test func aMappingLeadsThereAndBack() throws {
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    try writeMapping(
      #"""
      {"rename": "^features\\.(\\d+)\\.", "to": "layer\\1."},
      {"transpose": "^classifier\\.weight$"},
      {"split": "layer0\\.(weight|bias)", "axis": 0, "into": ["low.\\1", "high.\\1"]}
      """#)
    let there = try bench.run("convert", "a.h5", "b.h5", "--map-file", "map.json")
    #expect(there.status == 0, "\(there.errors)")
    #expect(!there.output.contains("note:"), "\(there.output)")
    let mapped = try bench.read("b.h5")
    let whole = try bench.read("a.h5")
    #expect(mapped.state["low.weight"]?.shape == [4, 1, 3, 3])
    #expect(mapped.optimizer?.state["high.weight"]?["exp_avg"]?.tensor?.shape == [4, 1, 3, 3])
    #expect(
      mapped.state["classifier.weight"]?.bytes
        == whole.state["classifier.weight"]?.transposed().copied().bytes)
    let back = try bench.run("convert", "b.h5", "c.h5", "--map-file", "map.json", "--map-inverse")
    #expect(back.status == 0, "\(back.errors)")
    let same = try bench.run("verify", "a.h5", "c.h5")
    #expect(same.status == 0, "\(same.output)")
  }

  @Test func mappingsThatCannotBeUsedAreWrongUsage() throws {
    try bench.convertedSample(to: "a.h5")
    try writeMapping(#"{"rename": "^f.*", "to": "x"}"#)
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--map-file", "map.json"), 64,
      "rule 1 of the mapping", "would both be named 'x'")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--map-file", "map.json", "--map-inverse"), 64,
      "how to undo it does not follow", #""inverse""#)
    try writeMapping(#"{"renam": "x"}"#)
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--map-file", "map.json"), 64, "map.json",
      "rule 1 of the mapping")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--map-file", "none"), 64,
      "torchvision-resnet-from-huggingface")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--strip-prefix", "x."), 64, "begins with 'x.'")
    expectRefusal(
      try bench.run("convert", "a.h5", "b.h5", "--strip-prefix"), 64, "no known prefix")
    #expect(bench.folder.names == ["a.h5", "map.json"])
  }

  @Test func prefixesAreOfferedWhereTheyStandInTheWay() throws {
    try bench.write(
      [
        "module.0.weight": NDArray(zeros: [4, 3], dtype: .float32),
        "module.0.bias": NDArray(zeros: [4], dtype: .float32),
      ], to: "a.h5")
    let offered = try bench.run("convert", "a.h5", "b.h5")
    #expect(offered.output.contains("all keys begin with 'module.'; --strip-prefix removes it"))
    #expect(try bench.run("convert", "a.h5", "c.h5", "--strip-prefix").status == 0)
    #expect(Array(try bench.read("c.h5").state.keys) == ["0.weight", "0.bias"])
    let refused = try bench.run("load", "a.h5", "--model", "mlp(3,4)")
    #expect(refused.status == 1)
    #expect(
      refused.errors.contains("All keys begin with 'module.': --strip-prefix 'module.'"),
      "\(refused.errors)")
    let loaded = try bench.run("load", "a.h5", "--model", "mlp(3,4)", "--strip-prefix", "module.")
    #expect(loaded.status == 0, "\(loaded.errors)")
  }

  @Test func lossesAreToldAndRefusedIfStrict() throws {
    let told = try bench.run("convert", Workbench.sample, "a.h5")
    #expect(
      told.output.contains(
        "  guessed: features.1.running_mean, features.1.running_var, "
          + "features.1.num_batches_tracked and 3 more: taken as a buffer for its type or its name"),
      "\(told.output)")
    let json = try bench.run("convert", Workbench.sample, "b.h5", "--json").json()
    let losses = try #require(json["losses"] as? [[String: Any]])
    #expect(losses.count == 16)
    #expect(losses.allSatisfy { $0["kind"] as? String == "role_guessed" })
    expectRefusal(
      try bench.run("convert", Workbench.sample, "c.h5", "--strict=roles"), 65, "(--strict)",
      "taken as a buffer", "--like or --model")
    #expect(try bench.run("convert", Workbench.sample, "d.h5", "--strict").status == 0)
    expectRefusal(
      try bench.run("convert", "a.h5", "c.h5", "--strict", "--dtype", "float16"), 65,
      "instead of float32")
    #expect(bench.folder.names == ["a.h5", "b.h5", "d.h5"])
    #expect(try bench.run("convert", "a.h5", "c.h5", "--strict=roles").status == 0)
    #expect(try bench.folder.bytes("a.h5") == bench.folder.bytes("c.h5"))
    #expect(bench.folder.names == ["a.h5", "b.h5", "c.h5", "d.h5"])
  }

  @Test(arguments: [
    ["x.pth", "--compress", "4"], ["x.safetensors", "--compress", "4"],
    ["x.npz", "--compress", "4", "--shuffle"], ["x.h5", "--layout", "lightning"],
    ["x.h5", "--parameter-objects"],
    ["x.h5", "--shard-size", "5GB"], ["x.safetensors", "--shard-size", "5 GB"],
    ["x.gguf", "--compress", "4"], ["x.h5", "--quantize", "q8_0"],
    ["x.gguf", "--quantize", "q4_k"],
    ["x.onnx", "--compress", "4"], ["x.h5", "--onnx-template", "t.onnx"],
    ["x.h5", "--dequantize", "float64"], ["x.h5", "--dequantize", "float32"],
    ["x.h5", "--map-inverse"],
  ])
  func optionsThatAFormatHasNoUseForAreRefused(_ arguments: [String]) throws {
    try bench.write(["w": .init([Float(1)])], to: "a.h5")
    let command = try Command.tool(
      "ballast-convert", ["a.h5"] + arguments, in: bench.folder.path)
    #expect(command.status == 64, "\(command.errors)")
    #expect(bench.folder.names == ["a.h5"])
  }

  /// What a mapping or a renaming costs is a loss as any other, and --strict refuses it.
  @Test(
    arguments: [
      (#"{"cast": "^w$", "dtype": "float16"}"#, "keys.h5", ["value_rounded"]),
      (#"{"cast": "^big$", "dtype": "float16"}"#, "keys.h5", ["value_overflowed"]),
      (#"{"cast": "^w$", "dtype": "int32"}"#, "keys.h5", ["value_rounded"]),
      (#"{"cast": "^w$", "dtype": "float64"}"#, "keys.h5", []),
      (#"{"transpose": "^w$"}"#, "keys.h5", []),
      (#"{"transpose": "^w$"}"#, "positions.h5", ["optimizer_dropped"]),
      (#"{"rename": "^w$", "to": "v"}"#, "positions.h5", []),
    ] as [(String, String, [String])])
  func whatAMappingLosesIsTold(_ rule: String, _ input: String, _ kinds: [String]) throws {
    let weight = NDArray([Float(0.1), 2, 3, 4], shape: [2, 2])
    let slots: OptimizerState.Slots = ["exp_avg": .tensor(weight.copied())]
    for naming in [OptimizerState.Naming.keys, .positions] {
      let name = naming == .keys ? "w" : "0"
      var state = StateDict()
      state.entries["w"] = .init(weight, role: .parameter)
      state.entries["big"] = .init(NDArray([Float(1e6)]), role: .parameter)
      let optimizer = OptimizerState(
        type: "Adam", naming: naming, state: [name: slots],
        groups: [.init(options: ["lr": 0.1], parameters: [name])])
      try Checkpoint(state: state, optimizer: optimizer)
        .write(to: bench.folder.file("\(naming).h5"), format: .ballast)
    }
    try writeMapping(rule)
    let told = try bench.run("convert", input, "a.h5", "--map-file", "map.json", "--json")
    #expect(told.status == 0, "\(told.errors)")
    let losses = try #require(told.json()["losses"] as? [[String: Any]])
    #expect(losses.map { $0["kind"] as? String ?? "" } == kinds)
    let strict = try bench.run(
      "convert", input, "b.h5", "--map-file", "map.json", "--strict", "--quiet")
    #expect(strict.status == (kinds.isEmpty ? 0 : 65), "\(strict.errors)")
    #expect(bench.folder.names.contains("b.h5") == kinds.isEmpty)
  }

  /// A role stays a guess under another name.
  @Test(arguments: [["--map", "running_=moving_"], ["--map-file", "map.json"]])
  func aGuessStaysOneUnderAnotherName(_ options: [String]) throws {
    try writeMapping(#"{"rename": "running_", "to": "moving_"}"#)
    let told = try Command.tool(
      "ballast-convert", [Workbench.sample, "a.h5", "--json"] + options, in: bench.folder.path)
    let losses = try #require(told.json()["losses"] as? [[String: Any]])
    #expect(losses.count == 16)
    #expect(losses.allSatisfy { $0["kind"] as? String == "role_guessed" })
    #expect(losses.contains { ($0["subject"] as? String)?.hasSuffix("moving_mean") == true })
    let strict = try Command.tool(
      "ballast-convert", [Workbench.sample, "b.h5", "--strict=roles"] + options,
      in: bench.folder.path)
    expectRefusal(strict, 65, "taken as a buffer", "moving_mean")
    #expect(!bench.folder.names.contains("b.h5"))
  }

  @Test func parameterObjectsTellTheRoles() throws {
    try bench.write(["w": .init([Float(1)])], to: "a.h5")
    #expect(try bench.run("convert", "a.h5", "plain.pth").status == 0)
    #expect(try bench.run("convert", "a.h5", "told.pth", "--parameter-objects").status == 0)
    func hasObjects(_ name: String) throws -> Bool {
      try PyTorchFile(bench.folder.file(name)).globals().contains {
        $0.hasSuffix("_rebuild_parameter")
      }
    }
    #expect(try !hasObjects("plain.pth"))
    #expect(try hasObjects("told.pth"))
  }

  @Test func factsAreTold() throws {
    let torch = try bench.run("inspect", Workbench.sample, "--facts", "--json").json()
    let facts = try #require(torch["facts"] as? [String: Any])
    #expect(facts["container"] as? String == "zip")
    #expect((facts["globals"] as? [String])?.contains("collections.OrderedDict") == true)
    #expect((facts["members"] as? [[String: Any]])?.isEmpty == false)
    try bench.convertedSample(to: "a.h5")
    let command = try bench.run("inspect", "a.h5", "--facts")
    #expect(command.output.contains("  producer  Ballast "), "\(command.output)")
  }
}
