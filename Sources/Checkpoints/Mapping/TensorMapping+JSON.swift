import Arrays
import OrderedCollections
import States

extension TensorMapping {
  /// The version of the file that is written, and the only one that is read: the number under
  /// `ballast_mapping`.
  public static let version = 1

  /// The mapping in a JSON text. <doc:Mapping> describes the members.
  ///
  /// - Parameter json: The bytes of the text, in UTF-8.
  /// - Throws: `JSONError` if it is no JSON; ``MappingError`` if it is no mapping, with the number
  ///   of the rule if one is at fault: it lacks a member or has one of the wrong type, is of
  ///   another version, or cannot be used on any checkpoint. An unknown member is an error too,
  ///   since it is likely a misspelt one.
  public init(json: some Sequence<UInt8>) throws {
    let value = try Value(json: json)
    guard let members = value.dictionary else {
      throw MappingError("it is no JSON object", advice: Self.formAdvice)
    }
    if let name = members.keys.first(where: { !Self.members.contains($0.text) }) {
      throw MappingError("'\(name.text)' is no member of it", advice: Self.formAdvice)
    }
    guard let version = value[Self.versionMember]?.intValue else {
      throw MappingError("it does not say '\(Self.versionMember)'", advice: Self.formAdvice)
    }
    guard version == Self.version else {
      throw MappingError("it is of version \(version), and only \(Self.version) is known")
    }
    guard case .list(let list)? = value["rules"] else {
      throw MappingError("'rules' is no list", advice: Self.formAdvice)
    }
    let summary = value["summary"]
    guard summary == nil || summary?.stringValue != nil else {
      throw MappingError("'summary' is no text")
    }
    let headSize = value["head_size"]
    guard headSize == nil || headSize?.intValue != nil else {
      throw MappingError("'head_size' is no integer")
    }
    var rules: [Rule] = []
    for (index, rule) in list.enumerated() {
      do throws(RuleFailure) {
        rules.append(try Rule(rule))
      } catch {
        throw MappingError(rule: index + 1, error.reason, advice: error.advice)
      }
    }
    try self.init(rules: rules, summary: summary?.stringValue, headSize: headSize?.intValue)
  }

  /// The mapping in a JSON text.
  ///
  /// ```swift
  /// let mapping = try TensorMapping(
  ///   json: #"{"ballast_mapping": 1, "rules": [{"transpose": "\\.c_fc\\.weight$"}]}"#)
  /// ```
  ///
  /// - Throws: As for the bytes of a text.
  public init(json: String) throws { try self.init(json: Array(json.utf8)) }

  private static let versionMember = "ballast_mapping"
  private static let members = [versionMember, "summary", "head_size", "rules"]
  private static let formAdvice =
    #"A mapping is {"ballast_mapping": 1, "rules": [{"rename": "…", "to": "…"}, …]}."#

  /// The mapping as what its file holds: `mapping.value.json(pretty: true)` is the text of one.
  ///
  /// Members that a rule leaves out (`inverse`, `from`, `sizes`) are absent, not null.
  public var value: Value {
    var members: OrderedDictionary<Value.Key, Value> = [.string(Self.versionMember): .int(1)]
    if let summary { members["summary"] = .string(summary) }
    if let headSize { members["head_size"] = .int(headSize) }
    members["rules"] = .list(rules.map(\.value))
    return .dict(members)
  }
}

extension TensorMapping.Rule {
  /// The member that makes an object a rule of a kind, and the others that it may have beside it.
  private static let members: OrderedDictionary<String, [String]> = [
    "rename": ["to", "inverse"], "permute": ["axes"], "transpose": [],
    "interleave": ["rows"], "reshape": ["shape", "from"], "cast": ["dtype", "from"],
    "split": ["axis", "into", "sizes"],
    "concatenate": ["axis", "into", "sizes"],
  ]

  /// The rule that a JSON object describes. Whether it can be used is not checked here: see
  /// `validate()`.
  ///
  /// - Throws: ``RuleFailure`` if the object has not exactly one member that says what to do, or a
  ///   member that this kind of rule does not have, or one of another type.
  fileprivate init(_ value: Value) throws(RuleFailure) {
    guard let dictionary = value.dictionary else { throw RuleFailure("it is no JSON object") }
    let names = dictionary.keys.map(\.text)
    let kinds = names.filter { Self.members[$0] != nil }
    guard kinds.count == 1 else {
      throw RuleFailure(
        kinds.isEmpty ? "it does not say what to do" : "it says '\(kinds[0])' and '\(kinds[1])'",
        advice: "A rule has one of: \(Self.members.keys.joined(separator: ", ")).")
    }
    let known = [kinds[0]] + (Self.members[kinds[0]] ?? [])
    if let unknown = names.first(where: { !known.contains($0) }) {
      let quoted = known.map { "'\($0)'" }.joined(separator: ", ")
      throw RuleFailure("'\(unknown)' is not known here", advice: "It may have \(quoted).")
    }
    let rule = RuleReader(value)
    switch kinds[0] {
    case "rename":
      self = .rename(
        pattern: try rule.text("rename"), to: try rule.text("to"),
        inverse: try rule.optional("inverse") { inverse throws(RuleFailure) in
          let inverse = RuleReader(inverse)
          return TensorMapping.Renaming(
            pattern: try inverse.text("rename"), to: try inverse.text("to"))
        })
    case "permute":
      self = .permute(pattern: try rule.text("permute"), axes: try rule.integers("axes"))
    case "transpose": self = .transpose(pattern: try rule.text("transpose"))
    case "interleave":
      self = .interleave(
        pattern: try rule.text("interleave"), rows: try rule.integers("rows"))
    case "reshape":
      self = .reshape(
        pattern: try rule.text("reshape"), shape: try rule.integers("shape"),
        from: try rule.optionalIntegers("from"))
    case "cast":
      self = .cast(
        pattern: try rule.text("cast"), dtype: try rule.dtype("dtype"),
        from: try rule.optional("from") { (_) throws(RuleFailure) in try rule.dtype("from") })
    case "split":
      self = .split(
        pattern: try rule.text("split"), axis: try rule.integer("axis"),
        names: try rule.texts("into"), sizes: try rule.optionalIntegers("sizes"))
    default:
      self = .concatenate(
        patterns: try rule.texts("concatenate"), axis: try rule.integer("axis"),
        name: try rule.text("into"), sizes: try rule.optionalIntegers("sizes"))
    }
  }

