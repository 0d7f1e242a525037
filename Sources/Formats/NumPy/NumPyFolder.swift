import Arrays
import Checkpoints
import Files
import Platform

/// A folder of `.npy` files, in folders within it too.
enum NumPyFolder {
  /// The maximum depth of folders in folders, and the maximum number of files.
  private static let maximumDepth = 64
  private static let maximumCount = 1 << 20

  /// The `.npy` files by their paths in the folder, sorted. Symbolic links are not followed, and
  /// names that begin with a dot are left out.
  ///
  /// - Throws: `CheckpointError` if a folder cannot be read, or there is no end to them.
  static func files(in folder: String) throws(CheckpointError) -> [String] {
    var (found, otherCount): ([String], Int) = ([], 0)
    try list(folder, "", depth: 0, &found, &otherCount)
    return sorted(found)
  }

  /// Whether a folder is one of arrays, by what is in it: some lie in it directly, or other files are not
  /// more than they are. An array somewhere in a tree of sources makes none of that. Texts and settings,
  /// which lie beside the weights that they describe, do not count.
  ///
  /// - Throws: `CheckpointError` if a folder cannot be read, or there is no end to the arrays.
  static func isLikely(_ folder: String) throws(CheckpointError) -> Bool {
    var (found, otherCount): ([String], Int) = ([], 0)
    try list(folder, "", depth: 0, &found, &otherCount)
    guard !found.isEmpty else { return false }
    return otherCount <= found.count || found.contains { !$0.contains("/") }
  }

  /// Names in the order in which a folder is read.
  static func sorted(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Whether a file is one of those that describe weights, by its name: `README`, `config.json`, `sha256.txt`.
  private static func isDescription(_ name: String) -> Bool {
    guard let point = name.lastIndex(of: ".") else { return name.allSatisfy(\.isUppercase) }
    let ending = name[name.index(after: point)...].lowercased()
    if ["txt", "md", "rst"].contains(ending) { return true }
    guard ["json", "yaml", "yml", "toml"].contains(ending) else { return false }
    // Others may be the data of a collection, in which an array somewhere makes no checkpoint.
    let words = ["config", "index", "metadata", "params", "args", "settings", "tokenizer", "vocab"]
    return words.contains { name.lowercased().contains($0) }
  }

  private static func list(
    _ root: String, _ prefix: String, depth: Int, _ found: inout [String],
    _ otherCount: inout Int
  ) throws(CheckpointError) {
    let path = prefix.isEmpty ? root : "\(root)/\(prefix)"
    let names = try reportingFileErrors { () throws(FileError) in try Folder.names(in: path) }
    for name in names where !name.hasPrefix(".") {
      let place = prefix.isEmpty ? name : "\(prefix)/\(name)"
      guard let status = FileStatus(ofLink: "\(root)/\(place)") else {
        let error = FileError("read", path: "\(root)/\(place)", errno: errno)
        guard error.isNotFound else { throw CheckpointError(error) }
        continue
      }
      if status.isRegularFile, name.hasSuffix(".npy") {
        found.append(place)
      } else if status.isRegularFile {
        if !isDescription(name) { otherCount += 1 }
      } else if status.isFolder, depth < maximumDepth {
        try list(root, place, depth: depth + 1, &found, &otherCount)
      }
      guard found.count <= maximumCount else {
        throw CheckpointError(
          .refused, file: root, reason: "it holds more than \(maximumCount) arrays")
      }
    }
  }
}
