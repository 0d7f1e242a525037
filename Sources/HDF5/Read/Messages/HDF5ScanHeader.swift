/// The header of an object: messages that say all about it (specification, IV.A).
struct HDF5ScanHeader: Sendable {
  /// A kind of message.
  enum MessageKind: UInt16, Sendable {
    case dataspace = 0x01
    case linkInfo = 0x02
    case datatype = 0x03
    case oldFillValue = 0x04
    case fillValue = 0x05
    case link = 0x06
    case externalFiles = 0x07
    case layout = 0x08
    case filters = 0x0B
    case attribute = 0x0C
    case continuation = 0x10
    case symbolTable = 0x11
    case driverInfo = 0x14
    case attributeInfo = 0x15
    case referenceCount = 0x16
    case cacheImage = 0x18
  }

  /// A message, not yet decoded.
  struct Message: Sendable {
    var kind: MessageKind
    /// Whether it is not here, but in the header of a named datatype.
    var isShared: Bool
    var content: HDF5ScanCursor
  }

  /// Where the header is, which is the identity of the object.
  let address: Int
  /// The number of hard links to the object.
  private(set) var referenceCount = 1
  /// The messages that this module knows.
  private(set) var messages: [Message] = []

  /// The first message of a kind.
  func first(_ kind: MessageKind) -> Message? {
    // A loop over indices: looking at each message itself would retain its bytes.
    for index in messages.indices where messages[index].kind == kind { return messages[index] }
    return nil
  }

  init(at address: Int, in file: HDF5ScanFile) throws(HDF5ScanFault) {
    self.address = address
    messages.reserveCapacity(8)
    // As much as the fixed part takes at most, which may be more than the file has left.
    var prefix = try file.cursor(at: address, upTo: 40)
    if prefix.skips(signature: "OHDR") {
      try readVersion2(prefix, in: file)
    } else {
      try readVersion1(prefix, in: file)
    }
    if let message = first(.referenceCount) {
      var content = message.content
      guard try content.uint8() == 0 else { throw content.fault("the reference count is damaged") }
      referenceCount = Int(try content.uint32())
    }
  }

  /// The blocks of messages that continuation messages announce (IV.A.2.q).
  private struct Pending {
    var blocks: [(address: Int, count: Int)] = []
    var next = 0
    /// Where blocks are, so that a chain that bites its tail has an end.
    var seen: Set<Int> = []
  }

  /// Notes a message, and what it announces.
  private mutating func add(
    _ type: UInt16, flags: UInt8, _ content: HDF5ScanCursor, _ pending: inout Pending
  ) throws(HDF5ScanFault) {
    guard let kind = MessageKind(rawValue: type) else {
      // Bits 3 and 7: whoever does not know the message must not open the object (IV.A.1.a).
      if type > 0x18, flags & 0x80 != 0 {
        throw HDF5ScanFault(
          .unsupported, "it has a message of the unknown type \(type)", at: content.position)
      }
      return
    }
    if kind == .continuation {
      var content = content
      let address = try content.address()
      guard pending.seen.insert(address).inserted else {
        throw content.fault("the header continues twice in the same place")
      }
      pending.blocks.append((address, try content.length()))
    } else {
      messages.append(Message(kind: kind, isShared: flags & 0x02 != 0, content: content))
    }
  }
}

// MARK: - Version 1

extension HDF5ScanHeader {
  private mutating func readVersion1(
    _ prefix: HDF5ScanCursor, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    var prefix = prefix
    let version = try prefix.uint8()
    guard version == 1 else {
      throw .corrupt(
        "there is no object header where one is said to be", at: file.format.base + address)
    }
    // Reserved, and the number of messages, which old libraries got wrong.
    try prefix.skip(3)
    referenceCount = Int(try prefix.uint32())
    let size = Int(try prefix.uint32())
    // The fixed part takes 12 bytes, and 4 more to align what follows.
    let (start, overflow) = address.addingReportingOverflow(16)
    guard !overflow else { throw prefix.fault("the header is outside of the file") }
    var block = try file.cursor(at: start, count: size)
    try file.claim(address, count: 16 + size, for: address)
    var pending = Pending()
    while true {
      // What is left at the end of a block and too small for a message is a gap.
      while block.remaining >= 8 {
        let type = try block.uint16()
        let count = Int(try block.uint16())
        let flags = try block.uint8()
        try block.skip(3)
        try add(type, flags: flags, try block.split(count), &pending)
      }
      guard pending.next < pending.blocks.count else { return }
      let (address, count) = pending.blocks[pending.next]
      pending.next += 1
      try claimContinuation(address, count, in: file)
      block = try file.cursor(at: address, count: count)
    }
  }

  private func claimContinuation(
    _ address: Int, _ count: Int, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    guard count >= 8, address != self.address else {
      throw .corrupt("the header continues where it cannot", at: file.format.base + address)
    }
    try file.claim(address, count: count, for: self.address)
  }
}

// MARK: - Version 2

extension HDF5ScanHeader {
  private mutating func readVersion2(
    _ prefix: HDF5ScanCursor, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    var prefix = prefix
    let version = try prefix.uint8()
    guard version == 2 else { throw prefix.fault("the version of the object header is \(version)") }
    let flags = try prefix.uint8()
    // Times of access, modification, change and birth; limits between compact and dense attributes.
    if flags & 0x20 != 0 { try prefix.skip(16) }
    if flags & 0x10 != 0 { try prefix.skip(4) }
    let size = try prefix.count(bytes: 1 << Int(flags & 0x03))
    let prefixSize = prefix.position - file.format.base - address
    let (count, overflow) = (prefixSize + 4).addingReportingOverflow(size)
    guard !overflow else { throw prefix.fault("the header declares \(size) bytes") }
    var block = try file.cursor(at: address, count: count)
    try file.claim(address, count: count, for: address)
    try block.verifyChecksum("object header")
    try block.skip(prefixSize)
    var pending = Pending()
    let tracksOrder = flags & 0x04 != 0
    while true {
      try readBlock(block, tracksOrder: tracksOrder, &pending)
      guard pending.next < pending.blocks.count else { return }
      let (address, count) = pending.blocks[pending.next]
      pending.next += 1
      try claimContinuation(address, count, in: file)
      block = try file.cursor(at: address, count: count)
      guard block.skips(signature: "OCHK") else {
        throw block.fault("the header does not continue where it is said to")
      }
      try file.cursor(at: address, count: count).verifyChecksum("object header")
    }
  }

  private mutating func readBlock(
    _ block: HDF5ScanCursor, tracksOrder: Bool, _ pending: inout Pending
  ) throws(HDF5ScanFault) {
    var tail = block
    var block = try tail.split(tail.remaining - 4)
    let messageHeader = tracksOrder ? 6 : 4
    while block.remaining >= messageHeader {
      let type = UInt16(try block.uint8())
      let count = Int(try block.uint16())
      let flags = try block.uint8()
      if tracksOrder { try block.skip(2) }
      try add(type, flags: flags, try block.split(count), &pending)
    }
  }
}
