import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// A model in several safetensors files, which an index such as `model.safetensors.index.json`
/// names.
///
/// The index has a `weight_map` from the name of each tensor to the file that holds it, as
/// huggingface_hub writes it. All files are opened at once, and their tensors mapped.
///
/// ```swift
/// let shards = try SafetensorsShards(index: "model.safetensors.index.json")
/// shards.tensors["lm_head.weight"]?.shape
/// ```
public struct SafetensorsShards: Sendable {
  /// The tensors by name, in the order of the index.
  public let tensors: OrderedDictionary<String, NDArray>
  /// The texts in the headers of the files, and those that the index adds to them, without the
  /// checksums that Ballast writes. Of different texts of one name the first counts, in the order
  /// of the files, and the index last.
  public let metadata: OrderedDictionary<String, String>

  /// A loss of kind `metadataDropped` for each text that differs from an earlier one of its name.
  let losses: [ConversionLoss]
  /// Values in the metadata of the index that are no texts, by name, without the sizes.
  let values: OrderedDictionary<String, Value>

  /// The files, in the order in which the index first names them.
  let files: [SafetensorsFile]

  /// The path of the index; nil if the files were found by their names.
  let indexPath: String?

  private let path: String
  /// The text of a `CheckpointOutline` in the index's metadata.
  private let outline: String?

  /// The ending of the names of such indexes.
  package static let indexSuffix = ".safetensors.index.json"

  /// Opens an index and all the files that it names, which are in the same folder.
  ///
  /// - Parameter path: The path of the index.
  /// - Throws: `CheckpointError`: as for a single ``SafetensorsFile``, and also `notThisFormat` if
  ///   the index has no `weight_map`; `refused` if it names a file in another folder or with
  ///   another ending; `damaged` if it is not JSON, leaves out one of numbered files, or if a file
  ///   lacks a tensor that the index places there or has one that the index does not name.
  public init(index path: String) throws(CheckpointError) {
    try self.init(ShardIndex(path, ending: ".safetensors"))
  }

  /// Opens the files that an index, or their own names, list.
  ///
  /// - Throws: `CheckpointError`, also with code `damaged` if the files are Ballast's and their
  ///   index, which holds the outline, is missing.
  package init(_ index: ShardIndex) throws(CheckpointError) {
    var files: OrderedDictionary<String, SafetensorsFile> = [:]
    var texts = SharedTexts()
    for name in index.files {
      let file = try SafetensorsFile(index.folder + name)
      // Of each file's own tensors.
      for (key, text) in file.metadata where key != ChecksumTable.key {
        texts.add(text, key, of: name)
      }
      files[name] = file
    }
    if !index.isFile, texts.first[SafetensorsPlan.outlineKey] == nil,
      let name = files.first(where: { $0.value.metadata[ChecksumTable.key] != nil })?.key
    {
      throw CheckpointError(
        .damaged, file: index.folder + name,
        reason: "Ballast wrote into the index what the tensors are, and there is no index",
        advice: "Fetch the index.")
    }
    let places = try index.places(of: files.mapValues { Array($0.tensors.keys) })
    // huggingface_hub writes the texts that it puts into a single file, such as the other names of
    // a tensor, into the index of several.
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
