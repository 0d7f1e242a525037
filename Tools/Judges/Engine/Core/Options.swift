/// Comparison of what is no tensor: the options of groups, and the states of schedulers.
enum Options {
  /// How a value differs from PyTorch's, or nil.
  ///
  /// A list stands for a tuple, a whole number for a fraction that is whole, and an object of one key
  /// for what JSON has no word for: `float` for a number that is not finite, `pairs` for a dictionary
  /// whose keys are numbers.
  ///
  /// - Parameter closeness: How far numbers may be apart, relative to them.
  static func difference(
    _ found: Value, _ expected: Value, within closeness: Double = 0, at path: String = ""
  ) -> String? {
    let told = "\(path.isEmpty ? "it" : path) is \(found), not \(expected)"
    if let text = expected["float"]?.stringValue, let number = Double(text) {
      return found.doubleValue == number ? nil : told
    }
    if let pairs = expected["pairs"]?.elements {
      guard let own = found.dictionary, own.count == pairs.count else { return told }
      for pair in pairs {
        guard let parts = pair.elements, parts.count == 2, let key = parts[0].intValue,
          let value = own[.int(key)]
        else { return told }
        if let what = difference(value, parts[1], within: closeness, at: "\(path)[\(key)]") {
          return what
        }
      }
      return nil
    }
    if let wanted = expected.dictionary {
      guard let own = found.dictionary else { return told }
      let (keys, names) = (Set(own.keys), Set(wanted.keys))
      guard keys == names else {
        let more = keys.subtracting(names).map { "\($0)" }.sorted()
        return
          "\(path): more are \(more), missing \(names.subtracting(keys).map { "\($0)" }.sorted())"
      }
      for (key, value) in wanted {
        let place = path + (path.isEmpty ? "" : ".") + (key.text ?? "\(key)")
        if let what = own[key].flatMap({ difference($0, value, within: closeness, at: place) }) {
          return what
        }
      }
      return nil
    }
    if let wanted = expected.elements {
      guard let own = found.elements, own.count == wanted.count else { return told }
      for (index, (one, other)) in zip(own, wanted).enumerated() {
        if let what = difference(one, other, within: closeness, at: "\(path)[\(index)]") {
          return what
        }
      }
      return nil
    }
    return isAlike(found, expected, closeness) ? nil : told
  }

  private static func isAlike(_ found: Value, _ expected: Value, _ closeness: Double) -> Bool {
    switch (found, expected) {
    case (.none, .none): return true
    case (.bool(let own), .bool(let other)): return own == other
    case (.string(let own), .string(let other)): return own == other
    case (.bool, _), (_, .bool): return false
    default:
      guard let own = found.doubleValue, let other = expected.doubleValue else { return false }
      return own == other || abs(own - other) <= closeness * max(abs(other), 1e-3)
    }
  }
}

extension Value.Key {
  /// The key, if it is a text.
  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
