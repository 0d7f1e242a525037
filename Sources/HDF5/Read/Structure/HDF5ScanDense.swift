import Files

/// Where an object keeps what is too much for its header: a heap, and a tree that finds things in
/// it.
private struct HDF5ScanDenseStorage {
  let heap: HDF5ScanFractalHeap
  let tree: HDF5ScanTree2

  /// What is kept so.
  struct Kind {
    /// The word for it in errors.
    let noun: String
    /// The bytes of the number of the last one made, which is there if the order is kept.
    let orderBytes: Int
    /// The type of the tree, and what its records have besides the place in the heap.
    let treeType: UInt8
    let recordBytes: Int

    static let links = Kind(noun: "links", orderBytes: 8, treeType: 5, recordBytes: 4)
    static let attributes = Kind(noun: "attributes", orderBytes: 2, treeType: 8, recordBytes: 9)
  }

  /// Opens the heap and the index that an info message names; `nil` if all is in the header.
  init?(
    _ kind: Kind, _ message: HDF5ScanCursor, of owner: Int, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    var message = message
    let version = try message.uint8()
    guard version == 0 else {
      throw message.fault("the version of the \(kind.noun) is \(version)")
    }
    if try message.uint8() & 0x01 != 0 { try message.skip(kind.orderBytes) }
    let heapAddress = try message.optionalAddress()
    let treeAddress = try message.optionalAddress()
    guard let heapAddress else { return nil }
    guard let treeAddress else { throw message.fault("the \(kind.noun) have no index") }
    heap = try HDF5ScanFractalHeap(at: heapAddress, of: owner, in: file)
    tree = try HDF5ScanTree2(at: treeAddress, type: kind.treeType, of: owner, in: file)
    guard tree.recordSize == kind.recordBytes + heap.idSize else {
      throw message.fault("the index of the \(kind.noun) does not fit their heap")
    }
  }
}

/// The links of a group that has many, in a heap, found through a tree by a hash of the name
/// (specification, IV.A.2.c).
struct HDF5ScanDenseLinks {
  private let heap: HDF5ScanFractalHeap
  private let tree: HDF5ScanTree2

  /// Opens what a link info message names; `nil` if all links are in the header.
  init?(
    _ message: HDF5ScanCursor, of owner: Int, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    guard let storage = try HDF5ScanDenseStorage(.links, message, of: owner, in: file) else {
      return nil
    }
    (heap, tree) = (storage.heap, storage.tree)
  }

  /// All links, in no order.
  func all() throws(HDF5ScanFault) -> [HDF5ScannedLink] {
    var heap = heap
    var links: [HDF5ScannedLink] = []
    try tree.read { (record) throws(HDF5ScanFault) in
      var record = record
      try record.skip(4)
      links.append(try HDF5ScannedLink(decoding: try heap.object(record)))
    }
    return links
  }

  /// The link of a name.
  func named(_ name: String) throws(HDF5ScanFault) -> HDF5ScannedLink? {
    let hash = name.lookup3
    var heap = heap
    var found: HDF5ScannedLink?
    try tree.read { (record) throws(HDF5ScanFault) in
      var record = record
      let other = try record.uint32()
      return other < hash ? -1 : other == hash ? 0 : 1
    } _: { (record) throws(HDF5ScanFault) in
      var record = record
      try record.skip(4)
      let link = try HDF5ScannedLink(decoding: try heap.object(record))
      if link.name.isSame(as: name) { found = link }
    }
    return found
  }
}

/// The attributes of an object that has many (specification, IV.A.2.v).
struct HDF5ScanDenseAttributes {
  private let heap: HDF5ScanFractalHeap
  private let tree: HDF5ScanTree2

  /// Opens what an attribute info message names; `nil` if all attributes are in the header.
  init?(
    _ message: HDF5ScanCursor, of owner: Int, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    guard let storage = try HDF5ScanDenseStorage(.attributes, message, of: owner, in: file) else {
      return nil
    }
    (heap, tree) = (storage.heap, storage.tree)
  }

  /// Goes through the messages of all attributes, or of those whose name has a hash.
  func read(
    hash: UInt32? = nil, _ body: (HDF5ScanCursor) throws(HDF5ScanFault) -> Void
  ) throws(HDF5ScanFault) {
    var heap = heap
    let tail = heap.idSize + 5
    try tree.read { (record) throws(HDF5ScanFault) in
      guard let hash else { return 0 }
      var record = record
      try record.skip(tail)
      let other = try record.uint32()
      return other < hash ? -1 : other == hash ? 0 : 1
    } _: { (record) throws(HDF5ScanFault) in
      var record = record
      let id = try record.split(heap.idSize)
      guard try record.uint8() & 0x02 == 0 else { throw HDF5ScanShared.unsupported(record) }
      try body(try heap.object(id))
    }
  }
}

extension String {
  /// The hash by which trees find a name.
  var lookup3: UInt32 { withUTF8Bytes { Lookup3.hash($0) } }
}

extension HDF5ScannedLink {
  /// Decodes a link message (IV.A.2.g).
  init(decoding message: HDF5ScanCursor) throws(HDF5ScanFault) {
    var cursor = message
    let version = try cursor.uint8()
    guard version == 1 else { throw cursor.fault("the version of a link is \(version)") }
    let flags = try cursor.uint8()
    let kind = flags & 0x08 != 0 ? Int(try cursor.uint8()) : 0
    let order = flags & 0x04 != 0 ? try cursor.count(bytes: 8) : nil
    if flags & 0x10 != 0 { try cursor.skip(1) }  // The character set, which writers get wrong.
    let name = try cursor.split(try cursor.count(bytes: 1 << Int(flags & 0x03)))
    let target: Target
    switch kind {
    case 0:
      target = .hard(address: UInt64(try cursor.address()))
    case 1:
      let path = try cursor.split(Int(try cursor.uint16()))
      target = .soft(path: try path.text("a soft link's target"))
    case 64:
      var content = try cursor.split(Int(try cursor.uint16()))
      try content.skip(1)  // Version and flags.
      guard let file = content.untilNUL(), let path = content.untilNUL() else {
        throw content.fault("a link to another file has no end")
      }
      target = .external(
        file: try file.text("another file"), path: try path.text("an object in another file"))
    case 65...:
      target = .userDefined(linkClass: kind)
    default:
      throw cursor.fault("there is no link of class \(kind)")
    }
    try self.init(name, target, creationOrder: order)
  }
}
