import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

@Suite struct SafetensorsWriterTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Read: Decodable {
    struct Tensor: Decodable {
      let dtype: String
      let shape: [Int]
      let hex: String
    }
    let metadata: [String: String]
    let tensors: [String: Tensor]
  }

  private func readByLibrary(_ name: String, _ arguments: String...) throws -> Read {
    let json = try Peers.run("read_safetensors.py", [folder.file(name)] + arguments)
    return try JSONDecoder().decode(Read.self, from: Data(json.utf8))
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { bytes in
      [UInt8](copying: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  // MARK: - There and back

  @Test func everythingComesBack() throws {
    let checkpoint = Checkpoint.rich()
    let path = folder.file("a.safetensors")
    let summary = try checkpoint.write(to: path, format: .safetensors)
    let types: Set = ["complex32", "complex128", "float4_e2m1fn_x2.scalar"]
    #expect(summary.losses.allSatisfy { $0.kind == .dtypeChanged })
    #expect(
      summary.losses.count == 7
        && summary.losses.allSatisfy { loss in
          types.contains { loss.subject?.hasPrefix($0) == true }
        })
    #expect(summary.fileByteCount == (try Data(contentsOf: URL(filePath: path)).count))
    #expect(try FileFormat.detect(path) == .safetensors)
    let opened = try OpenedCheckpoint(path)
    checkpoint.expectSame(opened.checkpoint)
    #expect(opened.notes.isEmpty && opened.roleRules.isEmpty && opened.losses.isEmpty)
    let verification = try Verification(path)
    #expect(verification.problems.isEmpty && verification.notes.isEmpty)
  }

  @Test func theSameCheckpointGivesTheSameBytes() throws {
    for name in ["a.safetensors", "b.safetensors"] {
      try Checkpoint.rich().write(to: folder.file(name), format: .safetensors)
    }
    #expect(try folder.bytes("a.safetensors") == folder.bytes("b.safetensors"))
  }

  @Test func byWayOfHDF5NothingIsLost() throws {
    var checkpoint = Checkpoint.rich()
    checkpoint.state.entries = checkpoint.state.entries.filter {
      $0.key.contains("float32") || !$0.key.contains(".scalar") && !$0.key.contains("complex")
    }
    try checkpoint.write(to: folder.file("a.h5"), format: .ballast)
    let first = try OpenedCheckpoint(folder.file("a.h5")).checkpoint
    let summary = try first.write(to: folder.file("b.safetensors"), format: .safetensors)
    #expect(summary.losses.isEmpty)
    let second = try OpenedCheckpoint(folder.file("b.safetensors")).checkpoint
    first.expectSame(second)
    try second.write(to: folder.file("c.h5"), format: .ballast)
    #expect(try folder.bytes("a.h5") == folder.bytes("c.h5"))
  }

  @Test(.needsPeers) func aFileOfTheLibraryIsWrittenAgainToTheByte() throws {
    _ = try Peers.run("write_safetensors.py", [folder.path])
    _ = try readByLibrary("model-00001-of-00002.safetensors", folder.file("one.safetensors"))
    for name in ["all", "one"] {
      let opened = try OpenedCheckpoint(folder.file("\(name).safetensors"))
      try opened.checkpoint.write(to: folder.file("\(name).h5"), format: .ballast)
      let again = try OpenedCheckpoint(folder.file("\(name).h5")).checkpoint
      try again.write(to: folder.file("\(name)2.safetensors"), format: .safetensors)
      let (a, b) = (
        try folder.bytes("\(name).safetensors"), try folder.bytes("\(name)2.safetensors")
      )
      // The library writes several texts in any order.
      #expect(name == "all" ? a.count == b.count : a == b)
      let headerLength = Int(a[0]) | Int(a[1]) << 8
      let tensors = { (bytes: [UInt8]) in
        let header = String(decoding: bytes[8..<(8 + headerLength)], as: UTF8.self)
        return header[(header.range(of: "},")?.upperBound ?? header.startIndex)...]
      }
      #expect(tensors(a) == tensors(b))
    }
  }

  // MARK: - The library

  @Test(.needsPeers) func theLibraryReadsWhatIsWritten() throws {
    let checkpoint = Checkpoint.rich()
    try checkpoint.write(to: folder.file("a.safetensors"), format: .safetensors)
    let read = try readByLibrary("a.safetensors", folder.file("b.safetensors"))
    for (key, entry) in checkpoint.state.entries where key != "tied.weight" {
      let tensor = try #require(read.tensors[key], "\(key)")
      #expect(tensor.hex == hex(entry.array), "\(key)")
      let isCarried = [.complex32, .complex128].contains(entry.array.dtype)
      if isCarried {
        #expect(tensor.shape == entry.array.shape.dimensions + [2])
      } else if key != "float4_e2m1fn_x2.scalar" {
        #expect(tensor.shape == entry.array.shape.dimensions)
        #expect(tensor.dtype == entry.array.dtype.rawValue, "\(key)")
      }
    }
    #expect(read.metadata["tied.weight"] == "zeta.weight" && read.metadata["epoch"] == "3")
    #expect(read.tensors["optimizer/state/zeta.weight/exp_avg"] != nil)
    // The library keeps the metadata, and so the outline.
    checkpoint.expectSame(try OpenedCheckpoint(folder.file("b.safetensors")).checkpoint)
    try expectSameData("a.safetensors", "b.safetensors")
  }

  /// Holds that all but the headers is the same: the order and places of the tensors are.
  private func expectSameData(_ a: String, _ b: String) throws {
    let data = try [a, b].map { name in
      let bytes = try folder.bytes(name)
      return Array(bytes[(8 + Int(bytes[0]) + Int(bytes[1]) << 8 + Int(bytes[2]) << 16)...])
    }
    #expect(data[0] == data[1])
  }

  @Test(.needsPeers) func thousandsOfKeysAreRead() throws {
    var checkpoint = Checkpoint(state: StateDict())
    for number in 0..<2_000 {
      checkpoint.state.entries["layer.\(number).weight"] = .init(
        NDArray(repeating: Float(number), shape: [3]), role: .parameter)
    }
    try checkpoint.write(to: folder.file("a.safetensors"), format: .safetensors)
    #expect(try readByLibrary("a.safetensors").tensors.count == 2_000)
    checkpoint.expectSame(try OpenedCheckpoint(folder.file("a.safetensors")).checkpoint)
  }

  // MARK: - Ties and texts of others

  private func file(_ header: String, data: Int) -> [UInt8] {
    let json = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
      + [UInt8](repeating: 1, count: data)
  }

  @Test func droppedNamesAreTies() throws {
    let header =
      #"{"__metadata__":{"format":"pt","b":"a"},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    try folder.write(file(header, data: 1), to: "a.safetensors")
    let checkpoint = try OpenedCheckpoint(folder.file("a.safetensors")).checkpoint
    #expect(checkpoint.state.ties.map(\.key) == ["b"])
    #expect(checkpoint.metadata.isEmpty)
  }

  @Test func whatOthersChangedCounts() throws {
    var checkpoint = Checkpoint(state: ["a": NDArray([1] as [Float])])
    checkpoint.metadata = ["epoch": 3, "a": "a name that is taken", "x": "a"]
    try checkpoint.write(to: folder.file("a.safetensors"), format: .safetensors)
    var bytes = try folder.bytes("a.safetensors")
    let same = try OpenedCheckpoint(folder.file("a.safetensors"))
    #expect(same.checkpoint.metadata["epoch"] == 3 && same.checkpoint.metadata["x"] == "a")
    let range = try #require(bytes.firstRange(of: Array(#""epoch":"3""#.utf8)))
    bytes.replaceSubrange(range, with: #""epoch":"4""#.utf8)
    try folder.write(bytes, to: "b.safetensors")
    let changed = try OpenedCheckpoint(folder.file("b.safetensors"))
    #expect(changed.checkpoint.metadata["epoch"] == "4" && changed.notes.count == 1)
  }

  // MARK: - Several files

  @Test(.needsPeers, arguments: ["m.safetensors.index.json", "m.safetensors"])
  func tensorsAreDistributed(name: String) throws {
    let checkpoint = Checkpoint.rich()
    var options = WriteOptions()
    options.safetensors.shardByteCount = 200
    let summary = try checkpoint.write(
      to: folder.file(name), format: .safetensors, options: options)
    let files = folder.names
    #expect(files.count > 3 && files.contains("m.safetensors.index.json"))
    #expect(files.contains("m-00001-of-\(String(format: "%05d", files.count - 1)).safetensors"))
    #expect(try summary.fileByteCount == files.reduce(0) { try $0 + folder.bytes($1).count })
    let opened = try OpenedCheckpoint(folder.file("m.safetensors.index.json"))
    checkpoint.expectSame(opened.checkpoint)
    let read = try readByLibrary("m.safetensors.index.json")
    #expect(read.tensors.count == summary.tensorCount - 2)
  }

  @Test func aSetIsWrittenWholeOrNotAtAll() throws {
    let state: StateDict = [
      "a": NDArray(zeros: [8]), "b": NDArray(zeros: [8]), "c": NDArray(zeros: [8]),
    ]
    var options = WriteOptions()
    options.safetensors.shardByteCount = 32
    let path = folder.file("m.safetensors.index.json")
    // A folder in the way of the second file.
    let obstacle = folder.file("m-00002-of-00003.safetensors")
    try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
    #expect(throws: CheckpointError.self) {
      try Checkpoint(state: state).write(to: path, format: .safetensors, options: options)
    }
    #expect(folder.names == ["m-00002-of-00003.safetensors"])
    try FileManager.default.removeItem(atPath: obstacle)
    try Checkpoint(state: state).write(to: path, format: .safetensors, options: options)
    #expect(folder.names.count == 4)
    options.overwrite = .refuse
    #expect(throws: CheckpointError.self) {
      try Checkpoint(state: state).write(to: path, format: .safetensors, options: options)
    }
    #expect(folder.names.count == 4)
  }

  @Test func compressionIsRefused() throws {
    var options = WriteOptions()
    options.compression = .init(level: 4)
    #expect(throws: CheckpointError.self) {
      try Checkpoint(state: StateDict()).write(
        to: folder.file("a.safetensors"), format: .safetensors, options: options)
    }
    #expect(folder.names.isEmpty)
  }

  // MARK: - Damage

  @Test func damagedFilesAreErrorsOrAnswers() throws {
    var checkpoint = Checkpoint.rich()
    checkpoint.state.entries = checkpoint.state.entries.filter { $0.key.contains("t32") }
    try checkpoint.write(to: folder.file("a.safetensors"), format: .safetensors)
    let sound = try folder.bytes("a.safetensors")
    var random = SeededGenerator(seed: 7)
    for round in 0..<60 {
      var bytes = sound
      if round % 3 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      for _ in 0..<(round % 3) {
        bytes[Int(random.next() % UInt64(min(bytes.count, 20_000)))] = UInt8(random.next() % 128)
      }
      try folder.write(bytes, to: "b.safetensors")
      // An answer or an error, and no trap.
      _ = try? OpenedCheckpoint(folder.file("b.safetensors"), format: .safetensors)
    }
  }
}
