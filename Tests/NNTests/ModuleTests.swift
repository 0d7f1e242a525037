import Arrays
import Autograd
import Files
import NN
import States
import Testing

/// A module with a buffer, a plain tensor and a submodule: the tensor is not in the state dict.
private final class Example: Module {
  let registerBufferIn = Buffer(Tensor.zeros([4, 6]))
  let attributeBufferIn = Tensor.zeros([3, 5])
  let conv1 = Sequential(Conv2d(1, 64, kernelSize: 3, padding: 1), ReLU())
}

private class Base: Module {
  let alpha = Parameter(Tensor.ones([1]))
  var late: Linear?
  let counts = Buffer(Tensor.zeros([2], dtype: .int64))
}

private final class Derived: Base {
  private let hiddenScale = Parameter(Tensor.ones([2]))
  var mask = Buffer(Tensor.zeros([3]), persistent: false)
  let noBias: Parameter? = nil
  let blocks = [Linear(1, 1), Linear(1, 1, bias: false)]
  var doublyOptional: Linear?? = Linear(1, 2, bias: false)
  let number = 3
}

private final class Tied: Module {
  let embed: Linear
  let head: Linear
  let shared: Parameter

  override init() {
    embed = Linear(2, 2, bias: false)
    head = Linear(2, 2, bias: false)
    shared = embed.weight
  }
}

private final class Running: Module {
  var running = Buffer(Tensor.zeros([2]))

  override func forward(_ input: Tensor) -> Tensor {
    running.assign(running * 0.9 + input * 0.1)
    return input
  }
}

