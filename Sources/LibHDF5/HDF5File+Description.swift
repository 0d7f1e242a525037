extension HDF5File: CustomStringConvertible {
  /// The path, and how the file is open: `HDF5File("weights.h5", read-only)`.
  public var description: String {
    "HDF5File(\"\(path)\", \(!isOpen ? "closed" : isWritable ? "writable" : "read-only"))"
  }
}
