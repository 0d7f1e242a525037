import Arrays
import Checkpoints
import Files
import OrderedCollections
import Synchronization

/// The folder of a distributed checkpoint, open: the table of its keys, and the files that hold the pieces.
struct DistributedFolder: Sendable {
  /// The path of the folder, without a slash at its end.
  let path: String
  let metadata: DistributedMetadata
  /// The file `.metadata`.
  let table: InputFile
  /// The files of the pieces, by their names.
  let files: [String: InputFile]
  /// The names of all that is in the folder.
  let names: [String]
  /// The files in which frameworks keep, beside the pieces, what is not sharded.
  let companions: [(name: String, file: InputFile)]

  /// What Lightning and Megatron save beside the pieces by `torch.save`: a dictionary whose entries belong beside those
  /// of the folder.
  private static let companionNames = ["meta.pt", "common.pt"]

  /// The ending of files of pieces.
  static let pieceSuffix = ".distcp"
  /// What Ballast keeps beside the object: see ``PyTorchOutline``.
  static let outlineName = "ballast.json"
  /// A table of a million pieces has some hundred megabytes.
  private static let maximumTableByteCount = 4 << 30

  /// Opens a folder, by its own path or that of the table in it.
  ///
  /// - Throws: `CheckpointError`: `damaged` if saving it was not finished, a file is missing or cut short, or
  ///   the table contradicts itself; `refused` for one of its files that holds pieces.
  init(_ probe: FileProbe) throws(CheckpointError) {
    path = try Self.folder(of: probe)
    let path = path
    names =
      probe.isFolder
      ? try probe.names()
      : try reportingFileErrors { () throws(FileError) in try Folder.names(in: path).sorted() }
    guard names.contains(DistributedMetadata.fileName) else {
      throw Self.unfinished(path, names)
    }
    let table = try Self.file(DistributedMetadata.fileName, in: path)
    self.table = table
    guard table.byteCount <= Self.maximumTableByteCount else {
      throw CheckpointError(
        .refused, file: table.path, reason: "a table of \(table.byteCount) bytes is not read")
    }
    metadata = try Self.metadata(table, probe.options)
    let there = Set(names)
    let missing = metadata.files.filter { !there.contains($0) }
    guard missing.isEmpty else {
      let shown = missing.prefix(8).joined(separator: ", ")
      throw CheckpointError(
        .damaged, file: path,
        reason: "\(DistributedMetadata.fileName) names \(shown)"
          + (missing.count > 8 ? " and \(missing.count - 8) more" : "")
          + ", which \(missing.count == 1 ? "is" : "are") not in the folder",
        advice: "Each rank writes files of its own: fetch those of all.")
    }
    var files: [String: InputFile] = [:]
    for name in metadata.files {
      files[name] = try Self.file(name, in: path)
    }
    self.files = files
    var companions: [(name: String, file: InputFile)] = []
    for name in Self.companionNames where names.contains(name) {
      companions.append((name, try Self.file(name, in: path)))
    }
    self.companions = companions
    try checkRanges()
  }

  /// Opens a file of the folder; what is there and is no file makes the folder a damaged one.
  private static func file(_ name: String, in path: String) throws(CheckpointError) -> InputFile {
    do throws(FileError) {
      return try InputFile("\(path)/\(name)")
    } catch {
      guard error.errno == nil else { throw CheckpointError(error) }
      throw CheckpointError(.damaged, file: path, place: name, reason: error.reason)
    }
  }

