import Arrays
import Checkpoints
import Foundation
import Interchange
import OrderedCollections
import PyTorchFiles
import States
import TestSupport
import Testing

/// Checkpoints of frameworks that `make_frameworks.py` made by their own libraries: nothing in them is
/// dropped without a word.
@Suite struct FrameworkTests {
  private let folder: TemporaryFolder
  private let expected: Value

  private static let fixtures = Fixture.folder.deletingLastPathComponent()
    .appending(path: "frameworks").path

  init() throws {
    folder = try TemporaryFolder()
    let json = try Data(contentsOf: URL(filePath: "\(Self.fixtures)/expected.json"))
    expected = try Value(json: json)
  }

  private func open(_ name: String) throws -> OpenedCheckpoint {
    try OpenedCheckpoint("\(Self.fixtures)/\(name)")
  }

  private func row(_ array: NDArray) -> Value {
    let hex = array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
    return [
      "dtype": .string(array.dtype.rawValue), "shape": .list(array.shape.map { .int($0) }),
      "hex": .string(hex),
    ]
  }

  /// The tensors as the generator lists them, in their order.
  private func rows(_ state: StateDict) -> Value {
    .dict(
      OrderedDictionary(
        uniqueKeysWithValues: state.entries.map { (.string($0), row($1.array)) }))
  }

  private func options(_ weights: HuggingFaceOptions.Weights) -> WriteOptions {
    var options = WriteOptions()
    options.isDurable = false
    options.huggingFace.weights = weights
    return options
  }

  // MARK: - PEFT

