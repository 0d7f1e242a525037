import Arrays
import Checkpoints
import Files
import States

/// Writes a checkpoint as a file that `torch.load` reads, also with `weights_only=True` and
/// `mmap=True`.
///
/// The archive is what PyTorch 2.13 writes: members of the same names in the same order, aligned to
/// 64 bytes. PyTorch names the folder in it after the file; here it is always `archive`, as PyTorch
/// has it for files without a name, and the identifier of the content is made from the content, so
/// that the same checkpoint gives the same bytes. What PyTorch has no place for is in a member of
/// its own, ``PyTorchOutline``, which `torch.load` passes over.
package struct PyTorchWriter: WritePlan {
  static let root = "archive"

  private static let alignment = 64

  private let checkpoint: Checkpoint
  private let assembly: CheckpointAssembly
  private let path: String
  private let options: WriteOptions
  /// What is kept beside the object for the way back to formats.
  private let origin: Origin

  package var losses: [ConversionLoss] { assembly.losses + PyTorchOutline.losses(of: origin) }

  /// Puts the object together that is pickled.
  ///
  /// - Parameter origin: What is kept beside it for the way back to formats, this one too if the
  ///   object is not put together as it says; by default what the checkpoint has of others.
  package init(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions,
    carrying origin: Origin? = nil
  ) {
    self.checkpoint = checkpoint
    self.path = path
    self.options = options
    self.origin = origin ?? checkpoint.origin.without(PyTorchStructure.format)
    assembly = CheckpointAssembly(checkpoint, options: options)
  }

  package func write(checking input: InputCheck?) throws -> WriteSummary {
    let file = try options.replacement(of: path)
    let summary = try fill(file, recording: input?.seen)
    try options.commit([file], checking: input)
    return summary
  }

  /// Writes everything into a file that does not take its place yet.
  package func fill(
    _ file: ReplacementFile, recording seen: ReadChecksums?
  ) throws -> WriteSummary {
    let storages = SavedStorages(assembly.tensors.tensors)
    var pickle = PickleWriter(tensors: assembly.tensors.tensors, storages: storages)
    pickle.write(root: assembly.root)
    let ordered = pickle.storageOrder.map { storages.storages[$0] }

    let archive = ZipArchiveWriter(file, style: .withDescriptors)
    func add(_ name: String, _ content: [UInt8]) throws {
      try archive.add("\(Self.root)/\(name)", content, alignment: Self.alignment)
    }
    try add("data.pkl", pickle.bytes)
    try add(".format_version", Array("1".utf8))
    try add(".storage_alignment", Array(String(Self.alignment).utf8))
    try add("byteorder", Array("little".utf8))
    let members = try ordered.enumerated().map { number, storage in
      try archive.add(
        "\(Self.root)/data/\(number)", byteCount: storage.byteCount, alignment: Self.alignment)
    }
    try add("version", Array("3\n".utf8))
    if let outline = PyTorchOutline(checkpoint, assembly, origin) {
      try add(PyTorchOutline.memberName, Array(outline.json.utf8))
    }
    let identifier = try archive.add(
      "\(Self.root)/.data/serialization_id", byteCount: ContentIdentifier.byteCount,
      alignment: Self.alignment)
    try archive.reserve()
    let items = zip(ordered, members).map { storage, member in
      TensorStream.Item(
        storage.source, as: storage.writtenType, to: .member(member, of: archive, offset: 0))
    }
    let checksums = try TensorStream(items, threads: options.threads, recording: seen).write()
    try archive.write(
      ContentIdentifier(pickle.bytes, checksums).text, to: identifier, at: 0)
    return WriteSummary(
      tensorCount: assembly.tensors.tensors.count, tensorByteCount: storages.tensorByteCount,
      fileByteCount: try archive.finish(), losses: losses)
  }
}

/// The number by which PyTorch distinguishes the contents of files: 40 decimal digits.
///
/// PyTorch makes it from hashes of the members that differ from one machine to another; all that
/// matters is that different contents have different numbers.
struct ContentIdentifier {
  static let byteCount = 40

  /// The digits.
  let text: [UInt8]

  /// The number of a pickle and the checksums of the storages, in order.
  init(_ pickle: [UInt8], _ checksums: [UInt32]) {
    var content = pickle
    for checksum in checksums { content.append(littleEndian: checksum) }
    // FNV-1a with two offsets: fast enough for a pickle, and never a secret.
    var digits = ""
    for offset: UInt64 in [0xCBF2_9CE4_8422_2325, 0x6C62_272E_07BB_0142] {
      let hash = content.reduce(offset) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      let part = String(hash)
      digits += String(repeating: "0", count: Self.byteCount / 2 - part.utf8.count) + part
    }
    text = Array(digits.utf8)
  }
}
