import OrderedCollections
import States

/// Writes the parts of a checkpoint that are not tensors as values that JSON can hold.
package struct OutlineEncoder {
  package let file: String
  /// The names of the tensors within values, in the order in which they are met.
  package var tensorNames: ArraySlice<String>

  package typealias Members = OrderedDictionary<Value.Key, Value>

  /// The whole outline.
  ///
  /// - Parameters:
  ///   - names: The names of all tensors, those of the model first.
  ///   - stored: What else is known of names.
  package mutating func encode(
    _ checkpoint: Checkpoint, names: [String], stored: [Value]
  ) throws(CheckpointError) -> Value {
    var outline: Members = [.string(CheckpointOutline.versionKey): .int(CheckpointOutline.version)]
    outline["tensors"] = .list(
      zip(checkpoint.state.entries, names).map { entry, name in
        Self.row(entry.key, entry.value.role, name)
      })
    if !stored.isEmpty { outline["stored"] = .list(stored) }
    if !checkpoint.state.moduleVersions.isEmpty {
      outline["module_versions"] = Self.versions(of: checkpoint.state)
    }
    if let optimizer = checkpoint.optimizer { outline["optimizer"] = try encode(optimizer) }
    if !checkpoint.metadata.isEmpty {
      outline["metadata"] = try encodeMembers(checkpoint.metadata, "metadata")
    }
    if let architecture = checkpoint.architecture {
      outline["architecture"] = try encode(architecture, "architecture")
    }
    if checkpoint.needsOrigin {
      outline["origin"] = try encodeMembers(checkpoint.origin.entries, "origin")
    }
    return .dict(outline)
  }

  /// What is said of a tensor of a model.
  private static func row(_ key: String, _ role: StateDict.Role?, _ name: String) -> Value {
    var row: Members = ["key": .string(key)]
    if let role { row["role"] = .string(role.rawValue) }
    if name != key { row["name"] = .string(name) }
    return .dict(row)
  }

  private static func versions(of state: StateDict) -> Value {
    .dict(
      Members(
        uniqueKeysWithValues: state.moduleVersions.map { (.string($0.key), .int($0.value)) }))
  }

  private mutating func encode(
    _ optimizer: OptimizerState, depth: Int = 0
  ) throws(CheckpointError) -> Value {
    var members: Members = [:]
    if let type = optimizer.type { members["type"] = .string(type) }
    members["naming"] = .string(optimizer.naming.rawValue)
    var state: [Value] = []
    for (parameter, slots) in optimizer.state {
      state.append([
        "parameter": .string(parameter),
        "slots": try encodeMembers(slots, "optimizer state", depth: depth),
      ])
    }
    members["state"] = .list(state)
    var groups: [Value] = []
    for group in optimizer.groups {
      groups.append([
        "options": try encodeMembers(group.options, "optimizer options", depth: depth),
        "parameters": .list(group.parameters.map(Value.string)),
      ])
    }
    members["groups"] = .list(groups)
    return .dict(members)
  }

  private mutating func encodeMembers(
    _ values: OrderedDictionary<String, Value>, _ place: String, depth: Int = 0
  ) throws(CheckpointError) -> Value {
    var members: Members = [:]
    for (name, value) in values { members[.string(name)] = try encode(value, place, depth: depth) }
    return .dict(members)
  }

  /// A value in the form that says its type.
  private mutating func encode(
    _ value: Value, _ place: String, depth: Int = 0
  ) throws(CheckpointError) -> Value {
    guard depth <= CheckpointOutline.maximumDepth else {
      throw CheckpointError(
        .unsupported, file: file, place: place,
        reason: "values are nested more than \(CheckpointOutline.maximumDepth) deep")
    }
    switch value {
    case .none, .bool, .int, .string: return value
    case .float(let number): return Self.encode(number)
    case .bigInt(let digits): return ["bigint": .string(digits)]
    case .complex(let real, let imaginary):
      return ["complex": [Self.encode(real), Self.encode(imaginary)]]
    case .bytes(let bytes): return ["bytes": .string(bytes.hexadecimal)]
    case .tensor: return ["tensor": .string(tensorNames.removeFirst())]
    case .list(let elements): return .list(try encode(elements, place, depth))
    case .tuple(let elements): return ["tuple": .list(try encode(elements, place, depth))]
    case .object(let type, let state):
      return ["object": .string(type), "state": try encode(state, place, depth: depth + 1)]
    case .model(let state):
      var rows: [Value] = []
      for (key, entry) in state.entries {
        rows.append(Self.row(key, entry.role, tensorNames.removeFirst()))
      }
      return ["model": .list(rows), "module_versions": Self.versions(of: state)]
    case .optimizer(let optimizer): return ["optimizer": try encode(optimizer, depth: depth + 1)]
    case .dict(let members):
      var values: [Value] = []
      for member in members.values { values.append(try encode(member, place, depth: depth + 1)) }
      let areTexts = members.keys.allSatisfy { if case .string = $0 { true } else { false } }
      if areTexts {
        return ["dict": .dict(Members(uniqueKeysWithValues: zip(members.keys, values)))]
      }
      return ["pairs": .list(zip(members.keys, values).map { [Self.encode($0), $1] })]
    }
  }

  private mutating func encode(
    _ elements: [Value], _ place: String, _ depth: Int
  ) throws(CheckpointError) -> [Value] {
    var encoded: [Value] = []
    for element in elements { encoded.append(try encode(element, place, depth: depth + 1)) }
    return encoded
  }

  /// JSON has no infinities and no NaN, whose bits are kept.
  private static func encode(_ number: Double) -> Value {
    number.isFinite
      ? .float(number) : ["float": .string(String(number.bitPattern, radix: 16))]
  }

  private static func encode(_ key: Value.Key) -> Value {
    switch key {
    case .string(let text): .string(text)
    case .int(let number): .int(number)
    case .float(let number): encode(number)
    case .bool(let truth): .bool(truth)
    case .none: Value.none
    case .tuple(let parts): ["tuple": .list(parts.map(encode))]
    }
  }
}

extension [UInt8] {
  /// Two hexadecimal digits for each byte.
  fileprivate var hexadecimal: String {
    let digits = Array<UInt8>("0123456789abcdef".utf8)
    return String(
      decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
