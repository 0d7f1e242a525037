/// Judges the samples of one optimizer: some steps, after which parameters, state and options are
/// compared.
struct OptimizerJudge: SampleJudge {
  let file: SampleFile
  let make: OptimizerTable.Constructor

  func judge(_ sample: Value, _ checks: inout Checks) throws {
    let names = SampleFile.texts(sample["names"])
    let parameters = zip(names, try file.present(sample["initial"])).map {
      (name: $0, parameter: Parameter($1))
    }
    var groups = [ParameterGroup(parameters)]
    if sample["grouping"]?.boolValue == true {
      groups = [
        ParameterGroup(Array(parameters[..<1])),
        ParameterGroup(Array(parameters[1...]), options: ["lr": 0.02, "weight_decay": 0.01]),
      ]
    }
    let call = try file.call(sample).call
    Child.call = call
    let optimizer = try make(groups, call)
    try call.requireAllRead()
    for row in sample["gradients"]?.elements ?? [] {
      let gradients = try file.arrays(row) ?? []
      if sample["searches"]?.boolValue == true {
        let targets = gradients.compactMap { $0.map { Tensor($0) } }
        optimizer.step { Self.loss(parameters.map(\.parameter), targets) }
        continue
      }
      for (parameter, gradient) in zip(parameters, gradients) {
        parameter.parameter.grad = gradient.map { Tensor($0) }
      }
      optimizer.step()
    }
    checks.compare(
      "values", parameters.map { $0.parameter.array }, try file.arrays(sample["values"]) ?? [],
      truths: try file.arrays(sample["truth"]), names: names)
    if sample["searches"]?.boolValue != true {
      try compareState(sample, optimizer, names, &checks)
    }
    compareOptions(sample, optimizer, &checks)
  }

  /// What LBFGS makes less: `loss_of` of `Samples/optimizers.py`, with its gradients.
  private static func loss(_ parameters: [Parameter], _ targets: [Tensor]) -> Tensor {
    for parameter in parameters { parameter.grad = nil }
    var sum: Tensor?
    for (place, (parameter, target)) in zip(parameters, targets).enumerated() {
      let part =
        (parameter - target).pow(2).sum() * (place + 1) + parameter.pow(4).sum() / 8
      sum = sum.map { $0 + part } ?? part
    }
    let loss = sum ?? Tensor.zeros([])
    loss.backward()
    return loss
  }

  private func compareState(
    _ sample: Value, _ optimizer: Optimizer, _ names: [String], _ checks: inout Checks
  ) throws {
    for name in names {
      let ours = optimizer.state[name] ?? [:]
      let theirs = sample["state"]?[name]?.dictionary ?? [:]
      let (found, wanted) = (Set(ours.keys), Set(theirs.keys.compactMap(\.text)))
      guard found == wanted else {
        checks.fail("state", "\(name): slots \(found.sorted()), not \(wanted.sorted())")
        continue
      }
      for (key, value) in theirs {
        guard let slot = key.text, let own = ours[slot] else { continue }
        if let place = value.intValue {
          let truth = try sample["stateTruth"]?[name]?[slot]?.intValue.map(file.array)
          checks.compare(
            "state", [own], [try file.array(place)], truths: [truth], names: ["\(name).\(slot)"])
        } else if let number = value["number"]?.doubleValue {
          let found = Comparison.real(own).first ?? .nan
          if own.elementCount != 1 || found != number {
            checks.fail("state", "\(name).\(slot) is \(found), not \(number)")
          }
        }
      }
    }
  }

  /// What chooses among PyTorch's implementations of one mathematics: it is only kept.
  private static let implementation: Set<String> = [
    "foreach", "fused", "capturable", "differentiable",
  ]

  /// Compares the options of each group with those of PyTorch's.
  private func compareOptions(_ sample: Value, _ optimizer: Optimizer, _ checks: inout Checks) {
    let wanted = sample["options"]?.elements ?? []
    guard wanted.count == optimizer.groups.count else {
      return checks.fail("options", "\(optimizer.groups.count) groups, not \(wanted.count)")
    }
    for (group, wanted) in zip(optimizer.groups, wanted) {
      let options = wanted.dictionary ?? [:]
      let (own, theirs) = (Set(group.options.keys), Set(options.keys.compactMap(\.text)))
      guard own == theirs else {
        let (more, missing) = (own.subtracting(theirs), theirs.subtracting(own))
        checks.fail("options", "more are \(more.sorted()), missing \(missing.sorted())")
        continue
      }
      for (key, value) in options {
        guard let name = key.text, !Self.implementation.contains(name) else { continue }
        let what = group.options[name].flatMap { Options.difference($0, value, at: name) }
        if let what { checks.fail("options", what) }
      }
    }
  }
}
