import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// A model in several safetensors files, as `model.safetensors.index.json` tells.
public struct SafetensorsShards: Sendable {
  /// The tensors, in the order of the index.
  public let tensors: OrderedDictionary<String, NDArray>
  /// Texts that the writers of the files, and that of the index, added. Where they differ, it is that
  /// of the first.
  public let metadata: OrderedDictionary<String, String>

  /// Texts of the files and the index that are not those of the first.
  let losses: [ConversionLoss]
  /// Values of the index that are no texts.
  let values: OrderedDictionary<String, Value>

  /// The files, in the order in which the index first names them.
  let files: [SafetensorsFile]

  /// The index, if there is one.
  let indexPath: String?

  private let path: String
  private let outline: String?

  /// What the name of an index ends in.
  package static let indexSuffix = ".safetensors.index.json"

  /// Opens an index and all the files it names, which lie beside it.
  ///
  /// - Throws: `CheckpointError`, also if a file lacks a tensor, has one that the index does not
  ///   name, or if the index names a file elsewhere.
  public init(index path: String) throws(CheckpointError) {
    try self.init(ShardIndex(path, ending: ".safetensors"))
  }

  /// Opens the files that an index names.
  package init(_ index: ShardIndex) throws(CheckpointError) {
    var files: OrderedDictionary<String, SafetensorsFile> = [:]
    var texts = SharedTexts()
    for name in index.files {
      let file = try SafetensorsFile(index.folder + name)
      // Of each file's own tensors.
      for (key, text) in file.metadata where key != SafetensorsChecksums.key {
        texts.add(text, key, of: name)
      }
      files[name] = file
    }
    if !index.isFile, texts.first[SafetensorsPlan.outlineKey] == nil,
      let name = files.first(where: { $0.value.metadata[SafetensorsChecksums.key] != nil })?.key
    {
      throw CheckpointError(
        .damaged, file: index.folder + name,
        reason: "Ballast wrote into the index what the tensors are, and there is no index",
        advice: "Fetch the index.")
    }
    let places = try index.places(of: files.mapValues { Array($0.tensors.keys) })
    // huggingface_hub writes the texts that it puts into a single file, such as the other names of a
    // tensor, into the index of several.
    var values: OrderedDictionary<String, Value> = [:]
    for (key, value) in index.texts where key != SafetensorsPlan.outlineKey {
      if let text = value.stringValue {
        texts.add(text, key, of: "the index")
      } else {
        values[key] = value
      }
    }
    var tensors: OrderedDictionary<String, NDArray> = [:]
    for (key, name) in places { tensors[key] = files[name]?.tensors[key] }
    self.tensors = tensors
    self.files = Array(files.values)
    metadata = texts.first
    losses = texts.losses
    self.values = values
    path = index.path
    outline = index.metadata?[SafetensorsPlan.outlineKey]?.stringValue
    indexPath = index.isFile ? index.path : nil
  }

  /// The tensors and texts, with what Ballast wrote beside them.
  func collection() -> ArrayCollection {
    ArrayCollection(file: path, tensors: tensors, metadata: metadata, outline: outline)
  }
}

/// The texts of several files as those of one.
private struct SharedTexts {
  /// Each as the first file has it that does.
  private(set) var first: OrderedDictionary<String, String> = [:]
  private(set) var losses: [ConversionLoss] = []

  mutating func add(_ text: String, _ key: String, of name: String) {
    guard let known = first[key] else {
      first[key] = text
      return
    }
    guard known != text else { return }
    losses.append(
      ConversionLoss(.metadataDropped, key, "\(name) has another text of it than a file before"))
  }
}
