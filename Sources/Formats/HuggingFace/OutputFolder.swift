import Checkpoints
import Files
import OrderedCollections
import Platform
import States

/// The folder in which weights are written: a new one, or one that holds other files of a repository.
///
/// In a folder that there is, files cannot take their places in one step. All that is replaced, and
/// the weights that go, such as further shards, are taken away first; then the new files come, those
/// by which they are found last. So at every moment, also after a process was killed, the folder is the
/// old checkpoint or the new one, or it is refused for what is missing:
///
/// - The old shards go before the old index or single file, which is what a reader goes by. As soon
///   as one of them is gone, the index names a file that is not there, and shards without an index are
///   no whole set. Shards that no reader looks at, beside a single file, may go before it.
/// - `config.json` is replaced when nothing is left by which the old weights could be read, and before
///   the new ones can be.
/// - New shards are no whole set before the last of them is there; then they are the new checkpoint, or
///   are refused for an outline that is in the index, which comes last.
struct OutputFolder {
  private let path: String
  private let options: WriteOptions
  /// Whether it is made anew.
  private let isNew: Bool
  /// The files of weights that are replaced, or go, in the order in which they are taken away.
  private let replaced: [String]
  private let hasConfiguration: Bool
  /// The name of the file that says what the weights are of.
  private let configurationName: String

  /// Looks what there is at a path. Nothing is written yet.
  ///
  /// - Throws: `FileError` if it is a file, or holds such weights and `WriteOptions.overwrite` refuses
  ///   to replace them; `CheckpointError` with code `refused` if it holds others, which would be
  ///   read in their place.
  init(_ path: String, for names: HuggingFaceWriter.Names, _ options: WriteOptions) throws {
    self.options = options
    self.path = path.withoutSlash
    let configurationName = names.configuration
    self.configurationName = configurationName
    guard let there = try Self.names(in: self.path) else {
      (isNew, replaced, hasConfiguration) = (true, [], false)
      return
    }
    isNew = false
    // What a killed writer took away may have a name that is not written again.
    ReplacementFile.sweepLeftovers(in: self.path) { name in
      name == configurationName || WeightFile(name).map(names.replaces) ?? false
    }
    let folder = RepositoryFolder(self.path, there)
    let files = folder.groups.values.joined()
    // What is read first goes last: nothing else is found in its place meanwhile.
    replaced = files.filter(names.replaces).map(\.name).reversed()
    hasConfiguration = folder.names.contains(configurationName)
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

  /// Whether the folder has such a file, `config.json` or an adapter's, that says the same.
  func holds(_ configuration: Value) throws(CheckpointError) -> Bool {
    guard hasConfiguration else { return false }
    let there = try RepositoryConfiguration.content(
      "\(path)/\(configurationName)")
    return (try? there.get()) == configuration
  }

  /// Writes the files, and gives them their places in the order in which `fill` returns them, the last one
  /// by which the others are found.
  ///
  /// - Returns: The result of `fill`.
  /// - Throws: As `WriteOptions.writeFolder`; then no file is replaced.
  func write<Result>(
    checking input: InputCheck?, _ fill: WriteOptions.FolderFilling<Result>
  ) throws -> Result {
    guard !isNew else { return try options.writeFolder(path, checking: input, fill) }
    let (files, result) = try fill { (name) throws(FileError) in
      try options.replacement(of: "\(path)/\(name)")
    }
    try options.commit(files, replacing: replaced.map { "\(path)/\($0)" }, checking: input)
    return result
  }
}
