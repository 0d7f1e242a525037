import Arrays
import Files
import HDF5

extension HDF5Scan {
  /// Reads the structure of an open file.
  package init(_ input: InputFile) throws(HDF5Error) {
    try self.init(byteCount: input.byteCount, name: input.path) { bytes, offset in
      try input.read(into: &bytes, at: offset)
    }
  }
}

extension HDF5ScannedGroup {
  /// Whether there is an object at a path.
  package func leadsSomewhere(_ path: String) throws(HDF5Error) -> Bool {
    do throws(HDF5Error) {
      _ = try object(path)
      return true
    } catch {
      guard error.code == .notFound else { throw error }
      return false
    }
  }
}

extension HDF5ScannedAttributes {
  /// The text of an attribute, nil if there is no such attribute.
  ///
  /// - Throws: `HDF5Error` if the attribute is not a single text of fixed length.
  package func text(_ name: String) throws -> String? {
    guard let attribute = try attribute(name) else { return nil }
    guard attribute.datatype.isFixedText, attribute.dataspace == .scalar,
      let text = String(validating: attribute.bytes.withoutPadding, as: UTF8.self)
    else {
      throw HDF5Error(
        .typeMismatch, operation: "read", path: name,
        message: "the attribute \(name) is not a text of fixed length")
    }
    return text
  }

  /// The number that an attribute is, nil if there is no such attribute.
  package func number<T: HDF5Scalar & FixedWidthInteger & PlainNumber>(
    _ name: String, as type: T.Type
  ) throws -> T? {
    guard let attribute = try attribute(name) else { return nil }
    guard attribute.datatype == T.datatype, attribute.dataspace == .scalar,
      let number = attribute.bytes.littleEndian(T.self, at: 0)
    else {
      throw HDF5Error(
        .typeMismatch, operation: "read", path: name,
        message: "the attribute \(name) is not of the type that it should be")
    }
    return number
  }
}

extension [UInt8] {
  /// The bytes before the NUL characters at the end, with which HDF5 fills up texts.
  package var withoutPadding: ArraySlice<UInt8> {
    self[..<((lastIndex { $0 != 0 }).map { $0 + 1 } ?? 0)]
  }
}

extension HDF5Datatype {
  /// Whether this is the type of texts that are stored where their dataset is.
  package var isFixedText: Bool {
    guard case .string(let format) = self else { return false }
    return format.length != .variable
  }
}
