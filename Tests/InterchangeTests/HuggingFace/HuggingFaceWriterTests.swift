import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// Folders that Ballast writes as those of a repository.
@Suite struct HuggingFaceWriterTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let weights = HuggingFaceOptions.Weights.allCases

  private func options(
    _ weights: HuggingFaceOptions.Weights = .safetensors, variant: String? = nil,
    shardByteCount: Int? = nil
  ) -> WriteOptions {
    var options = WriteOptions()
    options.isDurable = false
    options.huggingFace.weights = weights
    options.huggingFace.variant = variant
    if let shardByteCount { options.huggingFace.shardByteCount = shardByteCount }
    return options
  }

  private func names(_ name: String = "out") -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.file(name))) ?? []).sorted()
  }

  /// A model alone, with ties, views, and roles that no rule would guess.
  private static func model() -> Checkpoint {
    var state = StateDict()
    let whole = NDArray((0..<24).map { Float($0) / 8 - 1 }, shape: [4, 6])
    state.entries["z.weight"] = .init(whole, role: .parameter)
    state.entries["a.bias"] = .init(NDArray([Int64(1), 2]), role: .parameter)
    state.entries["m.half"] = .init(
      NDArray(zeros: [2, 3], dtype: .bfloat16), role: .buffer)
    state.entries["head.weight"] = .init(whole, role: .parameter)
    state.entries["rows"] = .init(whole.sliced(axis: 0, 1..<3), role: .buffer)
    state.entries["scale"] = .init(NDArray(Double(2.5)), role: .buffer)
    state.moduleVersions = ["": 1, "z": 2]
    return Checkpoint(state: state)
  }

  // MARK: - There and back

  @Test(arguments: [5_000_000_000, 200]) func everythingComesBack(_ limit: Int) throws {
    let checkpoint = Checkpoint.rich()
    let path = folder.file("out")
    let summary = try checkpoint.write(
      to: path, format: .huggingFace, options: options(shardByteCount: limit))
    #expect(summary.losses.allSatisfy { $0.kind == .dtypeChanged })
    #expect(
      summary.fileByteCount == (try names().reduce(0) { try $0 + folder.bytes("out/\($1)").count }))
    let opened = try OpenedCheckpoint(path)
    #expect(opened.format == .huggingFace && opened.notes.isEmpty && opened.losses.isEmpty)
    checkpoint.expectSame(opened.checkpoint)
    let verification = try Verification(path)
    #expect(verification.problems.isEmpty && verification.notes.isEmpty)
  }

  @Test(arguments: weights, [nil, 100]) func aModelComesBack(
    _ weights: HuggingFaceOptions.Weights, _ limit: Int?
  ) throws {
    let checkpoint = Self.model()
    let path = folder.file("out")
    let summary = try checkpoint.write(
      to: path, format: .huggingFace, options: options(weights, shardByteCount: limit))
    #expect(summary.losses.isEmpty)
    let opened = try OpenedCheckpoint(path, access: .verified)
    checkpoint.expectSame(opened.checkpoint)
    #expect(
      opened.notes.isEmpty && opened.losses.isEmpty
        && opened.roleRules.values.allSatisfy {
          $0 == .outline
        })
    let verification = try Verification(path)
    #expect(verification.problems.isEmpty && verification.notes.isEmpty)
    #expect(verification.tensorCount >= 5)
    let stem = weights == .safetensors ? "model" : "pytorch_model"
    let ending = weights.rawValue
    if limit == nil {
      #expect(names() == ["\(stem).\(ending)"])
    } else {
      let count = names().count - 1
      #expect(count >= 2)
      let shards = (1...count).map { "\(stem)-0000\($0)-of-0000\(count).\(ending)" }
      #expect(names() == shards + ["\(stem).\(ending).index.json"])
    }
  }

  @Test func theSameCheckpointGivesTheSameBytes() throws {
    for weights in Self.weights {
      for name in ["a", "b"] {
        try Self.model().write(
          to: folder.file("\(weights)\(name)"), format: .huggingFace,
          options: options(weights, shardByteCount: 100))
      }
      for name in names("\(weights)a") {
        #expect(try folder.bytes("\(weights)a/\(name)") == folder.bytes("\(weights)b/\(name)"))
      }
    }
  }

  @Test func whatIsNotTheModelIsTold() throws {
    let summary = try Checkpoint.rich().write(
      to: folder.file("out"), format: .huggingFace, options: options(.bin))
    #expect(summary.losses.contains { $0.kind == .optimizerDropped })
    let dropped = summary.losses.filter { $0.kind == .metadataDropped }.compactMap(\.subject)
    #expect(dropped.sorted() == Checkpoint.rich().metadata.keys.sorted())
    let back = try OpenedCheckpoint(folder.file("out")).checkpoint
    #expect(Array(back.state.keys) == Array(Checkpoint.rich().state.keys))
    #expect(back.optimizer == nil && back.metadata.isEmpty)
  }

  /// What formats keep for the way back is in a member of the first file; metadata of names that it
  /// once had are the user's.
  @Test(arguments: [nil, 100] as [Int?]) func theOriginIsCarried(_ limit: Int?) throws {
    for layout in ["checkpoint", "module", "state_dict"] {
      var checkpoint = Self.model()
      checkpoint.origin["pytorch"] = [
        "layout": .string(layout), "parameter_objects": true, "extra_state": ["z._extra_state": 3],
      ]
      checkpoint.origin["hdf5"] = ["a.bias": "/a.bias"]
      checkpoint.origin["safetensors"] = ["texts": ["format": "tf"]]
      checkpoint.metadata = ["ballast.note": 1, "hdf5.note": 2]
      for weights in Self.weights {
        let path = folder.file("\(layout) \(weights)")
        let summary = try checkpoint.write(
          to: path, format: .huggingFace, options: options(weights, shardByteCount: limit))
        let lost = weights == .bin ? ["ballast.note", "hdf5.note"] : []
        #expect(summary.losses.map(\.subject) == lost)
        #expect(summary.losses.allSatisfy { $0.kind == .metadataDropped })
        let read = try OpenedCheckpoint(path).checkpoint
        #expect(read.metadata == (weights == .bin ? [:] : checkpoint.metadata))
        #expect(read.origin["hdf5"] == checkpoint.origin["hdf5"])
        #expect(read.origin["safetensors"] == checkpoint.origin["safetensors"])
        let structure = try #require(read.origin["pytorch"])
        #expect(structure["layout"] == .string(layout))
        #expect(structure["extra_state"] == ["z._extra_state": 3])
        let isNamed = weights == .bin && limit == nil
        #expect(structure["parameter_objects"] == true, "\(isNamed)")
      }
    }
  }

  /// What transformers does not load is not written, and told.
  @Test func theFrameworkIsOneOfTransformers() throws {
    for (known, expected) in [(nil, "pt"), ("pt", "pt"), ("mlx", "mlx"), ("np", "pt")] {
      var checkpoint = Self.model()
      if let known { checkpoint.origin["safetensors"] = ["texts": ["format": .string(known)]] }
      let path = folder.file(known ?? "-")
      let summary = try checkpoint.write(to: path, format: .huggingFace, options: options())
      #expect(summary.losses.map(\.kind) == (known == "np" ? [.originDropped] : []))
      let facts = try OpenedCheckpoint.facts(of: path)
      #expect(facts["metadata"]?["format"] == .string(expected))
    }
  }

  /// diffusers finds no files of another name; who reads them finds the folder the same.
  @Test(arguments: weights, [nil, "fp16"]) func aModelOfDiffusersIsCalledAsOne(
    _ weights: HuggingFaceOptions.Weights, _ variant: String?
  ) throws {
    var checkpoint = Self.model()
    checkpoint.metadata["config"] = ["_class_name": "UNet2DModel", "_diffusers_version": "0.42.1"]
    for limit in [100, 1000] {
      let path = folder.file("\(limit)")
      for overwrite in [ReplacementFile.Overwrite.refuse, .replace] {
        var settings = options(weights, variant: variant, shardByteCount: limit)
        settings.overwrite = overwrite
        try checkpoint.write(to: path, format: .huggingFace, options: settings)
      }
      let files = names("\(limit)").filter { $0 != "config.json" }
      #expect((files.count > 1) == (limit == 100))
      #expect(files.allSatisfy { $0.hasPrefix("diffusion_pytorch_model") })
      let read = try OpenedCheckpoint(path, options: ReadOptions(variant: variant)).checkpoint
      #expect(read.metadata["config"] == checkpoint.metadata["config"])
      #expect(Array(read.state.keys) == Array(checkpoint.state.keys))
    }
  }

  // MARK: - The libraries

  private struct Read: Decodable {
    struct Tensor: Decodable {
      let key: String
      let dtype: String
      let shape: [Int]
      let hex: String
    }
    let files: [String]
    let tensors: [Tensor]
  }

  @Test(.needsPeers, arguments: weights, [nil, "fp16"]) func theLibrariesReadWhatIsWritten(
    _ weights: HuggingFaceOptions.Weights, _ variant: String?
  ) throws {
    let checkpoint = Self.model()
    for limit in [100, 1000] {
      let path = folder.file("out\(limit)")
      try checkpoint.write(
        to: path, format: .huggingFace,
        options: options(weights, variant: variant, shardByteCount: limit))
      let json = try Peers.run("read_huggingface.py", [path] + (variant.map { [$0] } ?? []))
      let read = try JSONDecoder().decode(Read.self, from: Data(json.utf8))
      #expect((read.files.count > 1) == (limit == 100))
      // Other names of a tensor are texts in safetensors.
      let keys = checkpoint.state.keys.filter { weights == .bin || $0 != "head.weight" }
      #expect(read.tensors.map(\.key).sorted() == keys.sorted())
      for tensor in read.tensors {
        let array = try #require(checkpoint.state[tensor.key])
        #expect(
          tensor.hex == array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) },
          "\(tensor.key)")
        #expect(tensor.dtype == array.dtype.rawValue && tensor.shape == array.shape.dimensions)
      }
      let opened = try OpenedCheckpoint(path, options: ReadOptions(variant: variant))
      checkpoint.expectSame(opened.checkpoint)
    }
  }

  /// What the libraries wrote, converted to HDF5 and back, is a folder of the same tensors and the
  /// same configuration.
  @Test(arguments: ["sharded", "sharded_bin", "both"]) func aFolderOfTheLibrariesIsWrittenAgain(
    _ name: String
  ) throws {
    let source = TestTarget.folder()
      .appending(path: "Fixtures/huggingface/\(name)").path
    let first = try OpenedCheckpoint(source).checkpoint
    try first.write(to: folder.file("a.h5"), format: .ballast)
    let summary = try OpenedCheckpoint(folder.file("a.h5")).checkpoint.write(
      to: folder.file("out"), format: .huggingFace, options: options(shardByteCount: 64))
    #expect(summary.losses.isEmpty)
    #expect(names().contains("config.json") && names().contains("model.safetensors.index.json"))
    let second = try OpenedCheckpoint(folder.file("out")).checkpoint
    let comparison = try CheckpointComparison(first, second, extent: .everything)
    #expect(comparison.differences.map { "\($0.name): \($0.difference)" } == [])
    let configurations = try [source, folder.file("out")].map { path in
      try Value(json: Array(Data(contentsOf: URL(filePath: "\(path)/config.json"))))
    }
    #expect(configurations[0] == configurations[1])
  }

  // MARK: - Folders that there are

  private func expectContent(_ checkpoint: Checkpoint, variant: String? = nil) throws {
    checkpoint.expectSame(
      try OpenedCheckpoint(folder.file("out"), options: ReadOptions(variant: variant)).checkpoint)
  }

  /// Shards by a single file and the other way round, and by fewer and by more shards.
  @Test(
    arguments: weights,
    [[nil, 100], [100, nil], [100, 60], [60, 100], [100, 100], [nil, nil]] as [[Int?]])
  func weightsAreReplacedWhole(_ weights: HuggingFaceOptions.Weights, _ limits: [Int?]) throws {
    let path = folder.file("out")
    let old = Self.model()
    var new = old
    new.state.entries["more"] = .init(NDArray([Float(1), 2, 3]), role: .parameter)
    try old.write(
      to: path, format: .huggingFace, options: options(weights, shardByteCount: limits[0]))
    try folder.write("kept".utf8, to: "out/tokenizer.json")
    var refusing = options(weights, shardByteCount: limits[1])
    refusing.overwrite = .refuse
    let before = names()
    let refusal = #expect(throws: CheckpointError.self) {
      try new.write(to: path, format: .huggingFace, options: refusing)
    }
    #expect(refusal?.cause?.operation == "create" && names() == before)
    try expectContent(old)

    let replacing = options(weights, shardByteCount: limits[1])
    try new.write(to: path, format: .huggingFace, options: replacing)
    try expectContent(new)
    try new.write(to: folder.file("fresh"), format: .huggingFace, options: replacing)
    // Nothing is left of what was replaced, and nothing else is touched.
    #expect(Set(names()) == Set(names("fresh")).union(["tokenizer.json"]))
    for name in names("fresh") {
      #expect(try folder.bytes("out/\(name)") == folder.bytes("fresh/\(name)"))
    }
    #expect(folder.text(of: "out/tokenizer.json") == "kept")
  }

  @Test func aVariantGoesBesideTheOthers() throws {
    let path = folder.file("out")
    let half = Checkpoint(state: ["w": NDArray(zeros: [3], dtype: .float16)])
    try Self.model().write(to: path, format: .huggingFace, options: options())
    try half.write(to: path, format: .huggingFace, options: options(variant: "fp16"))
    #expect(names() == ["model.fp16.safetensors", "model.safetensors"])
    try expectContent(Self.model())
    #expect(
      try OpenedCheckpoint(path, options: ReadOptions(variant: "fp16")).checkpoint.state["w"]?
        .dtype == .float16)
    for variant in ["", "a/b", "safetensors", "fp16-00001-of-00002"] {
      #expect(throws: CheckpointError.self, "\(variant)") {
        try half.write(to: path, format: .huggingFace, options: options(variant: variant))
      }
    }
    #expect(names() == ["model.fp16.safetensors", "model.safetensors"])
  }

  @Test func whatCouldNotBeToldApartIsRefused() throws {
    let path = folder.file("out")
    for name in [
      "model.safetensors", "adapter_model.safetensors", "consolidated.safetensors",
      "model.safetensors.index.json",
    ] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try folder.write("x".utf8, to: "out/\(name)")
      let error = #expect(throws: CheckpointError.self) {
        try Self.model().write(to: path, format: .huggingFace, options: options(.bin))
      }
      #expect(error?.code == .refused && error?.reason.contains(name) == true)
      #expect(names() == [name])
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test func aFailureLeavesWhatWasThere() throws {
    let path = folder.file("out")
    try Self.model().write(
      to: path, format: .huggingFace, options: options(shardByteCount: 100))
    let before = try names().map { try folder.bytes("out/\($0)") }
    let count = names().count - 1
    // A folder in the way of a shard of the new model.
    let obstacle = "out/model-00002-of-0000\(count + 1).safetensors"
    try FileManager.default.createDirectory(
      atPath: folder.file(obstacle), withIntermediateDirectories: true)
    var larger = Self.model()
    larger.state.entries["more"] = .init(NDArray(zeros: [50]), role: .parameter)
    #expect(throws: CheckpointError.self) {
      try larger.write(to: path, format: .huggingFace, options: options(shardByteCount: 100))
    }
    try FileManager.default.removeItem(atPath: folder.file(obstacle))
    #expect(try names().map { try folder.bytes("out/\($0)") } == before)
    try expectContent(Self.model())
    // Nor is a new folder left of one that fails.
    try folder.write("a file".utf8, to: "file")
    #expect(throws: CheckpointError.self) {
      try larger.write(to: folder.file("file"), format: .huggingFace, options: options())
    }
    #expect(folder.names == ["file", "out"] && folder.text(of: "file") == "a file")
  }

  @Test func damageOfTheInputLeavesNothing() throws {
    try Self.model().write(to: folder.file("in.pth"), format: .pytorch)
    var bytes = try folder.bytes("in.pth")
    let start: [UInt8] = [-1, -0.875].flatMap { (value: Float) in
      withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init)
    }
    let place = try #require(bytes.firstRange(of: start))
    bytes[place.lowerBound + 5] ^= 4
    try folder.write(bytes, to: "in.pth")
    for weights in Self.weights {
      // Opening reads what is small, and checks it; what is large is checked as it is written.
      #expect(throws: (any Error).self) {
        let opened = try OpenedCheckpoint(folder.file("in.pth"))
        let plan = try opened.checkpoint.plan(
          to: folder.file("out"), format: .huggingFace, options: options(weights))
        _ = try plan.write(checking: opened.check())
      }
      #expect(folder.names == ["in.pth"])
    }
  }

  // MARK: - config.json

  @Test func theConfigurationIsAFileOfItsOwn() throws {
    var checkpoint = Self.model()
    checkpoint.metadata = ["config": ["hidden_size": 4, "eps": 1e-5, "none": .none]]
    for weights in Self.weights {
      let path = folder.file("\(weights)")
      let summary = try checkpoint.write(
        to: path, format: .huggingFace, options: options(weights))
      #expect(summary.losses.isEmpty)
      #expect(try Value(json: folder.text(of: "\(weights)/config.json") ?? "")["eps"] == 1e-5)
      checkpoint.expectSame(try OpenedCheckpoint(path).checkpoint)
    }
    // What JSON cannot say stays with the weights.
    checkpoint.metadata = ["config": ["betas": .tuple([0.9, 0.999])]]
    try checkpoint.write(to: folder.file("out"), format: .huggingFace, options: options())
    #expect(names() == ["model.safetensors"])
    try expectContent(checkpoint)
  }
}
