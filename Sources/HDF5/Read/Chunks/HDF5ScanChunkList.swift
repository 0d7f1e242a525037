/// The chunks of a dataset in the making.
struct HDF5ScanChunkList {
  let chunked: HDF5ScanChunked
  let isFiltered: Bool
  let file: HDF5ScanFile
  let owner: Int
  private let maximumCount: Int
  private var chunks: [HDF5ScannedChunk] = []

  init(
    _ chunked: HDF5ScanChunked, isFiltered: Bool, maximumCount: Int, _ object: HDF5ScanObject
  ) {
    self.chunked = chunked
    self.isFiltered = isFiltered
    self.maximumCount = maximumCount
    file = object.file
    owner = object.header.address
  }

  /// Reads the index, of whatever kind.
  mutating func read() throws(HDF5ScanFault) {
    switch chunked.index {
    case .tree(let address):
      if let address { try readTree(address) }
    case .single(let address, let filtered):
      guard let address else { return }
      let zero = [Int](repeating: 0, count: chunked.shape.count)
      try add(zero, address, filtered?.size, filtered?.mask ?? 0)
    case .implicit(let address):
      if let address { try readImplicit(address) }
    case .fixedArray(let address):
      if let address { try readFixedArray(address) }
    case .extensibleArray(let address):
      if let address { try readExtensibleArray(address) }
    case .tree2(let address):
      if let address { try readTree2(address) }
    }
  }

  /// Notes a chunk.
  ///
  /// - Parameters:
  ///   - coordinates: Which chunk it is, counted in chunks along each dimension.
  ///   - size: Its bytes; `nil` for those of a chunk without filters.
  mutating func add(
    _ coordinates: [Int], _ address: Int, _ size: Int?, _ mask: UInt32
  ) throws(HDF5ScanFault) {
    let size = size ?? chunked.chunkBytes
    let position = file.format.base + address
    guard let offset = chunked.offset(ofChunk: coordinates) else {
      throw .corrupt("the chunk \(coordinates) is outside of the dataset", at: position)
    }
    // Without filters the size is known anyway. What the index says has to agree.
    guard isFiltered || size == chunked.chunkBytes else {
      throw .corrupt(
        "the chunk at \(offset) has \(size) bytes instead of \(chunked.chunkBytes)", at: position)
    }
    guard size > 0, address <= file.format.space, size <= file.format.space - address else {
      throw .corrupt("the chunk at \(offset) is outside of the file", at: position)
    }
    guard chunks.count < maximumCount else {
      throw HDF5ScanFault(.limitExceeded, "it has more than \(maximumCount) chunks")
    }
    chunks.append(
      HDF5ScannedChunk(offset: offset, range: position..<position + size, filterMask: mask))
  }

  /// The chunks in row-major order, none of them twice, and none over another.
  func sorted() throws(HDF5ScanFault) -> [HDF5ScannedChunk] {
    let byPlace = chunks.sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (chunk, next) in zip(byPlace, byPlace.dropFirst())
    where chunk.range.upperBound > next.range.lowerBound {
      throw .corrupt(
        "the chunks at \(chunk.offset) and \(next.offset) overlap", at: next.range.lowerBound)
    }
    let byOffset = chunks.sorted { $0.offset.lexicographicallyPrecedes($1.offset) }
    for (chunk, next) in zip(byOffset, byOffset.dropFirst()) where chunk.offset == next.offset {
      throw .corrupt("there are two chunks at \(chunk.offset)", at: next.range.lowerBound)
    }
    return byOffset
  }
}

// MARK: - Trees

