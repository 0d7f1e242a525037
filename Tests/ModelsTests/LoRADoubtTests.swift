import Ballast
import Testing

/// Adapters of which their files do not say all that PEFT knows of the model: what cannot be known is
/// refused, or told.
@Suite struct LoRADoubtTests {
  private static let start = "base_model.model."

  private func numbers(_ shape: Shape, _ factor: Float = 1) -> NDArray {
    NDArray((0..<shape.elementCount).map { Float($0 % 7) * factor }, shape: shape)
  }

  /// An adapter of rank 2 with matrices for layers, (in, out), and tensors in the places of the model's.
  private func adapter(
    _ layers: [String: (Int, Int)], _ wholes: [String: NDArray] = [:],
    _ members: [String: Value] = [:]
  ) throws -> LoRAAdapter {
    var state = StateDict()
    for (path, lengths) in layers.sorted(by: { $0.key < $1.key }) {
      state["\(Self.start)\(path).lora_A.weight"] = numbers([2, lengths.0])
      state["\(Self.start)\(path).lora_B.weight"] = numbers([lengths.1, 2])
    }
    for (key, array) in wholes { state["\(Self.start)\(key)"] = array }
    let configuration = try changed(LoRAFixture(name: "linear").adapter().configuration.value) {
      $0["target_modules"] = .list(layers.keys.sorted().map { .string($0) })
      $0.merge(members) { $1 }
    }
    return try LoRAAdapter(
      Checkpoint(state: state, metadata: ["adapter_config": configuration]), file: "adapter")
  }

  private func state(_ tensors: KeyValuePairs<String, Shape>) -> StateDict {
    var state = StateDict()
    for (key, shape) in tensors { state[key] = numbers(shape, 0.5) }
    return state
  }

  // MARK: - How weights lie

  /// PEFT lays each layer by its class, and keeps in `fan_in_fan_out` what the last one was: with a linear head
  /// behind GPT-2's layers that is false.
  @Test func aSquareWeightAmongBothKindsIsNotGuessed() throws {
    let base = state([
      "c_attn.weight": [4, 12], "c_attn.bias": [12], "c_proj.weight": [4, 4], "c_proj.bias": [4],
      "classifier.weight": [3, 4], "classifier.bias": [3],
    ])
    for flag in [false, true] {
      let adapter = try adapter(
        ["c_proj": (4, 4), "classifier": (4, 3)], [:], ["fan_in_fan_out": .bool(flag)])
      let error = #expect(throws: CheckpointError.self) { try adapter.merged(into: base) }
      #expect(error?.place == "base_model.model.c_proj.lora_A.weight")
      #expect(error?.reason.contains("the model has weights of both kinds") == true)
      #expect(error?.advice?.contains("--model") == true)
    }
  }

  /// What all weights of the state show has to agree with the flag.
  @Test(arguments: [(true, false), (false, true)])
  func theStateHasToAgreeWithTheFlag(isInputFirst: Bool, flag: Bool) throws {
    let wide: Shape = isInputFirst ? [4, 12] : [12, 4]
    let base = state(["wide.weight": wide, "wide.bias": [12], "square.weight": [4, 4]])
    let wrong = try adapter(["square": (4, 4)], [:], ["fan_in_fan_out": .bool(flag)])
    #expect(throws: CheckpointError.self) { try wrong.merged(into: base) }
    let right = try adapter(["square": (4, 4)], [:], ["fan_in_fan_out": .bool(!flag)])
    #expect(try right.merge(into: base).changed == ["square.weight"])
  }

  /// As the weights of Llama, which have no biases.
  @Test func withoutBiasesWeightsAreLinear() throws {
    let base = state(["q.weight": [4, 4], "up.weight": [12, 4]])
    #expect(try adapter(["q": (4, 4)]).merge(into: base).changed == ["q.weight"])
    let turned = try adapter(["q": (4, 4)], [:], ["fan_in_fan_out": true])
    let error = #expect(throws: CheckpointError.self) { try turned.merged(into: base) }
    #expect(error?.reason.contains("no weight of the model shows that it is") == true)
  }

