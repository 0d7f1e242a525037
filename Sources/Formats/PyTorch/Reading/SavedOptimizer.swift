import Arrays
import Checkpoints
import OrderedCollections
import States

/// An optimizer's state as PyTorch saves it: by numbers, in order over the groups.
struct SavedOptimizer {
  /// The parameters of each group, as positions over all groups.
  private(set) var groups: [[Int]] = []
  /// What stands for each parameter in the file: a number, or a name.
  private(set) var parameterKeys: [PickleValue] = []
  /// The names of the parameters, if the file gives them.
  private(set) var names: [String]?
  /// The shape of each parameter, where the state shows it.
  private(set) var shapes: [Shape?] = []
  /// The names that groups give in `param_names`, in order.
  private(set) var givenNames: [String] = []
  /// The texts that stand for the parameters, if all of them are texts.
  private(set) var givenKeys: [String] = []
  /// What the dictionary has beside state and groups.
  private(set) var extras: OrderedDictionary<Value.Key, Value> = [:]
  /// What of the dictionary has no place.
  private(set) var losses: [ConversionLoss] = []

  private var options: [OrderedDictionary<String, Value>] = []
  private var slots: OrderedDictionary<Int, OptimizerState.Slots> = [:]

  /// What it is called in losses.
  private let place: String
  private let file: String

  init(
    _ dict: PickleDict, file: String, converter: ValueConverter, place: String = "optimizer"
  ) throws(CheckpointError) {
    self.place = place
    self.file = file
    func damaged(_ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file, place: place, reason: reason)
    }
    guard case .list(let groupList)? = dict["param_groups"], let state = dict["state"]?.dict else {
      throw damaged("it has no groups or no state")
    }
    var positions: [String: Int] = [:]
    var names: [String] = []
    for group in groupList.elements {
      guard let group = group.dict, let parameters = group["params"]?.elements else {
        throw damaged("a group has no parameters")
      }
      var members: [Int] = []
      for key in parameters {
        let position = positions.count
        guard positions.updateValue(position, forKey: Self.identity(key)) == nil else {
          throw damaged("parameter \(key.description) is in it twice")
        }
        members.append(position)
        parameterKeys.append(key)
      }
      groups.append(members)
      if let given = group["param_names"]?.elements?.compactMap(\.stringValue) { names += given }
      let made = try makeOptions(of: group, converter)
      options.append(made)
      reportClass(of: group, "param_groups[\(groups.count - 1)]")
    }
    shapes = Array(repeating: nil, count: positions.count)
    for (key, value) in zip(state.keys, state.values) {
      guard let position = positions[Self.identity(key)] else {
        losses.append(
          ConversionLoss(
            .optimizerDropped, key.description,
            "the optimizer's state of it was left out: no group has it"))
        continue
      }
      guard let values = value.dict else {
        throw damaged("the state of a parameter is \(value.kind)")
      }
      let place = "\(self.place).state.\(key.description)"
      reportClass(of: values, "state.\(key.description)")
      let made = try makeSlots(values, converter, place: place)
      slots[position] = made
      shapes[position] = try Self.shape(values, damaged)
    }
    if !names.isEmpty && names.count != parameterKeys.count {
      losses.append(
        ConversionLoss(
          .optimizerDropped, nil,
          "param_names were left out: \(names.count) texts for \(parameterKeys.count) parameters"))
      names = []
    }
    givenNames = names
    try takeExtras(of: dict, converter)
    let texts = parameterKeys.compactMap(\.stringValue)
    if texts.count == parameterKeys.count {
      givenKeys = texts
      if !texts.isEmpty { names = texts }
    } else if !texts.isEmpty {
      losses.append(
        ConversionLoss(
          .keyChanged, place, "some of its parameters have names, and become numbers",
          saysAll: false))
    }
    if names.count == parameterKeys.count, Set(names).count == names.count, !names.isEmpty {
      self.names = names
    }
  }

  /// Takes other names for the parameters, if there are as many.
  mutating func rename(_ names: [String]) {
    guard names.count == parameterKeys.count, Set(names).count == names.count else { return }
    self.names = names
  }

  private static func identity(_ key: PickleValue) -> String {
    if case .string(let text) = key { return "\"" + text }
    return key.description
  }

  private mutating func takeExtras(
    of dict: PickleDict, _ converter: ValueConverter
  ) throws(CheckpointError) {
    reportClass(of: dict, nil)
    if let state = dict["state"]?.dict { reportClass(of: state, "state") }
    for (key, value) in zip(dict.keys, dict.values) {
      let name = key.description
      guard name != "state", name != "param_groups" else { continue }
      guard let key = ValueConverter.key(key) else {
        losses.append(
          ConversionLoss(.optimizerDropped, name, "it was left out: its key is \(key.kind)"))
        continue
      }
      extras[key] = try converter.convert(value, place: "\(place).\(name)")
    }
  }

  /// Reports what becomes of a dictionary's class and attributes.
  private mutating func reportClass(of dict: PickleDict, _ name: String?) {
    let place = name.map { "\(self.place).\($0)" } ?? self.place
    losses += dict.losses(at: place, besides: [])
    if let type = dict.typeName {
      losses.append(
        ConversionLoss(
          .classChanged, place, "a dictionary of class \(type) became a plain one"))
    }
  }

  /// The text that a key becomes.
  private mutating func name(of key: PickleValue, _ place: String) -> String {
    if key.stringValue == nil {
      losses.append(
        ConversionLoss(
          .keyChanged, "\(place).\(key.description)",
          "its key was \(key.kind), and is a text now"))
    }
    return key.description
  }

  private mutating func makeOptions(
    of group: PickleDict, _ converter: ValueConverter
  ) throws(CheckpointError) -> OrderedDictionary<String, Value> {
    var options: OrderedDictionary<String, Value> = [:]
    for (key, value) in zip(group.keys, group.values) {
      let place = "\(self.place).param_groups[\(groups.count - 1)]"
      let name = name(of: key, place)
      guard name != "params", name != "param_names" else { continue }
      try requireRead(value, "\(place).\(name)")
      options[name] = try converter.convert(value, place: "\(place).\(name)")
    }
    return options
  }

  private mutating func makeSlots(
    _ values: PickleDict, _ converter: ValueConverter, place: String
  ) throws(CheckpointError) -> OptimizerState.Slots {
    var slots: OptimizerState.Slots = [:]
    for (key, value) in zip(values.keys, values.values) {
      let name = name(of: key, place)
      try requireRead(value, "\(place).\(name)")
      slots[name] = try converter.convert(value, place: "\(place).\(name)")
    }
    return slots
  }

  /// Refuses a tensor that is not read: without it a training would go on otherwise, without a word.
  private func requireRead(_ value: PickleValue, _ place: String) throws(CheckpointError) {
    var search = UnreadSearch()
    if let unread = search.first(in: value) { throw unread.error(file: file, place: place) }
  }

  private static func shape(
    _ slots: PickleDict, _ damaged: (String) -> CheckpointError
  ) throws(CheckpointError) -> Shape? {
    var found: Shape?
    for name in OptimizerState.shapedSlots {
      guard case .tensor(let tensor)? = slots[name] else { continue }
      guard let shape = Shape(validating: tensor.shape) else {
        throw damaged("a tensor has an impossible shape")
      }
      // Slots of other optimizers may have these names and another form: then nothing is known.
      if let found, found != shape { return nil }
      found = shape
    }
    return found
  }

  /// The state with its parameters under these names, or under their positions.
  func state(named names: [String]?) -> OptimizerState {
    let labels = names ?? parameterKeys.indices.map { String($0) }
    var state: OrderedDictionary<String, OptimizerState.Slots> = [:]
    for (position, values) in slots { state[labels[position]] = values }
    let groups = zip(groups, options).map { members, options in
      OptimizerState.Group(options: options, parameters: members.map { labels[$0] })
    }
    return OptimizerState(
      type: type, naming: names == nil ? .positions : .keys, state: state, groups: groups)
  }

  /// The optimizer's class, if it is known.
  private var type: String? {
    OptimizerState.type(options: options.first, slotNames: Set(slots.values.flatMap(\.keys)))
  }
}

