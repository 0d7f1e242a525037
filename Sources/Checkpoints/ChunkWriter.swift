import Arrays
import CDeflate
import CFilters
import HDF5
import Synchronization

/// Compresses tensors chunk by chunk on several threads, and places the chunks in order, so that the
/// same tensors give the same file on any number of threads.
struct ChunkWriter {
  private let plan: CheckpointPlan
  private let file: ReplacementFile
  private let options: SaveOptions

  init(_ plan: CheckpointPlan, to file: ReplacementFile, _ options: SaveOptions) {
    self.plan = plan
    self.file = file
    self.options = options
  }

  /// A chunk to compress.
  private struct Job {
    var tensor: Int
    var grid: ChunkGrid
    var chunk: Int
  }

  /// A chunk that is compressed.
  private struct Result {
    var bytes: [UInt8]
    var filterMask: UInt32
    /// The digest of the elements in it.
    var digest: RunningDigest
    var elementByteCount: Int
  }

  /// Chunks that are compressed in any order, and have a place when all before them have one.
  private struct Queue {
    var results: [Result?]
    var places: [HDF5ChunkPlace] = []
    /// Where the next chunk begins.
    var end: Int

    /// Takes a chunk, and returns the chunks that have a place now, to be written.
    mutating func add(_ result: Result, _ number: Int) -> [(bytes: [UInt8], offset: Int)] {
      results[number] = result
      var placed: [(bytes: [UInt8], offset: Int)] = []
      while places.count < results.count, let next = results[places.count] {
        placed.append((next.bytes, end))
        // Written soon; what is kept says only what came of it.
        results[places.count]?.bytes = []
        places.append(
          HDF5ChunkPlace(offset: end, byteCount: next.bytes.count, filterMask: next.filterMask))
        end += next.bytes.count
      }
      return placed
    }
  }

  /// The chunks that a thread has ready at most before they are written.
  private static let chunksPerThread = 16

  /// Writes all tensors that are to be compressed behind what the file has.
  func write(_ layout: inout FileLayout) throws {
    guard let compression = options.compression else { return }
    let rows = layout.index.tensors
    let tensors = rows.indices.filter {
      rows[$0].aliasOf == nil && TensorLayout.isCompressed(rows[$0], options)
    }
    let jobs = tensors.flatMap { tensor in
      let grid = ChunkGrid(rows[tensor].shape, itemSize: rows[tensor].dtype.itemSize)
      return (0..<grid.count).map { Job(tensor: tensor, grid: grid, chunk: $0) }
    }
    var sums = tensors.reduce(into: [:]) {
      $0[$1] = RunningDigest(dtype: rows[$1].dtype, shape: rows[$1].shape)
    }
    var places: [Int: [HDF5ChunkPlace]] = [:]
    let window = max(options.threads, 1) * Self.chunksPerThread
    for start in stride(from: 0, to: jobs.count, by: window) {
      let batch = jobs[start..<min(start + window, jobs.count)]
      let queue = try write(batch, at: layout.structure.fileByteCount, compression)
      layout.structure.fileByteCount = queue.end
      for (job, (place, result)) in zip(batch, zip(queue.places, queue.results)) {
        places[job.tensor, default: []].append(place)
        guard let result else { continue }
        sums[job.tensor]?.append(result.digest, byteCount: result.elementByteCount)
      }
    }
    for tensor in tensors {
      if let dataset = layout.datasets[tensor], let chunks = places[tensor] {
        layout.structure.setChunks(of: dataset, chunks)
      }
      if let sum = sums[tensor] { layout.index.tensors[tensor].digest = sum.digest }
    }
  }

  /// Compresses chunks and writes them one after the other from `offset` on.
  private func write(
    _ jobs: ArraySlice<Job>, at offset: Int, _ compression: SaveOptions.Compression
  ) throws -> Queue {
    let queue = Mutex(
      Queue(results: [Result?](repeating: nil, count: jobs.count), end: offset))
    try Parallel.forEach(jobs.count, threads: options.threads) { number in
      let result = try compress(jobs[jobs.startIndex + number], compression)
      // A chunk is written while others are compressed.
      for chunk in queue.withLock({ $0.add(result, number) }) {
        try chunk.bytes.withUnsafeBytes { try file.write($0, at: chunk.offset) }
      }
    }
    return queue.withLock { $0 }
  }

  private func compress(_ job: Job, _ compression: SaveOptions.Compression) throws -> Result {
    let tensor = plan.tensors[job.tensor]
    let itemSize = tensor.row.dtype.itemSize
    let elements = job.grid.elements(ofChunk: job.chunk)
    let byteCount = job.grid.chunkByteCount
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    var digest = RunningDigest()
    try tensor.array.forEachSummedBlock(
      in: elements, as: tensor.row.dtype, recording: options.readChecksums
    ) { piece, checksum, _ in
      digest.append(checksum, byteCount: piece.count)
      bytes.append(contentsOf: piece)
    }
    bytes.append(contentsOf: repeatElement(0, count: byteCount - bytes.count))
    if compression.shuffle { bytes = Self.shuffled(bytes, itemSize: itemSize) }
    let deflated = Self.deflated(bytes, level: compression.level)
    // What does not shrink is stored without deflate, which is the last filter.
    return Result(
      bytes: deflated ?? bytes,
      filterMask: deflated == nil ? (compression.shuffle ? 0b10 : 0b01) : 0, digest: digest,
      elementByteCount: elements.count * itemSize)
  }

  private static func shuffled(_ bytes: [UInt8], itemSize: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      cf_shuffle(bytes, base, bytes.count / itemSize, itemSize)
      count = bytes.count
    }
  }

  /// The least effort of libdeflate that makes shuffled weights as small as zlib does at a level.
  ///
  /// Measured with normally distributed float32: zlib's level 4 leaves 85.6 % at 36 MB/s,
  /// libdeflate's level 1 leaves 85.3 % at 132 MB/s. From 7 on nobody asks for speed.
  private static func libdeflateLevel(_ level: Int) -> Int32 {
    switch level {
    case ...4: 1
    case 5, 6: 3
    default: Int32(level)
    }
  }

  /// nil if it would not be smaller, or there is no memory to try.
  private static func deflated(_ bytes: [UInt8], level: Int) -> [UInt8]? {
    guard let compressor = libdeflate_alloc_compressor(libdeflateLevel(level)) else { return nil }
    defer { libdeflate_free_compressor(compressor) }
    let deflated = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      // 0 if the result does not fit.
      count = libdeflate_zlib_compress(
        compressor, bytes, bytes.count, buffer.baseAddress, bytes.count)
    }
    return deflated.isEmpty ? nil : deflated
  }
}
