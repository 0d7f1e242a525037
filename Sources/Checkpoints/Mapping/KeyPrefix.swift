import States

/// Prefixes that wrappers put before all keys of a model.
public enum KeyPrefix {
  /// Those of `DataParallel`, `torch.compile`, Lightning modules, and usual names of an attribute
  /// that holds the model.
  private static let known = [
    "module.", "_orig_mod.", "_forward_module.", "model.", "net.", "network.", "state_dict.",
  ]

  /// The known prefixes that all keys have, one after the other; nil if there is none.
  ///
  /// A single tensor is no evidence.
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

  /// The mapping that takes a prefix away from the keys that have it.
  public static func stripping(_ prefix: String) throws(MappingError) -> TensorMapping {
    try TensorMapping(rules: [
      .rename(pattern: "^" + KeyPattern.escaped(prefix), to: "", inverse: nil)
    ])
  }
}