  @Test(arguments: ["peft_lora", "peft_lora_bin", "peft_ia3"])
  func anAdapterIsReadAndTold(_ name: String) throws {
    let opened = try open(name)
    // save_pretrained sorts, as safetensors does.
    let mine = rows(opened.checkpoint.state).dictionary
    let theirs = expected[name]?.dictionary
    #expect(Set(mine?.keys.map(\.text) ?? []) == Set(theirs?.keys.map(\.text) ?? ["none"]))
    for (key, value) in theirs ?? [:] { #expect(mine?[key] == value, "\(key)") }
    let type = name == "peft_ia3" ? "IA3" : "LORA"
    #expect(opened.checkpoint.metadata["adapter_config"]?["peft_type"] == .string(type))
    let words = "an adapter of PEFT of type \(type), made for example/tiny"
    #expect(opened.notes.contains { $0.contains(words) }, "\(opened.notes)")
  }

  /// Keys alone, without a configuration beside them, tell it too.
  @Test func aSingleFileIsTold() throws {
    let notes = try open("peft_lora/adapter_model.safetensors").notes
    #expect(
      notes.contains {
        $0.hasPrefix("it is an adapter of PEFT: 2 tensors (lora_A, lora_B) and 2 of modules")
      }, "\(notes)")
    let wrapped = try open("peft_wrapped.pth")
    #expect(rows(wrapped.checkpoint.state) == expected["peft_wrapped.pth"])
    #expect(
      wrapped.notes.contains {
        $0.hasPrefix("it is a model with adapters of PEFT: 4 tensors")
          && $0.contains("of default, beside 9 ")
      }, "\(wrapped.notes)")
    // Another library's matrices, and a model that only has a module of such a name.
    for keys in [["a.lora_A", "a.lora_B"], ["prompt_embeddings.weight", "norm.weight"]] {
      var state = StateDict()
      for key in keys { state.entries[key] = .init(NDArray([Float(1)])) }
      let path = folder.file("\(keys[0]).safetensors")
      try Checkpoint(state: state).write(to: path, format: .safetensors)
      #expect(try OpenedCheckpoint(path).notes.allSatisfy { !$0.contains("PEFT") })
    }
  }

  @Test(arguments: HuggingFaceOptions.Weights.allCases, [false, true])
  func anAdapterKeepsItsNames(_ weights: HuggingFaceOptions.Weights, _ throughHDF5: Bool) throws {
    let original = try open(weights == .bin ? "peft_lora_bin" : "peft_lora")
    var checkpoint = original.checkpoint
    if throughHDF5 {
      try checkpoint.write(to: folder.file("adapter.h5"), format: .ballast)
      checkpoint = try OpenedCheckpoint(folder.file("adapter.h5")).checkpoint
    }
    let path = folder.file("out")
    try checkpoint.write(to: path, format: .huggingFace, options: options(weights))
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    #expect(names == ["adapter_config.json", "adapter_model.\(weights.rawValue)"])
    let config = try Value(json: Data(contentsOf: URL(filePath: "\(path)/adapter_config.json")))
    #expect(config == original.checkpoint.metadata["adapter_config"])
    let again = try OpenedCheckpoint(path)
    #expect(rows(again.checkpoint.state) == rows(original.checkpoint.state))
    #expect(again.checkpoint.metadata["adapter_config"] == config)
    // Written over it is the same folder.
    try checkpoint.write(to: path, format: .huggingFace, options: options(weights))
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == names)
  }

  // MARK: - OmegaConf

  @Test func configurationsAreTheirPlainValues() throws {
    let opened = try open("omegaconf.ckpt")
    #expect(rows(opened.checkpoint.state) == expected["omegaconf.ckpt"])
    var config = try #require(opened.checkpoint.metadata["hyper_parameters"]?.dictionary)
    #expect(config.removeValue(forKey: .int(3)) == "three")
    #expect(Value.dict(config) == expected["omegaconf"])
    #expect(opened.checkpoint.metadata["part"] == expected["omegaconf"]?["model"]?["layers"])
    let told = opened.losses.filter { $0.detail.contains("of OmegaConf") }
    #expect(told.compactMap(\.subject) == ["hyper_parameters", "part"])
    #expect(opened.losses.count == told.count, "\(opened.losses)")
  }

  // MARK: - Distributed tensors

  @Test func aReplicatedTensorIsWhole() throws {
    let opened = try open("dtensor.pth")
    #expect(rows(opened.checkpoint.state) == expected["dtensor.pth"])
    #expect(opened.checkpoint.state.entries["p"]?.role == .parameter)
    #expect(
      opened.losses.filter { $0.detail.contains("DTensor") }.compactMap(\.subject) == ["w", "p"])
  }

  @Test(arguments: [("dtensor_shard", "Shard(0)"), ("dtensor_partial", "Partial")])
  func aPartOfATensorIsRefused(_ name: String, _ placement: String) {
    let error = #expect(throws: CheckpointError.self) { try open("\(name).pth") }
    #expect(error?.code == .unsupported, "\(error as Any)")
    #expect(error?.reason.contains("(DTensor, \(placement)") == true, "\(error as Any)")
  }

  // MARK: - torch.export and torch.package

  @Test(arguments: [Access.mapped, .verified])
  func anExportedProgramGivesItsWeights(_ access: Access) throws {
    let opened = try OpenedCheckpoint("\(Self.fixtures)/program.pt2", access: access)
    let state = opened.checkpoint.state
    #expect(rows(state) == expected["program.pt2"])
    let parameters = expected["program.pt2 parameters"]?.elements?.compactMap(\.stringValue)
    // Of tied names the program lists the first.
    #expect(Set(parameters ?? []).isSubset(of: state.keys(of: .parameter)))
    #expect(state.keys(of: .buffer).allSatisfy { $0.contains("norm.") && $0.contains("r") })
    #expect(state.keys(of: .buffer).count == 3)
    let constants = try #require(opened.checkpoint.metadata["constants"]?.dictionary)
    let theirs = try #require(expected["program.pt2 constants"]?.dictionary)
    #expect(constants.count == theirs.count)
    for (key, value) in constants {
      guard case .tensor(let array) = value else {
        Issue.record("\(key) is no tensor")
        continue
      }
      #expect(row(array) == theirs[key], "\(key)")
    }
    #expect(opened.checkpoint.metadata["extra"]?["note.txt"] == "hello")
    #expect(opened.losses.map(\.kind) == [.architectureDropped, .metadataDropped])
    #expect(opened.losses[1].detail.contains("sample inputs"))
    #expect(try Verification("\(Self.fixtures)/program.pt2").problems.isEmpty)
    let facts = try OpenedCheckpoint.facts(of: "\(Self.fixtures)/program.pt2")
    #expect(facts["container"] == "exported")
  }

  /// A part of it is taken as of any other file.
  @Test func aPartOfAProgramIsTaken() throws {
    var options = ReadOptions()
    options.root = "body.head"
    let opened = try OpenedCheckpoint("\(Self.fixtures)/program.pt2", options: options)
    #expect(opened.checkpoint.state.keys == ["weight", "bias"])
  }

  @Test func aPackageIsReadWithoutItsProgram() throws {
    let opened = try open("package.pt")
    #expect(rows(opened.checkpoint.state) == expected["package.pt"])
    #expect(opened.checkpoint.metadata["epoch"] == 3)
    #expect(
      Set(opened.losses.map { $0.subject ?? $0.kind.rawValue })
        == ["model/note.txt", ConversionLoss.Kind.architectureDropped.rawValue],
      "\(opened.losses)")
    let several = try open("packages.pt")
    #expect(rows(several.checkpoint.state) == expected["packages.pt"])
    #expect(several.checkpoint.metadata["facts/facts"]?["epoch"] == 3)
    #expect(try OpenedCheckpoint.facts(of: "\(Self.fixtures)/package.pt")["container"] == "package")
    #expect(try Verification("\(Self.fixtures)/package.pt").problems.isEmpty)
  }

  // MARK: - Modules and objects

  @Test(arguments: [
    ("module.pth", "module_attributes"), ("module_in_checkpoint.pth", "model_attributes"),
  ])
  func whatAModuleHasBesideItsTensorsIsKeptOrTold(_ name: String, _ key: String) throws {
    let opened = try open(name)
    #expect(rows(opened.checkpoint.state) == expected[name])
    let attributes = try #require(opened.checkpoint.metadata[key])
    #expect(attributes["names"]?.dictionary == [0: "person", 1: "car"])
    #expect(attributes["yaml"]?["head"]?.elements?.first == [-1, 1, "Detect"])
    #expect(attributes["_task"] == "detect")
    guard case .tensor(let stride)? = attributes["stride"] else {
      Issue.record("stride is \(attributes["stride"] as Any)")
      return
    }
    #expect(row(stride)["shape"] == [2])
    #expect(attributes["parts"] == nil && attributes["training"] == nil)
    let told = opened.losses.compactMap(\.subject)
    #expect(told.contains("parts"), "\(opened.losses)")
    // Of the modules within it, what the state dict does not have; a cell lists its own parameters.
    guard case .tensor(let grid)? = attributes["scale.grid"] else {
      Issue.record("scale.grid is \(attributes["scale.grid"] as Any)")
      return
    }
    #expect(row(grid)["hex"] == "000000000000803f")
    let keys = attributes.dictionary?.keys.map(\.text) ?? []
    #expect(!keys.contains { $0.contains("cell") } && !told.contains { $0.contains("cell") })
  }

  @Test(.needsPeers) func classesOfDictionariesAreKeptOrTold() throws {
    let opened = try open("classes.pth")
    #expect(rows(opened.checkpoint.state) == expected["classes.pth"])
    let told = opened.losses.map(\.description)
    for words in ["default", "on the dictionary", "mark"] {
      let word = words == "on the dictionary" ? "comment" : words
      #expect(told.contains { $0.contains(word) }, "\(word): \(told)")
    }
    #expect(!told.contains { $0.contains("counter") || $0.contains("nested") }, "\(told)")
    #expect(opened.checkpoint.metadata["counter"]?["a"] == 2)
    let straight = folder.file("straight.pth")
    let through = folder.file("through.pth")
    try opened.checkpoint.write(to: straight, format: .pytorch)
    try opened.checkpoint.write(to: folder.file("through.safetensors"), format: .safetensors)
    try OpenedCheckpoint(folder.file("through.safetensors")).checkpoint.write(
      to: through, format: .pytorch)
    let json = try Peers.run("show_classes.py", [straight, through])
    let files = try #require(try Value(json: json).elements)
    for classes in files {
      #expect(classes["counter"] == "Counter" && classes["default"] == "dict")
      #expect(classes["ordered"] == "OrderedDict" && classes["ordered.a"] == "OrderedDict")
      #expect(classes["plain"] == "dict" && classes["nested[0]"] == "dict")
      #expect(classes["nested[0].inner"] == "OrderedDict" && classes["model"] == "OrderedDict")
    }
  }

  @Test func attributesOfTensorsAndDictionariesAreTold() throws {
    let opened = try open("attributes.pth")
    #expect(rows(opened.checkpoint.state) == expected["attributes.pth"])
    #expect(
      opened.losses.contains { $0.subject == "w" && $0.detail.contains("note") }
        && opened.losses.contains { $0.subject == "b" && $0.detail.contains("mark") },
      "\(opened.losses)")
    let named = try open("named.pth")
    #expect(rows(named.checkpoint.state) == expected["named.pth"])
    let told = named.losses.map(\.description).joined(separator: "\n")
    #expect(told.contains("detector.Named"), "\(told)")
  }
}
