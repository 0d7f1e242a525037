import Files
import OrderedCollections
import States

/// A format in which checkpoints are kept: the contract that each of them fulfils.
///
/// A format is a folder under `Formats/`, which is a target of its own, with one type that conforms
/// to this protocol, and one line in the registry of `Interchange`. Nothing outside the folder
/// knows its name; what a format can do is in its ``traits``.
///
/// Reading goes from a ``FileProbe``, which opens the file once, over ``recognise(_:)`` to
/// ``open(_:_:)``; writing from ``plan(_:to:_:)``, which finds out what cannot be kept before
/// anything is written, to ``WritePlan/write(checking:)``.
///
/// All that these functions throw is a ``CheckpointError``, or a `FileError` or `HDF5Error` that
/// the facade of `Interchange` makes one of.
public protocol CheckpointFormat: Sendable {
  /// The name by which options and reports know the format: `pytorch`. It never changes.
  var id: String { get }
  /// The name in a sentence: `PyTorch`.
  var displayName: String { get }
  /// The endings of the names of such files, the usual one first, without a leading dot. A name
  /// that ends in several formats' endings is of the format with the longest.
  var endings: [String] { get }
  /// What files of the format can hold.
  var traits: FormatTraits { get }
  /// Whether a file is of this format, by its content.
  ///
  /// - Returns: How sure that is; nil if it is not.
  /// - Throws: If the file cannot be read. A damaged file is no error here.
  func recognise(_ probe: FileProbe) throws -> Recognition?
  /// Opens a file, which need not have been recognised: the caller may know better.
  ///
  /// - Parameters:
  ///   - probe: The file, opened already.
  ///   - access: How the bytes of tensors come into memory when they are read.
  /// - Throws: `notThisFormat`, `damaged`, `refused` or `unsupported`.
  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource
  /// What ``Checkpoint/origin`` keeps for this format, for a checkpoint of which only the model is left.
  ///
  /// - Parameter entry: What it keeps.
  /// - Returns: What of it is about the model; nil if nothing is.
  func originEntry(ofModelIn entry: Value) -> Value?
  /// What ``Checkpoint/origin`` keeps for this format, for a part of a checkpoint under other keys.
  ///
  /// - Parameters:
  ///   - entry: What it keeps for the whole.
  ///   - keys: The key that each tensor of the part had.
  /// - Returns: What of it is about these tensors; nil if nothing is.
  func originEntry(_ entry: Value, ofPartWith keys: [String: String]) -> Value?
  /// What ``Checkpoint/origin`` keeps for this format, for a checkpoint of several models that comes from
  /// no file, so that each can be read by itself.
  ///
  /// - Parameter names: The names of the models, by which the keys of their tensors begin.
  /// - Returns: What it is to keep; nil if nothing is needed.
  func originEntry(ofModels names: [String]) -> Value?
  /// Under which names a file had the model and the optimizer that a checkpoint has as its own.
  ///
  /// - Parameter entry: What ``Checkpoint/origin`` keeps for this format.
  func partNames(in entry: Value) -> PartNames
  /// Determines how a checkpoint is written, and what of it the format cannot hold.
  ///
  /// - Parameters:
  ///   - checkpoint: What is to be written.
  ///   - path: The file or folder to be written. Nothing is created yet.
  ///   - options: Compression, types, and the options of this format.
  /// - Throws: `unsupported` if the checkpoint cannot be written at all.
  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan
}

extension CheckpointFormat {
  /// All of it.
  public func originEntry(ofModelIn entry: Value) -> Value? { entry }

  /// Nothing.
  public func originEntry(_ entry: Value, ofPartWith keys: [String: String]) -> Value? { nil }

  /// Nothing.
  public func originEntry(ofModels names: [String]) -> Value? { nil }

  /// None.
  public func partNames(in entry: Value) -> PartNames { PartNames() }

  /// Refuses: the format is only read.
  public func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    throw CheckpointError(
      .unsupported, file: path, reason: "\(displayName) files are not written")
  }
}

/// Under which names a file had what a checkpoint has as its own.
public struct PartNames: Hashable, Sendable {
  /// The name of the model.
  public let model: String?
  /// The name of the optimizer.
  public let optimizer: String?

