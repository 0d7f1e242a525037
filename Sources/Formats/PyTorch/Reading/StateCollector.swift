import Checkpoints
import OrderedCollections
import States

/// Gathers the tensors of a model under the keys that PyTorch's `state_dict()` gives them.
struct StateCollector {
  /// A tensor of the model.
  struct Item {
    let key: String
    let tensor: PickleValue
    /// What the file says of it: true for a parameter, false for a buffer, nil if nothing.
    let isParameter: Bool?
    /// The network it belongs to, if there are several.
    let network: String
  }

  private(set) var items: [Item] = []
  /// Entries that are no tensors, by key.
  private(set) var extras: OrderedDictionary<String, PickleValue> = [:]
  private(set) var moduleVersions: OrderedDictionary<String, Int> = [:]
  private(set) var moduleType: String?
  /// The names before the keys of dictionaries within the one of a network.
  private(set) var dictionaries: [String] = []
  /// The classes of all dictionaries of tensors, by the names before their keys.
  private(set) var containers: OrderedDictionary<String, String> = [:]
  /// The keys of tensors that are `Parameter` objects in a dictionary.
  private(set) var parameterObjects: [String] = []
  /// The keys of those that do not require a gradient.
  private(set) var frozen: [String] = []
  /// The names that are integers in the file.
  private(set) var integerKeys: [String] = []
  /// What of the model is not among the tensors and extras.
  private(set) var losses: [ConversionLoss] = []
  /// What whole modules have beside their parameters, buffers and modules.
  private(set) var attributes = ModuleAttributes()

  private let file: String
  /// What the code of a TorchScript program says of its classes.
  private let scriptClasses: ScriptClasses?
  private var network = ""
  private var keys: [String: ExactString] = [:]
  private var path: Set<ObjectIdentifier> = []
  private var visits = 0
  private var trees = StateTrees()
  private var unreadSearch = UnreadSearch()

  private static let maximumDepth = 200
  private static let maximumCount = 200_000

  init(file: String, scriptClasses: ScriptClasses? = nil) {
    self.file = file
    self.scriptClasses = scriptClasses
  }

  /// Adds a state dict or module, its keys after `name` and a point.
  mutating func add(_ content: PickleValue, network name: String) throws(CheckpointError) {
    network = name
    let prefix = name.isEmpty ? "" : name + "."
    switch content {
    case .instance(let instance) where instance.isScriptModule:
      moduleType = moduleType ?? instance.type
      lose(
        .architectureDropped, network,
        "of the TorchScript module \(instance.type) the tensors are kept, not its code and what "
          + "else it has")
      try addScriptModule(instance, prefix, 0)
    case .instance(let instance):
      if moduleType == nil && name.isEmpty { moduleType = instance.type }
      reportModule(instance, network)
      attributes.keep(instance, network)
      try addModule(instance, prefix, 0)
    case .dict(let dict): try addDict(dict, prefix, 0)
    case .list, .tuple:
      for (index, element) in (content.elements ?? []).enumerated() {
        try add(element, prefix + String(index), isParameter: nil)
      }
    default: try add(content, "tensor", isParameter: nil)
    }
  }

  private mutating func add(
    _ tensor: PickleValue, _ key: String, isParameter: Bool?
  ) throws(CheckpointError) {
    let exact = ExactString(key)
    if let earlier = keys.updateValue(exact, forKey: key) {
      // Equal as Swift compares texts. In Python the later of two really equal keys would have
      // replaced the earlier, so these differ in how an accent is encoded, or a nested dictionary
      // and a key with a point give the same name.
      throw CheckpointError(
        .unsupported, file: file, place: key,
        reason: earlier == exact
          ? "two tensors would have this key" : "two keys differ only in how they encode an accent")
    }
    var isParameter = isParameter
    if isParameter == nil, case .tensor(let tensor) = tensor, tensor.isParameter {
      isParameter = true
      parameterObjects.append(key)
      if !tensor.requiresGradient { frozen.append(key) }
    }
    attributes.take(tensor)
    switch tensor {
    case .tensor(let tensor): losses += tensor.losses(at: key, asParameter: isParameter == true)
    case .numpyArray: lose(.classChanged, key, "an array of NumPy's became a tensor")
    default: break
    }
    items.append(Item(key: key, tensor: tensor, isParameter: isParameter, network: network))
  }

  private mutating func lose(
    _ kind: ConversionLoss.Kind, _ subject: String, _ detail: String
  ) {
    losses.append(ConversionLoss(kind, subject.isEmpty ? nil : subject, detail))
  }

  private mutating func reportModule(_ module: PickleInstance, _ name: String) {
    lose(
      .architectureDropped, name,
      "of the module of class \(module.type) the state dict is kept, not the classes and options "
        + "of its modules")
  }

  private mutating func enter(
    _ node: PickleNode, _ depth: Int, _ prefix: String
  ) throws(CheckpointError) {
    visits += 1
    guard depth < Self.maximumDepth, visits < Self.maximumCount,
      path.insert(ObjectIdentifier(node)).inserted
    else {
      throw CheckpointError(
        .refused, file: file, place: prefix.isEmpty ? nil : String(prefix.dropLast()),
        reason: "the model contains itself or is nested too deep")
    }
  }

