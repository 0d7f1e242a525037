import Arrays

/// How a checkpoint is written.
public struct SaveOptions: Sendable {
  /// Compression that every HDF5 library can undo.
  public struct Compression: Sendable, Hashable {
    /// How hard deflate tries: 1 is fast, 9 is small. Weights become no larger than zlib, and so
    /// h5py, makes them at the same level.
    public var level: Int
    /// Whether the first bytes of all elements come first, then the second ones, and so on.
    /// Floating-point weights shrink more so.
    public var shuffle: Bool

    /// Deflate at this level.
    ///
    /// - Precondition: `level` is in `1...9`.
    public init(level: Int = 4, shuffle: Bool = false) {
      require(
        (1...9).contains(level), "a compression level is between 1 and 9, not \(level)")
      self.level = level
      self.shuffle = shuffle
    }
  }

  /// How tensors are compressed; nil, the default, keeps them so that they can be mapped.
  public var compression: Compression?
  /// The type to which floating-point tensors of the model are converted as they are written; nil
  /// keeps each as it is. The optimizer's state, integers and booleans are never converted.
  public var floatingPointType: DType?
  /// What to do if something is at the path.
  public var overwrite = ReplacementFile.Overwrite.replace
  /// Whether to wait until the bytes are on the disk. See `ReplacementFile`.
  public var isDurable = true
  /// How many threads write and compress.
  public var threads = Threads.count
  /// What takes the checksums of the files from which tensors are read, if anyone wants them.
  public var readChecksums: ReadChecksums?
  /// Is called when all is written, before it takes its place. If it throws, nothing does.
  public var beforeCommit: (@Sendable () throws -> Void)?

  /// No compression, replacing what is there.
  public init(compression: Compression? = nil) { self.compression = compression }

  /// A file to be written as wished.
  package func replacement(of path: String) throws(FileError) -> ReplacementFile {
    try ReplacementFile(path, overwrite: overwrite, durable: isDurable)
  }

  /// Gives files that belong together their paths.
  ///
  /// - Throws: `FileError`, and what ``beforeCommit`` throws.
  package func commit(_ files: [ReplacementFile]) throws {
    try beforeCommit?()
    try ReplacementFile.commit(files)
  }

  /// The type as which a tensor of the model is written.
  public func type(for dtype: DType) -> DType {
    guard let floatingPointType, dtype.isFloatingPoint, dtype != .float4E2M1FNx2 else {
      return dtype
    }
    return floatingPointType
  }
}

/// What was written.
public struct SaveSummary: Sendable, Hashable {
  /// The names of tensors, ties counted.
  public var tensorCount = 0
  /// The bytes of the tensors, ties counted once.
  public var tensorByteCount = 0
  /// The bytes of the file, or of all files.
  public var fileByteCount = 0
  /// The index of the files, by which they are opened, if there are several.
  public var indexPath: String?

  /// A summary of these figures.
  public init(tensorCount: Int = 0, tensorByteCount: Int = 0, fileByteCount: Int = 0) {
    self.tensorCount = tensorCount
    self.tensorByteCount = tensorByteCount
    self.fileByteCount = fileByteCount
  }
}
