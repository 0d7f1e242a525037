import OrderedCollections
import States

/// What a rule does to one tensor, or to the tensors that it joins.
struct MappingStep: Hashable {
  /// The keys before.
  let inputs: [String]
  /// The keys after.
  let outputs: [String]
}

extension TensorMapping.Rule {
  /// What the rule does to each of these keys that it matches, in order.
  ///
  /// - Throws: ``RuleFailure`` if parts to be joined are missing or ambiguous.
  func steps(on keys: some Sequence<String>) throws(RuleFailure) -> [MappingStep] {
    switch self {
    case .rename(let pattern, let to, _):
      let renaming = KeyRenaming(try KeyPattern(pattern).compiled(), KeyTemplate(to))
      return keys.compactMap { key in
        let name = renaming.renamed(key)
        return name == key ? nil : MappingStep(inputs: [key], outputs: [name])
      }
    case .permute(let pattern, _), .transpose(let pattern), .interleave(let pattern, _),
      .reshape(let pattern, _, _), .cast(let pattern, _, _):
      let expression = try KeyPattern(pattern).compiled()
      return keys.filter { $0.contains(expression) }
        .map { MappingStep(inputs: [$0], outputs: [$0]) }
    case .split(let pattern, _, let names, _):
      let expression = try KeyPattern(pattern).compiled()
      let templates = names.map { KeyTemplate($0) }
      return keys.compactMap { key in
        key.wholeMatch(of: expression).map { match in
          MappingStep(inputs: [key], outputs: templates.map { $0.expanded(match.output) })
        }
      }
    case .concatenate(let patterns, _, let name, _):
      return try Self.joins(patterns, KeyTemplate(name), keys)
    }
  }

  private static func joins(
    _ patterns: [String], _ name: KeyTemplate, _ keys: some Sequence<String>
  ) throws(RuleFailure) -> [MappingStep] {
    var expressions: [Regex<AnyRegexOutput>] = []
    for pattern in patterns { expressions.append(try KeyPattern(pattern).compiled()) }
    var parts: OrderedDictionary<String, [Int: String]> = [:]
    for key in keys {
      var isTaken = false
      for (number, expression) in expressions.enumerated() {
        guard let match = key.wholeMatch(of: expression) else { continue }
        guard !isTaken else {
          throw RuleFailure("'\(key)' matches the expressions of two parts")
        }
        isTaken = true
        let whole = name.expanded(match.output)
        if let other = parts[whole, default: [:]].updateValue(key, forKey: number) {
          throw RuleFailure("'\(other)' and '\(key)' are both part \(number + 1) of '\(whole)'")
        }
      }
    }
    var steps: [MappingStep] = []
    for (whole, found) in parts {
      var inputs: [String] = []
      for number in patterns.indices {
        guard let key = found[number] else {
          throw RuleFailure(
            "'\(whole)' has no part \(number + 1): no key matches '\(patterns[number])' beside "
              + "'\(found.values.sorted()[0])'")
        }
        inputs.append(key)
      }
      steps.append(MappingStep(inputs: inputs, outputs: [whole]))
    }
    return steps
  }

  /// The keys after the steps, in order: what a step gives stands where its first input stood.
  ///
  /// - Throws: ``RuleFailure`` if two keys become one.
  static func keys(
    _ keys: some Sequence<String>, after steps: [MappingStep]
  ) throws(RuleFailure) -> OrderedSet<String> {
    let stepOfInput = MappingStep.byInput(steps)
    var result: OrderedSet<String> = []
    var origins: [String: String] = [:]
    for key in keys {
      let step = stepOfInput[key]
      if let step, step.inputs[0] != key { continue }
      for name in step?.outputs ?? [key] {
        if let other = origins.updateValue(key, forKey: name) {
          throw RuleFailure(
            other == key
              ? "two parts of '\(key)' would both be named '\(name)'"
              : "'\(other)' and '\(key)' would both be named '\(name)'",
            advice: "Make the expression narrower, or rename the other key first.")
        }
        result.append(name)
      }
    }
    return result
  }
}

extension MappingStep {
  /// The steps by each key that goes into them.
  static func byInput(_ steps: [MappingStep]) -> [String: MappingStep] {
    var result: [String: MappingStep] = [:]
    for step in steps {
      for input in step.inputs { result[input] = step }
    }
    return result
  }
}
