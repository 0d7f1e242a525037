/// An answer to what PyTorch refuses, as half types in some of its modules.
private struct Accepted: Error {
  let refusal: String
}

/// Judges the samples of one class of modules.
struct ModuleJudge {
  let file: SampleFile
  let make: ModuleTable.Constructor

  func judge(_ number: Int) -> Verdict {
    let sample = file.samples[number]
    let group = sample["group"]?.stringValue ?? ""
    do {
      return try judge(sample, number, group)
    } catch let error as NotExpressible {
      return Verdict(number, group, .notExpressible, "", error.reason)
    } catch let error as Accepted {
      return Verdict(number, group, .accepted, "", "PyTorch: \(error.refusal)")
    } catch {
      return Verdict(number, group, .wrong, "state", "\(error)")
    }
  }

  private func judge(_ sample: Value, _ number: Int, _ group: String) throws -> Verdict {
    let constructor = try file.call(sample["constructor"] ?? .none).call
    manualSeed(0)
    Child.call = constructor
    let built = try make(constructor)
    try constructor.requireAllRead()
    let module = built.module
    let keys = sample["keys"]?.elements?.compactMap(\.stringValue) ?? []
    let state = try file.arrays(sample["state"])?.compactMap { $0 } ?? []
    var checks = Checks()
    guard Array(module.stateDict().keys) == keys else {
      checks.fail("state", "keys \(Array(module.stateDict().keys)), not \(keys)")
      return checks.verdict(number, group)
    }
    if group == "seeds" {
      for (key, expected) in zip(keys, state) {
        guard let found = module.stateDict()[key], !found.isBitwiseEqual(to: expected) else {
          continue
        }
        checks.fail("initial", "\(key): other bits; \(difference(found, expected))")
      }
      return checks.verdict(number, group)
    }
    if let dtype = sample["dtype"]?.stringValue.flatMap(DType.init(rawValue:)) {
      module.to(dtype)
    }
    module.train(sample["isTraining"]?.boolValue ?? true)
    try load(keys, state, into: module)
    if let text = sample["text"]?.stringValue, "\(module)" != text {
      checks.fail("text", "\(module), not \(text)")
    }
    try run(sample, built, keys, &checks)
    return checks.verdict(number, group)
  }

  private func difference(_ found: NDArray, _ expected: NDArray) -> String {
    switch Comparison.closeness(found, expected, truth: nil) {
    case .different(let what): what
    default: "near"
    }
  }

  private func load(_ keys: [String], _ state: [NDArray], into module: Module) throws {
    var loaded = StateDict()
    for (key, array) in zip(keys, state) { loaded[key] = array }
    _ = try module.loadStateDict(loaded)
  }

  private func run(
    _ sample: Value, _ built: BuiltModule, _ keys: [String], _ checks: inout Checks
  ) throws {
    let module = built.module
    let (call, leaves) = try file.call(sample)
    manualSeed(0)
    Child.call = call
    let results = try built.forward(call)
    try call.requireAllRead()
    if let refusal = sample["raises"]?.stringValue { throw Accepted(refusal: refusal) }
    checks.compare(
      "values", results.map(\.array), try file.arrays(sample["values"]) ?? [],
      truths: try file.arrays(sample["truth"]))
    let after = module.stateDict()
    checks.compare(
      "state", keys.map { after[$0] }, try file.arrays(sample["after"]) ?? [], truths: nil,
      names: keys)
    guard checks.isSound, let expected = try file.arrays(sample["gradients"]) else { return }
    let upstream = try file.arrays(sample["upstream"]) ?? []
    let wanted = zip(results, upstream).compactMap { result, gradient in
      gradient.map { (result, Tensor($0)) }
    }
    guard wanted.allSatisfy({ $0.0.requiresGrad }) else {
      return checks.fail("gradients", "the result has no graph")
    }
    let names = sample["parameters"]?.elements?.compactMap(\.stringValue) ?? []
    let parameters = names.compactMap { module.parameter($0) }
    guard parameters.count == names.count else {
      return checks.fail("gradients", "\(parameters.count) parameters, not \(names.count)")
    }
    let found = Tensor.gradients(
      of: wanted.map(\.0), for: leaves + parameters, wanted.map(\.1))
    checks.compare(
      "gradients", found.map { $0?.array }, expected,
      truths: try file.arrays(sample["gradientTruth"]),
      names: leaves.indices.map { "input \($0)" } + names)
  }
}