  /// The rule as what a file holds, with the members in the order of <doc:Mapping>.
  fileprivate var value: Value {
    var members: OrderedDictionary<Value.Key, Value>
    func list(_ numbers: [Int]) -> Value { .list(numbers.map { .int($0) }) }
    switch self {
    case .rename(let pattern, let to, let inverse):
      members = ["rename": .string(pattern), "to": .string(to)]
      if let inverse {
        members["inverse"] = ["rename": .string(inverse.pattern), "to": .string(inverse.to)]
      }
    case .permute(let pattern, let axes):
      members = ["permute": .string(pattern), "axes": list(axes)]
    case .transpose(let pattern): members = ["transpose": .string(pattern)]
    case .interleave(let pattern, let rows):
      members = ["interleave": .string(pattern), "rows": list(rows)]
    case .reshape(let pattern, let shape, let from):
      members = ["reshape": .string(pattern), "shape": list(shape)]
      if let from { members["from"] = list(from) }
    case .cast(let pattern, let dtype, let from):
      members = ["cast": .string(pattern), "dtype": .string(dtype.rawValue)]
      if let from { members["from"] = .string(from.rawValue) }
    case .split(let pattern, let axis, let names, let sizes):
      members = [
        "split": .string(pattern), "axis": .int(axis), "into": .list(names.map { .string($0) }),
      ]
      if let sizes { members["sizes"] = list(sizes) }
    case .concatenate(let patterns, let axis, let name, let sizes):
      members = [
        "concatenate": .list(patterns.map { .string($0) }), "axis": .int(axis),
        "into": .string(name),
      ]
      if let sizes { members["sizes"] = list(sizes) }
    }
    return .dict(members)
  }
}

/// The members of a rule's object, by type.
///
/// Each of these functions throws ``RuleFailure`` if the member is missing or of another type.
/// Those for optional members return nil if it is missing.
private struct RuleReader {
  let value: Value

  init(_ value: Value) { self.value = value }

  func text(_ name: String) throws(RuleFailure) -> String {
    guard let text = value[name]?.stringValue else { throw misfit(name, "a text") }
    return text
  }

  func texts(_ name: String) throws(RuleFailure) -> [String] {
    guard case .list(let elements)? = value[name] else { throw misfit(name, "a list of texts") }
    let texts = elements.compactMap(\.stringValue)
    guard texts.count == elements.count else { throw misfit(name, "a list of texts") }
    return texts
  }

  func integer(_ name: String) throws(RuleFailure) -> Int {
    guard let number = value[name]?.intValue else { throw misfit(name, "an integer") }
    return number
  }

  func integers(_ name: String) throws(RuleFailure) -> [Int] {
    guard case .list(let elements)? = value[name] else { throw misfit(name, "a list of integers") }
    let integers = elements.compactMap(\.intValue)
    guard integers.count == elements.count else { throw misfit(name, "a list of integers") }
    return integers
  }

  func optionalIntegers(_ name: String) throws(RuleFailure) -> [Int]? {
    value[name] == nil ? nil : try integers(name)
  }

  /// An element type by its name in Ballast's files: `bfloat16`.
  func dtype(_ name: String) throws(RuleFailure) -> DType {
    guard let dtype = DType(rawValue: try text(name)) else {
      throw misfit(name, "one of \(DType.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return dtype
  }

  func optional<R>(
    _ name: String, _ read: (Value) throws(RuleFailure) -> R
  ) throws(RuleFailure) -> R? {
    guard let member = value[name] else { return nil }
    return try read(member)
  }

  /// The failure of a member that is missing or is not what it has to be.
  ///
  /// - Parameter expected: What it has to be, with its article.
  private func misfit(_ name: String, _ expected: String) -> RuleFailure {
    RuleFailure(
      value[name] == nil ? "'\(name)' is missing" : "'\(name)' is not \(expected)",
      advice: value[name] == nil ? "It has to be \(expected)." : nil)
  }
}
