import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files made to harm, and damaged ones. Each is refused with one sentence, and takes no memory that its size does not
/// justify.
@Suite struct ONNXHostileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func failure(_ bytes: [UInt8]) throws -> CheckpointError? {
    try folder.write(bytes, to: "a.onnx")
    do throws(CheckpointError) {
      _ = try OpenedCheckpoint(folder.file("a.onnx"), format: .onnx)
      return nil
    } catch {
      return error
    }
  }

  @Test func soundFilesAreRead() throws {
    #expect(try failure(File().bytes) == nil)
    var file = File()
    file.tensors = [
      Tensor(name: "scalar", lengths: [], raw: [0, 0, 0, 0]),
      Tensor(name: "none", lengths: [0, 3], raw: []),
      Tensor(name: "nothing", lengths: [0], raw: nil),
      Tensor(
        name: "typed", lengths: [2], type: 7, raw: nil, more: Message { $0.bytes(7, [1, 2]) }),
      Tensor(
        name: "single", lengths: [2], type: 7, raw: nil,
        more: Message {
          $0.number(7, 3)
          $0.number(7, .max)
        }),
      Tensor(
        name: "pieces", lengths: [3], type: 1, raw: nil,
        more: Message {
          $0.bytes(4, [0, 0, 0x80, 0x3F])
          $0.bytes += [4 << 3 | 5, 0, 0, 0, 0x40]
          $0.bytes(4, [0, 0, 0x40, 0x40])
        }),
      Tensor(lengths: [], more: Message { $0.bytes(1, [2, 2]) }),
    ]
    // A message may come in pieces, and fields that nobody knows are passed over.
    file.model.message(7, Message { $0.message(5, Tensor(name: "more").message) })
    file.model.text(1000, "unknown")
    #expect(try failure(file.bytes) == nil)
    let opened = try OpenedCheckpoint(folder.file("a.onnx"))
    let state = opened.checkpoint.state
    #expect(
      Array(state.keys) == [
        "scalar", "none", "nothing", "typed", "single", "pieces", "w", "more",
      ])
    #expect(state["none"]?.shape == [0, 3])
    #expect(state["typed"]?.isBitwiseEqual(to: NDArray([Int64(1), 2])) == true)
    #expect(state["single"]?.isBitwiseEqual(to: NDArray([Int64(3), -1])) == true)
    #expect(state["pieces"]?.isBitwiseEqual(to: NDArray([Float(1), 2, 3])) == true)
    #expect(state["w"]?.shape == [2, 2])
    #expect(opened.losses.map(\.detail) == ["field 1000 of the model is not kept"])
  }

  @Test(arguments: attacks) func isRefused(_ attack: Attack) throws {
    let error = try #require(try failure(attack.bytes), "\(attack.testDescription) is read")
    #expect(error.code == attack.code, "\(error)")
    #expect("\(error)".contains(attack.words), "\(error)")
    #expect("\(error)".utf8.count < 1000, "\(error)")
    #expect(!"\(error)".contains("\n"), "\(error)")
  }

  /// Cut at every byte, the file is refused, or was cut between two fields and lacks what followed.
  @Test func cutFilesAreRefused() throws {
    var file = File()
    file.tensors.append(Tensor(name: "v", lengths: [2], type: 7, raw: nil))
    file.tensors[1].more.bytes(7, [1, 2])
    let bytes = file.bytes
    for count in 0..<bytes.count {
      let error = try #require(try failure(Array(bytes.prefix(count))), "\(count)")
      #expect(error.code == .damaged || error.code == .notThisFormat, "\(error)")
    }
  }

  /// One bit that changed is an error, or a sound file of other content; it is never a crash.
  @Test func changedBitsAreNoTrap() throws {
    var file = File()
    file.tensors.append(Tensor(name: "v", lengths: [1], type: 10, raw: nil))
    file.tensors[1].more.number(5, 15360)
    file.graph.bytes += Self.nested(3).bytes
    let constant = Self.node {
      $0.text(1, "value_ints")
      $0.bytes(8, [1, 2])
      $0.number(20, 7)
    }
    file.graph.message(1, constant)
    file.graph.message(15, Message { $0.message(1, Tensor(name: "s").message) })
    let graph = Message { $0.message(1, constant) }
    file.model.message(20, Message { $0.message(2, graph) })
    let table = Message {
      $0.text(1, "table")
      $0.message(5, Tensor(name: "").message)
    }
    file.model.message(
      25,
      Message {
        $0.text(1, "F")
        $0.message(11, table)
        $0.message(7, constant)
      })
    let bytes = file.bytes
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << bit
        if let error = try failure(changed) { #expect(error.code != .inputOutput, "\(error)") }
      }
    }
  }

  // MARK: - Files beside it

  private func external(_ entries: [[(String, String)]], lengths: [[UInt64]]) throws {
    var file = File()
    file.tensors = zip(entries, lengths).enumerated().map { number, part in
      var tensor = Tensor(name: "w\(number)", lengths: part.1)
      tensor.setExternal(part.0)
      return tensor
    }
    try folder.write(file.bytes, to: "a.onnx")
  }

  private func opening() -> CheckpointError? {
    do throws(CheckpointError) {
      _ = try OpenedCheckpoint(folder.file("a.onnx"))
      return nil
    } catch {
      return error
    }
  }

  @Test func linksAndOtherFilesAreNotFollowed() throws {
    try external([[("location", "w.bin")]], lengths: [[4]])
    let path = folder.file("w.bin")
    try folder.write([UInt8](repeating: 1, count: 16), to: "real.bin")
    try FileManager.default.createSymbolicLink(
      atPath: path, withDestinationPath: folder.file("real.bin"))
    #expect(opening()?.code == .refused)
    #expect(opening()?.reason.contains("symbolic link") == true)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
    #expect(opening()?.code == .refused)
    try FileManager.default.removeItem(atPath: path)
    mkfifo(path, 0o600)
    #expect(opening()?.code == .refused)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(opening()?.code == .inputOutput)
    try FileManager.default.removeItem(atPath: path)

    // A folder that is a link leads out as well.
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("sub"), withDestinationPath: folder.path)
    try external([[("location", "sub/real.bin")]], lengths: [[4]])
    #expect(opening()?.code == .refused)
    try external([[("location", "real.bin")]], lengths: [[4]])
    #expect(opening() == nil)
  }

  /// A file is opened part by part, so that no link is followed that came after it was looked at.
  @Test func filesInAFolderAreOpenedWithoutLinks() throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("sub"), withIntermediateDirectories: false)
    try folder.write([1, 2], to: "sub/a")
    for (name, target) in [("link", "sub"), ("sub/link", "a")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.file(name), withDestinationPath: target)
    }
    #expect(try InputFile(in: folder.path, ["sub", "a"]).byteCount == 2)
    #expect(try InputFile(in: folder.path + "/", ["sub", "a"]).path == folder.file("sub/a"))
    for parts in [["link", "a"], ["sub", "link"], ["sub"], ["none"], ["sub", "a", "b"]] {
      #expect(throws: FileError.self, "\(parts)") { try InputFile(in: folder.path, parts) }
    }
  }

  @Test func partsHaveToBeWithinTheirFile() throws {
    try folder.write((0..<64).map { UInt8($0) }, to: "w.bin")
    let location = ("location", "w.bin")
    try external([[location, ("offset", "60")]], lengths: [[1]])
    #expect(opening() == nil)
    try external([[location, ("offset", "61")]], lengths: [[1]])
    #expect(opening()?.code == .damaged)
    #expect(opening()?.reason.contains("end at byte 65 of w.bin, which has 64") == true)
    try external([[location, ("offset", "9223372036854775807")]], lengths: [[1]])
    #expect(opening()?.reason.contains("outside of any file") == true)
    // The same part twice is a tie; a part of another is none.
    try external([[location], [location]], lengths: [[4], [4]])
    let state = try OpenedCheckpoint(folder.file("a.onnx"), access: .mapped).checkpoint.state
    #expect(state.ties.map(\.key) == ["w1"])
    try external([[location], [location, ("offset", "8")]], lengths: [[4], [4]])
    #expect(opening()?.reason.contains("in part another tensor's") == true)
    try external(
      [[location], [location, ("offset", "16"), ("checksum", "ab")]], lengths: [[4], [4]])
    #expect(try OpenedCheckpoint(folder.file("a.onnx")).notes.contains { $0.contains("SHA-1") })
  }

  /// What Ballast writes beside the tensors is believed only as far as it can be.
  @Test(arguments: [#"{"ballast_outline": 9}"#, "{", #"{"ballast_outline": 1, "tensors": 3}"#])
  func falseOutlinesAreRefused(_ json: String) throws {
    var file = File()
    for key in ["ballast.outline", "ballast.crc32"] {
      file.model = Message()
      file.model.message(
        14,
        Message {
          $0.text(1, key)
          $0.text(2, json)
        })
      let error = try failure(file.bytes)
      #expect(error?.code == .damaged || error?.code == .unsupported, "\(error as Any)")
    }
  }

  /// Without a mark, a file is known by all its fields: whatever it is called.
  @Test func recognisedByItsFields() throws {
    try folder.write(File().bytes, to: "model.bin")
    #expect(try FileFormat.detect(folder.file("model.bin")) == .onnx)
    for (field, wire) in [(1, [UInt8]([0x0A, 0])), (500, [0xA2, 0x1F, 0]), (9, [0x4A, 0])] {
      try folder.write(File().bytes + wire, to: "other.bin")
      #expect(throws: CheckpointError.self, "\(field)") {
        try FileFormat.detect(folder.file("other.bin"))
      }
    }
  }
}
