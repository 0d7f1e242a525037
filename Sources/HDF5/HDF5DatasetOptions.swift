import CHDF5

/// How a new dataset is stored.
public struct HDF5DatasetOptions: Hashable, Sendable {
  /// When the library takes room in the file for the elements.
  public enum AllocationTime: Hashable, Sendable {
    /// As the layout suggests: compact at once, contiguous on the first write, chunks one by one.
    case automatic
    /// When the dataset is made, so that ``HDF5Dataset/offset`` is known from the start.
    case early
    /// On the first write.
    case late
    /// Chunk by chunk, as they are written.
    case incremental
  }

  /// When the library writes the fill value into the room that it took.
  public enum FillTime: Hashable, Sendable {
    /// If a fill value was given. The default.
    case ifSet
    /// Never: for datasets that are written in full. Not for types of variable length.
    case never
  }

  /// How the elements lie in the file.
  public var layout: HDF5Layout
  /// What is done to each chunk, in the order of writing. Only for chunked layouts.
  public var filters: [HDF5Filter]
  /// When room is taken in the file.
  public var allocationTime: AllocationTime
  /// When the fill value is written.
  public var fillTime: FillTime
  /// The bytes of one element, in the type of the dataset, that stand where nothing was written;
  /// `nil` for zeros. Not for types of variable length.
  public var fillValue: [UInt8]?
  /// Whether the order in which attributes are made is kept. This also lifts the limit of 64 KiB on
  /// the size of an attribute.
  public var tracksAttributeOrder: Bool

  /// The options given: by default a contiguous dataset.
  public init(
    layout: HDF5Layout = .contiguous, filters: [HDF5Filter] = [],
    allocationTime: AllocationTime = .automatic, fillTime: FillTime = .ifSet,
    fillValue: [UInt8]? = nil, tracksAttributeOrder: Bool = false
  ) {
    self.layout = layout
    self.filters = filters
    self.allocationTime = allocationTime
    self.fillTime = fillTime
    self.fillValue = fillValue
    self.tracksAttributeOrder = tracksAttributeOrder
  }
}

/// How the elements of a dataset lie in a file.
public enum HDF5Layout: Hashable, Sendable {
  /// Within the header of the dataset: less than 64 KiB.
  case compact
  /// In one piece. The only layout that can be mapped into memory.
  case contiguous
  /// In pieces of the given shape, which can be compressed, and added when the dataset grows.
  case chunked([Int])
  /// Put together from other datasets, possibly of other files. This module does not make such.
  case virtual
}

/// A step that each chunk goes through on its way to the file.
public struct HDF5Filter: Hashable, Sendable {
  /// The number under which the filter is registered.
  public var id: Int
  /// Its name, as far as the file or the library has one.
  public var name: String
  /// What it was told.
  public var parameters: [UInt32]
  /// Whether a chunk is stored without it when it fails.
  public var isOptional: Bool

  /// A filter with its numbers.
  public init(id: Int, name: String, parameters: [UInt32], isOptional: Bool) {
    self.id = id
    self.name = name
    self.parameters = parameters
    self.isOptional = isOptional
  }

  /// Compression as in gzip, from level 0 (none) to 9.
  public static func deflate(level: Int) -> HDF5Filter {
    HDF5Filter(
      id: deflateID, name: "deflate", parameters: [UInt32(clamping: level)], isOptional: true)
  }

  /// Puts the first bytes of all elements first, then the second ones and so on, which helps
  /// compression.
  public static let shuffle = HDF5Filter(
    id: shuffleID, name: "shuffle", parameters: [], isOptional: true)

  /// Adds a checksum to each chunk, which reading verifies.
  public static let fletcher32 = HDF5Filter(
    id: fletcher32ID, name: "fletcher32", parameters: [], isOptional: false)

  /// The number of ``deflate(level:)``.
  public static let deflateID = Int(chdf5_filter_deflate())
  /// The number of ``shuffle``.
  public static let shuffleID = Int(chdf5_filter_shuffle())
  /// The number of ``fletcher32``.
  public static let fletcher32ID = Int(chdf5_filter_fletcher32())
}
