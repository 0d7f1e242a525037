import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import SafetensorsFiles
import States
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Expected: Decodable {
    let dtype: String
    let shape: [Int]
    let hex: String
  }

  @Test(.needsPeers) func readsWhatTheLibraryWrites() throws {
    let json = try Peers.run("write_safetensors.py", [folder.path])
    let expected = try JSONDecoder().decode([String: Expected].self, from: Data(json.utf8))
    #expect(try FileFormat.detect(folder.file("all.safetensors")) == .safetensors)
    let opened = try OpenedCheckpoint(folder.file("all.safetensors"))
    #expect(Set(opened.checkpoint.state.keys) == Set(expected.keys))
    for (key, entry) in opened.checkpoint.state.entries {
      #expect(entry.array.dtype.rawValue == expected[key]?.dtype, "\(key)")
      #expect(entry.array.shape.dimensions == expected[key]?.shape, "\(key)")
      let hex = entry.array.withContiguousBytes { bytes in
        [UInt8](copying: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      }
      #expect(hex == expected[key]?.hex, "\(key)")
    }
    #expect(opened.checkpoint.state.entries["bn.running_mean"]?.role == .buffer)
    #expect(opened.checkpoint.state.entries["float32.grid"]?.role == .parameter)
    #expect(opened.checkpoint.metadata["epoch"]?.stringValue == "3")
  }

  @Test(.needsPeers) func readsShards() throws {
    _ = try Peers.run("write_safetensors.py", [folder.path])
    let opened = try OpenedCheckpoint(folder.file("model.safetensors.index.json"))
    #expect(Array(opened.checkpoint.state.keys) == ["a.weight", "b", "c"])
    #expect(opened.checkpoint.state["c"]?.elements(as: Float.self) == [5])
  }

  /// A file of this header and data.
  private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let json = Array(header.utf8)
    let length = length ?? UInt64(json.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
      + [UInt8](repeating: 1, count: data)
  }

  private func failure(_ bytes: [UInt8], _ name: String = "a.safetensors") -> CheckpointError? {
    do {
      try folder.write(bytes, to: name)
      _ = try SafetensorsFile(folder.file(name))
      return nil
    } catch {
      return error as? CheckpointError
    }
  }

  @Test func soundFilesAreRead() throws {
    let header =
      #"{"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]},"#
      + #""a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"extra":1},"#
      + #""e":{"dtype":"F64","shape":[0,3],"data_offsets":[5,5]}}   "#
    try folder.write(file(header, data: 5), to: "a.safetensors")
    let opened = try SafetensorsFile(folder.file("a.safetensors"))
    #expect(Array(opened.tensors.keys) == ["a", "b", "e"])
    #expect(opened.tensors["e"]?.shape == [0, 3])
  }

  /// As MLX writes a file without metadata.
  @Test func metadataThatAreNullAreNone() throws {
    let header =
      #"{"__metadata__":null,"w":{"data_offsets":[0,2],"dtype":"BF16","shape":[1]}}"#
    try folder.write(file(header, data: 2), to: "a.safetensors")
    let opened = try OpenedCheckpoint(folder.file("a.safetensors"))
    #expect(Array(opened.checkpoint.state.keys) == ["w"] && opened.checkpoint.metadata.isEmpty)
    #expect(try Verification(folder.file("a.safetensors")).problems.isEmpty)
  }

  @Test func lengthsThatLieAreRefused() {
    #expect(failure([])?.code == .notThisFormat)
    #expect(failure([UInt8](repeating: 0, count: 7), "a")?.code == .notThisFormat)
    #expect(failure([UInt8](repeating: 0, count: 7))?.code == .damaged)
    #expect(failure(file("{}", length: 0))?.code == .notThisFormat)
    #expect(failure(file("{}", length: 100))?.code == .damaged)
    #expect(failure(file("{}", length: 100_000_001))?.code == .notThisFormat)
    #expect(failure(file("{}", length: 1 << 63))?.code == .notThisFormat)
  }

  @Test(arguments: [
    "\u{FEFF}{}", " {}", "{}\0\0", "[]", "{", #"{"a":NaN}"#, #"{"a":1e309}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}"#,
    #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1.5,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[0,4611686018427387904,16],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551616]}}"#,
    #"{"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#,
    #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}"#,
    #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":[]}"#, #"{"a":"\ud800"}"#,
    #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, #"{"a":5}"#,
  ])
  func headersThatLieAreRefused(_ header: String) {
    #expect(failure(file(header, data: 4)) != nil)
  }

  @Test func nestingIsBounded() {
    let deep = #"{"a":"# + String(repeating: "[", count: 100_000)
    #expect(failure(file(deep))?.code == .damaged)
  }

  @Test func dataThatIsMissingOrLeftOverIsTold() {
    let header = #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
    #expect(failure(file(header, data: 3))?.reason.contains("cut short") == true)
    #expect(failure(file(header, data: 5))?.reason.contains("appended") == true)
    #expect(failure(file(header, data: 4)) == nil)
  }

  @Test func indexesThatLieAreRefused() throws {
    let header = #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    try folder.write(file(header, data: 1), to: "x.safetensors")
    func code(_ map: String) throws -> CheckpointError.Code? {
      try folder.write(#"{"weight_map": \#(map)}"#.utf8, to: "m.safetensors.index.json")
      do {
        _ = try SafetensorsShards(index: folder.file("m.safetensors.index.json"))
        return nil
      } catch {
        return error.code
      }
    }
    #expect(try code(#"{"a": "x.safetensors"}"#) == nil)
    #expect(try code(#"{"a": "../x.safetensors"}"#) == .refused)
    #expect(try code(#"{"a": "/etc/passwd"}"#) == .refused)
    #expect(try code(#"{"a": "y.safetensors"}"#) == .inputOutput)
    #expect(try code(#"{"a": "x.safetensors", "b": "x.safetensors"}"#) == .damaged)
    #expect(try code(#"{"b": "x.safetensors"}"#) == .damaged)
    #expect(try code("3") == .notThisFormat)
  }

  /// The numbers in the names of parts have five digits mostly, and others with other writers.
  @Test(arguments: [("1", "2", "2"), ("01", "02", "02"), ("000001", "000002", "000002")])
  func partsAreNumberedWithAnyDigits(_ first: String, _ second: String, _ count: String) throws {
    let names = [first, second].map { "m-\($0)-of-\(count).safetensors" }
    for (name, key) in zip(names, ["a", "b"]) {
      let header = #"{"\#(key)":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
      try folder.write(file(header, data: 1), to: name)
    }
    let index = folder.file("m.safetensors.index.json")
    try folder.write(
      #"{"weight_map": {"a": "\#(names[0])", "b": "\#(names[1])"}}"#.utf8,
      to: "m.safetensors.index.json")
    #expect(try OpenedCheckpoint(index).checkpoint.state.keys == ["a", "b"])
    // The other part would be missing unnoticed.
    try folder.write(
      #"{"weight_map": {"a": "\#(names[0])"}}"#.utf8, to: "m.safetensors.index.json")
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(index) }
    #expect(error?.reason.contains(names[1]) == true, "\(error as Any)")
  }

  /// A file of the library that ends within its header is a damaged one, and not of no format.
  @Test func aHeaderThatIsCutShortIsNamed() throws {
    let fixture = TestTarget.folder()
      .appending(path: "Fixtures/huggingface/both/model.safetensors")
    let bytes = Array(try Data(contentsOf: fixture))
    for (name, counts) in [
      ("a.safetensors", [1, 7, 8, 9, 10, 100, 300]),
      ("model-00001-of-00001.safetensors", [10, 300]),
      ("a.dat", [10, 100, 300]),
    ] {
      for count in counts {
        let path = try folder.write(bytes.prefix(count), to: name)
        let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
        #expect(error?.code == .damaged, "\(name) of \(count): \(error as Any)")
        #expect(error?.reason.contains("cut short") == true, "\(name) of \(count)")
        #expect(try FileFormat.detect(path) == .safetensors)
        #expect(try Verification(path).problems.count == 1)
      }
    }
    // Others are what they were.
    for text in ["hello", "it is a text {\"and\": 1}", "{\"a\": 1}"] {
      let path = try folder.write(text.utf8, to: "a.safetensors")
      let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
      #expect(error?.code == .notThisFormat, "\(text)")
    }
  }
}
