/// A dictionary in the order of insertion.
final class PickleDict: PickleNode {
  private(set) var keys: [PickleValue] = []
  private(set) var values: [PickleValue] = []
  /// Its class with its module, such as `collections.Counter`; nil for a plain dictionary.
  var typeName: String?
  /// The attributes that were put on it, as PyTorch puts `_metadata` on a state dict.
  var attributes: PickleDict?
  private var indices: [PickleKey: Int] = [:]

  var count: Int { keys.count }

  /// Sets a value, in the place of an equal key if there is one.
  func set(_ key: PickleValue, _ hashed: PickleKey, _ value: PickleValue) {
    if let index = indices[hashed] {
      values[index] = value
    } else {
      indices[hashed] = keys.count
      keys.append(key)
      values.append(value)
    }
  }

  /// The value of a text key.
  subscript(key: String) -> PickleValue? {
    indices[.string(ExactString(key))].map { values[$0] }
  }

  /// The entries whose values are of a sort.
  func filtered(_ isIncluded: (PickleValue) -> Bool) -> PickleDict {
    let result = PickleDict()
    for (key, index) in indices.sorted(by: { $0.value < $1.value }) where isIncluded(values[index])
    {
      result.set(keys[index], key, values[index])
    }
    return result
  }

  /// The keys, if all of them are texts.
  var stringKeys: [String]? {
    let strings = keys.compactMap(\.stringValue)
    return strings.count == keys.count ? strings : nil
  }

  override func clear() {
    keys = []
    values = []
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

/// A text that equals another only if both are the same code points.
///
/// Swift has "é" equal to "e" with a combining accent. For Python they are two keys.
struct ExactString: Hashable {
  let string: String

  init(_ string: String) { self.string = string }

  static func == (lhs: ExactString, rhs: ExactString) -> Bool {
    lhs.string.utf8.elementsEqual(rhs.string.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
