import Files

/// The bytes that one or more arrays look at.
///
/// A storage either owns its memory or looks at a part of a file through a private mapping: the
/// pages come in when they are touched, and writing to them never reaches the file. Arrays are
/// values, so a storage is written only while a single array refers to it; see ``NDArray``. That
/// rule is also why it can be shared between threads.
public final class Storage: @unchecked Sendable {
  /// The number of bytes.
  public let byteCount: Int

  /// The alignment of memory that a storage owns: a cache line, and the widest vector.
  public static let alignment = 64

  /// The first byte, for kernels, which keep the storage alive and obey the rule above.
  package let base: UnsafeMutableRawPointer
  private let memory: Memory
  private var isModified = false

  private enum Memory {
    /// From the pool, which was in use or not when it gave the memory.
    case owned(isRounded: Bool)
    case mapped(FileRegion)
  }

  /// Memory of `byteCount` bytes, whose content is undefined.
  public init(uninitializedByteCount byteCount: Int) {
    precondition(byteCount >= 0)
    self.byteCount = byteCount
    let (base, isRounded) = StoragePool.allocate(byteCount)
    self.base = base
    memory = .owned(isRounded: isRounded)
  }

  /// Memory of `byteCount` bytes, all zero.
  public convenience init(zeroedByteCount byteCount: Int) {
    self.init(uninitializedByteCount: byteCount)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  /// A copy of these bytes.
  public convenience init(copying bytes: UnsafeRawBufferPointer) {
    self.init(uninitializedByteCount: bytes.count)
    if let source = bytes.baseAddress {
      base.copyMemory(from: source, byteCount: bytes.count)
    }
  }

  /// The bytes of a region of a file, read when they are touched.
  ///
  /// A file that another process cuts short while it is mapped ends this process with a signal
  /// when the missing pages are touched. Where that matters read the region into owned memory.
  ///
  /// - Throws: `FileError` if the system cannot map the file.
  public init(mapping region: FileRegion) throws(FileError) {
    byteCount = region.range.count
    guard !region.range.isEmpty else {
      base = .allocate(byteCount: 1, alignment: Self.alignment)
      memory = .owned(isRounded: false)
      return
    }
    base = try region.file.mappedBase() + region.range.lowerBound
    memory = .mapped(region)
  }

  /// A copy of the bytes of a region of a file.
  ///
  /// - Throws: `FileError` if they cannot all be read.
  public convenience init(reading region: FileRegion) throws(FileError) {
    self.init(uninitializedByteCount: region.range.count)
    try region.read(into: UnsafeMutableRawBufferPointer(start: base, count: byteCount), at: 0)
  }

  deinit {
    // A mapping belongs to its file, which the region keeps open.
    if case .owned(let isRounded) = memory {
      StoragePool.deallocate(base, byteCount, isRounded: isRounded)
    }
  }

  /// The part of a file that holds these same bytes, if there is one.
  ///
  /// Whoever copies the bytes to another file can read them from here, without bringing them
  /// into this process's memory, and gets an error rather than a signal if the file was cut.
  public var fileRegion: FileRegion? {
    guard case .mapped(let region) = memory, !isModified else { return nil }
    return region
  }

  /// Calls `body` with the bytes.
  public func withUnsafeBytes<R, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try body(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  /// Calls `body` with the bytes, to be written.
  ///
  /// The caller is the only one who refers to the storage: it has just made it, or checked.
  public func withUnsafeMutableBytes<R, E: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    // Set for mappings only: blocks of a new storage are filled on several threads.
    if case .mapped = memory { isModified = true }
    return try body(UnsafeMutableRawBufferPointer(start: base, count: byteCount))
  }
}
