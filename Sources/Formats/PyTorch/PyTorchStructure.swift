import Arrays
import OrderedCollections
import States

/// How the object in a PyTorch file is put together, so that a writer can make the same again.
///
struct PyTorchStructure {
  /// The name under which `Checkpoint.origin` keeps it.
  ///
  /// It is there when the file was more than a plain state dict, and holds what a writer needs to
  /// make the same structure again:
  /// - `layout`: `checkpoint` for a training checkpoint, `module` for a whole pickled module,
  ///   `networks` for several state dicts, `tensors` for bare tensors, `optimizer` for the state of
  ///   an optimizer alone, `state_dict` otherwise;
  /// - `model_key`: under which key of the checkpoint the model was, or `model_path`: the steps to
  ///   it, where it lay deeper, each the key and its position, or the index in a list;
  /// - `optimizer_key`: under which key its optimizer was, and `optimizer_in_list` if in a list, or
  ///   `optimizer_path`;
  /// - `beside`: the positions among the entries of a model's dictionary of those that are no part of
  ///   it, which are in the metadata, by the name of the network, which is empty if there is one;
  /// - `integer_keys`: the names that were integers in the file;
  /// - `param_names`: true if the optimizer's groups have the names of their parameters, or the
  ///   names if they are not the keys of the state dict;
  /// - `optimizer_keys`: as `param_names`, if the optimizer has names in the place of its parameters'
  ///   numbers;
  /// - `optimizer_extra`: what the optimizer had beside its state and groups;
  /// - `networks`: the names that were put before the keys of several nested state dicts;
  /// - `dictionaries`: such names of other dictionaries of tensors, nested within them;
  /// - `plain_dictionaries`: the names of those of all these that are plain ones, which is empty for the
  ///   outermost; the others are of the class `collections.OrderedDict`;
  /// - `module_type`: the class of a whole pickled module;
  /// - `sequence`: `list` or `tuple` if bare tensors, or the parts of a checkpoint, were in one;
  /// - `keys`: the keys of a training checkpoint, in order;
  /// - `parameter_objects`: true if all parameters were `Parameter` objects, or the keys of those
  ///   that were, and `frozen`: the keys of those that require no gradient;
  /// - `classes`: the classes of dictionaries in the metadata that are no plain ones, such as
  ///   `collections.OrderedDict`, by their places;
  /// - `extra_state`: entries of the state dict that are no tensors, by their keys.
  ///
  /// Who changes a checkpoint need not change this: what does not fit any more is passed over.
  static let format = "pytorch"

  /// How the file is laid out.
  enum Layout: String {
    case stateDict = "state_dict"
    case checkpoint
    case module
    case networks
    case tensors
    case optimizer
  }

  /// The names of an optimizer's parameters, as groups have them in `param_names`.
  enum ParameterNames {
    /// The keys of the state dict.
    case keys
    /// Others, in order over the groups.
    case given([String])
  }

  var layout: Layout
  /// The way from the checkpoint's dictionary to the model, or to what several networks are parts of.
  var modelPath: [StructureStep] = []
  /// Under which key its optimizer is.
  var optimizerKey: String?
  /// The way to the optimizer, if it lies deeper.
  var optimizerPath: [StructureStep] = []
  /// Where the entries of a model's dictionary stand that are no part of it, by the network.
  var beside: OrderedDictionary<String, [Int]> = [:]
  /// The names of tensors and dictionaries that are integers.
  var integerKeys: [String] = []
  /// Whether the optimizer is in a list.
  var optimizerIsListed = false
  /// What a group has of names, if it has any.
  var parameterNames: ParameterNames?
  /// What stands for the parameters in the optimizer's state and groups, if these are texts.
  var parameterKeys: ParameterNames?
  /// What an optimizer has beside its state and groups.
  var optimizerExtras: OrderedDictionary<Value.Key, Value> = [:]
  /// The names before the keys of several nested state dicts.
  var networks: [String] = []
  /// The names before the keys of other nested dictionaries of tensors.
  var dictionaries: [String] = []
  /// Which dictionaries of tensors, or of networks, are plain ones, by the names before their keys.
  var plainDictionaries: [String] = []
  /// The class of a whole pickled module.
  var moduleType: String?
  /// Whether bare tensors, or the parts of a checkpoint, are in a list or a tuple; nil for neither.
  var sequence: String?
  /// The keys of the outermost dictionary, texts or integers, if it is not a state dict.
  var keys: [Value.Key] = []
  /// The keys of tensors that are `Parameter` objects, if not all parameters or none.
  var parameterObjects: [String] = []
  /// Whether all parameters are `Parameter` objects.
  var hasParameterObjects = false
  /// The keys of those that do not require a gradient.
  var frozen: [String] = []
  /// The classes of dictionaries that are no plain ones, by their places.
  var classes: OrderedDictionary<String, String> = [:]
  /// Entries of the state dict that are no tensors, by their keys.
  var extraState: OrderedDictionary<Value.Key, Value> = [:]

  init(layout: Layout) { self.layout = layout }

  /// Whether there is nothing to say beyond a plain state dict.
  var isPlain: Bool {
    layout == .stateDict && networks.isEmpty && extraState.isEmpty && dictionaries.isEmpty
      && plainDictionaries.isEmpty && !hasParameterObjects
      && parameterObjects.isEmpty && integerKeys.isEmpty
  }

