import Ballast
import Files
import Foundation
import NumPyFiles
import TestSupport
import Testing

/// What a file holds that does not come over is told by whatever reads it.
@Suite struct ReadingLossTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// An archive of a layer's tensors, and of something that is no tensor.
  private func archive(with others: [String]) throws -> String {
    let layer = Linear(2, 3)
    let file = try ReplacementFile(folder.file("layer.npz"), overwrite: .replace, durable: false)
    let archive = ZipArchiveWriter(file, style: .plain)
    for (key, tensor) in layer.stateDict().entries {
      try NPYFile.write(tensor.array, to: folder.file("\(key).npy"), overwrite: .replace)
      try archive.add("\(key).npy", folder.bytes("\(key).npy"))
    }
    for name in others { try archive.add(name, Array("see the paper".utf8)) }
    try archive.reserve()
    _ = try archive.finish()
    try file.commit()
    return folder.file("layer.npz")
  }

  @Test func aCheckpointTellsThem() throws {
    let path = try archive(with: ["notes.txt"])
    let checkpoint = try Checkpoint(contentsOf: path)
    #expect(checkpoint.losses.map(\.subject) == ["notes.txt"])
    #expect(checkpoint.losses.map(\.kind) == [.tensorDropped])
    let opened = try OpenedCheckpoint(path)
    #expect(checkpoint.losses == opened.losses)
    #expect(checkpoint.notes == opened.notes)
    let error = #expect(throws: CheckpointError.self) {
      try Checkpoint(contentsOf: path, strict: true)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.place == "notes.txt")
    let report = try checkpoint.restore(model: Linear(2, 3), strict: false)
    #expect(report.losses == checkpoint.losses)
    #expect(report.notes == checkpoint.notes)
    #expect(throws: LoadError.self) { try checkpoint.restore(model: Linear(2, 3)) }
  }

  @Test(arguments: [false, true]) func aModelTellsThem(_ assign: Bool) throws {
    let path = try archive(with: ["notes.txt"])
    let layer = Linear(2, 3)
    let before = layer.stateDict()
    let error = #expect(throws: LoadError.self) { try layer.load(from: path, assign: assign) }
    #expect(error?.report.losses.count == 1)
    #expect("\(try #require(error))".contains("notes.txt"))
    for (key, entry) in layer.stateDict().entries {
      #expect(
        entry.array.elements(as: Float.self) == before[key]?.elements(as: Float.self))
    }
    let report = try layer.load(from: path, strict: false, assign: assign)
    #expect(report.losses.map(\.subject) == ["notes.txt"])
    #expect("\(report)".contains("notes.txt"))
  }

  @Test func aWholeFileHasNone() throws {
    let path = try archive(with: [])
    #expect(try Checkpoint(contentsOf: path, strict: true).losses.isEmpty)
    let report = try Linear(2, 3).load(from: path)
    #expect(report.losses.isEmpty)
    #expect("\(report)" == "<All keys matched successfully>")
  }
}
