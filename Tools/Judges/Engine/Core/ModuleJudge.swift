/// Judges the samples of one class of modules.
struct ModuleJudge: SampleJudge {
  let file: SampleFile
  let name: String
  let make: ModuleTable.Constructor

  func judge(_ sample: Value, _ checks: inout Checks) throws {
    let constructor = try file.call(sample["constructor"] ?? .none).call
    manualSeed(0)
    Child.call = constructor
    let built = try make(constructor)
    try constructor.requireAllRead()
    let module = built.module
    let keys = SampleFile.texts(sample["keys"])
    let state = try file.present(sample["state"])
    guard Array(module.stateDict().keys) == keys else {
      return checks.fail("state", "keys \(Array(module.stateDict().keys)), not \(keys)")
    }
    if SampleFile.group(of: sample) == "seeds" {
      for (key, expected) in zip(keys, state) {
        module.stateDict()[key].map { checks.compareBits("initial", $0, expected, name: key) }
      }
      return
    }
    if let dtype = sample["dtype"]?.stringValue.flatMap(DType.init(rawValue:)) {
      module.to(dtype)
    }
    module.train(sample["isTraining"]?.boolValue ?? true)
    var loaded = StateDict()
    for (key, array) in zip(keys, state) { loaded[key] = array }
    _ = try module.loadStateDict(loaded)
    if let text = sample["text"]?.stringValue, "\(module)" != text {
      checks.fail("text", "\(module), not \(text)")
    }
    try run(sample, built, keys, &checks)
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
    let isSum = ModuleTable.all.areSums(name)
    checks.compare(
      "values", results.map(\.array), try file.arrays(sample["values"]) ?? [],
      truths: try file.arrays(sample["truth"]),
      elements: results.map { _ in isSum ? .sums : .single })
    let after = module.stateDict()
    checks.compare(
      "state", keys.map { after[$0] }, try file.arrays(sample["after"]) ?? [],
      elements: keys.map { _ in isSum ? .sums : .single }, names: keys)
    let names = SampleFile.texts(sample["parameters"])
    let parameters = names.compactMap { module.parameter($0) }
    guard parameters.count == names.count else {
      return checks.fail("gradients", "\(parameters.count) parameters, not \(names.count)")
    }
    let shapes = results.map(\.shape)
    try compareGradients(
      sample, of: results, for: leaves + parameters,
      names: leaves.indices.map { "input \($0)" } + names,
      isSum: { isSum || !shapes.contains($0.shape) }, &checks)
  }
}
