import Arrays
import Files
import HDF5
import Synchronization

/// Compresses tensors chunk by chunk on several threads, and places the chunks in order, so that
/// the same tensors give the same file on any number of threads.
struct ChunkWriter {
  /// A tensor, and how it is cut.
  struct Tensor {
    let array: NDArray
    /// The type in which the elements are written.
    let dtype: DType
    let grid: ChunkGrid

    init(array: NDArray, dtype: DType, _ grid: ChunkGrid) {
      self.array = array
      self.dtype = dtype
      self.grid = grid
    }
  }

  /// How a tensor was written.
  struct Written {
    /// Where its chunks are, in row-major order.
    var chunks: [HDF5ChunkPlace] = []
    /// The CRC-32 of its elements.
    var checksum: UInt32 { sum.value }
    fileprivate var sum = CRC32()
  }

  private let tensors: [Tensor]
  private let compression: WriteOptions.Compression
  private let threads: Int
  private let seen: ReadChecksums?

  init(
    _ tensors: [Tensor], _ compression: WriteOptions.Compression, threads: Int,
    recording seen: ReadChecksums?
  ) {
    self.tensors = tensors
    self.compression = compression
    self.threads = threads
    self.seen = seen
  }

  /// A chunk to compress.
  private struct Job {
    var tensor: Int
    var chunk: Int
  }

  /// A chunk that is compressed.
  private struct Result {
    /// nil once it was handed over to be written.
    var output: ChunkCompressor.Output?
    /// The CRC-32 of the elements in it.
    var checksum: UInt32
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
        // Only its place is kept.
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

  /// Writes all tensors.
  ///
  /// - Parameters:
  ///   - file: Where the file begins.
  ///   - offset: Where the first chunk goes, from there.
  /// - Returns: How each tensor was written, and where the last chunk ends.
  /// - Throws: `FileError` if a tensor cannot be read or written.
  func write(
    to file: TensorStream.Place, at offset: Int
  ) throws -> (tensors: [Written], end: Int) {
    let jobs = tensors.enumerated().flatMap { number, tensor in
      (0..<tensor.grid.count).map { Job(tensor: number, chunk: $0) }
    }
    var written = [Written](repeating: Written(), count: tensors.count)
    let memory = Memory(
      compression, byteCount: tensors.map(\.grid.chunkByteCount).max() ?? 0)
    let window = max(threads, 1) * Self.chunksPerThread
    var end = offset
    for start in stride(from: 0, to: jobs.count, by: window) {
      let batch = jobs[start..<min(start + window, jobs.count)]
      let queue = try write(batch, to: file, at: end, memory)
      end = queue.end
      for (job, (place, result)) in zip(batch, zip(queue.places, queue.results)) {
        written[job.tensor].chunks.append(place)
        guard let result else { continue }
        written[job.tensor].sum.append(result.checksum, byteCount: result.elementByteCount)
      }
    }
    try tensors.lazy.map(\.array).checkMappedFiles()
    return (written, end)
  }

  /// What threads use again for one chunk after the other.
  private struct Memory {
    let compressors: ReusePool<ChunkCompressor>
    let outputs: ReusePool<ChunkCompressor.Output>
    /// Says that a chunk is stored without deflate, which is the last filter.
    let rawMask: UInt32

    init(_ compression: WriteOptions.Compression, byteCount: Int) {
      compressors = ReusePool { ChunkCompressor(compression, byteCount: byteCount) }
      outputs = ReusePool { ChunkCompressor.Output(forChunkOf: byteCount) }
      rawMask = compression.shuffle ? 0b10 : 0b01
    }
  }

  /// Compresses chunks and writes them one after the other from `offset` on.
  private func write(
    _ jobs: ArraySlice<Job>, to file: TensorStream.Place, at offset: Int, _ memory: Memory
  ) throws -> Queue {
    let queue = Mutex(
      Queue(results: [Result?](repeating: nil, count: jobs.count), end: offset))
    try Parallel.forEach(jobs.count, threads: threads) { number in
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
    let tensor = tensors[job.tensor]
    let elements = tensor.grid.elements(ofChunk: job.chunk)
    let compressor = memory.compressors.take()
    defer { memory.compressors.give(compressor) }
    var output = memory.outputs.take()
    let checksum = try compressor.compress(
      tensor.array, elements, as: tensor.dtype, byteCount: tensor.grid.chunkByteCount,
      recording: seen, into: &output)
    WatchedWork.current?.complete(byteCount: elements.count * tensor.array.dtype.itemSize)
    return Result(
      output: output, checksum: checksum,
      elementByteCount: elements.count * tensor.dtype.itemSize)
  }
}
