import Checkpoints
import OrderedCollections
import States

/// The members of an `adapter_config.json`, which are taken one by one.
struct LoRAMembers {
  private var members: OrderedDictionary<String, Value> = [:]
  private let file: String

  /// What changes nothing about what an adapter computes once it is trained: where it is from, how it
  /// began, and options of what is switched off.
  private static let passedOver: Set = [
    "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "inference_mode",
    "loftq_config", "lora_ga_config", "megatron_core", "peft_version", "qalora_group_size",
    "revision",
    "runtime_config", "task_type",
  ]
  /// What would change it, and is only supported as it is by default.
  private static let fixed: Set = [
    "alora_invocation_tokens", "arrow_config", "ensure_weight_tying", "kasa_config",
    "layer_replication", "lora_bias", "megatron_config", "monteclora_config", "target_parameters",
    "trainable_token_indices", "use_bdlora", "use_dora", "use_qalora", "velora_config",
  ]
  /// Ways to begin that leave the model as it is. All others change its weights too.
  private static let initializations = ["gaussian", "eva", "orthogonal"]

  /// The most names of layers, and the most expressions or modules that are saved as a whole.
  private static let (maximumRuleCount, maximumExpressionCount) = (10_000, 200)

  /// - Throws: `CheckpointError` if the configuration is no object.
  init(_ value: Value, file: String) throws(CheckpointError) {
    self.file = file
    guard let dictionary = value.dictionary else {
      throw error(.damaged, "the configuration is no object")
    }
    for (key, value) in dictionary { members[key.text] = value }
  }

  func error(_ code: CheckpointError.Code, _ reason: String) -> CheckpointError {
    CheckpointError(code, file: file, place: "adapter_config.json", reason: reason)
  }

  private func isNot(_ name: String, _ value: Value, _ kind: String) -> CheckpointError {
    error(.damaged, "\(name) is \(Self.text(value)), which is not \(kind)")
  }

  private static func text(_ value: Value) -> String {
    let text = value.json()
    return text.count <= 80 ? text : "\(text.prefix(80))…"
  }

  private mutating func take(_ name: String) -> Value? {
    guard let value = members.removeValue(forKey: name), value != Value.none else { return nil }
    return value
  }

  /// - Throws: `CheckpointError` if it is no adapter of LoRA.
  mutating func checkType() throws(CheckpointError) {
    guard let type = take("peft_type") else {
      throw error(.damaged, "the configuration does not say its \"peft_type\"")
    }
    guard type == .string("LORA") else {
      throw error(
        .unsupported, "peft_type is \(Self.text(type)), which is not supported; \"LORA\" is")
    }
  }

  func rank(_ name: String, _ value: Value) throws(CheckpointError) -> Int {
    guard let rank = value.intValue, (1...1 << 30).contains(rank) else {
      throw isNot(name, value, "a rank")
    }
    return rank
  }

  mutating func rank(_ name: String, default rank: Int) throws(CheckpointError) -> Int {
    guard let value = take(name) else { return rank }
    return try self.rank(name, value)
  }

  func number(_ name: String, _ value: Value) throws(CheckpointError) -> Double {
    guard let number = value.doubleValue, number.isFinite else {
      throw isNot(name, value, "a number")
    }
    return number
  }

  mutating func number(_ name: String, default number: Double) throws(CheckpointError) -> Double {
    guard let value = take(name) else { return number }
    return try self.number(name, value)
  }

  mutating func probability(_ name: String) throws(CheckpointError) -> Double {
    guard let value = take(name) else { return 0 }
    guard let number = value.doubleValue, (0...1).contains(number) else {
      throw isNot(name, value, "a probability")
    }
    return number
  }

  mutating func flag(_ name: String) throws(CheckpointError) -> Bool {
    guard let value = take(name) else { return false }
    guard let flag = value.boolValue else { throw isNot(name, value, "true or false") }
    return flag
  }

  mutating func bias() throws(CheckpointError) -> LoRAConfiguration.Bias {
    guard let value = take("bias") else { return .none }
    guard let bias = value.stringValue.flatMap(LoRAConfiguration.Bias.init) else {
      let known = LoRAConfiguration.Bias.allCases.map { "\"\($0.rawValue)\"" }
      throw error(
        .unsupported,
        "bias is \(Self.text(value)), which is not supported; \(known.joined(separator: ", ")) are")
    }
    return bias
  }

