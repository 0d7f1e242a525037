import Checkpoints
import Files
import OrderedCollections
import States

/// The safetensors format: one file, or several that an index names.
struct SafetensorsFormat: CheckpointFormat {
  let id = "safetensors"
  let displayName = "safetensors"
  /// The endings of the names of files, and of the indexes of several.
  let endings = ["safetensors", "safetensors.index.json"]

  /// Written and read, with roles, without compression.
  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.options = SafetensorsOptions.self
    traits.mixesTensors = true
    return traits
  }

  /// Recognises a file by the length of its header and the `{` that follows, and an index by its
  /// name.
  ///
  /// - Returns: Certain, or nil. A file that was cut short is recognised too, so that opening it
  ///   reports the damage: see ``SafetensorsFile``.
  /// - Throws: `CheckpointError` with code `inputOutput` if the file cannot be read.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard !probe.isFolder else { return nil }
    let isFile = SafetensorsFile.isLikely(
      probe.head, byteCount: try probe.file.byteCount, name: probe.name)
    return isFile || probe.path.hasSuffix(SafetensorsShards.indexSuffix) ? .certain : nil
  }

  /// Opens the file or the files, and checks their headers.
  ///
  /// - Throws: As ``SafetensorsFile/init(_:)`` and ``SafetensorsShards/init(index:)``.
  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    try SafetensorsSource(probe, access)
  }

  /// Names the tensors and divides them into files. See `SafetensorsPlan`.
  ///
  /// - Throws: `CheckpointError` with code `unsupported` if metadata or keys cannot be written as
  ///   JSON, or take more than 100 MB.
  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try SafetensorsWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// The safetensors format: one file, or several with an index.
  ///
  /// What named tensors cannot express (roles, ties, the structure of the optimizer's state,
  /// metadata, the architecture) travels as JSON in the header's `__metadata__`, or, for several
  /// files, in the `metadata` of their index, where other readers ignore it. The JSON is left
  /// out if a reader finds everything without it.
  public static let safetensors = FileFormat(SafetensorsFormat())
}

/// How safetensors files are written.
///
/// ```swift
/// var options = WriteOptions()
/// options.safetensors.shardByteCount = 5_000_000_000
/// try checkpoint.write(to: "model.safetensors", format: .safetensors, options: options)
/// ```
public struct SafetensorsOptions: FormatOptions {
  /// The format's name in a sentence, for errors.
  public static let formatName = "safetensors"

  /// The maximum number of bytes that the tensors of one file may have; further ones go into
  /// another file, and an index names them all. The header is not counted. nil, the default, writes
  /// one file. A larger tensor gets a file of its own. If everything fits into one file, no index
  /// is written, unless the path is that of an index.
  public var shardByteCount: Int?

  /// The default options: one file.
  public init() {}
}

extension WriteOptions {
  /// The options for safetensors files. Writing any other format with options other than the
  /// defaults is refused.
  public var safetensors: SafetensorsOptions {
    get { self[SafetensorsOptions.self] }
    set { self[SafetensorsOptions.self] = newValue }
  }
}

