import Checkpoints
import Files
import OrderedCollections
import States

/// Which file has which tensor, as `model.safetensors.index.json` says, and the indexes of other
/// files.
///
/// It is JSON with `weight_map`, the name of a file for each tensor, and `metadata`, in which
/// `total_size` is the number of bytes of all tensors, and `total_parameters` that of their
/// elements.
///
/// Where there is none, the names of shards say how many files a set has, and the files
/// themselves which has which tensor.
package struct ShardIndex: Sendable {
  /// The path of the index, or of the first file if there is none.
  package let path: String
  /// Whether there is an index.
  package var isFile: Bool { map != nil }
  /// The names of the files, in the order in which they are first named.
  package let files: OrderedSet<String>
  /// What the writer says of all files together.
  package let metadata: Value?

  /// The name of a file beside the index for each tensor, in the order of the index.
  private let map: OrderedDictionary<String, String>?

  /// The maximum size of an index that is read.
  private static let maximumByteCount = 256 << 20

  /// Reads an index, and none of the files that it names.
  ///
  /// - Parameter ending: What the names of the files have to end in.
  /// - Throws: `CheckpointError`: `notThisFormat` if it has no `weight_map`; `damaged` if it is
  ///   not JSON, or if it leaves out one of the files that are numbered; `refused` if it names a
  ///   file elsewhere.
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
    files = OrderedSet(map.values)
    metadata = value["metadata"]
    for name in files
    where name.isEmpty || name.contains("/") || name == ".." || !name.hasSuffix(ending) {
      throw CheckpointError(
        .refused, file: path, reason: "it names \"\(name)\", which is no file beside it")
    }
    try checkNumbers()
  }

  /// The files of a set without an index, all of which are there.
  ///
  /// - Parameter folder: The folder of the files, with a slash at its end; empty if it is the
  ///   current one.
  package init(_ shard: ShardName, in folder: String) {
    path = folder + shard.first
    files = OrderedSet(shard.siblings)
    (map, metadata) = (nil, nil)
  }

  /// The folder of the files, with a slash at its end; empty if it is the current one.
  package var folder: String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

  /// The bytes of all tensors, as the index says; nil if it does not.
  package var totalByteCount: Int? {
    let size = metadata?["total_size"]
    // transformers wrote it as a floating-point number for a while.
    return size?.intValue ?? size?.doubleValue.flatMap { Int(exactly: $0) }
  }

  /// What the writer says beyond the sizes, which any reader finds out.
  package var texts: OrderedDictionary<String, Value> {
    let members = (metadata?.dictionary ?? [:]).filter {
      $0.key != "total_size" && $0.key != "total_parameters"
    }
    return OrderedDictionary(members.map { ($0.key.text, $0.value) }) { first, _ in first }
  }

  /// A part that the index does not name would be missing unnoticed.
  private func checkNumbers() throws(CheckpointError) {
    var sets: Set<String> = []
    for name in files {
      guard let shard = ShardName(name), sets.insert(shard.first).inserted else { continue }
      if let missing = shard.siblings.first(where: { !files.contains($0) }) {
        throw CheckpointError(
          .damaged, file: path,
          reason: "it names \(name), and not \(missing), which is a part of the same model")
      }
    }
  }

  /// Compares the tensors that the files have with the index.
  ///
  /// - Parameter keys: For each file, in order, the names of its tensors, in order.
  /// - Returns: For each tensor, in the order of the index, the file that has it.
  /// - Throws: `CheckpointError` with code `damaged` if a file lacks a tensor, or has one that
  ///   the index places elsewhere or nowhere; without an index, if two files have a tensor.
  package func places(
    of keys: OrderedDictionary<String, [String]>
  ) throws(CheckpointError) -> OrderedDictionary<String, String> {
    guard let map else { return try gathered(keys) }
    for (name, keys) in keys {
      if let extra = keys.sorted().first(where: { map[$0] != name }) {
        throw CheckpointError(
          .damaged, file: path, place: extra,
          reason: "\(name) has this tensor, and the index places it elsewhere or nowhere")
      }
    }
    let known = keys.mapValues(Set.init)
    for (key, name) in map where known[name]?.contains(key) != true {
      throw CheckpointError(
        .damaged, file: path, place: key, reason: "\(name) should have this tensor, and has not")
    }
    return map
  }

  private func gathered(
    _ keys: OrderedDictionary<String, [String]>
  ) throws(CheckpointError) -> OrderedDictionary<String, String> {
    var places: OrderedDictionary<String, String> = [:]
    for (name, keys) in keys {
      for key in keys {
        guard let other = places.updateValue(name, forKey: key) else { continue }
        throw CheckpointError(
          .damaged, file: path, place: key,
          reason: "\(other) and \(name) have this tensor, and there is no index")
      }
    }
    return places
  }
}
