import Arrays
import Checkpoints
import Files
import OrderedCollections
import PyTorchFiles
import SafetensorsFiles
import States

/// The files of a model in a hub's repository, open for reading.
struct HuggingFaceSource: CheckpointSource {
  /// The safetensors or PyTorch's files.
  private let weights: any CheckpointSource
  /// Which file has which tensor, if there are several files.
  private let index: ShardIndex?
  /// The bytes of all tensors in the files; nil as long as nobody has looked.
  private let byteCount: Int?
  /// The file that was chosen, and the folder it is in, with a slash.
  private let file: WeightFile
  private let folder: String
  /// What is worth knowing of the choice.
  private let notes: [String]
  private let configuration: RepositoryConfiguration?

  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    let path: String
    /// A part of a set without an index.
    var part: ShardName?
    if probe.isFolder {
      let repository = RepositoryFolder(probe.path, try probe.names())
      let choice = try repository.choice(variant: probe.options.variant)
      (file, notes) = (choice.file, choice.notes)
      folder = probe.path.withoutSlash + "/"
      path = folder + file.name
      if case .shard(let shard) = file.form { part = shard }
      configuration = try RepositoryConfiguration(of: file, in: repository)
    } else {
      guard let file = WeightFile(probe.name) else {
        throw CheckpointError(
          .notThisFormat, file: probe.path,
          reason: "it is neither a folder, nor a file of weights by its name")
      }
      if let variant = probe.options.variant, file.variant != variant {
        throw CheckpointError(
          .refused, file: probe.path,
          reason: "it is not of the variant \"\(variant)\", which was asked for",
          advice: "A variant is chosen in a folder.")
      }
      self.file = file
      folder = probe.path.lastIndex(of: "/").map { String(probe.path[...$0]) } ?? ""
      configuration = nil
      if case .shard(let shard) = file.form {
        if let index = try Shard(file, shard, in: folder).index() {
          path = folder + index
          notes = ["\(file.name) is a part of a model, which was read as \(index) says"]
        } else {
          path = probe.path
          part = shard
          notes = ["\(file.name) is a part of a model. \(shard.note)"]
        }
      } else {
        path = probe.path
        notes = []
      }
    }
    let index: ShardIndex
    if let part {
      index = ShardIndex(part, in: folder)
    } else if path.hasSuffix(".json") {
      index = try ShardIndex(path, ending: file.weights.ending)
    } else {
      (self.index, byteCount) = (nil, nil)
      weights =
        switch file.weights {
        case .safetensors: try SafetensorsSource(SafetensorsFile(path), access)
        case .bin: try PyTorchFile(path, access: access)
        }
      return
    }
    try Self.checkPresence(index)
    self.index = index
    switch file.weights {
    case .safetensors:
      let shards = try SafetensorsShards(index)
      byteCount = shards.tensors.values.reduce(0) { $0 + $1.byteCount }
      weights = try SafetensorsSource(shards, access)
    case .bin:
      byteCount = nil
      weights = try PyTorchShards(index, access)
    }
  }

  /// Names all files that are missing, not only the first.
  private static func checkPresence(_ index: ShardIndex) throws(CheckpointError) {
    let folder = index.folder.isEmpty ? "." : index.folder
    let names = try reportingFileErrors { () throws(FileError) in
      Set(try Folder.names(in: folder))
    }
    let missing = index.files.filter { !names.contains($0) }
    guard !missing.isEmpty else { return }
    throw CheckpointError(
      .damaged, file: index.path,
      reason:
        "it names \(missing.elements.enumeration), which \(missing.count == 1 ? "is" : "are") "
        + "not beside it")
  }

  func read() throws -> ReadResult {
    var result = try weights.read()
    result.notes = notes + sizeNotes(result.checkpoint) + result.notes
    configuration?.add(to: &result)
    return result
  }

  /// Whether the tensors are as large as the index says.
  private func sizeNotes(_ checkpoint: Checkpoint) -> [String] {
    guard let expected = index?.totalByteCount else { return [] }
    let sizes = byteCount.map { [$0] } ?? checkpoint.possibleByteCounts
    guard !sizes.contains(expected) else { return [] }
    return [
      "the index says that the tensors have \(expected) bytes, and they have \(sizes.first ?? 0)"
    ]
  }

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    try weights.verify(known: known, of: checkpoint)
  }

  /// `bytes` of all files of weights, and of their index; `files`, the names of those that are read;
  /// `index`, if there is one, and `variant`, if it is not the plain one; and the facts of
  /// the files themselves.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = [:]
      let names = index?.files.elements ?? [file.name]
      var paths = names.map { folder + $0 }
      if let index, index.isFile { paths.append(index.path) }
      facts["bytes"] = .int(try Folder.byteCount(of: paths))
      facts["files"] = .list(names.map(Value.string))
      if let index, index.isFile {
        facts["index"] = .string(index.path.split(separator: "/").last.map(String.init) ?? "")
      }
      if let variant = file.variant { facts["variant"] = .string(variant) }
      facts.merge(try weights.facts) { first, _ in first }
      return facts
    }
  }
}

