import Files

/// The memory that one or more arrays refer to.
///
/// A storage either owns its memory, or maps part of a file, whose pages are read when they are
/// touched, or is put together from several places of files, when it is touched or block by block. Arrays are values, so a storage that owns its memory is written only while a single array
/// refers to it (see ``NDArray``), and one that maps a file never: several storages may map the same
/// bytes. That rule is also what makes it safe to share between threads.
///
/// Its own bounds are checked wherever its bytes are lent; only `base` is not, which kernels take.
@safe
public final class Storage: @unchecked Sendable {
  /// The number of bytes.
  public let byteCount: Int

  /// The alignment in bytes of memory that a storage owns: a cache line, and the widest vector.
  public static let alignment = 64

  private let address: UnsafeMutableRawPointer
  private let memory: Memory

  private enum Memory {
    /// From the pool, which was in use or not when it gave the memory.
    case owned(isRounded: Bool)
    case mapped(FileRegion)
    case assembled(AssembledMemory)
  }

  /// The first byte, for kernels, which keep the storage alive and obey the rule above.
  package var base: UnsafeMutableRawPointer {
    if case .assembled(let memory) = memory { return unsafe memory.base() }
    return unsafe address
  }

  /// Memory with undefined contents.
  ///
  /// - Parameter byteCount: Its size in bytes.
  /// - Precondition: `byteCount` is not negative.
  public init(uninitializedByteCount byteCount: Int) {
    precondition(byteCount >= 0)
    self.byteCount = byteCount
    let (base, isRounded) = unsafe StoragePool.allocate(byteCount)
    unsafe address = base
    memory = .owned(isRounded: isRounded)
  }

  /// Memory filled with zeros.
  ///
  /// - Parameter byteCount: Its size in bytes.
  /// - Precondition: `byteCount` is not negative.
  public convenience init(zeroedByteCount byteCount: Int) {
    self.init(uninitializedByteCount: byteCount)
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  /// A copy of the given bytes.
  public convenience init(copying bytes: RawSpan) {
    self.init(uninitializedByteCount: bytes.byteCount)
    withMutableBytes { $0.copy(bytes) }
  }

  /// A copy of the bytes of elements.
  public convenience init<Element: BitwiseCopyable>(copying elements: [Element]) {
    self.init(uninitializedByteCount: elements.count * MemoryLayout<Element>.stride)
    withMutableBytes { bytes in elements.withBytes { bytes.copy($0) } }
  }

  /// A mapping of part of a file, whose pages are read when they are touched.
  ///
  /// All mappings of an open file are one, and are never written to: an array copies its elements
  /// before it changes the first.
  ///
  /// If another process truncates the file while it is mapped, touching the missing pages ends this
  /// process with a signal, and what is missing of the last page reads as zeros, as
  /// `InputFile.checkIsUnchanged()` finds. Where that matters use ``init(reading:)``.
  ///
  /// - Parameter region: The part of the file. The file stays open as long as the storage exists.
  /// - Throws: `FileError` if the system cannot map the file.
  public init(mapping region: FileRegion) throws(FileError) {
    byteCount = region.range.count
    guard !region.range.isEmpty else {
      unsafe address = .allocate(byteCount: 1, alignment: Self.alignment)
      memory = .owned(isRounded: false)
      return
    }
    // A region is within its file, whose mapping it keeps.
    unsafe address = try region.file.mappedBase() + region.range.lowerBound
    memory = .mapped(region)
  }

  /// Bytes that are put together from several places of files, or are read from one when they are wanted.
  ///
  /// Who visits an array block by block (`NDArray.forEachBlock`), as all writers do, has each block put
  /// together as it comes, in memory of its size. Whoever touches the bytes in memory has all of them put
  /// together first, once, and they stay. They are never written to, as those of a mapping: an array
  /// copies its elements first.
  ///
  /// A file that cannot be read then ends the program with a sentence, for there are no bytes to give.
  package init(assembling source: any ByteSource) {
    byteCount = source.byteCount
    guard byteCount > 0 else {
      unsafe address = .allocate(byteCount: 1, alignment: Self.alignment)
      memory = .owned(isRounded: false)
      return
    }
    let assembled = AssembledMemory(source)
    // Never looked at: `base` asks for the memory.
    unsafe address = AssembledMemory.nowhere
    memory = .assembled(assembled)
  }

  /// A copy of part of a file in memory.
  ///
  /// - Parameter region: The part of the file.
  /// - Throws: `FileError` if not all of it can be read.
  public convenience init(reading region: FileRegion) throws(FileError) {
    self.init(uninitializedByteCount: region.range.count)
    try withMutableBytes { (bytes) throws(FileError) in try region.read(into: &bytes, at: 0) }
  }

  deinit {
    // A mapping belongs to its file, which the region keeps open.
    if case .owned(let isRounded) = memory {
      unsafe StoragePool.deallocate(address, byteCount, isRounded: isRounded)
    }
  }

  /// Whether the storage owns its memory. A mapping is shared by all that read the same open file.
  public var isWritable: Bool {
    if case .owned = memory { true } else { false }
  }

  /// The part of a file that holds these same bytes; nil if there is none.
  ///
  /// Code that copies the bytes to another file can read them from here. They then never enter this
  /// process's memory, and a truncated file is an error rather than a signal.
  public var fileRegion: FileRegion? { source as? FileRegion }

  /// Where the bytes can be read block by block; nil if they are in memory alone.
  package var source: (any ByteSource)? {
    switch memory {
    case .owned: nil
    case .mapped(let region): region
    case .assembled(let memory): memory.source
    }
  }

  /// Calls `body` with the bytes.
  ///
  /// - Parameter body: Receives ``byteCount`` bytes, valid during the call only.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
    // The memory has as many bytes as long as this object lives.
    try body(unsafe UnsafeRawBufferPointer(start: base, count: byteCount).bytes)
  }

