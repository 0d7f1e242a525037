import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// What is written as GGUF, held against what the `gguf` package finds in it, and read back.
@Suite struct GGUFWriterTests {
  struct Found: Decodable {
    /// A tensor: its name, type, shape, bytes, and whether it is aligned.
    struct Tensor: Decodable, Equatable {
      let name: String
      let type: String
      let shape: [Int]
      let hex: String
      let isAligned: Bool

      init(_ name: String, _ type: String, _ shape: [Int], _ hex: String) {
        (self.name, self.type, self.shape, self.hex, isAligned) = (name, type, shape, hex, true)
      }

      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        name = try row.decode(String.self)
        type = try row.decode(String.self)
        shape = try row.decode([Int].self)
        hex = try row.decode(String.self)
        isAligned = try row.decode(Bool.self)
      }
    }

    let tensors: [Tensor]
    let alignment: Int
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func found(_ name: String) throws -> Found {
    let json = try Peers.run("read_gguf.py", [folder.file(name)])
    return try #require(JSONDecoder().decode([Found].self, from: Data(json.utf8)).first)
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
  }

  private func array(_ shape: Shape, _ dtype: DType) throws -> NDArray {
    try NDArray((0..<shape.elementCount).map { Float($0 % 100) }, shape: shape).converted(to: dtype)
  }

  @Test(.needsPeers) func thePackageReadsWhatIsWritten() throws {
    var state = StateDict()
    var expected: [Found.Tensor] = []
    func add(
      _ key: String, _ array: NDArray, _ type: String, _ shape: [Int]? = nil, _ hex: String? = nil
    ) {
      state.entries[key] = .init(array, role: array.dtype.isIntegral ? .buffer : .parameter)
      expected.append(
        .init(
          key, type, shape ?? array.shape.dimensions, hex ?? self.hex(array)))
    }
    let plain: [(DType, String)] = [
      (.float64, "F64"), (.float32, "F32"), (.float16, "F16"), (.int8, "I8"), (.int16, "I16"),
      (.int32, "I32"), (.int64, "I64"), (.bfloat16, "BF16"),
    ]
    for (dtype, name) in plain { add("p.\(name)", try array([3, 5], dtype), name) }
    add("scalar", NDArray(Float(2)), "F32")
    add("four", try array([2, 1, 3, 4], .float32), "F32")
    add("turned", try array([4, 3], .float32).transposed(), "F32")
    let five = try array([1, 2, 1, 3, 2], .float32)
    add("five", five, "F32", [12])
    let truths = NDArray(
      storage: Storage(copying: [0, 1, 1] as [UInt8]), dtype: .bool, layout: Layout([3]))
    add("truths", truths, "I8")
    let bytes = NDArray([0, 127, 128, 255] as [UInt8])
    add("bytes", bytes, "I16", nil, hex(try bytes.converted(to: .int16)))
    let large = NDArray([0, UInt64.max])
    add("large", large, "I64")
    let complex = NDArray(
      storage: Storage(copying: [1, 2, 3, 4] as [Float]), dtype: .complex64, layout: Layout([2]))
    add("complex", complex, "F32", [2, 2])
    let small = NDArray(
      storage: Storage(copying: [1, 255, 128] as [UInt8]), dtype: .float8E5M2, layout: Layout([3]))
    add("small", small, "I8")
    let checkpoint = Checkpoint(state: state)
    let summary = try checkpoint.write(to: folder.file("a.gguf"), format: .gguf)
    #expect(
      summary.losses.map(\.subject) == ["five", "truths", "bytes", "large", "complex", "small"])
    #expect(summary.losses.allSatisfy { $0.kind == .dtypeChanged })
    #expect(try found("a.gguf").tensors == expected)
    #expect(try found("a.gguf").alignment == 32)

