import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// A model in several safetensors files, as `model.safetensors.index.json` tells.
public struct SafetensorsShards: Sendable {
  /// The tensors, in the order of the index.
  public let tensors: OrderedDictionary<String, NDArray>
  /// Texts that the writers of the files added.
  public let metadata: OrderedDictionary<String, String>

  /// The files, in the order in which the index first names them.
  let files: [SafetensorsFile]

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

  /// The tensors and texts, with what Ballast wrote beside them.
  func collection() -> ArrayCollection {
    ArrayCollection(file: path, tensors: tensors, metadata: metadata, outline: outline)
  }
}
