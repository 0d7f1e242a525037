/// Where a chunk was written, and how: what ``HDF5Structure/setChunks(of:_:)`` takes.
public struct HDF5ChunkPlace: Hashable, Sendable {
  /// The place of its first byte, in bytes from the start of the file.
  public var offset: Int
  /// The number of its bytes after filters, less than 4 GiB: the format has 32 bits for it.
  public var byteCount: Int
  /// The filters that it skipped: bit 0 stands for the first one, and 0 for none. A chunk that
  /// deflate would make larger is better stored without.
  public var filterMask: UInt32

  /// A place. By default no filter was skipped.
  public init(offset: Int, byteCount: Int, filterMask: UInt32 = 0) {
    self.offset = offset
    self.byteCount = byteCount
    self.filterMask = filterMask
  }
}

/// The tree that finds the chunks of a dataset, of which the size is known before the chunks are: a
/// B-tree of version 1 with nodes of type 1 (specification, III.A.1).
///
/// ```
/// "TREE" | type 1 | level | 2 bytes: number of children | left sibling | right sibling |
///   4 bytes: size of the chunk | 4: filters skipped | 8 for each dimension: offset | 8: zero |
///   8: address of the chunk, or of the node below | …, a key and an address for each child |
///   a key above all chunks of the node
/// ```
///
/// All numbers are little-endian, addresses have 8 bytes, and every node takes the room of a full
/// one.
struct HDF5ChunkTree: Sendable {
  /// Where the topmost node is: the nodes follow each other from the top.
  let address: Int
  /// The chunks of the dataset.
  let chunkCount: Int
  /// The bytes of all nodes.
  var byteCount: Int { levels.reduce(0, +) * nodeSize }

  private let shape: [Int]
  private let counts: [Int]
  private let elementSize: Int
  /// The numbers of nodes, from the top.
  private let levels: [Int]

  /// The children of a node at most: what libraries take for granted in files of this format.
  private static let nodeCapacity = 64

  private var keySize: Int { 8 + 8 * (shape.count + 1) }
  private var nodeSize: Int { 24 + Self.nodeCapacity * (keySize + 8) + keySize }

  init(_ dimensions: [Int], chunk: [Int], elementSize: Int, address: Int) {
    self.address = address
    self.elementSize = elementSize
    shape = chunk
    counts = zip(dimensions, chunk).map { ($0 + $1 - 1) / $1 }
    chunkCount = counts.reduce(1, *)
    var levels: [Int] = []
    var count = chunkCount
    while count > 0 {
      count = (count + Self.nodeCapacity - 1) / Self.nodeCapacity
      levels.insert(count, at: 0)
      if count == 1 { break }
    }
    self.levels = levels
  }

  /// The nodes, now that it is known where the chunks are; they are in row-major order.
  func encoded(_ chunks: [HDF5ChunkPlace]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    var start = address
    for (depth, count) in levels.enumerated() {
      let level = levels.count - 1 - depth
      // The chunks below a child of this level, and the children of the level.
      let span = (0..<level).reduce(1) { span, _ in span * Self.nodeCapacity }
      let childCount = level == 0 ? chunks.count : levels[depth + 1]
      let childrenStart = start + count * nodeSize
      for number in 0..<count {
        let members =
          number * Self.nodeCapacity..<min((number + 1) * Self.nodeCapacity, childCount)
        let position = start + number * nodeSize
        bytes.appendNode(
          kind: 1, level: UInt8(level), count: members.count,
          left: number > 0 ? position - nodeSize : nil,
          right: number < count - 1 ? position + nodeSize : nil)
        for child in members {
          appendKey(child * span, chunks, to: &bytes)
          bytes.append(
            UInt64(level == 0 ? chunks[child].offset : childrenStart + child * nodeSize))
        }
        appendKey(members.upperBound * span, chunks, to: &bytes)
        bytes.append(
          contentsOf: repeatElement(0, count: position + nodeSize - address - bytes.count))
      }
      start = childrenStart
    }
    return bytes
  }

  /// The key of a chunk; beyond the last, of one that would follow it in every dimension.
  private func appendKey(_ number: Int, _ chunks: [HDF5ChunkPlace], to bytes: inout [UInt8]) {
    let isChunk = number < chunks.count
    bytes.append(UInt32(isChunk ? chunks[number].byteCount : 0))
    bytes.append(isChunk ? chunks[number].filterMask : 0)
    let coordinates = HDF5ScanChunkList.coordinates(
      of: isChunk ? number : chunks.count - 1, in: counts)
    for (place, length) in zip(coordinates, shape) {
      bytes.append(UInt64((place + (isChunk ? 0 : 1)) * length))
    }
    bytes.append(UInt64(isChunk ? 0 : elementSize))
  }
}