  /// The folder that a path means: itself, or that of the table.
  private static func folder(of probe: FileProbe) throws(CheckpointError) -> String {
    var path = probe.path[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !probe.isFolder else { return String(path) }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard !probe.name.hasSuffix(pieceSuffix) else {
      throw CheckpointError(
        .refused, file: probe.path,
        reason:
          "it holds pieces of a distributed checkpoint, and what belongs where is said in its "
          + "folder",
        advice: "Name the folder: \(folder.isEmpty ? "/" : folder).")
    }
    return folder.isEmpty ? "/" : folder
  }

  /// Whether a name is that of the table of one process, `__3.metadata`.
  private static func isOwnTable(_ name: String) -> Bool {
    guard name.hasPrefix("__"), name.hasSuffix(DistributedMetadata.fileName) else { return false }
    let rank = name.dropFirst(2).dropLast(DistributedMetadata.fileName.count)
    return !rank.isEmpty && rank.allSatisfy { ("0"..."9").contains($0) }
  }

  private static func unfinished(_ path: String, _ names: [String]) -> CheckpointError {
    let count = names.count { $0.hasSuffix(pieceSuffix) }
    if let own = names.first(where: isOwnTable) {
      return CheckpointError(
        .unsupported, file: path,
        reason: "each process wrote a table of its own, such as \(own) (use_collectives=False), "
          + "and such folders are not read",
        advice: "Save it without use_collectives=False, so that there is one "
          + "\(DistributedMetadata.fileName).")
    }
    guard count > 0 else {
      return CheckpointError(
        .notThisFormat, file: path, reason: "it is no folder of a distributed checkpoint")
    }
    return CheckpointError(
      .damaged, file: path,
      reason: "it has \(count) file\(count == 1 ? "" : "s") of pieces and no "
        + "\(DistributedMetadata.fileName), which is written last: saving it was not finished, or the "
        + "file was not copied",
      advice: names.contains(DistributedMetadata.temporaryName)
        ? "There is \(DistributedMetadata.temporaryName), which was never given its name." : nil)
  }

  private static func metadata(
    _ table: InputFile, _ options: ReadOptions
  ) throws(CheckpointError) -> DistributedMetadata {
    let region = try reportingFileErrors { () throws(FileError) in
      try FileRegion(table, 0..<table.byteCount)
    }
    let input = PickleInput(region, name: "pickle")
    let machine = PickleMachine(input, policy: options.allowsDangerousNames ? .keep : .refuse) {
      (value, machine) throws(CheckpointError) in
      throw machine.damaged("it refers to something outside it: \(value.kind)")
    }
    let root = try machine.run()
    try input.requireEnd()
    return try withExtendedLifetime(machine) { () throws(CheckpointError) in
      try DistributedMetadata(root, file: table.path)
    }
  }

  // MARK: Ranges

  /// Whether all pieces are within their files, and none lies over another.
  ///
  /// The same bytes may be of several keys, which are one tensor then. So what the folder describes is never
  /// more than what is in its files.
  private func checkRanges() throws(CheckpointError) {
    var users: [DistributedMetadata.Item: (key: String, isAlone: Bool)] = [:]
    for (key, content) in metadata.contents {
      let items: [DistributedMetadata.Item]
      switch content {
      case .object(let item): items = [item]
      case .tensor(_, _, let pieces): items = pieces.compactMap(\.item)
      }
      for item in items {
        if let user = users[item], !user.isAlone || items.count > 1 {
          try requireArchive(item)
          throw CheckpointError(
            .damaged, file: table.path, place: key,
            reason: "the same bytes of \(item.file) are said to be two pieces, one of \(user.key)")
        }
        users[item] = (key, items.count == 1)
      }
    }
    let sorted = users.keys.sorted { ($0.file, $0.offset) < ($1.file, $1.offset) }
    var last: DistributedMetadata.Item?
    for item in sorted {
      let key = users[item]?.key ?? ""
      let size = files[item.file]?.byteCount ?? 0
      guard item.offset <= size, item.byteCount <= size - item.offset else {
        try requireArchive(item)
        throw CheckpointError(
          .damaged, file: "\(path)/\(item.file)", place: key,
          reason: "it has \(size) bytes, and a piece should be \(item.byteCount) from byte "
            + "\(item.offset) on", advice: ZipEnd.cutShort)
      }
      if let last, last.file == item.file, last.offset + last.byteCount > item.offset {
        try requireArchive(item)
        throw CheckpointError(
          .damaged, file: table.path, place: key,
          reason: "a piece of it lies over one of \(users[last]?.key ?? "") in \(item.file)")
      }
      last = item
    }
  }

  /// Refuses pieces that are safetensors, of which the table does not say how far they reach.
  private func requireArchive(_ item: DistributedMetadata.Item) throws(CheckpointError) {
    guard let file = files[item.file], item.offset < file.byteCount else { return }
    let rest = try reportingFileErrors { () throws(FileError) in
      try FileRegion(file, item.offset..<file.byteCount)
    }
    guard case .safetensors = try Self.form(of: InputFile(rest)) else { return }
    throw Self.safetensors(file)
  }

  private static func safetensors(_ file: InputFile) -> CheckpointError {
    CheckpointError(
      .unsupported, file: file.path,
      reason:
        "its pieces are saved as safetensors within \(pieceSuffix) files, which PyTorch 2.13 "
        + "does not read back either",
      advice: "Save it with SerializationFormat.TORCH_SAVE.")
  }

  // MARK: Pieces

  /// A piece of a file, taken for a file of its own.
  func window(_ item: DistributedMetadata.Item) throws(CheckpointError) -> InputFile {
    guard let file = files[item.file] else {
      throw CheckpointError(.damaged, file: path, reason: "\(item.file) is missing")
    }
    return InputFile(
      try reportingFileErrors { () throws(FileError) in
        try FileRegion(file, item.offset..<item.offset + item.byteCount)
      })
  }

  /// The tensor that a piece holds.
  ///
  /// - Throws: `CheckpointError` if it is no tensor of this type and shape.
  func array(
    _ item: DistributedMetadata.Item, _ key: String, _ dtype: DType, _ sizes: [Int],
    _ access: Access
  ) throws(CheckpointError) -> NDArray {
    let window = try window(item)
    return try Self.naming(key) { () throws(CheckpointError) in
      let object = try Self.object(window, access)
      return try withExtendedLifetime(object) { () throws(CheckpointError) in
        guard case .tensor(let tensor) = object.root else {
          if case .instance(let instance) = object.root, let unread = instance.unread {
            throw unread.error(file: window.path, place: key)
          }
          throw CheckpointError(
            .damaged, file: window.path, reason: "its piece holds \(object.root.kind), not a tensor"
          )
        }
        guard tensor.dtype == dtype, tensor.shape == sizes else {
          throw CheckpointError(
            .damaged, file: window.path,
            reason:
              "its piece is \(tensor.dtype) of shape \(tensor.shape.listed), and \(dtype) of shape "
              + "\(sizes.listed) should be there")
        }
        return try object.storages.array(tensor, place: key)
      }
    }
  }

  /// What is saved in a piece, in any form of `torch.save`.
  static func object(
    _ window: InputFile, _ access: Access, prefix: String = "",
    policy: PickleMachine.Policy = .refuse
  ) throws(CheckpointError) -> PickleObject {
    switch try form(of: window) {
    case .zip:
      return try PyTorchArchive(ZipArchive(window)).unpickle(
        policy: policy, names: PickleNames(), access: access, prefix: prefix)
    case .legacy:
      return try LegacyReader(window, policy: policy, names: PickleNames(), access: access).object()
    case .safetensors:
      throw safetensors(window)
    case .raw:
      throw CheckpointError(
        .damaged, file: window.path, reason: "its piece is nothing that torch.save writes")
    }
  }

  /// How a piece is saved.
  enum Form {
    case zip
    case legacy
    case safetensors
    case raw
  }

  /// How a piece is saved, by its first bytes, or by its last as an archive whose beginning is damaged.
  static func form(of window: InputFile) throws(CheckpointError) -> Form {
    let head = try reportingFileErrors { () throws(FileError) in
      try window.bytes(in: 0..<min(window.byteCount, 32))
    }
    if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
    if (2...11).contains(where: { head.dropFirst($0).starts(with: FileKind.legacyMagic) }) {
      return .legacy
    }
    if head.count > 9, head[8] == UInt8(ascii: "{"), head[6] == 0, head[7] == 0 {
      return .safetensors
    }
    guard window.byteCount >= ZipEnd.length else { return .raw }
    let tail = try reportingFileErrors { () throws(FileError) in
      try window.bytes(in: window.byteCount - ZipEnd.length..<window.byteCount)
    }
    return tail.starts(with: [0x50, 0x4B, 0x05, 0x06]) ? .zip : .raw
  }

  /// Gives what `body` throws the key as its place.
  static func naming<R>(
    _ key: String, _ body: () throws(CheckpointError) -> R
  ) throws(CheckpointError) -> R {
    do throws(CheckpointError) {
      return try body()
    } catch {
      throw error.within(key)
    }
  }
}

extension CheckpointError {
  /// The same error with a key before its place.
  func within(_ key: String) -> CheckpointError {
    guard cause == nil, place?.hasPrefix(key) != true else { return self }
    return CheckpointError(
      code, file: file, place: place.map { "\(key), \($0)" } ?? key, reason: reason, advice: advice)
  }
}
