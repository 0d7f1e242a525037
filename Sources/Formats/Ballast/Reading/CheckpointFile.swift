import Arrays
import Checkpoints
import Files
import HDF5
import States

/// A checkpoint in Ballast's layout of HDF5, open for reading.
///
/// Opening reads the index, and lists the datasets unless the index is sealed; no tensor is read.
/// <doc:Layout> specifies the layout; ``read(_:)`` reads the tensors.
///
/// Nothing in the file is trusted unchecked. Links to other files are never followed, and external
/// storage is refused. Every dataset is checked against the index, unless the seal shows that the file is as it was
/// written, and every position is checked against the size of the file. The structure is read
/// without libhdf5, which a damaged file can crash.
public final class CheckpointFile: Sendable {
  /// The path of the file, as the caller named it.
  public let path: String
  /// The program that wrote the file, as the file says, such as `Ballast 0.1.0`; nil if it does not
  /// say.
  public let producer: String?
  /// The tensors by all their names, in the order of the index; tensors that another program added
  /// come last, and those that it took out are not there.
  public let tensors: [TensorInfo]

  let input: InputFile
  let scan: HDF5Scan
  let index: CheckpointIndex
  /// Whether ``tensors`` come from the sealed index, without a visit to the datasets.
  package let isListedByIndex: Bool
  /// Whether the structures are those that were written.
  let isSealed: Bool
  /// What another program added or took out.
  let changes: FileChanges

  /// Opens a checkpoint, and reads its index.
  ///
  /// - Throws: `CheckpointError`: `inputOutput` if the file cannot be read, `notThisFormat` if it
  ///   is no Ballast checkpoint, `newerVersion` if its layout is newer than this program, `damaged`
  ///   if it contradicts itself, `unsupported` if a dataset has a type that no tensor has or the
  ///   file uses HDF5 that is not implemented, `refused` if it needs what is never done, such as
  ///   following a link to another file or running a filter that is not known.
  public convenience init(_ path: String) throws(CheckpointError) {
    try self.init(FileProbe(path))
  }

  /// Opens a file whose structure may have been read already.
  init(_ probe: FileProbe) throws(CheckpointError) {
    path = probe.path
    input = try probe.file
    guard let scan = try probe.hdf5() else {
      throw CheckpointError(.notThisFormat, file: path, reason: "it is no HDF5 file")
    }
    self.scan = scan
    (producer, index, tensors, isListedByIndex, isSealed, changes) = try CheckpointError.reporting(
      path
    ) { [path, input] in
      let root = try scan.root()
      try BallastLayout.check(root, path)
      let producer = try root.attributes.text("producer")
      let index = try IndexReader(path, HDF5Content(input)).read(from: root)
      let lister = TensorLister(path, input, scan, index)
      let isSealed = try IndexSeal.holds(for: root.group("index"), in: input)
      if isSealed, let listed = try lister.list() {
        return (producer, index, listed, true, true, FileChanges())
      }
      let (tensors, changes) = try lister.list(root)
      return (producer, index, tensors, false, isSealed, changes)
    }
  }
}

/// What the file says of a tensor under one of its names.
public struct TensorInfo: Sendable {
  /// The part of a checkpoint that a tensor belongs to.
  public enum Section: Hashable, Sendable {
    /// A parameter of the model, by its key.
    case parameter(key: String)
    /// A buffer of the model, by its key.
    case buffer(key: String)
    /// A slot of the optimizer's state for a parameter, such as `exp_avg`.
    case optimizer(parameter: String, slot: String)
    /// A tensor in the metadata, among the optimizer's options, or in what is kept for another
    /// format.
    case value
  }

  /// Which part of the checkpoint it belongs to, and its name there.
  public let section: Section
  /// The path of its dataset, from the root, without a leading `/`.
  public let path: String
  /// The type of the elements.
  public let dtype: DType
  /// The lengths of its dimensions; empty for a scalar.
  public let shape: Shape
  /// The bytes that it takes in the file, after compression.
  public let storedByteCount: Int
  /// The digest that the index records; nil if the index does not know the tensor.
  public let digest: Digest?
  /// If this is a further name of a tensor: the index in ``CheckpointFile/tensors`` of its first
  /// name.
  public internal(set) var aliasOf: Int?

  let view: TensorSharing.View?
  let place: Place

  /// Where the bytes are.
  enum Place: Sendable {
    /// In one piece, ready to use.
    case region(FileRegion)
    /// Compressed, within the header, or in big-endian order.
    case dataset(StoredTensor)
    /// Nowhere: there are none.
    case empty
  }

  /// Whether the bytes can be mapped: they are in one piece, uncompressed and little-endian, or
  /// there are none.
  public var isMappable: Bool {
    switch place {
    case .region, .empty: true
    case .dataset: false
    }
  }

  /// Where the bytes are, in bytes from the beginning of the file, for a tensor that is in one
  /// piece; else nil.
  public var fileRange: Range<Int>? {
    if case .region(let region) = place { return region.range }
    return nil
  }

  /// The bytes of its elements in memory.
  public var byteCount: Int { shape.elementCount * dtype.itemSize }
}

extension BallastLayout {
  /// Refuses a file that is no checkpoint, or of a version that is not known here.
  static func check(_ root: HDF5ScannedGroup, _ path: String) throws {
    let attributes = root.attributes
    guard try attributes.text("format") == name else {
      throw CheckpointError(
        .notThisFormat, file: path,
        reason: "it is an HDF5 file, but not a Ballast checkpoint: "
          + "it has no attribute format = \"\(name)\"")
    }
    guard let version = try attributes.number("format_version", as: UInt32.self), version > 0 else {
      throw CheckpointError(
        .damaged, file: path, reason: "it does not say which version of the layout it has")
    }
    guard version <= Self.version else {
      throw CheckpointError(
        .newerVersion, file: path,
        reason: "it is a checkpoint of version \(version), and this program reads version "
          + "\(Self.version); please use a newer Ballast")
    }
  }
}