/// Members, names, state dicts, modes, conversions and devices of modules, as in PyTorch.
@Suite struct ModuleTests {
  // 1, 8
  @Test func membersAreOrderedByKind() {
    let derived = Derived()
    #expect(
      Array(derived.stateDict().keys) == [
        "alpha", "hidden_scale", "counts", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight",
        "doubly_optional.weight",
      ])
    derived.late = Linear(1, 1)
    #expect(derived.stateDict().keys.contains("late.weight"))
    #expect(
      derived.namedParameters().map(\.name).prefix(4)
        == ["alpha", "hidden_scale", "late.weight", "late.bias"])
    #expect(derived.namedBuffers().map(\.name) == ["counts", "mask"])
    #expect(derived.stateDict().keys(of: .buffer) == ["counts"])
    #expect(derived.stateDict().entries["alpha"]?.role == .parameter)
  }

  // 2
  @Test func plainTensorsAreNeitherParametersNorBuffers() {
    let module = Example()
    #expect(!module.stateDict().keys.contains("attribute_buffer_in"))
    #expect(module.buffers().count == 1)
    module.to(.float64)
    #expect(module.attributeBufferIn.dtype == .float32)
    #expect(module.registerBufferIn.dtype == .float64)
    module.to(.meta)
    #expect(module.attributeBufferIn.device == .cpu)
    #expect(module.registerBufferIn.device == .meta)
  }

  // 8
  @Test func theExampleComesOutAsWritten() {
    let module = Example()
    func listing() -> [String] {
      module.stateDict().entries.map { "\($0.key) \($0.value.array.shape)" }
    }
    #expect(
      listing() == [
        "register_buffer_in (4, 6)", "conv1.0.weight (64, 1, 3, 3)", "conv1.0.bias (64,)",
      ])
    module.registerBuffer("register_buffer_out", Tensor.zeros([15, 15]))
    #expect(
      listing() == [
        "register_buffer_in (4, 6)", "register_buffer_out (15, 15)",
        "conv1.0.weight (64, 1, 3, 3)", "conv1.0.bias (64,)",
      ])
  }

  // 3
  @Test func membersCanBeRegisteredAtAnyTime() {
    let module = Module()
    module.registerParameter("scale", Parameter(Tensor.ones([2])))
    module.registerModule("layer", Linear(1, 1, bias: false))
    let buffer = module.registerBuffer("late", Tensor.zeros([3]))
    #expect(module.namedBuffers().map(\.name) == ["late"])
    #expect(module.buffers().first === buffer)
    #expect(Array(module.stateDict().keys) == ["scale", "late", "layer.weight"])
    #expect(module.buffer("late") === buffer)
    #expect(module.parameter("layer.weight")?.shape == [1, 1])
    #expect(module.submodule("layer") is Linear)
    #expect(module.submodule("") === module)
    #expect(module.parameter("missing") == nil)
  }

  // 4
  @Test func namesThatCannotBeAreRefused() async {
    await #expect(processExitsWith: .failure) { Module().registerBuffer("", nil) }
    await #expect(processExitsWith: .failure) { Module().registerBuffer("a.b", nil) }
    await #expect(processExitsWith: .failure) { Linear(1, 1).registerParameter("weight", nil) }
    await #expect(processExitsWith: .failure) {
      Linear(1, 1, bias: false).registerModule("bias", nil)
    }
    await #expect(processExitsWith: .failure) {
      _ = Sequential(named: ["a": ReLU(), "a": ReLU()])
    }
    await #expect(processExitsWith: .failure) { _ = ModuleDict(["a.b": ReLU()]) }
  }

  // 4
  @Test func messagesOfRefusedNamesAreTold() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { BatchNorm1d(2, trackRunningStats: false).registerBuffer("running_mean", nil) }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("attribute 'running_mean' already exists"))
  }

  // 4
  @Test func emptyNamesAreReservedAndNotListed() {
    let norm = BatchNorm2d(2, affine: false, trackRunningStats: false)
    #expect(norm.stateDict().isEmpty && norm.parameters().isEmpty && norm.buffers().isEmpty)
    #expect(
      norm.members().map(\.name) == [
        "weight", "bias", "running_mean", "running_var", "num_batches_tracked",
      ])
    let module = Module()
    module.registerBuffer("empty", nil)
    #expect(module.stateDict().isEmpty)
    module.setBuffer("empty", Tensor.ones([1]))
    #expect(Array(module.stateDict().keys) == ["empty"])
  }

  // 6
  @Test func buffersThatDoNotPersistAreListedAndMovedButNotSaved() throws {
    let module = Derived()
    #expect(module.namedBuffers().map(\.name).contains("mask"))
    #expect(!module.stateDict().keys.contains("mask"))
    module.to(.float64)
    #expect(module.mask.dtype == .float64)
    var state = module.stateDict()
    try module.loadStateDict(state)
    state["mask"] = NDArray(zeros: [3])
    #expect(module.loadReport(for: state).unexpected == ["mask"])
    let plain = Module()
    plain.registerBuffer("table", Tensor.ones([1]), persistent: false)
    #expect(plain.stateDict().isEmpty && plain.buffers().count == 1)
  }

  // 7
  @Test func assigningToABufferKeepsItRegistered() {
    let module = Running()
    let buffer = module.running
    _ = module(Tensor([10, 20] as [Float]))
    #expect(module.stateDict()["running"]?.doubles == [1, 2])
    #expect(module.buffers().first === buffer)
    module.running = Buffer(Tensor.ones([5]))
    #expect(module.stateDict()["running"]?.shape == [5])
    let dynamic = Module()
    dynamic.registerBuffer("b", Tensor.zeros([1]), persistent: false)
    dynamic.setBuffer("b", Tensor.ones([2]))
    #expect(dynamic.buffer("b")?.doubles == [1, 1])
    #expect(dynamic.stateDict().isEmpty)
  }

  // 9
  @Test func listingsTakePrefixAndDepth() {
    let module = Example()
    #expect(
      module.namedParameters(prefix: "m").map(\.name) == ["m.conv1.0.weight", "m.conv1.0.bias"])
    #expect(module.namedParameters(recurse: false).isEmpty)
    #expect(
      module.namedBuffers(prefix: "m", recurse: false).map(\.name) == ["m.register_buffer_in"])
    #expect(module.namedModules().map(\.name) == ["", "conv1", "conv1.0", "conv1.1"])
    #expect(
      module.namedModules(prefix: "m").map(\.name) == ["m", "m.conv1", "m.conv1.0", "m.conv1.1"])
    #expect(module.namedChildren().map(\.name) == ["conv1"])
    #expect(module.children().count == 1 && module.modules().count == 4)
    #expect(Array(module.stateDict(prefix: "m.").keys).first == "m.register_buffer_in")
    #expect(module.stateDict(prefix: "m.").moduleVersions.keys.first == "m")
  }

  // 9
  @Test func duplicatesAreListedOnceAndSavedUnderEveryName() {
    let module = Tied()
    #expect(module.namedParameters().map(\.name) == ["shared", "head.weight"])
    #expect(
      module.namedParameters(removeDuplicate: false).map(\.name)
        == ["shared", "embed.weight", "head.weight"])
    #expect(Array(module.stateDict().keys) == ["shared", "embed.weight", "head.weight"])
    #expect(module.stateDict().ties.map(\.key) == ["embed.weight"])
    let layer = ReLU()
    let twice = Sequential(layer, layer)
    #expect(twice.namedModules().map(\.name) == ["", "0"])
    #expect(twice.namedModules(removeDuplicate: false).map(\.name) == ["", "0", "1"])
    #expect(twice.namedChildren().count == 1)
  }

  // 10
  @Test func stateDictsAreSnapshotsOfDetachedValues() throws {
    let module = Linear(2, 2)
    let state = module.stateDict()
    let weight = try #require(state["weight"])
    #expect(module.parameters().allSatisfy { $0.requiresGrad })
    #expect(weight.storage === module.weight.array.storage)
    let before = weight.doubles
    noGrad { module.weight.assign(module.weight + 1) }
    #expect(state["weight"]?.doubles == before)
    #expect(module.weight.doubles != before)
  }

  // 10
  @Test func liveTensorsCanBeListed() {
    let module = Linear(2, 2)
    let live = module.stateDict(keepVars: true)
    #expect(live["weight"] === module.weight)
    #expect(live["bias"]?.requiresGrad == true)
    let detached = module.stateDict(prefix: "m.", keepVars: false)
    #expect(detached["m.weight"]?.requiresGrad == false)
  }

  // 11
  @Test func modesRecurse() {
    let module = Sequential(Dropout(0.9), Sequential(BatchNorm1d(2)))
    #expect(module.modules().allSatisfy { $0.isTraining })
    module.eval()
    #expect(module.modules().allSatisfy { !$0.isTraining })
    let x = Tensor.ones([2, 2])
    #expect(Sequential(Dropout(0.9)).eval()(x).doubles == [1, 1, 1, 1])
    module.train()
    #expect(module.modules().allSatisfy { $0.isTraining })
  }

  // 12
  @Test func frozenParametersGetNoGradient() {
    let module = mlp()
    module.submodule("fc1")?.requiresGrad(false)
    #expect(module.parameters().map { $0.requiresGrad } == [false, false, true])
    module(pattern([2, 4], 0)).sum().backward()
    #expect(module.parameters().map { $0.grad != nil } == [false, false, true])
    module.requiresGrad()
    #expect(module.parameters().allSatisfy { $0.requiresGrad })
    #expect(module.namedParameters().count == 3)
  }

  // 13
  @Test func movingKeepsIdentityAndIntegers() {
    let module = BatchNorm2d(2)
    let weight = module.weight
    module(Tensor.ones([2, 2, 2, 2])).sum().backward()
    module.to(.float64)
    #expect(module.weight === weight)
    #expect(module.weight?.dtype == .float64 && module.runningVar?.dtype == .float64)
    #expect(module.weight?.grad?.dtype == .float64)
    #expect(module.numBatchesTracked?.dtype == .int64)
    #expect(module.weight?.requiresGrad == true)
    module.to(.bfloat16)
    #expect(module.stateDict()["running_mean"]?.dtype == .bfloat16)
  }

  // 13
  @Test func metaModulesHaveShapesWithoutStorage() {
    let huge = Device.with(.meta) { Linear(1 << 20, 1 << 20) }
    #expect(huge.weight.device == .meta && huge.weight.shape == [1 << 20, 1 << 20])
    #expect(huge.parameters().count == 2)
    let module = Device.with(.meta) { Sequential(Linear(3, 2), BatchNorm1d(2)) }
    #expect(module.parameters().allSatisfy { $0.device == .meta })
    #expect(module.buffers().allSatisfy { $0.device == .meta })
    let drawn = Generator(seed: 1)
    let state = drawn.saveState().elements(as: UInt8.self)
    _ = drawn.use { Device.with(.meta) { Linear(3, 2) } }
    #expect(drawn.saveState().elements(as: UInt8.self) == state)
    module.toEmpty(.cpu)
    #expect(module.parameters().allSatisfy { $0.device == .cpu })
    let forward = Device.with(.meta) { Linear(3, 2) }(Tensor.ones([5, 3]))
    #expect(forward.shape == [5, 2] && forward.device == .meta)
  }

  // 13
  @Test func movingOutOfMetaTraps() async {
    await #expect(processExitsWith: .failure) {
      Device.with(.meta) { Linear(3, 2) }.to(Device.cpu)
    }
    await #expect(processExitsWith: .failure) {
      _ = Device.with(.meta) { Linear(3, 2) }.stateDict()
    }
  }

  // 15
  @Test func applyVisitsChildrenFirst() {
    let module = Sequential(ReLU(), Sequential(Tanh()))
    var seen: [String] = []
    module.apply { seen.append($0.typeName) }
    #expect(seen == ["ReLU", "Tanh", "Sequential", "Sequential"])
  }

  // 15
  @Test func zeroGradClearsGradients() {
    let module = mlp()
    module(pattern([2, 4], 0)).sum().backward()
    #expect(module.parameters().allSatisfy { $0.grad != nil })
    module.zeroGrad()
    #expect(module.parameters().allSatisfy { $0.grad == nil })
  }

  @Test func modulesWithoutForwardTrap() async {
    await #expect(processExitsWith: .failure) { _ = ModuleList()(Tensor.ones([1])) }
  }
}
