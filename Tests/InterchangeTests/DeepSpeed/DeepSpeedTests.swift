import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Folders that DeepSpeed wrote on one to three processes: see `make_deepspeed.py`. DeepSpeed's own script says
/// which weights are in them, and its engine what its optimizer held.
@Suite struct DeepSpeedTests {
  static let fixtures = TestTarget.folder().appending(path: "Fixtures/deepspeed").path
  static let divided = ["zero1", "zero2", "zero3", "zero3_groups", "bf16"]
  static let names = divided + ["universal1", "universal3", "plain"]
  static let tag = "global_step2"

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A tensor as DeepSpeed had it.
  struct Tensor: Decodable {
    let dtype: String
    let shape: [Int]
    let hex: String
  }

  /// What DeepSpeed found in a folder, and what it held when it saved it.
  struct Expected: Decodable {
    let fp32: [String: Tensor]
    /// What the model has besides, or in another type.
    let module: [String: Tensor]
    let moments: [String: [String: Tensor]]
  }

  /// Those of universal folders are as those of the folders from which they come.
  static func expected(_ name: String) throws -> Expected {
    let name = name.replacing("universal", with: "zero")
    let data = try Data(contentsOf: URL(filePath: "\(fixtures)/expected.json"))
    return try #require(JSONDecoder().decode([String: Expected].self, from: data)[name])
  }

  static func path(_ name: String) -> String { "\(fixtures)/\(name)" }

