import Arrays
import Checkpoints
import Files
import Interchange
import OrderedCollections
import PyTorchFiles
import States

/// Writes what was read from a file as text, a line per fact, to be compared with what the
/// generator of the fixtures wrote from the objects themselves.
enum Dump {
  static func lines(_ result: ReadResult, container: PyTorchFile.Container) -> [String] {
    let tensors = result.checkpoint.state.entries.map { key, entry in
      let role = entry.role?.rawValue ?? "unknown"
      let rule = result.roleRules[key].map { "\($0)" } ?? "none"
      return "tensor \(quote(key)) \(role) \(rule) \(text(entry.array))"
    }
    return ["container \(container.rawValue)"] + tensors + otherLines(result.checkpoint)
  }

  /// The same of a checkpoint from any format.
  static func lines(_ checkpoint: Checkpoint) -> [String] {
    let tensors = checkpoint.state.entries.map { key, entry in
      "tensor \(quote(key)) \(entry.role?.rawValue ?? "unknown") \(text(entry.array))"
    }
    return tensors + otherLines(checkpoint)
      + [checkpoint.architecture.map { "architecture \(text($0))" } ?? "no architecture"]
  }

  private static func otherLines(_ checkpoint: Checkpoint) -> [String] {
    var lines = checkpoint.state.ties.map { "tie \(quote($0.key)) \(quote($0.original))" }
    lines += checkpoint.state.moduleVersions.map { "version \(quote($0)) \($1)" }
    if let optimizer = checkpoint.optimizer {
      lines.append("optimizer \(optimizer.type ?? "unknown") \(optimizer.naming.rawValue)")
      for group in optimizer.groups {
        let names = group.parameters.map(quote).joined(separator: ", ")
        lines.append("group [\(names)] \(text(dictionary(group.options)))")
      }
      for (key, slots) in optimizer.state {
        lines.append("slots \(quote(key)) \(text(dictionary(slots)))")
      }
    }
    lines += checkpoint.metadata.map { "meta \(quote($0)) \(text($1))" }
    lines += checkpoint.origin.entries.map { "origin \(quote($0)) \(text($1))" }
    return lines
  }

  private static func dictionary(_ values: OrderedDictionary<String, Value>) -> Value {
    .dict(OrderedDictionary(uniqueKeysWithValues: values.map { (.string($0), $1) }))
  }

  static func quote(_ text: String) -> String {
    let body = text.unicodeScalars.map { scalar in
      let isPlain = (0x20...0x7E).contains(scalar.value) && scalar != "\"" && scalar != "\\"
      return isPlain
        ? String(scalar) : "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    }
    return "\"" + body.joined() + "\""
  }

  static func text(_ array: NDArray) -> String {
    "\(array.dtype) \(array.shape) " + array.withContiguousBytes { hex([UInt8](copying: $0)) }
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private static func bits(_ number: Double) -> String {
    withUnsafeBytes(of: number.bitPattern.bigEndian) { hex($0) }
  }

  static func text(_ value: Value) -> String {
    switch value {
    case .none: "none"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): "int \(value)"
    case .bigInt(let digits): "int \(digits)"
    case .float(let value): "float \(bits(value))"
    case .complex(let real, let imaginary): "complex \(bits(real))\(bits(imaginary))"
    case .string(let string): quote(string)
    case .bytes(let bytes): "bytes \(hex(bytes))"
    case .list(let values): "[" + values.map(text).joined(separator: ", ") + "]"
    case .tuple(let values): "(" + values.map(text).joined(separator: ", ") + ")"
    case .dict(let values):
      "{" + values.map { "\(text(key: $0)): \(text($1))" }.joined(separator: ", ") + "}"
    case .tensor(let array): "tensor \(text(array))"
    case .object(let type, let state): "<\(type) \(text(state))>"
    case .model, .optimizer: "<a part> \(text(value.content ?? .none))"
    }
  }

  private static func text(key: Value.Key) -> String {
    switch key {
    case .string(let string): quote(string)
    case .int(let value): "int \(value)"
    case .float(let value): "float \(bits(value))"
    case .bool(let value): value ? "true" : "false"
    case .none: "none"
    case .tuple(let keys): "(" + keys.map(text(key:)).joined(separator: ", ") + ")"
    }
  }
}