  /// Under which key of the checkpoint the model is, or what it is a part of.
  var modelKey: String? {
    guard case .key(let key, _)? = modelPath.first else { return nil }
    return key.text
  }

  /// The structure of the state dict alone, or of the networks.
  var ofModel: PyTorchStructure {
    var model = PyTorchStructure(layout: networks.isEmpty ? .stateDict : .networks)
    model.networks = networks
    model.dictionaries = dictionaries
    model.plainDictionaries = plainDictionaries
    model.integerKeys = integerKeys
    model.parameterObjects = parameterObjects
    model.hasParameterObjects = hasParameterObjects
    model.frozen = frozen
    model.extraState = extraState
    return model
  }

  // MARK: As a value

  /// The structure as it is kept in the origin.
  var value: Value {
    var value: OrderedDictionary<Value.Key, Value> = ["layout": .string(layout.rawValue)]
    func texts(_ texts: [String]) -> Value { .list(texts.map(Value.string)) }
    if let modelKey, modelPath.count == 1 {
      value["model_key"] = .string(modelKey)
    } else if !modelPath.isEmpty {
      value["model_path"] = .list(modelPath.map(\.value))
    }
    if let optimizerKey { value["optimizer_key"] = .string(optimizerKey) }
    if !optimizerPath.isEmpty { value["optimizer_path"] = .list(optimizerPath.map(\.value)) }
    if !beside.isEmpty {
      let positions = beside.map { (Value.Key.string($0), Value.list($1.map(Value.int))) }
      value["beside"] = .dict(.init(uniqueKeysWithValues: positions))
    }
    if !integerKeys.isEmpty { value["integer_keys"] = texts(integerKeys) }
    if optimizerIsListed { value["optimizer_in_list"] = true }
    for (name, names) in [("param_names", parameterNames), ("optimizer_keys", parameterKeys)] {
      switch names {
      case .keys: value[.string(name)] = true
      case .given(let names): value[.string(name)] = texts(names)
      case nil: break
      }
    }
    if !optimizerExtras.isEmpty { value["optimizer_extra"] = .dict(optimizerExtras) }
    if !networks.isEmpty { value["networks"] = texts(networks) }
    if !dictionaries.isEmpty { value["dictionaries"] = texts(dictionaries) }
    if !plainDictionaries.isEmpty { value["plain_dictionaries"] = texts(plainDictionaries) }
    if let moduleType { value["module_type"] = .string(moduleType) }
    if let sequence { value["sequence"] = .string(sequence) }
    if !keys.isEmpty { value["keys"] = .list(keys.map(Value.init)) }
    if hasParameterObjects { value["parameter_objects"] = true }
    if !parameterObjects.isEmpty { value["parameter_objects"] = texts(parameterObjects) }
    if !frozen.isEmpty { value["frozen"] = texts(frozen) }
    if !classes.isEmpty {
      let entries = classes.map { (Value.Key.string($0), Value.string($1)) }
      value["classes"] = .dict(.init(uniqueKeysWithValues: entries))
    }
    if !extraState.isEmpty { value["extra_state"] = .dict(extraState) }
    return .dict(value)
  }

  /// The structure that a value describes, nil if it does not. What is not understood in it is
  /// passed over: it may come from a file that anyone can write.
  init?(_ value: Value) {
    guard let layout = value["layout"]?.stringValue.flatMap(Layout.init) else { return nil }
    self.init(layout: layout)
    func texts(_ name: String) -> [String] {
      value[name]?.elements?.compactMap(\.stringValue) ?? []
    }
    func steps(_ name: String) -> [StructureStep] {
      let steps = value[name]?.elements ?? []
      let known = steps.compactMap(StructureStep.init)
      return known.count == steps.count ? known : []
    }
    modelPath =
      value["model_key"]?.stringValue.map { [.key(.string($0), at: 0)] } ?? steps("model_path")
    optimizerKey = value["optimizer_key"]?.stringValue
    optimizerPath = steps("optimizer_path")
    for (key, positions) in value["beside"]?.dictionary ?? [:] {
      beside[key.text] = positions.elements?.compactMap(\.intValue) ?? []
    }
    integerKeys = texts("integer_keys")
    optimizerIsListed = value["optimizer_in_list"]?.boolValue ?? false
    func names(_ name: String) -> ParameterNames? {
      if value[name]?.boolValue == true { return .keys }
      return value[name]?.elements == nil ? nil : .given(texts(name))
    }
    parameterNames = names("param_names")
    parameterKeys = names("optimizer_keys")
    optimizerExtras = value["optimizer_extra"]?.dictionary ?? [:]
    networks = texts("networks")
    dictionaries = texts("dictionaries")
    plainDictionaries = texts("plain_dictionaries")
    moduleType = value["module_type"]?.stringValue
    sequence = value["sequence"]?.stringValue
    keys =
      value["keys"]?.elements?.compactMap { key in
        key.stringValue.map(Value.Key.string) ?? key.intValue.map(Value.Key.int)
      } ?? []
    hasParameterObjects = value["parameter_objects"]?.boolValue ?? false
    parameterObjects = texts("parameter_objects")
    frozen = texts("frozen")
    for (key, type) in value["classes"]?.dictionary ?? [:] { classes[key.text] = type.stringValue }
    extraState = value["extra_state"]?.dictionary ?? [:]
  }
}
