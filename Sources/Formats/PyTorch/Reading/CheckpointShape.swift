import Arrays

/// How the object in a PyTorch file is made up: where the model is, where the optimizer.
struct CheckpointShape {
  typealias Layout = PyTorchStructure.Layout

  var layout: Layout
  /// The model's tensors, or several networks' by name; a name is empty if there is one.
  var networks: [(name: String, content: PickleValue)] = []
  /// Tensors and other values by key, where the root is itself a state dict.
  var modelKey: String?
  var optimizer: PickleDict?
  var optimizerKey: String?
  /// Whether the optimizer is in a list under its key.
  var optimizerIsListed = false
  /// The keys of a checkpoint's dictionary.
  var keys: [PickleValue] = []
  /// Everything else in the dictionary.
  var rest: [(key: String, value: PickleValue)] = []

  /// Keys under which people save a model, the most specific first.
  private static let modelKeys = [
    "model_state_dict", "state_dict", "model_state", "model", "module", "net", "network",
    "net_state_dict", "model_weights", "weights", "params",
  ]

  /// The shape of the object, or nil if it holds no tensors in a known way.
  init?(_ root: PickleValue) {
    var trees = StateTrees()
    switch root {
    case .dict(let dict): self.init(dict, &trees)
    case .instance(let instance):
      if instance.isModule || instance.isScriptModule {
        self.init(layout: .module, networks: [("", root)])
      } else if let items = instance.items {
        // A state dict of a class of its own that derives from a dictionary.
        self.init(items, &trees)
      } else {
        return nil
      }
    case .list, .tuple:
      guard let elements = root.elements, !elements.isEmpty, elements.allSatisfy(\.isTensor) else {
        return nil
      }
      self.init(layout: .tensors, networks: [("", root)])
    default:
      guard root.isTensor else { return nil }
      self.init(layout: .tensors, networks: [("", root)])
    }
  }

  private init(layout: Layout, networks: [(name: String, content: PickleValue)]) {
    self.layout = layout
    self.networks = networks
  }

  private init(_ dict: PickleDict, _ trees: inout StateTrees) {
    self.init(layout: .stateDict, networks: [])
    defer { if layout == .checkpoint { keys = dict.keys } }
    let root = PickleValue.dict(dict)
    if dict.attributes?["_metadata"] != nil || dict.count == 0 {
      networks = [("", root)]
      return
    }
    if dict.isOptimizerState {
      layout = .optimizer
      optimizer = dict
      return
    }
    let entries = zip(dict.keys, dict.values).map { (key: $0.description, value: $1) }
    if let key = Self.modelKeys.first(where: { dict[$0].map { trees.holdsModel($0) } ?? false }),
      let model = dict[key]
    {
      layout = .checkpoint
      modelKey = key
      networks = Self.parts(of: model, &trees)
      takeRest(entries.filter { $0.key != key })
      return
    }
    if trees.isStateTree(root) {
      networks = Self.parts(of: root, &trees)
      if networks.first?.name != "" { layout = .networks }
      return
    }
    let nested = entries.filter { trees.holdsModel($0.value) }
    let direct = entries.filter { $0.value.isTensor }
    let nestedCount = nested.reduce(0) { $0 + trees.tensorCount($1.value) }
    if !nested.isEmpty, nestedCount >= direct.count {
      layout = .checkpoint
      if nested.count == 1 {
        modelKey = nested[0].key
        networks = [("", nested[0].value)]
      } else {
        networks = nested.map { ($0.key, $0.value) }
      }
      let names = Set(nested.map(\.key))
      takeRest(entries.filter { !names.contains($0.key) })
      return
    }
    networks = direct.isEmpty ? [] : [("", .dict(dict.filtered(\.isTensor)))]
    takeRest(entries.filter { !$0.value.isTensor })
    if optimizer != nil || !rest.isEmpty { layout = .checkpoint }
  }

  /// A state dict as it is, or one for each of several networks.
  private static func parts(
    of model: PickleValue, _ trees: inout StateTrees
  ) -> [(name: String, content: PickleValue)] {
    guard let dict = model.dict, dict.attributes == nil,
      dict.values.allSatisfy({ trees.holdsModel($0) })
    else { return [("", model)] }
    return zip(dict.keys, dict.values).map { ($0.description, $1) }
  }

  /// Takes the first optimizer out of what is left, and keeps everything else.
  private mutating func takeRest(_ entries: [(key: String, value: PickleValue)]) {
    for (key, value) in entries {
      if optimizer == nil, let found = value.dict, found.isOptimizerState {
        optimizer = found
        optimizerKey = key
      } else if optimizer == nil, case .list(let list) = value,
        let first = list.elements.first?.dict, first.isOptimizerState
      {
        // Lightning keeps a list. Further optimizers stay where they are.
        optimizer = first
        optimizerKey = key
        optimizerIsListed = true
        let others = Array(list.elements.dropFirst())
        if !others.isEmpty { rest.append((key, .list(PickleList(others)))) }
      } else {
        rest.append((key, value))
      }
    }
  }
}

extension PickleDict {
  /// Whether this is what an optimizer's `state_dict()` gives.
  var isOptimizerState: Bool {
    guard self["state"]?.dict != nil, case .list(let groups)? = self["param_groups"] else {
      return false
    }
    return groups.elements.allSatisfy { $0.dict?["params"]?.elements != nil }
  }
}

extension PickleInstance {
  /// Whether this is an object of a TorchScript program.
  var isScriptModule: Bool { type.hasPrefix("__torch__.") && attributes != nil }

  /// Whether this is a pickled `torch.nn.Module`.
  var isModule: Bool {
    guard let attributes else { return false }
    return attributes["_parameters"]?.dict != nil && attributes["_modules"]?.dict != nil
  }
}

extension PickleValue {
  /// A key as a part of a name.
  var description: String {
    switch self {
    case .string(let text): text
    case .int(let value): String(value)
    case .bool(let value): value ? "True" : "False"
    case .float(let value): String(value)
    case .none: "None"
    case .tuple(let tuple):
      "("
        + tuple.elements.prefix(8).map { $0.isScalar ? $0.description : "…" }
        .joined(separator: ", ") + ")"
    default: kind
    }
  }

  private var isScalar: Bool {
    switch self {
    case .string, .int, .bool, .float, .none: true
    default: false
    }
  }
}