  /// Every key of the model is held against every name.
  private func checkCount(of value: Value, _ name: String) throws(CheckpointError) {
    let limit = name == "modules_to_save" ? Self.maximumExpressionCount : Self.maximumRuleCount
    guard let count = value.elements?.count, count > limit else { return }
    throw error(.refused, "\(name) has \(count) elements, and more than \(limit) are not taken")
  }

  /// A list of texts, or one text.
  mutating func texts(_ name: String) throws(CheckpointError) -> [String]? {
    guard let value = take(name) else { return nil }
    if let text = value.stringValue { return [text] }
    return try texts(name, value)
  }

  private func texts(_ name: String, _ value: Value) throws(CheckpointError) -> [String] {
    try checkCount(of: value, name)
    guard let elements = value.elements, case let texts = elements.compactMap(\.stringValue),
      texts.count == elements.count
    else { throw isNot(name, value, "a list of names") }
    return texts
  }

  mutating func modules(_ name: String) throws(CheckpointError) -> LoRAConfiguration.Modules? {
    guard let value = take(name) else { return nil }
    if let text = value.stringValue { return .expression(text) }
    return .names(try texts(name, value))
  }

  /// A list of numbers, or one number; nil for an empty list, which PEFT takes as none.
  mutating func numbers(_ name: String) throws(CheckpointError) -> [Int]? {
    guard let value = take(name) else { return nil }
    if let number = value.intValue { return [number] }
    try checkCount(of: value, name)
    guard let elements = value.elements, case let numbers = elements.compactMap(\.intValue),
      numbers.count == elements.count
    else { throw isNot(name, value, "a list of numbers") }
    return numbers.isEmpty ? nil : numbers
  }

  /// Values by expressions.
  mutating func pattern<Element>(
    _ name: String,
    _ read: (LoRAMembers, String, Value) throws(CheckpointError) -> Element
  ) throws(CheckpointError) -> OrderedDictionary<String, Element> {
    guard let value = take(name) else { return [:] }
    guard let dictionary = value.dictionary else { throw isNot(name, value, "an object") }
    var result: OrderedDictionary<String, Element> = [:]
    for (key, value) in dictionary {
      result[key.text] = try read(self, "\(name) of \"\(key.text)\"", value)
    }
    return result
  }

  /// The values of a pattern with their expressions, in its order.
  ///
  /// - Throws: `CheckpointError` for an expression that is not supported, or more than a model has use for.
  func rules<Element>(
    _ pattern: OrderedDictionary<String, Element>, _ name: String
  ) throws(CheckpointError) -> [(ending: KeyEnding, value: Element)] {
    guard pattern.count <= Self.maximumRuleCount else {
      throw error(.refused, "\(name) has \(pattern.count) members")
    }
    var rules: [(ending: KeyEnding, value: Element)] = []
    for (source, value) in pattern {
      do throws(KeyExpression.Problem) {
        rules.append((try KeyEnding(source), value))
      } catch {
        throw self.error(.unsupported, "the expression \"\(source)\" of \(name) \(error.reason)")
      }
    }
    guard rules.count(where: { !$0.ending.isName }) <= Self.maximumExpressionCount else {
      throw error(.refused, "\(name) has more than \(Self.maximumExpressionCount) expressions")
    }
    return rules
  }

  /// What is left, and changes nothing.
  ///
  /// - Throws: `CheckpointError` if something is left that changes what the adapter computes, or may.
  mutating func rest() throws(CheckpointError) -> [String] {
    if let value = take("init_lora_weights") {
      let name = value.stringValue
      guard value.boolValue != nil || name.map(Self.initializations.contains) == true else {
        throw error(
          .unsupported,
          "init_lora_weights is \(Self.text(value)), which is not supported: the weights of the model "
            + "are then others too")
      }
    }
    for (name, value) in members where !Self.passedOver.contains(name) {
      guard !value.isNothing else { continue }
      if Self.fixed.contains(name) {
        guard value != .bool(false) else { continue }
        throw error(.unsupported, "\(name) is \(Self.text(value)), which is not supported")
      }
      throw error(
        .unsupported,
        "\(name) is \(Self.text(value)), and nothing is known of such a member: it may change what the "
          + "adapter computes")
    }
    return Array(members.keys)
  }
}

extension Value {
  /// Whether it is as good as not being there.
  fileprivate var isNothing: Bool {
    switch self {
    case .none: true
    case .list(let elements): elements.isEmpty
    case .dict(let members): members.isEmpty
    default: false
    }
  }
}
