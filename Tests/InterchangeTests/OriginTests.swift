import Arrays
import Checkpoints
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// What a checkpoint keeps of the file from which it came is never metadata, never a loss, never a
/// reason for another layout.
@Suite struct OriginTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let keras = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/keras/image.keras").path

  /// A file as Hugging Face's libraries write it.
  private func huggingFaceFile() throws -> String {
    let header =
      #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    var bytes = withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { Array($0) }
    bytes += padded.utf8
    bytes += [0, 0, 128, 63, 0, 0, 0, 64]
    return try folder.write(bytes, to: "hf.safetensors")
  }

  @Test func theNameOfAFrameworkIsNoMetadata() throws {
    let path = try huggingFaceFile()
    let opened = try OpenedCheckpoint(path)
    #expect(opened.checkpoint.metadata.isEmpty)
    #expect(opened.checkpoint.origin["safetensors"]?["texts"]?["format"] == "pt")
    // The library's file comes back to the byte, also through other formats.
    for between in ["x.h5", "x.npz", "x.pth"] {
      let format = try #require(FileFormat(fileName: between))
      try opened.checkpoint.write(to: folder.file(between), format: format)
      let again = try OpenedCheckpoint(folder.file(between)).checkpoint
      #expect(again.metadata.isEmpty, "\(between)")
      try again.write(to: folder.file("back.safetensors"), format: .safetensors)
      #expect(try folder.bytes("back.safetensors") == folder.bytes("hf.safetensors"), "\(between)")
    }
  }

  /// `torch.load` gives a state dict, which `load_state_dict` takes.
  @Test(.needsPeers) func theOriginChoosesNoLayout() throws {
    try OpenedCheckpoint(huggingFaceFile()).checkpoint
      .write(to: folder.file("hf.pth"), format: .pytorch)
    let keras = try OpenedCheckpoint(Self.keras).checkpoint
    var model = keras
    model.optimizer = nil
    try model.write(to: folder.file("keras.pth"), format: .pytorch)
    for name in ["hf.pth", "keras.pth"] {
      let output = try Peers.run("plain_state_dict.py", [folder.file(name)])
      #expect(output.contains("plain"), "\(name)")
    }
    // The way back is still known.
    let again = try OpenedCheckpoint(folder.file("keras.pth")).checkpoint
    #expect(again.origin["keras"] == keras.origin["keras"])
    let plan = try again.plan(to: folder.file("again.keras"), format: .keras)
    #expect(plan.losses.isEmpty)
  }

  /// `Fixtures/ballast` has what Ballast wrote before an empty origin said that there is none: `w`,
  /// and the metadata `epoch: 3`, `ballast.pytorch: {layout: checkpoint}`, `hdf5.paths: {a.b: /a.b}`
  /// and `format: pt`.
  @Test(arguments: ["h5", "safetensors", "npz", "pth"])
  func whatWasKeptInTheMetadataBeforeIsUnderstood(_ ending: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/ballast/before_origin.\(ending)").path
    let read = try OpenedCheckpoint(path).checkpoint
    // In a PyTorch file it is the user's: what safetensors keep was no entry there.
    let isPyTorch = ending == "pth"
    #expect(Array(read.metadata.keys) == (isPyTorch ? ["epoch", "format"] : ["epoch"]))
    #expect(read.origin["pytorch"]?["layout"] == "checkpoint")
    #expect(read.origin["hdf5"]?["a.b"] == "/a.b")
    #expect(read.origin["safetensors"]?["texts"]?["format"] == (isPyTorch ? nil : "pt"))
  }

  /// The user's own metadata of such names keep their place on every way, with an entry of the
  /// origin and without.
  @Test func theUsersNamesAreNoOrigin() throws {
    for framework in [nil, "pt", "flax"] {
      for text in ["pt", "np", "my own"] {
        var checkpoint = Checkpoint(state: ["w": NDArray([1 as Float])])
        checkpoint.state.entries["w"]?.role = .parameter
        checkpoint.metadata = [
          "format": .string(text), "ballast.pytorch": ["layout": "checkpoint"],
          "ballast.keras": "x", "hdf5.paths": ["a.b": "/a.b"], "ballast.keras.config": "{}",
        ]
        if let framework {
          checkpoint.origin["safetensors"] = ["texts": ["format": .string(framework)]]
        }
        for name in ["a.h5", "a.safetensors", "a.npz", "a.pth", "repository"] {
          let format = FileFormat(fileName: name) ?? .huggingFace
          let path = folder.file("\(framework ?? "-") \(text) \(name)")
          let summary = try checkpoint.write(to: path, format: format)
          #expect(summary.losses == [], "\(path)")
          let opened = try OpenedCheckpoint(path)
          #expect(opened.losses == [] && opened.notes == [], "\(path)")
          let read = opened.checkpoint
          #expect(read.metadata == checkpoint.metadata, "\(path)")
          let named = read.origin["safetensors"]?["texts"]?["format"]?.stringValue
          #expect(named == (name == "repository" ? framework ?? "pt" : framework), "\(path)")
          #expect(read.origin["keras"] == nil && read.origin["hdf5"] == nil, "\(path)")
        }
        // One text alone, which needs nothing else beside it.
        checkpoint.metadata = ["format": .string(text)]
        try checkpoint.write(to: folder.file("b.safetensors"), format: .safetensors)
        let read = try OpenedCheckpoint(folder.file("b.safetensors")).checkpoint
        #expect(read.metadata == checkpoint.metadata)
        #expect(read.origin["safetensors"] == checkpoint.origin["safetensors"])
      }
    }
  }

  /// Where an outline has the user's value, the header has the text without which some loaders refuse
  /// the file.
  @Test func theUsersFormatLeavesTheHeaderToLoaders() throws {
    for value in ["np", "my own", ["a": 1], 3] as [Value] {
      var checkpoint = Checkpoint(state: ["w": NDArray([1 as Float])])
      checkpoint.state.entries["w"]?.role = .parameter
      checkpoint.metadata = ["format": value, "epoch": 3]
      let path = folder.file("loaders.safetensors")
      try checkpoint.write(to: path, format: .safetensors)
      #expect(try OpenedCheckpoint.facts(of: path)["metadata"]?["format"] == "pt", "\(value)")
      let opened = try OpenedCheckpoint(path)
      #expect(opened.checkpoint.metadata == checkpoint.metadata, "\(value)")
      #expect(opened.checkpoint.origin.isEmpty && opened.notes.isEmpty, "\(value)")
    }
  }

  /// What PyTorch saved is its user's, whatever it is called.
  @Test(.needsPeers) func entriesOfOtherProgramsAreNoOrigin() throws {
    try Peers.run("write_shards.py", [folder.path])
    let read = try OpenedCheckpoint(folder.file("user.pth")).checkpoint
    #expect(Array(read.metadata.keys) == ["hdf5.paths", "format", "ballast.pytorch"])
    #expect(read.origin["hdf5"] == nil && read.origin["pytorch"]?["layout"] == "checkpoint")
  }

  /// An entry that has no place in the file is reported under its own kind of loss.
  @Test func whatIsLostOfTheOriginIsReported() throws {
    let tensor = Value.tensor(NDArray([1 as Float]))
    var checkpoint = Checkpoint(state: ["w": NDArray([1 as Float])])
    checkpoint.origin["hdf5"] = ["kept": 1, "tensor": tensor]
    let path = folder.file("a.pth")
    let losses = try checkpoint.write(to: path, format: .pytorch).losses
    #expect(losses.map(\.kind) == [.originDropped] && losses.map(\.subject) == ["hdf5"])
    #expect(try OpenedCheckpoint(path).checkpoint.origin["hdf5"] == ["kept": 1])
    #expect(ConversionLoss.Kind.originDropped.rawValue == "origin_dropped")

    var keras = try OpenedCheckpoint(Self.keras).checkpoint
    keras.origin["hdf5"] = ["tensor": tensor]
    keras.origin["safetensors"] = ["texts": ["format": "pt"]]
    keras.metadata = ["epoch": 3, "rng": tensor]
    let told = try keras.write(to: folder.file("a.keras"), format: .keras).losses
    #expect(
      told.map { "\($0.kind.rawValue) \($0.subject ?? "-")" }
        == ["metadata_dropped rng", "origin_dropped hdf5"])
    let again = try OpenedCheckpoint(folder.file("a.keras")).checkpoint
    #expect(again.metadata == ["epoch": 3])
    #expect(again.origin["safetensors"] == keras.origin["safetensors"])
  }

  /// Another program's text of that name says what it says.
  @Test func aFormatThatIsNoFrameworkIsTheUsers() throws {
    var checkpoint = Checkpoint(state: ["w": NDArray([1 as Float])])
    checkpoint.metadata = ["format": "my own"]
    try checkpoint.write(to: folder.file("own.h5"), format: .ballast)
    #expect(try OpenedCheckpoint(folder.file("own.h5")).checkpoint.metadata["format"] == "my own")
  }

  /// Entries of a state dict that are no tensors, of modules and of nothing that is one.
  @Test func whatIsNoTensorKeepsItsOrder() throws {
    let array = NDArray([1 as Float])
    var checkpoint = Checkpoint(state: ["a.weight": array, "b.c.weight": array, "b.weight": array])
    // PyTorch's own dictionaries have them; in another one, what is no tensor is metadata.
    checkpoint.state.moduleVersions = ["": 1, "a": 1, "b": 1, "b.c": 1]
    let extras: OrderedDictionary<Value.Key, Value> = [
      "b._extra_state": 1, "same": "text", "a._extra_state": 2, "b.c._extra_state": 3, "z": 4,
    ]
    checkpoint.origin["pytorch"] = ["layout": "state_dict", "extra_state": .dict(extras)]
    let path = folder.file("extras.pth")
    try checkpoint.write(to: path, format: .pytorch)
    let again = try OpenedCheckpoint(path).checkpoint
    let read = try #require(again.origin["pytorch"]?["extra_state"]?.dictionary)
    #expect(Array(read.keys) == Array(extras.keys))
    #expect(read.values.elementsEqual(extras.values))
  }
}
