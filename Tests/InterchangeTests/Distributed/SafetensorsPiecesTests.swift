import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import TestSupport
import Testing

/// The safetensors files that two processes wrote by `HuggingFaceStorageWriter`: see `make_distributed.py`.
@Suite struct SafetensorsPiecesTests {
  private static let path = "\(DistributedTests.fixtures)/pieces"
  private static let names = (1...2).map { "shard-0000\($0)-model-00001-of-00001.safetensors" }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: names, [Access.mapped, .verified])
  func eachLeadsToTheWhole(_ name: String, _ access: Access) throws {
    let opened = try OpenedCheckpoint("\(Self.path)/\(name)", access: access)
    let expected = try DistributedTests.expected("pieces")
    #expect(Set(opened.checkpoint.state.keys) == Set(expected.keys))
    for (key, tensor) in expected {
      let array = try #require(opened.checkpoint.state[key])
      #expect(array.shape.dimensions == tensor.shape)
      #expect(array.withContiguousBytes { Dump.hex([UInt8](copying: $0)) } == tensor.hex, "\(key)")
    }
    // Nothing says how many there were, which --strict refuses.
    #expect(opened.losses.map(\.kind) == [.layoutGuessed])
    #expect(opened.losses.first?.detail.contains("in pieces in 2 files") == true)
    #expect(
      try Verification("\(Self.path)/\(name)").notes.contains { $0.contains("in pieces in 2") })
    #expect(opened.checkpoint.metadata.isEmpty)
    #expect(try Verification("\(Self.path)/\(name)").tensorCount == 3)
  }

  /// Copies both files under other numbers, with texts of their headers replaced by others as long.
  private func copied(
    as numbers: [Int], replacing texts: [String: (file: Int, text: String)] = [:]
  ) throws -> [String] {
    try zip(Self.names, numbers).enumerated().map { index, pair in
      var data = try Data(contentsOf: URL(filePath: "\(Self.path)/\(pair.0)"))
      for (old, new) in texts where new.file == index {
        let range = try #require(data.range(of: Data(old.utf8)), "\(old)")
        try #require(old.utf8.count == new.text.utf8.count)
        data.replaceSubrange(range, with: Data(new.text.utf8))
      }
      let name = "shard-0000\(pair.1)-model-00001-of-00001.safetensors"
      try folder.write(data, to: name)
      return folder.file(name)
    }
  }

  /// The first process's file under another name looks like one that was consolidated; what is made of it says
  /// nothing of pieces any more.
  @Test func aFileWhosePiecesBeginAtZeroIsTakenForAWholeAndTold() throws {
    try folder.write(
      Data(contentsOf: URL(filePath: "\(Self.path)/\(Self.names[0])")), to: "whole.safetensors")
    let opened = try OpenedCheckpoint(folder.file("whole.safetensors"))
    #expect(opened.losses.map(\.kind) == [.layoutGuessed])
    #expect(opened.losses.first?.detail.contains("begins at zero") == true)
    #expect(opened.checkpoint.metadata.isEmpty)
    try opened.checkpoint.write(to: folder.file("shard-x.safetensors"), format: .safetensors)
    #expect(try OpenedCheckpoint(folder.file("shard-x.safetensors")).losses.isEmpty)
  }

  /// A process that had nothing wrote no file; so one that is missing is told, and not refused.
  @Test func aNumberThatIsMissingIsTold() throws {
    for (numbers, missing) in [([1, 3], "process 2:"), ([2, 4], "process 1, 3:")] {
      let paths = try copied(as: numbers)
      defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
      let opened = try OpenedCheckpoint(paths[0])
      #expect(opened.losses.map(\.kind) == [.layoutGuessed, .tensorDropped])
      #expect(opened.losses.last?.detail.contains("no file of \(missing)") == true)
      #expect(try Verification(paths[0]).notes.contains { $0.contains("no file of \(missing)") })
    }
  }

  /// A tensor without a place, or a place without a tensor, is damage.
  @Test func whatTheHeaderDoesNotSayIsRefused() throws {
    let paths = try copied(
      as: [1, 2], replacing: [#"\"columns\": "#: (0, #"\"columnx\": "#)])
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(paths[0]) }
    #expect(error?.code == .damaged)
    #expect(error?.place == "columns")
    #expect(error?.reason.contains("not said in DCP_SHARDING_INFO") == true)
    for path in paths { try FileManager.default.removeItem(atPath: path) }
    let header =
      #"{"__metadata__":{"DCP_SHARDING_INFO":"{\"w\":{\"saved_offsets\":[0]},"#
      + #"\"x\":{\"saved_offsets\":[0]}}"},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
    let name = "shard-00001-model-00001-of-00001.safetensors"
    try folder.write(length + Array(header.utf8) + [7], to: name)
    let lost = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(folder.file(name)) }
    #expect(lost?.place == "x")
    #expect(lost?.reason.contains("the file has none") == true)
    #expect(lost?.code == .damaged)
  }

  @Test func differentTextsAreTold() throws {
    let paths = try copied(
      as: [1, 2], replacing: [#""format":"pt""#: (1, #""format":"px""#)])
    let opened = try OpenedCheckpoint(paths[0])
    #expect(opened.losses.map(\.kind) == [.layoutGuessed, .metadataDropped])
    #expect(opened.losses.last?.subject == "format")
  }

  @Test func aPieceAloneIsRefused() throws {
    // The second begins where the first ends, which is missing.
    let alone = folder.file(Self.names[1])
    try FileManager.default.copyItem(atPath: "\(Self.path)/\(Self.names[1])", toPath: alone)
    let gap = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(alone) }
    #expect(gap?.code == .damaged)
    #expect(gap?.reason.contains("no piece has its element [0, 0]") == true)
    // Under another name nobody knows which are the others.
    let renamed = folder.file("model.safetensors")
    try FileManager.default.copyItem(atPath: alone, toPath: renamed)
    for path in [renamed, folder.path] {
      let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(path) }
      #expect(error?.code == .refused, "\(path)")
    }
  }
}