/// A file that is a part of a model, which is never taken for the whole.
private struct Shard {
  let file: WeightFile
  let shard: ShardName
  let folder: String

  init(_ file: WeightFile, _ shard: ShardName, in folder: String) {
    self.file = file
    self.shard = shard
    self.folder = folder
  }

  /// The name of the index by which the model is read; nil if there is none, and all parts are there.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if another part is not there, or no index names
  ///   this one.
  func index() throws(CheckpointError) -> String? {
    let names = try reportingFileErrors { () throws(FileError) in
      Set(try Folder.names(in: folder.isEmpty ? "." : folder))
    }
    let missing = Array(shard.siblings.filter { !names.contains($0) })
    let indexes = names.sorted().compactMap(WeightFile.init).filter {
      $0.form == .index && $0.weights == file.weights && $0.family == file.family
        && $0.variant == file.variant
    }
    guard missing.isEmpty else {
      throw refusal("\(missing.enumeration) \(missing.count == 1 ? "is" : "are") not beside it")
    }
    if indexes.isEmpty { return nil }
    for index in indexes {
      let shards = try ShardIndex(folder + index.name, ending: file.weights.ending)
      if shards.files.contains(file.name) { return index.name }
    }
    throw refusal("\(indexes.map(\.name).enumeration) beside it does not name it")
  }

  private func refusal(_ reason: String) -> CheckpointError {
    CheckpointError(
      .damaged, file: folder + file.name,
      reason: "it is part \(shard.number) of \(shard.count) of a model, and \(reason)",
      advice: "Fetch what is missing; --from \(file.weights.formatID) reads the part alone.")
  }
}

extension ShardName {
  /// What is worth knowing of a set that is read without an index.
  var note: String {
    "No index says what the \(count) files of \(first) hold; all that the names count were read"
  }
}

extension Checkpoint {
  /// The bytes of all tensors, as writers count them: those of the same elements once; those of one
  /// storage once, as huggingface_hub does; or each name, as older versions of transformers did.
  fileprivate var possibleByteCounts: [Int] {
    let arrays = state.entries.values.map(\.array)
    let sharing = TensorSharing(arrays.map { ($0, $0.dtype) })
    let once = zip(arrays, sharing.originals).filter { $0.1 == nil }.map(\.0)
    var storages: Set<ObjectIdentifier> = []
    let firsts = arrays.filter { storages.insert(ObjectIdentifier($0.storage)).inserted }
    return [once, firsts, arrays].map { $0.reduce(0) { $0 + $1.byteCount } }
  }
}

extension [String] {
  /// The texts in a sentence; of many the first and how many more.
  var enumeration: String {
    let shown = 8
    guard count > shown + 1 else { return joined(separator: ", ") }
    return prefix(shown).joined(separator: ", ") + " and \(count - shown) more"
  }
}
