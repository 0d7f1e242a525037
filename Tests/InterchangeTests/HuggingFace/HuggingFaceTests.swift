import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Folders that Hugging Face's libraries wrote, and files in them: see `make_huggingface.py`.
@Suite struct HuggingFaceTests {
  private static let fixtures = TestTarget.folder()
    .appending(path: "Fixtures/huggingface").path

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Tensor: Decodable, Equatable {
    let dtype: String
    let shape: [Int]
    let hex: String

    init(_ array: NDArray) {
      dtype = array.dtype.rawValue
      shape = array.shape.dimensions
      hex = array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
    }
  }

  private static func expected(_ name: String) throws -> [String: Tensor] {
    let data = try Data(contentsOf: URL(filePath: "\(fixtures)/expected.json"))
    return try #require(JSONDecoder().decode([String: [String: Tensor]].self, from: data)[name])
  }

  private func expect(_ opened: OpenedCheckpoint, is name: String) throws {
    let tensors = opened.checkpoint.state.entries.mapValues { Tensor($0.array) }
    let expected = try Self.expected(name)
    #expect(Set(tensors.keys) == Set(expected.keys))
    for (key, tensor) in expected { #expect(tensors[key] == tensor, "\(key)") }
    #expect(opened.losses.isEmpty)
    let roles = opened.checkpoint.state.entries.filter { $0.value.role == .buffer }.keys
    #expect(Set(roles) == ["norm.running_mean", "norm.num_batches_tracked", "position_ids"])
    guard name == "plain" else { return }
    let ties = opened.checkpoint.state.ties.map { Set([$0.key, $0.original]) }
    #expect(ties == [["embed.weight", "head.weight"]])
  }

  /// Copies files of a fixture into the folder of the test.
  private func copy(_ fixture: String, _ names: String...) throws {
    for name in names {
      let target = folder.file(name)
      try? FileManager.default.removeItem(atPath: target)
      try FileManager.default.copyItem(
        atPath: "\(Self.fixtures)/\(fixture)/\(name)", toPath: target)
    }
  }

  private func error(_ path: String, variant: String? = nil) -> CheckpointError? {
    do throws(CheckpointError) {
      _ = try OpenedCheckpoint(path, options: ReadOptions(variant: variant))
      return nil
    } catch {
      return error
    }
  }

  // MARK: - Folders

  @Test(
    arguments: [
      ("sharded", nil, "plain"), ("sharded_bin", nil, "plain"), ("both", nil, "plain"),
      ("variants", nil, "plain"), ("variants", "fp16", "half"), ("diffusers/unet", nil, "half"),
      ("diffusers/unet", "fp16", "half"),
    ] as [(String, String?, String)])
  func aFolderIsRead(_ name: String, _ variant: String?, _ content: String) throws {
    for access in [Access.mapped, .verified] { try expectFolder(name, variant, content, access) }
  }

  private func expectFolder(
    _ name: String, _ variant: String?, _ content: String, _ access: Access
  ) throws {
    for path in ["\(Self.fixtures)/\(name)", "\(Self.fixtures)/\(name)/"] {
      let options = ReadOptions(variant: variant)
      let opened = try OpenedCheckpoint(path, access: access, options: options)
      #expect(opened.format == .huggingFace)
      try expect(opened, is: content)
      let config = opened.checkpoint.metadata["config"]
      #expect(config?["hidden_size"] == 4 && config?["layer_norm_eps"] == 1e-12)
      #expect(config?["id2label"]?["1"] == "yes" && config?["problem_type"] == Value.none)
      let verification = try Verification(path, options: options)
      #expect(verification.problems.isEmpty)
      #expect(verification.tensorCount >= 6)
    }
  }

  @Test func whatIsNotReadIsNoted() throws {
    func notes(_ name: String, _ variant: String? = nil) throws -> String {
      try OpenedCheckpoint(
        "\(Self.fixtures)/\(name)", options: ReadOptions(variant: variant)
      ).notes.joined(separator: "\n")
    }
    #expect(try notes("sharded").isEmpty)
    #expect(try notes("both").contains("model.safetensors was read, and not pytorch_model.bin"))
    #expect(try notes("variants").contains("other variants too: fp16"))
    #expect(try notes("variants", "fp16").isEmpty)
    #expect(try notes("diffusers/unet").contains("the variant fp16 alone"))
  }

  @Test func factsNameTheFiles() throws {
    let facts = try OpenedCheckpoint.facts(
      of: "\(Self.fixtures)/variants", options: ReadOptions(variant: "fp16"))
    #expect(facts["index"] == "model.safetensors.index.fp16.json" && facts["variant"] == "fp16")
    #expect(
      facts["files"]
        == .list((1...4).map { .string("model.fp16-0000\($0)-of-00004.safetensors") }))
    // Of all files that are read, by whatever path.
    for name in ["sharded", "sharded_bin", "both"] {
      let path = "\(Self.fixtures)/\(name)"
      let isSharded = name != "both"
      let names = try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { isSharded ? $0 != "config.json" : $0 == "model.safetensors" }
      let byteCount = try names.reduce(0) {
        try $0 + Data(contentsOf: URL(filePath: "\(path)/\($1)")).count
      }
      #expect(try OpenedCheckpoint.facts(of: path)["bytes"] == .int(byteCount), "\(name)")
      for index in names where index.hasSuffix(".index.json") {
        #expect(try OpenedCheckpoint.facts(of: "\(path)/\(index)")["bytes"] == .int(byteCount))
      }
    }
    let bin = try OpenedCheckpoint.facts(of: "\(Self.fixtures)/sharded_bin")
    #expect(bin["globals"]?.elements?.contains("torch._utils._rebuild_tensor_v2") == true)
  }

