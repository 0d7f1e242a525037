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
  /// The texts in the headers of the files, and those that the index adds to them. Of two texts of
  /// one name the first stands.
  public let metadata: OrderedDictionary<String, String>

  /// The files, in the order in which the index first names them.
  let files: [SafetensorsFile]

  /// The path of the index.
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
    var metadata: OrderedDictionary<String, String> = [:]
    for name in index.files {
      let file = try SafetensorsFile(index.folder + name)
      metadata.merge(file.metadata) { first, _ in first }
      files[name] = file
    }
    try index.check(files.mapValues { Set($0.tensors.keys) })
    // huggingface_hub writes the texts that it puts into a single file, such as the other names of a
    // tensor, into the index of several.
    for (key, value) in index.metadata?.dictionary ?? [:] where key != "total_size" {
      guard let text = value.stringValue, key.text != SafetensorsPlan.outlineKey,
        metadata[key.text] == nil
      else { continue }
      metadata[key.text] = text
    }
    var tensors: OrderedDictionary<String, NDArray> = [:]
    for (key, name) in index.map { tensors[key] = files[name]?.tensors[key] }
    self.tensors = tensors
    self.files = Array(files.values)
    self.metadata = metadata
    path = index.path
    outline = index.metadata?[SafetensorsPlan.outlineKey]?.stringValue
  }

  /// The tensors and texts, with the outline that Ballast wrote beside them.
  func collection() -> ArrayCollection {
    ArrayCollection(file: path, tensors: tensors, metadata: metadata, outline: outline)
  }
}
