import Files

extension HDF5ScannedAttribute {
  /// All elements as generic values, whatever their type, in row-major order.
  ///
  /// - Parameter maximumBytes: The most to read, what lies in the heap included; more is an error.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/limitExceeded``,
  ///   ``HDF5Error/Code/unsupported`` for elements of a type that ``HDF5Datatype`` cannot express,
  ///   ``HDF5Error/Code/corrupt`` if a reference leads outside of the heap or a text is not UTF-8,
  ///   or others.
  public func values(
    maximumBytes: Int = HDF5ScannedAttribute.defaultMaximumBytes
  ) throws(HDF5Error) -> [HDF5Value] {
    try file.reporting("read the attribute", path: path) { () throws(HDF5ScanFault) in
      var decoder = HDF5ScanValueDecoder(file: file, bytesLeft: maximumBytes)
      return try decoder.values(content, datatype)
    }
  }

  /// All texts, of fixed or variable length, without padding, in row-major order.
  ///
  /// - Parameter maximumBytes: The most to read, what lies in the heap included; more is an error.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/typeMismatch`` if the elements are no
  ///   texts, ``HDF5Error/Code/corrupt`` if one is not UTF-8, ``HDF5Error/Code/limitExceeded``, or
  ///   others.
  public func strings(
    maximumBytes: Int = HDF5ScannedAttribute.defaultMaximumBytes
  ) throws(HDF5Error) -> [String] {
    try file.reporting("read the attribute", path: path) { () throws(HDF5ScanFault) in
      var decoder = HDF5ScanValueDecoder(file: file, bytesLeft: maximumBytes)
      return try decoder.strings(content, datatype)
    }
  }
}

extension HDF5ScannedDataset {
  /// Decodes stored elements as generic values, whatever their type.
  ///
  /// ```swift
  /// let values = try dataset.values(decoding: try dataset.bytes())
  /// ```
  ///
  /// - Parameters:
  ///   - bytes: Whole elements: those of ``bytes(maximumBytes:)``, or of chunks whose filters have
  ///     been undone.
  ///   - maximumBytes: The most to read, what lies in the heap included; more is an error.
  /// - Returns: As many values as there are elements in `bytes`, in their order.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/limitExceeded``,
  ///   ``HDF5Error/Code/unsupported`` for elements of a type that ``HDF5Datatype`` cannot express,
  ///   ``HDF5Error/Code/corrupt`` if an element is cut short, a reference leads outside of the heap
  ///   or a text is not UTF-8, or others.
  public func values(
    decoding bytes: [UInt8], maximumBytes: Int = 1 << 30
  ) throws(HDF5Error) -> [HDF5Value] {
    try object.reporting("read") { () throws(HDF5ScanFault) in
      var decoder = HDF5ScanValueDecoder(file: object.file, bytesLeft: maximumBytes)
      return try decoder.values(cursor(bytes), datatype)
    }
  }

  /// Decodes stored elements as texts, of fixed or variable length, without padding.
  ///
  /// - Parameters:
  ///   - bytes: Whole elements: those of ``bytes(maximumBytes:)``, or of chunks whose filters have
  ///     been undone.
  ///   - maximumBytes: The most to read, what lies in the heap included; more is an error.
  /// - Returns: As many texts as there are elements in `bytes`, in their order.
  /// - Throws: ``HDF5Error`` with code ``HDF5Error/Code/typeMismatch`` if the elements are no
  ///   texts, ``HDF5Error/Code/corrupt`` if one is cut short or not UTF-8,
  ///   ``HDF5Error/Code/limitExceeded``, or others.
  public func strings(
    decoding bytes: [UInt8], maximumBytes: Int = 1 << 30
  ) throws(HDF5Error) -> [String] {
    try object.reporting("read") { () throws(HDF5ScanFault) in
      var decoder = HDF5ScanValueDecoder(file: object.file, bytesLeft: maximumBytes)
      return try decoder.strings(cursor(bytes), datatype)
    }
  }

  private func cursor(_ bytes: [UInt8]) -> HDF5ScanCursor {
    HDF5ScanCursor(bytes, bytes.indices, origin: 0, format: object.file.format)
  }
}

/// Turns stored elements into values, and follows those of variable length into the heap
/// (specification, III.E): there a reference is a count of 4 bytes, the address of a collection,
/// and the number of an object in it, of 4 bytes.
struct HDF5ScanValueDecoder {
  let file: HDF5ScanFile
  /// How much may still be read. Elements that refer to the same place in the heap over and over
  /// could otherwise stand for far more than the file holds.
  var bytesLeft: Int

  private mutating func take(_ count: Int, _ place: HDF5ScanCursor) throws(HDF5ScanFault) {
    bytesLeft -= count
    guard bytesLeft >= 0 else {
      throw HDF5ScanFault(
        .limitExceeded, "its elements have more bytes than the limit", at: place.position)
    }
  }

