import Arrays
import Checkpoints
import Files
import HDF5
import States

/// A checkpoint in an HDF5 file, open for reading.
///
/// Opening reads the index, and lists the datasets unless the index is sealed; no tensor is read.
/// See <doc:Layout> for what is expected, and ``read(_:)`` for the tensors.
///
/// Nothing in the file is believed before it is proved: links to other files and other foreign
/// storage are refused, every dataset is held against the index, or the file is as it was written
/// with the index, and every place is held against the size of the file. The structure is read
/// without libhdf5, which damaged files can bring down.
public final class CheckpointFile: Sendable {
  /// The file.
  public let path: String
  /// The program that wrote the file, as it says.
  public let producer: String?
  /// All names of tensors, in the order of the index; those that another tool added come last.
  public let tensors: [TensorInfo]

  let input: InputFile
  let scan: HDF5Scan
  let index: CheckpointIndex
  /// Whether ``tensors`` come from the index, and the datasets were not visited.
  package let isListedByIndex: Bool

  /// Opens a checkpoint.
  ///
  /// - Throws: `FileError` if the file cannot be read; `CheckpointError` if it is not a
  ///   checkpoint, was written by a newer version, contradicts itself, or asks for what is refused.
  public convenience init(_ path: String) throws(CheckpointError) {
    try self.init(FileProbe(path))
  }

  /// Opens a file whose structure may have been looked at.
  init(_ probe: FileProbe) throws(CheckpointError) {
    path = probe.path
    input = try probe.file
    guard let scan = try probe.hdf5() else {
      throw CheckpointError(.notThisFormat, file: path, reason: "it is no HDF5 file")
    }
    self.scan = scan
    (producer, index, tensors, isListedByIndex) = try CheckpointError.reporting(path) {
      [path, input] in
      let root = try scan.root()
      try BallastLayout.check(root, path)
      let producer = try root.attributes.text("producer")
      let index = try IndexReader(path).read(from: root)
      let lister = TensorLister(path, input, scan, index)
      let listed = try IndexSeal.holds(for: root.group("index"), in: input) ? lister.list() : nil
      return (producer, index, try listed ?? lister.list(root), listed != nil)
    }
  }
}

/// A tensor in a checkpoint, by one of its names.
public struct TensorInfo: Sendable {
  /// The part of the checkpoint that a tensor belongs to.
  public enum Section: Hashable, Sendable {
    /// A parameter of the model, by its key.
    case parameter(key: String)
    /// A buffer of the model, by its key.
    case buffer(key: String)
    /// A slot of the optimizer's state.
    case optimizer(parameter: String, slot: String)
    /// A value of the metadata or an option of the optimizer.
    case value
  }

  /// Which part of the checkpoint it belongs to, and its name there.
  public let section: Section
  /// The path of its dataset, from the root, without a leading `/`.
  public let path: String
  /// The type of the elements.
  public let dtype: DType
  /// The lengths along each dimension.
  public let shape: Shape
  /// The bytes that it takes in the file.
  public let storedByteCount: Int
  /// The digest that the index records; nil if the index does not know the tensor.
  public let digest: Digest?
  /// The position, among the names, of the first name of the same tensor, if this is another.
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

  /// Whether the bytes can be mapped.
  public var isMappable: Bool {
    switch place {
    case .region, .empty: true
    case .dataset: false
    }
  }

  /// Where in the file the bytes are, for a tensor that is in one piece.
  public var fileRange: Range<Int>? {
    if case .region(let region) = place { return region.range }
    return nil
  }

  /// The bytes of the elements.
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
