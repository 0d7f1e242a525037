import HDF5

/// How a file is made and accessed.
///
/// The defaults make files that every HDF5 reader since 1.6 opens, and that come out the same, byte
/// for byte, whenever the same calls are made: no object ever gets a time stamp.
public struct HDF5FileOptions: Hashable, Sendable {
  /// The oldest format in which new objects may be stored.
  ///
  /// libhdf5 goes to a newer one by itself where an object needs it.
  public enum Format: Hashable, Sendable {
    /// Readable by the oldest library that knows the feature. The default.
    case earliest
    /// The format of HDF5 1.8: checksums on metadata, compact groups.
    case v18
    /// The format of HDF5 1.10.
    case v110
    /// The newest format that the library knows.
    case latest
  }

  /// What becomes of open groups and datasets when the file is closed.
  public enum CloseDegree: Hashable, Sendable {
    /// They are closed too; using one afterwards throws `HDF5Error.Code.closed`. The default.
    case strong
    /// ``HDF5File/close()`` refuses while any is open. For tests that look for leaks.
    case semi
  }

  /// Where data of at least a certain size starts.
  public struct Alignment: Hashable, Sendable {
    /// The smallest size in bytes that is aligned.
    public var threshold: Int
    /// The number of bytes of which every aligned address is a multiple.
    public var bytes: Int

    /// Aligns everything of at least `threshold` bytes to a multiple of `bytes`.
    public init(threshold: Int, bytes: Int) {
      self.threshold = threshold
      self.bytes = bytes
    }
  }

  /// Which links a path may lead through.
  public var linkPolicy: HDF5LinkPolicy = .withinFile
  /// What becomes of open objects when the file is closed.
  ///
  /// All openings of one file in one process have to agree.
  public var closeDegree: CloseDegree = .strong
  /// The oldest format in which new objects may be stored.
  public var format: Format = .earliest
  /// Where the data of large datasets starts; `nil` packs them.
  public var alignment: Alignment?
  /// The bytes that are set aside for metadata at a time; `nil` is the library's choice, 2048.
  public var metadataBlockSize: Int?
  /// Whether a file that is open for writing is locked against others. A file that is open for
  /// reading never is, as far as the library allows. To be switched off where the caller has locked
  /// the file, or for file systems without locks.
  public var locksWrittenFile = true

  /// Whether making a file replaces one that exists. For a new file only.
  public var replacesExisting = false
  /// The bytes kept free before the HDF5 content: 0, or a power of two from 512 on. For a new file
  /// only.
  public var userBlockSize = 0
  /// How the root group keeps its links and attributes. For a new file only.
  public var rootGroup = HDF5GroupOptions()

  /// The defaults.
  public init() {}
}

/// Which links may be followed on the way to an object.
///
/// A link of another kind on the path throws `HDF5Error.Code.refusedLink`, before anything behind
/// it is touched.
public enum HDF5LinkPolicy: Hashable, Sendable {
  /// Hard links only: the path is the object's own.
  case hardOnly
  /// Hard links, and soft links that stay within the file. The default.
  case withinFile
  /// Every link, external ones included: those open other files.
  case all
}

/// How a group keeps its links and attributes.
public struct HDF5GroupOptions: Hashable, Sendable {
  /// Whether the order in which links are made is kept, besides the order of their names.
  public var tracksLinkOrder = false
  /// Whether the order in which attributes are made is kept.
  ///
  /// This also lifts the limit of 64 KiB on the size of an attribute.
  public var tracksAttributeOrder = false

  /// The options given.
  public init(tracksLinkOrder: Bool = false, tracksAttributeOrder: Bool = false) {
    self.tracksLinkOrder = tracksLinkOrder
    self.tracksAttributeOrder = tracksAttributeOrder
  }
}
