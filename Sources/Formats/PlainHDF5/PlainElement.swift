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
      guard let dtype = DType(elements: element.littleEndian) else { return nil }
      self.dtype = dtype
      shape = dimensions
    case .opaque, .uint8:
      guard let dtype = try Self.namedType(of: dataset) ?? DType(elements: dataset.datatype) else {
        return nil
      }
      self.dtype = dtype
    default:
      guard let dtype = DType(elements: dataset.datatype.littleEndian) else { return nil }
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
