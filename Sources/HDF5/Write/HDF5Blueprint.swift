/// What a new file will hold: groups, datasets, attributes and links, before a byte is written.
///
/// The way to write a file whose content is known beforehand, without libhdf5, which makes objects
/// one at a time: ``structure(alignment:threshold:)`` gives the bytes of all structures at once,
/// and says where the elements of each dataset belong. The caller writes them there, as it likes.
///
/// ```swift
/// var blueprint = HDF5Blueprint()
/// let group = try blueprint.addGroup("parameters", in: .root)
/// let weight = try blueprint.addDataset("weight", .float32, .shape([64, 3]), .room, in: group)
/// var structure = try blueprint.structure()
/// // Write the elements at structure.offset(of: weight), and at 0 what structure.withBytes lends.
/// ```
///
/// Files have the format of the oldest libraries, "HDF5 File Format Specification" with superblock
/// 0, so that every library reads them; and the same blueprint gives the same bytes. Structures
/// come first in the file and elements after them, so that a reader finds all it needs in one
/// piece.
public struct HDF5Blueprint: Sendable {
  /// A group of a blueprint: valid for the blueprint that made it, and its copies.
  public struct GroupID: Hashable, Sendable {
    let index: Int
    /// The group that every file has.
    public static let root = GroupID(index: 0)
  }

  /// A dataset of a blueprint: valid for the blueprint that made it, its copies, and their
  /// structures.
  public struct DatasetID: Hashable, Sendable {
    let index: Int
  }

  /// A text of a blueprint that is known only when the file is written: valid for the blueprint that
  /// made it, its copies, and their structures.
  public struct TextID: Hashable, Sendable {
    let index: Int
  }

  /// Where the elements of a dataset are, and who writes them.
  public enum Content: Hashable, Sendable {
    /// In one piece among the elements, written by the caller at ``HDF5Structure/offset(of:)``.
    case room
    /// In one piece among the structures; see ``HDF5Structure/fill(_:with:)``. For few bytes that
    /// are known only after the elements, such as checksums.
    case inner
    /// These bytes, among the structures: the elements in row-major order, as the file has them.
    case bytes([UInt8])
    /// In chunks of a shape, which went through filters and are written by the caller; see
    /// ``HDF5Structure/setChunks(of:_:)``. The parameter of the shuffle filter, the size of an
    /// element, is set without being given.
    case chunks(shape: [Int], filters: [HDF5Filter])
  }

  struct Group: Sendable {
    var attributes: [Attribute] = []
    var links: [(name: String, target: Target)] = []
  }

  struct Dataset: Sendable {
    var datatype: EncodedType
    var dataspace: HDF5Dataspace
    var content: Content
    var byteCount: Int
    var attributes: [Attribute] = []
    var linkCount = 1
  }

  struct Attribute: Sendable {
    var name: String
    var datatype: EncodedType
    var dataspace: HDF5Dataspace
    var elements: Elements

    enum Elements: Sendable {
      /// The bytes as the file has them.
      case bytes([UInt8])
      /// Texts of variable length, by their numbers among ``HDF5Blueprint/texts``.
      case texts(Range<Int>)
    }
  }

  /// A type, and the message that describes it: many datasets share one.
  struct EncodedType: Sendable {
    var byteCount: Int
    var message: [UInt8]
  }

  enum Target: Sendable {
    case group(GroupID)
    case dataset(DatasetID)
  }

  private(set) var groups = [Group()]
  private(set) var datasets: [Dataset] = []
  /// What the heap will hold.
  private(set) var texts: [String] = []
  private var types: [HDF5Datatype: EncodedType] = [:]

  /// A file with nothing in it.
  public init() {}

  /// Adds a group.
  ///
  /// - Parameters:
  ///   - name: Its name, not a path: not empty, not `.`, and without slashes and NUL.
  ///   - parent: The group that holds it.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/invalidArgument`` if the name cannot be
  ///   that of a link. Two links of one name are found by ``structure(alignment:threshold:)``.
  public mutating func addGroup(
    _ name: String, in parent: GroupID
  ) throws(HDF5Error) -> GroupID {
    let id = GroupID(index: groups.count)
    try addLink(name, .group(id), in: parent)
    groups.append(Group())
    return id
  }

