/// The links of a group as the oldest format has them: lists of links, a tree that finds the lists,
/// and a heap with the names (specification, III.A.1, III.B, III.D).
enum HDF5GroupTree {
  struct Link {
    var name: String
    var address: Int
    /// Where the parts of the group are, if it leads to one.
    var group: HDF5StructureEncoder.EncodedGroup?
  }

  /// The links in a list at most, as libhdf5 has it by default.
  static let leafCapacity = 8
  /// The children of a node of the tree at most, likewise.
  static let nodeCapacity = 32

  /// What a node of the tree needs to know of a child.
  private struct Child {
    var address: Int
    /// Where the heap has the last name below the child.
    var lastName: Int
  }

  /// Adds the links of a group, sorted by name, to the structures.
  static func append(_ links: [Link], to bytes: inout [UInt8]) -> (tree: Int, heap: Int) {
    let (heap, names) = appendHeap(links, to: &bytes)
    var children: [Child] = []
    for start in stride(from: 0, to: links.count, by: leafCapacity) {
      let end = min(start + leafCapacity, links.count)
      children.append(Child(address: bytes.count, lastName: names[end - 1]))
      appendLeaf(links[start..<end], names[start..<end], to: &bytes)
    }
    // A group without links has a node without children.
    var level: UInt8 = 0
    repeat {
      children = appendLevel(level, children, to: &bytes)
      level += 1
    } while children.count > 1
    return (children[0].address, heap)
  }

  /// The heap of names, and where in it each name is.
  private static func appendHeap(
    _ links: [Link], to bytes: inout [UInt8]
  ) -> (heap: Int, names: [Int]) {
    let heap = bytes.count
    bytes.append(contentsOf: "HEAP".utf8)
    bytes += [0, 0, 0, 0]
    let sizeField = bytes.count
    bytes.append(UInt64(0))
    // 1 says that no place is free.
    bytes.append(UInt64(1))
    let segment = bytes.count + 8
    bytes.append(UInt64(segment))
    // The empty name, which the first key of the tree is.
    bytes.append(UInt64(0))
    var names: [Int] = []
    names.reserveCapacity(links.count)
    for link in links {
      names.append(bytes.count - segment)
      bytes.append(contentsOf: link.name.utf8)
      bytes.append(0)
      bytes.pad()
    }
    bytes.replace(at: sizeField, with: UInt64(bytes.count - segment))
    return (heap, names)
  }

  private static func appendLeaf(
    _ links: ArraySlice<Link>, _ names: ArraySlice<Int>, to bytes: inout [UInt8]
  ) {
    bytes.append(contentsOf: "SNOD".utf8)
    bytes += [1, 0]
    bytes.append(UInt16(links.count))
    for (link, name) in zip(links, names) {
      bytes.appendEntry(name: name, link.address, of: link.group)
    }
    bytes.append(contentsOf: repeatElement(0, count: (leafCapacity - links.count) * 40))
  }

  /// Adds the nodes of one level of the tree.
  private static func appendLevel(
    _ level: UInt8, _ children: [Child], to bytes: inout [UInt8]
  ) -> [Child] {
    // Signature and siblings, then keys and children, which have one key more than there are.
    let size = 24 + (2 * nodeCapacity + 1) * 8
    let count = max((children.count + nodeCapacity - 1) / nodeCapacity, 1)
    let first = bytes.count
    var nodes: [Child] = []
    var key = 0
    for number in 0..<count {
      let start = number * nodeCapacity
      let members = children[start..<min(start + nodeCapacity, children.count)]
      let address = first + number * size
      bytes.appendNode(
        kind: 0, level: level, count: members.count,
        left: number > 0 ? address - size : nil, right: number < count - 1 ? address + size : nil)
      bytes.append(UInt64(key))
      for child in members {
        bytes.append(UInt64(child.address))
        bytes.append(UInt64(child.lastName))
        key = child.lastName
      }
      bytes.append(contentsOf: repeatElement(0, count: address + size - bytes.count))
      nodes.append(Child(address: address, lastName: key))
    }
    return nodes
  }
}

extension [UInt8] {
  /// What a node of a tree of version 1 begins with.
  mutating func appendNode(kind: UInt8, level: UInt8, count: Int, left: Int?, right: Int?) {
    append(contentsOf: "TREE".utf8)
    self += [kind, level]
    append(UInt16(count))
    for sibling in [left, right] {
      append(sibling.map(UInt64.init) ?? HDF5StructureEncoder.undefined)
    }
  }
}
