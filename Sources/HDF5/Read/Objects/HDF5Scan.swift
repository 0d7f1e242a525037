import Files

/// A reader of the HDF5 file format in Swift alone, for untrusted files.
///
/// `HDF5File` hands a file to libhdf5, which crashes on some damaged ones. A scan never does:
/// every number is checked before it is used, and whatever bytes are given to it, the outcome is an
/// answer or an ``HDF5Error``. It is also quicker, for it opens nothing: it reads the structure of
/// the file and says where the elements are, as stored. Undoing filters is left to the caller.
///
/// ```swift
/// let scan = try HDF5Scan(byteCount: input.byteCount) { try input.read(into: &$0, at: $1) }
/// for link in try scan.root().links() {
///   if case .hard(let address) = link.target,
///     case .dataset(let dataset) = try scan.object(at: address)
///   {
///     print(link.name, dataset.datatype, dataset.shape, dataset.contiguousRange as Any)
///   }
/// }
/// ```
///
/// It reads all versions of the format up to that of HDF5 2.0, as described in the "HDF5 File
/// Format Specification", versions 3.0 and 4.0. Not read are: messages shared through a heap of the
/// file (`H5Pset_shared_mesg_nindexes`), groups whose links are filtered, and files closed with an
/// image of the metadata cache, or split over several files; they are recognized and refused with
/// code ``HDF5Error/Code/unsupported``. Links other than hard ones, external storage and virtual
/// datasets are reported and never followed.
///
/// A scan, and all that comes from it, may be used by several threads at a time.
public struct HDF5Scan: Sendable {
  /// The size of the user block: the bytes before the HDF5 content.
  public let userBlockSize: Int
  /// The version of the superblock: 0 or 1 for files that every library reads, 2 from HDF5 1.8 on,
  /// 3 from HDF5 1.10 on.
  public let superblockVersion: Int

  let file: HDF5ScanFile

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - byteCount: The size of the file.
  ///   - name: What errors call the file: its path, for instance.
  ///   - read: Fills a span with the bytes that start at an offset of the file. Only asked for
  ///     what is within `byteCount`; throws if it cannot fill all of it. Called from any
  ///     thread, possibly several at a time.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/notHDF5`` if there is no superblock,
  ///   ``HDF5Error/Code/truncated`` if the file ends before the end that it declares, or others.
  public init(
    byteCount: Int, name: String? = nil,
    read: @escaping @Sendable (inout MutableRawSpan, Int) throws -> Void
  ) throws(HDF5Error) {
    do throws(HDF5ScanFault) {
      let superblock = try HDF5ScanSuperblock(byteCount: byteCount, read)
      userBlockSize = superblock.format.base
      superblockVersion = superblock.version
      file = HDF5ScanFile(name: name, superblock, read: read)
      if let address = superblock.extensionAddress {
        try HDF5ScanSuperblock.checkExtension(at: address, in: file)
      }
    } catch {
      throw error.error("open the file", file: name, path: nil)
    }
  }

  /// Opens the bytes of a file in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file, user block included.
  ///   - name: What errors call the file.
  /// - Throws: As ``init(byteCount:name:read:)`` does.
  public init(bytes: [UInt8], name: String? = nil) throws(HDF5Error) {
    try self.init(byteCount: bytes.count, name: name) { target, offset in
      bytes.withBytes { target.copy($0.extracting(offset..<offset + target.byteCount)) }
    }
  }

  /// The root group.
  ///
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/corrupt`` if it is damaged or not a group,
  ///   or others.
  public func root() throws(HDF5Error) -> HDF5ScannedGroup {
    let operation: StaticString = "open the group"
    guard case .group(let group) = try object(at: UInt64(file.rootAddress), path: "/") else {
      throw HDF5Place(file: file.name, path: "/").error(
        .corrupt, operation, "the root of the file is not a group")
    }
    return group
  }

  /// Reads the object at an address.
  ///
  /// - Parameters:
  ///   - address: As a hard link gives it, counted from the end of the user block.
  ///   - path: What errors call the object.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/corrupt`` if there is no object at the
  ///   address or it is damaged, ``HDF5Error/Code/unsupported``, ``HDF5Error/Code/limitExceeded``
  ///   or ``HDF5Error/Code/io``.
  public func object(
    at address: UInt64, path: String? = nil
  ) throws(HDF5Error) -> HDF5ScannedObject {
    try file.reporting("open the object", path: path) { () throws(HDF5ScanFault) in
      try HDF5ScannedObject(at: address, path: path, in: file)
    }
  }
}

/// What an address leads to.
public enum HDF5ScannedObject: Sendable {
  /// A group.
  case group(HDF5ScannedGroup)
  /// A dataset.
  case dataset(HDF5ScannedDataset)
  /// A datatype that is stored under a name.
  case namedDatatype(HDF5ScannedDatatype)

  /// Finds out the kind of an object from its messages, as libhdf5 does.
  init(at address: UInt64, path: String?, in file: HDF5ScanFile) throws(HDF5ScanFault) {
    guard let address = Int(exactly: address), address < file.format.space else {
      throw .corrupt("the address \(address) is outside of the file")
    }
    let header = try HDF5ScanHeader(at: address, in: file)
    let object = HDF5ScanObject(file: file, header: header, path: path)
    if header.first(.symbolTable) != nil || header.first(.linkInfo) != nil {
      self = .group(HDF5ScannedGroup(object))
    } else if header.first(.datatype) == nil {
      throw .corrupt(
        "it is neither a group, nor a dataset, nor a datatype", at: file.format.base + address)
    } else if header.first(.dataspace) != nil {
      self = .dataset(try HDF5ScannedDataset(object))
    } else {
      self = .namedDatatype(try HDF5ScannedDatatype(object))
    }
  }

  /// The kind of object.
  public var kind: HDF5ObjectInfo.Kind {
    switch self {
    case .group: .group
    case .dataset: .dataset
    case .namedDatatype: .namedDatatype
    }
  }

  /// The identity of the object: equal for two hard links that lead to the same one.
  public var address: UInt64 { object.address }

  /// The number of hard links to the object, as it says itself.
  public var referenceCount: Int { object.header.referenceCount }

  /// The attributes.
  public var attributes: HDF5ScannedAttributes { HDF5ScannedAttributes(object: object) }

  /// The bytes of the messages of the header, which are read anew each time that the object is: what it
  /// costs to look at it.
  package var headerByteCount: Int {
    object.header.messages.reduce(0) { $0 + $1.content.remaining }
  }

  private var object: HDF5ScanObject {
    switch self {
    case .group(let group): group.object
    case .dataset(let dataset): dataset.object
    case .namedDatatype(let datatype): datatype.object
    }
  }
}

/// What all objects have in common.
struct HDF5ScanObject: Sendable {
  let file: HDF5ScanFile
  let header: HDF5ScanHeader
  let path: String?

  var address: UInt64 { UInt64(header.address) }

  func reporting<Result>(
    _ operation: StaticString, _ body: () throws(HDF5ScanFault) -> Result
  ) throws(HDF5Error) -> Result {
    try file.reporting(operation, path: path, body)
  }
}