  /// Adds a dataset.
  ///
  /// Types that can be written are integers, floats, strings of fixed length, opaque types,
  /// enumerations of little-endian integers of up to 8 bytes, and compounds of these. The fill
  /// value is zero. A maximum in `dataspace` is not written: the dataset keeps its size.
  ///
  /// - Parameters:
  ///   - name: Its name, not a path: not empty, not `.`, and without slashes and NUL.
  ///   - datatype: The type of its elements in the file.
  ///   - dataspace: Its extent, of 32 dimensions at most.
  ///   - content: Where its elements are, and who writes them.
  ///   - parent: The group that holds it.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/unsupported`` if the type cannot be
  ///   written, ``HDF5Error/Code/invalidArgument`` if the shape, the chunks, the number of bytes or
  ///   the name is impossible. A chunk has less than 4 GiB before filters. Two links of one name
  ///   are found by ``structure(alignment:threshold:)``.
  public mutating func addDataset(
    _ name: String, _ datatype: HDF5Datatype, _ dataspace: HDF5Dataspace, _ content: Content,
    in parent: GroupID
  ) throws(HDF5Error) -> DatasetID {
    let type = try encoded(datatype, name)
    guard let count = dataspace.elementCount,
      dataspace.dimensions.count <= HDF5Dataspace.maximumRank,
      let byteCount = [count, type.byteCount].checkedProduct
    else { throw Self.error(name, "the shape \(dataspace.dimensions) is impossible") }
    switch content {
    case .room, .inner: break
    case .bytes(let bytes):
      guard bytes.count == byteCount else {
        throw Self.error(name, "its elements take \(byteCount) bytes, and \(bytes.count) are given")
      }
    case .chunks(let shape, _):
      guard shape.count == dataspace.dimensions.count, !shape.isEmpty,
        shape.allSatisfy({ 1...Int(UInt32.max) ~= $0 }),
        let size = (shape + [type.byteCount]).checkedProduct, size <= Int(UInt32.max)
      else { throw Self.error(name, "its chunks cannot have the shape \(shape)") }
    }
    let id = DatasetID(index: datasets.count)
    try addLink(name, .dataset(id), in: parent)
    datasets.append(
      Dataset(datatype: type, dataspace: dataspace, content: content, byteCount: byteCount))
    return id
  }

  /// Adds another name of a dataset: a hard link, by which readers find the same object.
  ///
  /// - Parameters:
  ///   - name: The name, not a path: not empty, not `.`, and without slashes and NUL.
  ///   - dataset: The dataset, which was added before.
  ///   - parent: The group that holds the link.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/invalidArgument`` if the name cannot be
  ///   that of a link.
  public mutating func addLink(
    _ name: String, to dataset: DatasetID, in parent: GroupID
  ) throws(HDF5Error) {
    try addLink(name, .dataset(dataset), in: parent)
    datasets[dataset.index].linkCount += 1
  }

  /// Adds an attribute to a group.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - datatype: The type of its elements in the file.
  ///   - bytes: The elements in row-major order, as the file has them.
  ///   - dataspace: Its extent: one element unless another is given.
  ///   - group: The group.
  /// - Throws: ``HDF5Error`` if the type, the extent or the name cannot be written. Attributes that
  ///   are too large, or that share a name, are found by ``structure(alignment:threshold:)``.
  public mutating func addAttribute(
    _ name: String, _ datatype: HDF5Datatype, _ bytes: [UInt8],
    _ dataspace: HDF5Dataspace = .scalar, to group: GroupID
  ) throws(HDF5Error) {
    groups[group.index].attributes.append(try attribute(name, datatype, bytes, dataspace))
  }

