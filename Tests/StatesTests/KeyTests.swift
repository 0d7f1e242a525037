import Arrays
import Checkpoints
import States
import Testing

@Suite struct KeyTests {
  private var checkpoint: Checkpoint {
    var optimizer = OptimizerState(type: "SGD")
    for key in ["module.conv.weight", "module.fc.weight"] {
      optimizer.state[key] = ["momentum_buffer": .tensor(NDArray(Float(1)))]
    }
    optimizer.groups = [
      .init(options: [:], parameters: ["module.conv.weight", "module.fc.weight"])
    ]
    return Checkpoint(
      state: ["module.conv.weight": NDArray(Float(1)), "module.fc.weight": NDArray(Float(2))],
      optimizer: optimizer)
  }

  @Test func rulesRenameEverywhere() throws {
    let rules = try [KeyRenaming(#"^module\.="#), KeyRenaming(#"(\w+)\.weight=\1.kernel"#)]
    let renamed = try checkpoint.renamed(rules)
    #expect(Array(renamed.state.keys) == ["conv.kernel", "fc.kernel"])
    #expect(Array(renamed.optimizer?.state.keys ?? []) == ["conv.kernel", "fc.kernel"])
    #expect(renamed.optimizer?.groups[0].parameters == ["conv.kernel", "fc.kernel"])
  }

  @Test func replacementsHaveGroupsAndBackslashes() throws {
    #expect(try KeyRenaming(#"a(b)c=[\0|\1|\\]"#).renamed("xabcx") == #"x[abc|b|\]x"#)
    #expect(try KeyRenaming("a==b").renamed("xa=x") == "xbx")
  }

  @Test func collisionsAndMistakesAreNamed() throws {
    #expect(throws: MappingError.self) { try KeyRenaming("no equals sign") }
    #expect(throws: MappingError.self) { try KeyRenaming("(=x") }
    let rule = try KeyRenaming(#"(conv|fc)=same"#)
    let failure = #expect(throws: MappingError.self) { try checkpoint.renamed([rule]) }
    #expect(failure?.description.contains("'module.same.weight'") == true)
  }

  @Test func filtersKeepTheOptimizerInStep() throws {
    let filtered = checkpoint.filtered(try KeyFilter(exclude: [#"\.fc\."#]))
    #expect(Array(filtered.state.keys) == ["module.conv.weight"])
    #expect(Array(filtered.optimizer?.state.keys ?? []) == ["module.conv.weight"])
    #expect(filtered.optimizer?.groups[0].parameters == ["module.conv.weight"])
    #expect(checkpoint.filtered(try KeyFilter(include: ["nothing"])).state.isEmpty)
  }

  @Test func stateByPositionIsNotKeptInPart() throws {
    var positional = checkpoint
    positional.optimizer?.naming = .positions
    #expect(positional.filtered(try KeyFilter(exclude: ["fc"])).optimizer == nil)
    #expect(positional.filtered(try KeyFilter()).optimizer != nil)
  }

  @Test func suggestionsAreNearOrNone() {
    let keys = ["conv1.weight", "conv1.bias", "layer.fc.weight"]
    #expect(KeySuggestion.closest(to: "conv1.weigth", among: keys) == "conv1.weight")
    #expect(KeySuggestion.closest(to: "fc.weight", among: keys) == "layer.fc.weight")
    // However long what stands before it is.
    #expect(KeySuggestion.closest(to: "module.long.conv1.weight", among: keys) == "conv1.weight")
    #expect(KeySuggestion.closest(to: "zzz", among: keys) == nil)
  }

  @Test func aPrefixLeavesSomethingOfEveryKey() {
    #expect(KeyPrefix.common(to: ["module.a", "module.b.c"]) == "module.")
    #expect(KeyPrefix.common(to: ["module.model.a", "module.model.b"]) == "module.model.")
    #expect(KeyPrefix.common(to: ["module.model.", "module.model.b"]) == "module.")
    #expect(KeyPrefix.common(to: ["module.", "module.b"]) == nil)
    #expect(KeyPrefix.common(to: ["module.a"]) == nil)
  }

  @Test func tiesAreFoundByIdentity() {
    let shared = NDArray(zeros: [2])
    let state: StateDict = [
      "a": shared, "b": shared, "c": shared.copied(), "d": shared.expanded(to: [3, 2]),
    ]
    #expect(state.ties.map(\.key) == ["b"])
    #expect(state.ties.map(\.original) == ["a"])
    // Parts of one storage, each there twice.
    let whole = NDArray(zeros: [4])
    func half(at offset: Int) -> NDArray {
      NDArray(
        storage: whole.storage, dtype: whole.dtype,
        layout: Layout(shape: [2], strides: [1], offset: offset))
    }
    let parts: StateDict = [
      "left": half(at: 0), "right": half(at: 2), "right again": half(at: 2),
      "left again": half(at: 0), "whole": whole,
    ]
    #expect(parts.ties.map(\.key) == ["right again", "left again"])
    #expect(parts.ties.map(\.original) == ["right", "left"])
  }

  @Test func reportsSpeakAsPyTorchDoes() {
    var report = LoadReport()
    #expect(report.description == "<All keys matched successfully>")
    report.missing = ["fc.bias"]
    report.unexpected = ["fc.baias"]
    report.suggestions = ["fc.bias": "fc.baias"]
    report.shapeMismatches = [.init(key: "w", checkpointShape: [2], modelShape: [3, 1])]
    #expect(
      report.problems(strict: true) == [
        #"Missing key(s) in state_dict: "fc.bias"."#,
        #"Unexpected key(s) in state_dict: "fc.baias"."#,
        "size mismatch for w: copying a param with shape torch.Size([2]) from checkpoint, "
          + "the shape in current model is torch.Size([3, 1]).",
        #"Did you mean: "fc.baias" for "fc.bias"?"#,
      ])
    #expect(!report.isAcceptable(strict: false))
    report.shapeMismatches = []
    #expect(report.isAcceptable(strict: false))
    #expect(!report.isAcceptable(strict: true))
  }
}