    let back = try OpenedCheckpoint(folder.file("a.gguf"))
    #expect(try CheckpointComparison(checkpoint, back.checkpoint).differences.isEmpty)
    #expect(back.checkpoint.metadata.isEmpty)
    #expect(back.checkpoint.origin.isEmpty)
    #expect(try back.facts["architecture"] == "ballast")
    // The way of least surprise: roles that a reader guesses need no outline.
    #expect(try back.facts["metadata"]?["ballast.outline"] == nil)
  }

  @Test(.needsPeers) func namesThatAreTooLongAreCut() throws {
    var state = StateDict()
    let keys = ["short"] + (0..<3).map { String(repeating: "é", count: 40) + "\($0)" } + [""]
    for (number, key) in keys.enumerated() {
      state.entries[key] = .init(NDArray([Float(number)]), role: .parameter)
    }
    let fits = String(repeating: "x", count: 63)
    state.entries[fits] = .init(NDArray([Float(9)]), role: .parameter)
    let summary = try Checkpoint(state: state).write(to: folder.file("a.gguf"), format: .gguf)
    #expect(summary.losses.map(\.kind) == [.keyChanged, .keyChanged, .keyChanged, .keyChanged])
    let names = try found("a.gguf").tensors.map(\.name)
    #expect(names.allSatisfy { (1...63).contains($0.utf8.count) })
    #expect(Set(names).count == names.count)
    #expect(names.contains("short") && names.contains(fits))
    let back = try OpenedCheckpoint(folder.file("a.gguf")).checkpoint.state
    #expect(back.keys == state.keys)
    #expect(back[keys[2]]?.elements(as: Float.self) == [2])
  }

  /// Metadata of every sort, some of which GGUF can say: all of them come back, in their order.
  @Test func metadataComeBackInTheirOrder() throws {
    var checkpoint = Checkpoint(state: ["w": NDArray([Float(1)])])
    checkpoint.metadata = [
      "epoch": 3, "options": ["lr": 0.1], "name": "net", "none": .none, "loss": .float(.nan),
      "list": [1, 2, 3], "mixed": [1, "a"], "empty": [], "truths": [true, false],
      "texts": ["a", "b"], "numbers": [0.5, -0.0], "big": .bigInt("18446744073709551615"),
      "larger": .bigInt("18446744073709551616"), "bytes": .bytes([255]), "tuple": .tuple([1]),
      "rng": .tensor(NDArray([UInt8(1), 2])), "many": .list((0..<300).map { .int($0) }),
      "general.architecture": 7, "general.alignment": 24, "ballast.outline": "x", "split.no": 1,
      "": "nameless", "split.count": 9,
    ]
    try checkpoint.write(to: folder.file("a.gguf"), format: .gguf)
    let back = try OpenedCheckpoint(folder.file("a.gguf")).checkpoint
    #expect(back.metadata.elements.elementsEqual(checkpoint.metadata, by: ==))
    #expect(try OpenedCheckpoint(folder.file("a.gguf")).facts["metadata"]?["epoch"] == "INT64 3")
    // Names that mean something to GGUF are not taken for it.
    checkpoint.metadata = ["general.architecture": "ballast", "general.alignment": 64]
    try checkpoint.write(to: folder.file("a.gguf"), format: .gguf)
    let again = try OpenedCheckpoint(folder.file("a.gguf"))
    #expect(again.checkpoint.metadata.elements.elementsEqual(checkpoint.metadata, by: ==))
    #expect(try again.facts["alignment"] == 32)
  }

  /// A type that was kept counts as long as it holds the value.
  @Test func keptTypesAreForValuesThatTheyHold() throws {
    var checkpoint = Checkpoint(state: ["w": NDArray([Float(1)])])
    checkpoint.metadata = [
      "a": 300, "b": 255, "c": 0.1, "d": 0.5, "e": [1, 2], "f": "x", "general.alignment": 256,
    ]
    checkpoint.origin["gguf"] = [
      "types": [
        "a": "UINT8", "b": "UINT8", "c": "FLOAT32", "d": "FLOAT32", "e": ["array": "INT16"],
        "f": "NOTHING", "general.alignment": "UINT32", "z": 3,
      ],
      "blocks": ["w": "Q4_0", "x": "Q9"],
    ]
    try checkpoint.write(to: folder.file("a.gguf"), format: .gguf)
    let opened = try OpenedCheckpoint(folder.file("a.gguf"))
    #expect(
      opened.checkpoint.origin["gguf"] == [
        "types": [
          "b": "UINT8", "d": "FLOAT32", "e": ["array": "INT16"], "general.alignment": "UINT32",
        ]
      ])
    #expect(opened.checkpoint.metadata.elements.elementsEqual(checkpoint.metadata, by: ==))
    #expect(try opened.facts["alignment"] == 256)
  }

  /// Blocks that were changed to another shape, or under another key, are plain bytes, and told.
  @Test func blocksThatAreNoneAnyMoreAreNotWrittenAsSuch() throws {
    var state = StateDict()
    state.entries["w"] = .init(NDArray(zeros: [2, 32]), role: .parameter)
    var options = WriteOptions()
    options.gguf.quantization = .q8
    try Checkpoint(state: state).write(to: folder.file("q.gguf"), format: .gguf, options: options)
    let quantised = try OpenedCheckpoint(folder.file("q.gguf")).checkpoint
    #expect(quantised.quantisedKeys == ["w"])
    #expect(quantised.state["w"]?.shape == [2, 34])
    var cut = quantised
    cut.state.entries["w"]?.array =
      quantised.state["w"]?.sliced(axis: 1, 0..<33) ?? NDArray(Float(0))
    #expect(cut.quantisedKeys == [])
    let summary = try cut.write(to: folder.file("c.gguf"), format: .gguf)
    #expect(summary.losses.map(\.kind) == [.dtypeChanged])
    #expect(try OpenedCheckpoint(folder.file("c.gguf")).checkpoint.state["w"]?.shape == [2, 33])
    // Quantised again, blocks stay what they are.
    let twice = try quantised.write(to: folder.file("t.gguf"), format: .gguf, options: options)
    #expect(twice.losses == [])
    #expect(try folder.bytes("t.gguf") == folder.bytes("q.gguf"))
    // Two names of one tensor, and a name that the format has to cut.
    var tied = quantised
    let long = String(repeating: "k", count: 90)
    tied.state.entries["tied"] = quantised.state.entries["w"]
    tied.state.entries[long] = quantised.state.entries["w"]
    tied.state.entries[long]?.array = quantised.state["w"]?.copied() ?? NDArray(Float(0))
    tied.origin["gguf"] = ["blocks": ["w": "Q8_0", "tied": "Q8_0", .string(long): "Q8_0"]]
    try tied.write(to: folder.file("d.gguf"), format: .gguf)
    let again = try OpenedCheckpoint(folder.file("d.gguf")).checkpoint
    #expect(again.quantisedKeys == ["w", "tied", long])
    #expect(again.state.ties.count == 1)
    // Three names of one tensor, the longest of which the format cuts, and a tensor that is called as what is
    // left of it.
    let cutName = try #require(
      OpenedCheckpoint(folder.file("d.gguf")).facts["blocks"]?.dictionary?.keys.map(\.text)
        .first { $0.hasPrefix("kkk") })
    tied.state.entries[long] = quantised.state.entries["w"]
    tied.state.entries[cutName] = .init(NDArray(zeros: [2, 34], dtype: .uint8), role: .buffer)
    for order in [tied.state.entries, .init(uniqueKeysWithValues: tied.state.entries.reversed())] {
      tied.state.entries = order
      try tied.write(to: folder.file("e.gguf"), format: .gguf)
      let third = try OpenedCheckpoint(folder.file("e.gguf")).checkpoint
      #expect(Set(third.quantisedKeys) == ["w", "tied", long])
      #expect(third.state.ties.count == 2)
      #expect(third.state.entries[cutName]?.role == .buffer)
      let made = try third.dequantized()
      #expect(made.tensorCount == 3)
      #expect(made.checkpoint.state.ties.count == 2)
      #expect(made.checkpoint.state[cutName]?.dtype == .uint8)
    }
    let numbers = try quantised.dequantized()
    #expect(
      numbers.checkpoint.state["w"]?.elements(as: Float.self) == [Float](repeating: 0, count: 64))
    #expect(numbers.checkpoint.metadata["general.file_type"] == 0)
    #expect(numbers.checkpoint.quantisedKeys == [])
  }
  /// Blocks of a shape that the loader of llama.cpp does not take are carried, and are blocks again when they
  /// are read.
  @Test func blocksOfOtherShapesStayBlocks() throws {
    var state = StateDict()
    for (key, shape) in [("deep", [1, 2, 1, 3, 68] as Shape), ("none", [0, 34]), ("w", [2, 34])] {
      state.entries[key] = .init(NDArray(zeros: shape, dtype: .uint8), role: .parameter)
    }
    state.entries["bytes"] = .init(NDArray(zeros: [2, 34], dtype: .uint8), role: .buffer)
    var checkpoint = Checkpoint(state: state)
    checkpoint.origin["gguf"] = [
      "blocks": ["deep": "Q8_0", "none": "Q8_0", "w": "Q8_0", "lost": "Q8_0"]
    ]
    #expect(checkpoint.quantisedKeys == ["deep", "none", "w"])
    for _ in 0..<2 {
      let losses = try checkpoint.write(to: folder.file("a.gguf"), format: .gguf).losses
      #expect(losses.map(\.subject) == ["deep", "none", "bytes"])
      checkpoint = try OpenedCheckpoint(folder.file("a.gguf")).checkpoint
      #expect(checkpoint.quantisedKeys == ["deep", "none", "w"])
      #expect(checkpoint.state["deep"]?.shape == [1, 2, 1, 3, 68])
      #expect(checkpoint.state["none"]?.shape == [0, 34])
    }
    let numbers = try checkpoint.dequantized().checkpoint.state
    #expect(numbers["deep"]?.shape == [1, 2, 1, 3, 64])
    #expect(numbers["none"]?.shape == [0, 32])
  }

  /// The type of the file that its metadata say is the one that it has.
  @Test func theTypeOfTheFileIsSaidAnew() throws {
    for (type, number) in [(DType.float16, 1), (.bfloat16, 32), (.float32, 0)] {
      var checkpoint = Checkpoint(state: ["w": NDArray(zeros: [2, 32])])
      var options = WriteOptions()
      options.floatingPointType = type
      try checkpoint.write(to: folder.file("a.gguf"), format: .gguf, options: options)
      #expect(try OpenedCheckpoint(folder.file("a.gguf")).checkpoint.metadata.isEmpty)
      checkpoint.metadata["general.file_type"] = 7
      let losses = try checkpoint.write(to: folder.file("a.gguf"), format: .gguf, options: options)
        .losses
      #expect(losses.contains { $0.subject == "general.file_type" })
      let back = try OpenedCheckpoint(folder.file("a.gguf")).checkpoint
      #expect(back.metadata["general.file_type"] == .int(number))
    }
  }

  @Test func whatIsNotQuantisedIsToldBefore() throws {
    var state: StateDict = ["w": NDArray(zeros: [2, 32]), "odd": NDArray(zeros: [2, 31])]
    state["blocks"] = NDArray(zeros: [2, 34], dtype: .uint8)
    state["bias"] = NDArray(zeros: [32])
    state["numbers"] = NDArray(zeros: [2, 32], dtype: .int32)
    var checkpoint = Checkpoint(state: state)
    checkpoint.origin["gguf"] = ["blocks": ["blocks": "Q8_0"]]
    let outlook = checkpoint.outlook(on: .q4)
    #expect(outlook.quantised == ["w"])
    #expect(outlook.alreadyBlocks == ["blocks"])
    #expect(outlook.misfits == ["odd"])
    #expect(outlook.notes.count == 2)
    var options = WriteOptions()
    options.gguf.quantization = .q4
    let losses = try checkpoint.write(to: folder.file("a.gguf"), format: .gguf, options: options)
      .losses
    #expect(losses.filter { $0.kind == .valueRounded }.map(\.subject) == outlook.quantised)
  }
}
