import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// What is written as ONNX, held against what the `onnx` package finds in it, and read back.
@Suite struct ONNXWriterTests {
  struct Found: Decodable {
    struct Tensor: Decodable, Equatable {
      let name: String
      let type: String
      let shape: [Int]
      let hex: String

      init(_ name: String, _ type: String, _ shape: [Int], _ hex: String) {
        (self.name, self.type, self.shape, self.hex) = (name, type, shape, hex)
      }

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        name = try row.decode(String.self)
        type = try row.decode(String.self)
        shape = try row.decode([Int].self)
        hex = try row.decode(String.self)
      }
    }

    /// What the file says of itself: `ModelProto` and the graph's name and description.
    struct Header: Decodable, Equatable {
      var numbers: [Int] = []
      var texts: [String] = []
      var opsets: [String] = []

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        numbers.append(try row.decode(Int.self))
        for _ in 0..<3 { texts.append(try row.decode(String.self)) }
        numbers.append(try row.decode(Int.self))
        for _ in 0..<3 { texts.append(try row.decode(String.self)) }
        var rows = try row.nestedUnkeyedContainer()
        while !rows.isAtEnd {
          var opset = try rows.nestedUnkeyedContainer()
          opsets.append("\(try opset.decode(String.self)) \(try opset.decode(Int.self))")
        }
      }
    }

    let metadata: [String: String]
    let header: Header
    let tensors: [Tensor]
    let files: [String]
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func found(_ name: String) throws -> Found {
    let json = try Peers.run("read_onnx.py", [folder.file(name)])
    return try #require(JSONDecoder().decode([Found].self, from: Data(json.utf8)).first)
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
  }

  private func array(_ shape: Shape, _ dtype: DType) -> NDArray {
    let bytes = (0..<shape.elementCount * dtype.itemSize).map {
      dtype == .bool ? UInt8($0 % 2) : UInt8(truncatingIfNeeded: 7 * $0 + 1)
    }
    return NDArray(storage: Storage(copying: bytes), dtype: dtype, layout: Layout(shape))
  }

  /// All types and ranks, whose elements begin where they can be mapped.
  private func everyType() -> (state: StateDict, expected: [Found.Tensor]) {
    var state = StateDict()
    var expected: [Found.Tensor] = []
    for (name, dtype) in ONNXTests.types.sorted(by: { $0.key < $1.key }) {
      for shape in [Shape([]), [3], [3, 5], [2, 1, 3], [0, 3]] {
        let key = "\(name) \(shape)"
        let array = array(shape, dtype)
        state.entries[key] = .init(array, role: dtype.isIntegral ? .buffer : .parameter)
        expected.append(.init(key, name, shape.dimensions, hex(array)))
      }
    }
    let pairs = array([2, 3], .float4E2M1FNx2)
    state.entries["pairs"] = .init(pairs, role: .parameter)
    expected.append(.init("pairs", "FLOAT4E2M1", [2, 6], hex(pairs)))
    let complex = array([2], .complex32)
    state.entries["complex"] = .init(complex, role: .parameter)
    expected.append(.init("complex", "FLOAT16", [2, 2], hex(complex)))
    let turned = array([4, 3], .float32).transposed()
    state.entries["turned"] = .init(turned, role: .parameter)
    expected.append(.init("turned", "FLOAT", [3, 4], hex(turned)))
    return (state, expected)
  }

  @Test(.needsPeers, arguments: [3 << 29, 0])
  func thePackageReadsWhatIsWritten(_ inlineByteCount: Int) throws {
    var (state, expected) = everyType()
    let large = array([300, 1000], .float32)
    state.entries["large"] = .init(large, role: .parameter)
    expected.append(.init("large", "FLOAT", [300, 1000], hex(large)))
    let checkpoint = Checkpoint(state: state)
    var options = WriteOptions()
    options.onnx.inlineByteCount = inlineByteCount
    let summary = try checkpoint.write(
      to: folder.file("a.onnx"), format: .onnx, options: options)
    #expect(summary.losses.map(\.subject) == ["complex"])
    let found = try found("a.onnx")
    #expect(found.tensors == expected)
    #expect(found.files == (inlineByteCount == 0 ? ["a.onnx.data"] : []))
    // FLOAT8E8M0 came with version 12.
    #expect(found.header.numbers == [12, 0])
    #expect(found.header.texts[0] == "ballast")
    let names = Set(folder.names)
    #expect(names == (inlineByteCount == 0 ? ["a.onnx", "a.onnx.data"] : ["a.onnx"]))

    let back = try OpenedCheckpoint(folder.file("a.onnx"), access: .mapped)
    #expect(try CheckpointComparison(checkpoint, back.checkpoint).differences.isEmpty)
    #expect(back.checkpoint.metadata.isEmpty)
    #expect(back.checkpoint.origin.isEmpty)
    for (key, entry) in back.checkpoint.state.entries
    where entry.array.elementCount > 0 && entry.array.rank > 0 && key != "complex" {
      #expect(entry.array.storage.fileRegion != nil, "\(key) is copied")
    }
    // In the file beside it tensors begin at multiples of 64, and of 4096 from 1 MiB on.
    if inlineByteCount == 0, let region = back.checkpoint.state["large"]?.storage.fileRegion {
      #expect(region.range.lowerBound % 4096 == 0)
    }
    #expect(try Verification(folder.file("a.onnx")).problems == [])
  }

  /// Roles that a reader guesses need no outline: the file is what the format says and nothing else.
  @Test func theSmallestFileIsThatOfTheSpecification() throws {
    let state: StateDict = ["w": NDArray([1, 2] as [Float])]
    try Checkpoint(state: state).write(to: folder.file("a.onnx"), format: .onnx)
    func text(_ text: String) -> [UInt8] { Array(text.utf8) }
    // The length as a list of one takes a byte more, so that the elements begin at a multiple of four.
    var tensor: [UInt8] = [0x0A, 1, 2, 0x10, 1, 0x42, 1, 0x77]
    tensor += [0x4A, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
    var graph: [UInt8] = [0x12, 7] + text("weights")
    graph += [0x2A, UInt8(tensor.count)] + tensor
    var expected: [UInt8] = [0x08, 10, 0x12, 7] + text("ballast")
    expected += [0x42, 4, 0x0A, 0, 0x10, 21]
    expected += [0x3A, UInt8(graph.count)] + graph
    #expect((expected.count - 8) % 4 == 0)
    #expect(try folder.bytes("a.onnx") == expected)
  }

  /// The length of the graph takes more bytes from 128 and from 16384 on, which moves what has to be aligned.
  @Test(.needsPeers) func theLengthOfTheGraphMayBeAny() throws {
    var options = WriteOptions()
    options.isDurable = false
    var paths: [String] = []
    for beginning in [0, 80, 16_270] {
      for count in 1...80 {
        var state = StateDict()
        for (number, dtype) in [DType.float64, .float32, .float64, .uint8].enumerated() {
          let name =
            String(repeating: "k", count: number == 3 ? beginning + count : 1) + "\(number)"
          state.entries[name] = .init(
            array([1], dtype), role: dtype.isIntegral ? .buffer : .parameter)
        }
        let path = folder.file("\(beginning)-\(count).onnx")
        let checkpoint = Checkpoint(state: state)
        try checkpoint.write(to: path, format: .onnx, options: options)
        let back = try OpenedCheckpoint(path, access: .mapped).checkpoint
        #expect(try CheckpointComparison(checkpoint, back).differences.isEmpty)
        #expect(back.state.entries.values.allSatisfy { $0.array.storage.fileRegion != nil })
        paths.append(path)
      }
    }
    let found = try JSONDecoder().decode(
      [Found].self, from: Data(Peers.run("read_onnx.py", paths).utf8))
    #expect(found.count == 240 && found.allSatisfy { $0.tensors.count == 4 })
  }

  /// All that a checkpoint may hold comes back, and nothing of it is in the package's way.
  @Test(.needsPeers, arguments: [3 << 29, 0])
  func everythingComesBack(_ inlineByteCount: Int) throws {
    let rich = Checkpoint.rich()
    var options = WriteOptions()
    options.onnx.inlineByteCount = inlineByteCount
    try rich.write(to: folder.file("a.onnx"), format: .onnx, options: options)
    _ = try found("a.onnx")
    for access in [Access.mapped, .verified] {
      let back = try OpenedCheckpoint(folder.file("a.onnx"), access: access)
      let comparison = try CheckpointComparison(rich, back.checkpoint, extent: .everything)
      #expect(comparison.differences.isEmpty, "\(comparison.differences)")
    }
    #expect(try Verification(folder.file("a.onnx")).notes == [])
  }

  /// With an outline go checksums: a bit that changed is found, wherever the elements are.
  @Test(arguments: [3 << 29, 0]) func damageIsFound(_ inlineByteCount: Int) throws {
    var state: StateDict = ["w": array([40, 40], .float32), "v": array([300], .float64)]
    state.entries["w"]?.role = .buffer
    var options = WriteOptions()
    options.onnx.inlineByteCount = inlineByteCount
    try Checkpoint(state: state).write(to: folder.file("a.onnx"), format: .onnx, options: options)
    let name = inlineByteCount == 0 ? "a.onnx.data" : "a.onnx"
    var bytes = try folder.bytes(name)
    bytes[bytes.count - 9] ^= 1
    try folder.write(bytes, to: name)
    let verification = try Verification(folder.file("a.onnx"))
    #expect(verification.problems.map(\.place) == ["v"])
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("a.onnx"))
    }
    #expect(error?.code == .damaged)
    #expect(error?.place == "v")
    _ = try OpenedCheckpoint(folder.file("a.onnx"), access: .unverified)
  }

  /// Several files are not written where a link leads: the second would be beside the link.
  @Test func aLinkIsNoPlaceForSeveralFiles() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("real"), withIntermediateDirectories: false)
    try folder.write([], to: "real/a.onnx")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("a.onnx"), withDestinationPath: "real/a.onnx")
    let checkpoint = Checkpoint(state: ["w": array([1000], .float32)])
    var options = WriteOptions()
    options.onnx.inlineByteCount = 0
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: folder.file("a.onnx"), format: .onnx, options: options)
    }
    #expect(error?.reason.contains("symbolic link") == true)
    #expect(folder.names == ["a.onnx", "real"])
    try checkpoint.write(to: folder.file("a.onnx"), format: .onnx)
    #expect(try OpenedCheckpoint(folder.file("real/a.onnx")).checkpoint.state.count == 1)
  }

  /// A model without memory: what is read with checksums is of its own, what is mapped is the file's.
  @Test(.needsPeers) func verifiedTensorsAreCopies() throws {
    try Peers.run("write_onnx.py", [folder.path])
    for (access, isMapped) in [(Access.verified, false), (.mapped, true)] {
      let checkpoint = try OpenedCheckpoint(folder.file("graphs.onnx"), access: access).checkpoint
      let arrays =
        checkpoint.state.entries.values.map(\.array)
        + checkpoint.metadata.values.compactMap(\.tensor)
      #expect(arrays.contains { $0.storage.fileRegion != nil } == isMapped)
    }
  }

  @Test(.needsPeers) func metadataOfPlainTypesAreTexts() throws {
    let metadata: OrderedDictionary<String, Value> = [
      "text": "a\nb", "number": 7, "truth": true, "list": [1, 2], "": "empty",
    ]
    let checkpoint = Checkpoint(state: ["w": array([2], .float32)], metadata: metadata)
    try checkpoint.write(to: folder.file("a.onnx"), format: .onnx)
    #expect(
      try found("a.onnx").metadata == ["text": "a\nb", "number": "7", "truth": "true", "": "empty"])
    #expect(try OpenedCheckpoint(folder.file("a.onnx")).checkpoint.metadata == metadata)
  }

  @Test(.needsPeers) func oddNamesAreToldAndComeBack() throws {
    var state = StateDict()
    for (number, key) in ["", String(repeating: "k", count: 70_000), "a/b", "\0"].enumerated() {
      state.entries[key] = .init(NDArray([Float(number)]), role: .parameter)
    }
    let checkpoint = Checkpoint(state: state)
    let summary = try checkpoint.write(to: folder.file("a.onnx"), format: .onnx)
    #expect(summary.losses.map(\.kind) == [.keyChanged, .keyChanged])
    #expect(Set(try found("a.onnx").tensors.map(\.name)).count == 4)
    let back = try OpenedCheckpoint(folder.file("a.onnx")).checkpoint
    #expect(try CheckpointComparison(checkpoint, back).differences.isEmpty)
  }
}
