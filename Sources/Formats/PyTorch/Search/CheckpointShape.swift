import Arrays
import Checkpoints

/// How the object in a PyTorch file is made up: where the model is, where the optimizer.
struct CheckpointShape {
  typealias Layout = PyTorchStructure.Layout

  var layout: Layout
  /// The model's tensors, or several networks' by name; a name is empty if there is one.
  var networks: [(name: String, content: PickleValue)] = []
  /// The way from the root to the model, or to what several networks are parts of.
  var modelPath: [PickleStep] = []
  var optimizer: PickleDict?
  /// The way from the root to the optimizer; through a list if it is the first of several.
  var optimizerPath: [PickleStep] = []
  /// The keys of a checkpoint's dictionary.
  var keys: [PickleValue] = []
  /// Everything else in the dictionary.
  var rest: [(key: String, value: PickleValue)] = []
  /// Where the entries of a model's dictionary stand that are no part of the model, by the network.
  var beside: [String: [Int]] = [:]
  /// The names of networks that are integers.
  var integerNetworks: [String] = []
  /// What several networks are entries of.
  var holderOfNetworks: PickleValue?
  /// Containers of which nothing is left without the model, and their places.
  var vanished: [(value: PickleValue, place: String)] = []
  /// Objects on the way of which only what is in their dictionary is kept, and their places.
  var reduced: [(instance: PickleInstance, place: String)] = []
  /// Which elements of lists on the way to the model, or the optimizer, still have something in them.
  var staying: Set<String> = []
  /// What may be the model.
  var candidates: [ModelSearch.Candidate] = []
  /// Which of them was taken.
  var taken: [ModelSearch.Candidate] = []
  /// Those of which any may be the model, so that none was taken.
  var unclear: [ModelSearch.Candidate] = []

  /// Where in the file the object is.
  let place: String

  /// The shape of the object, or nil if it holds no tensors in a known way.
  ///
  /// - Parameter place: Where in the file it is; empty for the root.
  /// - Throws: ``CheckpointError`` if it has too many parts to tell which is the model.
  init?(
    _ root: PickleValue, file: String, within place: String
  ) throws(CheckpointError) {
    switch root {
    case .instance(let instance) where instance.isModule || instance.isScriptModule:
      self.init(place, layout: .module, networks: [("", root)])
    case .list where root.isTensorSequence, .tuple where root.isTensorSequence:
      self.init(place, layout: .tensors, networks: [("", root)])
    case .dict(let dict) where dict.attributes?["_metadata"] != nil || dict.count == 0:
      self.init(place, layout: .stateDict, networks: [("", root)])
    case _ where root.isTensor:
      self.init(place, layout: .tensors, networks: [("", root)])
    default:
      guard let dict = root.asDictionary else { return nil }
      if dict.isOptimizerState {
        self.init(place, layout: .optimizer, networks: [])
        optimizer = dict
        return
      }
      self.init(place, layout: .checkpoint, networks: [])
      try take(root, dict, file)
      // Of what is no dictionary nothing is known but the model in it.
      let isDictionary = root.dict != nil || root.isDictionaryObject
      if !isDictionary, taken.isEmpty, unclear.isEmpty, optimizer == nil { return nil }
    }
  }

  private init(
    _ place: String, layout: Layout, networks: [(name: String, content: PickleValue)]
  ) {
    self.place = place
    self.layout = layout
    self.networks = networks
  }

  /// Whether several networks are in a dictionary that is a plain one.
  var networksAreInPlainDictionary: Bool {
    guard let dict = holderOfNetworks?.dict else { return false }
    return dict.typeName == nil && networks.contains { !$0.name.isEmpty }
  }

  // MARK: The model

  private mutating func take(
    _ root: PickleValue, _ dict: PickleDict, _ file: String
  ) throws(CheckpointError) {
    let search = ModelSearch(root)
    candidates = search.candidates
    // Names that tell are looked at first; without one, what was not looked at may be the model.
    guard !search.isCutShort || candidates.contains(where: { $0.rank == .model }) else {
      throw CheckpointError(
        .unsupported, file: file,
        reason: "it has too many parts with tensors to tell which is the model",
        advice: "Name it with --root.")
    }
    var trees = StateTrees()
    let isTree = root.isDictionaryObject ? trees.isStateTree(.dict(dict)) : trees.isStateTree(root)
    switch ModelChoice(candidates) {
    case .none: break
    case .unclear(let equals): unclear = equals
    case .single(let model):
      taken = [model]
      if isTree, model.path.count == 1, model.rank == .other {
        // The same may have several names, and is several networks then.
        let node = dict.values[model.path[0].position].node
        let names = dict.entries.filter { $0.value.node == node }.map(\.key)
        networks = names.map { ($0.description, model.content) }
        integerNetworks = names.filter { $0.intValue != nil }.map(\.description)
        holderOfNetworks = root
        layout = .networks
        return
      }
      modelPath = model.path
      if model.isPure && model.path.isEmpty {
        networks = [("", model.content)]
        layout = .stateDict
        return
      }
      networks = try parts(of: model, &trees, file)
      holderOfNetworks = model.content
    case .networks(let parts):
      taken = parts
      modelPath = Array(parts[0].path.dropLast())
      for part in parts {
        let name = part.path.last?.name ?? ""
        networks.append((name, try content(of: part, name, &trees, file)))
      }
      integerNetworks = parts.compactMap { $0.path.last }.filter(\.isInteger).map(\.name)
      holderOfNetworks = parts[0].parent
      if isTree, modelPath.isEmpty, parts.count == dict.count {
        layout = .networks
        return
      }
      if !modelPath.isEmpty, let parent = parts[0].parent?.asDictionary {
        let positions = Set(parts.compactMap(\.path.last?.position))
        beside[""] = parent.keys.indices.filter { !positions.contains($0) }
      }
    }
    takeRest(root, dict)
    let isOrdinary = root.dict != nil || root.isDictionaryObject
    if isOrdinary, modelPath.isEmpty, optimizer == nil, rest.isEmpty {
      layout = .stateDict
    } else {
      keys = dict.keys
    }
  }

