import CHDF5
import HDF5

/// An attribute: a small array with a name, tied to an object.
public final class HDF5Attribute: HDF5Handle, @unchecked Sendable {
  /// The name.
  public let name: String

  init(_ id: hid_t, of object: HDF5Object, name: String) {
    self.name = name
    super.init(id, file: object.file, path: HDF5Attribute.path(of: name, object))
  }

  /// How errors name an attribute: `/group@name`.
  static func path(of name: String, _ object: HDF5Object) -> String {
    object.path + "@" + name
  }

  /// The type of the elements in the file.
  public var datatype: HDF5Datatype {
    get throws(HDF5Error) { try elements.datatype() }
  }

  /// The extent.
  public var dataspace: HDF5Dataspace {
    get throws(HDF5Error) { try elements.dataspace() }
  }

  /// The dimensions: none if the attribute holds one element, or none at all.
  public var shape: [Int] {
    get throws(HDF5Error) { try dataspace.dimensions }
  }

  /// How the elements are read and written.
  var elements: HDF5Elements { HDF5Elements(handle: self, kind: .attribute) }

  /// The most that is read of an attribute unless told otherwise: 64 MiB.
  public static let defaultMaximumBytes = 64 << 20
}

extension HDF5Attribute {
  /// Reads all elements.
  ///
  /// - Parameters:
  ///   - type: The type to read as.
  ///   - conversion: Whether values may change when the types differ.
  ///   - maximumBytes: The most to read; more is an error before anything is allocated.
  public func read<Element: HDF5Scalar>(
    as type: Element.Type, conversion: HDF5Conversion = .exact,
    maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [Element] {
    try elements.read(as: type, nil, conversion, limit: maximumBytes)
  }

  /// Writes all elements.
  public func write<Element: HDF5Scalar>(
    _ values: [Element], conversion: HDF5Conversion = .exact
  ) throws(HDF5Error) {
    try values.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try elements.write(buffer, nil, conversion)
    }
  }

  /// Reads all elements as bytes, in the type given or in the file's own.
  public func readBytes(
    as type: HDF5Datatype? = nil, maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [UInt8] {
    try elements.readBytes(as: type, nil, limit: maximumBytes)
  }

  /// Writes all elements from bytes, in the type given or in the file's own.
  public func writeBytes(
    from buffer: UnsafeRawBufferPointer, as type: HDF5Datatype? = nil
  ) throws(HDF5Error) {
    try elements.writeBytes(from: buffer, as: type, nil)
  }

  /// Reads all texts.
  public func readStrings(
    maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [String] {
    try elements.readStrings(nil, limit: maximumBytes)
  }

  /// Writes all texts.
  public func writeStrings(_ strings: [String]) throws(HDF5Error) {
    try elements.writeStrings(strings, nil)
  }

  /// Reads all elements as generic values, whatever their type.
  public func readValues(
    maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [HDF5Value] {
    try elements.readValues(nil, limit: maximumBytes)
  }
}
