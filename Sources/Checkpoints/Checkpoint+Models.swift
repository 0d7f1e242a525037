import OrderedCollections
import States

// Further models and optimizers are values of the metadata, wherever in it they were: `.model` and
// `.optimizer`. So their places are kept, in lists and dictionaries too.

extension Checkpoint {
  /// The models beside ``state``, by their places in the metadata: `ema`, `models.1`.
  ///
  /// To add one, put it into ``metadata``:
  ///
  /// ```swift
  /// checkpoint.metadata["ema"] = .model(average.stateDict())
  /// ```
  public var models: OrderedDictionary<String, StateDict> {
    further { if case .model(let state) = $0 { state } else { nil } }
  }

  /// The optimizers beside ``optimizer``, by their places in the metadata: `optimizers.1`.
  public var optimizers: OrderedDictionary<String, OptimizerState> {
    further { if case .optimizer(let optimizer) = $0 { optimizer } else { nil } }
  }

  private func further<Part>(_ part: (Value) -> Part?) -> OrderedDictionary<String, Part> {
    var parts: OrderedDictionary<String, Part> = [:]
    var copy = self
    copy.mapFurtherParts { value, name in
      if let found = part(value) { parts[name] = found }
      return value
    }
    return parts
  }

  /// Puts something else in the place of each further model and optimizer.
  ///
  /// - Parameter transform: What takes the place of one, of its value and its name in ``models`` or
  ///   ``optimizers``.
  package mutating func mapFurtherParts(_ transform: (Value, String) -> Value) {
    // Two places may have one name: `a.b`, and `b` in `a`.
    var counts: [String: Int] = [:]
    func mapped(_ value: Value, _ name: String) -> Value {
      switch value {
      case .model, .optimizer:
        let count = counts[name, default: 0]
        counts[name] = count + 1
        return transform(value, count == 0 ? name : "\(name)~\(count + 1)")
      case .list(let elements): return .list(mapped(elements, name))
      case .tuple(let elements): return .tuple(mapped(elements, name))
      case .dict(let members):
        var result = members
        for (key, member) in members where member.hasFurtherParts {
          result[key] = mapped(member, "\(name).\(key.text)")
        }
        return .dict(result)
      case .object(let type, let state): return .object(type: type, state: mapped(state, name))
      case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes, .tensor: return value
      }
    }
    func mapped(_ elements: [Value], _ name: String) -> [Value] {
      elements.enumerated().map { $1.hasFurtherParts ? mapped($1, "\(name).\($0)") : $1 }
    }
    for (name, value) in metadata where value.hasFurtherParts {
      metadata[name] = mapped(value, name)
    }
  }
}

extension Value {
  /// Whether it is a model or an optimizer, or has one within.
  fileprivate var hasFurtherParts: Bool {
    switch self {
    case .model, .optimizer: true
    case .list(let elements), .tuple(let elements): elements.contains(where: \.hasFurtherParts)
    case .dict(let members): members.values.contains(where: \.hasFurtherParts)
    case .object(_, let state): state.hasFurtherParts
    case .none, .bool, .int, .bigInt, .float, .complex, .string, .bytes, .tensor: false
    }
  }
}

extension StateDict {
  /// Gives each tensor that has none a role: that of the tensor of the same key and shape in a model, else
  /// the one that its type and name suggest.
  ///
  /// - Returns: The rule by which each role was found; nil where the model has it beyond a guess.
  package mutating func inferRoles(
    like model: StateDict, _ modelRules: OrderedDictionary<String, RoleRule>
  ) -> OrderedDictionary<String, RoleRule?> {
    var rules: OrderedDictionary<String, RoleRule?> = [:]
    let own = self
    for (key, entry) in own.entries where entry.role == nil {
      if let other = model.entries[key], other.array.shape == entry.array.shape,
        other.array.dtype.isIntegral == entry.array.dtype.isIntegral, let role = other.role
      {
        entries[key]?.role = role
        rules[key] = .some(modelRules[key].flatMap { $0.isGuess ? $0 : nil })
        continue
      }
      let isBuffer = RoleRule.isBufferByTypeOrName(key, entry.array.dtype) {
        own.entries[$0] != nil
      }
      entries[key]?.role = isBuffer ? .buffer : .parameter
      rules[key] = isBuffer ? .dtypeOrName : .default
    }
    return rules
  }
}

extension Value {
  /// A model's tensors, or an optimizer's state and groups, as a dictionary of PyTorch's form; nil for
  /// every other value.
  package var content: Value? {
    switch self {
    case .model(let state):
      .dict(
        OrderedDictionary(
          uniqueKeysWithValues: state.entries.map { (.string($0.key), .tensor($0.value.array)) }))
    case .optimizer(let optimizer):
      ["state": optimizer.stateValue, "param_groups": .list(optimizer.groups.map(\.value))]
    default: nil
    }
  }

  /// What a model or an optimizer says of itself beyond its ``content``.
  var facts: Value {
    switch self {
    case .model(let state):
      let roles = state.entries.map { key, entry -> (Key, Value) in
        (.string(key), entry.role.map { .string($0.rawValue) } ?? .none)
      }
      let versions = state.moduleVersions.map { (Key.string($0.key), Value.int($0.value)) }
      return [
        "roles": .dict(OrderedDictionary(uniqueKeysWithValues: roles)),
        "module versions": .dict(OrderedDictionary(uniqueKeysWithValues: versions)),
      ]
    case .optimizer(let optimizer):
      return [
        "type": optimizer.type.map(Value.string) ?? .none,
        "naming": .string(optimizer.naming.rawValue),
      ]
    default: return .none
    }
  }
}

extension OptimizerState {
  /// The slots of all parameters.
  fileprivate var stateValue: Value {
    .dict(
      OrderedDictionary(
        uniqueKeysWithValues: state.map { (.string($0.key), Self.dictionary($0.value)) }))
  }

  fileprivate static func dictionary(_ members: OrderedDictionary<String, Value>) -> Value {
    .dict(OrderedDictionary(uniqueKeysWithValues: members.map { (.string($0.key), $0.value) }))
  }

  /// An optimizer of the ``Value/content`` of one, and of what it says of itself; nil if that is of
  /// another form.
  package init?(content: Value, type: String?, naming: Naming) {
    self.init(type: type, naming: naming)
    guard let states = content["state"]?.dictionary,
      let groups = content["param_groups"]?.elements
    else { return nil }
    for (parameter, slots) in states {
      guard case .string(let name) = parameter, let slots = Self.members(slots) else { return nil }
      state[name] = slots
    }
    for group in groups {
      guard var options = Self.members(group), let names = options.removeValue(forKey: "params"),
        let parameters = names.elements?.compactMap(\.stringValue),
        parameters.count == names.elements?.count
      else { return nil }
      self.groups.append(Group(options: options, parameters: parameters))
    }
  }

  private static func members(_ value: Value) -> OrderedDictionary<String, Value>? {
    guard let dictionary = value.dictionary else { return nil }
    var members: OrderedDictionary<String, Value> = [:]
    for (key, member) in dictionary {
      guard case .string(let name) = key else { return nil }
      members[name] = member
    }
    return members
  }
}

extension OptimizerState.Group {
  /// The options, and last the names of the parameters.
  fileprivate var value: Value {
    var members = options.map { (Value.Key.string($0.key), $0.value) }
    members.append(("params", .list(parameters.map(Value.string))))
    return .dict(OrderedDictionary(members, uniquingKeysWith: { $1 }))
  }
}
