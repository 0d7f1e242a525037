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

  /// The largest index that is read.
  private static let maximumByteCount = 256 << 20

  /// Opens an index and all the files it names, which lie beside it.
  ///
  /// - Throws: ``CheckpointError``, also if a file lacks a tensor, has one that the index does not
  ///   name, or if the index names a file elsewhere.
  public init(index path: String) throws(CheckpointError) {
    let (map, outline) = try Self.index(path)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var files: OrderedDictionary<String, SafetensorsFile> = [:]
    var metadata: OrderedDictionary<String, String> = [:]
    for name in OrderedSet(map.values) {
      guard !name.isEmpty, !name.contains("/"), name != "..", name.hasSuffix(".safetensors") else {
        throw CheckpointError(
          .refused, file: path, reason: "it names \"\(name)\", which is no file beside it")
      }
      let file = try SafetensorsFile(folder + name)
      metadata.merge(file.metadata) { first, _ in first }
      files[name] = file
      if let extra = file.tensors.keys.first(where: { map[$0] != name }) {
        throw CheckpointError(
          .damaged, file: path, place: extra,
          reason: "\(name) has this tensor, and the index places it elsewhere or nowhere")
      }
    }
    var tensors: OrderedDictionary<String, NDArray> = [:]
    for (key, name) in map {
      guard let tensor = files[name]?.tensors[key] else {
        throw CheckpointError(
          .damaged, file: path, place: key, reason: "\(name) should have this tensor, and has not")
      }
      tensors[key] = tensor
    }
    self.tensors = tensors
    self.files = Array(files.values)
    self.metadata = metadata
    self.path = path
    self.outline = outline
  }

  /// The tensors and texts, with what Ballast wrote beside them.
  func collection() -> ArrayCollection {
    ArrayCollection(file: path, tensors: tensors, metadata: metadata, outline: outline)
  }

  private static func index(
    _ path: String
  ) throws(CheckpointError) -> (map: OrderedDictionary<String, String>, outline: String?) {
    let bytes = try reportingFileErrors { () throws(FileError) in
      let file = try InputFile(path)
      return try file.bytes(in: 0..<min(file.byteCount, maximumByteCount))
    }
    let value: Value
    do {
      value = try Value(json: bytes)
    } catch {
      throw CheckpointError(.damaged, file: path, reason: "it is \(error)")
    }
    guard let members = value["weight_map"]?.dictionary else {
      throw CheckpointError(.notThisFormat, file: path, reason: "it has no weight_map")
    }
    var map: OrderedDictionary<String, String> = [:]
    for (key, name) in members {
      guard let name = name.stringValue else {
        throw CheckpointError(
          .damaged, file: path, place: key.text, reason: "its file is not named by a text")
      }
      map[key.text] = name
    }
    return (map, value["metadata"]?[SafetensorsPlan.outlineKey]?.stringValue)
  }
}
