import Files

/// A pointer to an object of the same file, as it is stored. It survives the renaming of the
/// object, but not its removal.
public struct HDF5ObjectReference: HDF5Scalar, Hashable {
  /// The stored bytes: the address of the object, 0 if the reference is empty.
  public var rawValue: UInt64

  /// The reference of stored bytes.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// ``HDF5Datatype/objectReference``.
  public static var datatype: HDF5Datatype { .objectReference }
}

/// A pointer to a part of a dataset of the same file, as it is stored.
public struct HDF5RegionReference: HDF5Scalar, Hashable {
  // Three words, because the stored size of 12 bytes must be the stride too.
  private var words: (UInt32, UInt32, UInt32) = (0, 0, 0)

  /// An empty reference.
  public init() {}

  /// The reference of stored bytes, of which there are at least 12.
  init(_ bytes: RawSpan) { words = (bytes.load(at: 0), bytes.load(at: 4), bytes.load(at: 8)) }

  /// ``HDF5Datatype/regionReference``.
  public static var datatype: HDF5Datatype { .regionReference }

  /// Whether two references are stored as the same bytes.
  public static func == (left: HDF5RegionReference, right: HDF5RegionReference) -> Bool {
    left.words == right.words
  }

  /// Feeds the stored bytes to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
  }
}
