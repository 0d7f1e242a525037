import Checkpoints
import Files
import OrderedCollections
import States

/// Which file has which tensor, as `model.safetensors.index.json` tells, and its like of other files.
///
/// It is JSON with `weight_map`, the name of a file for each tensor, and `metadata`, in which
/// `total_size` is the number of bytes of all tensors.
package struct ShardIndex: Sendable {
  /// The path of the index.
  package let path: String
  /// The name of a file beside the index for each tensor, in the order of the index.
  package let map: OrderedDictionary<String, String>
  /// What the writer says of all files together.
  package let metadata: Value?

  /// The largest index that is read.
  private static let maximumByteCount = 256 << 20

  /// Reads an index, and none of the files that it names.
  ///
  /// - Parameter ending: What the names of the files have to end in.
  /// - Throws: ``CheckpointError``: `notThisFormat` if it has no `weight_map`; `damaged` if it is not
  ///   JSON, or if it leaves out one of the files that are numbered; `refused` if it names a file
  ///   elsewhere.
  package init(_ path: String, ending: String) throws(CheckpointError) {
    let bytes = try reportingFileErrors { () throws(FileError) in
      let file = try InputFile(path)
      return try file.bytes(in: 0..<min(file.byteCount, Self.maximumByteCount))
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
    self.path = path
    self.map = map
    metadata = value["metadata"]
    for name in files
    where name.isEmpty || name.contains("/") || name == ".." || !name.hasSuffix(ending) {
      throw CheckpointError(
        .refused, file: path, reason: "it names \"\(name)\", which is no file beside it")
    }
    try checkNumbers()
  }

  /// The names of the files, in the order in which they are first named.
  package var files: OrderedSet<String> { OrderedSet(map.values) }

  /// The folder of the files, with a slash at its end; empty if it is the current one.
  package var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

  /// The bytes of all tensors, as the index says; nil if it does not.
  package var totalByteCount: Int? {
    let size = metadata?["total_size"]
    // transformers wrote it as a floating-point number for a while.
    return size?.intValue ?? size?.doubleValue.flatMap { Int(exactly: $0) }
  }

  /// A part that the index does not name would be missed by nobody.
  private func checkNumbers() throws(CheckpointError) {
    for name in files {
      guard let shard = ShardName(name) else { continue }
      if let missing = shard.siblings.first(where: { !files.contains($0) }) {
        throw CheckpointError(
          .damaged, file: path,
          reason: "it names \(name), and not \(missing), which is a part of the same model")
      }
      return
    }
  }

  /// Holds the tensors that the files have against the index.
  ///
  /// - Parameter keys: For each file, in order, the names of its tensors.
  /// - Throws: ``CheckpointError`` with code `damaged` if a file lacks a tensor, or has one that the
  ///   index places elsewhere or nowhere.
  package func check(_ keys: OrderedDictionary<String, Set<String>>) throws(CheckpointError) {
    for (name, keys) in keys {
      if let extra = keys.sorted().first(where: { map[$0] != name }) {
        throw CheckpointError(
          .damaged, file: path, place: extra,
          reason: "\(name) has this tensor, and the index places it elsewhere or nowhere")
      }
    }
    for (key, name) in map where keys[name]?.contains(key) != true {
      throw CheckpointError(
        .damaged, file: path, place: key, reason: "\(name) should have this tensor, and has not")
    }
  }
}
