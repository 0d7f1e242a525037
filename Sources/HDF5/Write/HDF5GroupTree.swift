/// The links of a group as the oldest format has them: lists of links, a tree that finds the lists,
/// and a heap with the names (specification, III.A.1, III.B, III.D).
struct HDF5GroupTree {
  /// What the nodes have room for, which is the same in the whole file.
  let capacity: Capacity

  struct Link {
    var name: String
    var address: Int
    /// Where the parts of the group are, if it leads to one.
    var group: HDF5StructureEncoder.EncodedGroup?
  }

  /// The bytes of a link in a list.
  private static let linkSize = 40

  /// How many links a list has room for, and how many children a node of the tree.
  ///
  /// Every list and node takes the room whether it is full or not. With libhdf5's own numbers a
  /// group of a single link takes 1 KiB, and a module of a model often is such a group; so a file
  /// gets the numbers with which its groups take the least room.
  struct Capacity: Hashable {
    let links: Int
    let children: Int

    /// From libhdf5's own to the least that a tree can grow with.
    private static let choices = [
      Capacity(links: 8, children: 32), Capacity(links: 4, children: 16),
      Capacity(links: 4, children: 8), Capacity(links: 2, children: 8),
      Capacity(links: 2, children: 4),
    ]

    /// The best for groups of so many links each.
    static func best(for linkCounts: [Int]) -> Capacity {
      var groupCounts: [Int: Int] = [:]
      for count in linkCounts { groupCounts[count, default: 0] += 1 }
      var best = choices[0]
      var least = Int.max
      for choice in choices {
        let total = groupCounts.reduce(0) { $0 + $1.value * choice.byteCount(of: $1.key) }
        if total < least { (best, least) = (choice, total) }
      }
      return best
    }

    /// The bytes of the lists and the tree of a group.
    private func byteCount(of linkCount: Int) -> Int {
      let lists = (linkCount + links - 1) / links
      var total = lists * (8 + links * HDF5GroupTree.linkSize)
      var count = lists
      repeat {
        count = nodeCount(above: count)
        total += count * nodeSize
      } while count > 1
      return total
    }

    /// The bytes of a node: signature and siblings, then children and the keys around them.
    var nodeSize: Int { 24 + (2 * children + 1) * 8 }

    /// How many nodes so many children are spread over: one at least.
    func nodeCount(above childCount: Int) -> Int {
      max((childCount + children - 1) / children, 1)
    }
  }

  /// What a node of the tree needs to know of a child.
  private struct Child {
    var address: Int
    /// Where the heap has the last name below the child.
    var lastName: Int
  }

  /// Adds the links of a group, sorted by name, to the structures.
  func append(_ links: [Link], to bytes: inout [UInt8]) -> (tree: Int, heap: Int) {
    let (heap, names) = Self.appendHeap(links, to: &bytes)
    var children: [Child] = []
    for start in stride(from: 0, to: links.count, by: capacity.links) {
      let end = min(start + capacity.links, links.count)
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

  private func appendLeaf(
    _ links: ArraySlice<Link>, _ names: ArraySlice<Int>, to bytes: inout [UInt8]
  ) {
    bytes.append(contentsOf: "SNOD".utf8)
    bytes += [1, 0]
    bytes.append(UInt16(links.count))
    for (link, name) in zip(links, names) {
      bytes.appendEntry(name: name, link.address, of: link.group)
    }
    let free = capacity.links - links.count
    bytes.append(contentsOf: repeatElement(0, count: free * Self.linkSize))
  }

  /// Adds the nodes of one level of the tree.
  private func appendLevel(
    _ level: UInt8, _ children: [Child], to bytes: inout [UInt8]
  ) -> [Child] {
    let size = capacity.nodeSize
    let count = capacity.nodeCount(above: children.count)
    let first = bytes.count
    var nodes: [Child] = []
    var key = 0
    for number in 0..<count {
      let start = number * capacity.children
      let members = children[start..<min(start + capacity.children, children.count)]
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
