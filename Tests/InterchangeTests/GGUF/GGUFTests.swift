import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files that the `gguf` package wrote, held against what it finds in them.
@Suite(.serialized) struct GGUFTests {
  struct Tensor: Decodable {
    let type: String
    let shape: [Int]
    let hex: String
    /// The numbers of blocks, as the package makes them; nil where it makes none.
    let float32: String?
  }

  struct Quantised: Decodable {
    let float32: String
    let q8: String
    let q4: String

    enum CodingKeys: String, CodingKey {
      case float32
      case q8 = "q8_0"
      case q4 = "q4_0"
    }
  }

  struct Written: Decodable {
    let files: [String: [String: Tensor]]
    let quantised: [String: Quantised]
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func written() throws -> Written {
    let json = try Peers.run("write_gguf.py", [folder.path])
    return try JSONDecoder().decode(Written.self, from: Data(json.utf8))
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
  }

  @Test(.needsPeers) func readsWhatThePackageWrites() throws {
    let written = try written()
    for name in ["all.gguf", "two.gguf", "blocks.gguf", "aligned.gguf"] {
      #expect(try FileFormat.detect(folder.file(name)) == .gguf)
      let expected = try #require(written.files[name == "two.gguf" ? "all.gguf" : name])
      for access in [Access.mapped, .verified, .unverified] {
        let opened = try OpenedCheckpoint(folder.file(name), access: access)
        let state = opened.checkpoint.state
        #expect(Set(state.keys) == Set(expected.keys))
        #expect(opened.losses == [])
        for (key, tensor) in expected {
          let array = try #require(state[key])
          #expect(hex(array) == tensor.hex, "\(name) \(key)")
          if key.hasSuffix(".weight"), name != "blocks.gguf" {
            #expect(array.dtype.rawValue == key.dropLast(7))
          }
          if tensor.float32 == nil, array.dtype != .uint8 {
            #expect(array.shape.dimensions == tensor.shape, "\(key)")
          }
        }
      }
    }
    let facts = try OpenedCheckpoint(folder.file("two.gguf")).facts
    #expect(facts["version"] == 2)
    #expect(facts["architecture"] == "llama")
  }

  /// Every type of value, to the last digit, with its type on the way back.
  @Test(.needsPeers) func metadataKeepTheirTypes() throws {
    _ = try written()
    let opened = try OpenedCheckpoint(folder.file("all.gguf"))
    let metadata = opened.checkpoint.metadata
    #expect(metadata["general.architecture"] == "llama")
    #expect(metadata["high.uint64"] == .bigInt("18446744073709551615"))
    #expect(metadata["low.int64"] == .int(.min))
    #expect(metadata["high.int64"] == .int(.max))
    #expect(metadata["list.int8"] == [-128, 1, 127])
    #expect(metadata["list.uint64"] == [0, 1, .bigInt("18446744073709551615")])
    #expect(metadata["a.float32"] == .float(Double(Float(0.1))))
    #expect(metadata["a.float64"] == 0.1)
    #expect(metadata["a.text"] == "größer 日本\n")
    #expect(metadata["truths"] == [true, false])
    #expect(metadata["tokens"]?.elements?.count == 500)
    // Many numbers are a tensor, whose type says theirs.
    #expect(metadata["scores"]?.tensor?.dtype == .float32)
    #expect(metadata["scores"]?.tensor?.shape == [300])
    #expect(metadata["many.truths"]?.tensor?.dtype == .bool)
  }

