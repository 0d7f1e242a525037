import Ballast
import TestSupport
import Testing

/// Loading a part of a file into a model, under other keys.
@Suite struct PartialLoadingTests {
  private let folder: TemporaryFolder
  private let path: String
  private let source: Sequential

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("source.pth")
    source = Sequential(Linear(4, 3), ReLU(), Linear(3, 5))
    var state = StateDict()
    for (key, entry) in source.stateDict().entries { state.entries["module.net.\(key)"] = entry }
    try Checkpoint(state: state).save(to: path)
  }

  private func values(_ module: Module, _ key: String) -> [Float] {
    module.stateDict()[key]?.elements(as: Float.self) ?? []
  }

  @Test func keysAreRenamed() throws {
    let model = Sequential(Linear(4, 3), ReLU(), Linear(3, 5))
    let report = try model.load(from: path, renaming: [KeyRenaming(#"^module\.net\.="#)])
    #expect("\(report)" == "<All keys matched successfully>")
    #expect(values(model, "2.weight") == values(source, "2.weight"))
  }

  @Test func aHeadOfAnotherShapeIsSkipped() throws {
    let model = Sequential(Linear(4, 3), ReLU(), Linear(3, 2))
    let before = values(model, "2.weight")
    let renaming = [try KeyRenaming(#"^module\.net\.="#)]
    #expect(throws: LoadError.self) {
      try model.load(from: path, strict: false, renaming: renaming)
    }
    let report = try model.load(from: path, renaming: renaming, skippingMismatched: true)
    #expect(report.skipped.map(\.key) == ["2.weight", "2.bias"] && report.missing.isEmpty)
    #expect(report.matched == ["0.weight", "0.bias"] && report.shapeMismatches.isEmpty)
    #expect("\(report)".contains("skipped: 2.bias is (5,) in the checkpoint and (2,) in the model"))
    #expect(values(model, "0.weight") == values(source, "0.weight"))
    #expect(values(model, "2.weight") == before)
  }

  @Test func nothingThatFitsIsRefused() throws {
    let model = Sequential(Linear(7, 6))
    let renaming = [try KeyRenaming(#"^module\.net\.="#)]
    let error = #expect(throws: LoadError.self) {
      try model.load(
        from: path, strict: false, renaming: renaming, skippingMismatched: true)
    }
    #expect(error?.report.shapeMismatches.count == 2)
  }

  /// A tensor with two names is not half skipped.
  @Test func aTieOfWhichOneNameFitsIsRefused() throws {
    let embedding = Embedding(5, 3)
    let model = Sequential(embedding, Linear(weight: embedding.weight))
    let state: StateDict = [
      "0.weight": NDArray(zeros: [5, 3]), "1.weight": NDArray(zeros: [4, 3]),
    ]
    let error = #expect(throws: LoadError.self) {
      try model.loadStateDict(state, strict: false, skippingMismatched: true)
    }
    #expect(error?.report.tieConflicts == ["1.weight"])
  }

  @Test func keysAreChosenBeforeTheyAreRenamed() throws {
    let model = Sequential(Linear(4, 3))
    let renaming = [try KeyRenaming(#"^module\.net\.="#)]
    #expect(throws: LoadError.self) { try model.load(from: path, renaming: renaming) }
    let first = try KeyFilter(include: [#"\.0\."#])
    try model.load(from: path, keys: first, renaming: renaming)
    #expect(values(model, "0.weight") == values(source, "0.weight"))
    let none = try KeyFilter(include: ["^0"])
    let error = #expect(throws: CheckpointError.self) {
      try model.load(from: path, strict: false, keys: none)
    }
    #expect(error?.reason == "none of its 4 tensors is among the keys")
  }

  @Test func aMappingChangesKeysAndShapes() throws {
    let mapping = try TensorMapping(rules: [
      .rename(pattern: #"^module\.net\.2\."#, to: "0.", inverse: nil),
      .transpose(pattern: #"^0\.weight$"#),
    ])
    let model = Sequential(Linear(5, 3, bias: false))
    let report = try model.load(from: path, strict: false, mapping: mapping)
    #expect(report.matched == ["0.weight"] && report.unexpected.contains("0.bias"))
    let weight = try #require(source.stateDict()["2.weight"])
    #expect(values(model, "0.weight") == weight.transposed().elements(as: Float.self))
  }

  @Test func twoKeysThatBecomeOneAreRefused() throws {
    let model = Sequential(Linear(4, 3))
    #expect(throws: MappingError.self) {
      try model.load(from: path, strict: false, renaming: [KeyRenaming(#"\.[02]\.=.0."#)])
    }
  }
}
