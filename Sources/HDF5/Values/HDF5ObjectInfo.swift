/// What an object is, and its identity within the file: a part of what `H5Oget_info` gives.
public struct HDF5ObjectInfo: Hashable, Sendable {
  /// A kind of object.
  public enum Kind: Hashable, Sendable {
    /// An `HDF5Group`.
    case group
    /// An `HDF5Dataset`.
    case dataset
    /// An `HDF5NamedDatatype`.
    case namedDatatype
    /// Something that libhdf5 has no name for.
    case unknown
  }

  /// The kind of object.
  public var kind: Kind
  /// Where its header lies, in bytes from the end of the user block. Two hard links lead to the
  /// same object if the addresses are equal.
  public var address: UInt64
  /// The number of hard links to it, as its header says. The object goes with the last.
  public var referenceCount: Int

  /// What is known of an object.
  package init(kind: Kind, address: UInt64, referenceCount: Int) {
    self.kind = kind
    self.address = address
    self.referenceCount = referenceCount
  }
}

extension HDF5ObjectInfo.Kind {
  /// The kind in words.
  package var noun: String {
    switch self {
    case .group: "group"
    case .dataset: "dataset"
    case .namedDatatype: "named datatype"
    case .unknown: "object of unknown kind"
    }
  }
}
