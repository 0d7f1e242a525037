import Arrays
import Checkpoints
import States

/// Writes a checkpoint as a file that `torch.load` reads, also with `weights_only=True` and
/// `mmap=True`.
///
/// The archive is what PyTorch 2.13 writes: members of the same names in the same order, aligned to
/// 64 bytes. PyTorch names the folder in it after the file; here it is always `archive`, as PyTorch
/// has it for files without a name, and the identifier of the content is made from the content, so
/// that the same checkpoint gives the same bytes. What PyTorch has no place for is in a member of
/// its own, ``PyTorchOutline``, which `torch.load` passes over.
enum PyTorchWriter {
  static let root = "archive"

  private static let alignment = 64
  /// What one thread takes at a time.
  private static let blockByteCount = 8 << 20
  /// Small enough to be in the cache still when it is written after its checksum was made.
  private static let pieceByteCount = 1 << 18

  /// Writes `checkpoint` to `path`.
  ///
  /// - Throws: `FileError`, `ConversionError`; the path then leads to what it did before.
  static func write(
    _ checkpoint: Checkpoint, to path: String, options: ExportOptions
  ) throws -> ExportSummary {
    let assembly = CheckpointAssembly(checkpoint, options: options)
    try options.reviewLosses?(assembly.losses)
    let storages = SavedStorages(assembly.tensors.tensors)
    var pickle = PickleWriter(tensors: assembly.tensors.tensors, storages: storages)
    pickle.write(root: assembly.root)
    let ordered = pickle.storageOrder.map { storages.storages[$0] }

    let file = try options.save.replacement(of: path)
    let archive = ZipArchiveWriter(file, style: .pytorch)
    func add(_ name: String, _ content: [UInt8]) throws {
      try archive.add("\(root)/\(name)", content, alignment: alignment)
    }
    try add("data.pkl", pickle.bytes)
    try add(".format_version", Array("1".utf8))
    try add(".storage_alignment", Array(String(alignment).utf8))
    try add("byteorder", Array("little".utf8))
    let members = try ordered.enumerated().map { number, storage in
      try archive.add(
        "\(root)/data/\(number)", byteCount: storage.byteCount, alignment: alignment)
    }
    try add("version", Array("3\n".utf8))
    if let outline = PyTorchOutline(checkpoint, assembly) {
      try add(PyTorchOutline.memberName, Array(outline.json.utf8))
    }
    let identifier = try archive.add(
      "\(root)/.data/serialization_id", byteCount: ContentIdentifier.byteCount,
      alignment: alignment)
    try archive.reserve()
    try write(ordered, as: members, to: archive, options.save)
    let checksums = members.map { archive.checksum(of: $0) }
    try ContentIdentifier(pickle.bytes, checksums).text.withUnsafeBytes {
      try archive.write($0, to: identifier, at: 0)
    }
    let fileByteCount = try archive.finish()
    try options.save.commit([file])

    return ExportSummary(
      save: SaveSummary(
        tensorCount: assembly.tensors.tensors.count, tensorByteCount: storages.tensorByteCount,
        fileByteCount: fileByteCount),
      losses: assembly.losses)
  }

  private static func write(
    _ storages: [SavedStorages.Storage], as members: [ZipArchiveWriter.Member],
    to archive: ZipArchiveWriter, _ options: SaveOptions
  ) throws {
    let blocks = storages.indices.flatMap { index in
      let source = storages[index].source
      let length = blockByteCount / source.dtype.itemSize
      return stride(from: 0, to: source.elementCount, by: length).map { start in
        (storage: index, range: start..<min(start + length, source.elementCount))
      }
    }
    try Parallel.forEach(blocks.count, threads: options.threads) { number in
      let (index, range) = blocks[number]
      let storage = storages[index]
      try storage.source.forEachSummedBlock(
        in: range, as: storage.writtenType, ofByteCount: pieceByteCount,
        recording: options.readChecksums
      ) { bytes, checksum, place in
        try archive.write(bytes, checksum, to: members[index], at: place)
      }
    }
  }
}

/// The number by which PyTorch tells the contents of files apart: 40 decimal digits.
///
/// PyTorch makes it from hashes of the members that differ from one machine to another; all that
/// it asks of it is that different contents have different numbers.
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
