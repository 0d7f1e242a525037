import Arrays

/// Writes the bytes of tensors that lie in one piece, and finds their digests.
struct TensorWriter {
  private let plan: CheckpointPlan
  private let file: ReplacementFile
  private let options: SaveOptions

  init(_ plan: CheckpointPlan, to file: ReplacementFile, _ options: SaveOptions) {
    self.plan = plan
    self.file = file
    self.options = options
  }

  /// Small enough to be in the cache still when it is written.
  private static let pieceByteCount = 1 << 20

  /// Writes all tensors that are not compressed to the places that the layout gives them.
  func write(_ layout: inout FileLayout) throws {
    let rows = layout.index.tensors
    let placed = rows.indices.filter {
      rows[$0].aliasOf == nil && !TensorLayout.isCompressed(rows[$0], options)
    }.map { (tensor: $0, array: plan.tensors[$0].array) }
    let blocks = TensorBlock.blocks(of: placed)
    let units = TensorBlock.units(of: blocks, as: { rows[$0].dtype })
    let digests = DigestCollector(blocks)
    try Parallel.forEach(units.count, threads: options.threads) { number in
      var run = RunWriter(file)
      for block in units[number] {
        let tensor = blocks[block].tensor
        let place = rows[tensor].dataOffset ?? 0
        var sum = RunningDigest()
        try plan.tensors[tensor].array.forEachSummedBlock(
          in: blocks[block].range, as: rows[tensor].dtype, ofByteCount: Self.pieceByteCount,
          recording: options.readChecksums
        ) { bytes, checksum, offset in
          sum.append(checksum, byteCount: bytes.count)
          try run.write(bytes, at: place + offset)
        }
        digests.record(sum, forBlock: block)
      }
      try run.flush()
    }
    for (tensor, digest) in digests.digests(of: placed, as: { rows[$0].dtype }) {
      layout.index.tensors[tensor].digest = digest
    }
  }
}

/// Joins small pieces that lie next to each other in a file, so that it is written in few calls.
private struct RunWriter {
  private let file: ReplacementFile
  private var buffer: [UInt8] = []
  private var start = 0

  private static let capacity = 1 << 18
  /// Pieces from this size on are worth a call each.
  private static let largest = 1 << 15
  /// Gaps up to this size, which alignment leaves, are written as zeros.
  private static let largestGap = 256

  init(_ file: ReplacementFile) { self.file = file }

  mutating func write(_ bytes: UnsafeRawBufferPointer, at place: Int) throws(FileError) {
    guard bytes.count < Self.largest else {
      try flush()
      return try file.write(bytes, at: place)
    }
    let gap = place - start - buffer.count
    if buffer.isEmpty || gap < 0 || gap > Self.largestGap
      || buffer.count + gap + bytes.count > Self.capacity
    {
      try flush()
      buffer.reserveCapacity(Self.capacity)
      start = place
    } else if gap > 0 {
      buffer.append(contentsOf: repeatElement(0, count: gap))
    }
    buffer.append(contentsOf: bytes)
  }

  mutating func flush() throws(FileError) {
    let place = start
    try buffer.withUnsafeBufferPointer { (bytes) throws(FileError) in
      try file.write(UnsafeRawBufferPointer(bytes), at: place)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
