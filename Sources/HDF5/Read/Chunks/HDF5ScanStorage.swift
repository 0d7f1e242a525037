/// Where the elements of a dataset are, as its layout message says (specification, IV.A.2.i).
enum HDF5ScanStorage: Sendable {
  /// In the message.
  case compact(HDF5ScanCursor)
  /// In one piece at an address, if there is room yet.
  case contiguous(Int?, count: Int)
  /// In chunks.
  case chunked(HDF5ScanChunked)
  /// In other datasets.
  case virtual

  init(
    _ message: HDF5ScanCursor, dataspace: HDF5Dataspace, elementBytes: Int, isExternal: Bool
  ) throws(HDF5ScanFault) {
    var cursor = message
    let version = Int(try cursor.uint8())
    let count = dataspace.elementCount.flatMap { [$0, elementBytes].checkedProduct }
    switch version {
    case 1, 2:
      let dimensionality = Int(try cursor.uint8())
      let kind = try cursor.uint8()
      try cursor.skip(5)
      // Elements in the header have no address.
      let address = kind == 0 ? nil : try cursor.optionalAddress()
      var dimensions: [Int] = []
      try cursor.require(4 * dimensionality)
      for _ in 0..<dimensionality { dimensions.append(Int(try cursor.uint32())) }
      switch kind {
      case 0:
        let size = Int(try cursor.uint32())
        self = try Self.inHeader(cursor, size, count)
      case 1:
        // The size follows from the shape alone.
        self = try Self.inOnePiece(address, count ?? .max, count, isExternal, cursor)
      case 2:
        self = .chunked(
          try HDF5ScanChunked(
            dimensions, dataspace, elementBytes, .tree(address), cursor))
      default:
        throw cursor.fault("there is no layout of class \(kind)")
      }
    case 3, 4, 5:
      switch try cursor.uint8() {
      case 0:
        let size = Int(try cursor.uint16())
        self = try Self.inHeader(cursor, size, count)
      case 1:
        let address = try cursor.optionalAddress()
        self = try Self.inOnePiece(address, try cursor.length(), count, isExternal, cursor)
      case 2 where version == 3:
        let dimensionality = Int(try cursor.uint8())
        let address = try cursor.optionalAddress()
        var dimensions: [Int] = []
        try cursor.require(4 * dimensionality)
        for _ in 0..<dimensionality { dimensions.append(Int(try cursor.uint32())) }
        self = .chunked(
          try HDF5ScanChunked(dimensions, dataspace, elementBytes, .tree(address), cursor))
      case 2:
        self = .chunked(try HDF5ScanChunked(version4: &cursor, dataspace, elementBytes))
      case 3 where version >= 4:
        self = .virtual
      case let kind:
        throw cursor.fault("there is no layout of class \(kind)")
      }
    default:
      throw cursor.fault("the version of the layout is \(version)")
    }
  }

  private static func inHeader(
    _ cursor: HDF5ScanCursor, _ size: Int, _ count: Int?
  ) throws(HDF5ScanFault) -> HDF5ScanStorage {
    var cursor = cursor
    guard let count, size >= count else {
      throw cursor.fault("\(size) bytes are stored, and the elements take more")
    }
    return .compact(try cursor.split(count))
  }

  private static func inOnePiece(
    _ address: Int?, _ size: Int, _ count: Int?, _ isExternal: Bool, _ cursor: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> HDF5ScanStorage {
    guard let address, !isExternal else { return .contiguous(nil, count: 0) }
    guard let count, size >= count else {
      throw cursor.fault("\(size) bytes are stored, and the elements take more")
    }
    guard cursor.isWithinFile(address, count) else {
      throw cursor.fault("the elements are outside of the file")
    }
    return .contiguous(count > 0 ? address : nil, count: count)
  }
}
