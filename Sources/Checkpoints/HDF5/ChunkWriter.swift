import Arrays
import Checkpoints
import Files
import HDF5
import Synchronization

/// Compresses tensors chunk by chunk on several threads, and places the chunks in order, so that the
/// same tensors give the same file on any number of threads.
struct ChunkWriter {
  private let plan: CheckpointPlan
  private let file: ReplacementFile
  private let options: WriteOptions
  private let seen: ReadChecksums?

  init(
    _ plan: CheckpointPlan, to file: ReplacementFile, _ options: WriteOptions,
    recording seen: ReadChecksums?
  ) {
    self.plan = plan
    self.file = file
    self.options = options
    self.seen = seen
  }

  /// A chunk to compress.
  private struct Job {
    var tensor: Int
    var grid: ChunkGrid
    var chunk: Int
  }

  /// A chunk that is compressed.
  private struct Result {
    /// nil once it was handed over to be written.
    var output: ChunkCompressor.Output?
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
    mutating func add(
      _ result: Result, _ number: Int, rawMask: UInt32
    ) -> [(output: ChunkCompressor.Output, offset: Int)] {
      results[number] = result
      var placed: [(output: ChunkCompressor.Output, offset: Int)] = []
      while places.count < results.count, let output = results[places.count]?.output {
        placed.append((output, end))
        // What is kept says only what came of it.
        results[places.count]?.output = nil
        places.append(
          HDF5ChunkPlace(
            offset: end, byteCount: output.byteCount, filterMask: output.isRaw ? rawMask : 0))
        end += output.byteCount
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
    let memory = Memory(compression, byteCount: jobs.map(\.grid.chunkByteCount).max() ?? 0)
    let window = max(options.threads, 1) * Self.chunksPerThread
    for start in stride(from: 0, to: jobs.count, by: window) {
      let batch = jobs[start..<min(start + window, jobs.count)]
      let queue = try write(batch, at: layout.structure.fileByteCount, memory)
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

  /// What threads use again for one chunk after the other.
  private struct Memory {
    let compressors: ReusePool<ChunkCompressor>
    let outputs: ReusePool<ChunkCompressor.Output>
    /// Tells that a chunk is stored without deflate, which is the last filter.
    let rawMask: UInt32

    init(_ compression: WriteOptions.Compression, byteCount: Int) {
      compressors = ReusePool { ChunkCompressor(compression, byteCount: byteCount) }
      outputs = ReusePool { ChunkCompressor.Output(forChunkOf: byteCount) }
      rawMask = compression.shuffle ? 0b10 : 0b01
    }
  }

  /// Compresses chunks and writes them one after the other from `offset` on.
  private func write(_ jobs: ArraySlice<Job>, at offset: Int, _ memory: Memory) throws -> Queue {
    let queue = Mutex(
      Queue(results: [Result?](repeating: nil, count: jobs.count), end: offset))
    try Parallel.forEach(jobs.count, threads: options.threads) { number in
      let result = try compress(jobs[jobs.startIndex + number], memory)
      // A chunk is written while others are compressed.
      for chunk in queue.withLock({ $0.add(result, number, rawMask: memory.rawMask) }) {
        try chunk.output.withBytes { try file.write($0, at: chunk.offset) }
        memory.outputs.give(chunk.output)
      }
    }
    return queue.withLock { $0 }
  }

  private func compress(_ job: Job, _ memory: Memory) throws -> Result {
    let tensor = plan.tensors[job.tensor]
    let elements = job.grid.elements(ofChunk: job.chunk)
    let compressor = memory.compressors.take()
    defer { memory.compressors.give(compressor) }
    var output = memory.outputs.take()
    let digest = try compressor.compress(
      tensor.array, elements, as: tensor.row.dtype, byteCount: job.grid.chunkByteCount,
      recording: seen, into: &output)
    return Result(
      output: output, digest: digest,
      elementByteCount: elements.count * tensor.row.dtype.itemSize)
  }
}
