import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// The tools on folders of Hugging Face's repositories.
@Suite struct RepositoryTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private static func fixture(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../InterchangeTests/Fixtures/huggingface/\(name)").standardized.path
  }

  private func run(_ tool: String, _ arguments: [String]) throws -> Command {
    try Command.tool("ballast-\(tool)", arguments, in: bench.folder.path)
  }

  private func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: bench.folder.file(folder))) ?? [])
      .sorted()
  }

  @Test func aFolderIsConverted() throws {
    for name in ["sharded", "sharded_bin", "both"] {
      let command = try bench.run("convert", Self.fixture(name), "\(name).h5")
      #expect(command.status == 0, "\(command.errors)")
      #expect(command.output.contains("(Hugging Face)"))
      let state = try bench.read("\(name).h5").state
      #expect(state.count == 7 && state.ties.count == 1, "\(name)")
      #expect(try bench.run("verify", Self.fixture(name), "\(name).h5").status == 0)
      #expect(try bench.run("verify", Self.fixture(name)).status == 0)
      #expect(try bench.run("inspect", Self.fixture(name), "--facts").output.contains("files"))
    }
  }

  @Test func aVariantIsChosen() throws {
    let folder = Self.fixture("variants")
    for (arguments, name) in [([], "plain.h5"), (["--variant", "fp16"], "half.h5")] {
      let command = try run("convert", [folder, name] + arguments)
      #expect(command.status == 0, "\(command.errors)")
      let verified = try run("verify", [folder, name] + arguments)
      #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
      #expect(try run("verify", [folder] + arguments).status == 0)
      let other = try run(
        "verify", [folder, name == "plain.h5" ? "half.h5" : "plain.h5"] + arguments)
      #expect(other.status != 0)
    }
    #expect(try bench.read("plain.h5").state["embed.weight"]?.dtype == .float32)
    #expect(try bench.read("half.h5").state["embed.weight"]?.dtype == .float16)
    let inspected = try run("inspect", [folder, "--variant", "fp16", "--tensor", "embed.weight"])
    #expect(inspected.status == 0 && inspected.output.contains("float16"))
    let loaded = try run("load", [folder, "--variant", "fp16", "--model", "mlp(4,2)"])
    #expect(loaded.status == 1)
    expectRefusal(
      try run("convert", [folder, "x.h5", "--variant", "bf16"]), 65, "\"bf16\"", "fp16")
    expectRefusal(try run("inspect", ["half.h5", "--variant", "fp16"]), 65, "have none")
    expectRefusal(
      try run("verify", ["half.h5", "plain.h5", "--variant", "fp16"]), 64, "none is given")
  }

  @Test func aPipelineTellsWhatCannotBeRead() throws {
    try FileManager.default.createDirectory(
      atPath: bench.folder.file("pipe/unet"), withIntermediateDirectories: true)
    try bench.folder.write("{}".utf8, to: "pipe/model_index.json")
    try FileManager.default.copyItem(
      atPath: "\(Self.fixture("both"))/model.safetensors",
      toPath: bench.folder.file("pipe/unet/model.safetensors"))
    symlink("missing", bench.folder.file("pipe/vae"))
    expectRefusal(try bench.run("convert", "pipe", "out.h5"), 65, "pipeline", "unet")
    // A link in a circle cannot be opened by anyone.
    unlink(bench.folder.file("pipe/vae"))
    symlink("vae", bench.folder.file("pipe/vae"))
    expectRefusal(try bench.run("convert", "pipe", "out.h5"), 66, "vae", "symbolic links")
    #expect(bench.folder.names == ["pipe"])
  }

  @Test func aShardAloneIsRefused() throws {
    let name = "pytorch_model-00002-of-00003.bin"
    try FileManager.default.copyItem(
      atPath: "\(Self.fixture("sharded_bin"))/\(name)", toPath: bench.folder.file(name))
    expectRefusal(
      try bench.run("convert", name, "out.h5"), 65, "part 2 of 3",
      "pytorch_model-00003-of-00003.bin",
      "--from pytorch")
    #expect(try bench.run("verify", name).status == 1)
    #expect(bench.folder.names == [name])
    #expect(try bench.run("convert", name, "out.h5", "--from", "pytorch").status == 0)
    #expect(try bench.read("out.h5").state.count == 4)
  }

  /// What was written of the sample is the same: everything as safetensors, and the model as `.bin`,
  /// which has no place for an optimizer and metadata.
  private func expectSameModel(_ folder: String) throws {
    let command = try bench.run("verify", folder, Workbench.sample)
    guard folder == "bin" else {
      #expect(command.status == 0, "\(command.output)")
      return
    }
    #expect(command.status == 1)
    let lines = command.output.split(separator: "\n").dropFirst()
    #expect(
      lines.map { String($0) } == [
        "  the optimizer (27 tensors): only in the second",
        "  the metadata: epoch only in the second", "  the metadata: loss only in the second",
        "  the metadata: classes only in the second",
      ])
  }

  @Test func aFolderIsWritten() throws {
    for weights in ["safetensors", "bin"] {
      let command = try run(
        "convert",
        [
          Workbench.sample, weights + "/", "--to", "huggingface", "--weights", weights,
          "--shard-size", "2KB", "--to-variant", "fp16",
        ])
      #expect(command.status == 0, "\(command.errors)")
      let files = names(weights)
      #expect(files.count >= 3)
      #expect(files.allSatisfy { $0.contains("fp16") && $0.contains(weights) })
      try expectSameModel(weights)
      #expect(try bench.run("verify", weights).status == 0)
      // In its place, and only if that is wanted.
      let again = [
        weights, weights, "--to", "huggingface", "--weights", weights, "--to-variant", "fp16",
      ]
      expectRefusal(try run("convert", again), 73, "exists already")
      #expect(names(weights) == files)
      let replaced = try run("convert", again + ["--overwrite"])
      #expect(replaced.status == 0, "\(replaced.errors)")
      #expect(names(weights).count == 1)
      try expectSameModel(weights)
    }
    #expect(bench.folder.names == ["bin", "safetensors"])
  }

  /// The optimizer's tensors are among those of the model in safetensors, and in no `.bin`.
  @Test func whatOthersTakeForTheModelIsNoted() throws {
    for weights in ["safetensors", "bin"] {
      let command = try run(
        "convert",
        [Workbench.sample, weights, "--to", "huggingface", "--weights", weights])
      #expect(command.status == 0, "\(command.errors)")
      #expect(
        command.output.contains("--model-only leaves them out") == (weights == "safetensors"))
    }
  }

  @Test func theWayThereAndBackIsExact() throws {
    for name in ["sharded", "sharded_bin"] {
      let command = try bench.run(
        "verify", "--round-trip", Self.fixture(name), "--through", "huggingface")
      #expect(command.status == 0, "\(command.output)\(command.errors)")
    }
  }

  @Test(arguments: [["--weights", "bin"], ["--to-variant", "fp16"], ["--shard-size", "1MB"]])
  func otherFormatsHaveNoSuchOptions(_ arguments: [String]) throws {
    let command = try run("convert", [Workbench.sample, "x.h5"] + arguments)
    #expect(command.status == 64, "\(command.errors)")
    #expect(bench.folder.names.isEmpty)
  }
}
