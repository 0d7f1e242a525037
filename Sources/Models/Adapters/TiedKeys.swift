import States

/// The keys of a state that are of one tensor.
struct TiedKeys {
  private var families: [String: [String]] = [:]

  init(_ state: StateDict) {
    for (key, original) in state.ties {
      families[original, default: [original]].append(key)
    }
    for family in families.values {
      for key in family { families[key] = family }
    }
  }

  /// All keys of the tensor of a key, this one first.
  subscript(key: String) -> [String] {
    [key] + (families[key] ?? []).filter { $0 != key }
  }

  /// All keys of the tensor of a key, which from now on is of another.
  mutating func separate(_ key: String) -> [String] {
    let family = self[key]
    for other in family { families[other]?.removeAll { $0 == key } }
    families[key] = nil
    return family
  }
}
