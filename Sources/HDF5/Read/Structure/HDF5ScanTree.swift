/// A B-tree of version 1, as groups and chunks have it in old files (specification, III.A.1).
struct HDF5ScanTree {
  /// What a tree holds.
  enum Kind {
    /// Lists of links; the keys are names.
    case group
    /// Chunks; the keys are their sizes and coordinates, of one more dimension than the dataset.
    case chunks(rank: Int)
  }

  let file: HDF5ScanFile
  let owner: Int
  let kind: Kind

  private var keySize: Int {
    switch kind {
    case .group: file.format.lengthBytes
    case .chunks(let rank): 8 + 8 * (rank + 1)
    }
  }

  /// A node whose children are being read.
  private struct Node {
    var level: Int
    var content: HDF5ScanCursor
    var left: Int
  }

  /// Goes through the leaves from left to right.
  ///
  /// - Parameters:
  ///   - root: The address of the topmost node.
  ///   - includes: Whether to look at a child, judging by the keys on either side of it; `nil` for
  ///     all.
  ///   - leaf: Called with the key and the address of what a node of the lowest level leads to.
  func read(
    _ root: Int,
    includes: ((HDF5ScanCursor, HDF5ScanCursor) throws(HDF5ScanFault) -> Bool)? = nil,
    leaf: (HDF5ScanCursor, Int) throws(HDF5ScanFault) -> Void
  ) throws(HDF5ScanFault) {
    var seen: Set<Int> = [root]
    // As deep as the level of the root, a byte, says; each child is one level lower.
    var stack = [try node(at: root, level: nil)]
    while var node = stack.popLast() {
      guard node.left > 0 else { continue }
      node.left -= 1
      let lower = try node.content.split(keySize)
      let child = try node.content.address()
      let position = node.content.position
      var next = node.content
      let upper = try next.split(keySize)
      stack.append(node)
      guard try includes?(lower, upper) ?? true else { continue }
      guard seen.insert(child).inserted else {
        throw .corrupt("a tree leads twice to the same place", at: position)
      }
      if node.level == 0 {
        try leaf(lower, child)
      } else {
        stack.append(try self.node(at: child, level: node.level - 1))
      }
    }
  }

  private func node(at address: Int, level: Int?) throws(HDF5ScanFault) -> Node {
    let siblings = 2 * file.format.addressBytes
    let headerCount = 8 + siblings
    var header = try file.cursor(at: address, count: headerCount)
    guard header.skips(signature: "TREE") else {
      throw header.fault("there is no tree node where one is said to be")
    }
    let type = try header.uint8()
    let expected: UInt8 = if case .group = kind { 0 } else { 1 }
    guard type == expected else { throw header.fault("a tree node is of the wrong kind") }
    let found = Int(try header.uint8())
    guard level == nil || level == found else {
      throw header.fault("a tree node is of level \(found) where \(level ?? 0) is due")
    }
    let count = Int(try header.uint16())
    let size = headerCount + count * (keySize + file.format.addressBytes) + keySize
    var content = try file.cursor(at: address, count: size)
    try file.claim(address, count: size, for: owner)
    try content.skip(headerCount)
    return Node(level: found, content: content, left: count)
  }
}