  private func expect(_ array: NDArray?, _ tensor: Tensor, _ place: String) {
    #expect(array?.dtype.rawValue == tensor.dtype, "\(place)")
    #expect(array?.shape.dimensions == tensor.shape, "\(place)")
    #expect(
      array?.withContiguousBytes { Dump.hex([UInt8](copying: $0)) } == tensor.hex, "\(place)")
  }

  // MARK: What is read

  /// Buffers keep their types, which the script makes numbers of 32 bits.
  @Test(arguments: names, [Access.mapped, .verified, .unverified])
  func weightsAreWhatTheScriptFinds(_ name: String, _ access: Access) throws {
    let opened = try OpenedCheckpoint(Self.path(name), access: access)
    #expect(opened.format == .deepSpeed)
    let expected = try Self.expected(name)
    let state = opened.checkpoint.state
    // The script leaves out what is frozen at stage 1, which the state dict has.
    let tensors = expected.fp32.merging(expected.module) { $1 }
    #expect(Set(state.keys) == Set(tensors.keys))
    for (key, tensor) in tensors { expect(state[key], tensor, key) }
  }

  @Test(arguments: divided + ["universal1", "universal3"])
  func momentsAreWhatTheEngineHeld(_ name: String) throws {
    let checkpoint = try OpenedCheckpoint(Self.path(name)).checkpoint
    let optimizer = try #require(checkpoint.optimizer)
    let expected = try Self.expected(name).moments
    #expect(optimizer.naming == .keys)
    #expect(optimizer.type == "AdamW")
    #expect(Set(optimizer.state.keys) == Set(expected.keys))
    for (key, slots) in expected {
      for (slot, tensor) in slots {
        expect(optimizer.state[key]?[slot]?.tensor, tensor, "\(key), \(slot)")
      }
      // It took two.
      let step = optimizer.state[key]?["step"]?.tensor
      #expect(step?.shape == [] && step?.dtype == .float32, "\(key)")
      #expect(step?.withElements(as: Float.self) { Array($0) } == [2], "\(key)")
    }
    #expect(
      optimizer.groups.map(\.parameters) == [
        ["embedding.weight", "body.weight", "norm.weight"], ["body.bias", "norm.bias"],
      ])
    #expect(optimizer.groups.map { $0.options["weight_decay"] } == [0.1, 0.0])
    #expect(optimizer.groups.map { $0.options["lr"] } == [0.01, 0.01])
    #expect(optimizer.groups.map { $0.options["eps"] } == [1e-8, 1e-8])
    #expect(optimizer.groups.allSatisfy { $0.options["params"] == nil })
  }

  /// A step that several parameters shared would be counted up for each of them.
  @Test func everyParameterHasAStepOfItsOwn() throws {
    for name in ["zero2", "zero3", "universal3"] {
      let optimizer = try #require(OpenedCheckpoint(Self.path(name)).checkpoint.optimizer)
      let steps = optimizer.state.values.compactMap { $0["step"]?.tensor }
      #expect(steps.count == 5)
      #expect(Set(steps.map { ObjectIdentifier($0.storage) }).count == 5)
    }
  }

  @Test(arguments: names) func rolesAndTiesAreThoseOfTheModel(_ name: String) throws {
    let state = try OpenedCheckpoint(Self.path(name)).checkpoint.state
    #expect(
      Set(state.keys(of: .buffer)) == [
        "scale", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked",
      ])
    #expect(state.keys(of: .parameter).count == 7)
    let (head, embedding) = (state["head.weight"], state["embedding.weight"])
    #expect(head != nil && head?.storage === embedding?.storage)
    // No other tensors are views of one storage.
    let storages = state.entries.values.map { ObjectIdentifier($0.array.storage) }
    #expect(Set(storages).count == state.keys.count - 1)
    #expect(state.moduleVersions["norm"] == 2)
  }

  @Test(arguments: names) func whatIsBesideTheModelIsKept(_ name: String) throws {
    let opened = try OpenedCheckpoint(Self.path(name))
    let metadata = opened.checkpoint.metadata
    #expect(metadata["epoch"] == 2)
    #expect(metadata["notes"] == ["first", nil])
    #expect(metadata["global_steps"] == 2)
    #expect(metadata["ds_version"] == "0.18.2")
    #expect(metadata["param_shapes"] == nil || name == "plain")
    if Self.divided.contains(name) {
      #expect(metadata["zero_optimizer"]?["overflow"] == false)
      #expect(metadata["zero_optimizer"]?["zero_stage"] != nil)
    }
  }

  /// At stage 3 each rank saves buffers and its user's values, of which only those of rank 0 are taken.
  @Test func whatOtherRanksHaveOtherwiseIsTold() throws {
    for name in ["zero3", "zero3_groups"] {
      let losses = try OpenedCheckpoint(Self.path(name)).losses
      #expect(losses.contains { $0.kind == .metadataDropped && $0.subject == "rank" })
      #expect(losses.contains { $0.kind == .tensorDropped && $0.subject == "norm.running_mean" })
      #expect(!losses.contains { $0.subject == "norm.num_batches_tracked" })
      #expect(!losses.contains { $0.subject == "epoch" })
    }
    for name in ["zero1", "zero2", "bf16", "universal1"] {
      #expect(try OpenedCheckpoint(Self.path(name)).losses.isEmpty, "\(name)")
    }
  }

  @Test func roundedWeightsAreTold() throws {
    let notes = try OpenedCheckpoint(Self.path("bf16")).notes
    #expect(notes.contains { $0.contains("the model's own in bfloat16 were not compared") })
    let same = try OpenedCheckpoint(Self.path("zero2")).notes
    #expect(same.contains { $0.contains("the model's own in float32 were not compared") })
  }

  // MARK: Ways to it

  @Test func aFolderOrAFileOfItStandsForAll() throws {
    let whole = try OpenedCheckpoint(Self.path("zero3"))
    #expect(whole.notes.contains { $0.contains("latest names global_step2") })
    for name in [
      "", "/", "/zero_pp_rank_1_mp_rank_00_model_states.pt",
      "/zero_pp_rank_0_mp_rank_00_optim_states.pt",
    ] {
      let opened = try OpenedCheckpoint("\(Self.path("zero3"))/\(Self.tag)\(name)")
      #expect(opened.format == .deepSpeed)
      #expect(
        try CheckpointComparison(whole.checkpoint, opened.checkpoint, extent: .everything).isSame)
      #expect(opened.notes.contains { $0.contains("whose folder was read") } == (name.count > 1))
    }
  }

  /// A file under another name, which says nothing, is no whole checkpoint either.
  @Test func onePartAloneIsRefused() throws {
    for (name, file) in [
      ("zero3", "zero_pp_rank_0_mp_rank_00_model_states.pt"),
      ("zero3", "zero_pp_rank_0_mp_rank_00_optim_states.pt"),
      ("universal3", "zero/optimizer_state.pt"),
    ] {
      let path = folder.file("alone.pt")
      try? FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(
        atPath: "\(Self.path(name))/\(Self.tag)/\(file)", toPath: path)
      for format in [FileFormat.pytorch, nil] {
        let error = #expect(throws: CheckpointError.self) {
          try OpenedCheckpoint(path, format: format)
        }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("one of the files of a DeepSpeed checkpoint") == true)
      }
    }
    // One of stage 2 has the whole model.
    let path = folder.file("model.pt")
    try FileManager.default.copyItem(
      atPath: "\(Self.path("bf16"))/\(Self.tag)/mp_rank_00_model_states.pt", toPath: path)
    let opened = try OpenedCheckpoint(path)
    #expect(opened.format == .pytorch)
    #expect(opened.checkpoint.state["body.weight"]?.dtype == .bfloat16)
  }

  // MARK: What is done with it

  @Test(arguments: names) func aFolderIsVerified(_ name: String) throws {
    let verification = try Verification(Self.path(name))
    #expect(verification.problems.isEmpty)
    let isDivided = Self.divided.contains(name)
    #expect(verification.notes.contains { $0.contains("was proved") } == isDivided)
    let moments = try Self.expected(name).moments.count
    // Ties are counted once; each parameter has two moments and a step.
    if name != "plain" { #expect(verification.tensorCount == 10 + 3 * moments) }
  }

  @Test(arguments: divided) func aCopyIsTheSame(_ name: String) throws {
    let opened = try OpenedCheckpoint(Self.path(name), access: .mapped)
    var checkpoint = opened.checkpoint
    for format in [FileFormat.ballast, .safetensors, .pytorch] {
      // What scales the loss is of a class of DeepSpeed's, of which PyTorch's files make a dictionary.
      if format == .pytorch { checkpoint.metadata["zero_optimizer"] = nil }
      let copy = folder.file("\(format.id).\(format.endings.first ?? "folder")")
      _ = try checkpoint.plan(to: copy, format: format).write(checking: opened.check())
      let back = try OpenedCheckpoint(copy)
      let comparison = try CheckpointComparison(checkpoint, back.checkpoint)
      #expect(comparison.differences.isEmpty, "\(format): \(comparison)")
    }
  }

  @Test func damageIsFound() throws {
    let copy = folder.file("copy")
    try FileManager.default.copyItem(atPath: Self.path("zero2"), toPath: copy)
    let path = "\(copy)/\(Self.tag)/zero_pp_rank_1_mp_rank_00_optim_states.pt"
    let weights = try Self.expected("zero2").fp32
    let bytes = try #require(weights["body.weight"]).hex.bytes
    var data = try Data(contentsOf: URL(filePath: path))
    // The parameter begins in the part of this rank.
    let place = try #require(data.range(of: Data(bytes.prefix(16)))).lowerBound
    data[place] ^= 1
    try data.write(to: URL(filePath: path))
    let problems = try Verification(copy).problems
    #expect(problems.count == 1)
    #expect(problems.first?.file == path)
    // Small parts are compared with their checksums however they are read.
    for access in [Access.verified, .mapped] {
      let error = #expect(throws: CheckpointError.self) {
        try OpenedCheckpoint(copy, access: access)
      }
      #expect(error?.code == .damaged)
    }
    let state = try OpenedCheckpoint(copy, access: .unverified).checkpoint.state
    #expect(state["body.weight"]?.shape == [5, 3])
  }

  @Test func factsTellTheFilesOfTheRanks() throws {
    let facts = try OpenedCheckpoint.facts(of: Self.path("zero3"))
    #expect(facts["stage"] == 3)
    #expect(facts["version"] == "0.18.2")
    #expect(facts["tensors"] == 5)
    #expect(facts["pieces"] == 10)
    let ranks = try #require(facts["ranks"]?.elements)
    #expect(
      ranks.map { $0["name"] } == [
        "zero_pp_rank_0_mp_rank_00_optim_states.pt", "zero_pp_rank_1_mp_rank_00_optim_states.pt",
      ])
    #expect(ranks.map { $0["parts_of_tensors"] } == [5, 5])
    #expect(try OpenedCheckpoint.facts(of: Self.path("universal1"))["universal"] == true)
  }

  @Test func itIsNotWritten() throws {
    let checkpoint = try OpenedCheckpoint(Self.path("zero1")).checkpoint
    let error = #expect(throws: CheckpointError.self) {
      try checkpoint.write(to: folder.file("out"), format: .deepSpeed)
    }
    #expect(error?.code == .unsupported)
  }
}

extension String {
  /// The bytes that hexadecimal digits are.
  fileprivate var bytes: [UInt8] {
    let digits = Array(utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
    }
  }
}
