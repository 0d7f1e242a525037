import Files

/// An element of any type, for programs that do not know what a file holds.
public indirect enum HDF5Value: Hashable, Sendable {
  /// A whole number, or a bitfield, up to `Int64.max`; a member of an enumeration by its value.
  case integer(Int64)
  /// A whole number beyond `Int64.max`.
  case unsigned(UInt64)
  /// A floating-point number, rounded to a double.
  case float(Double)
  /// A truth value, stored as h5py does.
  case boolean(Bool)
  /// A text.
  case string(String)
  /// An opaque element, or a number too large for the cases above, as it lies in the file.
  case bytes([UInt8])
  /// A record.
  case compound([Member])
  /// An element of an array type, flat, or a sequence.
  case array([HDF5Value])
  /// A pointer to an object.
  case objectReference(HDF5ObjectReference)
  /// A pointer to a part of a dataset.
  case regionReference(HDF5RegionReference)

  /// A member of a record.
  public struct Member: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: HDF5Value

    /// A member.
    public init(_ name: String, _ value: HDF5Value) {
      self.name = name
      self.value = value
    }
  }
}

extension RawSpan {
  /// The integer in the first bytes, at most 8; of larger unsigned numbers, the bit pattern.
  package func loadInteger(bytes: Int, signed: Bool, order: HDF5ByteOrder) -> Int64 {
    var pattern: UInt64 = 0
    for position in 0..<bytes {
      let byte = self[order == .big ? position : bytes - 1 - position]
      pattern = pattern << 8 | UInt64(byte)
    }
    let unused = UInt64(64 - 8 * bytes)
    return signed
      ? Int64(bitPattern: pattern << unused) >> Int64(unused) : Int64(bitPattern: pattern)
  }
}