  @Test func anAdapterIsRead() throws {
    let opened = try OpenedCheckpoint("\(Self.fixtures)/adapter")
    #expect(Array(opened.checkpoint.state.keys) == ["base.lora_A.weight", "base.lora_B.weight"])
    #expect(opened.checkpoint.metadata["adapter_config"]?["r"] == 2)
    #expect(opened.checkpoint.metadata["config"] == nil)
  }

  @Test func aPipelineIsNamed() throws {
    let refusal = try #require(error("\(Self.fixtures)/diffusers"))
    #expect(refusal.code == .refused && refusal.reason.contains("pipeline of diffusers"))
    #expect(refusal.advice?.contains("(unet)") == true)
    #expect(refusal.advice?.contains("diffusers/unet.") == true)
  }

  // MARK: - Which files

  /// Writes a file of one tensor, so that what was read can be told.
  private func write(_ value: Float, _ name: String) throws {
    let checkpoint = Checkpoint(state: ["w": NDArray([value])])
    let format: FileFormat = name.hasSuffix(".bin") ? .pytorch : .safetensors
    try checkpoint.write(to: folder.file(name), format: format)
  }

  private func write(index name: String, of file: String) throws {
    try folder.write(#"{"weight_map": {"w": "\#(file)"}}"#.utf8, to: name)
  }

  private func value(_ variant: String? = nil) throws -> Float? {
    let opened = try OpenedCheckpoint(folder.path, options: ReadOptions(variant: variant))
    return opened.checkpoint.state["w"]?.withContiguousBytes { $0.load(Float.self, at: 0) }
  }

  @Test func safetensorsAndIndexesComeFirst() throws {
    // Files that an index names are no other models, whatever they are called.
    try write(1, "part.safetensors")
    try write(index: "model.safetensors.index.json", of: "part.safetensors")
    try write(3, "model.safetensors")
    try write(4, "weights.bin")
    try write(index: "pytorch_model.bin.index.json", of: "weights.bin")
    try write(5, "pytorch_model.bin")
    for (expected, names) in [
      (1 as Float, ["model.safetensors.index.json", "part.safetensors"]),
      (3, ["model.safetensors"]), (4, ["pytorch_model.bin.index.json"]),
      (5, ["pytorch_model.bin"]),
    ] {
      #expect(try value() == expected)
      for name in names { try FileManager.default.removeItem(atPath: folder.file(name)) }
    }
    #expect(error(folder.path)?.code == .notThisFormat)
  }

  @Test(
    arguments: [
      ("model.fp16.safetensors", "fp16"), ("pytorch_model.bf16.bin", "bf16"),
      ("diffusion_pytorch_model.non_ema.safetensors", "non_ema"), ("adapter_model.bin", nil),
      ("diffusion_pytorch_model.bin", nil), ("consolidated.safetensors", nil),
    ] as [(String, String?)])
  func namesSayTheVariant(_ name: String, _ variant: String?) throws {
    try write(2, name)
    #expect(try FileFormat.detect(folder.path) == .huggingFace)
    #expect(try value(variant) == 2)
    let facts = try OpenedCheckpoint.facts(of: folder.path)
    #expect(facts["variant"]?.stringValue == variant)
    #expect(error(folder.path, variant: "other")?.code == .refused)
  }

  @Test(arguments: [
    ("model.fp16-00001-of-00002.safetensors", "model.safetensors.index.fp16.json"),
    ("model-00001-of-00002.fp16.safetensors", "model.safetensors.index.fp16.json"),
    ("model.fp16-00001-of-00002.safetensors", "model.fp16.safetensors.index.json"),
    ("pytorch_model-00001-of-00002.fp16.bin", "pytorch_model.bin.index.fp16.json"),
    ("model.safetensors-00001-of-00002.safetensors", "model.safetensors.index.json"),
    ("model-00001-of-000002.safetensors", "model.safetensors.index.json"),
  ])
  func shardsOfAllSpellingsAreGathered(_ shard: String, _ index: String) throws {
    let second = shard.replacingOccurrences(of: "-00001-", with: "-00002-")
    let format: FileFormat = shard.hasSuffix(".bin") ? .pytorch : .safetensors
    for (key, name) in [("a", shard), ("b", second)] {
      try Checkpoint(state: [key: NDArray([key == "a" ? 1 as Float : 2])])
        .write(to: folder.file(name), format: format)
    }
    // All are there: nothing is missing but the order.
    for name in [shard, second, ""] {
      let opened = try OpenedCheckpoint(folder.file(name))
      #expect(Array(opened.checkpoint.state.keys) == ["a", "b"], "\(name)")
      #expect(opened.losses == [] && opened.notes.contains { $0.contains("No index") })
    }
    let bytes = try folder.bytes(second)
    try FileManager.default.removeItem(atPath: folder.file(second))
    let missing = try #require(error(folder.file(shard)))
    #expect(missing.code == .damaged && missing.reason.contains("part 1 of 2"))
    #expect(missing.reason.contains(second))
    let folderError = try #require(error(folder.path))
    #expect(folderError.code == .damaged && folderError.reason.contains("1 of 2"))
    #expect(folderError.reason.contains(second))
    try folder.write(bytes, to: second)
    try folder.write(
      #"{"weight_map": {"b": "\#(second)", "a": "\#(shard)"}}"#.utf8, to: index)
    for name in [shard, second, "", index] {
      let opened = try OpenedCheckpoint(folder.file(name))
      #expect(Array(opened.checkpoint.state.keys) == ["b", "a"], "\(name)")
      #expect(try Verification(folder.file(name)).tensorCount == 2)
    }
  }

  @Test func severalModelsAreRefusedWithTheChoice() throws {
    try write(1, "model.safetensors")
    for other in ["adapter_model.safetensors", "consolidated.safetensors", "adapter_model.bin"] {
      try write(2, other)
      let refusal = try #require(error(folder.path))
      #expect(refusal.code == .refused)
      #expect(refusal.reason.contains("model.safetensors") && refusal.reason.contains(other))
      #expect(refusal.advice?.contains(folder.file(min("model.safetensors", other))) == true)
      try FileManager.default.removeItem(atPath: folder.file(other))
    }
    try FileManager.default.removeItem(atPath: folder.file("model.safetensors"))
    try write(3, "model.fp16.safetensors")
    try write(4, "pytorch_model.bf16.bin")
    let refusal = try #require(error(folder.path))
    #expect(refusal.code == .refused && refusal.advice?.contains("--variant fp16") == true)
    #expect(try value("fp16") == 3)
    #expect(try value("bf16") == 4)
    let none = try #require(error(folder.path, variant: "fp8"))
    #expect(none.advice == "It has these: fp16, bf16.")
  }

  @Test func whatIsNoWeightsIsPassedOver() throws {
    try write(1, "model.safetensors")
    for name in ["training_args.bin", "optimizer.bin", "scheduler.bin"] { try write(2, name) }
    try folder.write("{}".utf8, to: "tokenizer.json")
    #expect(try value() == 1)
  }

  @Test func otherFormatsHaveNoVariants() throws {
    try Checkpoint(state: ["w": NDArray([Float(1)])]).write(
      to: folder.file("a.h5"), format: .ballast)
    let refusal = error(folder.file("a.h5"), variant: "fp16")
    #expect(refusal?.code == .unsupported && refusal?.reason.contains("fp16") == true)
    let file = error("\(Self.fixtures)/sharded_bin/pytorch_model.bin.index.json", variant: "fp16")
    #expect(file?.code == .refused)
  }

  // MARK: - Files by themselves

  @Test(arguments: [
    ("sharded_bin/pytorch_model.bin.index.json", "plain", FileFormat.huggingFace),
    ("variants/model.safetensors.index.fp16.json", "half", .huggingFace),
    ("sharded/model.safetensors.index.json", "plain", .safetensors),
    ("both/model.safetensors", "plain", .safetensors),
    ("both/pytorch_model.bin", "plain", .pytorch),
  ])
  func anIndexIsRead(_ name: String, _ content: String, _ format: FileFormat) throws {
    let path = "\(Self.fixtures)/\(name)"
    let opened = try OpenedCheckpoint(path)
    #expect(opened.format == format)
    try expect(opened, is: content)
    #expect(try Verification(path).problems.isEmpty)
    try expect(try OpenedCheckpoint(path, format: .huggingFace), is: content)
  }

  @Test(arguments: ["sharded", "sharded_bin", "variants"])
  func aShardIsReadWithItsSiblings(_ name: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(Self.fixtures)/\(name)")
      .filter { $0.contains("-of-") }
    #expect(names.count >= 3)
    for shard in names {
      let opened = try OpenedCheckpoint("\(Self.fixtures)/\(name)/\(shard)")
      #expect(opened.format == .huggingFace)
      try expect(opened, is: name == "variants" ? "half" : "plain")
      #expect(opened.notes.contains { $0.contains("\(shard) is a part of a model") })
    }
  }

  @Test func aShardIsNeverTakenForTheWhole() throws {
    let shards = (1...3).map { "pytorch_model-0000\($0)-of-00003.bin" }
    try copy("sharded_bin", shards[1])
    let alone = try #require(error(folder.file(shards[1])))
    #expect(alone.code == .damaged)
    #expect(
      alone.reason.hasSuffix(
        "\(shards[0]), \(shards[2]) are not beside it"))
    #expect(try Verification(folder.file(shards[1])).problems.count == 1)
    // Only who says so gets the part.
    let part = try OpenedCheckpoint(folder.file(shards[1]), format: .pytorch)
    #expect(part.checkpoint.state.count == 4)

    try copy("sharded_bin", shards[0], shards[2])
    #expect(try OpenedCheckpoint(folder.file(shards[1])).checkpoint.state.count == 7)
    try copy("sharded_bin", "pytorch_model.bin.index.json")
    #expect(try OpenedCheckpoint(folder.file(shards[1])).checkpoint.state.count == 7)
    try FileManager.default.removeItem(atPath: folder.file(shards[2]))
    for path in [folder.path, folder.file("pytorch_model.bin.index.json"), folder.file(shards[1])] {
      #expect(error(path)?.reason.contains(shards[2]) == true, "\(path)")
      #expect(try Verification(path).problems.count == 1)
    }
    // An index that names another model does not help.
    try copy("sharded_bin", shards[2])
    try folder.write(
      #"{"weight_map": {"a": "x.bin"}}"#.utf8, to: "pytorch_model.bin.index.json")
    #expect(error(folder.file(shards[1]))?.reason.contains("does not name it") == true)
  }

  /// The names of the library's shards say how many they are.
  @Test(arguments: ["sharded", "sharded_bin"]) func aWholeSetNeedsNoIndex(_ name: String) throws {
    let path = "\(Self.fixtures)/\(name)"
    for file in try FileManager.default.contentsOfDirectory(atPath: path)
    where !file.hasSuffix(".index.json") {
      try FileManager.default.copyItem(atPath: "\(path)/\(file)", toPath: folder.file(file))
    }
    let opened = try OpenedCheckpoint(folder.path, access: .verified)
    let tensors = opened.checkpoint.state.entries.mapValues { Tensor($0.array) }
    var expected = try Self.expected("plain")
    // The other name of a tensor is in the index of safetensors.
    if name == "sharded" { expected["head.weight"] = nil }
    #expect(Dictionary(uniqueKeysWithValues: tensors.map { ($0.key, $0.value) }) == expected)
    #expect(opened.losses == [] && opened.notes.count == 1)
    let facts = try OpenedCheckpoint.facts(of: folder.path)
    #expect(facts["index"] == nil && facts["files"]?.elements?.count ?? 0 >= 3)
    #expect(try Verification(folder.path).problems.isEmpty)

    // Of two sets nobody knows which one is meant.
    let shard = try #require(folder.names.first { $0.contains("-00001-of-") })
    let stray = shard.replacing(/-of-\d+/, with: "-of-00009")
    try folder.write(folder.bytes(shard), to: stray)
    let refusal = try #require(error(folder.path))
    #expect(refusal.code == .refused && refusal.reason.contains(stray))
    // Nor what is in two files.
    try FileManager.default.removeItem(atPath: folder.file(stray))
    let second = shard.replacing("-00001-", with: "-00002-")
    try folder.write(folder.bytes(shard), to: second)
    #expect(error(folder.path)?.reason.contains("have this tensor") == true)
  }

  /// Ballast's index has what the tensors are: without it those of the optimizer would be the model's.
  @Test func anOutlineIsMissed() throws {
    var options = WriteOptions()
    options.huggingFace.shardByteCount = 200
    try Checkpoint.rich().write(to: folder.file("out"), format: .huggingFace, options: options)
    try FileManager.default.removeItem(
      atPath: folder.file("out/model.safetensors.index.json"))
    let missing = try #require(error(folder.file("out")))
    #expect(missing.code == .damaged && missing.reason.contains("no index"))
  }

  /// Of several sets that an index names, each has to be whole.
  @Test func everySetOfAnIndexIsHeld() throws {
    for name in ["a-00001-of-00001", "b-00001-of-00002"] {
      try write(1, "\(name).safetensors")
    }
    try folder.write(
      #"{"weight_map": {"v": "a-00001-of-00001.safetensors", "w": "b-00001-of-00002.safetensors"}}"#
        .utf8, to: "x.safetensors.index.json")
    let path = folder.file("x.safetensors.index.json")
    #expect(error(path)?.reason.contains("b-00002-of-00002.safetensors") == true)
  }

  // MARK: - Files that say different things

  @Test(.needsPeers) func textsThatDifferAreTold() throws {
    try Peers.run("write_shards.py", [folder.path])
    for name in ["texts", "texts/model.safetensors.index.json"] {
      let opened = try OpenedCheckpoint(folder.file(name))
      // The library writes the texts of a file in any order.
      let metadata = opened.checkpoint.metadata.sorted { $0.key < $1.key }
      #expect(metadata.map(\.key) == ["by", "more", "note", "same"])
      #expect(metadata.map(\.value) == [["hand": true], "x", "first", "1"])
      #expect(opened.checkpoint.origin["safetensors"]?["texts"]?["format"] == "pt")
      #expect(
        opened.losses.map { "\($0.kind.rawValue) \($0.subject ?? "-") \($0.detail.prefix(12))" }
          == ["metadata_dropped note model-00002-", "metadata_dropped same the index ha"])
    }
  }

  /// Entries that are no tensors come along from every file.
  @Test(.needsPeers) func extraStatesOfShardsAreKept() throws {
    try Peers.run("write_shards.py", [folder.path])
    let opened = try OpenedCheckpoint(folder.file("bin"))
    let structure = try #require(opened.checkpoint.origin["pytorch"])
    #expect(structure["extra_state"]?["a._extra_state"] == ["scale": 2.0])
    #expect(structure["extra_state"]?["b._extra_state"] == .bytes(Array("bytes".utf8)))
    #expect(structure["extra_state"]?["same"] == "text")
    #expect(structure["parameter_objects"]?.elements == ["b.weight"])
    #expect(opened.checkpoint.metadata == ["origin": ["by": "hand"]])
    #expect(
      opened.losses.map { "\($0.kind.rawValue) \($0.subject ?? "-")" }
        == ["metadata_dropped same"])
    // And on: in PyTorch's own file they are what they were.
    try opened.checkpoint.write(to: folder.file("whole.pth"), format: .pytorch)
    let whole = try OpenedCheckpoint(folder.file("whole.pth")).checkpoint
    let extras = structure["extra_state"]?.dictionary ?? [:]
    #expect(whole.origin["pytorch"]?["extra_state"]?.dictionary?.count == extras.count)
    for (key, value) in extras {
      #expect(whole.origin["pytorch"]?["extra_state"]?.dictionary?[key] == value)
    }
  }

