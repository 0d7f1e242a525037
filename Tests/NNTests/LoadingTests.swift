import Arrays
import Autograd
import Files
import NN
import States
import Testing

private final class Tied: Module {
  let embed = Linear(2, 2, bias: false)
  let head: Linear

  override init() {
    head = Linear(2, 2, bias: false)
    super.init()
    registerParameter("again", embed.weight)
  }
}

private final class Scalar: Module {
  let count = Buffer(Tensor.zeros([]))
}

private final class Derived: Module {
  let weight = Parameter(Tensor.zeros([2]))
  var sum = 0.0
  var loads = 0

  override func didLoadState() {
    sum = weight.doubles.reduce(0, +)
    loads += 1
  }
}

/// Loading a state dict: all problems are reported at once, and a refused load changes nothing.
@Suite struct LoadingTests {
  /// The values of a state, to see that nothing has changed.
  private func values(_ module: Module) -> [[Double]] {
    module.stateDict().entries.values.map(\.array.doubles)
  }

  // 17
  @Test func allProblemsAreToldAtOnceInPyTorchsWords() throws {
    let module = mlp()
    var state = module.stateDict()
    state["fc1.weight"] = nil
    state["fc2.weight"] = NDArray(zeros: [3, 3])
    state["fc1.bais"] = state["fc1.bias"]
    state["fc1.bias"] = nil
    state["other.table"] = NDArray(zeros: [7, 7])
    let before = values(module)
    let error = try #require(throws: LoadError.self) { try module.loadStateDict(state) }
    #expect(error.report.missing == ["fc1.weight", "fc1.bias"])
    #expect(error.report.unexpected == ["fc1.bais", "other.table"])
    #expect(
      error.description == """
        Error(s) in loading state_dict for Sequential:
        \tMissing key(s) in state_dict: "fc1.weight", "fc1.bias".
        \tUnexpected key(s) in state_dict: "fc1.bais", "other.table".
        \tsize mismatch for fc2.weight: copying a param with shape torch.Size([3, 3]) from \
        checkpoint, the shape in current model is torch.Size([2, 3]).
        \tDid you mean: "fc1.bais" for "fc1.bias"?
        """)
    #expect(values(module) == before)
  }

  // 17
  @Test func loadingWithoutStrictnessReportsWhatIsLeftOver() throws {
    let module = mlp()
    var state = mlp().stateDict()
    state["fc1.bias"] = nil
    state["extra"] = NDArray(zeros: [1])
    let report = try module.loadStateDict(state, strict: false)
    #expect(report.matched == ["fc1.weight", "fc2.weight"])
    #expect(report.missing == ["fc1.bias"] && report.unexpected == ["extra"])
    #expect(module.stateDict()["fc1.weight"]?.doubles == state["fc1.weight"]?.doubles)
    #expect(
      try module.loadStateDict(mlp().stateDict()).description == "<All keys matched successfully>")
  }

  // 18
  @Test func anotherShapeIsRefusedEvenIfNotStrict() {
    let module = Linear(2, 2)
    var state = Linear(2, 2).stateDict()
    state["bias"] = NDArray(zeros: [3])
    let before = values(module)
    #expect(throws: LoadError.self) { try module.loadStateDict(state, strict: false) }
    // 19: what fits has not been written either.
    #expect(values(module) == before)
  }

  // 18
  @Test func aVectorOfOneElementGoesIntoAScalar() throws {
    let module = Scalar()
    try module.loadStateDict(["count": NDArray([5] as [Float])])
    #expect(module.count.item(as: Float.self) == 5)
    #expect(module.count.shape == .scalar)
    #expect(throws: LoadError.self) {
      try module.loadStateDict(["count": NDArray([5, 6] as [Float])])
    }
    #expect(throws: LoadError.self) {
      try module.loadStateDict(["count": NDArray([5] as [Float], shape: [1, 1])])
    }
  }

  // 19
  @Test func nearMissesAreSuggested() {
    let module = mlp()
    let state = module.stateDict()
    func renamed(_ rename: (String) -> String) -> LoadReport {
      var other = StateDict(entries: [:])
      for (key, entry) in state.entries { other.entries[rename(key)] = entry }
      return module.loadReport(for: other)
    }
    #expect(
      renamed { "module." + $0 }.suggestions == [
        "fc1.weight": "module.fc1.weight", "fc1.bias": "module.fc1.bias",
        "fc2.weight": "module.fc2.weight",
      ])
    #expect(renamed { $0.replacing("fc", with: "lin") }.suggestions["fc1.weight"] == "lin1.weight")
    #expect(renamed { _ in "zzzzzzzzzzzzzzzzzzz" }.suggestions.isEmpty)
  }

  // 19
  @Test func narrowingIsReported() throws {
    let module = Linear(2, 1)
    var state = module.stateDict()
    state["weight"] = NDArray([1.5, 0.1], shape: [1, 2])
    state["bias"] = NDArray([Int8(3)])
    let report = try module.loadStateDict(state)
    #expect(
      report.narrowings == [
        .init(key: "weight", checkpointType: .float64, modelType: .float32)
      ])
    #expect(module.weight.dtype == .float32)
    #expect(module.weight.doubles == [1.5, Double(Float(0.1))])
    #expect(module.bias?.doubles == [3])
  }

  // 19
  @Test func valuesThatCannotBeConvertedAreRefused() throws {
    let module = Linear(2, 1, bias: false)
    let packed = NDArray(uninitialized: [1, 2], dtype: .float4E2M1FNx2)
    let error = try #require(throws: LoadError.self) {
      try module.loadStateDict(["weight": packed], strict: false)
    }
    #expect(error.report.unconvertible.map(\.key) == ["weight"])
    #expect(error.description.contains("type mismatch for weight: float4_e2m1fn_x2"))
    // Their imaginary parts would be lost.
    let complex = NDArray(zeros: [1, 2], dtype: .complex64)
    let lost = try #require(throws: LoadError.self) {
      try module.loadStateDict(["weight": complex], strict: false)
    }
    #expect(lost.description.contains("type mismatch for weight: complex64"))
    #expect(module.weight.dtype == .float32)
  }

  /// As `Parameter(tensor)` refuses them in PyTorch, unless it has no gradient.
  @Test func integersBecomeNoParameters() throws {
    let module = BatchNorm1d(2)
    var state = module.stateDict()
    state["weight"] = NDArray(zeros: [2], dtype: .int64)
    let error = try #require(throws: LoadError.self) {
      try module.loadStateDict(state, assign: true)
    }
    #expect(error.report.unconvertible.map(\.key) == ["weight"])
    #expect(module.weight?.dtype == .float32)
    try module.loadStateDict(state)
    #expect(module.weight?.doubles == [0, 0] && module.weight?.dtype == .float32)
    module.requiresGrad(false)
    try module.loadStateDict(state, assign: true)
    #expect(module.weight?.dtype == .int64)
  }

  // 20
  @Test func identityAndTiesSurviveALoad() throws {
    let module = Tied()
    let weight = module.embed.weight
    var state = module.stateDict()
    for key in ["again", "embed.weight"] {
      state[key] = NDArray([1, 2, 3, 4] as [Float], shape: [2, 2])
    }
    try module.loadStateDict(state)
    #expect(module.embed.weight === weight && module.parameter("again") === weight)
    #expect(weight.doubles == [1, 2, 3, 4])
    try module.loadStateDict(state, assign: true)
    #expect(module.parameter("again") === module.embed.weight)
    #expect(module.embed.weight === weight)
  }

  // 20
  @Test func conflictingValuesForOneTensorAreRefused() throws {
    let module = Tied()
    var state = module.stateDict()
    state["embed.weight"] = NDArray([1, 2, 3, 4] as [Float], shape: [2, 2])
    let error = try #require(throws: LoadError.self) { try module.loadStateDict(state) }
    #expect(error.report.tieConflicts == ["embed.weight"])
  }

  // 20
  @Test func separateTensorsDoNotBecomeTied() throws {
    let module = Tied()
    let one = NDArray([1, 2, 3, 4] as [Float], shape: [2, 2])
    try module.loadStateDict(["again": one, "embed.weight": one, "head.weight": one])
    #expect(module.stateDict().ties.map(\.key) == ["embed.weight"])
  }

  // 20
  @Test func assignAdoptsTypesAndBringsMetaModulesToLife() throws {
    let source = Linear(3, 2).to(.float64)
    let module = Device.with(.meta) { Linear(3, 2) }
    let weight = module.weight
    try module.loadStateDict(source.stateDict(), assign: true)
    #expect(module.weight === weight)
    #expect(module.weight.device == .cpu && module.weight.dtype == .float64)
    #expect(module.weight.doubles == source.weight.doubles)
    #expect(module.weight.requiresGrad)
    let other = Device.with(.meta) { Linear(3, 2) }
    try other.loadStateDict(source.stateDict())
    #expect(other.weight.device == .cpu && other.weight.dtype == .float32)
  }

  @Test func loadedValuesAreNotSharedOnceEitherIsWritten() throws {
    let a = Linear(2, 2)
    let b = Linear(2, 2)
    try b.loadStateDict(a.stateDict())
    let before = a.weight.doubles
    noGrad { b.weight.assign(b.weight * 2) }
    #expect(a.weight.doubles == before)
  }

  // 21
  @Test func statesOfOlderVersionsAreMigrated() throws {
    let module = Sequential(BatchNorm2d(2))
    var state = module.stateDict()
    #expect(state.moduleVersions == ["": 1, "0": 2])
    noGrad { module.buffer("0.num_batches_tracked")?.assign(Tensor(7)) }
    state["0.num_batches_tracked"] = nil
    #expect(throws: LoadError.self) { try module.loadStateDict(state) }
    state.moduleVersions["0"] = 1
    try module.loadStateDict(state)
    #expect(module.buffer("0.num_batches_tracked")?.item(as: Int64.self) == 0)
    state.moduleVersions = [:]
    try module.loadStateDict(state)
  }

  @Test func modulesAreToldOnceThatTheyWereLoaded() throws {
    let module = Derived()
    let twice = ModuleList([module, module])
    try twice.loadStateDict([
      "0.weight": NDArray([1, 2] as [Float]), "1.weight": NDArray([1, 2] as [Float]),
    ])
    #expect(module.sum == 3 && module.loads == 1)
    #expect(throws: LoadError.self) { try twice.loadStateDict([:]) }
    #expect(module.loads == 1)
  }
}
