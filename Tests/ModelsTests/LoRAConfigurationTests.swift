import Ballast
import Foundation
import TestSupport
import Testing

/// What `adapter_config.json` says, and what is made of one that is damaged or made to harm.
@Suite struct LoRAConfigurationTests {
  private let fixture = LoRAFixture(name: "linear")

  private func configuration(_ change: (inout [String: Value]) -> Void) throws -> LoRAConfiguration
  {
    try LoRAConfiguration(changed(try fixture.adapter().configuration.value, change))
  }

  @Test func ranksAndScalesAreByTheFirstPattern() throws {
    let configuration = try LoRAFixture(name: "patterns").adapter().configuration
    #expect(
      ["first", "square", "head", "x.first", "x.square", "square.x"].map(configuration.rank)
        == [3, 4, 2, 2, 4, 2])
    #expect(["first", "square", "head"].map(configuration.scaling) == [4.0 / 3, 2, 0.5])
    let root = try self.configuration { $0["use_rslora"] = true }
    #expect(root.scaling(of: "first") == 4 / 2.0.squareRoot())
  }

  /// Plain names are compared without an automaton, and give the same.
  @Test func plainNamesMatchAsExpressions() throws {
    let paths = ["a.b", "axb", "x.a.b", "xa.b", "b", "a.b.c", "é.a.b", "", ".a.b", "x.axb"]
    for name in ["a.b", "b", "a-b", "a_b", "."] {
      let plain = try configuration { $0["rank_pattern"] = .dict([.string(name): 7]) }
      let other = try configuration { $0["rank_pattern"] = .dict([.string("(\(name))"): 7]) }
      #expect(paths.map(plain.rank) == paths.map(other.rank), "\(name)")
    }
  }

  @Test func manyNamesAreRefused() throws {
    for (name, count) in [("modules_to_save", 201), ("target_modules", 10_001)] {
      let error = #expect(throws: CheckpointError.self) {
        try configuration { $0[name] = .list([Value](repeating: "a", count: count)) }
      }
      #expect(error?.code == .refused)
    }
  }

  @Test func manyExpressionsAreRefused() throws {
    let many = (0..<300).map { (Value.Key.string("x\($0)+"), Value.int(3)) }
    let error = #expect(throws: CheckpointError.self) {
      try configuration { $0["rank_pattern"] = .dict(.init(uniqueKeysWithValues: many)) }
    }
    #expect(error?.code == .refused)
  }

  /// Answers of `re.match(rf"(.*\.)?({pattern})$", text)` and `re.fullmatch` in Python.
  @Test(
    arguments: [
      ("q_proj", "q_proj", true), ("q_proj", "xq_proj", false), ("a|b", "ab", false),
      (#"^model\.layers\.[0-3]\."#, "model.layers.2.", true), (#"h\.\d+\.attn"#, "h.12.attn", true),
      (#"h\.\d+\.attn"#, "h.x.attn", false), ("(a|b)*c", "ababc", true), ("(?:ab)+?", "abab", true),
      ("x?y", "y", true), ("[^.]+", "a.b", false), ("[^.]+", "ab", true), ("[]a]", "]", true),
      (#"[\w-]+"#, "a_1-b", true), ("a$", "a", true), ("a$b", "ab", false), ("", "", true),
      ("(?P<n>a)", "a", true), ("(a*)*", "aaa", true), ("(|a)b", "b", true), (".*", "a.b", true),
    ])
  func expressionsAreThoseOfPython(_ source: String, _ text: String, _ matches: Bool) throws {
    #expect(try KeyExpression(source).matches(text) == matches)
  }

  @Test(
    arguments: [
      "(", ")", "a)", "[", "[a", "*", "a**", "a{2}", "\\", #"\b"#, #"(a)\1"#, "(?=a)", "(?!a)",
      "[z-a]",
      "(?P<n", "a*+", String(repeating: "(", count: 99), String(repeating: "a", count: 1001),
    ])
  func whatExpressionsCannotBeIsRefused(_ source: String) {
    #expect(throws: KeyExpression.Problem.self) { try KeyExpression(source) }
  }

  @Test func evilExpressionsTakeNoTime() throws {
    let expression = try KeyExpression(String(repeating: "(a*)*", count: 40) + "b")
    let start = ContinuousClock.now
    #expect(!expression.matches(String(repeating: "a", count: 400)))
    #expect(ContinuousClock.now - start < .seconds(2))
  }

  @Test(
    arguments: [
      ("use_dora", true), ("lora_bias", true), ("layer_replication", [[0, 2]]),
      ("target_parameters", ["a"]), ("peft_type", "LOHA"), ("bias", "some"), ("use_qalora", true),
      ("init_lora_weights", "pissa"), ("init_lora_weights", "loftq"), ("new_option", 3),
      ("new_option", false), ("trainable_token_indices", [1]), ("alora_invocation_tokens", [1]),
      ("rank_pattern", ["a{2}": 3]), ("ensure_weight_tying", true), ("megatron_config", ["a": 1]),
    ] as [(String, Value)])
  func whatIsNotSupportedIsNamed(_ name: String, _ value: Value) throws {
    let error = #expect(throws: CheckpointError.self) {
      try configuration { $0[name] = value }
    }
    #expect(error?.code == .unsupported)
    #expect(error?.reason.contains(name) == true)
    #expect(error?.place == "adapter_config.json")
  }

  @Test func whatChangesNothingIsPassedOver() throws {
    let configuration = try configuration {
      $0["task_type"] = "CAUSAL_LM"
      $0["init_lora_weights"] = "gaussian"
      $0["new_option"] = Value.none
      $0["eva_config"] = ["rho": 2.0]
    }
    #expect(configuration.passedOver.contains("task_type"))
    #expect(configuration.targetModules.map { "\($0)" }?.contains("square") == true)
  }

  @Test func targetsAreThoseOfPEFT() throws {
    let numbered = try #require(
      try configuration {
        $0["target_modules"] = ["q", "model.h.3.k"]
        $0["layers_to_transform"] = [1, 2]
        $0["exclude_modules"] = ["h.2.q"]
      }.targetTest())
    #expect(
      ["model.h.0.q", "model.h.1.q", "model.h.2.q", "model.h.3.k", "model.h.1.qq"].map(numbered)
        == [false, true, false, true, false])
    let expression = try #require(
      try configuration { $0["target_modules"] = #".*\.(q|v)_proj"# }.targetTest())
    #expect(["m.q_proj", "q_proj", "m.k_proj"].map(expression) == [true, false, false])
    #expect(try configuration { $0["target_modules"] = "(?!x).*" }.targetTest() == nil)
  }

  /// Every member with every kind of value: an error in a sentence, or a configuration.
  @Test func damagedConfigurationsAreErrors() throws {
    let value = try fixture.adapter().configuration.value
    let values: [Value] = [
      .none, true, 0, -1, .int(.max), 1e300, .float(.nan), "", "x", [], [1, "a"], ["a": "b"],
      ["a": [1]],
    ]
    var refused = 0
    for name in try #require(value.dictionary).keys.map(\.text) {
      for other in values {
        do {
          _ = try configuration { $0[name] = other }
        } catch let error as CheckpointError {
          refused += 1
          #expect(error.description.hasPrefix("adapter_config.json (adapter_config.json): "))
        }
      }
    }
    #expect(refused > 200)
    #expect(throws: CheckpointError.self) { try LoRAConfiguration([1, 2]) }
  }

  @Test func damagedAdaptersAreErrors() throws {
    let original = try fixture.adapter().checkpoint
    let key = "base_model.model.first.lora_A.weight"
    let arrays: [NDArray?] = [
      nil, NDArray(Float(1)), NDArray(zeros: [2]), NDArray(zeros: [3, 4]), NDArray(zeros: [2, 0]),
      NDArray(zeros: [2, 4], dtype: .int32), NDArray(zeros: [2, 4, 1, 1]), NDArray(zeros: [0, 4]),
      NDArray(zeros: [2, 1, 1, 1, 1, 1]),
    ]
    for array in arrays {
      var checkpoint = original
      checkpoint.state[key] = array
      let error = #expect(throws: CheckpointError.self) {
        try LoRAAdapter(checkpoint, file: "adapter")
      }
      #expect(error?.place?.hasPrefix("base_model.model.first.lora_") == true)
    }
    let keys = [
      "first.lora_A.weight", "base_model.model.lora_A.weight", "base_model.model.first.lora_A.bias",
      "base_model.model.first.lora_A.default.weight",
      "base_model.model.first.lora_magnitude_vector",
      "base_model.model.first.base_layer.lora_A.weight", "base_model.model.other.lora_embedding_A",
      "base_model.model.first.lora_embedding_B", "model.lora_", "",
    ]
    for other in keys {
      var checkpoint = original
      checkpoint.state[other] = NDArray(zeros: [2, 4])
      #expect(throws: CheckpointError.self, "\(other)") {
        try LoRAAdapter(checkpoint, file: "adapter")
      }
    }
    var twice = original
    twice.state["base_model.model.x.bias"] = NDArray(zeros: [2])
    twice.state["base_model.model.x.base_layer.bias"] = NDArray([Float(1), 2])
    #expect(throws: CheckpointError.self) { try LoRAAdapter(twice, file: "adapter") }
    #expect(throws: CheckpointError.self) {
      try LoRAAdapter(Checkpoint(state: original.state), file: "adapter")
    }
    #expect(throws: CheckpointError.self) {
      try LoRAAdapter(Checkpoint(state: [:], metadata: original.metadata), file: "adapter")
    }
  }

  /// Folders whose files are cut or changed at many places.
  @Test func damagedFoldersAreErrors() throws {
    let folder = try TemporaryFolder()
    let names = ["adapter_config.json", "adapter_model.safetensors"]
    func write(_ name: String, _ bytes: [UInt8]) throws {
      for other in names {
        let data = try Data(contentsOf: URL(filePath: "\(fixture.adapterFolder)/\(other)"))
        try folder.write(other == name ? bytes : Array(data), to: other)
      }
    }
    for name in names {
      let bytes = Array(try Data(contentsOf: URL(filePath: "\(fixture.adapterFolder)/\(name)")))
      for length in stride(from: 0, to: bytes.count - 2, by: max(bytes.count / 60, 1)) {
        try write(name, Array(bytes.prefix(length)))
        #expect(throws: CheckpointError.self, "\(name) \(length)") {
          try LoRAAdapter(contentsOf: folder.path)
        }
      }
      for place in stride(from: 0, to: bytes.count, by: max(bytes.count / 100, 1)) {
        var other = bytes
        other[place] ^= 0x11
        try write(name, other)
        // It may be a name or a number that is as good; it is never a crash.
        _ = try? LoRAAdapter(contentsOf: folder.path)
      }
    }
  }
}