  /// Back to GGUF, over every format: the same for the package, in values and types.
  @Test(
    .needsPeers,
    arguments: [FileFormat.ballast, .pytorch, .safetensors, .numpy, .gguf, .huggingFace])
  func comesBackOverOtherFormats(_ format: FileFormat) throws {
    _ = try written()
    for name in ["all.gguf", "blocks.gguf", "aligned.gguf"] {
      let source = try OpenedCheckpoint(folder.file(name)).checkpoint
      let between = folder.file("between.\(format.endings.first ?? "folder")")
      let losses = try source.write(to: between, format: format).losses
      #expect(losses.allSatisfy { $0.kind == .dtypeChanged && format == .numpy })
      let again = try OpenedCheckpoint(between).checkpoint
      let summary = try again.write(to: folder.file("back.gguf"), format: .gguf)
      #expect(summary.losses == [])
      // One that needs nothing beside is the same to the byte; a folder leaves a trace of its own.
      let original = try folder.bytes(name)
      #expect(
        try folder.bytes("back.gguf") == original || format == .huggingFace,
        "\(name) over \(format)")
      #expect(
        try Peers.run("read_gguf.py", [folder.file("back.gguf")])
          == Peers.run("read_gguf.py", [folder.file(name)]))
    }
  }

  @Test(.needsPeers) func blocksBecomeTheNumbersOfThePackage() throws {
    let expected = try #require(written().files["blocks.gguf"])
    let opened = try OpenedCheckpoint(folder.file("blocks.gguf"), access: .mapped)
    #expect(opened.notes.contains { $0.contains("--dequantize") })
    #expect(opened.checkpoint.state.entries.values.allSatisfy { $0.role == .parameter })
    var count = 0
    for (key, tensor) in expected {
      var one = opened.checkpoint
      for other in one.state.keys where other != key { one.state.entries[other] = nil }
      guard let float32 = tensor.float32 else {
        let error = #expect(throws: CheckpointError.self) { try one.dequantized() }
        #expect(error?.code == .unsupported)
        #expect(error?.file == folder.file("blocks.gguf"))
        #expect(error?.place == key)
        continue
      }
      count += 1
      let result = try one.dequantized()
      let array = try #require(result.checkpoint.state[key])
      #expect(array.shape.dimensions == tensor.shape)
      #expect(result.tensorCount == 1)
      #expect(hex(array) == float32, "\(tensor.type)")
      #expect(result.checkpoint.metadata["general.file_type"] == 0)
      for type in [DType.float16, .bfloat16] {
        let narrow = try one.dequantized(to: type).checkpoint.state[key]
        #expect(try narrow?.isBitwiseEqual(to: array.converted(to: type)) == true)
      }
    }
    #expect(count == 23)
  }

  @Test(.needsPeers) func quantisesAsThePackageDoes() throws {
    for (name, expected) in try written().quantised {
      let bytes = try #require([UInt8](hex: expected.float32))
      let array = NDArray(
        storage: Storage(copying: bytes), dtype: .float32, layout: Layout([4, 64]))
      var state = StateDict()
      state.entries["w"] = .init(array, role: .parameter)
      state.entries["b"] = .init(NDArray(zeros: [64]), role: .parameter)
      state.entries["odd"] = .init(NDArray(zeros: [2, 31]), role: .parameter)
      for (quantization, hex) in [
        (GGUFOptions.Quantization.q8, expected.q8), (.q4, expected.q4),
      ] {
        var options = WriteOptions()
        options.gguf.quantization = quantization
        let path = folder.file("q.gguf")
        let summary = try Checkpoint(state: state).write(to: path, format: .gguf, options: options)
        #expect(summary.losses.map(\.kind) == [.valueRounded])
        #expect(summary.losses.first?.subject == "w")
        let back = try OpenedCheckpoint(path).checkpoint
        #expect(back.state["w"].map { self.hex($0) } == hex, "\(name) \(quantization)")
        #expect(back.state["b"]?.dtype == .float32)
        #expect(back.state["odd"]?.dtype == .float32)
        #expect(back.metadata["general.quantization_version"] == 2)
        // A transposed array, and one of another type, by their values.
        var turned = state
        turned.entries["w"]?.array = array.transposed().contiguous().transposed()
        try Checkpoint(state: turned).write(to: path, format: .gguf, options: options)
        #expect(try OpenedCheckpoint(path).checkpoint.state["w"].map { self.hex($0) } == hex)
        turned.entries["w"]?.array = try array.converted(to: .float64)
        try Checkpoint(state: turned).write(to: path, format: .gguf, options: options)
        #expect(try OpenedCheckpoint(path).checkpoint.state["w"].map { self.hex($0) } == hex)
      }
    }
  }

  @Test(arguments: [Float.nan, .infinity, 1e38])
  func whatBlocksCannotHoldIsNotQuantised(_ number: Float) throws {
    var values = [Float](repeating: 1, count: 64)
    values[40] = number
    var state = StateDict()
    state.entries["w"] = .init(NDArray(values, shape: [2, 32]), role: .parameter)
    var options = WriteOptions()
    options.gguf.quantization = .q8
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(state: state).write(
        to: folder.file("q.gguf"), format: .gguf, options: options)
    }
    #expect(error?.code == .unsupported)
    #expect(folder.names == [])
  }

  @Test(.needsPeers) func readsBigEndianFiles() throws {
    _ = try written()
    let opened = try OpenedCheckpoint(folder.file("big.gguf"))
    let little = try OpenedCheckpoint(folder.file("all.gguf"))
    #expect(opened.checkpoint.metadata.elements.elementsEqual(little.checkpoint.metadata, by: ==))
    let state = opened.checkpoint.state
    #expect(state["w"]?.elements(as: Float.self) == [0, 1, 2, 3, 4, 5])
    #expect(state["w"]?.shape == [2, 3])
    #expect(state["n"]?.elements(as: Int64.self) == [0, 1, 2, 3])
    #expect(
      try state["h"]?.converted(to: .float32).elements(as: Float.self) == (0..<8).map(Float.init))
    #expect(opened.notes.contains { $0.contains("big-endian") })
  }

  /// What wrote such a file may have turned the numbers within blocks or not: no values are made up. Blocks of
  /// single bytes are the same in both orders.
  @Test(.needsPeers) func blocksWhoseOrderIsNotKnownAreRefused() throws {
    let written = try written()
    for name in ["Q8_0", "Q4_0", "Q6_K", "BF16"] {
      let path = folder.file("big-\(name).gguf")
      let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
      #expect(error?.code == .unsupported)
      #expect(error?.place == "w")
      #expect(error?.reason.contains("\(name) in a big-endian file") == true)
    }
    for name in ["MXFP4", "NVFP4"] {
      let array = try OpenedCheckpoint(folder.file("big-\(name).gguf")).checkpoint.state["w"]
      #expect(array.map { hex($0) } == written.files["big-\(name).gguf"]?["w"]?.hex, "\(name)")
    }
  }

  /// The loader of llama.cpp takes no arrays of arrays: they are read, and go on beside.
  @Test(.needsPeers) func arraysOfArraysAreReadAndNotWritten() throws {
    _ = try written()
    let opened = try OpenedCheckpoint(folder.file("nested.gguf"))
    #expect(opened.checkpoint.metadata["nested"] == [[1, 2], [3, 4]])
    #expect(opened.losses == [])
    let path = folder.file("again.gguf")
    for _ in 0..<2 {
      let losses = try OpenedCheckpoint(folder.file("nested.gguf")).checkpoint
        .write(to: path, format: .gguf).losses
      #expect(losses.map(\.subject) == ["nested"])
      #expect(losses.map(\.kind) == [.metadataDropped])
      let again = try OpenedCheckpoint(path)
      #expect(again.checkpoint.metadata.elements.elementsEqual(opened.checkpoint.metadata, by: ==))
      #expect(again.checkpoint.origin["gguf"] == opened.checkpoint.origin["gguf"])
      #expect(try again.facts["metadata"]?["nested"] == nil)
      // From there it is the same once more.
      try folder.write(folder.bytes("again.gguf"), to: "nested.gguf")
    }
    #expect(!(try Peers.run("read_gguf.py", [path])).contains("nested"))
  }

  /// The checksums of all are in the first part, with the metadata.
  @Test(.needsPeers) func damageInAPartOfASplitFileIsFound() throws {
    var state = StateDict()
    for number in 0..<3 {
      // Roles that no reader guesses, so that there is an outline, and checksums with it.
      let values = (0..<8).map { Float(10 * number + $0) }
      state.entries["t\(number)"] = .init(NDArray(values), role: .buffer)
    }
    try Checkpoint(state: state).write(to: folder.file("whole.gguf"), format: .gguf)
    _ = try Peers.run("split_gguf.py", [folder.file("whole.gguf"), folder.file("part")])
    let first = folder.file("part-00001-of-00003.gguf")
    let sound = try Verification(first)
    #expect(sound.problems.isEmpty && sound.notes.isEmpty && sound.tensorCount == 3)
    #expect(
      try CheckpointComparison(Checkpoint(state: state), OpenedCheckpoint(first).checkpoint)
        .differences.isEmpty)
    for number in 1...3 {
      let name = "part-0000\(number)-of-00003.gguf"
      let bytes = try folder.bytes(name)
      var damaged = bytes
      damaged[bytes.count - 4] ^= 1
      try folder.write(damaged, to: name)
      #expect(try Verification(first).problems.map(\.place) == ["t\(number - 1)"])
      let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(first) }
      #expect(error?.code == .damaged)
      try folder.write(bytes, to: name)
    }
  }

  @Test(.needsPeers, arguments: 1...3) func aPartGathersTheOthers(_ number: Int) throws {
    _ = try written()
    let path = folder.file("split-0000\(number)-of-00003.gguf")
    let opened = try OpenedCheckpoint(path)
    #expect(Array(opened.checkpoint.state.keys) == (0..<5).map { "t\($0)" })
    for index in 0..<5 {
      #expect(
        opened.checkpoint.state["t\(index)"]?.elements(as: Float.self)
          == [Float](repeating: Float(index), count: 4))
    }
    #expect(opened.checkpoint.metadata["general.name"] == "split model")
    #expect(opened.checkpoint.metadata["split.count"] == nil)
    #expect(opened.losses == [])
    #expect(try Verification(path).tensorCount == 5)

    let missing = number == 2 ? 3 : 2
    let other = folder.file("split-0000\(missing)-of-00003.gguf")
    let bytes = try folder.bytes("split-0000\(missing)-of-00003.gguf")
    try FileManager.default.removeItem(atPath: other)
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
    #expect(error?.code == .damaged)
    #expect(error?.reason.contains("split-0000\(missing)-of-00003.gguf is not beside it") == true)
    // Another part in its place.
    try folder.write(folder.bytes("split-0000\(number)-of-00003.gguf"), to: "x")
    try FileManager.default.moveItem(atPath: folder.file("x"), toPath: other)
    let twice = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
    #expect(twice?.code == .damaged)
    // Under a name that does not say which part it is.
    try folder.write(bytes, to: "alone.gguf")
    let alone = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("alone.gguf"))
    }
    #expect(alone?.code == .damaged)
    #expect(alone?.reason.contains("one of 3 parts") == true)
  }

  @Test(.needsPeers) func factsTellTypesAndBits() throws {
    _ = try written()
    let facts = try OpenedCheckpoint(folder.file("blocks.gguf")).facts
    #expect(facts["blocks"]?["q4_k.weight"] == "Q4_K (3, 512)")
    #expect(facts["types"]?["Q8_0"] == ["tensors": 1, "bytes": 204])
    #expect(facts["metadata"]?["general.file_type"] == "UINT32 15")
    let bits = try #require(facts["bits_per_weight"]?.doubleValue)
    #expect(bits > 3 && bits < 9)
  }
}

extension [UInt8] {
  /// The bytes of pairs of hexadecimal digits.
  fileprivate init?(hex: String) {
    let digits = Array(hex.utf8)
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard
        let byte = UInt8(String(decoding: digits[place..<(place + 2)], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    self = bytes
  }
}
