import Arrays
import Checkpoints
import OrderedCollections
import States

/// What will be in which safetensors file, before the first byte is written.
///
/// The metadata of a file are the checkpoint's, as far as they are texts, numbers or booleans; the
/// other names of tied tensors, as Hugging Face's libraries write them (`dropped: kept`); and under
/// ``outlineKey`` the outline, unless a reader would find everything without it. With an outline go
/// the `ChecksumTable`.
struct SafetensorsPlan {
  /// A file: the tensors in the order of their bytes.
  struct File {
    fileprivate(set) var tensors:
      [(stored: CheckpointOutline.StoredTensor, entry: SafetensorsHeader.PlannedEntry)] = []
    /// The bytes of the tensors.
    private(set) var byteCount = 0

    /// Puts a tensor behind the others; they are sorted when the file is complete.
    fileprivate mutating func add(
      _ tensor: CheckpointOutline.StoredTensor, _ entry: SafetensorsHeader.PlannedEntry
    ) {
      tensors.append((tensor, entry))
      byteCount += entry.byteCount
    }
  }

  /// The files, one unless tensors are distributed. There is one even if there are no tensors.
  private(set) var files: [File] = []
  /// What the metadata of each file hold besides the outline and the checksums: first the name of
  /// the framework, then the user's metadata that can be texts, then the other names of tensors.
  private(set) var texts: OrderedDictionary<String, String> = [:]
  /// The outline as JSON; nil if a reader finds the same checkpoint without it. One file has it in
  /// its header, several have it in their index.
  let outline: String?
  /// The types and names that other readers will see in place of the tensors' own. Ballast reads
  /// all of them back from the outline.
  private(set) var losses: [ConversionLoss] = []
  /// How many names of tensors there are, ties and the tensors within values counted.
  let tensorCount: Int

  /// The text that names the library for which a file was made: `pt`, `tf`, `flax`, `np`, `mlx`.
  static let frameworkKey = "format"

  /// The name of the outline in the metadata.
  static let outlineKey = "ballast.outline"

  /// What becomes of a key that the header has for its metadata: it would make a file that no
  /// program reads.
  private static func storedName(_ key: String) -> String {
    key == SafetensorsHeader.metadataKey ? "\(key)~tensor" : key
  }

  /// Decides the name, type and file of every tensor.
  ///
  /// Tensors are distributed over files in the checkpoint's order, and sorted within each file as
  /// the format's library sorts them: by type, then by name. A metadata text is left to the outline
  /// if a reader could take it for something else: it has the name of a tensor, or is one.
  ///
  /// - Parameters:
  ///   - file: The path, for errors.
  ///   - options: Which type floating-point tensors are written as.
  ///   - fileByteCount: How many bytes the tensors of a file may have; one larger tensor is a file
  ///     of its own. nil makes one file.
  /// - Throws: `CheckpointError` with code `unsupported` if the outline cannot be written: a value
  ///   is nested too deep, or keys and metadata take too many bytes.
  init(
    _ checkpoint: Checkpoint, file: String, options: WriteOptions, fileByteCount: Int?
  ) throws(CheckpointError) {
    let framework = Self.framework(of: checkpoint)
    // The text says it, unless it could be the user's: then the outline has both.
    var rest = checkpoint
    if framework != nil, checkpoint.metadata[Self.frameworkKey] == nil,
      checkpoint.origin.isFrameworkAlone
    {
      rest.origin["safetensors"] = nil
    }
    // With an outline, the text alone could be the one that is written by default.
    let outline = try CheckpointOutline(
      framework == Self.defaultFramework ? checkpoint : rest, file: file, options: options,
      hasName: SafetensorsHeader.PlannedEntry.canSay,
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
    var open = File()
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
        open = File()
      }
      open.add(tensor, entry)
    }
    files.append(open)
    for index in files.indices {
      files[index].tensors.sort { SafetensorsHeader.PlannedEntry.precedes($0.entry, $1.entry) }
    }
    let names = Set(outline.tensors.map(\.name))
    // Loaders depend on it, so it comes before a text of the user's.
    if let framework { texts[Self.frameworkKey] = framework }
    for (key, value) in checkpoint.metadata {
      // A reader would take the first of these for a tie, and the last for an outline.
      guard !names.contains(key), outline.aliases[key] == nil, key != Self.outlineKey,
        key != ChecksumTable.key, let text = value.metadataText, !names.contains(text),
        texts[key] == nil
      else { continue }
      texts[key] = text
    }
    let order = files.flatMap { $0.tensors.map(\.stored.name) }
    let isPlain =
      outline.isRedundant(for: rest, order: order, texts: texts)
      // A reader would take it for the framework's name.
      && !checkpoint.namesFramework
    self.outline = isPlain ? nil : outline.json
    for (name, kept) in outline.aliases { texts[name] = kept }
    let isMute = isPlain && texts.isEmpty
    // An outline has the user's value of this name, so that the text can be the one that loaders want.
    let isFree =
      framework == nil && outline.aliases[Self.frameworkKey] == nil
      && (!isPlain || checkpoint.metadata[Self.frameworkKey] == nil)
    if !isMute, isFree, !names.contains(Self.frameworkKey), !names.contains(Self.defaultFramework) {
      texts[Self.frameworkKey] = Self.defaultFramework
    }
  }
}

extension SafetensorsPlan {
  /// The framework that files name whose metadata would name none, PyTorch: transformers 4 and
  /// accelerate refuse those, and those with another text in its place.
  private static let defaultFramework = "pt"

  /// The framework that the origin names; nil if it names none that is known, or if a reader would
  /// take the text for another name of a tensor.
  private static func framework(of checkpoint: Checkpoint) -> String? {
    guard let framework = checkpoint.origin.framework, Checkpoint.frameworks.contains(framework),
      checkpoint.state[framework] == nil, checkpoint.state[frameworkKey] == nil
    else { return nil }
    return framework
  }
}

extension Origin {
  /// The library for which safetensors files are made, as the text ``SafetensorsPlan/frameworkKey``
  /// names it: `pt`; nil if none is named. Setting it replaces all that is kept for safetensors.
  package var framework: String? {
    get { self["safetensors"]?["texts"]?[SafetensorsPlan.frameworkKey]?.stringValue }
    set {
      self["safetensors"] = newValue.map { framework in
        ["texts": [.string(SafetensorsPlan.frameworkKey): .string(framework)]]
      }
    }
  }

  /// Whether what safetensors keep is the framework and nothing else.
  fileprivate var isFrameworkAlone: Bool {
    var same = self
    same.framework = framework
    return same["safetensors"] == self["safetensors"]
  }
}
