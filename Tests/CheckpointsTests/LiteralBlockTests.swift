import Arrays
import BallastFiles
import CDeflate
import CSupport
import Checkpoints
import Files
import HDF5
import LibHDF5
import States
import TestSupport
import Testing

/// Streams of blocks without matches, beside what zlib makes and what others read.
@Suite struct LiteralBlockTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Bytes of each kind that the blocks know: flat, skewed, and repeating ones.
  private func bytes(_ kind: Int, _ count: Int) -> [UInt8] {
    var state = UInt64(kind + 1)
    return (0..<count).map { index in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      switch kind {
      case 0: return UInt8(truncatingIfNeeded: state >> 56)
      // Half of them 0, a quarter 1, and so on, so that the longest codes are cut.
      case 1: return UInt8((state >> 20).trailingZeroBitCount)
      case 2: return UInt8(truncatingIfNeeded: state >> 60) &* 16
      case 3: return UInt8(index % 251)
      default: return index < count / 2 ? UInt8(truncatingIfNeeded: state >> 56) : 7
      }
    }
  }

  /// A stream of zlib: the blocks, and what they leave by libdeflate.
  private func stream(_ bytes: [UInt8], plane: Int) -> (stream: [UInt8], literalCount: Int) {
    var stream: [UInt8] = [0x78, 0x01]
    var done = 0
    stream += [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { buffer, count in
      count = cf_deflate_literals(
        bytes, bytes.count, plane, buffer.baseAddress, bytes.count + 1024, &done)
    }
    if done < bytes.count || bytes.isEmpty {
      let compressor = libdeflate_alloc_compressor(1)
      defer { libdeflate_free_compressor(compressor) }
      stream += [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { buffer, count in
        count = Array(bytes[done...]).withUnsafeBytes {
          libdeflate_deflate_compress(
            compressor, $0.baseAddress, $0.count, buffer.baseAddress, buffer.count)
        }
      }
    }
    let checksum = libdeflate_adler32(1, bytes, bytes.count)
    return (stream + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) }, done)
  }

  /// zlib, by which h5py and libhdf5 read, and libdeflate read every length around the limits of a
  /// stored block and of a segment.
  @Test(arguments: 0..<5) func everyReaderTakesEveryLength(_ kind: Int) {
    for count in [0, 1, 5, 2047, 2048, 2049, 65_534, 65_535, 65_536, 131_070, 131_071, 262_144] {
      let bytes = bytes(kind, count)
      for plane in [count, (count + 3) / 4, 65_535] where plane > 0 {
        let (stream, literalCount) = stream(bytes, plane: plane)
        // What is flat or skewed and long enough is not left to libdeflate.
        if kind < 3, count >= 8192 { #expect(literalCount > 0, "\(count) bytes") }
        var found = [UInt8](repeating: 0xAA, count: count + 1)
        var foundCount = UInt(found.count)
        #expect(uncompress(&found, &foundCount, stream, UInt(stream.count)) == Z_OK)
        #expect(Int(foundCount) == count && found.dropLast() == bytes[...], "\(count) bytes")
        let decompressor = libdeflate_alloc_decompressor()
        defer { libdeflate_free_decompressor(decompressor) }
        var again = [UInt8](repeating: 0xAA, count: count)
        #expect(
          libdeflate_zlib_decompress(
            decompressor, stream, stream.count, &again, count, nil) == LIBDEFLATE_SUCCESS)
        #expect(again == bytes, "\(count) bytes")
      }
    }
  }

  /// Less room than is needed ends the blocks early, and never overruns it.
  @Test func roomIsKept() {
    let bytes = bytes(1, 200_000)
    for capacity in stride(from: 0, through: 120_000, by: 9_973) {
      var output = [UInt8](repeating: 0xAA, count: capacity + 64)
      var done = 0
      let count = cf_deflate_literals(bytes, bytes.count, 50_000, &output, capacity, &done)
      #expect(count <= capacity)
      #expect(output.suffix(64).allSatisfy { $0 == 0xAA })
      #expect(done < bytes.count || count > 0)
    }
  }

  /// What zlib makes of the elements at a level, which is what h5py stores.
  private func zlibByteCount(_ array: NDArray, level: Int) -> Int {
    let bytes = array.withContiguousBytes { [UInt8](copying: $0) }
    var shuffled = [UInt8](repeating: 0, count: bytes.count)
    cf_shuffle(bytes, &shuffled, array.elementCount, array.dtype.itemSize)
    var count = compressBound(UInt(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(count))
    #expect(compress2(&output, &count, shuffled, UInt(bytes.count), Int32(level)) == Z_OK)
    return Int(count)
  }

  private func checkSize(_ sample: ChunkSample, level: Int) throws {
    let array = try sample.array()
    let checkpoint = Checkpoint(state: ["a": array])
    let options = WriteOptions(compression: .init(level: level, shuffle: true))
    try CheckpointWriter.write(checkpoint, to: folder.file(), options: options)
    let file = try CheckpointFile(folder.file())
    let expected = zlibByteCount(array, level: level)
    // Of what shrinks to almost nothing, a chunk has a few bytes more.
    #expect(
      Double(file.tensors[0].storedByteCount) <= Double(expected) * 1.02 + 64,
      "level \(level): zlib leaves \(expected) bytes")
    // The eager reading holds them against their digest too.
    let read = try #require(try file.read(.verified).state["a"])
    #expect(read.isBitwiseEqual(to: array))
    // And libhdf5 undoes the filters with zlib.
    let dataset = try HDF5File.open(folder.file()).root.dataset("parameters/a")
    #expect(try dataset.readBytes() == array.withContiguousBytes { [UInt8](copying: $0) })
  }

  @Test(arguments: ChunkSample.allCases) func sizesAreThoseOfZlib(_ sample: ChunkSample) throws {
    try checkSize(sample, level: 4)
  }

  @Test(arguments: ChunkSample.weights, [1, 6, 9])
  func sizesOfWeightsAreThoseOfZlibAtEveryLevel(_ sample: ChunkSample, _ level: Int) throws {
    try checkSize(sample, level: level)
  }

  /// h5py reads the same elements from every kind of block as from a file without any.
  @Test(.needsPeers) func h5pyReadsEveryBlock() throws {
    var state = StateDict()
    for sample in ChunkSample.allCases { state[sample.rawValue] = try sample.array() }
    let options = WriteOptions(compression: .init(level: 4, shuffle: true))
    try CheckpointWriter.write(Checkpoint(state: state), to: folder.file("a"), options: options)
    try CheckpointWriter.write(Checkpoint(state: state), to: folder.file("b"))
    #expect(
      try Peers.run("compare.py", [folder.file("a"), folder.file("b")])
        == "\(ChunkSample.allCases.count) equal\n")
  }
}
