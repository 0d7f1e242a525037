/// Messages that are not in the header that shows them (specification, IV.A.1: shared messages).
enum HDF5ScanShared {
  /// The address of the named datatype that a message stands for.
  static func address(_ reference: HDF5ScanCursor) throws(HDF5ScanFault) -> Int {
    var reference = reference
    let version = try reference.uint8()
    let type = try reference.uint8()
    switch version {
    // Before HDF5 1.6 a reference was an entry of a group: reserved bytes, and where the name is.
    case 1: try reference.skip(6 + reference.widths.length)
    case 2: break
    case 3 where type == 2: break
    case 3: throw unsupported(reference)
    default: throw reference.fault("the version of a shared message is \(version)")
    }
    return try reference.address()
  }

  /// The content of a message of a kind that no object shares but through a heap of the file, which
  /// few programs ever make.
  static func unshared(
    _ message: HDF5ScanHeader.Message
  ) throws(HDF5ScanFault) -> HDF5ScanCursor {
    guard !message.isShared else { throw unsupported(message.content) }
    return message.content
  }

  static func unsupported(_ place: HDF5ScanCursor) -> HDF5ScanFault {
    HDF5ScanFault(
      .unsupported, "a message is shared through a heap of the file", at: place.position)
  }
}

extension HDF5Dataspace {
  /// Decodes a dataspace message (IV.A.2.b).
  init(scanning cursor: HDF5ScanCursor) throws(HDF5ScanFault) {
    var cursor = cursor
    let version = try cursor.uint8()
    let rank = Int(try cursor.uint8())
    let flags = try cursor.uint8()
    guard version == 1 || version == 2 else {
      throw cursor.fault("the version of the dataspace is \(version)")
    }
    guard rank <= HDF5Dataspace.maximumRank else {
      throw cursor.fault("the dataspace has \(rank) dimensions")
    }
    if version == 1 {
      try cursor.skip(5)
    } else {
      switch (try cursor.uint8(), rank) {
      case (0, 0): break
      case (1, 1...): break
      case (2, 0):
        self = .null
        return
      default: throw cursor.fault("the dataspace is of no known kind")
      }
    }
    guard rank > 0 else {
      self = .scalar
      return
    }
    var dimensions: [Int] = []
    for _ in 0..<rank { dimensions.append(try cursor.length()) }
    guard flags & 1 != 0 else {
      self = .simple(dimensions: dimensions)
      return
    }
    var maximum: [Int?] = []
    for size in dimensions {
      let limit = try cursor.optionalLength()
      guard limit.map({ $0 >= size }) ?? true else {
        throw cursor.fault("the dataspace is larger than it may become")
      }
      maximum.append(limit)
    }
    self = .simple(dimensions: dimensions, maximum: maximum == dimensions ? nil : maximum)
  }
}

/// The value that stands where nothing was written (IV.A.2.e and f).
enum HDF5ScanFillValue {
  /// The bytes of one element; `nil` if none were given.
  static func decode(
    _ header: HDF5ScanHeader, elementBytes: Int
  ) throws(HDF5ScanFault) -> [UInt8]? {
    guard let message = header.first(.fillValue) ?? header.first(.oldFillValue) else { return nil }
    var cursor = try HDF5ScanShared.unshared(message)
    if message.kind == .fillValue {
      switch try cursor.uint8() {
      case 1:
        // The times of allocation and of writing, and a flag that does not matter to the size.
        try cursor.skip(3)
      case 2:
        try cursor.skip(2)
        guard try cursor.uint8() == 1 else { return nil }
      case 3:
        guard try cursor.uint8() & 0x20 != 0 else { return nil }
      case let version:
        throw cursor.fault("the version of the fill value is \(version)")
      }
    }
    let count = Int(Int32(bitPattern: try cursor.uint32()))
    guard count > 0 else { return nil }
    guard count == elementBytes else {
      throw cursor.fault("the fill value has \(count) bytes, and elements have \(elementBytes)")
    }
    return try cursor.bytes(count)
  }
}

extension HDF5Filter {
  /// As many as HDF5 allows.
  private static let maximumCount = 32

  /// Decodes a filter pipeline message (IV.A.2.l).
  static func scan(_ cursor: HDF5ScanCursor) throws(HDF5ScanFault) -> [HDF5Filter] {
    var cursor = cursor
    let version = try cursor.uint8()
    guard version == 1 || version == 2 else {
      throw cursor.fault("the version of the filters is \(version)")
    }
    let count = Int(try cursor.uint8())
    guard count <= maximumCount else { throw cursor.fault("there are \(count) filters") }
    if version == 1 { try cursor.skip(6) }
    var filters: [HDF5Filter] = []
    for _ in 0..<count {
      let id = Int(try cursor.uint16())
      // Version 2 leaves out the names of HDF5's own filters.
      let nameCount = version == 1 || id >= 256 ? Int(try cursor.uint16()) : 0
      let flags = try cursor.uint16()
      let parameterCount = Int(try cursor.uint16())
      var name = try cursor.split(nameCount)
      let text = String(decoding: (name.untilNUL() ?? name).allBytes, as: UTF8.self)
      try cursor.require(4 * parameterCount)
      var parameters: [UInt32] = []
      for _ in 0..<parameterCount { parameters.append(try cursor.uint32()) }
      if version == 1, parameterCount % 2 == 1 { try cursor.skip(4) }
      filters.append(
        HDF5Filter(
          id: id, name: text.isEmpty ? standardNames[id] ?? "" : text, parameters: parameters,
          isOptional: flags & 1 != 0))
    }
    return filters
  }

  private static let standardNames = [
    1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset",
  ]
}