  /// Adds an attribute to a dataset, as to a group.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - datatype: The type of its elements in the file.
  ///   - bytes: The elements in row-major order, as the file has them.
  ///   - dataspace: Its extent: one element unless another is given.
  ///   - dataset: The dataset.
  /// - Throws: ``HDF5Error`` as for a group.
  public mutating func addAttribute(
    _ name: String, _ datatype: HDF5Datatype, _ bytes: [UInt8],
    _ dataspace: HDF5Dataspace = .scalar, to dataset: DatasetID
  ) throws(HDF5Error) {
    datasets[dataset.index].attributes.append(try attribute(name, datatype, bytes, dataspace))
  }

  /// Adds an attribute of texts of variable length in UTF-8, as h5py stores `str`, to a group.
  ///
  /// The texts lie in a heap of the file, so that an attribute, which has room for 64 KiB, may have
  /// texts of up to 4 GiB.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - texts: As many texts as `dataspace` has elements, in row-major order.
  ///   - dataspace: Its extent: one element unless another is given.
  ///   - group: The group.
  /// - Throws: ``HDF5Error`` if a text contains NUL, which ends it for programs in C, or if the
  ///   extent or the name cannot be written.
  public mutating func addAttribute(
    _ name: String, texts: [String], _ dataspace: HDF5Dataspace = .scalar, to group: GroupID
  ) throws(HDF5Error) {
    groups[group.index].attributes.append(try attribute(name, texts, dataspace))
  }

  /// Adds an attribute of texts of variable length to a dataset, as to a group.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - texts: As many texts as `dataspace` has elements, in row-major order.
  ///   - dataspace: Its extent: one element unless another is given.
  ///   - dataset: The dataset.
  /// - Throws: ``HDF5Error`` as for a group.
  public mutating func addAttribute(
    _ name: String, texts: [String], _ dataspace: HDF5Dataspace = .scalar, to dataset: DatasetID
  ) throws(HDF5Error) {
    datasets[dataset.index].attributes.append(try attribute(name, texts, dataspace))
  }

  /// Adds an attribute of one text to a group, whose bytes may be replaced after the elements are
  /// written: see ``HDF5Structure/replace(_:with:)``.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - text: A text of as many bytes as the one that replaces it.
  ///   - group: The group.
  /// - Throws: ``HDF5Error`` as for other texts.
  public mutating func addReplaceableText(
    _ name: String, _ text: String, to group: GroupID
  ) throws(HDF5Error) -> TextID {
    let id = TextID(index: texts.count)
    try addAttribute(name, texts: [text], to: group)
    return id
  }

  /// Adds an attribute of sequences of letters to a group: each text as an element of variable length
  /// of texts of one byte, as MATLAB has `MATLAB_fields`.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - letters: The texts, in ASCII.
  ///   - group: The group.
  /// - Throws: ``HDF5Error`` as for texts.
  public mutating func addAttribute(
    _ name: String, letters: [String], to group: GroupID
  ) throws(HDF5Error) {
    var attribute = try attribute(name, letters, .shape([letters.count]))
    attribute.datatype.message = HDF5Datatype.encodedLetters
    groups[group.index].attributes.append(attribute)
  }

  /// Lays out the file.
  ///
  /// First comes the superblock, then the structures with the elements that are among them, then
  /// those with ``Content/room`` in the order in which the datasets were added. A dataset is
  /// written once, however many links it has.
  ///
  /// - Parameters:
  ///   - alignment: What the place of elements is a multiple of, for ``Content/room``, in bytes: at
  ///     least 1.
  ///   - threshold: Datasets of fewer bytes are only aligned to 8.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/alreadyExists`` if two links of a group, or
  ///   two attributes of an object, have one name, ``HDF5Error/Code/limitExceeded`` if an attribute
  ///   has more than about 64 KiB or an object too many of them, ``HDF5Error/Code/unsupported`` if
  ///   the datasets take more than 2^60 bytes.
  public func structure(
    alignment: Int = 256, threshold: Int = 1024
  ) throws(HDF5Error) -> HDF5Structure {
    // Room for all of it, however it is aligned, so that no sum below is beyond what numbers hold.
    var byteCount = 0
    for dataset in datasets {
      let (padded, isTooMuch) = dataset.byteCount.addingReportingOverflow(max(alignment, 8))
      let (sum, overflow) = byteCount.addingReportingOverflow(padded)
      guard !isTooMuch, !overflow, sum <= Self.maximumByteCount else {
        throw HDF5Error(
          .unsupported, operation: "lay out",
          message: "its datasets take more than \(Self.maximumByteCount) bytes")
      }
      byteCount = sum
    }
    var encoder = HDF5StructureEncoder(self)
    try encoder.encode()
    return HDF5Structure(encoder, self, alignment: alignment, threshold: threshold)
  }
}

