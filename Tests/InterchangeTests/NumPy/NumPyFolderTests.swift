import Arrays
import Checkpoints
import Foundation
import Interchange
import TestSupport
import Testing

/// Which folders are taken for folders of arrays.
@Suite struct NumPyFolderTests {
  /// - Parameters:
  ///   - arrays: How many arrays are at a place.
  ///   - others: How many other files are in the folder.
  private func folder(_ arrays: [String], others: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["src", "src/data"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: true)
    }
    for name in arrays {
      try NPYFile.write(NDArray([1, 2] as [Float]), to: folder.file(name))
    }
    for number in 0..<others { try folder.write("text".utf8, to: "src/\(number).swift") }
    return folder
  }

  @Test(arguments: [
    (["a.npy"], 5), (["src/data/a.npy"], 0), (["src/data/a.npy", "src/b.npy"], 2),
  ])
  func foldersOfArraysAreTaken(_ arrays: [String], _ others: Int) throws {
    let folder = try folder(arrays, others: others)
    #expect(try OpenedCheckpoint(folder.path).format == .numpy)
  }

  /// A folder as people share weights: what describes them counts as no file of another kind.
  @Test(arguments: [
    ["README.txt", "src/notes.txt"], ["LICENSE", "README.md", "src/data/config.json"],
  ])
  func textsBesideArraysDoNotCount(_ texts: [String]) throws {
    let folder = try folder(["src/data/a.npy"], others: 0)
    for name in texts { try folder.write("text".utf8, to: name) }
    #expect(try OpenedCheckpoint(folder.path).format == .numpy)
  }

  @Test func aStrayArrayMakesNoCheckpointOfATree() throws {
    let folder = try folder(["src/data/a.npy"], others: 2)
    let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(folder.path) }
    #expect(error?.code == .notThisFormat)
    #expect(error?.reason.contains("of no format that is read here") == true)
    // Who says what it is gets it.
    let opened = try OpenedCheckpoint(folder.path, format: .numpy)
    #expect(opened.checkpoint.state.keys.count == 1)
  }
}
