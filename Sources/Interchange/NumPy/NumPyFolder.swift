import Arrays
import Checkpoints

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of `.npy` files, in folders within it too.
enum NumPyFolder {
  /// The deepest that folders may be nested, and how many files there may be.
  private static let maximumDepth = 64
  private static let maximumCount = 1 << 20

  /// Whether a path leads to a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && mode_t(status.st_mode) & S_IFMT == S_IFDIR
  }

  /// The `.npy` files by their paths in the folder, sorted. Symbolic links are not followed, and
  /// names that begin with a dot are left out.
  ///
  /// - Throws: ``InterchangeError`` if a folder cannot be read, or there is no end to them.
  static func files(in folder: String) throws(InterchangeError) -> [String] {
    var found: [String] = []
    try list(folder, "", depth: 0, &found)
    return sorted(found)
  }

  /// Names in the order in which a folder is read.
  static func sorted(_ names: [String]) -> [String] {
    names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func list(
    _ root: String, _ prefix: String, depth: Int, _ found: inout [String]
  ) throws(InterchangeError) {
    let path = prefix.isEmpty ? root : "\(root)/\(prefix)"
    guard let directory = opendir(path) else {
      throw InterchangeError(FileError("open", path: path, errno: errno))
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      // In its place: an entry ends with its name, before the end of the field.
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        String(validatingCString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      guard let name, !name.hasPrefix(".") else { continue }
      var status = stat()
      let place = prefix.isEmpty ? name : "\(prefix)/\(name)"
      guard lstat("\(root)/\(place)", &status) == 0 else { continue }
      switch mode_t(status.st_mode) & S_IFMT {
      case S_IFREG where name.hasSuffix(".npy"): found.append(place)
      case S_IFDIR where depth < maximumDepth: try list(root, place, depth: depth + 1, &found)
      default: break
      }
      guard found.count <= maximumCount else {
        throw InterchangeError(
          .refused, file: root, reason: "it holds more than \(maximumCount) arrays")
      }
    }
  }

  /// Writes a file for each array, on several threads.
  ///
  /// - Returns: The bytes of all files.
  static func write(_ plan: NumPyPlan, to path: String, _ options: SaveOptions) throws -> Int {
    guard options.compression == nil else {
      throw InterchangeError(
        .unsupported, file: path, reason: "single .npy files are never compressed",
        advice: "Give the output a name that ends in .npz.")
    }
    let folder = try ReplacementFolder(
      path, overwrite: options.overwrite, durable: options.isDurable)
    let members = plan.members
    try Parallel.forEach(members.count, threads: options.threads) { number in
      let member = members[number]
      let file = try folder.file(member.name + ".npy")
      try member.header.withUnsafeBytes { try file.write($0, at: 0) }
      try member.array.forEachBlock(as: member.dtype, recording: options.readChecksums) {
        bytes, place in
        try file.write(bytes, at: member.header.count + place)
      }
      try file.commit()
    }
    try options.beforeCommit?()
    try folder.commit()
    return members.reduce(0) { $0 + $1.byteCount }
  }
}
