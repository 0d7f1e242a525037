import Arrays
import BallastFiles
import CSupport
import Checkpoints
import States
import TestSupport
import Testing

@Suite struct CompressionTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Vectors and what is left over give what the definition says, for every size of element.
  @Test func shuffleFollowsItsDefinition() {
    for size in 1...17 {
      for count in [0, 1, 15, 16, 17, 33, 100] {
        let bytes = (0..<size * count).map { UInt8(truncatingIfNeeded: $0 * 31 + $0 / 7) }
        let expected = (0..<size).flatMap { byte in (0..<count).map { bytes[$0 * size + byte] } }
        var shuffled = [UInt8](repeating: 0, count: bytes.count)
        cf_shuffle(bytes, &shuffled, count, size)
        #expect(shuffled == expected, "\(count) elements of \(size) bytes")
        var back = [UInt8](repeating: 0, count: bytes.count)
        cf_unshuffle(shuffled, &back, count, size)
        #expect(back == bytes, "\(count) elements of \(size) bytes")
      }
    }
  }

  /// Shapes of every relation to the shape of a chunk: cut along the first, a middle and the last
  /// dimension, with and without a rest; some that shrink, and noise that does not.
  private var checkpoint: Checkpoint {
    var generator = Linear(state: 1)
    var state = StateDict()
    for (number, shape) in [
      [300_000], [3, 300_001], [700, 1000], [2, 3, 70_000], [5, 1, 2, 262_144], [1, 1, 5000],
      [4, 4], [600_000, 1],
    ].enumerated() {
      let shape = Shape(shape)
      state["smooth\(number)"] = NDArray(
        (0..<shape.elementCount).map { Float($0 / 100) }, shape: shape)
      state["noise\(number)"] = NDArray(
        (0..<shape.elementCount).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 40) },
        shape: shape)
    }
    return Checkpoint(state: state)
  }

  @Test(arguments: [true, false]) func everyShapeRoundTrips(_ shuffle: Bool) throws {
    let checkpoint = checkpoint
    let options = WriteOptions(compression: .init(level: 1, shuffle: shuffle))
    try CheckpointWriter.write(checkpoint, to: folder.file(), options: options)
    let file = try CheckpointFile(folder.file())
    #expect(try file.verify().problems.map(\.description) == [])
    let differences = checkpoint.differences(from: try file.read(.verified))
    #expect(differences.filter { !$0.hasSuffix("role") } == [])
    for tensor in file.tensors where tensor.path.contains("noise") {
      #expect(tensor.storedByteCount <= tensor.byteCount + tensor.byteCount / 2 + (1 << 20))
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
    var options = WriteOptions(compression: .init(level: 4, shuffle: true))
    for threads in 1...3 {
      options.threads = threads
      try CheckpointWriter.write(checkpoint, to: folder.file("\(threads)"), options: options)
    }
    #expect(try folder.bytes("1") == folder.bytes("2"))
    #expect(try folder.bytes("1") == folder.bytes("3"))
  }

  /// h5py undoes the filters by itself.
  @Test(.needsPeers) func h5pyReadsTheChunks() throws {
    let checkpoint = checkpoint
    let options = WriteOptions(compression: .init(level: 2, shuffle: true))
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"), options: options)
    try CheckpointWriter.write(checkpoint, to: folder.file("b.h5"))
    #expect(
      try Peers.run("compare.py", [folder.file("a.h5"), folder.file("b.h5")])
        == "\(checkpoint.state.keys.count) equal\n")
  }
}

/// A generator of noise, the same in every run.
private struct Linear {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }
}
