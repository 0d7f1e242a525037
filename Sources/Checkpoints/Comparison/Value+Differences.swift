import Arrays
import OrderedCollections
import States

extension Value {
  /// How another value differs, a clause for each place: `.lr is 0.1 and 0.2`. Tensors within are
  /// not compared.
  ///
  /// - Parameter place: What the value is called.
  func differences(from other: Value, at place: String) -> [String] {
    switch (self, other) {
    case (.tensor, .tensor): []
    case (.model, .model), (.optimizer, .optimizer):
      Self.differences(content, other.content, place)
        + facts.differences(from: other.facts, at: "\(place) (\(sort))")
    case (.list(let mine), .list(let theirs)), (.tuple(let mine), .tuple(let theirs)):
      Self.differences(mine, theirs, place)
    case (.dict(let mine), .dict(let theirs)): Self.differences(mine, theirs, place)
    case (.object(let mine, let state), .object(let theirs, let otherState)) where mine == theirs:
      state.differences(from: otherState, at: place)
    default:
      isExactly(other)
        ? [] : ["\(place) is \(short(beside: other)) and \(other.short(beside: self))"]
    }
  }

  private static func differences(
    _ mine: Value?, _ theirs: Value?, _ place: String
  ) -> [String] {
    guard let mine, let theirs else { return [] }
    return mine.differences(from: theirs, at: place)
  }

  private static func differences(
    _ mine: [Value], _ theirs: [Value], _ place: String
  ) -> [String] {
    let lengths =
      mine.count == theirs.count ? [] : ["\(place) has \(mine.count) and \(theirs.count) elements"]
    return lengths
      + zip(mine, theirs).enumerated().flatMap { index, pair in
        pair.0.differences(from: pair.1, at: "\(place)[\(index)]")
      }
  }

  private static func differences(
    _ mine: OrderedDictionary<Key, Value>, _ theirs: OrderedDictionary<Key, Value>,
    _ place: String
  ) -> [String] {
    var texts: [String] = []
    for (key, value) in mine {
      if let other = theirs[key] {
        texts += value.differences(from: other, at: place + key.pathText)
      } else {
        texts.append("\(place + key.pathText) only in the first")
      }
    }
    texts += theirs.keys.filter { mine[$0] == nil }.map {
      "\(place + $0.pathText) only in the second"
    }
    if texts.isEmpty, mine.keys != theirs.keys {
      texts.append("\(place): the order of its keys is another")
    }
    for (key, other) in zip(mine.keys, theirs.keys)
    where key == other && !key.pathText.utf8.elementsEqual(other.pathText.utf8) {
      texts.append("\(place + key.pathText): the key is in other code points in the second")
    }
    return texts
  }

  /// Equality in which texts in other code points are others: Swift takes an accented letter and
  /// the letter with its accent for the same.
  private func isExactly(_ other: Value) -> Bool {
    guard case .string(let mine) = self, case .string(let theirs) = other else {
      return self == other
    }
    return mine.utf8.elementsEqual(theirs.utf8)
  }

  /// The value in a few words; with its type if the other's words are the same.
  private func short(beside other: Value) -> String {
    let text = json()
    guard text == other.json() || sort != other.sort else { return text.shortened }
    return "\(text.shortened) (\(sort))"
  }

  /// What sort of value it is, in PyTorch's words.
  var sort: String {
    switch self {
    case .none: "None"
    case .bool: "a bool"
    case .int, .bigInt: "an int"
    case .float: "a float"
    case .complex: "a complex"
    case .string: "a text"
    case .bytes: "bytes"
    case .list: "a list"
    case .tuple: "a tuple"
    case .dict: "a dictionary"
    case .tensor: "a tensor"
    case .object(let type, _): "a \(type)"
    case .model: "a model"
    case .optimizer: "an optimizer"
    }
  }

  /// How many values there are within that have no others within.
  package var leafCount: Int {
    var count = 0
    forEachLeaf { _, _ in count += 1 }
    return count
  }

  /// How many tensors there are within.
  package var tensorCount: Int {
    var count = 0
    forEachTensor { _, _ in count += 1 }
    return count
  }
}

extension String {
  fileprivate var shortened: String { count > 60 ? prefix(59) + "…" : self }
}
