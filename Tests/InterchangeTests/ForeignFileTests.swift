import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files of formats that are not read here are told by their names.
@Suite struct ForeignFileTests {
  /// What `make_foreign.py` made, by the libraries themselves, and what it is called.
  static let files = [
    ("flax_model.msgpack", "a Flax checkpoint"),
    ("matlab5.mat", "a MATLAB 5 file"),
    ("matlab4.mat", "a MATLAB file older than version 5"),
    ("tensorflow", "a folder of a TensorFlow checkpoint"),
    ("tensorflow/ckpt.index", "the index of a TensorFlow checkpoint"),
    ("tensorflow/ckpt.data-00000-of-00001", "a part of a TensorFlow checkpoint"),
    ("saved_model", "a TensorFlow SavedModel"),
    ("saved_model/saved_model.pb", "a TensorFlow graph"),
    ("saved_model/variables", "a folder of a TensorFlow checkpoint"),
    ("saved_model/variables/variables.index", "the index of a TensorFlow checkpoint"),
    ("model.tflite", "a TensorFlow Lite model"),
    ("orbax", "an Orbax checkpoint"),
    ("orbax/manifest.ocdbt", "the manifest of an Orbax checkpoint"),
    ("model.mlmodel", "a Core ML model"),
    ("yolo.weights", "the weights of a Darknet model"),
  ]

  private static let folder = Fixture.folder.deletingLastPathComponent()
    .appending(path: "foreign").path

  private func expect(
    _ path: String, is words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    func check(_ error: CheckpointError?) {
      #expect(
        error?.code == .notThisFormat, "\(words): \(error as Any)", sourceLocation: sourceLocation)
      #expect(
        error?.reason == "it is \(words), not a checkpoint that is read here",
        "\(error as Any)", sourceLocation: sourceLocation)
    }
    check(#expect(throws: CheckpointError.self) { try FileFormat.detect(path) })
    check(#expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) })
    check(#expect(throws: CheckpointError.self) { try Verification(path) })
    // Whoever says that it is of another format hears the same.
    for format in FileFormat.allCases where format != .hdf5 {
      check(#expect(throws: CheckpointError.self) { try OpenedCheckpoint(path, format: format) })
    }
  }

  @Test(arguments: files)
  func aFileOfAnotherFormatIsNamed(_ name: String, _ words: String) throws {
    expect("\(Self.folder)/\(name)", is: words)
  }

  @Test(arguments: [
    // Those that tell by their content do so under any name.
    ("flax_model.msgpack", "a Flax checkpoint"),
    ("matlab5.mat", "a MATLAB 5 file"),
    ("tensorflow/ckpt.index", "the index of a TensorFlow checkpoint"),
    ("model.tflite", "a TensorFlow Lite model"),
  ])
  func theNameOfTheFileDoesNotMatter(_ name: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    for other in ["model.pth", "model.h5", "checkpoint_100"] {
      try FileManager.default.copyItem(
        atPath: "\(Self.folder)/\(name)", toPath: folder.file(other))
      expect(folder.file(other), is: words)
    }
  }

  static let beginnings: [(name: String, bytes: [UInt8], words: String)] = [
    ("a.pth", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "compressed by gzip"),
    ("a.pth", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4], "a 7z archive"),
    ("a.pth", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "compressed by xz"),
    ("a.pth", [0x28, 0xB5, 0x2F, 0xFD, 0x24, 0], "compressed by zstd"),
    ("a.pth", Array("BZh91AY&SY".utf8), "compressed by bzip2"),
    ("a.pth", Array("Rar!\u{1A}\u{7}\u{1}\0".utf8), "a rar archive"),
    ("a.bin", Array("tjgg\u{3}\0\0\0".utf8), "a GGML file"),
    ("a.h5", Array("<!DOCTYPE html>\n<html lang=\"en\">".utf8), "a web page"),
    ("a.h5", Array("\n <html><body>404".utf8), "a web page"),
    ("a.h5", Array("<?xml version=\"1.0\"?><Error><Code>".utf8), "a web page"),
    (
      "a.safetensors",
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8),
      "a git-lfs pointer to the file"
    ),
    ("a.npz", [], "empty"),
    (
      "old.pt2", ZipWriter([("serialized_exported_program.json", [0x7B, 0x7D])]).bytes(),
      "a model that torch.export of PyTorch 2.1 to 2.6 wrote (.pt2)"
    ),
    (
      "a.zip", ZipWriter([("readme", []), ("run/model.pth", [1])]).bytes(),
      "a zip archive that holds run/model.pth"
    ),
  ]

  @Test(arguments: beginnings.indices)
  func whatIsNoCheckpointIsNamed(_ number: Int) throws {
    let (name, bytes, words) = Self.beginnings[number]
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: name)
    expect(folder.file(name), is: words)
  }

  @Test func aFolderOfCoreMLIsNamed() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("Data"), withIntermediateDirectories: false)
    try folder.write("{}".utf8, to: "Manifest.json")
    expect(folder.path, is: "a Core ML package")
  }

  /// A format that was named wrongly: the error says which it is.
  @Test(
    arguments: [.hdf5, .keras]
      + FileFormat.allCases.filter {
        !$0.endings.isEmpty && $0.traits.isWritable && !$0.understands(KerasOptions.self)
      })
  func aWrongFormatIsToldWithTheRightOne(_ format: FileFormat) throws {
    let path: String
    let folder = try TemporaryFolder()
    if format == .keras {
      path = Fixture.folder.appending(path: "../keras/image.keras").path
    } else if format == .hdf5 {
      path = Fixture.folder.appending(path: "../keras/image.h5").path
    } else {
      path = folder.file("model.\(format.endings[0])")
      var checkpoint = Checkpoint(state: [:])
      checkpoint.state.entries["w"] = .init(NDArray([Float(1), 2]), role: .parameter)
      try checkpoint.write(to: path, format: format)
    }
    let actual = try FileFormat.detect(path)
    // A file of weights is also what a folder of Hugging Face holds.
    let lenient: Set<FileFormat> = [actual, .hdf5, .huggingFace]
    for other in FileFormat.allCases where !lenient.contains(other) {
      let error = #expect(throws: CheckpointError.self) {
        try OpenedCheckpoint(path, format: other)
      }
      #expect(error?.code == .notThisFormat, "\(other.id): \(error as Any)")
      #expect(
        error?.reason
          == "it is a \(actual.displayName) file, not a \(other.displayName) file",
        "\(other.id): \(error as Any)")
    }
  }
}
