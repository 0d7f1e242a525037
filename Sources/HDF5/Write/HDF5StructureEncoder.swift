/// Writes the structures of a blueprint one after the other, children before their parents, so that
/// each knows the addresses in it. Those of elements are filled in when all structures are there.
struct HDF5StructureEncoder {
  private let blueprint: HDF5Blueprint
  private let tree: HDF5GroupTree
  /// The superblock and the structures.
  private(set) var bytes: [UInt8] = []
  /// For each dataset, the position of the header's field for the address of its elements.
  private(set) var addressFields: [Int]
  /// For each dataset, the address of its elements, if they are among the structures.
  private(set) var innerAddresses: [Int?]
  /// For each chunked dataset, the room for the tree that finds its chunks.
  private(set) var chunkTrees: [Int: HDF5ChunkTree] = [:]
  private var headers: [Int?]
  /// What stands for the texts of the blueprint, which lie in the heap.
  private var texts: [[UInt8]] = []
  /// Where each of them lies in the heap.
  private(set) var textPlaces: [Range<Int>] = []

  /// What stands for "no address".
  static let undefined = UInt64.max
  private static let superblockSize = 96
  /// Where the superblock has the size of the user block.
  static let baseField = 24
  /// Where the superblock has the end of the file.
  static let endOfFileField = 40

  init(_ blueprint: HDF5Blueprint) {
    self.blueprint = blueprint
    tree = HDF5GroupTree(capacity: .best(for: blueprint.groups.map(\.links.count)))
    headers = Array(repeating: nil, count: blueprint.datasets.count)
    innerAddresses = headers
    addressFields = Array(repeating: 0, count: blueprint.datasets.count)
    bytes.reserveCapacity(4096 + 320 * (blueprint.datasets.count + blueprint.groups.count))
  }

  /// Encodes everything.
  mutating func encode() throws(HDF5Error) {
    bytes.append(contentsOf: repeatElement(0, count: Self.superblockSize))
    (texts, textPlaces) = HDF5GlobalHeap.append(blueprint.texts, to: &bytes)
    let root = try encode(.root, path: "")
    bytes.replaceSubrange(..<Self.superblockSize, with: superblock(root))
  }

  /// The superblock (II.A), of version 0.
  private func superblock(_ root: EncodedGroup) -> [UInt8] {
    var block: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    // Versions of the superblock, the free-space information, the root entry, and shared messages.
    block += [0, 0, 0, 0, 0]
    // The widths of addresses and lengths.
    block += [8, 8, 0]
    block.append(UInt16(tree.capacity.links / 2))
    block.append(UInt16(tree.capacity.children / 2))
    block.append(UInt32(0))
    block.append(UInt64(0))
    block.append(Self.undefined)
    // The end of the file, which is not known yet, and driver information.
    block.append(UInt64(0))
    block.append(Self.undefined)
    block.appendEntry(name: 0, root.header, of: root)
    return block
  }

  // MARK: - Groups

  /// A group that is encoded: where its parts are.
  struct EncodedGroup {
    var header: Int
    var tree: Int
    var heap: Int
  }

  private mutating func encode(
    _ id: HDF5Blueprint.GroupID, path: String
  ) throws(HDF5Error) -> EncodedGroup {
    let group = blueprint.groups[id.index]
    var links: [HDF5GroupTree.Link] = []
    links.reserveCapacity(group.links.count)
    for (name, target) in group.links {
      switch target {
      case .group(let child):
        let encoded = try encode(child, path: "\(path)/\(name)")
        links.append(HDF5GroupTree.Link(name: name, address: encoded.header, group: encoded))
      case .dataset(let dataset):
        links.append(
          HDF5GroupTree.Link(name: name, address: try encode(dataset, "\(path)/\(name)")))
      }
    }
    links.sort { $0.name.precedes($1.name) }
    for (link, next) in zip(links, links.dropFirst()) where link.name.isSame(as: next.name) {
      throw HDF5Error(
        .alreadyExists, operation: "lay out", path: "\(path)/\(link.name)",
        message: "two links have this name")
    }
    let (root, heap) = tree.append(links, to: &bytes)
    var messages = Messages()
    messages.begin(.symbolTable)
    messages.bytes.append(UInt64(root))
    messages.bytes.append(UInt64(heap))
    messages.end()
    try messages.append(group.attributes, texts: texts, path)
    return EncodedGroup(header: append(messages, linkCount: 1), tree: root, heap: heap)
  }

  // MARK: - Object headers

  private mutating func encode(
    _ id: HDF5Blueprint.DatasetID, _ path: String
  ) throws(HDF5Error) -> Int {
    if let known = headers[id.index] { return known }
    let dataset = blueprint.datasets[id.index]
    var messages = Messages()
    messages.append(dataset.dataspace)
    messages.begin(.datatype, isConstant: true)
    messages.bytes += dataset.datatype.message
    messages.end()
    try messages.appendStorage(dataset)
    try messages.append(dataset.attributes, texts: texts, path)
    appendInnerBytes(dataset, id.index)
    let header = append(messages, linkCount: dataset.linkCount)
    addressFields[id.index] = header + Self.headerPrefixSize + messages.addressField
    headers[id.index] = header
    return header
  }

  private mutating func appendInnerBytes(_ dataset: HDF5Blueprint.Dataset, _ index: Int) {
    switch dataset.content {
    case .room: return
    case .inner:
      // What has no bytes has no place either.
      if dataset.byteCount > 0 { innerAddresses[index] = bytes.count }
      bytes.append(contentsOf: repeatElement(0, count: dataset.byteCount))
    case .bytes(let content):
      if !content.isEmpty { innerAddresses[index] = bytes.count }
      bytes += content
    case .chunks(let shape, _):
      let tree = HDF5ChunkTree(
        dataset.dataspace.dimensions, chunk: shape, elementSize: dataset.datatype.byteCount,
        address: bytes.count)
      bytes.append(contentsOf: repeatElement(0, count: tree.byteCount))
      if tree.byteCount > 0 { innerAddresses[index] = tree.address }
      chunkTrees[index] = tree
    }
    bytes.pad()
  }

  private static let headerPrefixSize = 16

  /// An object header of version 1 (IV.A.1.a).
  private mutating func append(_ messages: Messages, linkCount: Int) -> Int {
    let address = bytes.count
    bytes += [1, 0]
    bytes.append(UInt16(messages.count))
    bytes.append(UInt32(linkCount))
    bytes.append(UInt32(messages.bytes.count))
    bytes.append(UInt32(0))
    bytes += messages.bytes
    return address
  }
}

extension [UInt8] {
  /// An entry of a list of links (III.C). That of a group repeats where its parts are.
  mutating func appendEntry(
    name: Int, _ address: Int, of group: HDF5StructureEncoder.EncodedGroup?
  ) {
    append(UInt64(name))
    append(UInt64(address))
    append(UInt32(group == nil ? 0 : 1))
    append(UInt32(0))
    append(UInt64(group?.tree ?? 0))
    append(UInt64(group?.heap ?? 0))
  }
}
