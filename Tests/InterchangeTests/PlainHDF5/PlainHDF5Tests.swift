import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

@Suite(.needsPeers) struct PlainHDF5Tests {
  let folder: TemporaryFolder
  private let expected: [String: Expected]
  private let expectedOfPartial: [String: Expected]

  private struct Expected: Decodable {
    let shape: [Int]
    let hex: String
  }

  init() throws {
    folder = try TemporaryFolder()
    let json = try Peers.run("write_hdf5.py", [folder.path])
    let all = try JSONDecoder().decode([String: [String: Expected]].self, from: Data(json.utf8))
    expected = try #require(all["all"])
    expectedOfPartial = try #require(all["partial"])
  }

  private func hex(_ array: NDArray) -> String {
    array.withContiguousBytes { bytes in
      [UInt8](copying: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  @Test(arguments: [Access.mapped, .verified])
  func everyDatasetIsRead(reading: Access) throws {
    #expect(try FileFormat.detect(folder.file("all.h5")) == .hdf5)
    let opened = try OpenedCheckpoint(folder.file("all.h5"), access: reading)
    let state = opened.checkpoint.state
    for (path, tensor) in expected {
      let key = ["a.b/c", "a/b.c"].contains(path) ? path : path.replacing("/", with: ".")
      let array = try #require(state[key], "\(key)")
      #expect(array.shape.dimensions == tensor.shape && hex(array) == tensor.hex, "\(key)")
    }
    #expect(state.count == expected.count + 1)
    #expect(state["bits"]?.dtype == .bfloat16 && state["types.?.odd"]?.dtype == .bool)
    #expect(state["types.c16.odd"]?.dtype == .complex128)
    #expect(state["types.f2.odd"]?.dtype == .float16)
    #expect(state.ties.map(\.key) == ["tied"])
    #expect(state.entries["bn.running_mean"]?.role == .buffer)
    #expect(opened.roleRules["bn.running_mean"] == .dtypeOrName)
    // In the order in which they were made, which only the root keeps.
    #expect(state.keys.first == "types.?.empty" && state.keys.last == "bits")
  }

  @Test func whatIsNoTensorIsKeptOrTold() throws {
    let opened = try OpenedCheckpoint(folder.file("all.h5"))
    let metadata = opened.checkpoint.metadata
    let values: [String: Value] = [
      "epoch": 3, "loss": 0.25, "done": true, "name": "é", "fixed": "abc",
      "big": .bigInt("18446744073709551615"), "list": [1.5, 2.5], "names": ["a", "bc"],
      "none": .none, "description": "a text é",
    ]
    for (name, value) in values { #expect(metadata[name] == value, "\(name)") }
    #expect(opened.checkpoint.origin["hdf5"]?["a.b/c"] == "/a.b/c")
    #expect(opened.checkpoint.origin["hdf5"]?["a/b.c"] == "/a/b.c")
    #expect(metadata.count == values.count)
    #expect(
      Set(opened.losses.map { "\($0.kind.rawValue) \($0.subject ?? "")" }) == [
        "tensor_dropped texts", "tensor_dropped record", "tensor_dropped nothing",
        "tensor_dropped opaque", "metadata_dropped grid", "metadata_dropped link",
        "metadata_dropped types", "metadata_dropped /type", "tensor_dropped /soft",
        "tensor_dropped /circle", "tensor_dropped /again",
      ])
    #expect(
      opened.notes == [
        "/a/b.c and /a.b/c would both be a.b.c: a path with a slash is a key as it is"
      ])
  }

  @Test func byWayOfAnyFormatNothingIsLost() throws {
    let first = try OpenedCheckpoint(folder.file("all.h5")).checkpoint
    for (name, format) in [
      ("a.ballast.h5", FileFormat.ballast), ("a.npz", .numpy), ("a.safetensors", .safetensors),
    ] {
      try first.write(to: folder.file(name), format: format)
      first.expectSame(try OpenedCheckpoint(folder.file(name)).checkpoint)
    }
  }

  @Test(arguments: [Access.mapped, .verified])
  func anObjectThatIsNotReadCostsItselfAlone(access: Access) throws {
    let opened = try OpenedCheckpoint(folder.file("partial.h5"), access: access)
    let state = opened.checkpoint.state
    #expect(Set(state.keys) == Set(expectedOfPartial.keys))
    for (path, tensor) in expectedOfPartial {
      let array = try #require(state[path], "\(path)")
      #expect(array.shape.dimensions == tensor.shape && hex(array) == tensor.hex, "\(path)")
    }
    #expect(state["waves"]?.dtype == .complex64 && state["colours"]?.dtype == .int16)
    #expect(
      Set(opened.losses.map { "\($0.kind.rawValue) \($0.subject ?? "")" }) == [
        "tensor_dropped /external", "tensor_dropped virtual", "tensor_dropped large",
        "tensor_dropped outside", "tensor_dropped mixed", "tensor_dropped /a/b/up",
        "metadata_dropped colours",
      ])
    #expect(opened.checkpoint.origin["hdf5"]?["g/x.y"] == "/g/x.y")
    #expect(opened.checkpoint.origin["hdf5"]?["g.x/y"] == "/g.x/y")
  }

  @Test(arguments: ["bomb", "deep", "huge"])
  func whatLeadsAstrayIsRefused(name: String) throws {
    let path = folder.file("\(name).h5")
    #expect(try FileFormat.detect(path) == .hdf5)
    #expect {
      try OpenedCheckpoint(path)
    } throws: { error in
      (error as? CheckpointError)?.code == .refused
    }
  }

  @Test func damagedFilesAreErrorsOrAnswers() throws {
    let sound = try folder.bytes("all.h5")
    var random = SeededGenerator(seed: 5)
    for round in 0..<80 {
      var bytes = sound
      if round % 4 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      for _ in 0..<(round % 4) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 256)
      }
      try folder.write(bytes, to: "b.h5")
      // An answer or an error, and no trap.
      _ = try? OpenedCheckpoint(folder.file("b.h5"), format: .hdf5)
    }
  }
}
