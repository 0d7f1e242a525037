import OrderedCollections
import States

/// A step from a value of a pickle to one that is a part of it.
enum PickleStep {
  /// To the value of a key, which stands at a position among the dictionary's entries.
  case key(PickleValue, at: Int)
  /// To an element of a list or tuple.
  case index(Int, isTuple: Bool)
  /// To an attribute of an object of a class, at a position among its attributes.
  case attribute(String, at: Int, of: String)

  /// Whether it goes by an integer key.
  var isInteger: Bool {
    if case .key(.int, _) = self { return true }
    return false
  }

  /// Whether it goes to an element of a list.
  var isIndex: Bool {
    if case .index = self { return true }
    return false
  }

  /// The step as a part of a path in words.
  var name: String {
    switch self {
    case .key(let key, _): key.description
    case .index(let index, _): String(index)
    case .attribute(let name, _, _): name
    }
  }
}

extension [PickleStep] {
  /// The path in words: the names with points between them.
  var text: String { map(\.name).joined(separator: ".") }
}

/// A step as a structure keeps it, for the way back.
enum StructureStep: Equatable {
  /// An entry of a dictionary, and its position there.
  case key(Value.Key, at: Int)
  /// An element of a list or tuple. What is left of it, without the model, may still be there:
  /// then it `stays`.
  case index(Int, isTuple: Bool, stays: Bool)

  /// A step in the file.
  ///
  /// - Parameter stays: Whether something is left of an element of a list.
  init(_ step: PickleStep, stays: Bool) {
    switch step {
    case .key(let key, let position):
      self = .key(key.intValue.map(Value.Key.int) ?? .string(key.description), at: position)
    case .attribute(let name, let position, _): self = .key(.string(name), at: position)
    case .index(let index, let isTuple): self = .index(index, isTuple: isTuple, stays: stays)
    }
  }

  /// The key, or the number of the element.
  var text: String {
    switch self {
    case .key(let key, _): key.text
    case .index(let index, _, _): "\(index)"
    }
  }

  /// The step as a value: `{"key": "model", "at": 0}`, `{"index": 1, "in": "list", "stays": true}`.
  var value: Value {
    switch self {
    case .key(let key, let position): ["key": Value(key), "at": .int(position)]
    case .index(let index, let isTuple, let stays):
      ["index": .int(index), "in": isTuple ? "tuple" : "list", "stays": .bool(stays)]
    }
  }

  /// The step that a value describes, nil if it does not.
  init?(_ value: Value) {
    if let key = value["key"], let position = value["at"]?.intValue, position >= 0 {
      guard
        let key = key.stringValue.map(Value.Key.string) ?? key.intValue.map(Value.Key.int)
      else { return nil }
      self = .key(key, at: position)
    } else if let index = value["index"]?.intValue, index >= 0 {
      self = .index(
        index, isTuple: value["in"]?.stringValue == "tuple",
        stays: value["stays"]?.boolValue ?? false)
    } else {
      return nil
    }
  }
}