  private mutating func addDict(
    _ dict: PickleDict, _ prefix: String, _ depth: Int
  ) throws(CheckpointError) {
    try enter(dict, depth, prefix)
    defer { path.remove(ObjectIdentifier(dict)) }
    let place = String(prefix.dropLast())
    containers[place] = dict.typeName ?? "dict"
    losses += dict.losses(at: place.isEmpty ? nil : place, besides: ["_metadata"])
    if let type = dict.typeName, type != "collections.OrderedDict" {
      lose(.classChanged, place, "a state dict of class \(type) became an OrderedDict")
    }
    addVersions(dict, prefix)
    // What PyTorch itself made has all its tensors on one level.
    let mayNest = dict.attributes?["_metadata"] == nil
    for (key, value) in zip(dict.keys, dict.values) {
      let name = prefix + key.description
      if key.intValue != nil {
        integerKeys.append(name)
      } else if key.stringValue == nil {
        lose(.keyChanged, name, "its key was \(key.kind), and is a text now")
      }
      switch value {
      case .dict(let inner)
      where mayNest && !name.hasSuffix("_extra_state") && trees.isStateTree(value):
        dictionaries.append(name)
        try addDict(inner, name + ".", depth + 1)
      case .instance(let instance) where mayNest && trees.holdsModel(value):
        reportModule(instance, name)
        attributes.keep(instance, name)
        try addModule(instance, name + ".", depth + 1)
      default:
        if value.isTensor {
          try add(value, name, isParameter: nil)
        } else if let call = value.tensorCall {
          throw call.wantsCall(file: file, place: name)
        } else if let unread = unreadSearch.first(in: value) {
          throw unread.error(file: file, place: name)
        } else if extras.updateValue(value, forKey: name) != nil {
          throw CheckpointError(
            .unsupported, file: file, place: name, reason: "two entries would have this key")
        }
      }
    }
  }

  private mutating func addVersions(_ dict: PickleDict, _ prefix: String) {
    guard let metadata = dict.attributes?["_metadata"]?.dict else { return }
    for (key, value) in zip(metadata.keys, metadata.values) {
      let module = key.description
      let path = module.isEmpty ? String(prefix.dropLast()) : prefix + module
      let facts = value.dict
      let others = facts?.keys.map(\.description).filter { $0 != "version" } ?? []
      if !others.isEmpty {
        lose(
          .metadataDropped, path,
          "what the module keeps of itself beside its version is not kept: "
            + others.joined(separator: ", "))
      }
      if key.stringValue != nil, let version = facts?["version"]?.intValue {
        moduleVersions[path] = version
      } else if facts == nil || facts?["version"] != nil {
        lose(.moduleVersionsDropped, path, "its version is no integer, and was left out")
      }
    }
  }

  /// A module's own parameters, then its buffers, then its children, as PyTorch orders them.
  private mutating func addModule(
    _ module: PickleInstance, _ prefix: String, _ depth: Int
  ) throws(CheckpointError) {
    try enter(module, depth, prefix)
    defer { path.remove(ObjectIdentifier(module)) }
    guard let attributes = module.attributes else { return }
    self.attributes.look(at: module, String(prefix.dropLast()))
    if let (name, unread) = self.attributes.unread {
      throw unread.error(file: file, place: name)
    }
    for (name, value) in members("_parameters", of: attributes) {
      guard value.isTensor else {
        try reportOther(value, prefix + name)
        continue
      }
      try add(value, prefix + name, isParameter: true)
    }
    var temporary: Set<String> = []
    if case .set(let names)? = attributes["_non_persistent_buffers_set"] {
      temporary = Set(names.elements.compactMap(\.stringValue))
    }
    for (name, value) in members("_buffers", of: attributes) {
      if !value.isTensor {
        try reportOther(value, prefix + name)
      } else if temporary.contains(name) {
        lose(
          .tensorDropped, prefix + name,
          "it is a non-persistent buffer, which is no part of a state dict")
      } else {
        try add(value, prefix + name, isParameter: false)
      }
    }
    for (name, value) in members("_modules", of: attributes) {
      if case .instance(let child) = value, child.isModule {
        try addModule(child, prefix + name + ".", depth + 1)
      } else {
        try reportOther(value, prefix + name)
      }
    }
  }

  /// Reports what is among the tensors or modules of a module and is neither; `None` stands for a
  /// parameter that the module does not have.
  ///
  /// - Throws: ``CheckpointError`` for what only a call could have made.
  private mutating func reportOther(_ value: PickleValue, _ name: String) throws(CheckpointError) {
    guard !value.isNone else { return }
    if case .instance(let call) = value, call.isCall {
      throw call.wantsCall(file: file, place: name)
    }
    if let unread = unreadSearch.first(in: value) { throw unread.error(file: file, place: name) }
    lose(.tensorDropped, name, "it is \(value.kind), and was left out")
  }

  /// An object of a TorchScript program: its attributes are members of all sorts.
  private mutating func addScriptModule(
    _ module: PickleInstance, _ prefix: String, _ depth: Int
  ) throws(CheckpointError) {
    try enter(module, depth, prefix)
    defer { path.remove(ObjectIdentifier(module)) }
    guard let attributes = module.attributes else { return }
    for (key, value) in zip(attributes.keys, attributes.values) {
      let name = prefix + key.description
      if value.isTensor {
        let role = scriptClasses?.isParameter(key.description, of: module.type)
        try add(value, name, isParameter: role)
      } else if case .instance(let child) = value, child.isScriptModule {
        try addScriptModule(child, name + ".", depth + 1)
      } else if let unread = unreadSearch.first(in: value) {
        throw unread.error(file: file, place: name)
      }
    }
  }

  private func members(
    _ name: String, of attributes: PickleDict
  ) -> [(name: String, value: PickleValue)] {
    guard let dict = attributes[name]?.dict else { return [] }
    return zip(dict.keys, dict.values).map { ($0.description, $1) }
  }
}
