import Arrays
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// The checksums that Ballast writes into safetensors files, beside the outline.
@Suite struct SafetensorsChecksumTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Tensors of which one takes several blocks, with something that only an outline can say.
  private func checkpoint() -> Checkpoint {
    var state = StateDict()
    for (number, key) in ["a", "b", "c", "d"].enumerated() {
      let array = NDArray((0..<6).map { Float(10 * number + $0) }, shape: [2, 3])
      state.entries[key] = .init(array, role: .buffer)
    }
    let large = NDArray(repeating: UInt32(0x1234_5678), shape: [9 << 18])
    state.entries["large"] = .init(large, role: .parameter)
    return Checkpoint(state: state)
  }

  private func write(_ name: String, shardByteCount: Int? = nil) throws -> String {
    var options = WriteOptions()
    options.safetensors.shardByteCount = shardByteCount
    try checkpoint().write(to: folder.file(name), format: .safetensors, options: options)
    return folder.file(name)
  }

  /// The places of the problems that verifying finds.
  private func problems(_ path: String) throws -> [String?] {
    try Verification(path).problems.map(\.place)
  }

  @Test func aFlippedBitIsFound() throws {
    let path = try write("a.safetensors")
    #expect(try Verification(path).notes.isEmpty)
    #expect(try problems(path).isEmpty)
    let whole = try folder.bytes("a.safetensors")
    let dataStart = whole.count - (9 << 20) - 4 * 24
    // The library's order puts the types that come last in its list first.
    for (offset, name) in [(0, "a"), (47, "b"), (95, "d"), (96, "large"), (95 + 9 << 20, "large")] {
      var bytes = whole
      bytes[dataStart + offset] ^= 0x10
      let damaged = try folder.write(bytes, to: "damaged.safetensors")
      #expect(try problems(damaged) == [name])
      // It may be another program's work; whoever asks for what was written is refused.
      let error = #expect(throws: CheckpointError.self) {
        try OpenedCheckpoint(damaged, access: .verified)
      }
      #expect(error?.code == .damaged && error?.place == name)
      #expect(try OpenedCheckpoint(damaged, access: .mapped).notes.isEmpty)
    }
    var cut = whole
    cut.removeLast()
    #expect(try Verification(folder.write(cut, to: "cut.safetensors")).problems.count == 1)
  }

  @Test func eachOfSeveralFilesHasItsOwn() throws {
    _ = try write("m.safetensors.index.json", shardByteCount: 48)
    let index = folder.file("m.safetensors.index.json")
    #expect(try problems(index).isEmpty && Verification(index).notes.isEmpty)
    let shard = "m-00002-of-00003.safetensors"
    #expect(try Verification(folder.file(shard)).notes.isEmpty)
    var bytes = try folder.bytes(shard)
    bytes[bytes.count - 1] ^= 1
    try folder.write(bytes, to: shard)
    #expect(try problems(index) == ["d"])
    #expect(try problems(folder.file(shard)) == ["d"])
  }

  @Test func checksumsThatCannotBeUnderstoodAreDamage() throws {
    let path = try write("a.safetensors")
    let bytes = try folder.bytes("a.safetensors")
    for (old, new) in [(#"{\"a\":[\"F32\""#, #"[\"a\":[\"F32\""#), ("[2, 3], ", "[2, z], ")] {
      var changed = bytes
      let range = try #require(changed.firstRange(of: Array(old.utf8)))
      changed.replaceSubrange(range, with: new.utf8)
      try folder.write(changed, to: "b.safetensors")
      let verification = try Verification(folder.file("b.safetensors"))
      #expect(verification.problems.map(\.place) == ["ballast.crc32"])
      for access in [Access.mapped, .verified] {
        let error = #expect(throws: CheckpointError.self) {
          try OpenedCheckpoint(folder.file("b.safetensors"), access: access)
        }
        #expect(error?.code == .damaged)
      }
      #expect(
        try OpenedCheckpoint(folder.file("b.safetensors"), access: .unverified).checkpoint.state
          .count == OpenedCheckpoint(path).checkpoint.state.count)
    }
    #expect(try problems(path).isEmpty)
  }

  @Test func aFileWithoutAnOutlineHasNone() throws {
    let state: StateDict = ["weight": NDArray([1, 2] as [Float])]
    try Checkpoint(state: state).write(to: folder.file("a.safetensors"), format: .safetensors)
    let text = String(decoding: try folder.bytes("a.safetensors"), as: UTF8.self)
    #expect(!text.contains("ballast"))
    let verification = try Verification(folder.file("a.safetensors"))
    #expect(verification.notes.contains { $0.contains("no checksums of its own") })
  }

  @Test(.needsPeers) func whatAnotherProgramChangedIsToldAndRead() throws {
    let path = try write("a.safetensors")
    let edited = folder.file("edited.safetensors")
    try Peers.run("edit_safetensors.py", [path, edited])
    // Other values under the same type and shape look like damage; the rest has no checksum.
    let verification = try Verification(edited)
    #expect(try problems(edited) == ["a"])
    #expect(verification.notes.contains { $0.hasPrefix("3 tensors without a checksum") })
    #expect(throws: CheckpointError.self) { try OpenedCheckpoint(edited, access: .verified) }
    let opened = try OpenedCheckpoint(edited, access: .mapped)
    #expect(opened.checkpoint.state["a"]?.elements(as: Float.self) == [1, 2, 3, 4, 5, 6])
    #expect(opened.checkpoint.state["new"]?.shape == [3])
    // Saved by Ballast again, it is vouched for again.
    try opened.checkpoint.write(to: folder.file("again.safetensors"), format: .safetensors)
    #expect(try Verification(folder.file("again.safetensors")).problems.isEmpty)
  }
}
