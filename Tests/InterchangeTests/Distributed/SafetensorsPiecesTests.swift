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
    #expect(opened.notes.contains { $0.contains("in pieces in 2 files") })
    #expect(opened.checkpoint.metadata.isEmpty)
    #expect(try Verification("\(Self.path)/\(name)").tensorCount == 3)
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