extension HDF5Blueprint {
  private mutating func addLink(
    _ name: String, _ target: Target, in parent: GroupID
  ) throws(HDF5Error) {
    guard !name.isEmpty, name != ".",
      !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") })
    else { throw Self.error(name, "no link can have such a name") }
    groups[parent.index].links.append((name, target))
  }

  private mutating func attribute(
    _ name: String, _ datatype: HDF5Datatype, _ bytes: [UInt8], _ dataspace: HDF5Dataspace
  ) throws(HDF5Error) -> Attribute {
    let type = try encoded(datatype, name)
    let count = try Self.elementCount(ofAttribute: name, dataspace)
    guard [count, type.byteCount].checkedProduct == bytes.count else {
      throw Self.error(
        name,
        "the attribute has \(count) elements of \(type.byteCount) bytes, "
          + "and \(bytes.count) bytes are given")
    }
    return Attribute(name: name, datatype: type, dataspace: dataspace, elements: .bytes(bytes))
  }

  private mutating func attribute(
    _ name: String, _ texts: [String], _ dataspace: HDF5Dataspace
  ) throws(HDF5Error) -> Attribute {
    guard try Self.elementCount(ofAttribute: name, dataspace) == texts.count else {
      throw Self.error(
        name,
        "the attribute has the shape \(dataspace.dimensions), "
          + "and \(texts.count) texts are given")
    }
    for text in texts {
      guard !text.utf8.contains(0), text.utf8.count <= Int(UInt32.max) else {
        throw Self.error(name, "a text contains NUL, or has more than 4 GiB")
      }
    }
    let first = self.texts.count
    self.texts += texts
    return Attribute(
      name: name,
      datatype: EncodedType(
        byteCount: HDF5GlobalHeap.elementByteCount, message: HDF5Datatype.encodedVariableText),
      dataspace: dataspace, elements: .texts(first..<self.texts.count))
  }

  private static func elementCount(
    ofAttribute name: String, _ dataspace: HDF5Dataspace
  ) throws(HDF5Error) -> Int {
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw error(name, "no attribute can have such a name")
    }
    guard let count = dataspace.elementCount,
      dataspace.dimensions.count <= HDF5Dataspace.maximumRank
    else { throw error(name, "the shape \(dataspace.dimensions) is impossible") }
    return count
  }

  /// Far more than any file system holds, and far less than an overflow.
  private static let maximumByteCount = 1 << 60

  private mutating func encoded(
    _ datatype: HDF5Datatype, _ name: String
  ) throws(HDF5Error) -> EncodedType {
    if let known = types[datatype] { return known }
    // The size of an element has four bytes.
    guard let byteCount = datatype.byteCount, 1...Int(UInt32.max) ~= byteCount,
      let message = datatype.encoded
    else {
      throw HDF5Error(
        .unsupported, operation: "lay out", path: name,
        message: "elements of the type \(datatype) cannot be laid out")
    }
    let type = EncodedType(byteCount: byteCount, message: message)
    types[datatype] = type
    return type
  }

  static func error(_ name: String, _ message: String) -> HDF5Error {
    HDF5Error(.invalidArgument, operation: "lay out", path: name, message: message)
  }
}
