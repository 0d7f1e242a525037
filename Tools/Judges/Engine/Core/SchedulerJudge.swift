/// Judges the samples of one scheduler: the learning rates of each step, and the momentum, and after
/// the last the state.
struct SchedulerJudge: SampleJudge {
  let file: SampleFile
  let make: SchedulerTable.Constructor

  func judge(_ sample: Value, _ checks: inout Checks) throws {
    let parameters = (0..<2).map {
      (name: "p\($0)", parameter: Parameter(Tensor.ones([2])))
    }
    let groups = [
      ParameterGroup(Array(parameters[..<1]), options: ["lr": 0.1]),
      ParameterGroup(Array(parameters[1...]), options: ["lr": 0.2]),
    ]
    let optimizer: Optimizer =
      sample["optimizer"]?.stringValue == "SGD"
      ? SGD(groups: groups, lr: 0.1, momentum: 0.9) : Adam(groups: groups, lr: 0.1)
    let call = try file.call(sample).call
    Child.call = call
    let scheduler = try make(optimizer, call)
    try call.requireAllRead()
    let metrics = sample["metrics"]?.elements?.compactMap(\.doubleValue) ?? []
    let rows = sample["rows"]?.elements ?? []
    for (step, row) in rows.enumerated() {
      if let what = difference(optimizer, row) {
        return checks.fail("values", "after \(step) steps: \(what)")
      }
      guard step + 1 < rows.count else { break }
      for (_, parameter) in parameters { parameter.grad = Tensor.ones([2]) }
      optimizer.step()
      switch scheduler {
      case let scheduler as ReduceLROnPlateau: scheduler.step(metrics[step])
      case let scheduler as LRScheduler: scheduler.step()
      default: throw NotExpressible("\(scheduler)")
      }
    }
    if let state = sample["state"],
      let what = Options.difference(scheduler.stateDict(), state, within: Self.closeness)
    {
      checks.fail("state", what)
    }
  }

  /// How far numbers may be from PyTorch's, relative to them: nearly to the last bit.
  private static let closeness = 1e-13

  /// Compares the options that schedulers change.
  private func difference(_ optimizer: Optimizer, _ row: Value) -> String? {
    for (group, wanted) in zip(optimizer.groups, row.elements ?? []) {
      let numbers = wanted.elements?.compactMap(\.doubleValue) ?? []
      var own = [group.lr, 0, 0, 0]
      if optimizer is SGD { own[1] = group.number("momentum") }
      if optimizer is Adam { (own[2], own[3]) = group.pair("betas") }
      guard numbers.count == own.count else { return "\(numbers.count) options" }
      for (name, (found, expected)) in zip(
        ["lr", "momentum", "beta1", "beta2"], zip(own, numbers))
      where abs(found - expected) > Self.closeness * max(abs(expected), 1e-3) {
        return "\(name) is \(found), not \(expected)"
      }
    }
    return nil
  }
}
