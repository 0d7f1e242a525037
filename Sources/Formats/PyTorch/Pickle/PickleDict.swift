import Checkpoints

/// A dictionary in the order of insertion.
final class PickleDict: PickleNode {
  private(set) var keys: [PickleValue] = []
  private(set) var values: [PickleValue] = []
  private var hashedKeys: [PickleKey] = []
  /// Its class with its module, such as `collections.Counter`; nil for a plain dictionary.
  var typeName: String?
  /// The attributes that were put on it, as PyTorch puts `_metadata` on a state dict.
  var attributes: PickleDict?
  private var indices: [PickleKey: Int] = [:]

  var count: Int { keys.count }

  /// Sets a value, in the place of an equal key if there is one.
  func set(_ key: PickleValue, _ hashed: PickleKey, _ value: PickleValue) {
    if let index = indices.updateValue(keys.count, forKey: hashed) {
      indices[hashed] = index
      values[index] = value
    } else {
      keys.append(key)
      hashedKeys.append(hashed)
      values.append(value)
    }
  }

  /// The value of a text key.
  subscript(key: String) -> PickleValue? {
    indices[.string(ExactString(key))].map { values[$0] }
  }

  /// The position of a key that is a text, or an integer written as one.
  func index(of name: String) -> Int? {
    indices[.string(ExactString(name))]
      ?? Int(name).flatMap { String($0) == name ? indices[.int($0)] : nil }
  }

  /// The entries at some of the positions, with class and attributes.
  func filtered(_ isIncluded: (Int) -> Bool) -> PickleDict {
    let result = PickleDict()
    result.typeName = typeName
    result.attributes = attributes
    for index in keys.indices where isIncluded(index) {
      result.add(values[index], from: self, at: index)
    }
    return result
  }

  /// Adds a value under a key of another dictionary, the one at a position.
  func add(_ value: PickleValue, from other: PickleDict, at index: Int) {
    set(other.keys[index], other.hashedKeys[index], value)
  }

  override func clear() {
    keys = []
    values = []
    hashedKeys = []
    indices = [:]
    attributes = nil
  }
}

/// A key by which dictionaries and sets tell values apart, as Python does.
enum PickleKey: Hashable {
  case none
  /// Also `True`, `False` and floats that are whole: Python has them equal to the integer.
  case int(Int)
  case bigInt(String)
  case float(UInt64)
  case complex(UInt64, UInt64)
  case string(ExactString)
  case bytes([UInt8])
  case global(String)
  case tuple([PickleKey])
  case node(ObjectIdentifier)
}
