import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// What is written as MAT-file, held against what other libraries and Octave find in it, and read back.
@Suite struct MATLABWriterTests {
  struct Found: Decodable {
    struct Array: Decodable, Equatable {
      let dtype: String
      let shape: [Int]
      let hex: String
    }

    struct File: Decodable {
      let datasets: [String: [String]]
      let groups: [String: [String]]
      let header: String
    }

    let hdf5storage: [String: Array?]
    let mat73: [String: Array?]
    let pymatreader: [String: Array?]
    let file: File
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func found(_ name: String = "a.mat") throws -> Found {
    let json = try Peers.run("read_matlab.py", [folder.file(name)])
    return try JSONDecoder().decode(Found.self, from: Data(json.utf8))
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) }
  }

  func array(_ shape: Shape, _ dtype: DType = .float32) throws -> NDArray {
    try NDArray((0..<shape.elementCount).map { Float($0 % 100) }, shape: shape).converted(to: dtype)
  }

  private func bits<T: BitwiseCopyable>(_ elements: [T], _ dtype: DType) -> NDArray {
    NDArray(storage: Storage(copying: elements), dtype: dtype, layout: Layout([elements.count]))
  }

  @discardableResult
  func write(
    _ arrays: [(String, NDArray)], to name: String = "a.mat", _ options: WriteOptions = .init()
  ) throws -> WriteSummary {
    var state = StateDict()
    for (key, array) in arrays { state.entries[key] = .init(array, role: .parameter) }
    return try Checkpoint(state: state).write(
      to: folder.file(name), format: .matlab, options: options)
  }

  // MARK: - Judges

  @Test(.needsPeers, arguments: [nil, WriteOptions.Compression(level: 3, shuffle: true)])
  func otherLibrariesFindTheSame(_ compression: WriteOptions.Compression?) throws {
    var arrays: [(String, NDArray)] = []
    for dtype in DType.allCases where dtype.kind != .complex && dtype.itemSize != 1 {
      if [.float16, .bfloat16].contains(dtype) { continue }
      arrays.append(("numbers.\(dtype.rawValue)", try array([2, 3, 4], dtype)))
    }
    arrays += [
      ("numbers.int8", try array([2, 3], .int8)), ("numbers.uint8", try array([2, 3], .uint8)),
      ("truths", try array([2, 2], .bool)),
      ("complex.complex64", try array([2, 3], .complex64)),
      ("complex.complex128", try array([2, 3], .complex128)),
      ("conv1.weight", try array([4, 3, 2, 5])), ("turned", try array([3, 5]).transposed()),
      ("large", try array([96, 80])),
    ]
    let vector = try array([5])
    let scalar = NDArray(Float(2.5))
    let half = try array([2, 3], .float16)
    let empty = try array([0, 3])
    try write(
      arrays + [
        ("layers.0.bias", vector), ("layers.0.scale", scalar), ("half", half), ("empty", empty),
      ], WriteOptions(compression: compression))
    let found = try found()
    let wide = try half.converted(to: .float32)
    var expected: [String: Found.Array] = [
      "layers.x0.bias": .init(dtype: "float32", shape: [1, 5], hex: hex(vector)),
      "layers.x0.scale": .init(dtype: "float32", shape: [1, 1], hex: hex(scalar)),
      "half": .init(dtype: "float32", shape: [2, 3], hex: hex(wide)),
      "empty": .init(dtype: "float32", shape: [0, 3], hex: ""),
    ]
    for (key, array) in arrays {
      expected[key] = .init(
        dtype: array.dtype.rawValue, shape: array.shape.dimensions, hex: hex(array))
    }
    #expect(found.hdf5storage.compactMapValues(\.self) == expected)
    for library in [found.mat73, found.pymatreader] {
      #expect(Set(library.keys) == Set(expected.keys))
      for (key, array) in expected where key != "empty" {
        // These leave out dimensions of one; pymatreader gives single numbers Python's types, and truths as
        // bytes.
        let other = try #require(library[key] ?? nil, "\(key)")
        if key != "layers.x0.scale" { #expect(other.hex == array.hex, "\(key)") }
        #expect(
          other.shape.filter { $0 != 1 } == array.shape.filter { $0 != 1 }, "\(key)")
      }
    }
    #expect(found.file.groups["layers"] == ["struct", "x0"])
    #expect(found.file.groups["layers.x0"] == ["struct", "bias", "scale"])
    #expect(found.file.datasets["truths"] == ["logical", "contiguous", "|u1", "1"])
    #expect(found.file.datasets["half"]?.first == "single")
    #expect(
      found.file.datasets["large"] == [
        "single", compression == nil ? "contiguous" : "chunked", "<f4",
      ])
  }

  @Test(.enabled(if: Octave.isInstalled, "Octave is not installed"))
  func octaveLoadsIt() throws {
    try write([
      ("net.0.weight", try array([2, 3])), ("net.0.bias", try array([3], .float64)),
      ("three", try array([2, 1, 3], .int16)), ("scalar", NDArray(Float(0.5))),
      ("half", try array([2, 2], .bfloat16)), ("truths", try array([2], .bool)),
      (
        "numbers",
        NDArray(
          storage: Storage(copying: [0, 1, 2, -3] as [Double]), dtype: .complex128,
          layout: Layout([1, 2]))
      ),
    ])
    let lines = try Octave.run("read_matlab.m", [folder.file("a.mat")]).split(separator: "\n")
    #expect(
      lines.map(String.init).sorted() == [
        "half [2 2] 0 2 1 3", "net.x0.bias [1 3] 0 1 2", "net.x0.weight [2 3] 0 3 1 4 2 5",
        "numbers [1 2] 0 1 2 -3", "scalar [1 1] 0.5", "three [2 1 3] 0 3 1 4 2 5",
        "truths [1 2] 0 1",
      ])
  }

  @Test(.needsPeers) func theBlockBeforeTheContentIsMATLABs() throws {
    try write([("a", try array([2, 2]))])
    try write([("a", try array([2, 2]))], to: "b.mat")
    #expect(try folder.bytes("a.mat") == folder.bytes("b.mat"))
    let text =
      "MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Thu Jan 01 00:00:00 1970 HDF5 schema 1.00 ."
    let bytes =
      Array(text.utf8) + [UInt8](repeating: 0x20, count: 116 - text.utf8.count)
      + [UInt8](repeating: 0, count: 8) + [0, 2, 0x49, 0x4D] + [UInt8](repeating: 0, count: 384)
    #expect(try found().file.header == Dump.hex(bytes))
    // The superblock says where it is, and where the file ends.
    let content = try folder.bytes("a.mat")
    func number(at place: Int) -> Int {
      content[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(number(at: 512 + 24) == 512)
    #expect(number(at: 512 + 40) == content.count)
  }

  // MARK: - Names

  @Test func keysBecomeNamesAndComeBack() throws {
    let names: [(key: String, path: String?)] = [
      ("layer1.0.conv1.weight", nil), ("a", nil), ("a.b", "a_2.b"), ("end", "end_"),
      ("x0", nil), ("0", "x0_2"), ("_hidden", "x_hidden"), ("é-ä", "x___"),
      ("s.for.while", "s.for_.while_"),
      ("c.1x.w", nil), ("d/e", nil), ("", "x"), ("f..g", "f.x.g"),
      (String(repeating: "k", count: 70), String(repeating: "k", count: 63)),
      (String(repeating: "k", count: 71), String(repeating: "k", count: 61) + "_2"),
      ("NUL\0", "NUL_00"),
      ((0..<40).map { "n\($0)" }.joined(separator: "."), nil),
    ]
    let summary = try write(names.map { ($0.key, NDArray([Float(1), 2])) })
    let opened = try OpenedCheckpoint(folder.file("a.mat"))
    #expect(opened.checkpoint.state.keys.elementsEqual(names.map(\.key)))
    #expect(opened.notes == [] && opened.losses == [])
    for (key, path) in names {
      let loss = summary.losses.first { $0.subject == key }
      guard let path else { continue }
      #expect(loss?.kind == .keyChanged && loss?.detail.contains("\"\(path)\"") == true, "\(key)")
    }
    let unchanged = ["layer1.0.conv1.weight", "a", "x0", "c.1x.w"]
    #expect(!summary.losses.contains { unchanged.contains($0.subject ?? "") })
  }

  @Test func manyKeysOfOneSortAreNamedInNoTime() throws {
    // Each is one letter that MATLAB has not, so that all would be "x_".
    let keys = (0..<4000).map { String(UnicodeScalar(UInt32(0x4E00 + $0)) ?? "?") }
    let time = try ProcessorTime.measure {
      try write(keys.map { ($0, NDArray([Float(1)])) })
    }
    #expect(time < .seconds(10), "\(time)")
    let opened = try OpenedCheckpoint(folder.file("a.mat"))
    #expect(opened.checkpoint.state.keys.elementsEqual(keys))
    #expect(opened.notes == [])
  }

  // MARK: - Bits

  @Test(arguments: [DType.float16, .bfloat16]) func everyHalfIsExact(_ dtype: DType) throws {
    let all = (0...UInt16.max).map(\.self)
    let isOdd: (UInt16) -> Bool = { bits in
      let magnitude = bits & 0x7FFF
      return dtype == .float16
        ? magnitude > 0x7C00 && magnitude != 0x7E00 : magnitude > 0x7F80 && magnitude != 0x7FC0
    }
    let usual = bits(all.filter { !isOdd($0) }, dtype)
    let odd = bits(all, dtype)
    let summary = try write([("usual", usual), ("odd", odd)])
    #expect(summary.losses.map(\.kind) == [.dtypeChanged, .dtypeChanged])
    #expect(summary.losses[0].detail.contains("single of the same numbers"))
    #expect(summary.losses[1].detail.contains("its bits as uint16"))
    let state = try OpenedCheckpoint(folder.file("a.mat")).checkpoint.state
    #expect(state["usual"]?.isBitwiseEqual(to: usual) == true)
    #expect(state["odd"]?.isBitwiseEqual(to: odd) == true)
    #expect(state["usual"]?.dtype == dtype && state["odd"]?.dtype == dtype)
  }

  @Test func whatHasNoElementsKeepsItsType() throws {
    let arrays = DType.allCases.flatMap { dtype in
      [[0], [0, 3], [2, 0, 4]].enumerated().map { number, shape in
        ("t\(number).\(dtype.rawValue)", NDArray(zeros: Shape(shape), dtype: dtype))
      }
    }
    try write(arrays)
    let opened = try OpenedCheckpoint(folder.file("a.mat"))
    #expect(opened.notes == [])
    for (key, array) in arrays {
      let back = opened.checkpoint.state[key]
      #expect(back?.dtype == array.dtype && back?.shape == array.shape, "\(key)")
    }
    #expect(try Verification(folder.file("a.mat")).problems.isEmpty)
    #expect(try Verification(folder.file("a.mat")).notes.isEmpty)
  }

  @Test func everyByteIsExact() throws {
    let types = DType.allCases.filter { $0.itemSize == 1 && $0.isFloatingPoint }
    #expect(types.count == 6)
    let arrays = types.map { ("t.\($0.rawValue)", bits((0...UInt8.max).map(\.self), $0)) }
    try write(arrays)
    let state = try OpenedCheckpoint(folder.file("a.mat")).checkpoint.state
    for (key, array) in arrays {
      #expect(state[key]?.dtype == array.dtype && state[key]?.isBitwiseEqual(to: array) == true)
    }
  }

  @Test func whatIsRoundedIsRoundedOnce() throws {
    let numbers = NDArray((0..<1000).map { Float($0) / 7 }, shape: [20, 50])
    var options = WriteOptions()
    options.floatingPointType = .bfloat16
    try write([("a", numbers), ("b", try array([3], .int32))], options)
    let state = try OpenedCheckpoint(folder.file("a.mat")).checkpoint.state
    #expect(
      try state["a"]?.isBitwiseEqual(to: numbers.converted(to: .bfloat16)) == true)
    options.floatingPointType = .float64
    try write([("a", numbers)], options)
    let wide = try OpenedCheckpoint(folder.file("a.mat")).checkpoint.state["a"]
    #expect(try wide?.isBitwiseEqual(to: numbers.converted(to: .float64)) == true)
  }

  @Test func whatHDF5CannotHoldIsRefused() throws {
    let deep = NDArray(zeros: Shape([Int](repeating: 1, count: 33)))
    let error = #expect(throws: CheckpointError.self) { try write([("deep", deep)]) }
    #expect(error?.code == .unsupported && error?.place == "deep")
    #expect(folder.names == [])
  }
}

/// GNU Octave, which loads MAT-files of version 7.3.
private enum Octave {
  private static let path = [
    "/usr/bin/octave", "/usr/local/bin/octave", "/opt/homebrew/bin/octave",
  ]
  .first(where: FileManager.default.isExecutableFile(atPath:))

  static var isInstalled: Bool { path != nil }

  /// Runs a script in the folder `Peers`.
  static func run(_ script: String, _ arguments: [String]) throws -> String {
    let path = try #require(path)
    let script = TestTarget.folder().appending(path: "Peers/\(script)").path
    let command = try Command.run(path, ["--no-gui", "-q", script] + arguments)
    try #require(command.status == 0, "\(command.errors)")
    return command.output
  }
}
