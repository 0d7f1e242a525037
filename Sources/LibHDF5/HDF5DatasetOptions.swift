import CHDF5
import HDF5

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