  /// Calls `body` with the bytes, at any address: those of one place of a file come from its mapping, so that
  /// they are not kept in memory where they could not be mapped for elements that lie across.
  package func withUnalignedBytes<R>(_ body: (RawSpan) -> R) -> R {
    if case .assembled(let memory) = memory, let region = memory.source as? FileRegion,
      let start = unsafe try? region.file.mappedBase()
    {
      // A region is within its file, whose mapping it keeps.
      return withExtendedLifetime(region) {
        body(
          unsafe UnsafeRawBufferPointer(start: start + region.range.lowerBound, count: byteCount)
            .bytes)
      }
    }
    return withBytes(body)
  }

  /// Calls `body` with some of the bytes.
  ///
  /// - Precondition: The range is within them.
  package func withBytes<R, E: Error>(
    in range: Range<Int>, _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    try withBytes { (bytes) throws(E) in try body(bytes.extracting(range)) }
  }

  /// Calls `body` with some of the bytes, for writing. Threads may write to different ones.
  ///
  /// - Precondition: The storage owns its memory, and the range is within it.
  package func withMutableBytes<R, E: Error>(
    in range: Range<Int>, _ body: (inout MutableRawSpan) throws(E) -> R
  ) throws(E) -> R {
    require(isWritable, Self.notWritable)
    require(
      range.lowerBound >= 0 && range.upperBound <= byteCount, "\(range) is not in the storage")
    // Only of the part, since other threads may write to the rest meanwhile.
    var bytes = unsafe UnsafeMutableRawBufferPointer(
      start: base + range.lowerBound, count: range.count
    ).mutableBytes
    return try body(&bytes)
  }

  private static let notWritable = "a mapped file cannot be written to through memory"

  /// Calls `body` with the bytes, for writing.
  ///
  /// The caller must be the only user of the storage: it has just made it, or has checked. This is
  /// not verified here.
  ///
  /// - Precondition: The storage owns its memory: see ``isWritable``.
  /// - Parameter body: Receives ``byteCount`` bytes, valid during the call only.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withMutableBytes<R, E: Error>(
    _ body: (inout MutableRawSpan) throws(E) -> R
  ) throws(E) -> R {
    require(isWritable, Self.notWritable)
    var bytes = unsafe UnsafeMutableRawBufferPointer(start: base, count: byteCount).mutableBytes
    return try body(&bytes)
  }
}
