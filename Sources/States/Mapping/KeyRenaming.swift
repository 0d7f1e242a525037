/// A rule that gives keys other names: a regular expression and what to put in its place.
public struct KeyRenaming {
  private let pattern: Regex<AnyRegexOutput>
  private let replacement: KeyTemplate

  /// Why a rule cannot be used.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not of the form `REGEX=REPLACEMENT`, or the expression is wrong.
    case malformed(String, reason: String)
    /// Two keys would get one name.
    case collision(first: String, second: String, name: String)

    /// One sentence.
    public var description: String {
      switch self {
      case .malformed(let rule, let reason): "the rule '\(rule)' cannot be used: \(reason)"
      case .collision(let first, let second, let name):
        "'\(first)' and '\(second)' would both be named '\(name)'"
      }
    }
  }

  /// A rule written `REGEX=REPLACEMENT`, split at the last `=`.
  ///
  /// `\1` to `\9` in the replacement stand for the groups of the expression, `\0` for all that
  /// matched. `^model\.=` removes a prefix.
  public init(_ rule: String) throws(Failure) {
    guard let equals = rule.lastIndex(of: "="), equals > rule.startIndex else {
      throw .malformed(rule, reason: "it is not of the form REGEX=REPLACEMENT")
    }
    do {
      pattern = try Regex(String(rule[..<equals]))
    } catch {
      throw .malformed(rule, reason: "\(error)")
    }
    replacement = KeyTemplate(String(rule[rule.index(after: equals)...]))
  }

  /// A rule of an expression that was compiled before.
  init(_ pattern: Regex<AnyRegexOutput>, _ replacement: KeyTemplate) {
    self.pattern = pattern
    self.replacement = replacement
  }

  /// The new name of a key: every match replaced.
  public func renamed(_ key: String) -> String {
    key.replacing(pattern) { replacement.expanded($0.output) }
  }
}

extension Checkpoint {
  /// The checkpoint with its tensors, the optimizer's parameters and the modules' versions renamed
  /// by rules, each applied to what the one before it gave.
  ///
  /// - Throws: ``KeyRenaming/Failure/collision(first:second:name:)`` if two keys become one.
  public func renamed(_ rules: [KeyRenaming]) throws(KeyRenaming.Failure) -> Checkpoint {
    func name(_ key: String) -> String { rules.reduce(key) { $1.renamed($0) } }
    var result = self
    var origins: [String: String] = [:]
    result.state.entries = [:]
    for (key, entry) in state.entries {
      let newKey = name(key)
      if let other = origins.updateValue(key, forKey: newKey) {
        throw .collision(first: other, second: key, name: newKey)
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
