import Checkpoints
import Foundation
import HuggingFaceFiles
import Interchange
import PyTorchFiles
import States
import TestSupport
import Testing

/// Files in which names or places meet, or something lies beside what is read: nothing takes another's
/// place, or is passed over.
@Suite(.needsPeers) struct NamesakeTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Peers.run("write_namesakes.py", [folder.path])
  }

  private func open(_ name: String) throws -> OpenedCheckpoint {
    try OpenedCheckpoint(folder.file(name))
  }

  private func has(_ name: String) -> Bool { (try? folder.bytes(name)) != nil }

  @Test func aModelKeepsItsNameBesideExtraFiles() throws {
    let checkpoint = try open("models.pt2").checkpoint
    let models = checkpoint.models
    #expect(models.count == 2)
    guard case .model(let extra)? = checkpoint.metadata["extra"] else {
      Issue.record("\(checkpoint.metadata.keys)")
      return
    }
    #expect(extra["weight"]?.shape == [2, 3])
    #expect(checkpoint.metadata["extra_"]?["note"] == .string("hello"))
  }

  @Test func constantsAreThoseOfTheirModel() throws {
    let opened = try open("constants.pt2")
    let metadata = opened.checkpoint.metadata
    for name in ["constants", "a_constants"] {
      guard case .tensor(let tensor)? = metadata[name]?["t"] else {
        Issue.record("\(name) of \(metadata.keys)")
        continue
      }
      #expect(tensor.elements(as: Float.self) == [0, 1, 2, 3])
    }
    #expect(opened.losses.map(\.subject) == ["stray.txt"])
  }

  @Test func whatLiesBesideAPackageIsTold() throws {
    #expect(try open("package.pt").losses.map(\.subject).contains("q/data/0"))
    let error = #expect(throws: CheckpointError.self) { try open("package_longer.pt") }
    #expect(error?.code == .damaged && error?.reason == "4 bytes follow the end of the pickle")
  }

  @Test func oneStateUnderTwoNamesIsTwoNetworks() throws {
    #expect(
      try open("one_state.pth").checkpoint.state.keys.elements
        == ["g.weight", "g.bias", "d.weight", "d.bias"])
    #expect(
      try open("one_module.pth").checkpoint.state.keys.elements
        == ["1.weight", "1.bias", "2.weight", "2.bias"])
    // They go back under both names, and are still one in memory.
    let opened = try open("one_state.pth")
    try opened.checkpoint.write(to: folder.file("again.pth"), format: .pytorch)
    let again = try open("again.pth").checkpoint
    #expect(again.state.keys == opened.checkpoint.state.keys)
    let comparison = try CheckpointComparison(opened.checkpoint, again)
    #expect(comparison.isSame, "\(comparison)")
  }

  @Test func attributesOfModulesAreKeptOrTold() throws {
    let opened = try open("attributes.pth")
    let attributes = try #require(opened.checkpoint.metadata["module_attributes"])
    #expect(attributes["names"]?.elements?.count == 21841)
    guard case .tensor(let own)? = attributes["inner.a"] else {
      Issue.record("\(attributes)")
      return
    }
    #expect(own.item(as: Float.self) == 9)
    #expect(
      opened.losses.contains {
        $0.subject == "inner.a" && $0.detail.contains("the outermost module has one of this name")
      }, "\(opened.losses)")
    // A dictionary with such a key is a list of pairs.
    guard case .object(_, let pairs)? = attributes["inner.keyed"],
      case .tensor(let key)? = pairs.elements?.first?.elements?.first
    else {
      Issue.record("\(attributes["inner.keyed"] as Any)")
      return
    }
    #expect(key.item(as: Float.self) == 7)
  }

  @Test func whatIsNoAdapterIsNotWrittenAsOne() throws {
    for (name, words) in [
      ("wrapped.pth", "it is a model with adapters of PEFT of type LORA"),
      ("plain.pth", "no tensor is named as one of an adapter"),
    ] {
      let opened = try open(name)
      #expect(opened.notes.contains { $0.contains(words) }, "\(opened.notes)")
      #expect(!opened.notes.contains { $0.contains("the weights of the model are not in it") })
      try opened.checkpoint.write(to: folder.file("\(name) folder"), format: .huggingFace)
      #expect(has("\(name) folder/model.safetensors"))
    }
  }

  @Test func anAdapterIsNotWrittenInShards() throws {
    let adapter = Fixture.folder.deletingLastPathComponent().appending(path: "frameworks/peft_lora")
    let checkpoint = try OpenedCheckpoint(adapter.path).checkpoint
    var options = WriteOptions()
    options.huggingFace.shardByteCount = 8
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: folder.file("shards"), format: .huggingFace, options: options)
    }
    #expect(error?.reason.hasPrefix("an adapter is one file") == true, "\(error)")
    options.huggingFace.shardByteCount = 1 << 20
    try checkpoint.write(to: folder.file("whole"), format: .huggingFace, options: options)
    #expect(has("whole/adapter_model.safetensors"))
  }

  /// The classes of dictionaries whose places read the same are told as lost, and others come back.
  @Test func classesOfDictionariesOfOnePlaceAreTold() throws {
    let opened = try open("ordered.pth")
    #expect(
      opened.losses.map(\.subject) == ["a.b.c"] && opened.losses[0].kind == .classChanged,
      "\(opened.losses)")
    try opened.checkpoint.write(to: folder.file("again.pth"), format: .pytorch)
    let shown = try Peers.run("show_classes.py", [folder.file("again.pth")])
    #expect(shown.contains("OrderedDict"), "\(shown)")
    #expect(try open("again.pth").losses.isEmpty)
  }
}
