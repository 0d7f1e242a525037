import Arrays
import Checkpoints
import Interchange
import States
import TestSupport
import Testing

/// Quantised models, adaptations of low rank, and Nadam, from Keras and back.
@Suite(.needsPeers) struct KerasQuantisedTests {
  @Test func allKindsGoThereAndBack() throws {
    let folder = try TemporaryFolder()
    let names = try Peers.run("keras_quantised.py", ["make", folder.path])
      .split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(names.count == 6)
    for name in names {
      let opened = try ["keras", "weights.h5", "h5"].map {
        try OpenedCheckpoint(folder.file("\(name).\($0)"))
      }
      for (kind, file) in zip(["keras", "weights.h5", "h5"], opened) {
        #expect(file.losses == [], "\(name).\(kind)")
        try file.checkpoint.write(
          to: folder.file("\(name).back.\(kind)"), format: file.format)
      }
      let (archive, weights, legacy) = (
        opened[0].checkpoint, opened[1].checkpoint, opened[2].checkpoint
      )
      #expect(Set(archive.state.keys) == Set(weights.state.keys), "\(name)")
      for (key, entry) in archive.state.entries {
        #expect(weights.state[key].map(entry.array.isBitwiseEqual) == true, "\(name) \(key)")
        #expect(weights.state.entries[key]?.role == entry.role, "\(name) \(key)")
      }
      guard !name.contains("low_rank") else {
        // In older files it stands beside the kernel, and in archives it is in it.
        #expect(
          Set(legacy.state.keys).subtracting(archive.state.keys)
            == ["a.lora_kernel_a", "a.lora_kernel_b"])
        #expect(opened[2].notes.contains { $0.contains("LoRA") })
        let error = #expect(throws: CheckpointError.self) {
          try legacy.write(to: folder.file("\(name).none.keras"), format: .keras)
        }
        #expect(error?.reason.contains("LoRA") == true)
        continue
      }
      #expect(
        try CheckpointComparison(archive, legacy, extent: .tensors).differences.isEmpty, "\(name)")
      if name == "nadam" {
        #expect(archive.optimizer?.type == "NAdam")
        for (key, slots) in try #require(archive.optimizer?.state) {
          for (slot, value) in slots {
            let own = try #require(value.tensor)
            let other = legacy.optimizer?.state[key]?[slot]?.tensor
            #expect(other.map(own.isBitwiseEqual) == true, "\(key) \(slot)")
          }
        }
      } else if name.hasPrefix("int") {
        #expect(archive.state["a.kernel"]?.dtype == .int8)
        #expect(archive.state.entries["a.kernel"]?.role == .buffer)
        #expect(archive.state["a.kernel_scale"]?.dtype == .float32)
      }
    }
    let lines = try Peers.run("keras_quantised.py", ["judge", folder.path]).split(separator: "\n")
    #expect(lines.count == 11)
    for line in lines { #expect(line.hasPrefix("ok"), "\(line)") }
  }
}
