import OrderedCollections
import States

// Further models and optimizers are values of the metadata, wherever in it they were: `.model` and
// `.optimizer`. So their places are kept, in lists and dictionaries too.

extension Checkpoint {
  /// The models beside ``state``, by their places in the metadata, as `ReadOptions.root` takes them: `ema`,
  /// `models.1`.
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
    func visit(_ value: Value, _ name: String) {
      switch value {
      case .model, .optimizer:
        guard let found = part(value) else { return }
        var free = name
        // Two places may have one name: `a.b`, and `b` in `a`.
        while parts[free] != nil { free += "'" }
        parts[free] = found
      default: for (member, inner) in value.members { visit(inner, "\(name).\(member)") }
      }
    }
    for (name, value) in metadata { visit(value, name) }
    return parts
  }
}

extension StateDict {
  /// The role that a tensor is taken to have where nothing says it: that of the tensor of the same key and
  /// shape in a model, else by its type and name.
  ///
  /// - Returns: The role, and the rule by which it was found; nil if the model has it.
  package func inferredRole(
    of key: String, like model: StateDict
  ) -> (role: Role, rule: RoleRule?) {
    guard let entry = entries[key] else { return (.parameter, .default) }
    if let other = model.entries[key], other.array.shape == entry.array.shape, let role = other.role
    {
      return (role, nil)
    }
    let isBuffer = RoleRule.isBufferByTypeOrName(key, entry.array.dtype) { entries[$0] != nil }
    return isBuffer ? (.buffer, .dtypeOrName) : (.parameter, .default)
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
