/// Judges the samples of one optimizer: some steps, after which parameters, state and options are
/// compared.
struct OptimizerJudge {
  let file: SampleFile
  let make: OptimizerTable.Constructor

  func judge(_ number: Int) -> Verdict {
    let sample = file.samples[number]
    let group = sample["group"]?.stringValue ?? ""
    do {
      return try judge(sample, number, group)
    } catch let error as NotExpressible {
      return Verdict(number, group, .notExpressible, "", error.reason)
    } catch {
      return Verdict(number, group, .wrong, "", "\(error)")
    }
  }

  private func judge(_ sample: Value, _ number: Int, _ group: String) throws -> Verdict {
    let names = sample["names"]?.elements?.compactMap(\.stringValue) ?? []
    let initial = try file.arrays(sample["initial"])?.compactMap { $0 } ?? []
    let parameters = zip(names, initial).map { (name: $0, parameter: Parameter($1)) }
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
      for (parameter, gradient) in zip(parameters, gradients) {
        parameter.parameter.grad = gradient.map { Tensor($0) }
      }
      optimizer.step()
    }
    var checks = Checks()
    checks.compare(
      "values", parameters.map { $0.parameter.array }, try file.arrays(sample["values"]) ?? [],
      truths: try file.arrays(sample["truth"]), names: names)
    try compareState(sample, optimizer, names, &checks)
    compareOptions(sample, optimizer, &checks)
    return checks.verdict(number, group)
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

  /// Compares the options that both have, by PyTorch's names.
  private func compareOptions(_ sample: Value, _ optimizer: Optimizer, _ checks: inout Checks) {
    let saved = optimizer.stateDict().groups
    for (place, wanted) in (sample["options"]?.elements ?? []).enumerated() {
      for (key, value) in wanted.dictionary ?? [:] {
        guard let name = key.text, let own = saved[place].options[name],
          let number = value.doubleValue
        else { continue }
        if own.doubleValue != number {
          checks.fail("options", "\(name) is \(own), not \(number)")
        }
      }
    }
  }
}

extension Value.Key {
  /// The key, if it is a text.
  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