/// The safetensors files that a path leads to, open for reading.
package struct SafetensorsSource: CheckpointSource {
  /// The files: one, unless there is an index.
  private let files: [SafetensorsFile]
  /// The tensors and texts of all files.
  private let collection: ArrayCollection
  /// The path of the index, if there is one.
  private let indexPath: String?
  /// The values in the metadata of the index that are no texts, which become metadata.
  private let values: OrderedDictionary<String, Value>
  /// The texts that differ between the files, of which the first counts.
  private let losses: [ConversionLoss]
  /// What is compared with checksums when the files are read.
  private let access: Access
  /// Whether the files hold pieces of tensors, which were gathered: see ``SafetensorsPieces``.
  private let isGathered: Bool

  /// Opens a file, or, if the name is that of an index, the files that it names.
  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    if probe.path.hasSuffix(SafetensorsShards.indexSuffix) {
      try self.init(SafetensorsShards(index: probe.path), access)
    } else {
      let file = try SafetensorsFile(try probe.file)
      if let pieces = try SafetensorsPieces(file) {
        self.init(pieces, access)
      } else {
        try self.init(file, access)
      }
    }
  }

  /// The files of several processes.
  private init(_ pieces: SafetensorsPieces, _ access: Access) {
    files = pieces.files
    collection = ArrayCollection(
      file: pieces.path, tensors: pieces.bundle.tensors.mapValues(\.array),
      metadata: pieces.metadata)
    (indexPath, values, losses) = (nil, [:], pieces.losses)
    self.access = access
    isGathered = true
  }

  /// A file that holds a whole model.
  ///
  /// - Throws: `CheckpointError` with code `refused` if it holds pieces of tensors.
  package init(_ file: SafetensorsFile, _ access: Access) throws(CheckpointError) {
    try SafetensorsPieces.requireWhole(file)
    isGathered = false
    files = [file]
    collection = ArrayCollection(
      file: file.path, tensors: file.tensors,
      metadata: SafetensorsPieces.withoutSharding(file.metadata))
    (indexPath, values) = (nil, [:])
    losses = SafetensorsPieces.doubts(of: file)
    self.access = access
  }

  /// The files of a set.
  ///
  /// - Throws: `CheckpointError` with code `refused` if one holds pieces of tensors.
  package init(_ shards: SafetensorsShards, _ access: Access) throws(CheckpointError) {
    for file in shards.files { try SafetensorsPieces.requireWhole(file) }
    isGathered = false
    files = shards.files
    collection = shards.collection()
    (indexPath, values, losses) = (shards.indexPath, shards.values, shards.losses)
    self.access = access
  }

  /// Makes a checkpoint of the tensors. With `Access.verified` all are read into memory. What is read
  /// rather than mapped is compared with the checksums that Ballast writes with an outline, but for
  /// `Access.unverified`.
  ///
  /// - Throws: `CheckpointError` with code `damaged` for the first tensor that does not match.
  package func read() throws -> ReadResult {
    var collection = collection
    if isGathered, access == .verified {
      for (key, array) in collection.tensors {
        collection.tensors[key] = try array.readIntoMemory()
      }
    }
    for file in isGathered ? [] : files {
      if access == .unverified { continue }
      // What is not where it can be mapped was read when the file was opened.
      let comparison = try file.compared(access == .verified ? .copying : .inMemory)
      if let name = comparison.mismatched.first {
        throw ChecksumTable.mismatch(name, in: file.path)
      }
      for (name, array) in comparison.tensors { collection.tensors[name] = array }
    }
    var result = try collection.checkpoint()
    result.losses += losses
    for (name, value) in values { result.take(value, name, of: "the index") }
    return result
  }

  /// Compares every tensor that has a checksum with it. Only files that Ballast wrote have any; a
  /// note says how many tensors have none. The tensors of all files are counted.
  ///
  /// - Throws: `CheckpointError` or `FileError` if a file cannot be read. Damage is reported in the
  ///   result.
  package func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    var unprotectedCount = 0
    for file in files {
      verification.tensorCount += file.tensors.count
      verification.byteCount += file.tensors.values.reduce(0) { $0 + $1.byteCount }
      unprotectedCount += try verification.take(file.path) {
        try file.compared(.all, known: known)
      }
    }
    if isGathered {
      verification.tensorCount = collection.tensors.count
      unprotectedCount = verification.tensorCount
    }
    if checkpoint == nil {
      // An outline that cannot be used is damage as well: nothing can be read without it.
      do throws(CheckpointError) {
        _ = try collection.checkpoint()
      } catch {
        guard error.code == .damaged || !verification.problems.isEmpty else { throw error }
        verification.problems.append(error)
      }
    }
    verification.notes += [
      ChecksumTable.note(
        unprotected: unprotectedCount, of: verification.tensorCount, formatName: "safetensors")
    ].compactMap(\.self)
    if isGathered { verification.notes += losses.map(\.description) }
    return verification
  }

  /// The fact `metadata`, the texts in the headers of the files by name; of several files also
  /// `bytes`, the sizes of all of them and of the index together.
  package var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = [:]
      if files.count > 1 || indexPath != nil {
        let paths = files.map(\.path) + [indexPath].compactMap(\.self)
        facts["bytes"] = .int(try Folder.byteCount(of: paths))
      }
      facts["metadata"] = .dict(texts)
      return facts
    }
  }

  /// The texts in the headers of all files, by name.
  private var texts: OrderedDictionary<Value.Key, Value> {
    var metadata: OrderedDictionary<Value.Key, Value> = [:]
    for file in files {
      for (name, text) in file.metadata where metadata[.string(name)] == nil {
        metadata[.string(name)] = .string(text)
      }
    }
    return metadata
  }
}
