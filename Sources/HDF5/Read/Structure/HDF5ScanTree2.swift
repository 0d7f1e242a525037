/// A B-tree of version 2, as new files index links, attributes and chunks (specification, III.A.2).
struct HDF5ScanTree2 {
  private let file: HDF5ScanFile
  private let owner: Int
  private let type: UInt8
  /// The size of a record in bytes.
  let recordSize: Int
  /// The number of records in the whole tree.
  let count: Int
  private let root: Node?
  /// The bytes of a count of the records in one node.
  private let countBytes: Int
  /// The bytes of a count of all records below a node, for nodes of each depth from the leaves up.
  private let totalBytes: [Int]

  private struct Node {
    var address: Int
    var count: Int
    /// 0 for a leaf.
    var depth: Int
  }

  init(
    at address: Int, type: UInt8, of owner: Int, in file: HDF5ScanFile
  ) throws(HDF5ScanFault) {
    self.file = file
    self.owner = owner
    self.type = type
    let addressBytes = file.format.addressBytes
    let size = 22 + addressBytes + file.format.lengthBytes
    let header = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    var cursor = header
    try cursor.expect("BTHD", version: 0, "tree")
    try header.verifyChecksum("tree")
    guard try cursor.uint8() == type else { throw cursor.fault("a tree is of the wrong kind") }
    let nodeSize = Int(try cursor.uint32())
    recordSize = Int(try cursor.uint16())
    let depth = Int(try cursor.uint16())
    try cursor.skip(2)  // When nodes are split and merged.
    let rootAddress = try cursor.optionalAddress()
    let rootCount = Int(try cursor.uint16())
    count = try cursor.length()
    root = rootAddress.map { Node(address: $0, count: rootCount, depth: depth) }
    guard recordSize > 0, nodeSize >= 10 + recordSize else {
      throw cursor.fault("the nodes of a tree have no room for records")
    }

    // How many records fit into a node decides how wide the counts in its parent are.
    let leafLimit = (nodeSize - 10) / recordSize
    countBytes = leafLimit.significantBytes
    var totalBytes = [0]
    var total = leafLimit
    for level in 0..<depth {
      let pointer = addressBytes + countBytes + totalBytes[level]
      let limit = (nodeSize - 10 - pointer) / (recordSize + pointer)
      let (below, first) = (limit + 1).multipliedReportingOverflow(by: total)
      let (sum, second) = below.addingReportingOverflow(limit)
      guard limit > 0, !first, !second else {
        throw cursor.fault("a tree of depth \(depth) cannot be")
      }
      total = sum
      totalBytes.append(total.significantBytes)
    }
    self.totalBytes = totalBytes
  }

  /// Goes through the records, those of a node before those of its children.
  ///
  /// - Parameters:
  ///   - compare: Whether a record stands before (negative), at (0) or behind what is looked for;
  ///     `nil` to read all.
  ///   - body: Called with each record that is looked for.
  func read(
    compare: ((HDF5ScanCursor) throws(HDF5ScanFault) -> Int)? = nil,
    _ body: (HDF5ScanCursor) throws(HDF5ScanFault) -> Void
  ) throws(HDF5ScanFault) {
    guard let root else { return }
    var seen: Set<Int> = [root.address]
    var recordCount = 0
    var stack = [root]
    while let node = stack.popLast() {
      var content = try self.content(of: node)
      recordCount += node.count
      var sides: [Int] = []
      for _ in 0..<node.count {
        let record = try content.split(recordSize)
        let side = try compare?(record) ?? 0
        if side == 0 { try body(record) }
        sides.append(side)
      }
      guard node.depth > 0 else { continue }
      for index in 0...node.count {
        let address = try content.address()
        let count = try content.count(bytes: countBytes)
        try content.skip(totalBytes[node.depth - 1])
        // A child holds what is between the records on either side of it.
        if compare != nil {
          if index > 0, sides[index - 1] > 0 { continue }
          if index < node.count, sides[index] < 0 { continue }
        }
        guard seen.insert(address).inserted else {
          throw content.fault("a tree leads twice to the same place")
        }
        stack.append(Node(address: address, count: count, depth: node.depth - 1))
      }
    }
    guard compare != nil || recordCount == count else {
      throw .corrupt(
        "a tree has \(recordCount) records, and claims \(count)",
        at: file.format.base + root.address)
    }
  }

  /// The records and children of a node, whose checksum is right.
  private func content(of node: Node) throws(HDF5ScanFault) -> HDF5ScanCursor {
    var size = node.count * recordSize
    if node.depth > 0 {
      let pointer = file.format.addressBytes + countBytes + totalBytes[node.depth - 1]
      size += (node.count + 1) * pointer
    }
    // Letters, version and type before, and the checksum behind.
    let whole = try file.cursor(at: node.address, count: size + 10)
    try file.claim(node.address, count: size + 10, for: owner)
    var cursor = whole
    try cursor.expect(node.depth > 0 ? "BTIN" : "BTLF", version: 0, "tree node")
    guard try cursor.uint8() == type else {
      throw cursor.fault("a tree node is of the wrong kind")
    }
    try whole.verifyChecksum("tree node")
    return cursor
  }
}

extension Int {
  /// The bytes that a number up to this takes.
  var significantBytes: Int { 1 + Swift.max(0, base2) / 8 }

  /// The position of the highest bit that is set; -1 for 0.
  var base2: Int { Int.bitWidth - 1 - leadingZeroBitCount }

  /// Whether this is a power of two.
  var isPowerOfTwo: Bool { self > 0 && nonzeroBitCount == 1 }
}
