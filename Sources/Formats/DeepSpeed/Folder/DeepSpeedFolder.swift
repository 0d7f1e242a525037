import Checkpoints
import Files

/// The folder of one checkpoint of DeepSpeed's, and which of its files are what.
struct DeepSpeedFolder: Sendable {
  /// The path of the folder with the files, without a slash at its end.
  let path: String
  /// The files of model states, in the order of the ranks; of a model that is divided itself, one of each
  /// part.
  let models: [DeepSpeedFileName]
  /// The files of the optimizer, in the order of the ranks; none in a universal folder.
  let optimizers: [DeepSpeedFileName]
  /// Whether the parameters are in files of their own, as `ds_to_universal` puts them.
  let isUniversal: Bool
  /// What is worth knowing of how it was found, a sentence each.
  let notes: [String]

  /// Whether each file of model states is of a rank that has a part of every parameter (stage 3).
  var isDivided: Bool {
    guard case .model(dataRank: .some)? = models.first?.content else { return false }
    return true
  }

  /// Whether each file of model states has a part of the model.
  var isInParts: Bool { !isDivided && models.count > 1 }

  /// The folder of the parameters in a universal one.
  static let parameters = "zero"
  /// The files that name the folder of a checkpoint, the one that is taken first.
  private static let tagFiles = ["latest", "latest_universal"]
  private static let longestTag = 1 << 10

  /// Finds the folder, by its own path, that of the one above it, or that of a file in it.
  ///
  /// - Throws: `CheckpointError`: `damaged` if the file of a rank is missing, `unsupported` for a model that is
  ///   divided in a way of which the rules are not known here, `refused` if there are files of several
  ///   checkpoints.
  init(_ probe: FileProbe) throws(CheckpointError) {
    var notes: [String] = []
    let path: String
    let names: [String]
    if probe.isFolder {
      let given = Self.withoutSlash(probe.path)
      let own = try probe.names()
      if own.contains(where: { DeepSpeedFileName($0) != nil }) {
        (path, names) = (given, own)
      } else {
        guard let tagged = try Self.tagged(given, own) else { throw Self.noCheckpoint(given, own) }
        (path, names) = ("\(given)/\(tagged.tag)", tagged.names)
        notes += tagged.notes
      }
    } else {
      guard DeepSpeedFileName(probe.name) != nil else {
        throw CheckpointError(
          .notThisFormat, file: probe.path, reason: "it is no file of DeepSpeed's by its name")
      }
      path = Self.folder(of: probe.path)
      let own = path
      names = try reportingFileErrors { () throws(FileError) in try Folder.names(in: own).sorted() }
      notes.append(
        "\(probe.name) is one of the files of a DeepSpeed checkpoint, whose folder was read")
    }
    self.path = path
    let files = names.compactMap(DeepSpeedFileName.init)
    // What is universal has no part of an optimizer that a rank had.
    isUniversal =
      names.contains(Self.parameters) && FileStatus("\(path)/\(Self.parameters)")?.isFolder == true
    try Self.checkKinds(files, path)
    models = try Self.models(files, path, isUniversal: isUniversal)
    optimizers = isUniversal ? [] : try Self.optimizers(files, path, models)
    if isUniversal, files.contains(where: \.isOptimizer) {
      throw CheckpointError(
        .refused, file: path,
        reason: "it has files of the ranks' optimizers and a folder \(Self.parameters) of whole "
          + "parameters, which are of two checkpoints")
    }
    self.notes = notes
  }

  // MARK: Finding it

  /// The folder that a file beside it names.
  struct Tagged {
    let tag: String
    /// What is in it.
    let names: [String]
    let notes: [String]
  }

