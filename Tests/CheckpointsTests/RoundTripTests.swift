import Arrays
import BallastFiles
import Checkpoints
import Files
import States
import TestSupport
import Testing

@Suite struct RoundTripTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let accesses: [Access] = [.mapped, .verified, .unverified]
  static let compressions: [WriteOptions.Compression?] = [
    nil, .init(level: 1), .init(level: 4, shuffle: true),
  ]

  private func roundTrip(
    _ checkpoint: Checkpoint, _ access: Access = .verified,
    _ options: WriteOptions = WriteOptions()
  ) throws -> Checkpoint {
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"), options: options)
    let file = try CheckpointFile(folder.file("a.h5"))
    let verification = try file.verify()
    #expect(verification.problems.map(\.description) == [])
    #expect(verification.notes == [])
    return try file.read(access)
  }

  @Test(arguments: accesses, compressions)
  func everyTypeKeepsItsBits(
    _ access: Access, _ compression: WriteOptions.Compression?
  ) throws {
    let checkpoint = TestCheckpoints.everyType
    let loaded = try roundTrip(checkpoint, access, WriteOptions(compression: compression))
    #expect(checkpoint.differences(from: loaded) == [])
  }

  @Test(arguments: accesses)
  func trainingCheckpointsKeepEverything(_ access: Access) throws {
    let checkpoint = TestCheckpoints.training
    let loaded = try roundTrip(checkpoint, access)
    #expect(checkpoint.differences(from: loaded) == [])
  }

  @Test func compressedFilesAreSmaller() throws {
    let checkpoint = Checkpoint(
      state: ["a": NDArray((0..<300_000).map { Float($0 / 7) }, shape: [3, 100_000])])
    let plain = try CheckpointWriter.write(checkpoint, to: folder.file("plain.h5"))
    let options = WriteOptions(compression: .init(level: 4, shuffle: true))
    let small = try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"), options: options)
    #expect(small.fileByteCount * 3 < plain.fileByteCount)
    #expect(checkpoint.differences(from: try roundTrip(checkpoint, .verified, options)).count == 1)
  }

  @Test func sameCheckpointSameBytes() throws {
    try CheckpointWriter.write(TestCheckpoints.training, to: folder.file("a.h5"))
    try CheckpointWriter.write(TestCheckpoints.training, to: folder.file("b.h5"))
    #expect(try folder.bytes("a.h5") == folder.bytes("b.h5"))
    #expect(folder.names == ["a.h5", "b.h5"])
  }

  @Test func unknownRolesBecomeParameters() throws {
    let loaded = try roundTrip(Checkpoint(state: ["a": NDArray(Float(1))]))
    #expect(loaded.state.entries["a"]?.role == .parameter)
  }

  @Test func emptyCheckpoint() throws {
    let loaded = try roundTrip(Checkpoint(state: StateDict()))
    #expect(loaded.state.isEmpty)
    #expect(loaded.optimizer == nil)
  }

  @Test func oddKeysRoundTrip() throws {
    let keys = [
      "", ".", "..", "a", "a.b", "a.b.c", ".a", "a.", "a..b", "a/b", "%", "%2E", "a%2Fb", "ключ.重み",
      "with space", "a\0b", String(repeating: "long.", count: 60) + "end", "parameters", "x.%25.y",
      "é", "e\u{301}",
    ]
    var state = StateDict()
    for (number, key) in keys.enumerated() {
      state.entries[key] = .init(
        NDArray(Int32(number)), role: number.isMultiple(of: 3) ? .buffer : .parameter)
    }
    // "é" in one and in two code points is one Swift string, so one of them is lost on the way in.
    #expect(state.count == keys.count - 1)
    let checkpoint = Checkpoint(state: state)
    #expect(checkpoint.differences(from: try roundTrip(checkpoint)) == [])
  }

  @Test func optimizerStateOfAnyShape() throws {
    var optimizer = OptimizerState(type: nil, naming: .positions)
    optimizer.state["0"] = [:]
    optimizer.state["1"] = ["momentum_buffer": nil]
    optimizer.state["2"] = ["step": 5, "exp_avg": .tensor(NDArray([1, 2] as [Float]))]
    optimizer.state["3"] = [
      "old_dirs": [.tensor(NDArray(Float(1))), .tensor(NDArray(Float(2)))], "d": [:],
    ]
    optimizer.state["a"] = ["x": .tensor(NDArray(Float(3)))]
    optimizer.state["a.x"] = ["y": .tensor(NDArray(Float(4))), "z.w": .tensor(NDArray(Float(5)))]
    optimizer.state["a.x.y"] = ["q": .tensor(NDArray(Float(6)))]
    optimizer.groups = (0..<12).map { number in
      .init(options: ["lr": .float(Double(number))], parameters: number == 0 ? ["0", "1"] : [])
    }
    let checkpoint = Checkpoint(state: StateDict(), optimizer: optimizer)
    #expect(checkpoint.differences(from: try roundTrip(checkpoint)) == [])
  }

  @Test(arguments: accesses)
  func tiesAndViewsAreKept(_ access: Access) throws {
    let base = TestCheckpoints.array(.float32, [6, 4])
    var state = StateDict()
    state.entries["embedding.weight"] = .init(base, role: .parameter)
    state.entries["head.weight"] = .init(base, role: .parameter)
    state.entries["transposed"] = .init(base.transposed(), role: .buffer)
    state.entries["row"] = .init(base.selected(axis: 0, 2), role: .buffer)
    state.entries["equal but apart"] = .init(base.copied(), role: .parameter)
    state.entries["expanded"] = .init(
      TestCheckpoints.array(.float32, [1, 3]).expanded(to: [5, 3]), role: .buffer)
    let checkpoint = Checkpoint(state: state)
    let loaded = try roundTrip(checkpoint, access)
    #expect(checkpoint.differences(from: loaded) == [])
    #expect(loaded.state.ties.map(\.key) == ["head.weight"])
    let storage = try #require(loaded.state["embedding.weight"]?.storage)
    #expect(loaded.state["transposed"]?.storage === storage)
    #expect(loaded.state["transposed"]?.layout.strides == [1, 4])
    #expect(loaded.state["row"]?.storage === storage)
    #expect(loaded.state["equal but apart"]?.storage !== storage)
  }

  @Test func smallSlicesOfALargeStorageDoNotBringItBack() throws {
    let base = NDArray(zeros: [1000, 1000])
    let checkpoint = Checkpoint(
      state: ["a": base.selected(axis: 0, 0), "b": base.selected(axis: 0, 999)])
    let summary = try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    #expect(summary.fileByteCount < 50_000)
    let loaded = try CheckpointFile(folder.file("a.h5")).read()
    #expect(loaded.state["a"]?.storage.byteCount == 4000)
  }

  @Test func largeTensorsAreSharedByThreads() throws {
    // More than two blocks of work, and not a multiple of one.
    let large = NDArray((0..<5_000_001).map { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) })
    let checkpoint = Checkpoint(state: [
      "large": large, "view": large.sliced(axis: 0, 1..<4_000_000, step: 3),
    ])
    for access in Self.accesses {
      let loaded = try roundTrip(checkpoint, access)
      #expect(loaded.state["large"]?.isBitwiseEqual(to: large) == true)
    }
  }

  @Test func savingOverTheFileThatIsMapped() throws {
    let checkpoint = TestCheckpoints.training
    try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    let mapped = try CheckpointFile(folder.file("a.h5")).read(.mapped)
    try CheckpointWriter.write(mapped, to: folder.file("a.h5"))
    let again = try CheckpointFile(folder.file("a.h5")).read(.verified)
    #expect(checkpoint.differences(from: mapped) == [])
    #expect(checkpoint.differences(from: again) == [])
  }

  @Test func tooManyDimensionsAreRefused() {
    let shape = Shape([Int](repeating: 1, count: 33))
    let checkpoint = Checkpoint(state: ["a": NDArray(zeros: shape)])
    let error = #expect(throws: CheckpointError.self) {
      try CheckpointWriter.write(checkpoint, to: folder.file("a.h5"))
    }
    #expect(error?.code == .unsupported)
    #expect(folder.names == [])
  }
}
