import CHDF5
import HDF5

extension HDF5Attributes {
  /// Reads an attribute of one element.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - type: The type to read as.
  ///   - conversion: Whether values may change when the types differ.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`, or with code
  ///   `HDF5Error.Code.typeMismatch` if it has another type, or another number of elements.
  public func value<Element: HDF5Scalar>(
    _ name: String, as type: Element.Type, conversion: HDF5Conversion = .exact
  ) throws(HDF5Error) -> Element {
    try single(try values(name, as: type, conversion: conversion), name)
  }

  /// Reads an attribute of any number of elements, in row-major order.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - type: The type to read as.
  ///   - conversion: Whether values may change when the types differ.
  ///   - maximumBytes: The most to read, in bytes of `Element`.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`, `HDF5Error.Code.typeMismatch` or
  ///   `HDF5Error.Code.limitExceeded`, among others.
  public func values<Element: HDF5Scalar>(
    _ name: String, as type: Element.Type, conversion: HDF5Conversion = .exact,
    maximumBytes: Int = HDF5Attribute.defaultMaximumBytes
  ) throws(HDF5Error) -> [Element] {
    try open(name).read(as: type, conversion: conversion, maximumBytes: maximumBytes)
  }

  /// Reads an attribute of one text, of fixed or variable length.
  ///
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.notFound`, `HDF5Error.Code.typeMismatch` if it
  ///   is no text or not one, `HDF5Error.Code.corrupt` if it is not UTF-8, or others.
  public func string(_ name: String) throws(HDF5Error) -> String {
    try single(try strings(name), name)
  }

  /// Reads an attribute of any number of texts, of fixed or variable length.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - maximumBytes: The most to read, not counting texts of variable length themselves.
  /// - Throws: As ``string(_:)`` does, and with code `HDF5Error.Code.limitExceeded`.
  public func strings(
    _ name: String, maximumBytes: Int = HDF5Attribute.defaultMaximumBytes
  ) throws(HDF5Error) -> [String] {
    try open(name).readStrings(maximumBytes: maximumBytes)
  }

  /// Writes an attribute of one element, replacing one of that name if there is one.
  ///
  /// The new one is complete before the old one goes: if this fails, the old one is still there.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - value: Its value.
  ///   - datatype: The type in the file; if `nil`, the little-endian one of the value's type.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the name is empty or has
  ///   NUL in it, `HDF5Error.Code.typeMismatch` if `datatype` lacks some values of `Element`, or
  ///   others.
  public func set<Element: HDF5Scalar>(
    _ name: String, to value: Element, as datatype: HDF5Datatype? = nil
  ) throws(HDF5Error) {
    try replace(name, datatype ?? Element.datatype.littleEndian, .scalar) {
      attribute throws(HDF5Error) in try attribute.write([value])
    }
  }

  /// Writes an attribute of several elements, replacing one of that name if there is one.
  ///
  /// ```swift
  /// try dataset.attributes.set("scale", to: [1, 0, 0, 1] as [Float], shape: [2, 2])
  /// ```
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - values: Its elements, in row-major order.
  ///   - datatype: The type in the file; if `nil`, the little-endian one of the values' type.
  ///   - shape: The lengths of its 1 to 32 dimensions; if `nil`, one as long as `values`.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if `values` do not fill the
  ///   shape, `HDF5Error.Code.typeMismatch` if `datatype` lacks some values of `Element`,
  ///   `HDF5Error.Code.limitExceeded` if the attribute is too large for its object, as described at
  ///   ``create(_:_:_:)``, or others.
  public func set<Element: HDF5Scalar>(
    _ name: String, to values: [Element], as datatype: HDF5Datatype? = nil, shape: [Int]? = nil
  ) throws(HDF5Error) {
    let extent = HDF5Dataspace.simple(dimensions: shape ?? [values.count])
    try replace(name, datatype ?? Element.datatype.littleEndian, extent) {
      attribute throws(HDF5Error) in try attribute.write(values)
    }
  }

  /// Writes an attribute of one text, in place of one of that name if there is one.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - string: The text, without NUL if its length is variable.
  ///   - format: How it is stored: by default with variable length, as h5py stores `str`.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if the text does not fit the
  ///   format: nothing is cut off. Or others.
  public func set(
    _ name: String, to string: String, as format: HDF5StringFormat = .variable
  ) throws(HDF5Error) {
    try replace(name, .string(format), .scalar) { attribute throws(HDF5Error) in
      try attribute.writeStrings([string])
    }
  }

  /// Writes an attribute of texts in one dimension, in place of one of that name if there is one.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - strings: The texts; there may be none.
  ///   - format: How each is stored: by default with variable length, as h5py stores `str`.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if a text does not fit the
  ///   format, `HDF5Error.Code.limitExceeded` if the attribute is too large for its object, or
  ///   others.
  public func set(
    _ name: String, to strings: [String], as format: HDF5StringFormat = .variable
  ) throws(HDF5Error) {
    try replace(name, .string(format), .simple(dimensions: [strings.count])) {
      attribute throws(HDF5Error) in try attribute.writeStrings(strings)
    }
  }

  /// Makes and fills an attribute. One that exists stays until the new one is complete: the new one
  /// gets another name first.
  private func replace(
    _ name: String, _ datatype: HDF5Datatype, _ dataspace: HDF5Dataspace,
    _ fill: (HDF5Attribute) throws(HDF5Error) -> Void
  ) throws(HDF5Error) {
    HDF5Library.lock.lock()
    defer { HDF5Library.lock.unlock() }
    let exists = try contains(name)
    let temporary = exists ? try unusedName(for: name) : name
    do {
      try fill(try create(temporary, datatype, dataspace))
      guard exists else { return }
      try remove(name)
      try object.call("rename the attribute", at: place(of: name)) {
        H5Arename($0, temporary, name)
      }
    } catch {
      // Half an attribute is worse than none.
      if (try? contains(temporary)) == true { try? remove(temporary) }
      throw error
    }
  }

  private func unusedName(for name: String) throws(HDF5Error) -> String {
    var candidate = name + "~"
    while try contains(candidate) { candidate += "~" }
    return candidate
  }

  private func single<Element>(_ values: [Element], _ name: String) throws(HDF5Error) -> Element {
    guard let value = values.first, values.count == 1 else {
      throw place(of: name).error(
        .typeMismatch, "read the attribute", "it has \(values.count) elements, not one")
    }
    return value
  }
}