  /// The folder that `latest` in another names; nil if there is no such file, or if that names a folder
  /// without files of DeepSpeed's.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if it names nothing that is there.
  static func tagged(_ path: String, _ names: [String]) throws(CheckpointError) -> Tagged? {
    guard let file = tagFiles.first(where: { names.contains($0) }) else { return nil }
    let place = "\(withoutSlash(path))/\(file)"
    // Other programs have a folder of this name, or a link to one.
    guard FileStatus(place)?.isRegularFile == true else { return nil }
    let bytes = try reportingFileErrors { () throws(FileError) in
      let input = try InputFile(place)
      guard input.byteCount <= longestTag else { return [] as [UInt8] }
      return try input.bytes(in: 0..<input.byteCount)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let tag = String(text.trimmed)
    // Any file may have this name.
    guard isPlain(tag) else { return nil }
    guard names.contains(tag) else {
      guard names.contains("zero_to_fp32.py") || tag.hasPrefix("global_step") else { return nil }
      throw CheckpointError(
        .damaged, file: place, reason: "it names the folder \(tag), which is not beside it")
    }
    let folder = "\(withoutSlash(path))/\(tag)"
    guard FileStatus(folder)?.isFolder == true else { return nil }
    let inner = try reportingFileErrors { () throws(FileError) in
      try Folder.names(in: folder).sorted()
    }
    guard inner.contains(where: { DeepSpeedFileName($0) != nil }) else { return nil }
    var notes = ["\(file) names \(tag), which was read"]
    let other = tagFiles.last { names.contains($0) && $0 != file }
    if let other { notes.append("\(other) may name another checkpoint, and was passed over") }
    return Tagged(tag: tag, names: inner, notes: notes)
  }

  /// Whether a text is the name of a file or folder, and not a way to one.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".."
      && name.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
  }

  private static func noCheckpoint(_ path: String, _ names: [String]) -> CheckpointError {
    let steps = names.filter { $0.hasPrefix("global_step") }
    return CheckpointError(
      .notThisFormat, file: path,
      reason: "it has no files of DeepSpeed's, and no file \(tagFiles[0]) that names a folder "
        + "with such",
      advice: steps.first.map { "Name the folder of one checkpoint, such as \(path)/\($0)." })
  }

