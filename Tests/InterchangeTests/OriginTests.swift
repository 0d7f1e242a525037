import Arrays
import Checkpoints
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// What a checkpoint keeps of the file from which it came is luggage: never metadata, never a loss,
/// never a reason for another layout.
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
  @Test(.needsPeers) func luggageChoosesNoLayout() throws {
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

  @Test func whatWasKeptInTheMetadataBeforeIsUnderstood() throws {
    var old = Checkpoint(state: ["w": NDArray([1 as Float])])
    old.metadata = [
      "epoch": 3, "ballast.pytorch": ["layout": "checkpoint"], "hdf5.paths": ["a.b": "/a.b"],
      "format": "pt",
    ]
    for name in ["old.h5", "old.safetensors", "old.npz"] {
      let format = try #require(FileFormat(fileName: name))
      try old.write(to: folder.file(name), format: format)
      let read = try OpenedCheckpoint(folder.file(name)).checkpoint
      #expect(Array(read.metadata.keys) == ["epoch"], "\(name)")
      #expect(read.origin["pytorch"]?["layout"] == "checkpoint", "\(name)")
      #expect(read.origin["hdf5"]?["a.b"] == "/a.b", "\(name)")
      #expect(read.origin["safetensors"]?["texts"]?["format"] == "pt", "\(name)")
    }
  }

  /// Another program's text of that name says what it says.
  @Test func aFormatThatIsNoFrameworkIsTheUsers() throws {
    var checkpoint = Checkpoint(state: ["w": NDArray([1 as Float])])
    checkpoint.metadata = ["format": "my own"]
    try checkpoint.write(to: folder.file("own.h5"), format: .ballast)
    #expect(try OpenedCheckpoint(folder.file("own.h5")).checkpoint.metadata["format"] == "my own")
  }
}
