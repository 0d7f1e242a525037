import Arrays

extension LoadReport {
  /// What a model made of one key of a state before it was matched, as with a file of an older
  /// version.
  public enum KeyChange: Hashable, Sendable {
    /// The tensor has another key in the model.
    case renamed(from: String, to: String)
    /// The file has the tensor once, and the model under two keys, which are tied.
    case filled(String, from: String)
    /// The file lacks it, and the model knows what it was.
    case added(String)
    /// The file has it, and the model knows that it holds nothing to load.
    case dropped(String)
  }

  /// What became of the keys of a state, by comparing it before and after.
  ///
  /// - Parameters:
  ///   - before: The state as it was given.
  ///   - after: The state that is matched.
  /// - Returns: The changes, in the order of the keys after, what was dropped last.
  public static func changes(from before: StateDict, to after: StateDict) -> [KeyChange] {
    guard before.keys != after.keys else { return [] }
    var gone: [Place: String] = [:]
    var present: [Place: String] = [:]
    for (key, entry) in before.entries {
      let place = Place(entry.array)
      if after.entries[key] == nil {
        gone[place] = gone[place] ?? key
      } else {
        present[place] = present[place] ?? key
      }
    }
    var changes: [KeyChange] = []
    var renamed: Set<String> = []
    for (key, entry) in after.entries where before.entries[key] == nil {
      let place = Place(entry.array)
      if let old = gone[place], renamed.insert(old).inserted {
        changes.append(.renamed(from: old, to: key))
        gone[place] = nil
      } else if let other = present[place] {
        changes.append(.filled(key, from: other))
      } else {
        changes.append(.added(key))
      }
    }
    for key in before.keys where after.entries[key] == nil && !renamed.contains(key) {
      changes.append(.dropped(key))
    }
    return changes
  }

  /// How the file was brought under the model's names, a sentence each: the ``mappings``, and the
  /// ``changes``, of which one of each kind is named.
  public var adaptations: [String] {
    var lines = mappings.map { "loaded with the mapping '\($0)'" }
    func tell(_ of: String, _ text: (KeyChange) -> String?) {
      let texts = changes.compactMap(text)
      guard let first = texts.first else { return }
      lines.append(
        "\(texts.count) \(texts.count == 1 ? "key" : "keys") \(of): "
          + (texts.count == 1 ? first : "\(first) and \(texts.count - 1) more"))
    }
    tell("of an older version renamed") {
      if case .renamed(let old, let new) = $0 { "'\(old)' is '\(new)'" } else { nil }
    }
    tell("filled from what is tied to it") {
      if case .filled(let key, let other) = $0 { "'\(key)' from '\(other)'" } else { nil }
    }
    tell("absent in an older version added") {
      if case .added(let key) = $0 { "'\(key)'" } else { nil }
    }
    tell("of an older version that the model computes passed over") {
      if case .dropped(let key) = $0 { "'\(key)'" } else { nil }
    }
    return lines
  }
}

/// Which elements of which storage an array has.
private struct Place: Hashable {
  private let storage: ObjectIdentifier
  private let layout: Layout

  init(_ array: NDArray) {
    storage = ObjectIdentifier(array.storage)
    layout = array.layout
  }
}