extension HDF5ScanChunkList {
  /// A B-tree of version 1 (III.A.1): the keys have the size, the filters skipped and the offset.
  private mutating func readTree(_ address: Int) throws(HDF5ScanFault) {
    let rank = chunked.shape.count
    let tree = HDF5ScanTree(file: file, owner: owner, kind: .chunks(rank: rank))
    try tree.read(
      address,
      leaf: { (key, child) throws(HDF5ScanFault) in
        var key = key
        let size = Int(try key.uint32())
        let mask = try key.uint32()
        var coordinates: [Int] = []
        for length in chunked.shape {
          let offset = try key.count(bytes: 8)
          guard offset % length == 0 else { throw key.fault("a chunk begins amid another") }
          coordinates.append(offset / length)
        }
        try add(coordinates, child, size, mask)
      })
  }

  /// A B-tree of version 2 (III.A.2): records of type 10, or 11 with filters.
  private mutating func readTree2(_ address: Int) throws(HDF5ScanFault) {
    let rank = chunked.shape.count
    let tree = try HDF5ScanTree2(at: address, type: isFiltered ? 11 : 10, of: owner, in: file)
    let sizeBytes = tree.recordSize - file.format.addressBytes - 8 * rank - 4
    guard isFiltered ? (1...8).contains(sizeBytes) : sizeBytes == -4 else {
      throw .corrupt("the index of chunks does not fit", at: file.format.base + address)
    }
    try tree.read { (record) throws(HDF5ScanFault) in
      var record = record
      let child = try record.optionalAddress()
      let size = isFiltered ? try record.count(bytes: sizeBytes) : nil
      let mask = isFiltered ? try record.uint32() : 0
      var coordinates: [Int] = []
      for _ in 0..<rank { coordinates.append(try record.count(bytes: 8)) }
      if let child { try add(coordinates, child, size, mask) }
    }
  }
}

// MARK: - Arrays

extension HDF5ScanChunkList {
  /// All chunks of a dataset at its maximum shape, one after the other.
  private mutating func readImplicit(_ address: Int) throws(HDF5ScanFault) {
    let (counts, maximum) = (chunked.counts, chunked.maximumCounts.map { $0 ?? 0 })
    guard let bytes = (maximum + [chunked.chunkBytes]).checkedProduct,
      bytes <= file.format.space - address, let count = counts.checkedProduct
    else {
      throw .corrupt("the chunks are outside of the file", at: file.format.base + address)
    }
    for number in 0..<count {
      let coordinates = HDF5ScanChunkList.coordinates(of: number, in: counts)
      // Room is taken for the dataset at its maximum shape.
      let place = zip(coordinates, maximum).reduce(0) { $0 * $1.1 + $1.0 }
      try add(coordinates, address + place * chunked.chunkBytes, nil, 0)
    }
  }

  /// Which chunk has a number, when they are counted in row-major order.
  static func coordinates(of number: Int, in counts: [Int]) -> [Int] {
    var coordinates = counts
    var rest = number
    for dimension in counts.indices.reversed() {
      coordinates[dimension] = rest % counts[dimension]
      rest /= counts[dimension]
    }
    return coordinates
  }

  /// Reads an entry of an array of chunks, which stands for a chunk that may not be stored.
  mutating func addEntry(
    _ cursor: inout HDF5ScanCursor, size entrySize: Int, _ coordinates: () -> [Int]
  ) throws(HDF5ScanFault) {
    let address = try cursor.optionalAddress()
    guard isFiltered else {
      if let address { try add(coordinates(), address, nil, 0) }
      return
    }
    let size = try cursor.count(bytes: entrySize - file.format.addressBytes - 4)
    let mask = try cursor.uint32()
    if let address { try add(coordinates(), address, size, mask) }
  }

  /// Checks the entries of an array against what it is about.
  func checkEntries(client: UInt8, size: Int, _ place: HDF5ScanCursor) throws(HDF5ScanFault) {
    let sizeBytes = size - file.format.addressBytes - 4
    guard client == (isFiltered ? 1 : 0),
      isFiltered ? (1...8).contains(sizeBytes) : sizeBytes == -4
    else { throw place.fault("the index of chunks does not fit") }
  }
}
