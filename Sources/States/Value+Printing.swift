import Arrays
import OrderedCollections

/// How Python writes values.
package enum PythonText {
  /// A number as `repr` writes it: `0.1`, `1e-05`, `1.0`.
  package static func float(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let text = "\(value)"
    guard let mark = text.firstIndex(of: "e") else { return text }
    var mantissa = String(text[..<mark])
    if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
    var exponent = text[text.index(after: mark)...]
    let sign = exponent.hasPrefix("-") ? "-" : "+"
    exponent = exponent.drop { $0 == "-" || $0 == "+" }
    return mantissa + "e" + sign + (exponent.count < 2 ? "0" : "") + exponent
  }

  /// A text as `repr` writes it: in single quotes unless only those are in it.
  static func string(_ text: String) -> String {
    let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where Character(scalar) == quote: result += "\\" + String(quote)
      case _ where scalar.value < 32 || scalar.value == 127: result += "\\x" + hex(scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + String(quote)
  }

  /// Bytes as `repr` writes them.
  static func bytes(_ bytes: [UInt8]) -> String {
    let hasOnlySingle = bytes.contains(0x27) && !bytes.contains(0x22)
    let quote: Character = hasOnlySingle ? "\"" : "'"
    return "b" + String(quote)
      + bytes.map { byte in
        switch byte {
        case 0x5C: "\\\\"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        case 0x27 where quote == "'": "\\'"
        case 32..<127: String(UnicodeScalar(byte))
        default: "\\x" + hex(UInt32(byte))
        }
      }.joined() + String(quote)
  }

  private static func hex(_ value: UInt32) -> String {
    (value < 16 ? "0" : "") + String(value, radix: 16)
  }

  /// A tuple as `repr` writes it.
  static func tuple(_ elements: [String]) -> String {
    "(" + elements.joined(separator: ", ") + (elements.count == 1 ? ",)" : ")")
  }

  /// A dictionary as `repr` writes it.
  static func dictionary(_ entries: [(String, String)]) -> String {
    "{" + entries.map { "\($0.0): \($0.1)" }.joined(separator: ", ") + "}"
  }
}

extension Value: CustomStringConvertible {
  /// The value as Python prints it: `{'epoch': 3, 'lr': 0.1}`.
  public var description: String {
    switch self {
    case .none: return "None"
    case .bool(let truth): return truth ? "True" : "False"
    case .int(let number): return "\(number)"
    case .bigInt(let digits): return digits
    case .float(let number): return PythonText.float(number)
    case .complex(let real, let imaginary):
      func part(_ number: Double) -> String {
        let text = PythonText.float(number)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
      }
      guard real != 0 || real.sign == .minus else { return part(imaginary) + "j" }
      let second = part(imaginary)
      return "(\(part(real))\(second.hasPrefix("-") ? "" : "+")\(second)j)"
    case .string(let text): return PythonText.string(text)
    case .bytes(let bytes): return PythonText.bytes(bytes)
    case .list(let elements):
      return "[" + elements.map(\.description).joined(separator: ", ") + "]"
    case .tuple(let elements): return PythonText.tuple(elements.map(\.description))
    case .dict(let entries):
      return PythonText.dictionary(entries.map { ($0.key.description, $0.value.description) })
    case .tensor(let array): return array.description
    case .object(let type, let state): return "<\(type): \(state)>"
    case .model(let state): return state.description
    case .optimizer(let state): return state.description
    }
  }
}

extension Value.Key: CustomStringConvertible {
  /// The key as Python prints it.
  public var description: String { Value(self).description }
}

extension StateDict: CustomStringConvertible {
  /// The state dict as PyTorch prints it with a Python before 3.12:
  /// `OrderedDict([('weight', tensor([[0.4414]])), …])`. Newer ones write `OrderedDict({'weight': …})`.
  public var description: String {
    guard !isEmpty else { return "OrderedDict()" }
    let items = entries.map { "(\(PythonText.string($0.key)), \($0.value.array))" }
    return "OrderedDict([" + items.joined(separator: ", ") + "])"
  }
}

extension StateDict: RandomAccessCollection {
  /// The position of the first key.
  public var startIndex: Int { 0 }
  /// The position after the last key.
  public var endIndex: Int { entries.count }
  /// A key and its tensor.
  ///
  /// - Parameter position: The position, in the order of the model; one that does not exist traps.
  public subscript(position: Int) -> (key: String, value: NDArray) {
    let entry = entries.elements[position]
    return (entry.key, entry.value.array)
  }

  /// The keys with their tensors, in order. Equivalent to Python's `items()`.
  public var items: [(key: String, value: NDArray)] { Array(self) }
  /// The tensors, in order. Equivalent to Python's `values()`.
  public var values: [NDArray] { entries.values.map(\.array) }
}

extension OptimizerState: CustomStringConvertible {
  /// The state as PyTorch prints it, with the names of parameters where PyTorch has numbers.
  public var description: String {
    func name(_ parameter: String) -> String {
      naming == .keys ? PythonText.string(parameter) : parameter
    }
    let slots = state.map { parameter, slots in
      (
        name(parameter),
        PythonText.dictionary(slots.map { (PythonText.string($0.key), $0.value.description) })
      )
    }
    let groups = groups.map { group in
      let options = group.options.map { (PythonText.string($0.key), $0.value.description) }
      let parameters = "[" + group.parameters.map(name).joined(separator: ", ") + "]"
      return PythonText.dictionary(options + [("'params'", parameters)])
    }
    return PythonText.dictionary([
      ("'state'", PythonText.dictionary(slots)),
      ("'param_groups'", "[" + groups.joined(separator: ", ") + "]"),
    ])
  }
}
