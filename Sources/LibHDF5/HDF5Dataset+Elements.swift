import HDF5

extension HDF5Dataset {
  /// Reads elements, in row-major order.
  ///
  /// ```swift
  /// let weights = try dataset.read(as: Float.self)
  /// let firstRow = try dataset.read(as: Float.self, HDF5Hyperslab(0..<1, 0..<columns))
  /// ```
  ///
  /// - Parameters:
  ///   - type: The type to read as. The file's type need not be the same.
  ///   - hyperslab: The part to read; everything if `nil`.
  ///   - conversion: Whether values may change when the types differ.
  ///   - maximumBytes: The most to read. If `nil`, more than the file can hold is refused: a small
  ///     file that declares 2^50 bytes is damaged, or made to harm.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.typeMismatch` or
  ///   `HDF5Error.Code.limitExceeded`, among others.
  public func read<Element: HDF5Scalar>(
    as type: Element.Type, _ hyperslab: HDF5Hyperslab? = nil,
    conversion: HDF5Conversion = .exact, maximumBytes: Int? = nil
  ) throws(HDF5Error) -> [Element] {
    try elements.read(as: type, hyperslab, conversion, limit: maximumBytes)
  }

  /// Writes elements, in row-major order.
  ///
  /// - Parameters:
  ///   - values: As many as there are elements to write.
  ///   - hyperslab: The part to write; everything if `nil`.
  ///   - conversion: Whether values may change when the types differ.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.typeMismatch` if `conversion` is `.exact` and
  ///   the file's type lacks some values of `Element`, `HDF5Error.Code.invalidArgument` if the
  ///   number of values is another or the part does not lie within the dataset, or others.
  public func write<Element: HDF5Scalar>(
    _ values: [Element], _ hyperslab: HDF5Hyperslab? = nil, conversion: HDF5Conversion = .exact
  ) throws(HDF5Error) {
    try values.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try elements.write(buffer, hyperslab, conversion)
    }
  }

  /// Reads elements into memory of the caller's.
  ///
  /// Nothing is converted if no type is given: a big-endian dataset yields big-endian bytes.
  ///
  /// - Parameters:
  ///   - buffer: Exactly as many bytes as the elements take.
  ///   - type: The type to convert to, lossy or not; the file's own if `nil`.
  ///   - hyperslab: The part to read; everything if `nil`.
  public func readBytes(
    into buffer: UnsafeMutableRawBufferPointer, as type: HDF5Datatype? = nil,
    _ hyperslab: HDF5Hyperslab? = nil
  ) throws(HDF5Error) {
    try elements.readBytes(into: buffer, as: type, hyperslab)
  }

  /// Reads elements as bytes.
  ///
  /// - Parameters:
  ///   - type: The type to convert to, lossy or not; the file's own if `nil`.
  ///   - hyperslab: The part to read; everything if `nil`.
  ///   - maximumBytes: The most to read. If `nil`, more than the file can hold is refused.
  public func readBytes(
    as type: HDF5Datatype? = nil, _ hyperslab: HDF5Hyperslab? = nil, maximumBytes: Int? = nil
  ) throws(HDF5Error) -> [UInt8] {
    try elements.readBytes(as: type, hyperslab, limit: maximumBytes)
  }

  /// Writes elements from memory of the caller's.
  ///
  /// - Parameters:
  ///   - buffer: Exactly as many bytes as the elements take.
  ///   - type: The type of the bytes; the file's own if `nil`.
  ///   - hyperslab: The part to write; everything if `nil`.
  public func writeBytes(
    from buffer: UnsafeRawBufferPointer, as type: HDF5Datatype? = nil,
    _ hyperslab: HDF5Hyperslab? = nil
  ) throws(HDF5Error) {
    try elements.writeBytes(from: buffer, as: type, hyperslab)
  }

  /// Reads texts.
  ///
  /// - Parameters:
  ///   - hyperslab: The part to read; everything if `nil`.
  ///   - maximumBytes: The most to read, not counting texts of variable length themselves. If
  ///     `nil`, more than the file can hold is refused.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.typeMismatch` if the elements are no
  ///   texts, `HDF5Error.Code.corrupt` if one is not UTF-8.
  public func readStrings(
    _ hyperslab: HDF5Hyperslab? = nil, maximumBytes: Int? = nil
  ) throws(HDF5Error) -> [String] {
    try elements.readStrings(hyperslab, limit: maximumBytes)
  }

  /// Writes texts.
  ///
  /// - Parameters:
  ///   - strings: As many as there are elements to write.
  ///   - hyperslab: The part to write; everything if `nil`.
  /// - Throws: `HDF5Error` with code `HDF5Error.Code.invalidArgument` if a text does not fit:
  ///   nothing is cut off.
  public func writeStrings(
    _ strings: [String], _ hyperslab: HDF5Hyperslab? = nil
  ) throws(HDF5Error) {
    try elements.writeStrings(strings, hyperslab)
  }

  /// Reads elements of any type as generic values.
  ///
  /// - Parameters:
  ///   - hyperslab: The part to read; everything if `nil`.
  ///   - maximumBytes: The most to read, not counting what is of variable length. If `nil`, more
  ///     than the file can hold is refused.
  public func readValues(
    _ hyperslab: HDF5Hyperslab? = nil, maximumBytes: Int? = nil
  ) throws(HDF5Error) -> [HDF5Value] {
    try elements.readValues(hyperslab, limit: maximumBytes)
  }
}
