import Checkpoints
import Files
import OrderedCollections
import States

/// safetensors: one file, or several that an index names.
struct SafetensorsFormat: CheckpointFormat {
  let id = "safetensors"
  let displayName = "safetensors"
  let endings = ["safetensors", "safetensors.index.json"]

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.options = SafetensorsOptions.self
    return traits
  }

  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard !probe.isFolder else { return nil }
    let isFile = SafetensorsFile.isLikely(
      probe.head, byteCount: try probe.file.byteCount, name: probe.name)
    return isFile || probe.path.hasSuffix(SafetensorsShards.indexSuffix) ? .certain : nil
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    try SafetensorsSource(probe, access)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try SafetensorsWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// safetensors, one file or several with an index.
  public static let safetensors = FileFormat(SafetensorsFormat())
}

/// How safetensors are written.
public struct SafetensorsOptions: FormatOptions {
  /// The format's name in a sentence.
  public static let formatName = "safetensors"

  /// How many bytes the tensors of one file may have at most, beyond which they go on in another;
  /// nil writes one file. A larger tensor is a file of its own.
  public var shardByteCount: Int?

  /// What is usual in the format.
  public init() {}
}

extension WriteOptions {
  /// The options of safetensors.
  public var safetensors: SafetensorsOptions {
    get { self[SafetensorsOptions.self] }
    set { self[SafetensorsOptions.self] = newValue }
  }
}

/// The files of a path, open for reading.
package struct SafetensorsSource: CheckpointSource {
  /// The files, one unless there is an index.
  private let files: [SafetensorsFile]
  private let collection: ArrayCollection
  /// The index, and what it has that is no text.
  private let indexPath: String?
  private let values: OrderedDictionary<String, Value>
  private let losses: [ConversionLoss]
  private let access: Access

  init(_ probe: FileProbe, _ access: Access) throws(CheckpointError) {
    if probe.path.hasSuffix(SafetensorsShards.indexSuffix) {
      try self.init(SafetensorsShards(index: probe.path), access)
    } else {
      try self.init(SafetensorsFile(try probe.file), access)
    }
  }

  /// A file that is a whole model.
  package init(_ file: SafetensorsFile, _ access: Access) {
    files = [file]
    collection = ArrayCollection(file: file.path, tensors: file.tensors, metadata: file.metadata)
    (indexPath, values, losses) = (nil, [:], [])
    self.access = access
  }

  /// The files of a set.
  package init(_ shards: SafetensorsShards, _ access: Access) {
    files = shards.files
    collection = shards.collection()
    (indexPath, values, losses) = (shards.indexPath, shards.values, shards.losses)
    self.access = access
  }

  package func read() throws -> ReadResult {
    if access != .unverified {
      // What does not lie where it can be mapped was read when the file was opened.
      for file in files {
        let result = try SafetensorsChecksums.compare(file, leavesMapped: access == .mapped)
        if let name = result.mismatched.first { throw Self.mismatch(name, file) }
      }
    }
    var result = try collection.checkpoint()
    result.losses += losses
    for (name, value) in values { result.take(value, name, of: "the index") }
    return result
  }

  private static func mismatch(_ name: String, _ file: SafetensorsFile) -> CheckpointError {
    CheckpointError(.damaged, file: file.path, place: name, reason: SafetensorsChecksums.mismatch)
  }

  package func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    var unprotectedCount = 0
    for file in files {
      let result = try SafetensorsChecksums.compare(file, known: known)
      unprotectedCount += result.unprotectedCount
      verification.tensorCount += file.tensors.count
      verification.byteCount += file.tensors.values.reduce(0) { $0 + $1.byteCount }
      verification.problems += result.mismatched.map { Self.mismatch($0, file) }
    }
    switch unprotectedCount {
    case 0: break
    case verification.tensorCount:
      verification.notes = [
        "a safetensors file has no checksums of its own; only the structure was verified"
      ]
    case 1:
      verification.notes = [
        "a tensor without a checksum; another program added or changed it"
      ]
    case let count:
      verification.notes = [
        "\(count) tensors without a checksum; another program added or changed them"
      ]
    }
    return verification
  }

  /// `metadata`, the texts; of several files `bytes`, those of all and of the index.
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
