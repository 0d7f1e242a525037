import Checkpoints
import Files

/// What a file is that no format here reads, so that errors can say it.
struct ForeignFile {
  /// What it is, with its article: `a Core ML model`.
  let what: String
  /// What can be done about it, as a sentence, if there is something.
  let advice: String?

  private init(_ what: String, _ advice: String? = nil) {
    self.what = what
    self.advice = advice
  }

  /// The error that says what the file is.
  func error(_ path: String) -> CheckpointError {
    CheckpointError(
      .notThisFormat, file: path, reason: "it is \(what), not a checkpoint that is read here",
      advice: advice)
  }

  /// The error for a file that is of no format known here, and not known by name either.
  static func unknown(_ probe: FileProbe) -> CheckpointError {
    let reason: String
    var advice: String?
    if probe.isFolder {
      reason = "it is a folder, and of no format that is read here"
      advice = "Name the file in it that is the checkpoint."
    } else {
      reason = isText(probe.head) ? "it is a text, not a checkpoint" : "it is not a checkpoint"
    }
    return CheckpointError(.notThisFormat, file: probe.path, reason: reason, advice: advice)
  }

  /// Recognises a file; nil if it is none of those known by name.
  ///
  /// - Throws: `CheckpointError` if the file cannot be read.
  init?(_ probe: FileProbe) throws(CheckpointError) {
    let known: ForeignFile?
    if probe.isFolder {
      known = Self.folder(try probe.names())
    } else if let archive = try ifSound({ try probe.zip() }) {
      known =
        Self.archive(archive.entries.map(\.name)) ?? Self.byName(probe.name, probe.head)
    } else {
      known = try Self.file(probe)
    }
    guard let known else { return nil }
    self = known
  }

  // MARK: - Files

  private static let unpack = "Unpack it; the checkpoint may be inside."
  private static let convert =
    "Load it in TensorFlow, and save the model's weights as .weights.h5 or .keras."

  /// What files begin with, at an offset.
  private static let magics: [(offset: Int, bytes: [UInt8], what: String, advice: String?)] = [
    (0, [0x1F, 0x8B], "compressed by gzip", unpack),
    (0, [0x37, 0x7A, 0xBC, 0xAF], "a 7z archive", unpack),
    (0, [0xFD, 0x37, 0x7A, 0x58], "compressed by xz", unpack),
    (0, [0x28, 0xB5, 0x2F, 0xFD], "compressed by zstd", unpack),
    (0, Array("BZh".utf8), "compressed by bzip2", unpack),
    (0, Array("Rar!".utf8), "a rar archive", unpack),
    // The older forms of llama.cpp, whose names are written backwards.
    (0, Array("lmgg".utf8), "a GGML file", nil),
    (0, Array("fmgg".utf8), "a GGML file", nil),
    (0, Array("tjgg".utf8), "a GGML file", nil),
    (4, Array("TFL3".utf8), "a TensorFlow Lite model", nil),
    (
      0, [0x0C, 0xDB, 0x3A, 0x2A], "the manifest of an Orbax checkpoint",
      "The checkpoint is the folder that it is in."
    ),
    (
      0, Array("MATLAB 5.0 MAT-file".utf8), "a MATLAB 5 file",
      "Save it in MATLAB as version 7.3, which is HDF5."
    ),
    (
      0, Array("version https://git-lfs".utf8), "a git-lfs pointer to the file",
      "Run \"git lfs pull\" to fetch the file itself."
    ),
  ]

  private static func file(_ probe: FileProbe) throws(CheckpointError) -> ForeignFile? {
    let head = probe.head
    guard !head.isEmpty else { return ForeignFile("empty", "The download or copy failed.") }
    for magic in magics where head.dropFirst(magic.offset).starts(with: magic.bytes) {
      return ForeignFile(magic.what, magic.advice)
    }
    let start = String(decoding: head.drop { $0 <= 0x20 }.prefix(16), as: UTF8.self).lowercased()
    if ["<!doctype", "<html", "<?xml"].contains(where: start.hasPrefix) {
      return ForeignFile(
        "a web page", "The download gave a page instead of the file; fetch the file itself.")
    }
    if try isTable(probe) {
      return ForeignFile("the index of a TensorFlow checkpoint", convert)
    }
    if let byName = byName(probe.name, head) { return byName }
    if isFlax(head) { return ForeignFile("a Flax checkpoint") }
    return head.first == UInt8(ascii: "{") && isText(head) ? ForeignFile("JSON") : nil
  }