extension OptimizerState {
  /// The class of an optimizer, recognised by the options that only it has.
  ///
  /// - Parameters:
  ///   - options: Those of its first group.
  ///   - slotNames: The names of what it keeps for parameters.
  package static func type(
    options: OrderedDictionary<String, Value>?, slotNames: Set<String>
  ) -> String? {
    guard let options else { return nil }
    let names = options.keys
    func has(_ all: String...) -> Bool { all.allSatisfy(names.contains) }
    if has("betas", "momentum_decay") { return "NAdam" }
    if has("betas", "eps", "amsgrad") {
      if let isDecoupled = options["decoupled_weight_decay"]?.boolValue {
        return isDecoupled ? "AdamW" : "Adam"
      }
      // Adam and AdamW of old have the same options; without decay they are the same.
      return options["weight_decay"]?.doubleValue == 0 ? "Adam" : nil
    }
    if has("betas", "eps", "weight_decay"), slotNames.contains("exp_inf") { return "Adamax" }
    if has("betas", "eps", "decoupled_weight_decay") { return "RAdam" }
    if has("momentum", "dampening", "nesterov") { return "SGD" }
    if has("alpha", "centered", "momentum") { return "RMSprop" }
    if has("lr_decay", "initial_accumulator_value") { return "Adagrad" }
    if has("rho", "eps") && !has("alpha") { return "Adadelta" }
    if has("etas", "step_sizes") { return "Rprop" }
    if has("lambd", "alpha", "t0") { return "ASGD" }
    if has("max_iter", "history_size") { return "LBFGS" }
    return nil
  }
}