  /// Names; nil where a part had none.
  ///
  /// - Parameters:
  ///   - model: The name of the model.
  ///   - optimizer: The name of the optimizer.
  public init(model: String? = nil, optimizer: String? = nil) {
    self.model = model
    self.optimizer = optimizer
  }
}

/// How sure it is that a file is of a format.
public enum Recognition: Int, Sendable, Comparable {
  /// It may be: nothing rules it out, and opening it as such decides.
  case possible
  /// It looks like it, or is a damaged one.
  case likely
  /// Its content says so.
  case certain

  /// Whether the first is less sure.
  public static func < (first: Recognition, second: Recognition) -> Bool {
    first.rawValue < second.rawValue
  }
}

/// What files of a format can hold, and how.
public struct FormatTraits: Sendable {
  /// What becomes of tensors that are to be compressed.
  public enum Compression: Sendable, Hashable {
    /// They cannot be, for this reason: a clause.
    case none(String)
    /// Deflate.
    case deflate
    /// Deflate, and HDF5's shuffle filter before it.
    case deflateAndShuffle
  }

  /// Whether checkpoints are written in this format, and not only read.
  public var isWritable = true
  /// Whether a file says of a tensor whether it is a parameter or a buffer, so that a guess would
  /// be kept in it as a fact.
  public var keepsRoles = true
  /// Whether a path may lead to several variants of a checkpoint, of which ``ReadOptions`` choose
  /// one.
  public var hasVariants = false
  /// Whether a source itself reads the part of a file that ``ReadOptions/root`` names; of other formats
  /// it is taken from what was read.
  public var readsRoots = false
  /// Whether a file can hold several models of which none is the one that a reader loads.
  public var holdsSeveralModels = false
  /// Whether the tensors of the optimizer and the metadata lie among those of the model, so that other
  /// programs take them for its own.
  public var mixesTensors = false
  /// Whether a tensor in the metadata of a checkpoint, by its key, is no tensor of a file, but a value that other
  /// programs know as one.
  public var holdsAsValue: @Sendable (_ key: String, Checkpoint) -> Bool = { _, _ in false }
  /// How tensors are compressed.
  public var compression = Compression.none("the format has no compression")
  /// The options that only this format understands; nil if there are none.
  public var options: (any FormatOptions.Type)?

  /// A format that is written, keeps roles, and has neither variants, compression nor options of
  /// its own.
  public init() {}
}

/// A file, or several that belong together, open for reading.
public protocol CheckpointSource: Sendable {
  /// Reads everything. Tensors are views of the mapped file or own their values, as `Access` said.
  func read() throws -> ReadResult
  /// Compares the file with the checksums in it, a block at a time.
  ///
  /// - Parameters:
  ///   - known: What was read of the file before, which is not read again; nil to read all.
  ///   - checkpoint: What ``read()`` gave, by which damage is named and whose tensors need not be
  ///     decoded again; nil if nothing was read yet.
  /// - Returns: What is damaged, and what could not be verified.
  /// - Throws: If the file cannot be read, or needs what is refused.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification
  /// How the file is made, beyond the checkpoint in it: facts by their names.
  var facts: OrderedDictionary<String, Value> { get throws }
}

extension CheckpointSource {
  /// Compares all of the file with the checksums in it.
  ///
  /// - Throws: If the file cannot be read, or needs what is refused.
  public func verify() throws -> Verification { try verify(known: nil, of: nil) }
}

/// How a checkpoint is going to be written: everything is decided, and nothing was made yet.
///
/// So `--strict` is: make the plan, look at its losses, write.
public protocol WritePlan {
  /// What the format cannot hold.
  var losses: [ConversionLoss] { get }
  /// Writes the file. It takes its place only when it is whole; until then, and if this throws, the
  /// path leads to what it did before.
  ///
  /// - Parameter input: The file from which the tensors come, to be compared with its checksums
  ///   when all is written and before it takes its place; nil if there is none, or that is not
  ///   wanted.
  func write(checking input: InputCheck?) throws -> WriteSummary
}
