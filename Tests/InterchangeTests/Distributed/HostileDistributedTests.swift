import Checkpoints
import Files
import Foundation
import Interchange
import TestSupport
import Testing

/// Broken and hostile folders, which `make_hostile_distributed.py` makes of a sound one: each is refused with
/// one sentence, whichever way it is read.
@Suite struct HostileDistributedTests {
  @Test(.needsPeers) func eachIsRefusedInOneSentence() throws {
    let folder = try TemporaryFolder()
    let names = try Peers.run(
      "make_hostile_distributed.py", ["\(DistributedTests.fixtures)/placed", folder.path]
    ).split(separator: "\n").map(String.init)
    #expect(names.count >= 100)
    for name in names where !name.hasPrefix("told_") {
      for access in [Access.mapped, .verified, .unverified] {
        let error = #expect(throws: CheckpointError.self, "\(name), \(access)") {
          try OpenedCheckpoint(folder.file(name), access: access)
        }
        guard let error else { continue }
        #expect(error.code != .inputOutput, "\(name): \(error)")
        #expect(!error.description.contains("\n"), "\(name): \(error)")
        #expect(error.description.utf8.count < 1000, "\(name): \(error)")
      }
      do throws(CheckpointError) {
        #expect(try !Verification(folder.file(name)).problems.isEmpty, "\(name)")
      } catch {
        #expect(error.code != .damaged, "\(name): \(error)")
      }
    }
  }

  static let sentences = [
    ("box_missing", "its element [3, 0]"), ("box_moved_up", "2 pieces have its element [2, 0]"),
    ("file_missing", "__7_0.distcp, which is not in the folder"),
    ("piece_file_missing", "__1_0.distcp, which is not in the folder"),
    ("no_table", "saving it was not finished"),
    ("table_unfinished", ".metadata.tmp, which was never given its name"),
    ("table_runs", "names posix.system"), ("transformed", "went through a transform (zstd)"),
    ("two_boxes_of_the_same_bytes", "said to be two pieces"),
    ("pieces_over_each_other", "lies over one of"),
    ("file_above", "which is no file of the folder"),
    ("piece_file_cut", "bytes, and a piece should be"), ("version_of_the_future", "2.0.0"),
    ("type_of_same_size", "its piece is float32"),
    ("shape_huge_and_empty", "is the shape of no tensor"),
    ("offsets_with_many_axes", "a piece begins at"),
    ("paths_a_number", "the ways to its values (planner_data) are"),
    ("many_corners", "its pieces have 1 elements, and it has 33554432"),
    ("repeated", "repeat few numbers so often"),
    ("repeated_in_pieces", "repeat few numbers so often"),
    ("object_of_zeros", "its object is nothing that torch.save writes"),
    ("object_header_flipped", "there is no header where the directory says"),
    ("object_like_safetensors", "its object is nothing that torch.save writes"),
    ("safetensors_of_one_size", "saved as safetensors within .distcp files"),
    ("safetensors_of_several_sizes", "saved as safetensors within .distcp files"),
    ("separate_tables", "(use_collectives=False)"),
    ("list_with_a_hole", "element 0 of a list of 2"),
  ]

  static let codes: [String: CheckpointError.Code] = [
    "many_corners": .damaged, "repeated": .refused, "repeated_in_pieces": .refused,
    "object_of_zeros": .damaged, "safetensors_of_one_size": .unsupported,
    "safetensors_of_several_sizes": .unsupported, "separate_tables": .unsupported,
    "list_with_a_hole": .unsupported,
  ]

  @Test(.needsPeers) func theSentenceSaysWhatIsWrong() throws {
    let folder = try TemporaryFolder()
    try Peers.run(
      "make_hostile_distributed.py", ["\(DistributedTests.fixtures)/placed", folder.path])
    for (name, words) in Self.sentences {
      let error = #expect(throws: CheckpointError.self) { try OpenedCheckpoint(folder.file(name)) }
      #expect(error?.description.contains(words) == true, "\(name): \(error as Any)")
      if let code = Self.codes[name] { #expect(error?.code == code, "\(name)") }
    }
  }

  /// What Lightning does not shard is in a file beside the pieces, and of the same checkpoint.
  @Test(.needsPeers) func aFolderOfLightningIsOneCheckpoint() throws {
    let folder = try TemporaryFolder()
    try Peers.run(
      "make_hostile_distributed.py", ["\(DistributedTests.fixtures)/placed", folder.path])
    let opened = try OpenedCheckpoint(folder.file("told_lightning"))
    #expect(opened.losses.isEmpty)
    let checkpoint = opened.checkpoint
    #expect(Array(checkpoint.state.keys) == ["layer.weight", "layer.bias"])
    #expect(checkpoint.optimizer?.naming == .keys)
    #expect(checkpoint.optimizer?.state["layer.bias"]?["exp_avg"]?.tensor?.shape == [2])
    #expect(checkpoint.metadata["epoch"] == 2 && checkpoint.metadata["global_step"] == 4)
    #expect(checkpoint.metadata["hyper_parameters"]?["width"] == 3)
    #expect(checkpoint.metadata["lr_schedulers"]?.elements?.first?["last_epoch"] == 2)
    let whole = try Verification(folder.file("told_lightning"))
    #expect(whole.problems.isEmpty)
    var bytes = try Data(contentsOf: URL(filePath: folder.file("told_lightning/meta.pt")))
    let place = try #require(bytes.firstRange(of: Data("width".utf8))).lowerBound
    bytes[place] ^= 1
    try bytes.write(to: URL(filePath: folder.file("told_lightning/meta.pt")))
    #expect(try Verification(folder.file("told_lightning")).problems.map(\.code) == [.damaged])
    #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("told_lightning"), access: .verified)
    }
  }

  /// Accelerate has the model and the optimizer in folders of their own.
  @Test(.needsPeers) func aFolderOfAccelerateIsOneCheckpoint() throws {
    let folder = try TemporaryFolder()
    try Peers.run(
      "make_hostile_distributed.py", ["\(DistributedTests.fixtures)/placed", folder.path])
    let path = folder.file("told_accelerate")
    let opened = try OpenedCheckpoint(path)
    #expect(opened.format == .pyTorchDistributed)
    #expect(opened.losses.map(\.subject) == ["scheduler.bin"])
    let checkpoint = opened.checkpoint
    #expect(Array(checkpoint.state.keys) == ["layer.weight", "layer.bias", "scale"])
    #expect(checkpoint.optimizer?.groups.map(\.parameters) == [["layer.weight", "layer.bias"]])
    #expect(checkpoint.optimizer?.groups.first?.options["lr"] == 0.1)
    #expect(checkpoint.optimizer?.state["layer.bias"]?["exp_avg"]?.tensor?.shape == [2])
    let verification = try Verification(path)
    #expect(verification.problems.isEmpty && verification.tensorCount == 7)
    let ranks = try OpenedCheckpoint.facts(of: path)["ranks"]?.elements?.map { $0["name"] }
    #expect(
      ranks == ["pytorch_model_fsdp_0/__0_0.distcp", "optimizer_0/__0_0.distcp"])
    let several = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(folder.file("accelerate_twice"))
    }
    #expect(several?.reason.contains("several models") == true)
  }

  @Test(.needsPeers) func whatIsLostOrPassedOverIsTold() throws {
    let folder = try TemporaryFolder()
    try Peers.run(
      "make_hostile_distributed.py", ["\(DistributedTests.fixtures)/placed", folder.path])
    let lost = try OpenedCheckpoint(folder.file("told_lost_key"))
    #expect(lost.losses.map(\.kind) == [.tensorDropped])
    #expect(lost.losses.first?.subject == "v")
    let problems = try Verification(folder.file("told_lost_key")).problems
    #expect(problems.map(\.code) == [.missing])
    #expect(problems.first?.place == "v")
    let stray = try OpenedCheckpoint(folder.file("told_stray_file"))
    #expect(stray.losses.isEmpty)
    #expect(stray.notes.contains { $0.contains("does not name __9_0.distcp") })
    #expect(
      try Verification(folder.file("told_stray_file")).notes.contains {
        $0.contains("does not name __9_0.distcp")
      })
    let others = try OpenedCheckpoint(folder.file("told_other_files"))
    #expect(others.losses.allSatisfy { $0.kind == .metadataDropped })
    #expect(
      others.losses.map(\.subject) == ["meta.pt, w", "common.pt, iteration", "common.pt, 7"])
    #expect(others.checkpoint.metadata["iteration"] == 3)
    #expect(others.checkpoint.state["random"]?.shape == [3])
    // By number, not as texts.
    let ranks = try OpenedCheckpoint.facts(of: folder.file("told_rank_ten"))["ranks"]?.elements
    #expect(
      ranks?.map { $0["name"] } == ["__0_0.distcp", "__2_0.distcp", "__10_0.distcp"])
  }
}
