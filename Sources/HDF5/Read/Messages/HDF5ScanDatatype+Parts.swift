// Types of several parts: the rest of the decoder (specification, IV.A.2.d).
extension HDF5ScanTypeDecoder {
  private mutating func takeMembers(
    _ count: Int, _ cursor: HDF5ScanCursor
  ) throws(HDF5ScanFault) {
    membersLeft -= count
    guard membersLeft >= 0 else {
      throw HDF5ScanFault(
        .limitExceeded, "types have more than \(Self.maximumMembers) members",
        at: cursor.position)
    }
  }

  /// A name, which before version 3 takes a multiple of eight bytes.
  private func name(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix
  ) throws(HDF5ScanFault) -> String {
    let start = cursor.position
    guard let name = cursor.untilNUL() else { throw cursor.fault("a member's name has no end") }
    if prefix.version < 3 { try cursor.skip((8 - (cursor.position - start) % 8) % 8) }
    return try name.text("a member")
  }

  mutating func compound(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix, _ depth: Int
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    try takeMembers(prefix.memberCount, cursor)
    // Since version 3 an offset takes as few bytes as the size of the whole needs.
    let offsetBytes = prefix.version < 3 ? 4 : prefix.bytes.significantBytes
    var members: [HDF5CompoundMember] = []
    for _ in 0..<prefix.memberCount {
      let name = try name(&cursor, prefix)
      let offset = try cursor.count(bytes: offsetBytes)
      var dimensions: [Int] = []
      if prefix.version == 1 {
        // Before there were array types, a member could be a grid of up to four dimensions.
        let rank = Int(try cursor.uint8())
        guard rank <= 4 else { throw cursor.fault("a member has \(rank) dimensions") }
        try cursor.skip(11)
        for place in 0..<4 {
          let size = Int(try cursor.uint32())
          if place < rank { dimensions.append(size) }
        }
      }
      var member = try type(&cursor, depth: depth + 1)
      if !dimensions.isEmpty { member = try array(of: member, dimensions, cursor) }
      guard member.byteCount <= prefix.bytes, offset <= prefix.bytes - member.byteCount else {
        throw cursor.fault("the member '\(name.shortened)' is outside of its compound type")
      }
      members.append(HDF5CompoundMember(name, offset: offset, member.datatype))
    }
    return .compound(bytes: prefix.bytes, members: members)
  }

  mutating func enumeration(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix, _ depth: Int
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    try takeMembers(prefix.memberCount, cursor)
    let base = try type(&cursor, depth: depth + 1)
    var names: [String] = []
    for _ in 0..<prefix.memberCount { names.append(try name(&cursor, prefix)) }
    let (valueBytes, overflow) = prefix.memberCount.multipliedReportingOverflow(by: base.byteCount)
    guard !overflow else { throw cursor.fault("an enumeration is too large") }
    let values = try cursor.split(valueBytes)
    guard case .integer(let size, let isSigned, let order) = base.datatype, size == prefix.bytes,
      size <= 8
    else { return .unsupported(bytes: prefix.bytes, name: "enumeration") }
    let members = try values.withBytes { (bytes) throws(HDF5ScanFault) in
      names.enumerated().map { number, name in
        let value = bytes.extracting(droppingFirst: number * size)
        return HDF5EnumerationMember(
          name, value.loadInteger(bytes: size, signed: isSigned, order: order))
      }
    }
    return .enumeration(base: base.datatype, members: members)
  }

  mutating func array(
    _ cursor: inout HDF5ScanCursor, _ prefix: Prefix, _ depth: Int
  ) throws(HDF5ScanFault) -> HDF5Datatype {
    let rank = Int(try cursor.uint8())
    guard rank <= HDF5Dataspace.maximumRank else {
      throw cursor.fault("an array type has \(rank) dimensions")
    }
    if prefix.version < 3 { try cursor.skip(3) }
    var dimensions: [Int] = []
    for _ in 0..<rank { dimensions.append(Int(try cursor.uint32())) }
    // An order of the dimensions, never used.
    if prefix.version < 3 { try cursor.skip(4 * rank) }
    let element = try type(&cursor, depth: depth + 1)
    let array = try array(of: element, dimensions, cursor)
    guard array.byteCount == prefix.bytes else {
      throw cursor.fault("an array type of \(array.byteCount) bytes claims \(prefix.bytes)")
    }
    return array.datatype
  }

  private func array(
    of element: HDF5ScanStoredType, _ dimensions: [Int], _ cursor: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> HDF5ScanStoredType {
    guard let bytes = (dimensions + [element.byteCount]).checkedProduct, bytes > 0 else {
      throw cursor.fault("an array type has the impossible shape \(dimensions)")
    }
    return HDF5ScanStoredType(
      datatype: .array(dimensions: dimensions, element: element.datatype), byteCount: bytes)
  }
}
