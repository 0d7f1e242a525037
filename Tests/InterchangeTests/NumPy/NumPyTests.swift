import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

@Suite struct NumPyTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Read: Decodable {
    let dtype: String
    let shape: [Int]
    let hex: String
  }

  private func decode(_ json: String) throws -> [String: Read] {
    try JSONDecoder().decode([String: Read].self, from: Data(json.utf8))
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { bytes in
      [UInt8](copying: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  private func options(level: Int?) -> WriteOptions {
    var options = WriteOptions()
    options.compression = level.map { .init(level: $0) }
    return options
  }

  // MARK: - There and back

  @Test(arguments: [("a.npz", nil), ("a.npz", 4), ("tree", nil)] as [(String, Int?)])
  func everythingComesBack(name: String, level: Int?) throws {
    let checkpoint = Checkpoint.rich()
    let path = folder.file(name)
    let summary = try checkpoint.write(to: path, format: .numpy, options: options(level: level))
    #expect(summary.losses.count == 24 && summary.losses.allSatisfy { $0.kind == .dtypeChanged })
    #expect(try FileFormat.detect(path) == .numpy)
    for reading in [Access.mapped, .verified, .unverified] {
      let opened = try OpenedCheckpoint(path, access: reading)
      checkpoint.expectSame(opened.checkpoint)
      #expect(opened.notes.isEmpty && opened.roleRules.isEmpty && opened.losses.isEmpty)
    }
    let verification = try Verification(path)
    #expect(verification.problems.isEmpty && verification.tensorCount > 70)
    #expect(folder.names == [name])
    if name == "a.npz" {
      #expect(summary.fileByteCount == (try folder.bytes(name).count))
      try checkpoint.write(
        to: folder.file("b.npz"), format: .numpy, options: options(level: level))
      #expect(try folder.bytes("a.npz") == folder.bytes("b.npz"))
    }
  }

  @Test func nothingIsAddedWhereNothingIsToSay() throws {
    var state: StateDict = ["b.weight": NDArray([1] as [Float]), "a": NDArray([2] as [Int32])]
    state.entries["b.weight"]?.role = .parameter
    state.entries["a"]?.role = .buffer
    let checkpoint = Checkpoint(state: state)
    try checkpoint.write(to: folder.file("tree"), format: .numpy)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("tree"))
    // A folder has no order of its own.
    #expect(Set(files) == ["a.npy", "b.weight.npy", "ballast.outline.npy"])
    try checkpoint.write(to: folder.file("a.npz"), format: .numpy)
    let bytes = try folder.bytes("a.npz")
    #expect(bytes.firstRange(of: Array("ballast".utf8)) == nil)
    checkpoint.expectSame(try OpenedCheckpoint(folder.file("a.npz")).checkpoint)
  }

  // MARK: - NumPy

  @Test(.needsPeers, arguments: [("a.npz", nil), ("a.npz", 9), ("tree", nil)] as [(String, Int?)])
  func numPyReadsWhatIsWritten(name: String, level: Int?) throws {
    let checkpoint = Checkpoint.rich()
    try checkpoint.write(
      to: folder.file(name), format: .numpy, options: options(level: level))
    let isFolder = name == "tree"
    let read = try decode(
      Peers.run("read_numpy.py", [folder.file(name)] + (isFolder ? [] : [folder.file("b.npz")])))
    for (key, entry) in checkpoint.state.entries where !key.hasPrefix("key ") {
      let array = try #require(read[key], "\(key)")
      #expect(array.hex == hex(entry.array), "\(key)")
      #expect(array.shape == entry.array.shape.dimensions)
    }
    #expect(read["float32.grid"]?.dtype == "<f4" && read["bfloat16.grid"]?.dtype == "|V2")
    #expect(read["tied.weight"]?.hex == read["zeta.weight"]?.hex)
    if !isFolder {
      // Written anew by NumPy, the arrays are the same, and so is the outline.
      checkpoint.expectSame(try OpenedCheckpoint(folder.file("b.npz")).checkpoint)
    }
  }

  @Test(.needsPeers, arguments: ["stored.npz", "deflated.npz"])
  func whatNumPyWritesIsRead(name: String) throws {
    let expected = try decode(Peers.run("write_numpy.py", [folder.path]))
    let opened = try OpenedCheckpoint(folder.file(name))
    #expect(Set(opened.checkpoint.state.keys) == Set(expected.keys))
    for (key, entry) in opened.checkpoint.state.entries {
      let array = try #require(expected[key])
      #expect(
        hex(entry.array) == array.hex && entry.array.shape.dimensions == array.shape, "\(key)")
    }
    #expect(opened.checkpoint.state["c16.fortran"]?.dtype == .complex128)
    #expect(opened.checkpoint.state.entries["i8/grid"]?.role == .buffer)
    #expect(opened.notes.isEmpty && opened.losses.isEmpty)
  }

  @Test(.needsPeers) func otherFilesOfNumPy() throws {
    _ = try Peers.run("write_numpy.py", [folder.path])
    for name in ["objects", "texts", "records"] {
      let path = folder.file("\(name).npz")
      #expect(try FileFormat.detect(path) == .numpy)
      #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
    }
    let opened = try OpenedCheckpoint(folder.file("bfloat16.npz"))
    #expect(opened.checkpoint.state["a"]?.elements() == [0x3F80, 0x4000] as [UInt16])
    #expect(opened.losses.map(\.kind) == [.dtypeChanged])
    let tree = try OpenedCheckpoint(folder.file("tree")).checkpoint.state
    #expect(Array(tree.keys) == ["bn.running_mean", "conv1.bias", "conv1.weight"])
    #expect(tree.entries["bn.running_mean"]?.role == .buffer)
    let single = try OpenedCheckpoint(folder.file("tree/conv1/weight.npy")).checkpoint
    #expect(single.state["weight"]?.shape == [3])
    #expect(try OpenedCheckpoint(folder.file("empty.npz")).checkpoint.state.isEmpty)
  }

  @Test(.needsPeers, arguments: [Access.mapped, .verified])
  func whatIsNoTensorCostsItselfAlone(access: Access) throws {
    _ = try Peers.run("write_numpy.py", [folder.path])
    let opened = try OpenedCheckpoint(folder.file("mixed.npz"), access: access)
    #expect(Array(opened.checkpoint.state.keys) == ["w", "last"])
    #expect(opened.checkpoint.state["w"]?.elements() == [0, 1, 2] as [Float])
    #expect(opened.losses.map(\.subject) == ["text", "objects", "days", "records"])
    #expect(opened.losses.allSatisfy { $0.kind == .tensorDropped })
  }

  // MARK: - Places

  @Test func aFolderThatHoldsSomethingStays() throws {
    let path = folder.file("tree")
    let checkpoint = Checkpoint(state: ["a": NDArray([1] as [Float])])
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    // What a process left that was killed.
    let remains = folder.file(".tree.partial-abcdef/x")
    try FileManager.default.createDirectory(atPath: remains, withIntermediateDirectories: true)
    try folder.write([1], to: ".tree.partial-abcdef/x/a.npy")
    try checkpoint.write(to: path, format: .numpy)
    let full = #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: path, format: .numpy)
    }
    #expect(full?.cause?.operation == "create")
    try folder.write([1], to: "file")
    let taken = #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: folder.file("file"), format: .numpy)
    }
    #expect(taken?.cause?.operation == "create")
    #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: folder.file("a.npy"), format: .numpy)
    }
    #expect(folder.names == ["file", "tree"])
  }

  // MARK: - Damage

  @Test func damageIsNamed() throws {
    let state: StateDict = ["a": NDArray([1, 2, 3] as [Float]), "b": NDArray([4] as [Float])]
    try Checkpoint(state: state).write(to: folder.file("a.npz"), format: .numpy)
    var bytes = try folder.bytes("a.npz")
    let place = try #require(bytes.firstRange(of: hexBytes("0000803f00000040")))
    bytes[place.lowerBound] ^= 1
    try folder.write(bytes, to: "a.npz")
    let verification = try Verification(folder.file("a.npz"))
    #expect(verification.problems.map(\.place) == ["a.npy"])
    #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("a.npz"), access: .verified)
    }
  }

  private func hexBytes(_ text: String) -> [UInt8] {
    stride(from: 0, to: text.count, by: 2).compactMap { start in
      UInt8(text.dropFirst(start).prefix(2), radix: 16)
    }
  }

  @Test func damagedFilesAreErrorsOrAnswers() throws {
    var checkpoint = Checkpoint.rich()
    checkpoint.state.entries = checkpoint.state.entries.filter { $0.key.contains("t32") }
    for level in [nil, 6] {
      try checkpoint.write(
        to: folder.file("a.npz"), format: .numpy, options: options(level: level))
      let sound = try folder.bytes("a.npz")
      var random = SeededGenerator(seed: 11)
      for round in 0..<60 {
        var bytes = sound
        if round % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
        for _ in 0..<(round % 3) {
          bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 256)
        }
        try folder.write(bytes, to: "b.npz")
        // An answer or an error, and no trap.
        _ = try? OpenedCheckpoint(folder.file("b.npz"), format: .numpy)
      }
    }
  }

  @Test func bombsAreRefused() throws {
    var writer = ZipWriter()
    for number in 0..<3 {
      var member = ZipWriter.Member(name: "\(number).npy", content: [0x93], isDeflated: true)
      member.size = 2_000_000_000
      member.localSize = 2_000_000_000
      writer.members.append(member)
    }
    try folder.write(writer.bytes(), to: "a.npz")
    #expect(throws: CheckpointError.self) { try OpenedCheckpoint(folder.file("a.npz")) }
    let loop = folder.file("tree/loop")
    try FileManager.default.createDirectory(
      atPath: folder.file("tree"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: folder.path)
    #expect(throws: CheckpointError.self) { try FileFormat.detect(folder.file("tree")) }
  }
}
