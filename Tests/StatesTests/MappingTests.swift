import Arrays
import Checkpoints
import Files
import OrderedCollections
import States
import Testing

/// What rules make of keys, tensors, optimizer state and versions, and that they are undone.
@Suite struct MappingTests {
  /// Tensors whose elements tell where they came from.
  private static func array(_ shape: Shape, from start: Int = 0) -> NDArray {
    NDArray((start..<(start + shape.elementCount)).map(Float.init), shape: shape)
  }

  private static func checkpoint(
    _ tensors: KeyValuePairs<String, NDArray>, adam parameters: [String] = []
  ) -> Checkpoint {
    var state = StateDict()
    for (key, array) in tensors {
      state.entries[key] = .init(array, role: key.contains("running") ? .buffer : .parameter)
    }
    var optimizer = OptimizerState(type: "Adam")
    for key in parameters {
      let shape = state[key]?.shape ?? []
      optimizer.state[key] = [
        "step": .tensor(NDArray(Float(7))), "exp_avg": .tensor(array(shape, from: 1000)),
      ]
    }
    optimizer.groups = [.init(options: ["lr": 0.1], parameters: parameters)]
    return Checkpoint(state: state, optimizer: parameters.isEmpty ? nil : optimizer)
  }

  private static func mapping(_ rules: String) throws -> TensorMapping {
    try TensorMapping(json: #"{"ballast_mapping": 1, "rules": [\#(rules)]}"#)
  }

  /// Expects that the inverse of a mapping brings back what it was applied to.
  private static func expectUndone(
    _ mapping: TensorMapping, _ original: Checkpoint,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (mapped, report) = try mapping.apply(to: original)
    #expect(report.notes == [], sourceLocation: sourceLocation)
    let (back, _) = try mapping.inverted().apply(to: mapped)
    #expect(
      Array(back.state.keys) == Array(original.state.keys), sourceLocation: sourceLocation)
    for (key, entry) in original.state.entries {
      #expect(
        back.state[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)",
        sourceLocation: sourceLocation)
      #expect(back.state.entries[key]?.role == entry.role, sourceLocation: sourceLocation)
    }
    #expect(back.optimizer?.state == original.optimizer?.state, sourceLocation: sourceLocation)
    #expect(
      back.optimizer?.groups.map(\.parameters) == original.optimizer?.groups.map(\.parameters),
      sourceLocation: sourceLocation)
    #expect(
      back.state.moduleVersions == original.state.moduleVersions, sourceLocation: sourceLocation)
  }

  @Test func everyRuleIsUndoneByItsInverse() throws {
    let original = Self.checkpoint(
      [
        "h.0.attn.qkv.weight": Self.array([6, 2]), "h.0.attn.qkv.bias": Self.array([6], from: 20),
        "h.0.fc.weight": Self.array([2, 3], from: 30), "h.0.conv.weight": Self.array([2, 3, 4, 5]),
        "h.0.flat": Self.array([12], from: 50), "a.gamma": Self.array([2]),
        "a.running_mean": Self.array([2]),
      ], adam: ["h.0.attn.qkv.weight", "h.0.fc.weight", "h.0.conv.weight", "a.gamma", "h.0.flat"])
    let mapping = try Self.mapping(
      #"""
      {"split": "(h\\.\\d+\\.attn)\\.qkv\\.(weight|bias)", "axis": 0,
       "into": ["\\1.q.\\2", "\\1.k.\\2", "\\1.v.\\2"]},
      {"rename": "^h\\.(\\d+)\\.", "to": "layers.\\1."},
      {"transpose": "fc\\.weight$"},
      {"permute": "conv\\.weight$", "axes": [2, 3, 1, 0]},
      {"reshape": "flat$", "shape": [3, -1], "from": [12]},
      {"rename": "gamma", "to": "weight", "inverse": {"rename": "^a\\.weight$", "to": "a.gamma"}}
      """#)
    let (mapped, _) = try mapping.apply(to: original)
    #expect(
      Array(mapped.state.keys) == [
        "layers.0.attn.q.weight", "layers.0.attn.k.weight", "layers.0.attn.v.weight",
        "layers.0.attn.q.bias", "layers.0.attn.k.bias", "layers.0.attn.v.bias",
        "layers.0.fc.weight", "layers.0.conv.weight", "layers.0.flat", "a.weight",
        "a.running_mean",
      ])
    #expect(mapped.state["layers.0.attn.k.weight"]?.elements(as: Float.self) == [4, 5, 6, 7])
    #expect(
      mapped.state["layers.0.fc.weight"]?.elements(as: Float.self) == [30, 33, 31, 34, 32, 35])
    #expect(mapped.state["layers.0.conv.weight"]?.shape == [4, 5, 3, 2])
    #expect(mapped.state["layers.0.flat"]?.shape == [3, 4])
    let optimizer = try #require(mapped.optimizer)
    let average = optimizer.state["layers.0.attn.v.weight"]?["exp_avg"]?.tensor
    #expect(average?.elements(as: Float.self) == [1008, 1009, 1010, 1011])
    #expect(optimizer.state["layers.0.attn.v.weight"]?["step"]?.tensor?.item(as: Float.self) == 7)
    #expect(optimizer.state["layers.0.conv.weight"]?["exp_avg"]?.tensor?.shape == [4, 5, 3, 2])
    #expect(optimizer.groups[0].parameters.prefix(3).last == "layers.0.attn.v.weight")
    try Self.expectUndone(mapping, original)
  }

  @Test func unequalPartsAreJoinedByTheirSizes() throws {
    let original = Self.checkpoint(
      ["x": Self.array([2, 1]), "y": Self.array([2, 3], from: 9)], adam: ["x", "y"])
    let mapping = try Self.mapping(
      #"{"concatenate": ["x", "y"], "axis": -1, "into": "xy", "sizes": [1, 3]}"#)
    let (mapped, _) = try mapping.apply(to: original)
    #expect(mapped.state["xy"]?.elements(as: Float.self) == [0, 9, 10, 11, 1, 12, 13, 14])
    try Self.expectUndone(mapping, original)
  }

  @Test func tiesSurviveRulesThatCopy() throws {
    let shared = Self.array([2, 3])
    let original = Self.checkpoint(["a": shared, "b": shared, "c": Self.array([2, 3])])
    for rules in [
      #"{"transpose": "."}, {"reshape": ".", "shape": [6]}"#,
      #"{"cast": ".", "dtype": "float64", "from": "float32"}"#,
      #"{"split": "(.)", "axis": 0, "into": ["\\1.0", "\\1.1"]}, "#
        + #"{"concatenate": ["(.)\\.0", "(.)\\.1"], "axis": 1, "into": "\\1"}"#,
    ] {
      let (mapped, _) = try Self.mapping(rules).apply(to: original)
      #expect(mapped.state.ties.map(\.key) == ["b"], "\(rules)")
    }
  }

  /// One parameter has one count of steps: what was trained for unequal times cannot be joined.
  @Test(arguments: [7, 8]) func whatIsJoinedHasOneCountOfSteps(_ step: Int) throws {
    var original = Self.checkpoint(["a": Self.array([2]), "b": Self.array([2])], adam: ["a", "b"])
    original.optimizer?.state["b"]?["step"] = .tensor(NDArray(Float(step)))
    let mapping = try Self.mapping(#"{"concatenate": ["a", "b"], "axis": 0, "into": "x"}"#)
    guard step != 7 else {
      let (mapped, _) = try mapping.apply(to: original)
      #expect(mapped.optimizer?.state["x"]?["step"]?.tensor?.item(as: Float.self) == 7)
      return
    }
    let error = #expect(throws: MappingError.self) { try mapping.apply(to: original) }
    #expect(error.map { "\($0)" }?.contains("differ in 'step'") == true, "\(error as Any)")
  }

  @Test func castsAreReportedAndLeaveTheOptimizerAlone() throws {
    let original = Self.checkpoint(["w": Self.array([2])], adam: ["w"])
    let (mapped, report) = try Self.mapping(#"{"cast": "w", "dtype": "bfloat16"}"#)
      .apply(to: original)
    #expect(mapped.state["w"]?.dtype == .bfloat16)
    #expect(mapped.optimizer?.state["w"]?["exp_avg"]?.tensor?.dtype == .float32)
    #expect(report.casts.map(\.key) == ["w"])
    #expect(
      report.notes == [
        "rule 1 of the mapping cannot be undone: it does not say the type before"
      ])
  }

  @Test func moduleVersionsFollowTheirModules() throws {
    var original = Self.checkpoint([
      "module.bn.weight": Self.array([2]), "module.bn.running_mean": Self.array([2]),
      "module.fc.weight": Self.array([2, 2]),
    ])
    original.state.moduleVersions = [
      "": 1, "module": 3, "module.bn": 2, "module.relu": 1, "module.fc": 1,
    ]
    let (mapped, _) = try KeyPrefix.stripping("module.").apply(to: original)
    #expect(mapped.state.moduleVersions == ["": 3, "bn": 2, "relu": 1, "fc": 1])
    let renamed = try original.renamed([KeyRenaming(#"^module\.="#)])
    #expect(renamed.state.moduleVersions == mapped.state.moduleVersions)
  }

  @Test func stateByPositionCannotFollowOtherShapes() throws {
    var original = Self.checkpoint(["w": Self.array([2, 3])], adam: ["w"])
    original.optimizer?.naming = .positions
    let (renamed, first) = try Self.mapping(#"{"rename": "w", "to": "v"}"#).apply(to: original)
    #expect(renamed.optimizer != nil && !first.droppedOptimizer)
    let (mapped, second) = try Self.mapping(#"{"transpose": "w"}"#).apply(to: original)
    #expect(mapped.optimizer == nil && second.droppedOptimizer)
  }

  @Test(arguments: [
    (#"{"rename": "[ab]$", "to": "x"}"#, "rule 1 of the mapping: 'm.a' and 'm.b' would both"),
    (#"{"rename": "a$", "to": "b"}"#, "'m.a' and 'm.b' would both be named 'm.b'"),
    (#"{"concatenate": ["m\\.(a)", "m\\.(z)"], "axis": 0, "into": "x"}"#, "'x' has no part 2"),
    (#"{"concatenate": ["m\\..", "m\\.a"], "axis": 0, "into": "x"}"#, "the expressions of two"),
    (#"{"concatenate": ["m\\.[ab]", "m\\.c"], "axis": 0, "into": "x"}"#, "both part 1 of 'x'"),
    (#"{"concatenate": ["m\\.a", "m\\.c"], "axis": 0, "into": "x"}"#, "cannot be joined"),
    (#"{"concatenate": ["m\\.a", "m\\.d"], "axis": 0, "into": "x"}"#, #"with "sizes""#),
    (#"{"concatenate": ["m\\.a", "m\\.running"], "axis": 0, "into": "x"}"#, "the other a buffer"),
    (#"{"split": "m\\.a", "axis": 1, "into": ["x", "y"]}"#, "has not 2 equal parts"),
    (#"{"split": "m\\.a", "axis": 0, "into": ["x", "y"], "sizes": [1, 2]}"#, "do not fill axis 0"),
    (#"{"split": "m\\.a", "axis": 5, "into": ["x", "y"]}"#, "no axis 5"),
    (#"{"permute": "m\\.a", "axes": [0, 2, 1]}"#, "and 3 axes are given"),
    (#"{"transpose": "m\\.c"}"#, "no two dimensions to exchange"),
    (#"{"reshape": "m\\.a", "shape": [4, -1]}"#, "does not fill [4, -1]"),
    (#"{"reshape": "m\\.a", "shape": [9223372036854775807, 3]}"#, "does not fill"),
    (#"{"reshape": "m\\.a", "shape": [6], "from": [3, 2]}"#, "has shape (2, 3), not [3, 2]"),
    (#"{"cast": "m\\.a", "dtype": "int8", "from": "float64"}"#, "of type float32, not float64"),
  ])
  func whatDoesNotFitTheTensorsIsRefused(_ rule: String, _ words: String) throws {
    let original = Self.checkpoint([
      "m.a": Self.array([2, 3]), "m.b": Self.array([2, 3]), "m.c": Self.array([2]),
      "m.d": Self.array([4, 3]), "m.running": Self.array([2, 3]),
    ])
    let mapping = try Self.mapping(rule)
    let error = #expect(throws: MappingError.self) { try mapping.apply(to: original) }
    #expect(error?.rule == 1)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("{", "not valid JSON"), ("[]", "no JSON object"), (#"{"rules": []}"#, "'ballast_mapping'"),
    (#"{"ballast_mapping": 2, "rules": []}"#, "version 2"),
    (#"{"ballast_mapping": 1, "rules": {}}"#, "'rules' is no list"),
    (#"{"ballast_mapping": 1, "rules": [], "rule": 1}"#, "'rule' is no member"),
    (#"{"ballast_mapping": 1, "rules": [1]}"#, "rule 1 of the mapping: it is no JSON object"),
    (#"{"ballast_mapping": 1, "rules": [{}]}"#, "rename, permute, transpose"),
    (
      #"{"ballast_mapping": 1, "rules": [{"transpose": "x"}, {"cast": "x", "rename": "y"}]}"#,
      "rule 2 of the mapping: it says 'cast' and 'rename'"
    ),
    (#"{"ballast_mapping": 1, "rules": [{"rename": "x", "too": "y"}]}"#, "'too' is not known"),
    (#"{"ballast_mapping": 1, "rules": [{"rename": "x"}]}"#, "'to' is missing"),
    (#"{"ballast_mapping": 1, "rules": [{"rename": 1, "to": "y"}]}"#, "'rename' is not a text"),
    (#"{"ballast_mapping": 1, "rules": [{"rename": "(", "to": "y"}]}"#, "cannot be used"),
    (#"{"ballast_mapping": 1, "rules": [{"rename": "(x)", "to": "\\2"}]}"#, "names group 2"),
    (#"{"ballast_mapping": 1, "rules": [{"permute": "x", "axes": [0, 0]}]}"#, "once"),
    (#"{"ballast_mapping": 1, "rules": [{"permute": "x", "axes": "T"}]}"#, "list of integers"),
    (#"{"ballast_mapping": 1, "rules": [{"cast": "x", "dtype": "float"}]}"#, "bfloat16"),
    (#"{"ballast_mapping": 1, "rules": [{"reshape": "x", "shape": [-1, -1]}]}"#, "one -1"),
    (#"{"ballast_mapping": 1, "rules": [{"split": "x", "axis": 0, "into": ["y"]}]}"#, "two parts"),
    (
      #"{"ballast_mapping": 1, "rules": [{"split": "x", "axis": 0, "into": ["y", "y"]}]}"#,
      "two parts have one name"
    ),
  ])
  func whatIsNoMappingIsRefused(_ json: String, _ words: String) throws {
    let error = #expect(throws: (any Error).self) { try TensorMapping(json: json) }
    #expect(error.map { "\($0)" }?.contains(words) == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func anInverseIsDerivedOrAskedFor() throws {
    func inverse(_ pattern: String, _ to: String) throws -> TensorMapping.Rule {
      try TensorMapping(rules: [.rename(pattern: pattern, to: to, inverse: nil)]).inverted().rules[
        0]
    }
    #expect(
      try inverse(#"^(\w+)\.x\.([0-9]+)$"#, #"y[\2].\1"#)
        == .rename(
          pattern: #"^y\[([0-9]+)\]\.(\w+)$"#, to: #"\2.x.\1"#,
          inverse: .init(pattern: #"^(\w+)\.x\.([0-9]+)$"#, to: #"y[\2].\1"#)))
    for pattern in ["a.b", "a|b", "(a)(b)", "(a)+", "[ab]", "((a)b)", #"\d"#, "(?:a)"] {
      let error = #expect(throws: MappingError.self) { try inverse(pattern, #"\1"#) }
      if error?.reason.contains("names group") == false {
        #expect(error?.advice?.contains(#""inverse""#) == true, "\(pattern)")
      }
    }
  }

  @Test func rulesThatMatchNothingOrCannotBeUndoneAreNoted() throws {
    let original = Self.checkpoint(["a.x": Self.array([2]), "b.y": Self.array([2])])
    let (_, first) = try Self.mapping(#"{"transpose": "^z"}"#).apply(to: original)
    #expect(first.notes == ["rule 1 of the mapping matched no key"])
    let (_, second) = try Self.mapping(#"{"rename": "^a\\.", "to": "b."}"#).apply(to: original)
    #expect(
      second.notes == ["rule 1 of the mapping cannot be undone: its inverse makes 'a.y' of 'b.y'"])
  }

  @Test func mappingsAreWrittenAsTheyAreRead() throws {
    for name in TensorMapping.builtInNames {
      let mapping = try #require(TensorMapping(named: name))
      #expect(try TensorMapping(json: mapping.value.json(pretty: true)) == mapping)
      #expect(
        try mapping.inverted().inverted().rules
          == mapping.rules.map { rule in
            guard case .rename(let pattern, let to, nil) = rule else { return rule }
            // What was derived stands in the inverse of the inverse.
            guard
              case .rename(let back, let from, _) = try TensorMapping(rules: [rule]).inverted()
                .rules[0]
            else { return rule }
            return .rename(pattern: pattern, to: to, inverse: .init(pattern: back, to: from))
          })
    }
    #expect(TensorMapping(named: "nothing") == nil)
  }

  @Test func prefixesOfAllKeysAreRecognised() {
    #expect(KeyPrefix.common(to: ["module.a", "module.b"]) == "module.")
    #expect(KeyPrefix.common(to: ["_orig_mod.model.a", "_orig_mod.model.b"]) == "_orig_mod.model.")
    #expect(KeyPrefix.common(to: ["model.a", "lm_head.b"]) == nil)
    #expect(KeyPrefix.common(to: ["features.a", "features.b"]) == nil)
    #expect(KeyPrefix.common(to: ["module.a"]) == nil)
    #expect(KeyPrefix.common(to: ["model.", "model.a"]) == nil)
  }
}
