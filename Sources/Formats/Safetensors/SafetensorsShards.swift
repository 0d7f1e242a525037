import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// A model in several safetensors files, which an index such as `model.safetensors.index.json`
/// names.
///
/// The index has a `weight_map` from the name of each tensor to the file that holds it, as
/// huggingface_hub writes it.
public struct SafetensorsShards: Sendable {
  /// The tensors by name, in the order of the index.
  public let tensors: OrderedDictionary<String, NDArray>
  /// The texts in the headers of the files, and those that the index adds to them. Of different texts
  /// of one name the first stands.
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
  /// The text of a `CheckpointOutline` in the index's metadata.
  private let outline: String?

  /// The ending of the names of such indexes.
  package static let indexSuffix = ".safetensors.index.json"

  /// Opens an index and all the files that it names, which lie in the same folder.
  ///
  /// - Parameter path: The path of the index.
  /// - Throws: `CheckpointError`: as for a single ``SafetensorsFile``, and also `notThisFormat` if
  ///   the index has no `weight_map`; `refused` if it names a file in another folder or with another
  ///   ending; `damaged` if it is not JSON, leaves out one of numbered files, or if a file lacks a
  ///   tensor that the index places there or has one that the index does not name.
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

  /// The tensors and texts, with the outline that Ballast wrote beside them.
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
