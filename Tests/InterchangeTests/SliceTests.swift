import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import TestSupport
import Testing

/// Parts of tensors in files of many formats, against NumPy's slices of the same arrays.
@Suite struct SliceTests {
  /// What NumPy takes of an array.
  private struct Expected: Decodable {
    let path: String
    let key: String
    let dtype: String
    let ranges: [[Int]]
    let shape: [Int]
    let hex: String
  }

  @Test(.needsPeers, arguments: [Access.mapped, .verified, .unverified])
  func partsAreWhatNumPyTakes(_ access: Access) throws {
    let folder = try TemporaryFolder()
    try Peers.run("make_slices.py", [DistributedTests.fixtures, folder.path])
    let all = try JSONDecoder().decode(
      [Expected].self, from: Data(folder.bytes("slices.json")))
    let files = Dictionary(grouping: all, by: \.path)
    #expect(files.count == 8)
    for (path, parts) in files {
      let state = try OpenedCheckpoint(path, access: access).checkpoint.state
      for part in parts {
        let array = try #require(state[part.key], "\(path) \(part.key)")
        let ranges = part.ranges.map { $0[0]..<$0[1] }
        let slice =
          switch ranges.count {
          case 0: try array.slice()
          case 1: try array.slice(ranges[0])
          case 2: try array.slice(ranges[0], ranges[1])
          case 3: try array.slice(ranges[0], ranges[1], ranges[2])
          default: try array.slice(ranges[0], ranges[1], ranges[2], ranges[3])
          }
        let name = "\(path) \(part.key) \(part.ranges) \(access)"
        #expect(slice.dtype.rawValue == part.dtype, "\(name)")
        #expect(slice.shape.dimensions == part.shape, "\(name)")
        #expect(
          slice.withContiguousBytes { Dump.hex([UInt8](copying: $0)) } == part.hex, "\(name)")
      }
    }
  }

  /// What is mapped is read after opening; what a file has compressed or in another order was read then.
  @Test(.needsPeers) func onlyWhatIsMappedIsReadLater() throws {
    let folder = try TemporaryFolder()
    try Peers.run("make_slices.py", [DistributedTests.fixtures, folder.path])
    for (name, key, isLater) in [
      ("large.h5", "rows", true), ("large.h5", "packed", false), ("large.h5", "turned", false),
      ("large.safetensors", "rows", true), ("large.pth", "turned", true),
    ] {
      let state = try OpenedCheckpoint(folder.file(name), access: .mapped).checkpoint.state
      let array = try #require(state[key])
      #expect((array.storage.source != nil) == isLater, "\(name) \(key)")
      let bytes = try folder.bytes(name)
      defer { _ = try? folder.write(bytes, to: name) }
      try folder.write([1], to: name)
      if isLater {
        #expect(throws: FileError.self, "\(name) \(key)") { try array.slice(1..<2) }
      } else {
        #expect(try array.slice(1..<2).shape == [1, 500], "\(name) \(key)")
      }
    }
  }
}
