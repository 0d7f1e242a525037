import Arrays
import Checkpoints
import OrderedCollections
import States

/// What will be in which safetensors file, before the first byte is written.
///
/// The metadata of a file are the checkpoint's, as far as they are texts, numbers or booleans; the
/// other names of tied tensors, as Hugging Face's libraries write them (`dropped: kept`); and under
/// ``outlineKey`` the outline, unless a reader would find everything without it. With an outline go
/// the ``SafetensorsChecksums``.
struct SafetensorsPlan {
  /// A file: the tensors in the order of their bytes.
  struct File {
    var tensors: [(stored: CheckpointOutline.StoredTensor, entry: SafetensorsHeader.PlannedEntry)]

    var byteCount: Int { tensors.reduce(0) { $0 + $1.entry.byteCount } }
  }

  /// The files, one unless tensors are distributed.
  private(set) var files: [File] = []
  /// What the metadata of each file hold.
  private(set) var texts: OrderedDictionary<String, String> = [:]
  /// The outline, nil if there is nothing to say.
  let outline: String?
  /// The types that other readers will see in place of the tensors' own.
  private(set) var losses: [ConversionLoss] = []
  let tensorCount: Int

  /// The text that names the library for which a file was made: `pt`, `tf`, `flax`, `np`, `mlx`.
  static let frameworkKey = "format"

  /// The name of the outline in the metadata.
  static let outlineKey = "ballast.outline"

  /// What becomes of a key that the header has for its metadata: it would make a file that nobody
  /// can read.
  private static func storedName(_ key: String) -> String {
    key == SafetensorsHeader.metadataKey ? "\(key)~tensor" : key
  }

  /// - Parameters:
  ///   - fileByteCount: How many bytes the tensors of a file may have; one larger tensor is a file of
  ///     its own.
  ///   - framework: What stands as ``frameworkKey`` in each file, unless the metadata say it.
  init(
    _ checkpoint: Checkpoint, file: String, options: WriteOptions, fileByteCount: Int?,
    framework: String? = nil
  ) throws(CheckpointError) {
    let framework =
      framework ?? checkpoint.origin["safetensors"]?["texts"]?[Self.frameworkKey]?.stringValue
    var checkpoint = checkpoint
    checkpoint.origin["safetensors"] = nil
    let outline = try CheckpointOutline(
      checkpoint, file: file, options: options, hasName: SafetensorsHeader.PlannedEntry.canSay,
      naming: Self.storedName)
    tensorCount = outline.tensorCount
    if checkpoint.state[SafetensorsHeader.metadataKey] != nil,
      outline.aliases[SafetensorsHeader.metadataKey] == nil
    {
      losses.append(
        ConversionLoss(
          .keyChanged, SafetensorsHeader.metadataKey,
          "safetensors has this name for its texts; other programs see the tensor under another, "
            + "Ballast under this"))
    }
    var open = File(tensors: [])
    for tensor in outline.tensors {
      let entry = SafetensorsHeader.PlannedEntry(tensor)
      if entry.typeName != tensor.dtype.safetensorsName {
        losses.append(
          ConversionLoss(
            .dtypeChanged, tensor.name,
            "safetensors has no \(tensor.dtype) of this shape; other programs see "
              + "\(entry.typeName) of shape \(Shape(entry.dimensions)), Ballast the same tensor"))
      }
      if let limit = fileByteCount, !open.tensors.isEmpty, open.byteCount + entry.byteCount > limit
      {
        files.append(open)
        open = File(tensors: [])
      }
      open.tensors.append((tensor, entry))
    }
    files.append(open)
    for index in files.indices {
      files[index].tensors.sort { SafetensorsHeader.PlannedEntry.precedes($0.entry, $1.entry) }
    }
    let names = Set(outline.tensors.map(\.name))
    if let framework, checkpoint.metadata[Self.frameworkKey] == nil, !names.contains(framework) {
      texts[Self.frameworkKey] = framework
    }
    for (key, value) in checkpoint.metadata {
      // A reader would take the first of these for a tie, and the last for an outline.
      guard !names.contains(key), outline.aliases[key] == nil, key != Self.outlineKey,
        key != SafetensorsChecksums.key, let text = value.metadataText, !names.contains(text)
      else { continue }
      texts[key] = text
    }
    let order = files.flatMap { $0.tensors.map(\.stored.name) }
    self.outline =
      outline.isRedundant(for: checkpoint, order: order, texts: texts) ? nil : outline.json
    for (name, kept) in outline.aliases { texts[name] = kept }
  }
}
