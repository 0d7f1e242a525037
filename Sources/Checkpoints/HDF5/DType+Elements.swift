import Arrays
import HDF5

extension DType {
  /// The type of numbers of an HDF5 type in little-endian order; nil if they are none.
  ///
  /// Of an enumeration it is the type under its names, and `bool` for that of h5py's truths. Pairs of
  /// two floats that are called the parts of a complex number are one.
  package init?(elements datatype: HDF5Datatype) {
    switch datatype {
    case .enumeration(let base, _):
      guard datatype.isBoolean, base.byteCount == 1 else {
        self.init(elements: base)
        return
      }
      self = .bool
    case .compound(let bytes, let members):
      guard members.count == 2, case .float(let part) = members[0].datatype,
        members.map(\.datatype) == [.float(part), .float(part)],
        members.map(\.offset) == [0, part.bytes], bytes == 2 * part.bytes,
        Self.complexNames.contains(members.map { $0.name.lowercased() })
      else { return nil }
      self.init(.complex(part), name: nil)
    default: self.init(datatype, name: nil)
    }
  }

  /// The two parts as h5py and PyTables call them, and as other programs do.
  private static let complexNames: Set<[String]> = [
    ["r", "i"], ["re", "im"], ["real", "imag"], ["real", "imaginary"],
  ]
}