  /// Decodes as many elements as there are bytes for.
  mutating func values(
    _ cursor: HDF5ScanCursor, _ type: HDF5Datatype
  ) throws(HDF5ScanFault) -> [HDF5Value] {
    var cursor = cursor
    let size = try size(of: type, cursor)
    try take(cursor.remaining, cursor)
    var values: [HDF5Value] = []
    values.reserveCapacity(cursor.remaining / size)
    while cursor.remaining > 0 { values.append(try value(try cursor.split(size), type)) }
    return values
  }

  /// Decodes as many texts as there are bytes for.
  mutating func strings(
    _ cursor: HDF5ScanCursor, _ type: HDF5Datatype
  ) throws(HDF5ScanFault) -> [String] {
    guard case .string(let format) = type else {
      throw HDF5ScanFault(.typeMismatch, "its elements are no texts, but of type \(type)")
    }
    var cursor = cursor
    let size = try size(of: type, cursor)
    try take(cursor.remaining, cursor)
    var strings: [String] = []
    strings.reserveCapacity(cursor.remaining / size)
    while cursor.remaining > 0 { strings.append(try string(try cursor.split(size), format)) }
    return strings
  }

  private func size(
    of type: HDF5Datatype, _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> Int {
    guard let size = type.storedByteCount(file.format), size > 0 else {
      throw place.fault("an element is too large")
    }
    return size
  }

  private mutating func string(
    _ cursor: HDF5ScanCursor, _ format: HDF5StringFormat
  ) throws(HDF5ScanFault) -> String {
    let bytes: ArraySlice<UInt8>
    switch format.length {
    case .fixed:
      bytes = format.trim(cursor.allBytes[...])
    case .variable:
      var reference = cursor
      guard let heap = try file.heapContent(&reference, elementBytes: 1) else { return "" }
      try take(heap.count, heap.content)
      // C programs count the NUL at the end, others do not.
      bytes = heap.content.allBytes.prefix { $0 != 0 }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw cursor.fault("a text is not UTF-8")
    }
    return text
  }

  /// Decodes one element. Types are nested no deeper than their decoder allows.
  private mutating func value(
    _ cursor: HDF5ScanCursor, _ type: HDF5Datatype
  ) throws(HDF5ScanFault) -> HDF5Value {
    // Members of a compound may all be the same bytes.
    try take(1, cursor)
    switch type {
    case .integer(let bytes, let signed, let order):
      guard bytes <= 8 else { return .bytes(cursor.allBytes) }
      let value = try integer(cursor, bytes, signed, order)
      return signed || value >= 0 ? .integer(value) : .unsigned(UInt64(bitPattern: value))
    case .bitfield(let bytes, let order):
      let value = try integer(cursor, bytes, false, order)
      return value >= 0 ? .integer(value) : .unsigned(UInt64(bitPattern: value))
    case .float(let format):
      guard format.bytes <= 8 else { return .bytes(cursor.allBytes) }
      let bits = try integer(cursor, format.bytes, false, format.order)
      return .float(format.decode(UInt64(bitPattern: bits)))
    case .string(let format):
      return .string(try string(cursor, format))
    case .enumeration(let base, _):
      let value = try value(cursor, base)
      return type.isBoolean ? .boolean(value != .integer(0)) : value
    case .compound(_, let members):
      var values: [HDF5Value.Member] = []
      for member in members {
        var part = cursor
        try part.skip(member.offset)
        part = try part.split(try size(of: member.datatype, part))
        values.append(.init(member.name, try value(part, member.datatype)))
      }
      return .compound(values)
    case .array(_, let element):
      return .array(try values(cursor, element))
    case .opaque:
      return .bytes(cursor.allBytes)
    case .objectReference:
      try cursor.require(8)
      return .objectReference(
        try cursor.withBytes { (bytes) throws(HDF5ScanFault) in
          HDF5ObjectReference(rawValue: bytes.load(at: 0))
        })
    case .regionReference:
      try cursor.require(12)
      return .regionReference(
        try cursor.withBytes { (bytes) throws(HDF5ScanFault) in HDF5RegionReference(bytes) })
    case .variableLength(let element):
      var reference = cursor
      let size = try size(of: element, cursor)
      guard let heap = try file.heapContent(&reference, elementBytes: size) else {
        return .array([])
      }
      return .array(try values(heap.content, element))
    case .unsupported:
      throw HDF5ScanFault(.unsupported, "there is no reading elements of type \(type)")
    }
  }

  private func integer(
    _ cursor: HDF5ScanCursor, _ bytes: Int, _ signed: Bool, _ order: HDF5ByteOrder
  ) throws(HDF5ScanFault) -> Int64 {
    try cursor.require(bytes)
    return try cursor.withBytes { (content) throws(HDF5ScanFault) in
      content.loadInteger(bytes: bytes, signed: signed, order: order)
    }
  }
}

extension HDF5Datatype {
  /// The size of an element in a file, in bytes; `nil` if it is too large to express.
  func storedByteCount(_ format: HDF5ScanFormat) -> Int? {
    switch self {
    case .string(let string) where string.length == .variable: 8 + format.addressBytes
    case .variableLength: 8 + format.addressBytes
    case .array(let dimensions, let element):
      element.storedByteCount(format).flatMap { (dimensions + [$0]).checkedProduct }
    default: byteCount
    }
  }
}
