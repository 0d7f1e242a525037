import Arrays
import OrderedCollections
import States

/// Reads values that ``OutlineEncoder`` wrote, or that claim to come from it.
package struct OutlineDecoder {
  /// The tensors of the file, by the names that the outline uses.
  package let tensors: OrderedDictionary<String, NDArray>
  /// The names that the outline uses.
  package private(set) var usedNames: Set<String> = []
  private var missingNames: [String] = []

  package init(tensors: OrderedDictionary<String, NDArray>) { self.tensors = tensors }

  /// What is wrong with an outline.
  package struct Malformed: Error {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
  }

  /// The names of tensors that the file does not have, of all that was decoded since this was last
  /// asked.
  package mutating func takeMissingNames() -> [String] {
    defer { missingNames = [] }
    return missingNames
  }

  /// The tensor of a name, nil if the file does not have it, which is noted.
  package mutating func tensor(_ name: String) -> NDArray? {
    usedNames.insert(name)
    guard let array = tensors[name] else {
      missingNames.append(name)
      return nil
    }
    return array
  }

  /// Values by name. Those that refer to a tensor that the file does not have are left out.
  package mutating func members(
    _ json: Value, _ place: String
  ) throws(Malformed) -> OrderedDictionary<String, Value> {
    guard let members = json.dictionary else { throw Malformed("\(place) is not an object") }
    var values: OrderedDictionary<String, Value> = [:]
    for (key, member) in members { values[key.text] = try value(member) }
    return values
  }

  /// A value; nil if it is, or holds, a tensor that the file does not have.
  package mutating func value(_ json: Value) throws(Malformed) -> Value? {
    switch json {
    case .none, .bool, .int, .float, .string: return json
    case .list(let elements): return try list(elements).map { .list($0) }
    case .dict(let members):
      guard let first = members.elements.first, case .string(let type) = first.key else {
        throw Malformed("a value does not say its type")
      }
      return try typed(type, first.value, json)
    case .bigInt, .complex, .bytes, .tuple, .tensor, .object, .model, .optimizer:
      throw Malformed("an integer of more than 64 bits is not written as one")
    }
  }

  private mutating func typed(
    _ type: String, _ content: Value, _ json: Value
  ) throws(Malformed) -> Value? {
    switch (type, content) {
    case ("tuple", .list(let elements)): return try list(elements).map { .tuple($0) }
    case ("dict", .dict(let members)):
      var values: OrderedDictionary<Value.Key, Value> = [:]
      for (key, member) in members {
        guard let value = try value(member) else { return nil }
        values[key] = value
      }
      return .dict(values)
    case ("pairs", .list(let pairs)): return try dictionary(pairs)
    case ("bytes", .string(let text)):
      guard let bytes = [UInt8](hexadecimal: text) else { throw Malformed("bytes are malformed") }
      return .bytes(bytes)
    case ("float", _): return .float(try number(json))
    case ("bigint", .string(let digits)):
      let unsigned = digits.hasPrefix("-") ? digits.dropFirst() : digits[...]
      guard !unsigned.isEmpty, unsigned.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
        throw Malformed("an integer is malformed")
      }
      return .bigInt(digits)
    case ("complex", .list(let parts)) where parts.count == 2:
      return .complex(real: try number(parts[0]), imaginary: try number(parts[1]))
    case ("tensor", .string(let name)): return tensor(name).map { .tensor($0) }
    case ("model", .list(let rows)):
      return .model(try state(rows, versions: json["module_versions"] ?? [:]))
    case ("optimizer", .dict): return .optimizer(try optimizer(content))
    case ("object", .string(let type)):
      guard let state = json["state"] else { throw Malformed("an object has no state") }
      return try value(state).map { .object(type: type, state: $0) }
    default: throw Malformed("there is no value of type \"\(type.prefix(40))\"")
    }
  }

  private mutating func list(_ elements: [Value]) throws(Malformed) -> [Value]? {
    var values: [Value] = []
    for element in elements {
      guard let value = try value(element) else { return nil }
      values.append(value)
    }
    return values
  }

  private mutating func dictionary(_ pairs: [Value]) throws(Malformed) -> Value? {
    var values: OrderedDictionary<Value.Key, Value> = [:]
    for pair in pairs {
      guard case .list(let parts) = pair, parts.count == 2 else {
        throw Malformed("a dictionary is malformed")
      }
      guard let value = try value(parts[1]) else { return nil }
      guard values.updateValue(value, forKey: try key(parts[0])) == nil else {
        throw Malformed("a dictionary has a key twice")
      }
    }
    return .dict(values)
  }

  private func key(_ json: Value) throws(Malformed) -> Value.Key {
    switch json {
    case .string(let text): return .string(text)
    case .int(let number): return .int(number)
    case .float(let number): return .float(number)
    case .bool(let truth): return .bool(truth)
    case .none: return .none
    case .dict:
      guard case .list(let parts)? = json["tuple"] else { return .float(try number(json)) }
      var keys: [Value.Key] = []
      for part in parts { keys.append(try key(part)) }
      return .tuple(keys)
    default: throw Malformed("a key of a dictionary is malformed")
    }
  }

  private func number(_ json: Value) throws(Malformed) -> Double {
    if case .float(let number) = json { return number }
    guard let bits = json["float"]?.stringValue, let pattern = UInt64(bits, radix: 16) else {
      throw Malformed("a number is malformed")
    }
    return Double(bitPattern: pattern)
  }
}

extension [UInt8] {
  /// The bytes that hexadecimal digits stand for; nil if they are not hexadecimal digits.
  fileprivate init?(hexadecimal text: String) {
    let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count.isMultiple(of: 2) else { return nil }
    self = []
    reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      append(UInt8(high << 4 | low))
    }
  }
}
