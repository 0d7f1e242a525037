import Arrays
import CDeflate
import HDF5

/// Reads a dataset that is stored in chunks, on several threads.
struct ChunkReader: Sendable {
  /// The filters that are undone here: deflate, shuffle, and the check of fletcher32.
  static let knownFilters: Set = [
    HDF5Filter.deflateID, HDF5Filter.shuffleID, HDF5Filter.fletcher32ID,
  ]

  private let input: HDF5Content
  private let dataset: HDF5ScannedDataset
  private let shape: [Int]
  private let chunkShape: [Int]
  private let itemSize: Int
  private let place: CheckpointPlace

  /// Chunks above this size are made to exhaust memory, whatever the file holds of them.
  private static let maximumChunkByteCount = 1 << 32

  init(
    _ input: HDF5Content, _ dataset: HDF5ScannedDataset, chunkShape: [Int], place: CheckpointPlace
  ) {
    self.input = input
    self.dataset = dataset
    self.chunkShape = chunkShape
    self.place = place
    shape = dataset.shape
    itemSize = dataset.elementByteCount
  }

  /// The elements of all chunks in their places; those of missing chunks have the fill value.
  ///
  /// - Throws: ``CheckpointError`` if a chunk is damaged, `FileError` if the file cannot be read.
  func storage(threads: Int) throws -> Storage {
    guard let byteCount = dataset.byteCount, chunkShape.count == shape.count,
      let chunkByteCount = Shape(validating: chunkShape).map({ $0.elementCount * itemSize }),
      (1...Self.maximumChunkByteCount).contains(chunkByteCount)
    else { throw place.damaged("the shape of its chunks is impossible") }
    let chunks = try dataset.chunks()
    let storage = Storage(zeroedByteCount: byteCount)
    if let fillValue = dataset.fillValue, fillValue.count == itemSize {
      storage.withUnsafeMutableBytes { bytes in
        for index in bytes.indices { bytes[index] = fillValue[index % itemSize] }
      }
    }
    // Chunks do not overlap, so each thread writes where no other does. A file that says otherwise
    // gets one of its answers, and the digest tells.
    try Parallel.forEach(chunks.count, threads: threads) { number in
      let chunk = chunks[number]
      let bytes = try ChunkFilters(dataset.filters, skipping: chunk.filterMask, place).undo(
        input.bytes(in: chunk.range), byteCount: chunkByteCount, itemSize: itemSize)
      storage.withUnsafeMutableBytes { copy(bytes, to: $0, at: chunk.offset) }
    }
    return storage
  }

  /// Copies the part of a chunk that is within the dataset, row by row.
  private func copy(
    _ bytes: [UInt8], to destination: UnsafeMutableRawBufferPointer, at offset: [Int]
  ) {
    let rank = shape.count
    let lengths = (0..<rank).map { min(chunkShape[$0], shape[$0] - offset[$0]) }
    guard lengths.allSatisfy({ $0 > 0 }) else { return }
    let strides = Shape(shape).contiguousStrides
    let chunkStrides = Shape(chunkShape).contiguousStrides
    let rowByteCount = lengths[rank - 1] * itemSize
    var index = [Int](repeating: 0, count: rank)
    bytes.withUnsafeBytes { source in
      while true {
        var from = 0
        var to = 0
        for axis in 0..<rank {
          from += index[axis] * chunkStrides[axis]
          to += (offset[axis] + index[axis]) * strides[axis]
        }
        UnsafeMutableRawBufferPointer(
          rebasing: destination[(to * itemSize)..<(to * itemSize + rowByteCount)]
        ).copyMemory(
          from: UnsafeRawBufferPointer(
            rebasing: source[(from * itemSize)..<(from * itemSize + rowByteCount)]))
        var axis = rank - 2
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
}
