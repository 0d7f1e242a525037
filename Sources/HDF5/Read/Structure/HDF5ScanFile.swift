import Files
import Synchronization

/// The file that a scan reads: where its bytes come from, a cache of them, and what is known about
/// which structure belongs to which object.
///
/// Addresses here count from the base address, as in the file.
final class HDF5ScanFile: Sendable {
  /// Reads bytes of the file: fills the span with what begins at the offset.
  typealias Read = @Sendable (inout MutableRawSpan, Int) throws -> Void

  /// What errors call the file.
  let name: String?
  /// Its numbers and its extent.
  let format: HDF5ScanFormat
  /// The address of the root group's header.
  let rootAddress: Int

  private let read: Read
  private let state = Mutex(State())

  /// The unit in which metadata is read. Small, because libhdf5 strews blocks of 2 KiB of metadata
  /// among the elements of datasets, which are of no use here.
  private static let pageSize = 16 << 10
  /// The pages that are kept: 64 MiB.
  private static let pageLimit = 4096
  /// The maximum size of a structure that is read as one: 64 MiB, the names of a million links.
  private static let structureLimit = 64 << 20
  /// What all structures together may take: 1 GiB, which millions of objects and chunks do not. A
  /// file with holes in it may be larger than can be read in any time.
  private static let claimLimit = 1 << 30

  private struct State {
    var pages: [Int: [UInt8]] = [:]
    /// What was last read that is larger than a few pages: often the names of a large group, which
    /// each look at one of its links needs.
    var large: (start: Int, bytes: [UInt8])?
    var claims: [Int: Claim] = [:]
    var claimedBytes = 0
    var namedTypes: [Int: HDF5ScanStoredType] = [:]
    var collections: [Int: HDF5ScanCollection] = [:]
    var collectionObjects = 0
  }

  private struct Claim {
    var owner: Int
    var count: Int
  }

  init(name: String?, _ superblock: HDF5ScanSuperblock, read: @escaping Read) {
    self.name = name
    format = superblock.format
    rootAddress = superblock.root
    self.read = read
  }

  /// Runs a parser on behalf of a public method.
  func reporting<Result>(
    _ operation: StaticString, path: String?, _ body: () throws(HDF5ScanFault) -> Result
  ) throws(HDF5Error) -> Result {
    do throws(HDF5ScanFault) {
      return try body()
    } catch {
      throw error.error(operation, file: name, path: path)
    }
  }
}

// MARK: - Bytes

extension HDF5ScanFile {
  /// The bytes at an address.
  func cursor(at address: Int, count: Int) throws(HDF5ScanFault) -> HDF5ScanCursor {
    guard address >= 0, count >= 0, address <= format.space, count <= format.space - address else {
      throw .corrupt(
        "\(count) bytes at the address \(address) are outside of the file",
        at: address >= 0 && address <= format.space ? format.base + address : nil)
    }
    guard count <= Self.structureLimit else {
      throw HDF5ScanFault(
        .limitExceeded, "a structure of \(count) bytes is too large", at: format.base + address)
    }
    let start = format.base + address
    let first = start / Self.pageSize
    let offset = start - first * Self.pageSize
    if offset + count <= Self.pageSize {
      return HDF5ScanCursor(
        try page(first), offset..<offset + count, origin: first * Self.pageSize, format: format)
    }
    return HDF5ScanCursor(
      try assemble(start..<start + count), 0..<count, origin: start, format: format)
  }

  /// At most `count` bytes at an address: fewer only where the file ends.
  func cursor(at address: Int, upTo count: Int) throws(HDF5ScanFault) -> HDF5ScanCursor {
    try cursor(at: address, count: max(0, min(count, format.space - address)))
  }

  /// Reads a range of the file, without keeping it.
  func bytes(in range: Range<Int>) throws(HDF5ScanFault) -> [UInt8] {
    guard range.lowerBound >= format.base, range.upperBound <= format.base + format.space else {
      throw .corrupt("the bytes \(range) are outside of the file")
    }
    return try fetch(range)
  }

  private func page(_ number: Int) throws(HDF5ScanFault) -> [UInt8] {
    if let page = state.withLock({ $0.pages[number] }) { return page }
    let start = number * Self.pageSize
    // Another thread may read the same page meanwhile, which does no harm.
    let page = try fetch(start..<min(start + Self.pageSize, format.base + format.space))
    state.withLock {
      if $0.pages.count >= Self.pageLimit { $0.pages.removeAll() }
      $0.pages[number] = page
    }
    return page
  }

