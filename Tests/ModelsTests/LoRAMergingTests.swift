import Ballast
import Testing

/// Adapters in the weights, as PEFT's `merge_and_unload` puts them there.
@Suite struct LoRAMergingTests {
  /// Sums of the fixtures are exact in whatever order, so that nothing may differ.
  @Test(arguments: LoRAFixture.merged)
  func weightsAreThoseOfPEFTToTheBit(_ fixture: LoRAFixture) throws {
    let base = try fixture.state("base")
    let merge = try fixture.adapter().merge(into: base)
    let expected = try fixture.state("merged")
    #expect(merge.state.keys == base.keys)
    #expect(Set(expected.keys) == Set(base.keys))
    for (key, entry) in merge.state.entries {
      let theirs = try #require(expected[key])
      #expect(entry.array.isBitwiseEqual(to: theirs), "\(key)")
      #expect(entry.array.dtype == theirs.dtype && entry.array.shape == theirs.shape, "\(key)")
    }
    let known = Set(merge.changed + merge.replaced)
    for key in base.keys where !known.contains(key) {
      let mine = try #require(merge.state[key])
      #expect(base[key]?.isBitwiseEqual(to: mine) == true, "\(key)")
    }
    #expect(merge.losses.isEmpty)
    // PEFT writes all biases of this one, those before training too.
    let unused = fixture.name == "biases" ? ["head.original_module.bias"] : []
    #expect(merge.notes.count == unused.count)
    #expect(unused.allSatisfy { merge.notes.first?.hasSuffix($0) == true })
  }

  @Test func roughWeightsAreThoseOfPEFT() throws {
    let fixture = LoRAFixture(name: "rough")
    let merged = try fixture.adapter().merged(into: try fixture.state("base"))
    for (key, theirs) in try fixture.tensors("merged") {
      let mine = Tensor(try #require(merged[key]))
      #expect(relativeError(mine, Tensor(theirs)) < 1e-6, "\(key)")
    }
  }

  @Test(arguments: LoRAFixture.merged)
  func mergedModelsGiveWhatPEFTGives(_ fixture: LoRAFixture) throws {
    let model = try fixture.model()
    let merged = try fixture.adapter().merged(into: model.stateDict(), of: model)
    try model.loadStateDict(merged)
    let input = try fixture.io("input")
    let output = noGrad { model(input) }
    let theirs = try fixture.io("merged")
    #expect(
      relativeError(output.to(.float32), theirs.to(.float32)) < fixture.tolerance)
  }

  @Test func tiedWeightsChangeTogether() throws {
    let fixture = LoRAFixture(name: "gpt2-tied")
    let model = try fixture.model()
    let merge = try fixture.adapter().merge(into: model.stateDict(), of: model)
    let head = try #require(merge.state["lm_head.weight"])
    let table = try #require(merge.state["transformer.wte.weight"])
    #expect(head.isIdentical(to: table))
    #expect(merge.notes.contains { $0.hasPrefix("lm_head.weight changed with") })
    #expect(merge.changed.contains("transformer.wte.weight"))
  }

  @Test func whatIsReplacedIsNoTieAnyMore() throws {
    let fixture = LoRAFixture(name: "saved")
    var base = try fixture.state("base")
    base["tied.weight"] = base["head.weight"]
    let merge = try fixture.adapter().merge(into: base)
    #expect(merge.losses.map(\.kind) == [.tieSplit])
    #expect(merge.losses.first?.subject == "head.weight")
    let own = try #require(base["head.weight"])
    #expect(merge.state["tied.weight"]?.isBitwiseEqual(to: own) == true)
  }