  /// An adapter for a layer with its lengths exchanged is not added to the transpose.
  @Test func exchangedLengthsAreRefused() throws {
    let exchanged = try adapter(["first": (6, 4)])
    let model = LoRAFixture.Lines()
    for model in [nil, model] {
      let error = #expect(throws: CheckpointError.self) {
        try exchanged.merged(into: LoRAFixture.Lines().stateDict(), of: model)
      }
      #expect(error?.reason.contains("it is for the transpose of first.weight") == true)
    }
    #expect(throws: CheckpointError.self) { try exchanged.attach(to: model) }
  }

  @Test func matricesForALayerOfAnotherClassAreRefused() throws {
    final class Odd: Module {
      let first = Bilinear(4, 4, 6)
      let table = Embedding(6, 4)
    }
    let model = Odd()
    let error = #expect(throws: CheckpointError.self) {
      try adapter(["table": (4, 6)]).merged(into: model.stateDict(), of: model)
    }
    #expect(error?.reason.contains("a layer of another kind") == true)
  }

  // MARK: - Which layers

  /// PEFT passes over matrices that the configuration does not choose.
  @Test func matricesThatPEFTPassesOverAreRefused() throws {
    let layers = ["layers.0.q": (4, 4), "layers.1.q": (4, 4), "layers.1.v": (4, 4)]
    for members: [String: Value] in [
      ["target_modules": ["q"]],
      ["target_modules": ["q", "v"], "exclude_modules": ["layers.1.v"]],
      ["target_modules": ["q", "v"], "layers_to_transform": [1], "layers_pattern": ["layers"]],
      ["target_modules": "layers\\.[01]\\.q"],
    ] {
      let error = #expect(throws: CheckpointError.self) { try adapter(layers, [:], members) }
      #expect(error?.reason.contains("PEFT does not use it") == true, "\(members)")
    }
    let chosen = ["target_modules": ["q", "v"], "layers_to_transform": [0, 1]] as [String: Value]
    let outer = Dictionary(uniqueKeysWithValues: layers.map { ("model.\($0.key)", $0.value) })
    #expect(try adapter(outer, [:], chosen).checkpoint.state.count == 6)
    #expect(
      try adapter(layers, [:], ["target_modules": "all-linear"]).checkpoint.state.count == 6)
  }

  /// They are no configurations of PEFT either.
  @Test func choicesThatPEFTRefusesAreRefused() throws {
    for members: [String: Value] in [
      ["target_modules": ".*q", "layers_to_transform": [0]],
      ["target_modules": ".*q", "layers_pattern": ["layers"]],
      ["target_modules": ["q"], "layers_pattern": ["layers"]],
    ] {
      let error = #expect(throws: CheckpointError.self) {
        try adapter(["layers.0.q": (4, 4)], [:], members)
      }
      #expect(error?.reason.contains("layers_pattern") == true, "\(members)")
    }
  }

  @Test func longKeysAreRefused() throws {
    let error = #expect(throws: CheckpointError.self) {
      try adapter([String(repeating: "a", count: 1001): (4, 4)])
    }
    #expect(error?.reason.contains("more than 1000 bytes") == true)
  }

  @Test func biasesThatTheFileLacksAreMissed() throws {
    let base = state(["first.weight": [6, 4], "first.bias": [6], "other.bias": [3]])
    for (bias, key) in [("lora_only", "first.bias"), ("all", "first.bias")] {
      let error = #expect(throws: CheckpointError.self) {
        try adapter(["first": (4, 6)], [:], ["bias": .string(bias)]).merged(into: base)
      }
      #expect(error?.place == key)
      #expect(error?.reason.contains("by bias, \(bias)") == true)
    }
  }

  /// What PEFT's wrapper keeps of a module before it was trained is not the model's any more.
  @Test func whatIsNotUsedIsTold() throws {
    let base = state(["q.weight": [4, 4], "head.weight": [3, 4]])
    let wholes = [
      "head.weight": numbers([3, 4], 3), "head.original_module.weight": numbers([3, 4], 2),
    ]
    let merge = try adapter(["q": (4, 4)], wholes, ["modules_to_save": ["head"]]).merge(into: base)
    #expect(merge.state["head.weight"]?.isBitwiseEqual(to: numbers([3, 4], 3)) == true)
    #expect(merge.notes.filter { $0.contains("head.original_module.weight") }.count == 1)
  }

  // MARK: - Ties

  private let trained = ["modules_to_save": ["embed_tokens"]] as [String: Value]

  /// The head that transformers leaves out of the file would get the adapter's table.
  @Test func aHeadThatTheFileLeavesOutIsTold() throws {
    let base = state(["embed_tokens.weight": [5, 4], "q.weight": [4, 4]])
    let adapter = try adapter(
      ["q": (4, 4)], ["embed_tokens.weight": numbers([5, 4], 3)], trained)
    for config: Value in [["tie_word_embeddings": true], ["model_type": "gpt2"]] {
      let merge = try adapter.merge(into: base, modelConfiguration: config)
      #expect(merge.losses.map(\.kind) == [.tieSplit])
      #expect(merge.losses.first?.subject == "embed_tokens.weight")
      #expect(merge.configuration == config)
    }
    let apart = try adapter.merge(
      into: base, modelConfiguration: ["tie_word_embeddings": false])
    #expect(apart.losses.isEmpty && apart.notes.isEmpty)
  }

  /// As PEFT does, so that loading does not tie again what is apart.
  @Test func theConfigurationIsUntied() throws {
    var base = state(["embed_tokens.weight": [5, 4], "q.weight": [4, 4]])
    base["lm_head.weight"] = base["embed_tokens.weight"]
    let adapter = try adapter(
      ["q": (4, 4)], ["embed_tokens.weight": numbers([5, 4], 3)], trained)
    let merge = try adapter.merge(
      into: base, modelConfiguration: ["tie_word_embeddings": true, "hidden_size": 4])
    #expect(merge.configuration == ["tie_word_embeddings": false, "hidden_size": 4])
    #expect(merge.notes.contains { $0.contains("tie_word_embeddings") })
    #expect(merge.state["lm_head.weight"]?.isBitwiseEqual(to: numbers([5, 4], 0.5)) == true)
  }

  /// PEFT writes a table that an adapter is for into the file too, and loads it in its place.
  @Test func aTableThatIsOnlyLoadedStaysTied() throws {
    let table = Embedding(5, 4)
    let head = Linear(weight: table.weight)
    let model = Sequential(named: ["embed_tokens": table, "lm_head": head])
    let adapter = try adapter(
      ["lm_head": (4, 5)], ["embed_tokens.base_layer.weight": numbers([5, 4], 3)])
    try adapter.attach(to: model)
    #expect(head.weight === table.weight)
    #expect(head.weight.array.isBitwiseEqual(to: numbers([5, 4], 3)))
    adapter.detach()
  }
}
