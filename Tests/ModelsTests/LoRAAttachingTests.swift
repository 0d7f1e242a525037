import Ballast
import TestSupport
import Testing

/// Adapters beside a model, which are trained alone.
@Suite struct LoRAAttachingTests {
  @Test(arguments: LoRAFixture.apart)
  func outputsAreThoseOfPEFT(_ fixture: LoRAFixture) throws {
    let model = try fixture.model()
    let (adapter, input) = (try fixture.adapter(), try fixture.io("input"))
    let own = model.stateDict()
    func compare(_ name: String) throws {
      let output = noGrad { model(input) }
      let theirs = try fixture.io(name)
      #expect(output.dtype == theirs.dtype)
      #expect(
        relativeError(output.to(.float32), theirs.to(.float32)) < fixture.tolerance, "\(name)")
    }
    try compare("output")
    try adapter.attach(to: model)
    #expect(adapter.isAttached)
    try compare("apart")
    adapter.detach()
    try compare("output")
    for (key, entry) in model.stateDict().entries {
      #expect(own[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
    let saved = try LoRAFixture(name: fixture.name).adapter().stateDict()
    for (key, entry) in adapter.stateDict().entries {
      let theirs = try #require(saved[key])
      #expect(
        relativeError(Tensor(entry.array).to(.float32), Tensor(theirs).to(.float32)) == 0, "\(key)")
    }
  }

  @Test(arguments: LoRAFixture.apart)
  func aStepIsThatOfPEFT(_ fixture: LoRAFixture) throws {
    let model = try fixture.model()
    let adapter = try fixture.adapter()
    try adapter.attach(to: model)
    let weights = model.stateDict()
    let loss = model(try fixture.io("input")).square().mean()
    loss.backward()
    let optimizer = SGD(adapter, lr: 0.25)
    optimizer.step()
    let theirs = try fixture.io("loss")
    #expect(
      relativeError(loss.detached().reshaped([1]).to(.float32), theirs.to(.float32))
        < fixture.tolerance)
    let before = try fixture.adapter().stateDict()
    let prefix = "after."
    let after = try fixture.tensors("io").filter { $0.key.hasPrefix(prefix) }
    let mine = adapter.stateDict()
    #expect(Set(mine.keys) == Set(after.keys.map { String($0.dropFirst(prefix.count)) }))
    for (key, entry) in mine.entries {
      let expected = Tensor(try #require(after[prefix + key])).to(.float32)
      let start = Tensor(try #require(before[key])).to(.float32)
      let result = Tensor(entry.array).to(.float32)
      #expect(relativeError(result, expected) < fixture.tolerance, "\(key)")
      // The change itself, which may be small beside the value.
      if (expected - start).abs().max().item() > 1e-4 {
        #expect(
          relativeError(result - start, expected - start) < 20 * fixture.tolerance, "\(key)")
      }
    }
    // The model's own weights are as they were, but for those that the adapter brought.
    let brought = Set(adapter.parameters().map { ObjectIdentifier($0) })
    for (key, parameter) in model.namedParameters()
    where !brought.contains(ObjectIdentifier(parameter)) {
      #expect(!parameter.requiresGrad && parameter.grad == nil, "\(key)")
      #expect(weights[key]?.isBitwiseEqual(to: parameter.array) == true, "\(key)")
    }
    adapter.detach()
    #expect(model.parameters().allSatisfy { $0.requiresGrad })
    // What was trained is the adapter's.
    for (key, entry) in adapter.stateDict().entries {
      #expect(mine[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
  }

  @Test func dropoutFollowsTheModeOfTheModel() throws {
    let fixture = LoRAFixture(name: "linear")
    let model = try fixture.model()
    let adapter = try changed(fixture) { $0["lora_dropout"] = 1.0 }
    let input = try fixture.io("input")
    try adapter.attach(to: model)
    #expect(relativeError(noGrad { model(input) }, try fixture.io("apart")) < 1e-5)
    model.train()
    #expect(relativeError(noGrad { model(input) }, try fixture.io("output")) < 1e-5)
  }

  @Test func frozenParametersStayFrozenAfterwards() throws {
    let fixture = LoRAFixture(name: "saved")
    let model = try fixture.model()
    model.parameter("first.weight")?.requiresGrad = false
    let adapter = try fixture.adapter()
    try adapter.attach(to: model)
    #expect(model.parameters().count { $0.requiresGrad } == 2)
    adapter.detach()
    #expect(
      model.namedParameters().filter { !$0.parameter.requiresGrad }.map(\.name) == ["first.weight"])
  }

  @Test func whatDoesNotFitLeavesTheModelAlone() throws {
    let adapter = try LoRAFixture(name: "saved").adapter()
    let text = try LoRAFixture(name: "text").model()
    let error = #expect(throws: CheckpointError.self) { try adapter.attach(to: text) }
    #expect(error?.reason == "the model has no module square")
    #expect(!adapter.isAttached && text.parameters().allSatisfy { $0.requiresGrad })
    final class Other: Module {
      let square = Bilinear(6, 6, 6)
      let head = Linear(6, 3)
    }
    let other = #expect(throws: CheckpointError.self) { try adapter.attach(to: Other()) }
    #expect(other?.reason == "it is for square, which is of the class Bilinear in the model")
    final class Narrow: Module {
      let square = Linear(6, 5)
      let head = Linear(6, 3)
    }
    let narrow = #expect(throws: CheckpointError.self) { try adapter.attach(to: Narrow()) }
    #expect(narrow?.place == "base_model.model.square.lora_A.weight")
    final class Tied: Module {
      let square = Linear(6, 6)
      let head = Linear(6, 3)
      let copy: Linear
      override init() { copy = Linear(weight: head.weight) }
    }
    let tied = #expect(throws: CheckpointError.self) { try adapter.attach(to: Tied()) }
    #expect(tied?.reason.contains("is tied to copy.weight") == true)
  }

  /// The layer of an attention that computes with the weights of another does not run by itself.
  @Test func theLastLayerOfAnAttentionIsRefused() throws {
    var checkpoint = try LoRAFixture(name: "lora-biases").adapter().checkpoint
    var state = StateDict()
    for side in ["A", "B"] {
      state["base_model.model.out_proj.lora_\(side).weight"] =
        checkpoint.state["base_model.model.square.lora_\(side).weight"]
    }
    checkpoint.state = state
    checkpoint.metadata["adapter_config"] = try changed(
      try #require(checkpoint.metadata["adapter_config"])
    ) { $0["target_modules"] = ["out_proj"] }
    let adapter = try LoRAAdapter(checkpoint, file: "adapter")
    let error = #expect(throws: CheckpointError.self) {
      try adapter.attach(to: MultiheadAttention(6, 2))
    }
    #expect(error?.reason.contains("the last layer of an attention") == true)
  }

  @Test(arguments: LoRAFixture.apart)
  func savedFoldersAreWhatPEFTWrites(_ fixture: LoRAFixture) throws {
    let folder = try TemporaryFolder()
    let adapter = try fixture.adapter()
    let summary = try adapter.savePretrained(to: folder.file("out"))
    #expect(summary.losses.allSatisfy { $0.kind == .roleLost || $0.kind == .orderLost })
    let mine = try OpenedCheckpoint(folder.file("out")).checkpoint
    let theirs = try OpenedCheckpoint(fixture.adapterFolder).checkpoint
    #expect(mine.metadata["adapter_config"] == theirs.metadata["adapter_config"])
    #expect(Set(mine.state.keys) == Set(theirs.state.keys))
    for (key, entry) in theirs.state.entries {
      #expect(mine.state[key]?.isBitwiseEqual(to: entry.array) == true, "\(key)")
    }
  }
}
