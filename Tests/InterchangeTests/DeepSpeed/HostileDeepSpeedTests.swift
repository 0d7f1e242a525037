import Checkpoints
import Foundation
import Interchange
import TestSupport
import Testing

/// Broken and hostile folders of ZeRO, which `make_hostile_deepspeed.py` makes: each is refused with one
/// sentence, whichever way it is read.
@Suite struct HostileDeepSpeedTests {
  private static func make() throws -> (folder: TemporaryFolder, names: [String]) {
    let folder = try TemporaryFolder()
    let names = try Peers.run("make_hostile_deepspeed.py", [folder.path])
    return (folder, names.split(separator: "\n").map(String.init))
  }

  private static func isRead(_ name: String) -> Bool {
    name.hasPrefix("told_") || name.hasPrefix("sound")
  }

  @Test(.needsPeers) func eachIsRefusedInOneSentence() throws {
    let (folder, names) = try Self.make()
    #expect(names.count >= 140)
    for name in names where !Self.isRead(name) {
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

  static let sentences: [(name: String, words: String)] = [
    ("rank_missing", "zero_pp_rank_0_mp_rank_00_optim_states.pt is not in the folder"),
    ("last_rank_missing", "it is one of 2 ranks' files, and 1 are in the folder"),
    ("all_ranks_missing", "--from pytorch reads the model's own weights"),
    ("model_missing", "it has no model states"),
    ("model_of_rank_missing", "zero_pp_rank_0_mp_rank_00_model_states.pt is not in the folder"),
    ("last_model_missing", "it has 1 files of model states and 2 of optimizer states"),
    ("rank_of_a_million", "and 999989 more are not in the folder"),
    ("rank_twice", "are of one rank in two checkpoints"),
    ("models_of_both_kinds", "which are of two checkpoints"),
    ("model_parallel", "the model itself is divided (mp_rank_00, mp_rank_01)"),
    ("expert", "a part of a model with experts"), ("layer", "divided by layers (pipeline)"),
    ("former_name", "as DeepSpeed before 0.3 names it"),
    ("file_of_text", "it is no zip archive"), ("model_runs", "names posix.system"),
    ("optimizers_of_stage_3", "divided by stage 3 of ZeRO, and its model states are whole"),
    ("shape_huge", "which no tensor has"), ("shape_larger", "and the parameters need"),
    ("shape_turned", "it is of shape [3, 3] in the state dict"),
    ("shapes_in_other_order", "by the shapes of the parameters it has"),
    ("name_twice", "a is in it twice"),
    ("group_missing", "rank 0 has 2 flat tensors of weights, and there are 1 groups"),
    ("model_twice", "are of one rank in two checkpoints"),
    ("frozen_names_of_other_rank", "parameters that are not trained (frozen_param_shapes)"),
    ("buffers_of_other_rank", "buffers (buffer_names) are not those of rank 0"),
    ("buffers_unsaid", "it is not said which tensors are buffers"),
    ("buffers_of_numbers", "it has names that are no texts"),
    ("alias_of_other_shape", "it is of shape [5] in the state dict"),
    ("parts_of_other_shape", "it is of shape (1, 1), and the model states say (3, 3)"),
    ("plain_with_another_model", "other dictionaries of tensors beside the model (module)"),
    ("alias_is_parameter", "b is said to be a, and is a parameter of its own"),
    ("frozen_short", "its part of the parameter, which is not trained"),
    ("names_of_other_rank", "the files are of several checkpoints"),
    ("part_of_nobody", "no rank has a part of it"),
    ("stage_4", "divided by stage 4 of ZeRO"), ("count_uneven", "as of a model with experts (MoE)"),
    ("share_short", "rank 1 has 6 elements of flat tensor 0, and rank 0 has"),
    ("slice_elsewhere", "the rank is said to have"),
    ("step_of_other_rank", "rank 1 has another value of it than rank 0"),
    ("universal_parameter_missing", "b, which the model states name, is not in it"),
    ("universal_name_above", "is not in it"),
    ("tag_missing", "it names the folder global_step9, which is not beside it"),
  ]

  @Test(.needsPeers) func theSentenceSaysWhatIsWrong() throws {
    let (folder, _) = try Self.make()
    for (name, words) in Self.sentences {
      let error = #expect(throws: CheckpointError.self, "\(name)") {
        try OpenedCheckpoint(folder.file(name))
      }
      #expect(error?.description.contains(words) == true, "\(name): \(error as Any)")
    }
  }

  @Test(.needsPeers) func whatIsSoundIsRead() throws {
    let (folder, _) = try Self.make()
    /// The model and the optimizer: what the engine keeps says by which stage they were divided.
    func tensors(_ opened: OpenedCheckpoint) -> Checkpoint {
      var checkpoint = opened.checkpoint
      checkpoint.metadata = [:]
      return checkpoint
    }
    let stage2 = try tensors(OpenedCheckpoint(folder.file("sound2")))
    for name in ["sound3", "sound_universal"] {
      let opened = try OpenedCheckpoint(folder.file(name))
      #expect(opened.losses.isEmpty, "\(name)")
      let comparison = try CheckpointComparison(stage2, tensors(opened))
      #expect(comparison.differences.isEmpty, "\(name): \(comparison)")
      #expect(try Verification(folder.file(name)).problems.isEmpty, "\(name)")
    }
  }

  @Test(.needsPeers) func whatIsLostIsTold() throws {
    let (folder, _) = try Self.make()
    let expected: [(name: String, subject: String?, words: String)] = [
      ("told_buffer_of_other_rank", "mean", "rank 1 has other values of it"),
      ("told_value_of_other_rank", "epoch", "rank 1 has another value of it"),
      ("told_optimizer_taken_out", nil, "was taken out of the files"),
      ("told_option_of_other_rank", "param_groups[0].lr", "rank 1 has another value of it"),
      ("told_moment_short", "exp_avg of flat tensor 0", "the state of the optimizer was left out"),
      ("told_moment_long", "exp_avg of flat tensor 0", "the state of the optimizer was left out"),
      ("told_moment_of_two_axes", "exp_avg of flat tensor 0", "of which it is not known"),
      ("told_alias_of_other_values", "alias", "its own values were left out"),
      ("told_state_of_no_tensor", "state", "what rank 0 keeps for 7 was left out"),
      ("told_extra_of_other_rank", "x._extra_state", "rank 1 has other values of it"),
      ("told_buffer_of_one_rank", "more", "rank 1 has no such entry"),
      ("told_option_of_one_rank", "param_groups[0].more", "rank 1 has another value of it"),
      ("told_version_of_other_rank", "ds_version", "rank 1 has another value of it"),
      ("told_moment_of_no_folder", "max_exp_avg_sq", "has what one rank kept of it"),
      ("told_parameter_of_no_name", "x", "of no parameter that the model states name"),
      ("told_no_options", "param_groups", "the options of the groups are not there"),
    ]
    for (name, subject, words) in expected {
      let losses = try OpenedCheckpoint(folder.file(name)).losses
      #expect(losses.count == 1, "\(name): \(losses)")
      #expect(losses.first?.subject == subject, "\(name)")
      #expect(losses.first?.description.contains(words) == true, "\(name): \(losses)")
    }
  }

  /// What the optimizer has beside its state, parameters without elements that have one address, a vocabulary
  /// whose padding was cut off, and a checkpoint that is not divided.
  @Test(.needsPeers) func whatIsRareIsRead() throws {
    let (folder, _) = try Self.make()
    let base = try OpenedCheckpoint(folder.file("sound_base"))
    #expect(base.losses.isEmpty)
    #expect(base.checkpoint.metadata["zero_optimizer"]?["base_optimizer_state.more"] == 3)
    let empty = try OpenedCheckpoint(folder.file("sound_empty")).checkpoint.state
    #expect(empty["d"]?.shape == [0] && empty["e"]?.shape == [0])
    let vocabulary = try OpenedCheckpoint(folder.file("sound_vocabulary")).checkpoint
    #expect(vocabulary.state["a"]?.shape == [2, 3] && vocabulary.state["alias"]?.shape == [2, 3])
    #expect(vocabulary.optimizer?.state["a"]?["exp_avg"]?.tensor?.shape == [2, 3])
    let plain = try OpenedCheckpoint(folder.file("sound_plain")).checkpoint.state
    #expect(plain.keys(of: .buffer) == ["mean", "body.mean"] && plain.count == 8)
    // What is to be read is chosen once.
    var options = ReadOptions()
    options.root = "body"
    let part = try OpenedCheckpoint(folder.file("sound_plain"), options: options).checkpoint.state
    #expect(part.keys(of: .parameter) == ["w"] && part.keys(of: .buffer) == ["mean"])
  }

  /// Parts along an axis make up a parameter; what is the same in all parts may be the whole, which is told.
  @Test(.needsPeers) func partsOfAModelAreTakenAsTheyAre() throws {
    let (folder, _) = try Self.make()
    let opened = try OpenedCheckpoint(folder.file("sound_parts"))
    let state = opened.checkpoint.state
    #expect(["a", "b", "c"].map { state[$0]?.shape } == [[6, 3], [8], [5]])
    #expect(Set(opened.losses.compactMap(\.subject)) == ["f", "mean"])
    #expect(opened.losses.allSatisfy { $0.description.contains("whether they are parts") })
  }
}
