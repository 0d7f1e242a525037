import States

/// Prefixes that wrappers put before all keys of a model.
///
/// ```swift
/// if let prefix = KeyPrefix.common(to: checkpoint.state.keys) {          // "module."
///   let (plain, _) = try KeyPrefix.stripping(prefix).apply(to: checkpoint)
/// }
/// ```
public enum KeyPrefix {
  /// Those of `DataParallel`, `torch.compile`, Lightning modules, and usual names of an attribute
  /// that holds the model.
  private static let known = [
    "module.", "_orig_mod.", "_forward_module.", "model.", "net.", "network.", "state_dict.",
  ]

  /// The known prefixes that all keys have, joined; nil if there is none.
  ///
  /// Known are `module.`, `_orig_mod.`, `_forward_module.`, `model.`, `net.`, `network.` and
  /// `state_dict.`. Nested wrappers give several: `_orig_mod.model.`. A prefix never takes a whole
  /// key, and a single tensor is no evidence.
  ///
  /// - Parameter keys: All keys of the model.
  /// - Returns: A text that every key begins with, ending in a point.
  public static func common(to keys: some Collection<String>) -> String? {
    guard keys.count > 1, let first = keys.first else { return nil }
    var prefix = ""
    while let next = known.first(where: { first.hasPrefix(prefix + $0) }),
      keys.allSatisfy({ $0.hasPrefix(prefix + next) && $0.utf8.count > (prefix + next).utf8.count })
    {
      prefix += next
    }
    return prefix.isEmpty ? nil : prefix
  }

  /// The mapping that takes a prefix away from the keys that have it; other keys stay.
  ///
  /// - Parameter prefix: A plain text, with its point: `module.`.
  /// - Throws: ``MappingError`` if the prefix cannot be made a rule. That two keys would become one
  ///   is found only when the mapping is applied.
  public static func stripping(_ prefix: String) throws(MappingError) -> TensorMapping {
    try TensorMapping(rules: [
      .rename(pattern: "^" + KeyPattern.escaped(prefix), to: "", inverse: nil)
    ])
  }
}
