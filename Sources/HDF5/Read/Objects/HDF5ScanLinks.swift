/// The links of a group, however it keeps them.
struct HDF5ScanLinks {
  private let file: HDF5ScanFile
  private let header: HDF5ScanHeader

  init(_ object: HDF5ScanObject) {
    file = object.file
    header = object.header
  }

  /// All links, sorted by name.
  func all() throws(HDF5ScanFault) -> [HDF5ScannedLink] {
    var links: [HDF5ScannedLink] = []
    if let message = header.first(.symbolTable) {
      let table = try HDF5ScanSymbolTable(message.content, of: header.address, in: file)
      try table.read { link in links.append(link) }
      // The table is a search tree, so what is not in order could not be found.
      guard zip(links, links.dropFirst()).allSatisfy({ $0.name.precedes($1.name) }) else {
        throw position("the links of the group are not in order")
      }
      return links
    }
    for message in header.messages where message.kind == .link {
      links.append(try HDF5ScannedLink(decoding: message.content))
    }
    if let dense = try denseLinks() { links += try dense.all() }
    links.sort { $0.name.precedes($1.name) }
    guard zip(links, links.dropFirst()).allSatisfy({ $0.name.precedes($1.name) }) else {
      throw position("two links of the group have the same name")
    }
    return links
  }

  /// The link of a name.
  func named(_ name: String) throws(HDF5ScanFault) -> HDF5ScannedLink? {
    if let message = header.first(.symbolTable) {
      let table = try HDF5ScanSymbolTable(message.content, of: header.address, in: file)
      var found: HDF5ScannedLink?
      try table.read(only: name) { link in if link.name.isSame(as: name) { found = link } }
      return found
    }
    for message in header.messages where message.kind == .link {
      let link = try HDF5ScannedLink(decoding: message.content)
      if link.name.isSame(as: name) { return link }
    }
    return try denseLinks()?.named(name)
  }

  private func denseLinks() throws(HDF5ScanFault) -> HDF5ScanDenseLinks? {
    guard let message = header.first(.linkInfo) else { return nil }
    return try HDF5ScanDenseLinks(message.content, of: header.address, in: file)
  }

  private func position(_ message: String) -> HDF5ScanFault {
    .corrupt(message, at: file.format.base + header.address)
  }
}

extension String {
  /// Whether the bytes of this text come before those of another, as HDF5 sorts names.
  func precedes(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// Whether two texts are the same bytes: `==` takes é for e with an accent, HDF5 does not.
  func isSame(as other: String) -> Bool {
    utf8.elementsEqual(other.utf8)
  }
}

/// The links of a group of the oldest format: a tree whose leaves list names and addresses, and a
/// heap with the names (specification, III.A.1, III.B, III.D).
struct HDF5ScanSymbolTable {
  private let file: HDF5ScanFile
  private let owner: Int
  private let treeAddress: Int
  /// Where the names are: a run of texts that each end with NUL.
  private let names: HDF5ScanCursor

  init(
    _ message: HDF5ScanCursor, of owner: Int, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    var message = message
    self.file = file
    self.owner = owner
    treeAddress = try message.address()
    let heapAddress = try message.address()
    let (_, lengthBytes) = message.widths
    let headerCount = 8 + 2 * lengthBytes + message.widths.address
    var heap = try file.cursor(at: heapAddress, count: headerCount)
    try file.claim(heapAddress, count: headerCount, for: owner)
    try heap.expect("HEAP", version: 0, "heap of names")
    try heap.skip(3)
    let size = try heap.length()
    try heap.skip(lengthBytes)  // The list of free places.
    let segment = try heap.address()
    if size > 0 { try file.claim(segment, count: size, for: owner) }
    names = try file.cursor(at: segment, count: size)
  }

  /// Goes through all links in order, or through the leaf alone that may hold a name.
  func read(
    only name: String? = nil, _ body: (HDF5ScannedLink) -> Void
  ) throws(HDF5ScanFault) {
    let tree = HDF5ScanTree(file: file, owner: owner, kind: .group)
    // Names do not overlap, so that all of them together are not larger than the heap.
    var bytesLeft = names.remaining
    try tree.read(treeAddress) { (lower, upper) throws(HDF5ScanFault) in
      guard let name else { return true }
      // A child has the names above its lower key, up to its upper key.
      let (first, last) = (try key(lower), try key(upper))
      return first.precedes(name) && !last.precedes(name)
    } leaf: { (_, address) throws(HDF5ScanFault) in
      try readLeaf(at: address, &bytesLeft, body)
    }
  }

  private func key(_ cursor: HDF5ScanCursor) throws(HDF5ScanFault) -> String {
    var cursor = cursor
    return try text(at: try cursor.length(), cursor).text("a link")
  }

  private func text(
    at offset: Int, _ place: HDF5ScanCursor
  ) throws(HDF5ScanFault) -> HDF5ScanCursor {
    var names = names
    guard offset <= names.remaining else { throw place.fault("a name is outside of its heap") }
    try names.skip(offset)
    guard let text = names.untilNUL() else { throw place.fault("a name has no end") }
    return text
  }

  /// Reads the entries of a leaf (III.B, III.C).
  private func readLeaf(
    at address: Int, _ bytesLeft: inout Int, _ body: (HDF5ScannedLink) -> Void
  ) throws(HDF5ScanFault) {
    var header = try file.cursor(at: address, count: 8)
    try header.expect("SNOD", version: 1, "list of links")
    try header.skip(1)
    let count = Int(try header.uint16())
    let (addressBytes, lengthBytes) = header.widths
    let entrySize = addressBytes + lengthBytes + 24
    try file.claim(address, count: 8 + count * entrySize, for: owner)
    var entries = try file.cursor(at: address, count: 8 + count * entrySize)
    try entries.skip(8)
    for _ in 0..<count {
      let name = try text(at: try entries.length(), entries)
      bytesLeft -= name.remaining
      guard bytesLeft >= 0 else { throw entries.fault("the names of links overlap") }
      let target = try entries.optionalAddress()
      let cacheType = try entries.uint32()
      try entries.skip(4)
      var scratch = try entries.split(16)
      if cacheType == 2 {
        // A soft link: its path lies in the heap too.
        let path = try text(at: Int(try scratch.uint32()), scratch)
        bytesLeft -= path.remaining
        body(try HDF5ScannedLink(name, .soft(path: try path.text("a soft link's target"))))
      } else {
        guard let target else { throw entries.fault("a link leads nowhere") }
        body(try HDF5ScannedLink(name, .hard(address: UInt64(target))))
      }
    }
  }
}