  /// What is said to who needs a model, where it is not clear which it is; nil where it is.
  func uncertainty(file: String) -> CheckpointError? {
    CheckpointError(
      unclear: unclear.map {
        ModelCandidate(root: root(of: $0), tensorCount: $0.tensorCount, isTaken: false)
      }, file: file)
  }

  /// The way from the root of the file to a candidate.
  func root(of candidate: ModelSearch.Candidate) -> String {
    place.isEmpty || candidate.path.isEmpty
      ? place + candidate.path.text : "\(place).\(candidate.path.text)"
  }

  /// A state dict as it is, or one for each of several networks.
  private mutating func parts(
    of model: ModelSearch.Candidate, _ trees: inout StateTrees, _ file: String
  ) throws(CheckpointError) -> [(name: String, content: PickleValue)] {
    let isNamed = model.path.last?.key.flatMap(ModelName.place) != nil
    guard isNamed, model.isPure, let dict = model.content.dict, dict.attributes == nil,
      dict.values.allSatisfy({ trees.holdsModel($0) })
    else { return [("", try content(of: model, "", &trees, file))] }
    integerNetworks = dict.keys.compactMap(\.intValue).map(String.init)
    return dict.entries.map { ($0.key.description, $0.value) }
  }

  /// A candidate without what stands beside the tensors, which is noted.
  private mutating func content(
    of model: ModelSearch.Candidate, _ name: String, _ trees: inout StateTrees, _ file: String
  ) throws(CheckpointError) -> PickleValue {
    guard !model.isPure, let dict = model.content.dict else { return model.content }
    let takesTrees = model.path.last?.key.flatMap(ModelName.place) != nil
    var others: [Int] = []
    var search = UnreadSearch()
    for (index, entry) in dict.entries.enumerated() {
      let isPart =
        entry.value.isTensor || entry.key.stringValue?.hasSuffix("_extra_state") == true
        || takesTrees && trees.holdsModel(entry.value)
      guard !isPart else { continue }
      // Among the tensors of a model it may be one of them.
      if let call = entry.value.tensorCall {
        throw call.wantsCall(file: file, place: entry.key.description)
      }
      if let unread = search.first(in: entry.value) {
        throw unread.error(file: file, place: entry.key.description)
      }
      others.append(index)
    }
    beside[name] = others
    let left = Set(others)
    return .dict(dict.filtered { !left.contains($0) })
  }

  // MARK: The rest

  /// Takes the optimizer that is nearest to the model out of what is left, and keeps everything else.
  private mutating func takeRest(_ root: PickleValue, _ dict: PickleDict) {
    findOptimizer(root)
    var removal = PickleRemoval()
    let paths = Dictionary(
      taken.map { ($0.path.last?.name ?? "", $0.path) }, uniquingKeysWith: { first, _ in first })
    for (name, _) in networks {
      let path = taken.count > 1 ? paths[name] : modelPath
      guard let path else { continue }
      if path.isEmpty {
        let kept = Set(beside[name] ?? [])
        for (index, entry) in dict.entries.enumerated() where !kept.contains(index) {
          removal.add([.key(entry.key, at: index)], keeping: [])
        }
        beside[name] = nil
      } else {
        removal.add(path, keeping: beside[name] ?? [])
      }
    }
    if optimizer != nil { removal.add(optimizerPath, keeping: []) }
    rest = removal.rest(of: dict, as: root)
    vanished = removal.vanished
    reduced = removal.reduced
    staying = removal.staying
    // An optimizer among the tensors is put back by its own path.
    if optimizerPath.count == modelPath.count + 1, let position = optimizerPath.last?.position {
      beside[""]?.removeAll { $0 == position }
    }
  }

  private mutating func findOptimizer(_ root: PickleValue) {
    var levels: [(path: [PickleStep], value: PickleValue)] = [([], root)]
    for step in modelPath {
      guard let last = levels.last, let value = last.value.part(at: step) else { break }
      levels.append((last.path + [step], value))
    }
    for (path, value) in levels.reversed() {
      guard let dict = value.asDictionary else { continue }
      for (index, entry) in dict.entries.enumerated() {
        let step = value.step(to: entry.key, at: index)
        if let found = entry.value.dict, found.isOptimizerState {
          optimizer = found
          optimizerPath = path + [step]
          return
        }
        // Lightning keeps a list. Further optimizers stay where they are.
        if case .list(let list) = entry.value, let first = list.elements.first?.dict,
          first.isOptimizerState
        {
          optimizer = first
          optimizerPath = path + [step, .index(0, isTuple: false)]
          return
        }
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