  @Test func theFirstOfOneIsTheWhole() throws {
    try write(1, "model-00001-of-00001.safetensors")
    let opened = try OpenedCheckpoint(folder.file("model-00001-of-00001.safetensors"))
    #expect(opened.format == .safetensors && opened.checkpoint.state.count == 1)
  }

  // MARK: - Indexes that lie

  @Test func indexesOfPyTorchFilesAreHeldAgainstThem() throws {
    for number in 1...2 {
      let state: StateDict = number == 1 ? ["a": NDArray([Float(1)])] : ["b": NDArray([Float(2)])]
      try Checkpoint(state: state).write(to: folder.file("x\(number).bin"), format: .pytorch)
    }
    func refusal(_ index: String) throws -> CheckpointError? {
      try folder.write(index.utf8, to: "pytorch_model.bin.index.json")
      let path = folder.file("pytorch_model.bin.index.json")
      let refusal = error(path)
      // Checking finds the same.
      if refusal?.code == .damaged {
        let problems = try Verification(path).problems
        #expect(problems.count == 1 && problems.first?.reason == refusal?.reason)
      }
      return refusal
    }
    func code(_ map: String) throws -> CheckpointError.Code? {
      try refusal(#"{"weight_map": \#(map)}"#)?.code
    }
    #expect(try code(#"{"a": "x1.bin", "b": "x2.bin"}"#) == nil)
    #expect(try code(#"{"a": "x1.bin"}"#) == nil)
    #expect(try code(#"{"a": "x1.bin", "b": "x1.bin"}"#) == .damaged)
    #expect(try code(#"{"a": "x1.bin", "c": "x2.bin"}"#) == .damaged)
    #expect(try code(#"{"a": "x2.bin", "b": "x1.bin"}"#) == .damaged)
    #expect(try code(#"{"a": "x1.bin", "a": "x2.bin"}"#) == .damaged)
    #expect(try code(#"{"a": "x3.bin"}"#) == .damaged)
    #expect(try code(#"{"a": 3}"#) == .damaged)
    #expect(try code(#"{"a": "../x1.bin"}"#) == .refused)
    #expect(try code(#"{"a": "/etc/passwd"}"#) == .refused)
    #expect(try code(#"{"a": ".."}"#) == .refused)
    #expect(try code(#"{"a": ""}"#) == .refused)
    #expect(try code("3") == .notThisFormat)
    #expect(try refusal("{")?.code == .damaged)
  }

  @Test(arguments: ["safetensors", "bin"]) func aPartThatAnIndexLeavesOutIsMissed(
    _ ending: String
  ) throws {
    let format: FileFormat = ending == "bin" ? .pytorch : .safetensors
    for number in 1...2 {
      try Checkpoint(state: ["w\(number)": NDArray([Float(1)])]).write(
        to: folder.file("m-0000\(number)-of-00002.\(ending)"), format: format)
    }
    let index = "m.\(ending).index.json"
    try folder.write(#"{"weight_map": {"w1": "m-00001-of-00002.\#(ending)"}}"#.utf8, to: index)
    #expect(error(folder.file(index))?.reason.contains("m-00002-of-00002.\(ending)") == true)
  }

  @Test func aWrongTotalIsNoted() throws {
    try write(1, "x.bin")
    for (size, isNoted) in [("4", false), ("4.0", false), ("5", true)] {
      try folder.write(
        #"{"metadata": {"total_size": \#(size)}, "weight_map": {"w": "x.bin"}}"#.utf8,
        to: "pytorch_model.bin.index.json")
      let notes = try OpenedCheckpoint(folder.file("pytorch_model.bin.index.json")).notes
      #expect(notes.contains { $0.contains("have 5 bytes, and they have 4") } == isNoted)
    }
  }

  // MARK: - Damage

  @Test func damageOfAShardIsFound() throws {
    let shards = (1...3).map { "pytorch_model-0000\($0)-of-00003.bin" }
    try copy("sharded_bin", shards[0], shards[1], shards[2], "pytorch_model.bin.index.json")
    let weight = try #require(OpenedCheckpoint(folder.path).checkpoint.state["layer.weight"])
    var bytes = try folder.bytes(shards[1])
    let place = try #require(
      bytes.firstRange(of: weight.withContiguousBytes { [UInt8](copying: $0) }))
    bytes[place.lowerBound] ^= 1
    try folder.write(bytes, to: shards[1])
    let problems = try Verification(folder.path).problems
    #expect(problems.count == 1 && problems[0].file.hasSuffix(shards[1]))
    #expect(problems.first?.place?.contains("layer.weight") == true)
    #expect(throws: CheckpointError.self) {
      _ = try OpenedCheckpoint(folder.path, access: .verified)
    }
    // Opening reads what is small, and finds it; what is large a conversion finds as it reads it.
    #expect(throws: (any Error).self) {
      let damaged = try OpenedCheckpoint(folder.path)
      let plan = try damaged.checkpoint.plan(to: folder.file("out.h5"), format: .ballast)
      _ = try plan.write(checking: damaged.check())
    }
    #expect(!folder.names.contains("out.h5"))
  }

  @Test func aConfigurationThatIsNoneIsALoss() throws {
    try write(1, "model.safetensors")
    try folder.write(#"{"a": NaN}"#.utf8, to: "config.json")
    let opened = try OpenedCheckpoint(folder.path)
    #expect(opened.checkpoint.metadata.isEmpty)
    #expect(opened.losses.map(\.kind) == [.metadataDropped])
    #expect(opened.losses.first?.subject == "config")
  }
}