  /// Square weights lie as `fan_in_fan_out` says where the other weights of the state agree.
  @Test func squareWeightsAreNotGuessed() throws {
    let fixture = LoRAFixture(name: "linear")
    let base = try fixture.state("base")
    let adapter = try changed(fixture) { $0["fan_in_fan_out"] = true }
    let error = #expect(throws: CheckpointError.self) { try adapter.merged(into: base) }
    #expect(error?.reason.contains("whether square.weight of shape (6, 6)") == true)
    #expect(error?.place == "base_model.model.square.lora_A.weight")
    // The model knows better, as in PEFT.
    let told = try adapter.merged(into: base, of: fixture.model())
    for (key, theirs) in try fixture.tensors("merged") {
      #expect(told[key]?.isBitwiseEqual(to: theirs) == true, "\(key)")
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let fixture = LoRAFixture(name: "linear")
    let adapter = try fixture.adapter()
    let base = try fixture.state("base")
    func reason(_ change: (inout StateDict) -> Void) -> CheckpointError? {
      var state = base
      change(&state)
      return #expect(throws: CheckpointError.self) { try adapter.merged(into: state) }
    }
    let missing = reason { $0["first.weight"] = nil }
    #expect(missing?.place == "base_model.model.first.lora_A.weight")
    #expect(missing?.reason == "the model has no first.weight")
    let shape = reason { $0["first.weight"] = NDArray(zeros: [6, 5]) }
    #expect(shape?.reason.contains("does not fit first.weight of (6, 5)") == true)
    let type = reason { $0["first.weight"] = NDArray(zeros: [6, 4], dtype: .int8) }
    #expect(type?.reason.contains("of type int8") == true)
    let wrapped = reason { state in
      for key in base.keys {
        state["net.\(key)"] = state[key]
        state[key] = nil
      }
    }
    #expect(wrapped?.advice?.contains("--strip-prefix 'net.'") == true)
    let saved = #expect(throws: CheckpointError.self) {
      var state = try LoRAFixture(name: "saved").state("base")
      state["other.head.weight"] = NDArray(zeros: [2])
      return try LoRAFixture(name: "saved").adapter().merged(into: state)
    }
    #expect(saved?.reason == "modules_to_save names head, and the adapter has no such tensor")
  }

  @Test func convolutionsInGroupsAreNotMerged() throws {
    let fixture = LoRAFixture(name: "groups")
    let error = #expect(throws: CheckpointError.self) {
      try fixture.adapter().merged(into: try fixture.state("base"))
    }
    #expect(error?.reason.contains("a convolution in groups") == true)
  }

  @Test func whatIsRoundedOrTooLargeIsTold() throws {
    let fixture = LoRAFixture(name: "saved")
    var base = try fixture.state("base")
    base["head.weight"] = NDArray(zeros: [3, 6], dtype: .float16)
    base["square.weight"] = try NDArray(
      [Float](repeating: 65504, count: 36), shape: [6, 6]
    ).converted(to: .float16)
    var adapter = try fixture.adapter().checkpoint
    let key = "base_model.model.square.lora_B.weight"
    adapter.state[key] = NDArray([Float](repeating: 1e6, count: 12), shape: [6, 2])
    adapter.state["base_model.model.head.weight"] = NDArray(
      [Float](repeating: 0.1, count: 18), shape: [3, 6])
    let merge = try LoRAAdapter(adapter, file: "adapter").merge(into: base)
    #expect(merge.losses.map(\.kind) == [.valueRounded, .valueOverflowed])
    #expect(merge.losses.map(\.subject) == ["head.weight", "square.weight"])
  }

  @Test func modulesWithoutAnAdapterAreTold() throws {
    let fixture = LoRAFixture(name: "linear")
    var checkpoint = try fixture.adapter().checkpoint
    checkpoint.state["base_model.model.first.lora_A.weight"] = nil
    checkpoint.state["base_model.model.first.lora_B.weight"] = nil
    let merge = try LoRAAdapter(checkpoint, file: "adapter").merge(into: try fixture.state("base"))
    #expect(merge.changed == ["square.weight"])
    #expect(
      merge.notes == ["the adapter has nothing for first, which its target_modules name: unchanged"]
    )
  }
}

/// The adapter of a fixture with another configuration.
func changed(
  _ fixture: LoRAFixture, _ change: (inout [String: Value]) -> Void
) throws -> LoRAAdapter {
  var checkpoint = try fixture.adapter().checkpoint
  checkpoint.metadata["adapter_config"] = try changed(
    try #require(checkpoint.metadata["adapter_config"]), change)
  return try LoRAAdapter(checkpoint, file: "adapter")
}

/// An object with other members.
func changed(_ value: Value, _ change: (inout [String: Value]) -> Void) throws -> Value {
  var members: [String: Value] = [:]
  for (key, value) in try #require(value.dictionary) { members[key.text] = value }
  change(&members)
  return .dict(
    .init(
      uniqueKeysWithValues: members.sorted { $0.key < $1.key }.map { (.string($0.key), $0.value) }))
}
