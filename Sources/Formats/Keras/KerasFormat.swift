import Checkpoints
import Files
import OrderedCollections
import States

/// One of the three kinds of files of Keras.
struct KerasFormat: CheckpointFormat {
  private let kind: KerasFileKind

  /// Whole models of Keras 3: the `.keras` archive.
  static let archive = KerasFormat(kind: .archive)
  /// The weights of models of Keras 3: `.weights.h5`, one file or several with an index.
  static let weights = KerasFormat(kind: .weights)
  /// The HDF5 that Keras wrote before version 3, whole models or weights.
  static let legacy = KerasFormat(kind: .legacy)

  var id: String { kind.rawValue }

  var displayName: String {
    switch kind {
    case .archive: "Keras"
    case .weights: "Keras weights"
    case .legacy: "legacy Keras HDF5"
    }
  }

  var endings: [String] {
    switch kind {
    case .archive: ["keras"]
    case .weights: ["weights.h5", "weights.json"]
    case .legacy: []
    }
  }

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.compression = .deflateAndShuffle
    traits.options = KerasOptions.self
    return traits
  }

  func recognise(_ probe: FileProbe) throws -> Recognition? {
    try KerasFileKind(probe) == kind ? .certain : nil
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    KerasFileSource(
      probe: probe, kind: kind, access: access, displayName: displayName)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try KerasWriter(checkpoint, to: path, kind, options)
  }
}

extension FileFormat {
  /// A whole Keras 3 model: the `.keras` archive.
  public static let keras = FileFormat(KerasFormat.archive)
  /// The weights of a Keras 3 model: `.weights.h5`, one file or several with an index.
  public static let kerasWeights = FileFormat(KerasFormat.weights)
  /// The HDF5 that Keras wrote before version 3, a whole model or its weights.
  public static let kerasLegacy = FileFormat(KerasFormat.legacy)
}

/// How a file of Keras is written.
public struct KerasOptions: FormatOptions {
  /// The format's name in a sentence.
  public static let formatName = "Keras"

  /// A Keras file of the same model, or its config as JSON, for a checkpoint that did not come from
  /// Keras: it says which layers there are, and where their weights are.
  public var template: String?

  /// What is usual in the format.
  public init() {}
}

extension WriteOptions {
  /// The options of Keras's files.
  public var keras: KerasOptions {
    get { self[KerasOptions.self] }
    set { self[KerasOptions.self] = newValue }
  }
}

/// A file of Keras, open for reading.
struct KerasFileSource: CheckpointSource {
  let probe: FileProbe
  let kind: KerasFileKind
  let access: Access
  let displayName: String

  func read() throws -> ReadResult {
    if access == .verified, kind == .archive,
      let damage = try probe.accountedZip()?.verify().problems.first?.error
    {
      throw damage
    }
    return try CheckpointError.reporting(probe.path) {
      try KerasReader.read(probe, kind, access)
    }
  }

  /// Compares the members of an archive with their checksums. The other kinds of files have none;
  /// there the structure is looked at, and what is compressed is expanded.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    if checkpoint == nil {
      verification = try Verification(ofStructure: "a \(displayName) file") {
        try read().checkpoint
      }
    }
    guard kind == .archive, verification.problems.isEmpty, let archive = try probe.accountedZip()
    else {
      return verification
    }
    let found = try archive.verify(known: known)
    verification.problems = found.problems.map(\.error)
    verification.notes =
      found.unprotectedCount > 0
      ? ["\(found.unprotectedCount) parts of the file without a checksum"] : []
    return verification
  }

  /// Of an index `bytes`, its own and those of all files that it names.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      guard probe.path.hasSuffix(KerasFileKind.indexSuffix) else { return [:] }
      return ["bytes": .int(try Folder.byteCount(of: KerasWeights.files(ofIndex: probe.path)))]
    }
  }
}
