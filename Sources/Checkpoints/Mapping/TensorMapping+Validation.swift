import States

extension TensorMapping.Rule {
  /// Refuses a rule that cannot be meant, whatever the checkpoint.
  func validate() throws(RuleFailure) {
    switch self {
    case .rename(let pattern, let to, let inverse):
      try Self.check(pattern, [to])
      if let inverse { try Self.check(inverse.pattern, [inverse.to]) }
    case .transpose(let pattern), .cast(let pattern, _, _): try Self.check(pattern)
    case .permute(let pattern, let axes):
      try Self.check(pattern)
      guard axes.sorted() == Array(axes.indices) else {
        throw RuleFailure(
          "the axes \(axes) do not name each dimension once",
          advice: "Give the numbers from 0 to the rank less one in the order wanted.")
      }
    case .interleave(let pattern, let rows):
      try Self.check(pattern)
      guard rows.count == 2, rows.allSatisfy({ $0 > 0 }) else {
        throw RuleFailure(
          "the rows \(rows) of a group are not two lengths",
          advice: "Give how many parts a group has, and how many rows a part.")
      }
    case .reshape(let pattern, let shape, let from):
      try Self.check(pattern)
      for lengths in [shape, from ?? []] {
        guard lengths.allSatisfy({ $0 >= -1 }), lengths.count(where: { $0 == -1 }) <= 1 else {
          throw RuleFailure("the shape \(lengths) may have one -1, and no other negative length")
        }
      }
    case .split(let pattern, _, let names, let sizes):
      try Self.check(pattern, names)
      try Self.check(names.count, sizes)
      guard Set(names).count == names.count else {
        throw RuleFailure("two parts have one name", advice: "Give each part a name of its own.")
      }
    case .concatenate(let patterns, _, let name, let sizes):
      for pattern in patterns { try Self.check(pattern, [name]) }
      try Self.check(patterns.count, sizes)
    }
  }

  private static func check(_ pattern: String, _ templates: [String] = []) throws(RuleFailure) {
    _ = try KeyPattern(pattern).compiled()
    let groupCount = KeyPattern(pattern).groupCount
    for template in templates {
      if let missing = KeyTemplate(template).groups.first(where: { $0 > groupCount }) {
        throw RuleFailure(
          "'\(template)' names group \(missing), and '\(pattern)' has \(groupCount)",
          advice: "Put what is to be kept into parentheses.")
      }
    }
  }

  private static func check(_ partCount: Int, _ sizes: [Int]?) throws(RuleFailure) {
    guard partCount >= 2 else { throw RuleFailure("there are fewer than two parts") }
    guard let sizes else { return }
    guard sizes.count == partCount, sizes.allSatisfy({ $0 >= 0 }) else {
      throw RuleFailure("\(partCount) parts cannot have the sizes \(sizes)")
    }
  }
}

extension KeyPattern {
  /// The expression, ready to be used.
  func compiled() throws(RuleFailure) -> Regex<AnyRegexOutput> {
    do {
      return try Regex(source)
    } catch {
      throw RuleFailure("the expression '\(source)' cannot be used: \(error)")
    }
  }
}

extension TensorMapping.Rule {
  /// The rule that undoes this one.
  func inverted() throws(RuleFailure) -> Self {
    switch self {
    case .rename(let pattern, let to, let inverse?):
      return .rename(
        pattern: inverse.pattern, to: inverse.to, inverse: .init(pattern: pattern, to: to))
    case .rename(let pattern, let to, nil):
      guard let inverse = KeyPattern(pattern).inverse(of: KeyTemplate(to)) else {
        throw RuleFailure(
          "how to undo it does not follow from '\(pattern)' and '\(to)'",
          advice: #"Add "inverse": {"rename": "…", "to": "…"} to the rule."#)
      }
      return .rename(
        pattern: inverse.pattern.source, to: inverse.template.source,
        inverse: .init(pattern: pattern, to: to))
    case .transpose: return self
    case .permute(let pattern, let axes):
      return .permute(pattern: pattern, axes: axes.indices.map { axes.firstIndex(of: $0) ?? $0 })
    case .interleave(let pattern, let rows):
      return .interleave(pattern: pattern, rows: rows.reversed())
    case .reshape(let pattern, let shape, let from?):
      return .reshape(pattern: pattern, shape: from, from: shape)
    case .reshape(_, _, nil):
      throw RuleFailure(
        "it does not say the shape before", advice: #"Add "from": […] to the rule."#)
    case .cast(let pattern, let dtype, let from?):
      return .cast(pattern: pattern, dtype: from, from: dtype)
    case .cast(_, _, nil):
      throw RuleFailure("it does not say the type before", advice: #"Add "from": "…" to the rule."#)
    case .split(let pattern, let axis, let names, let sizes):
      var patterns: [String] = []
      var whole: KeyTemplate?
      for name in names {
        // All parts lead back to one key, so that all of them have to give its groups in one order.
        let inverse = KeyPattern(pattern).inverse(of: KeyTemplate(name))
        guard let inverse, whole == nil || whole == inverse.template else {
          throw Self.notDerivable(pattern, name)
        }
        whole = inverse.template
        patterns.append(inverse.pattern.source)
      }
      return .concatenate(
        patterns: patterns, axis: axis, name: whole?.source ?? "", sizes: sizes)
    case .concatenate(let patterns, let axis, let name, let sizes):
      var names: [String] = []
      var whole: KeyPattern?
      for pattern in patterns {
        let inverse = KeyPattern(pattern).inverse(of: KeyTemplate(name))
        guard let inverse, whole == nil || whole == inverse.pattern else {
          throw Self.notDerivable(pattern, name)
        }
        whole = inverse.pattern
        names.append(inverse.template.source)
      }
      return .split(pattern: whole?.source ?? "", axis: axis, names: names, sizes: sizes)
    }
  }

  private static func notDerivable(_ pattern: String, _ name: String) -> RuleFailure {
    RuleFailure(
      "how to undo it does not follow from '\(pattern)' and '\(name)'",
      advice: "Use plain text and groups only, and each group once in every name, in one order.")
  }
}
