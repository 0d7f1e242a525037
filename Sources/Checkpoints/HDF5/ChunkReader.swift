import Arrays
import Files
import HDF5

/// Reads a dataset that is stored in chunks, each of them on any thread.
package struct ChunkReader: Sendable {
  /// The elements, when every chunk has been read; those of missing chunks have the fill value.
  package let storage: Storage

  /// The chunks that are stored.
  private let chunks: [HDF5ScannedChunk]
  private let input: HDF5Content
  private let dataset: HDF5ScannedDataset
  private let shape: [Int]
  private let chunkShape: [Int]
  private let chunkByteCount: Int
  private let itemSize: Int
  private let place: CheckpointPlace

  /// Chunks above this size and that of their dataset are made to exhaust memory: a dataset of few
  /// elements that may grow can have chunks of gigabytes, which deflate makes out of a megabyte.
  private static let harmlessChunkByteCount = 64 << 20

  /// What reads a tensor's chunks; nil if it is not in chunks.
  ///
  /// - Throws: ``CheckpointError`` if the chunks cannot be those of the tensor.
  package init?(_ tensor: StoredTensor, in content: HDF5Content) throws {
    guard let chunkShape = tensor.chunkShape else { return nil }
    input = content
    dataset = tensor.dataset
    chunks = tensor.chunks
    place = tensor.place
    shape = dataset.shape
    itemSize = dataset.elementByteCount
    self.chunkShape = chunkShape
    let byteCount = tensor.byteCount
    guard chunkShape.count == shape.count,
      let chunkByteCount = Shape(validating: chunkShape).map({ [itemSize] in
        $0.elementCount * itemSize
      }), chunkByteCount > 0
    else { throw place.damaged("the shape of its chunks is impossible") }
    guard chunkByteCount <= max(Self.harmlessChunkByteCount, byteCount) else {
      throw CheckpointError(
        .refused, file: place.file, place: place.name,
        reason: "it has chunks of \(chunkByteCount) bytes for elements of \(byteCount)")
    }
    self.chunkByteCount = chunkByteCount
    // No chunk is listed twice, so that all places are written if none is missing.
    let wantedCount = zip(shape, chunkShape).reduce(1) { $0 * (($1.0 + $1.1 - 1) / $1.1) }
    guard chunks.count < wantedCount else {
      storage = Storage(uninitializedByteCount: byteCount)
      return
    }
    storage = Storage(zeroedByteCount: byteCount)
    if let fillValue = dataset.fillValue, fillValue.count == itemSize {
      storage.withMutableBytes { [itemSize] bytes in
        for index in bytes.byteOffsets { bytes[index] = fillValue[index % itemSize] }
      }
    }
  }

  /// Reads one of the chunks into its place.
  ///
  /// Chunks do not overlap, so that each thread writes where no other does.
  ///
  /// - Throws: ``CheckpointError`` if the chunk is damaged, `FileError` if it cannot be read.
  private func readChunk(_ number: Int, _ memory: ChunkMemory) throws {
    let chunk = chunks[number]
    let filters = ChunkFilters(dataset.filters, skipping: chunk.filterMask, place)
    let stored = memory.stored(byteCount: chunk.range.count)
    let range = rangeInOnePiece(at: chunk.offset)
    let target = range == nil ? memory.decoded(byteCount: chunkByteCount) : storage
    try stored.withMutableBytes(in: 0..<chunk.range.count) {
      try input.read(into: &$0, at: chunk.range.lowerBound)
    }
    try stored.withBytes(in: 0..<chunk.range.count) { stored in
      try target.withMutableBytes(in: range ?? 0..<chunkByteCount) {
        try filters.undo(stored, into: &$0, itemSize: itemSize, memory)
      }
    }
    guard range == nil else { return }
    target.withBytes(in: 0..<chunkByteCount) { decoded in
      storage.withMutableBytes { copy(decoded, to: &$0, at: chunk.offset) }
    }
  }

  /// The bytes of a chunk in the dataset, if all of them are within it and follow each other.
  private func rangeInOnePiece(at offset: [Int]) -> Range<Int>? {
    let cut = chunkShape.firstIndex { $0 != 1 } ?? shape.count
    let isWhole = shape.indices.allSatisfy { axis in
      chunkShape[axis] <= shape[axis] - offset[axis]
        && (axis <= cut || chunkShape[axis] == shape[axis])
    }
    guard isWhole else { return nil }
    let first = zip(offset, Shape(shape).contiguousStrides).reduce(0) { $0 + $1.0 * $1.1 }
    return (first * itemSize)..<(first * itemSize + chunkByteCount)
  }

  /// Reads all chunks of several datasets on several threads.
  package static func readAll(_ readers: [ChunkReader], threads: Int) throws {
    let jobs = readers.indices.flatMap { reader in
      readers[reader].chunks.indices.map { (reader: reader, chunk: $0) }
    }
    let memories = ReusePool { ChunkMemory() }
    try Parallel.forEach(jobs.count, threads: threads) { number in
      let memory = memories.take()
      defer { memories.give(memory) }
      try readers[jobs[number].reader].readChunk(jobs[number].chunk, memory)
    }
  }

  /// Copies the part of a chunk that is within the dataset, row by row.
  private func copy(
    _ source: RawSpan, to destination: inout MutableRawSpan, at offset: [Int]
  ) {
    let rank = shape.count
    let lengths = (0..<rank).map { min(chunkShape[$0], shape[$0] - offset[$0]) }
    guard lengths.allSatisfy({ $0 > 0 }) else { return }
    let strides = Shape(shape).contiguousStrides
    let chunkStrides = Shape(chunkShape).contiguousStrides
    // Dimensions that chunk and dataset have in full follow each other without a gap in both.
    var rowAxis = rank - 1
    while rowAxis > 0, chunkShape[rowAxis] == shape[rowAxis] { rowAxis -= 1 }
    let rowByteCount = lengths[rowAxis] * strides[rowAxis] * itemSize
    var index = [Int](repeating: 0, count: rank)
    while true {
      var from = 0
      var to = offset[rowAxis] * strides[rowAxis]
      for axis in 0..<rowAxis {
        from += index[axis] * chunkStrides[axis]
        to += (offset[axis] + index[axis]) * strides[axis]
      }
      let row = source.extracting((from * itemSize)..<(from * itemSize + rowByteCount))
      destination.copy(row, at: to * itemSize)
      var axis = rowAxis - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < lengths[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