  /// Whether a file ends as LevelDB's tables do, in which TensorFlow keeps its index: with the
  /// number `kTableMagicNumber`.
  private static func isTable(_ probe: FileProbe) throws(CheckpointError) -> Bool {
    let file = try probe.file
    guard file.byteCount >= 48 else { return false }
    return try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: file.byteCount - 8..<file.byteCount)
    } == [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
  }

  /// Formats without a mark of their own: the name has to say, and the first byte not to
  /// contradict.
  private static func byName(_ name: String, _ head: [UInt8]) -> ForeignFile? {
    let name = name.lowercased()
    func ends(_ ending: String) -> Bool { name.hasSuffix(ending) }
    // Protocol buffers begin with their first field, here a number, the version.
    if ends(".mlmodel"), head.first == 0x08 { return ForeignFile("a Core ML model") }
    if ends(".pb") { return ForeignFile("a TensorFlow graph", convert) }
    if ends(".mat"), !isHDF5(head) { return ForeignFile("a MATLAB file older than version 5") }
    if name.contains(".data-"), name.contains("-of-") {
      return ForeignFile(
        "a part of a TensorFlow checkpoint", "It goes with the .index file of the same name.")
    }
    // Three numbers of 32 bits, the version, come first; the major one has always been 0.
    if ends(".weights"), head.starts(with: [0, 0, 0, 0]) {
      return ForeignFile("the weights of a Darknet model")
    }
    return nil
  }

  /// Whether a file is HDF5, behind a block of 512 bytes or none.
  private static func isHDF5(_ head: [UInt8]) -> Bool {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    return head.starts(with: signature) || head.dropFirst(512).starts(with: signature)
  }

  /// Whether a file is a map of MessagePack, of up to 15 members, whose first key is a word: Flax
  /// names its checkpoints as it likes.
  private static func isFlax(_ head: [UInt8]) -> Bool {
    guard let first = head.first, (0x81...0x8F).contains(first), head.count > 2,
      (0xA1...0xBF).contains(head[1])
    else { return false }
    let key = head.dropFirst(2).prefix(Int(head[1] & 0x1F))
    return key.count == Int(head[1] & 0x1F)
      && key.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x7A).contains($0) }
  }

  static func isText(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }

  // MARK: - Archives and folders

  private static func archive(_ names: [String]) -> ForeignFile? {
    func has(_ name: String) -> Bool {
      names.contains { $0 == name || $0.hasSuffix("/\(name)") }
    }
    // PyTorch's own reader takes packages, and what torch.export writes since PyTorch 2.7.
    if has(".data/extern_modules") || has("archive_format") { return nil }
    if has("serialized_exported_program.json") {
      return ForeignFile(
        "a model that torch.export of PyTorch 2.1 to 2.6 wrote (.pt2)",
        "Load it in PyTorch and save it again with torch.export.save.")
    }
    if has("data.pkl") { return nil }
    let endings = [".pt", ".pth", ".bin", ".ckpt", ".safetensors", ".h5"]
    if let inner = names.first(where: { name in endings.contains(where: name.hasSuffix) }) {
      return ForeignFile(
        "a zip archive that holds \(inner)", "Unpack it; the checkpoint is inside.")
    }
    return nil
  }

  private static func folder(_ names: [String]) -> ForeignFile? {
    func has(_ name: String) -> Bool { names.contains(name) }
    if has("saved_model.pb") { return ForeignFile("a TensorFlow SavedModel", convert) }
    if names.contains(where: { $0.hasSuffix(".index") }),
      names.contains(where: { $0.contains(".data-") })
    {
      return ForeignFile("a folder of a TensorFlow checkpoint", convert)
    }
    if has("_CHECKPOINT_METADATA") || has("_METADATA") || has("manifest.ocdbt") {
      return ForeignFile("an Orbax checkpoint")
    }
    if has("Manifest.json"), has("Data") { return ForeignFile("a Core ML package") }
    if has("config.json"), has("model.weights.h5") {
      return ForeignFile(
        "an unpacked .keras archive", "Name model.weights.h5 in it, which is the checkpoint.")
    }
    return nil
  }
}