  private static func withoutSlash(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

// MARK: - Files

extension DeepSpeedFileName {
  /// Whether it is the part of an optimizer that one rank has.
  fileprivate var isOptimizer: Bool {
    if case .optimizer = content { return true }
    return false
  }
}

extension DeepSpeedFolder {
  /// Refuses models that are divided in other ways.
  private static func checkKinds(
    _ files: [DeepSpeedFileName], _ path: String
  ) throws(CheckpointError) {
    func refuse(_ content: DeepSpeedFileName.Content, _ what: String) throws(CheckpointError) {
      guard let file = files.first(where: { $0.content == content }) else { return }
      throw CheckpointError(.unsupported, file: path, place: file.name, reason: what)
    }
    try refuse(
      .expert, "it is a part of a model with experts (MoE), whose parts are not put together here")
    try refuse(
      .layer,
      "it is a layer of a model that is divided by layers (pipeline), which are not put together "
        + "here")
    try refuse(
      .formerOptimizer,
      "it is named as DeepSpeed before 0.3 names it, of which the rules are not known here")
  }

  private static func models(
    _ files: [DeepSpeedFileName], _ path: String, isUniversal: Bool
  ) throws(CheckpointError) -> [DeepSpeedFileName] {
    var whole: [Int: DeepSpeedFileName] = [:]
    var parts: [Int: DeepSpeedFileName] = [:]
    for file in files {
      guard case .model(let rank) = file.content else { continue }
      let other: DeepSpeedFileName?
      if let rank {
        guard file.modelRank == 0 || !isUniversal else {
          throw CheckpointError(
            .unsupported, file: path, place: file.name,
            reason:
              "it is of a model that is divided, and of one of the ranks that have parts of each "
              + "parameter, which are not put together here")
        }
        other = file.modelRank == 0 ? parts.updateValue(file, forKey: rank) : nil
      } else {
        other = whole.updateValue(file, forKey: file.modelRank)
      }
      if let other { throw sameRank(other, file, path) }
    }
    try checkModelRanks(files, path, isUniversal: isUniversal)
    guard whole.isEmpty || parts.isEmpty else {
      throw CheckpointError(
        .refused, file: path,
        reason: "it has model states of the whole model and of its ranks, which are of two "
          + "checkpoints")
    }
    let found = whole.isEmpty ? parts : whole
    guard let one = found.values.first else {
      throw CheckpointError(
        .damaged, file: path, reason: "it has no model states (mp_rank_00_model_states.pt)",
        advice: "Fetch all files of the checkpoint.")
    }
    return try all(found, path) { whole.isEmpty ? one.sibling(dataRank: $0) : "mp_rank_\($0)" }
  }

  private static func checkModelRanks(
    _ files: [DeepSpeedFileName], _ path: String, isUniversal: Bool
  ) throws(CheckpointError) {
    let ranks = Set(files.map(\.modelRank))
    guard ranks.max() ?? 0 > 0, !isUniversal else { return }
    let names = ranks.sorted().map { $0 < 10 ? "mp_rank_0\($0)" : "mp_rank_\($0)" }
    throw CheckpointError(
      .unsupported, file: path,
      reason: "the model itself is divided (\(names.enumeration)), and how its parts make up a "
        + "parameter is not in the folder",
      advice: "Make a universal checkpoint of it with DeepSpeed's ds_to_universal, which is read.")
  }

  private static func optimizers(
    _ files: [DeepSpeedFileName], _ path: String, _ models: [DeepSpeedFileName]
  ) throws(CheckpointError) -> [DeepSpeedFileName] {
    var found: [Int: DeepSpeedFileName] = [:]
    for file in files {
      guard case .optimizer(let rank) = file.content else { continue }
      if let other = found.updateValue(file, forKey: rank) { throw sameRank(other, file, path) }
    }
    guard let one = found.values.first else { return [] }
    return try all(found, path) { one.sibling(dataRank: $0) }
  }

  private static func sameRank(
    _ first: DeepSpeedFileName, _ second: DeepSpeedFileName, _ path: String
  ) -> CheckpointError {
    CheckpointError(
      .refused, file: path,
      reason: "\(first.name) and \(second.name) are of one rank in two checkpoints")
  }

  /// The files of all ranks in order.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if one is missing before the last.
  private static func all(
    _ found: [Int: DeepSpeedFileName], _ path: String, _ name: (Int) -> String
  ) throws(CheckpointError) -> [DeepSpeedFileName] {
    let last = found.keys.max() ?? 0
    let missingCount = last + 1 - found.count
    guard missingCount > 0 else {
      return found.sorted { $0.key < $1.key }.map(\.value)
    }
    // A name may have any number: no more are looked for than are told.
    var missing: [String] = []
    for rank in 0...last where found[rank] == nil && missing.count < shownCount {
      missing.append(name(rank))
      if missing.count == shownCount { break }
    }
    throw Self.missing(missing, count: missingCount, path)
  }

  private static let shownCount = 8

  /// The error for files that are not there.
  ///
  /// - Parameters:
  ///   - names: The names of the first.
  ///   - count: How many are not there.
  static func missing(_ names: [String], count: Int, _ path: String) -> CheckpointError {
    CheckpointError(
      .damaged, file: path,
      reason: names.prefix(shownCount).joined(separator: ", ")
        + (count > shownCount ? " and \(count - shownCount) more are" : count == 1 ? " is" : " are")
        + " not in the folder, and each rank has a part of every parameter",
      advice: "Each rank writes files of its own: fetch those of all.")
  }
}

extension String {
  /// The text without spaces and line ends around it.
  fileprivate var trimmed: Substring {
    let isSpace: (Character) -> Bool = { $0.isWhitespace || $0.isNewline }
    let start = self.drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return start[...last]
  }
}
