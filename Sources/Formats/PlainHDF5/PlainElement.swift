import Arrays
import Checkpoints
import HDF5

/// What the elements of a dataset are as parts of a tensor.
struct PlainElement {
  /// The type of its numbers.
  let dtype: DType
  /// The shape of the numbers of one element: those of an array type of HDF5's become dimensions
  /// behind those of the dataset.
  var shape: [Int] = []

  /// The attribute by which Keras and Ballast name a type that HDF5 lacks.
  static let dtypeName = "dtype"
  private static let maximumNameByteCount = 1 << 16

  /// Nil if no tensor can hold the elements of the dataset.
  ///
  /// - Throws: `HDF5Error`, and `CheckpointError` if the file cannot be read.
  init?(of dataset: HDF5ScannedDataset) throws {
    switch dataset.datatype {
    case .array(let dimensions, let element):
      guard let dtype = DType(number: element.littleEndian) else { return nil }
      self.dtype = dtype
      shape = dimensions
    case .opaque, .uint8:
      guard let dtype = try Self.namedType(of: dataset) ?? DType(number: dataset.datatype) else {
        return nil
      }
      self.dtype = dtype
    default:
      guard let dtype = DType(number: dataset.datatype.littleEndian) else { return nil }
      self.dtype = dtype
    }
  }

  /// The type that the attribute names, if its elements have the size of those of the dataset.
  private static func namedType(of dataset: HDF5ScannedDataset) throws -> DType? {
    guard let attribute = try dataset.attributes.attribute(dtypeName),
      attribute.bytes.count <= maximumNameByteCount,
      let name = try ifSound({ try attribute.strings().first }),
      let named = DType(rawValue: name), named.itemSize == dataset.elementByteCount
    else { return nil }
    return named
  }
}

extension DType {
  /// The type of numbers of an HDF5 type in little-endian order; nil if they are none.
  ///
  /// Of an enumeration it is the type under its names, and `bool` for that of h5py's truths. Pairs of
  /// two floats that are called the parts of a complex number are one.
  fileprivate init?(number datatype: HDF5Datatype) {
    switch datatype {
    case .enumeration(let base, _):
      guard datatype.isBoolean, base.byteCount == 1 else {
        self.init(number: base)
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
