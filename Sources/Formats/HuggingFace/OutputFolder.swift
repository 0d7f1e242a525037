import Checkpoints
import Files
import OrderedCollections
import Platform
import States

/// The folder in which weights are written: a new one, or one that holds other files of a repository.
///
/// In a folder that there is, the files take their places one after the other, the one by which they
/// are found last; what is left of the weights that they replace, such as further shards, then goes.
struct OutputFolder {
  private let path: String
  private let options: WriteOptions
  /// The folder, if it is made anew.
  private let made: ReplacementFolder?
  /// The files that are replaced, or go.
  private let replaced: [String]
  private let hasConfiguration: Bool

  /// Makes or opens the folder.
  ///
  /// - Throws: `FileError` if it is a file, or holds such weights and `WriteOptions.overwrite` refuses
  ///   to replace them; ``CheckpointError`` with code `refused` if it holds others, which would be
  ///   read in their place.
  init(_ path: String, for names: HuggingFaceWriter.Names, _ options: WriteOptions) throws {
    self.options = options
    self.path = path.withoutSlash
    guard let there = try Self.names(in: self.path) else {
      made = try ReplacementFolder(
        self.path, overwrite: options.overwrite, durable: options.isDurable)
      (replaced, hasConfiguration) = ([], false)
      return
    }
    made = nil
    let folder = RepositoryFolder(self.path, there)
    let files = folder.groups.values.joined()
    replaced = files.filter(names.replaces).map(\.name)
    hasConfiguration = folder.names.contains(RepositoryConfiguration.fileName)
    if let other = files.first(where: { $0.variant == names.variant && !names.replaces($0) }) {
      throw CheckpointError(
        .refused, file: self.path,
        reason: "it holds \(other.name), and nobody could tell which of the weights are meant",
        advice: "Write to another folder.")
    }
    if options.overwrite == .refuse, let first = replaced.first {
      throw FileError("create", path: "\(self.path)/\(first)", errno: EEXIST)
    }
  }

  /// What a folder holds; nil if there is nothing at the path.
  private static func names(in path: String) throws(CheckpointError) -> [String]? {
    do throws(CheckpointError) {
      let probe = try FileProbe(path)
      guard probe.isFolder else {
        throw CheckpointError(FileError("create", path: path, errno: EEXIST))
      }
      return try probe.names()
    } catch {
      guard error.cause?.isNotFound == true else { throw error }
      return nil
    }
  }

  /// A new file in the folder.
  func file(_ name: String) throws(FileError) -> ReplacementFile {
    if let made { return try made.file(name) }
    return try options.replacement(of: "\(path)/\(name)")
  }

  /// Whether the folder has a `config.json` that says the same.
  func holds(_ configuration: Value) throws(CheckpointError) -> Bool {
    guard hasConfiguration else { return false }
    let there = try RepositoryConfiguration.content(
      "\(path)/\(RepositoryConfiguration.fileName)")
    return (try? there.get()) == configuration
  }

  /// Gives all files their places, the last one by which the others are found.
  func commit(_ files: [ReplacementFile], checking input: InputCheck?) throws {
    guard let made else {
      try options.commit(files, checking: input)
      let written = Set(files.compactMap { $0.path.split(separator: "/").last.map(String.init) })
      for name in replaced where !written.contains(name) { try Folder.remove("\(path)/\(name)") }
      return
    }
    try input?.finish()
    for file in files { try file.commit() }
    try made.commit()
  }

  /// Removes a folder that was made anew, and whose files are gone.
  func abandon() { made?.abandon() }
}
