import Checkpoints
import Files
import OrderedCollections
import States

/// One of the three kinds of files that Keras writes.
struct KerasFormat: CheckpointFormat {
  /// Which of the three it is.
  private let kind: KerasFileKind

  /// Whole models of Keras 3: the `.keras` archive.
  static let archive = KerasFormat(kind: .archive)
  /// The weights of models of Keras 3: `.weights.h5`, one file, or several with an index.
  static let weights = KerasFormat(kind: .weights)
  /// The HDF5 files that Keras wrote before version 3, of whole models or of weights.
  static let legacy = KerasFormat(kind: .legacy)

  var id: String { kind.rawValue }

  var displayName: String {
    switch kind {
    case .archive: "Keras"
    case .weights: "Keras weights"
    case .legacy: "legacy Keras HDF5"
    }
  }

  /// The endings of the names. The legacy kind has none of its own: `.h5` is Ballast's when
  /// writing, and the content decides when reading.
  var endings: [String] {
    switch kind {
    case .archive: ["keras"]
    case .weights: ["weights.h5", "weights.json"]
    case .legacy: []
    }
  }

  /// Written and read; HDF5 datasets can be compressed with deflate and the shuffle filter.
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
    if path.hasSuffix(".weights.json") {
      throw CheckpointError(
        .unsupported, file: path,
        reason: "the weights of a Keras model are written as one file, not as several",
        advice: "Give it a name that ends in .weights.h5.")
    }
    return try KerasWriter(checkpoint, to: path, kind, options)
  }
}

extension FileFormat {
  /// A whole Keras 3 model: the `.keras` archive, a zip file with the model's configuration
  /// (`config.json`) and its weights (`model.weights.h5`).
  ///
  /// Writing one takes the configuration: of the file that the checkpoint was read from, or of
  /// ``KerasOptions/template``. Without, it is refused with code
  /// `CheckpointError.Code.unsupported`.
  public static let keras = FileFormat(KerasFormat.archive)
  /// The weights of a Keras 3 model: `.weights.h5`, one HDF5 file. Several, which a `.weights.json`
  /// names, are read and not written.
  ///
  /// Such a file has neither a configuration nor checksums: classes of layers are inferred from the
  /// names of groups, as <doc:Keras> describes.
  public static let kerasWeights = FileFormat(KerasFormat.weights)
  /// The HDF5 that Keras wrote before version 3: a whole model, or its weights alone. Since its
  /// ending, `.h5`, belongs to Ballast's own format, it is written only when asked for by name.
  ///
  /// bfloat16, which such a file cannot name, is written as float32; each value stays the same.
  public static let kerasLegacy = FileFormat(KerasFormat.legacy)
}

/// How a Keras file is written.
///
/// ```swift
/// var options = WriteOptions()
/// options.keras.template = "model.keras"
/// try checkpoint.write(to: "trained.keras", format: .keras, options: options)
/// ```
public struct KerasOptions: FormatOptions {
  /// The format's name in a sentence.
  public static let formatName = "Keras"

  /// The path of a Keras file of the same model, or of its configuration as JSON, for a checkpoint
  /// that did not come from Keras: it says which layers there are, and which variables they have.
  /// A checkpoint that was read from a Keras file needs none if that file had the model's
  /// configuration, or if it is written as the same kind of file; if there is a template all the
  /// same, the template counts. Of a template's own weights, only names, shapes and types are used.
  ///
  /// Planning the file throws `CheckpointError` with code `notThisFormat` if the template is no
  /// file of Keras, `unsupported` if the checkpoint lacks one of the model's weights or has it in
  /// another shape, `damaged` if its tensors do not fit the class of a layer at all. Tensors that
  /// the model does not have are reported as losses.
  public var template: String?

  /// The default options: no template.
  public init() {}
}

extension WriteOptions {
  /// The options for all three kinds of Keras files. Writing any other format with options other
  /// than the defaults is refused.
  public var keras: KerasOptions {
    get { self[KerasOptions.self] }
    set { self[KerasOptions.self] = newValue }
  }
}

/// A Keras file, open for reading.
struct KerasFileSource: CheckpointSource {
  let probe: FileProbe
  let kind: KerasFileKind
  let access: Access
  /// The kind's name in a sentence.
  let displayName: String

  /// Reads the file. With `Access.verified`, the members of an archive are compared with their
  /// checksums first; HDF5 files of Keras have none, but for chunks with fletcher32, which
  /// is compared whenever they are read.
  ///
  /// - Throws: `CheckpointError`; `FileError` if the file cannot be read.
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

  /// Compares the members of an archive with their checksums. The other kinds of files have none:
  /// their structure is read, and compressed datasets are expanded.
  ///
  /// - Throws: `CheckpointError` or `FileError` if the file cannot be read or asks for what is
  ///   refused. Damage is reported in the result.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    // Before anything is interpreted: what a damaged member says is of no interest.
    let found = kind == .archive ? try probe.accountedZip()?.verify(known: known) : nil
    let problems = found?.problems.map(\.error) ?? []
    if checkpoint == nil {
      do {
        verification = try Verification(ofStructure: "a \(displayName) file") {
          try read().checkpoint
        }
      } catch let error as CheckpointError where error.code != .inputOutput && !problems.isEmpty {
        // The damage is the reason.
      }
    }
    guard let found, verification.problems.isEmpty || !problems.isEmpty else {
      return verification
    }
    verification.problems = problems
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
