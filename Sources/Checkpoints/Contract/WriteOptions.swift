import Arrays
import Files
import States

/// How a checkpoint is written.
public struct WriteOptions: Sendable {
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
  /// Whether finite numbers beyond the largest of ``floatingPointType`` become that, with their sign, rather
  /// than what PyTorch's conversion makes of them, mostly infinity. Infinity and NaN stay as they are
  /// where the type has them. Tensors with such numbers are converted in memory.
  public var saturates = false
  /// What to do if something is at the path.
  public var overwrite = ReplacementFile.Overwrite.replace
  /// Whether to wait until the bytes are on the disk. See `ReplacementFile`.
  public var isDurable = true
  /// Asked in whatever thread, before each piece is written and before a file is made durable: once it
  /// says so, a ``CheckpointError`` with code `cancelled` is thrown, and what was at the path stays.
  public var isCancelled: @Sendable () -> Bool = { false }
  /// Told how far writing has come, on whatever thread writes, one report after the other; writing waits
  /// for it. Nil, the default, tells nobody.
  public var onProgress: (@Sendable (WorkProgress) -> Void)?
  /// How many threads write and compress.
  public var threads = Threads.count
  /// The files from which what is written was read: they have to be the same still when all is written.
  package var sources: [InputFile] = []
  /// The options that only one format understands.
  private var own: [ObjectIdentifier: any FormatOptions] = [:]

  /// No compression, replacing what is there.
  public init(compression: Compression? = nil) { self.compression = compression }

  /// The options of one format, those that are usual in it unless they were set.
  ///
  /// Each format has a property for it, such as `pytorch`.
  public subscript<Options: FormatOptions>(type: Options.Type) -> Options {
    get { own[ObjectIdentifier(type)] as? Options ?? Options() }
    set { own[ObjectIdentifier(type)] = newValue == Options() ? nil : newValue }
  }

  /// Refuses what a format would pass over in silence: options of another, and compression that it
  /// does not have.
  ///
  /// - Throws: ``CheckpointError`` with code `unsupported`.
  package func check(for format: FileFormat, file: String) throws(CheckpointError) {
    let accepted = format.traits.options.map { ObjectIdentifier($0) }
    if let other = own.first(where: { $0.key != accepted })?.value {
      throw CheckpointError(
        .unsupported, file: file,
        reason:
          "\(Swift.type(of: other).formatName)'s options are not for \(format.displayName) files")
    }
    switch format.traits.compression {
    case .none(let reason) where compression != nil:
      throw CheckpointError(
        .unsupported, file: file,
        reason: "\(format.displayName) files are not compressed: \(reason)")
    case .deflate where compression?.shuffle == true:
      throw CheckpointError(
        .unsupported, file: file,
        reason: "\(format.displayName) files have deflate, but no shuffle")
    case .none, .deflate, .deflateAndShuffle: break
    }
  }

  /// A new file with these options for overwriting and durability.
  package func replacement(of path: String) throws(FileError) -> ReplacementFile {
    try ReplacementFile(
      path, overwrite: overwrite, durable: isDurable, isCancelled: isCancelled)
  }

  /// Looks whether what was read for the output is what was there.
  ///
  /// - Parameter input: What is compared with its checksums.
  /// - Throws: What ``InputCheck/finish()`` throws, and `FileError` for a file of ``sources`` that is
  ///   another by now.
  package func finish(_ input: InputCheck?) throws {
    try input?.finish()
    for file in sources { try file.checkIsUnchanged() }
  }

  /// Gives files that belong together their paths.
  ///
  /// - Parameters:
  ///   - old: The files that they replace as a whole, in the order in which they go: see
  ///     `ReplacementFile.commit`.
  ///   - input: What is compared with its checksums before.
  /// - Throws: `FileError`, and what ``finish(_:)`` throws; then no file is replaced.
  package func commit(
    _ files: [ReplacementFile], replacing old: [String] = [], checking input: InputCheck?
  ) throws {
    try finish(input)
    try ReplacementFile.commit(files, replacing: old)
  }

  /// The type as which a tensor of the model is written.
  public func type(for dtype: DType) -> DType {
    guard let floatingPointType, dtype.isFloatingPoint, dtype != .float4E2M1FNx2 else {
      return dtype
    }
    return floatingPointType
  }
}

/// Options that only one format understands.
public protocol FormatOptions: Sendable, Hashable {
  /// The format's name in a sentence.
  static var formatName: String { get }
  /// What is usual in the format.
  init()
}

/// What was written.
public struct WriteSummary: Sendable, Hashable {
  /// The names of tensors, ties counted.
  public var tensorCount = 0
  /// The bytes of the tensors, ties counted once.
  public var tensorByteCount = 0
  /// The bytes of the file, or of all files.
  public var fileByteCount = 0
  /// The index of the files, by which they are opened, if there are several.
  public var indexPath: String?
  /// What the format could not hold.
  public var losses: [ConversionLoss] = []

  /// A summary of these figures.
  public init(
    tensorCount: Int = 0, tensorByteCount: Int = 0, fileByteCount: Int = 0,
    losses: [ConversionLoss] = []
  ) {
    self.tensorCount = tensorCount
    self.tensorByteCount = tensorByteCount
    self.fileByteCount = fileByteCount
    self.losses = losses
  }
}