  /// Bytes that lie on more than one page.
  private func assemble(_ range: Range<Int>) throws(HDF5ScanFault) -> [UInt8] {
    guard range.count <= 4 * Self.pageSize else {
      if let large = state.withLock({ $0.large }), large.start == range.lowerBound,
        large.bytes.count == range.count
      {
        return large.bytes
      }
      let bytes = try fetch(range)
      state.withLock { $0.large = (range.lowerBound, bytes) }
      return bytes
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    while bytes.count < range.count {
      let place = range.lowerBound + bytes.count
      let number = place / Self.pageSize
      let offset = place - number * Self.pageSize
      bytes += try page(number)[offset...].prefix(range.count - bytes.count)
    }
    return bytes
  }

  private func fetch(_ range: Range<Int>) throws(HDF5ScanFault) -> [UInt8] {
    try HDF5ScanFile.fetch(range, read)
  }

  /// Reads bytes whose range is known to be within the file.
  static func fetch(_ range: Range<Int>, _ read: Read) throws(HDF5ScanFault) -> [UInt8] {
    do {
      return try [UInt8](count: range.count) { bytes in
        if !range.isEmpty { try read(&bytes, range.lowerBound) }
      }
    } catch {
      if let known = error as? FileError { throw HDF5ScanFault(known) }
      if let known = error as? HDF5Error { throw HDF5ScanFault(known.code, known.message) }
      throw HDF5ScanFault(.io, "\(error)", at: range.lowerBound)
    }
  }
}

// MARK: - Claims

extension HDF5ScanFile {
  /// The owner of structures that objects share.
  static let shared = -1

  /// Notes that a structure belongs to an object, and refuses a structure that belongs to another,
  /// or overlaps with others.
  ///
  /// No two structures of a file overlap. So all that are read can never be larger than the file,
  /// and whoever opens every object once does work that is bounded by the file's size, however its
  /// addresses were bent.
  func claim(_ address: Int, count: Int, for owner: Int) throws(HDF5ScanFault) {
    let (isFree, claimedBytes) = state.withLock { state in
      if let claim = state.claims[address] {
        return (claim.owner == owner && claim.count == count, state.claimedBytes)
      }
      state.claims[address] = Claim(owner: owner, count: count)
      // A size is of the file, which may say anything.
      let (sum, overflow) = state.claimedBytes.addingReportingOverflow(count)
      state.claimedBytes = overflow ? .max : sum
      return (state.claimedBytes <= format.space, state.claimedBytes)
    }
    guard claimedBytes <= Self.claimLimit else {
      throw HDF5ScanFault(
        .limitExceeded, "its structures take more than \(Self.claimLimit) bytes",
        at: format.base + address)
    }
    guard isFree else {
      throw .corrupt(
        "structures of the file overlap, or belong to two objects", at: format.base + address)
    }
  }
}

// MARK: - What objects share

extension HDF5ScanFile {
  /// The collections that are kept, by the objects in them.
  private static let collectionObjectLimit = 1 << 20
  /// The named datatypes that are kept.
  private static let namedTypeLimit = 1024

  /// A collection of the global heap, which many elements refer to.
  func collection(at address: Int) throws(HDF5ScanFault) -> HDF5ScanCollection {
    if let known = state.withLock({ $0.collections[address] }) { return known }
    let collection = try HDF5ScanCollection(at: address, in: self)
    state.withLock {
      if $0.collectionObjects > Self.collectionObjectLimit {
        $0.collections.removeAll()
        $0.collectionObjects = 0
      }
      $0.collections[address] = collection
      $0.collectionObjects += collection.count
    }
    return collection
  }

  /// A datatype that has a header of its own, to which many objects refer.
  func namedType(at address: Int) throws(HDF5ScanFault) -> HDF5ScanStoredType {
    if let known = state.withLock({ $0.namedTypes[address] }) { return known }
    let header = try HDF5ScanHeader(at: address, in: self)
    // One step only: a named datatype does not refer to another.
    guard let message = header.first(.datatype), !message.isShared else {
      throw .corrupt("there is no datatype where one is said to be", at: format.base + address)
    }
    let type = try HDF5ScanTypeDecoder.decode(message.content)
    state.withLock {
      if $0.namedTypes.count >= Self.namedTypeLimit { $0.namedTypes.removeAll() }
      $0.namedTypes[address] = type
    }
    return type
  }
}
