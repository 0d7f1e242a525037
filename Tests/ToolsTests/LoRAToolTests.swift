import Checkpoints
import Foundation
import Interchange
import NumPyFiles
import States
import TestSupport
import Testing

/// The tools with adapters of LoRA, which PEFT saved: see `Fixtures/make_lora.py` of `ModelsTests`.
@Suite struct LoRAToolTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../ModelsTests/Fixtures/lora/\(name)").standardized.path
  }

  @Test(arguments: ["linear", "saved", "bfloat16", "text", "picture", "gpt2"])
  func convertMergesAsPEFT(_ name: String) throws {
    let made = try bench.run(
      "convert", Self.fixture("\(name)/base.safetensors"), "out.safetensors", "--adapter",
      Self.fixture("\(name)/adapter"), "--strict")
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("is merged: "))
    let mine = try OpenedCheckpoint(bench.folder.file("out.safetensors")).checkpoint.state
    let theirs = try OpenedCheckpoint(Self.fixture("\(name)/merged.safetensors")).checkpoint.state
    #expect(Set(mine.keys) == Set(theirs.keys))
    for (key, entry) in theirs.entries {
      #expect(mine[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
  }

  /// Keys are renamed before the adapter looks for them.
  @Test func otherNamesAreToldAndMapped() throws {
    try bench.run(
      "convert", Self.fixture("linear/base.safetensors"), "wrapped.h5", "--map", "^=net.")
    let arguments = ["wrapped.h5", "out.h5", "--adapter", Self.fixture("linear/adapter")]
    let refused = try Command.tool("ballast-convert", arguments, in: bench.folder.path)
    expectRefusal(
      refused, 65, "base_model.model.first.lora_A.weight", "the model has no first.weight",
      "--strip-prefix 'net.'")
    #expect(bench.folder.names == ["wrapped.h5"])
    let made = try Command.tool(
      "ballast-convert", arguments + ["--strip-prefix", "net."], in: bench.folder.path)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("2 weights changed, 0 tensors replaced"))
  }

  @Test func whatIsNoAdapterIsRefused() throws {
    let base = Self.fixture("linear/base.safetensors")
    expectRefusal(
      try bench.run("convert", base, "out.h5", "--adapter", base), 65, "adapter_config.json")
    expectRefusal(try bench.run("convert", base, "out.h5", "--adapter", "none"), 66, "none")
    expectRefusal(
      try bench.run(
        "convert", Self.fixture("groups/base.safetensors"), "out.h5", "--adapter",
        Self.fixture("groups/adapter")), 65, "in groups")
    #expect(bench.folder.names.isEmpty)
  }

  @Test func loadMergesIntoTheModel() throws {
    let io = try OpenedCheckpoint(Self.fixture("gpt2/io.safetensors")).checkpoint.state
    for (name, file) in [("input", "x.npz"), ("merged", "y.npz")] {
      var state = StateDict()
      let array = try #require(io[name])
      state[name == "input" ? "input_ids" : "logits"] = array
      try Checkpoint(state: state).write(to: bench.folder.file(file), format: .numpy)
    }
    let arguments = [
      "load", Self.fixture("gpt2/base.safetensors"), "--model", "GPT2LMHeadModel", "--config",
      Self.fixture("gpt2/config.json"), "--input", "x.npz", "--expect", "y.npz",
    ]
    let own = try Command.tool("ballast-load", Array(arguments.dropFirst()), in: bench.folder.path)
    #expect(own.status == 1)
    let merged = try Command.tool(
      "ballast-load", arguments.dropFirst() + ["--adapter", Self.fixture("gpt2/adapter")],
      in: bench.folder.path)
    #expect(merged.status == 0, "\(merged.output)\(merged.errors)")
    #expect(merged.output.contains("4 weights changed, 0 tensors replaced"))
  }
}
