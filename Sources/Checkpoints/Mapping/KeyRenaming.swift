import States

/// A rule that gives keys other names: a regular expression and what to put in its place.
///
/// ```swift
/// let rule = try KeyRenaming(#"^layers\.(\d+)\.=h.\1."#)
/// rule.renamed("layers.3.bias")   // "h.3.bias"
/// rule.renamed("fc.bias")         // "fc.bias"
/// ```
public struct KeyRenaming {
  private let pattern: Regex<AnyRegexOutput>
  private let replacement: KeyTemplate

  /// A rule written `REGEX=REPLACEMENT`, split at the last `=`.
  ///
  /// `\1` to `\9` in the replacement stand for the groups of the expression, `\0` for all that
  /// matched; a backslash before any other character stands for that character. `^model\.=` removes
  /// a prefix.
  ///
  /// - Throws: ``MappingError`` if there is no `=` or nothing before it, or if the expression is
  ///   malformed.
  public init(_ rule: String) throws(MappingError) {
    guard let equals = rule.lastIndex(of: "="), equals > rule.startIndex else {
      throw MappingError("'\(rule)' is not of the form REGEX=REPLACEMENT")
    }
    do {
      pattern = try Regex(String(rule[..<equals]))
    } catch {
      throw MappingError("'\(rule)' cannot be used: \(error)")
    }
    replacement = KeyTemplate(String(rule[rule.index(after: equals)...]))
  }

  /// A rule of an expression that was compiled before.
  init(_ pattern: Regex<AnyRegexOutput>, _ replacement: KeyTemplate) {
    self.pattern = pattern
    self.replacement = replacement
  }

  /// The new name of a key, with every match replaced; the key itself if nothing matches.
  public func renamed(_ key: String) -> String {
    key.replacing(pattern) { replacement.expanded($0.output) }
  }
}

extension Checkpoint {
  /// The checkpoint with its tensors, the optimizer's parameters and the modules' versions renamed
  /// by rules, each applied to what the one before it gave.
  ///
  /// The tensors keep their order, and the arrays are shared. The names within metadata,
  /// architecture and origin are not changed, nor is an optimizer's state by position.
  ///
  /// - Throws: ``MappingError`` that names both keys, if two keys become one.
  public func renamed(_ rules: [KeyRenaming]) throws(MappingError) -> Checkpoint {
    func name(_ key: String) -> String { rules.reduce(key) { $1.renamed($0) } }
    var result = self
    var origins: [String: String] = [:]
    result.state.entries = [:]
    for (key, entry) in state.entries {
      let newKey = name(key)
      if let other = origins.updateValue(key, forKey: newKey) {
        throw MappingError("'\(other)' and '\(key)' would both be named '\(newKey)'")
      }
      result.state.entries[newKey] = entry
    }
    result.state.moduleVersions = state.moduleVersions(renamedBy: name)
    guard var optimizer, optimizer.naming == .keys else { return result }
    let slots = optimizer.state
    optimizer.state = [:]
    for (parameter, slots) in slots { optimizer.state[name(parameter)] = slots }
    for index in optimizer.groups.indices {
      optimizer.groups[index].parameters = optimizer.groups[index].parameters.map(name)
    }
    result.optimizer = optimizer
    return result
  }
}
