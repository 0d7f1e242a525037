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
  /// The number under which the filter is registered: up to 255 for HDF5's own, up to 65,535 for
  /// those of others.
  public var id: Int
  /// Its name, as far as the file or the library has one.
  public var name: String
  /// Its parameters, with the meaning that the filter gives them: `cd_values` of `H5Pset_filter`.
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

  /// The number of ``deflate(level:)``: `H5Z_FILTER_DEFLATE`.
  public static let deflateID = 1
  /// The number of ``shuffle``: `H5Z_FILTER_SHUFFLE`.
  public static let shuffleID = 2
  /// The number of ``fletcher32``: `H5Z_FILTER_FLETCHER32`.
  public static let fletcher32ID = 3
  /// The number of szip, whose code is not part of HDF5: `H5Z_FILTER_SZIP`.
  public static let szipID = 4
  /// The number of n-bit, which leaves out the bits that a type does not use: `H5Z_FILTER_NBIT`.
  public static let nbitID = 5
  /// The number of scale-offset, which stores numbers as their distance from the least one:
  /// `H5Z_FILTER_SCALEOFFSET`.
  public static let scaleOffsetID = 6
  /// The number under which the HDF Group has registered LZF, h5py's own.
  public static let lzfID = 32_000
}
