import CHDF5
import HDF5

/// An attribute: a small array with a name, tied to an object.
///
/// ``HDF5Attributes`` opens and makes attributes, and reads and writes them in one call. The
/// methods here are for those whose type or shape is not known beforehand. An attribute is always
/// read and written as a whole (`H5Aread`, `H5Awrite`): it has no chunks and no filters, and no
/// part of it can be selected.
///
/// Every method throws `HDF5Error.Code.closed` once the file is closed.
public final class HDF5Attribute: HDF5Handle, @unchecked Sendable {
  /// The name: not empty and without NUL. It is not a path, so slashes have no meaning in it.
  public let name: String

  init(_ id: hid_t, of object: HDF5Object, name: String) {
    self.name = name
    super.init(id, file: object.file, path: HDF5Attribute.path(of: name, object))
  }

  /// How errors name an attribute: `/group@name`.
  static func path(of name: String, _ object: HDF5Object) -> String {
    object.path + "@" + name
  }

  /// The type of the elements in the file, with their byte order there.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.limitExceeded` if types are nested more than
  ///   32 deep or have more than 100,000 members, `HDF5Error.Code.corrupt` if a member's name is
  ///   not UTF-8. A type that `HDF5Datatype` cannot express is no error, but `.unsupported`.
  public var datatype: HDF5Datatype {
    get throws(HDF5Error) { try elements.datatype() }
  }

  /// The extent: null, one element, or a grid.
  public var dataspace: HDF5Dataspace {
    get throws(HDF5Error) { try elements.dataspace() }
  }

  /// The dimensions, outermost first; empty for one element and for the null dataspace.
  public var shape: [Int] {
    get throws(HDF5Error) { try dataspace.dimensions }
  }

  /// How the elements are read and written.
  var elements: HDF5Elements { HDF5Elements(handle: self, kind: .attribute) }

  /// The default limit of what is read of an attribute, in bytes of memory: 64 MiB.
  public static let defaultMaximumBytes = 64 << 20
}

extension HDF5Attribute {
  /// Reads all elements, in row-major order.
  ///
  /// - Parameters:
  ///   - type: The type to read as.
  ///   - conversion: Whether values may change when the types differ.
  ///   - maximumBytes: The most to read, in bytes of `Element`; more is an error before anything is
  ///     allocated.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.typeMismatch` if `conversion` is `.exact` and
  ///   the file's type has values that `Element` has not, `HDF5Error.Code.limitExceeded`, or
  ///   others.
  public func read<Element: HDF5Scalar>(
    as type: Element.Type, conversion: HDF5Conversion = .exact,
    maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [Element] {
    try elements.read(as: type, nil, conversion, limit: maximumBytes)
  }

  /// Writes all elements, in row-major order.
  ///
  /// - Parameters:
  ///   - values: As many as the attribute has elements.
  ///   - conversion: Whether values may change when the types differ.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the number of values is
  ///   another, `HDF5Error.Code.typeMismatch` if `conversion` is `.exact` and the file's type lacks
  ///   some values of `Element`, or others.
  public func write<Element: HDF5Scalar>(
    _ values: [Element], conversion: HDF5Conversion = .exact
  ) throws(HDF5Error) {
    try values.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try elements.write(buffer, nil, conversion)
    }
  }

  /// Reads all elements as bytes.
  ///
  /// - Parameters:
  ///   - type: The type to convert to, lossy or not; `nil` gives the bytes as the file has them, so
  ///     those of a big-endian attribute are big-endian.
  ///   - maximumBytes: The most to read; more is an error before anything is allocated.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.unsupported` if elements hold what is of
  ///   variable length, which in memory are pointers, `HDF5Error.Code.limitExceeded`, or others.
  public func readBytes(
    as type: HDF5Datatype? = nil, maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [UInt8] {
    try elements.readBytes(as: type, nil, limit: maximumBytes)
  }

  /// Writes all elements from bytes.
  ///
  /// - Parameters:
  ///   - buffer: Exactly as many bytes as the elements take. It is not kept.
  ///   - type: The type of the bytes, which is converted to the file's, lossy or not; the file's
  ///     own if `nil`.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the buffer has another
  ///   size, `HDF5Error.Code.unsupported` for elements of variable length, or others.
  public func writeBytes(
    from buffer: UnsafeRawBufferPointer, as type: HDF5Datatype? = nil
  ) throws(HDF5Error) {
    try elements.writeBytes(from: buffer, as: type, nil)
  }

  /// Reads all texts, of fixed or variable length, without their padding.
  ///
  /// - Parameter maximumBytes: The most to read. Of a text of variable length only its pointer
  ///   counts, not the text itself.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.typeMismatch` if the elements are no texts,
  ///   `HDF5Error.Code.corrupt` if one is not UTF-8, `HDF5Error.Code.limitExceeded`, or others.
  public func readStrings(
    maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [String] {
    try elements.readStrings(nil, limit: maximumBytes)
  }

  /// Writes all texts, as the attribute's type stores them.
  ///
  /// - Parameter strings: As many as the attribute has elements, in row-major order.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.typeMismatch` if the elements are no texts, or
  ///   `HDF5Error.Code.invalidArgument` if the number of texts is another, or one would not be read
  ///   back as it is: too long, ending in the padding, or with NUL in it where NUL ends a text.
  public func writeStrings(_ strings: [String]) throws(HDF5Error) {
    try elements.writeStrings(strings, nil)
  }

  /// Reads all elements as generic values, whatever their type.
  ///
  /// - Parameter maximumBytes: The most to read, not counting what is of variable length.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.unsupported` if `HDF5Datatype` cannot express
  ///   the type, `HDF5Error.Code.limitExceeded`, or others.
  public func readValues(
    maximumBytes: Int = defaultMaximumBytes
  ) throws(HDF5Error) -> [HDF5Value] {
    try elements.readValues(nil, limit: maximumBytes)
  }
}
