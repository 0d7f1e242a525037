import Ballast
import Foundation
import TestSupport
import Testing

/// `save` writes the format that the file's name stands for, and all of the checkpoint or nothing.
@Suite struct SavingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    arguments: [
      ("net.h5", FileFormat.ballast), ("net.hdf5", .ballast), ("net.pth", .pytorch),
      ("net.pt", .pytorch), ("net.safetensors", .safetensors), ("net.npz", .numpy),
    ])
  func theEndingDecidesTheFormat(_ name: String, _ format: FileFormat) async throws {
    let model = Linear(3, 2)
    try model.save(to: folder.file(name), metadata: ["epoch": 3])
    #expect(try FileFormat.detect(folder.file(name)) == format)
    let opened = try Checkpoint(contentsOf: folder.file(name), strict: false)
    #expect(opened.metadata["epoch"] == 3)
    let weights = model.stateDict()["weight"]?.elements(as: Float.self)
    #expect(opened.state["weight"]?.elements(as: Float.self) == weights)
    _ = try await model.saveAsync(to: folder.file("async-\(name)")).value
    #expect(try FileFormat.detect(folder.file("async-\(name)")) == format)
  }

  @Test(arguments: ["net.h5", "net.pth", "net.safetensors", "net.npz"])
  func whatWasReadDoesNotChangeWithItsFile(_ name: String) throws {
    let path = folder.file(name)
    let state = Linear(300, 20).stateDict()
    try Checkpoint(state: state).save(to: path)
    let checkpoint = try Checkpoint(contentsOf: path)
    // As a program does that writes into the file that there is.
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: [UInt8](repeating: 255, count: folder.bytes(name).count))
    try handle.truncate(atOffset: 100)
    try handle.close()
    for (key, entry) in state.entries {
      let array = try #require(checkpoint.state[key])
      #expect(array.isBitwiseEqual(to: entry.array), "\(key)")
    }
  }

  @Test func anEndingThatIsNoFormatsIsRefused() throws {
    for name in ["net", "net.txt", "net.h5.bak"] {
      let error = #expect(throws: CheckpointError.self) {
        try Linear(3, 2).save(to: folder.file(name))
      }
      #expect(error?.code == .unsupported)
    }
    #expect(folder.names.isEmpty)
  }

  @Test func whatAFormatCannotHoldIsNotDroppedInSilence() throws {
    // NumPy has no bfloat16.
    let array = NDArray(zeros: [2], dtype: .bfloat16)
    let checkpoint = Checkpoint(state: ["a": array])
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.save(to: folder.file("a.npz"))
    }
    #expect(error?.code == .unsupported)
    #expect(folder.names.isEmpty)
    try checkpoint.save(to: folder.file("a.safetensors"))
  }
}
