import Arrays
import OrderedCollections
import States

/// Writes the program of a model: a class for it, and one for each model within it.
struct TwinProgram {
  typealias Missing = KerasSite.Missing

  /// A tensor that the model takes or gives.
  struct Port {
    let name: String
    let shape: [Int?]
    /// Where Keras has each of the program's axes, without the batch.
    let axes: [Int]
    /// Whether steps of it are masked.
    var isMasked = false
  }

  private let mappings: [String: KerasMapping]
  private let isOld: Bool?
  /// Whether images have their channels last in Keras.
  private let hasChannelsLast: Bool
  /// The classes, those first that others use.
  private(set) var classes: [String] = []
  private(set) var keys: [String] = []
  /// What the model takes, and what it gives.
  private(set) var inputs: [Port] = []
  private(set) var outputs: [Port] = []
  private var partCount = 0

  /// - Parameter config: What the model's file says of it.
  init(
    _ model: KerasSite, config: Value, _ mappings: [String: KerasMapping], state: StateDict,
    isOld: Bool?
  ) throws(Missing) {
    self.mappings = mappings
    self.isOld = isOld
    hasChannelsLast = !model.layer.hasChannelsFirstAnywhere
    try checkClass(of: config, model)
    (_, inputs, outputs) = try write(model, as: "Twin", prefix: "", state: state)
  }

  // MARK: A model

  private static let maximumInputCount = 1000

  private typealias Written = (module: TwinModule, inputs: [Port], outputs: [Port])

  /// What a model takes or gives: images have their channels first.
  private func port(_ name: String, _ shape: [Int?]) -> (Port, TwinValue) {
    let isImage = hasChannelsLast && shape.count > 2
    let axes = Array(shape.indices)
    return (
      Port(
        name: name, shape: shape, axes: isImage ? [axes.count - 1] + axes.dropLast() : axes),
      TwinValue(name, shape, axes: isImage ? .first(0) : .keras)
    )
  }

  private mutating func write(
    _ model: KerasSite, as name: String, prefix: String, state: StateDict
  ) throws(Missing) -> Written {
    guard model.layer.isModel else { throw model.missing("its class is a program") }
    let nodes = try model.layer.isSequential ? Self.sequence(model) : TwinNode.calls(of: model)
    var module = TwinModule(prefix: prefix, isChain: Self.isChain(nodes, model))
    var values: [TwinNode.Source: TwinValue] = [:]
    var inputs: [(port: Port, layer: String)] = []
    func give(_ layer: String, _ shape: [Int?]?, _ site: KerasSite) throws(Missing) -> TwinValue {
      guard let shape else { throw site.missing("the shape of its input is not known") }
      // Names are compared with all others.
      guard inputs.count < Self.maximumInputCount else {
        throw model.missing("it has more than \(Self.maximumInputCount) inputs")
      }
      let taken = Set(inputs.map(\.port.name))
      let name =
        module.isChain ? "x" : PythonText.identifier(site.layer.name, besides: taken)
      let (port, value) = port(name, shape)
      inputs.append((port, layer))
      return value
    }
    var last: TwinNode.Source?
    for node in nodes {
      let site = model.children[node.layer]
      let own = TwinNode.Source(layer: site.layer.name, call: node.call, output: 0)
      if site.layer.kind.isInput {
        values[own] = try give(site.layer.name, site.input.shape, site)
        last = own
        continue
      }
      var given = node.inputs.compactMap { values[$0] }
      let named = node.named.compactMapValues { values[$0] }
      guard given.count == node.inputs.count, named.count == node.named.count else {
        throw site.missing("it is given an output that the twin does not have")
      }
      if model.layer.isSequential {
        if let last, let value = values[last] {
          given = [value]
        } else {
          given = [try give("", site.input.shape, site)]
        }
      }
      let results = try call(
        site, node, given, named, raw: Self.raw(model, node.layer), &module, state: state)
      for (index, value) in results.enumerated() {
        values[.init(layer: own.layer, call: own.call, output: index)] = value
      }
      last = own
    }
    let order = KerasLayer.outputNames(model.layer.config["input_layers"] ?? .list([]))
    if inputs.count > 1 {
      guard Set(order) == Set(inputs.map(\.layer)), order.count == inputs.count else {
        throw model.missing("the order of its inputs is not known")
      }
      inputs.sort { (order.firstIndex(of: $0.layer) ?? 0) < (order.firstIndex(of: $1.layer) ?? 0) }
    }
    let outputs = try finish(model, values, last, &module)
    let arguments = inputs.map(\.port.name)
    keepOthers(of: model, &module, state: state)
    classes.append(module.text(name, of: model.layer.name, arguments: arguments))
    keys += module.keys
    return (module, inputs.map(\.port), outputs)
  }

  /// Writes what the model gives.
  private func finish(
    _ model: KerasSite, _ values: [TwinNode.Source: TwinValue], _ last: TwinNode.Source?,
    _ module: inout TwinModule
  ) throws(Missing) -> [Port] {
    var sources: [TwinNode.Source]
    let list = model.layer.config["output_layers"] ?? .none
    if model.layer.isSequential || list == .none {
      sources = last.map { [$0] } ?? []
    } else {
      guard let named = TwinNode.sources(list) else {
        throw model.missing("its outputs have names, and PyTorch's have places")
      }
      sources = named
    }
    var ports: [Port] = []
    var codes: [String] = []
    for source in sources {
      guard let value = values[source] else { throw model.missing("nothing makes its outputs") }
      var (port, border) = port(source.layer, value.shape)
      port.isMasked = value.isMasked
      ports.append(port)
      codes.append(
        border.axes == .keras ? value.inKerasAxes().code : value.featuresFirst().code)
    }
    guard !codes.isEmpty else { throw model.missing("it has no outputs") }
    module.finish(codes.count == 1 ? codes[0] : "(" + codes.joined(separator: ", ") + ")")
    return ports
  }

  // MARK: A call

  private mutating func call(
    _ site: KerasSite, _ node: TwinNode, _ inputs: [TwinValue],
    _ named: OrderedDictionary<String, TwinValue>, raw: Value, _ module: inout TwinModule,
    state: StateDict
  ) throws(Missing) -> [TwinValue] {
    guard !site.layer.name.contains(".") else { throw site.missing("its name has a dot") }
    try checkClass(of: raw, site)
    guard site.layer.quantisation == nil,
      site.layer.variableType ?? "float32" == "float32" || site.layer.hasPlainVariables
    else { throw site.missing("it is quantised") }
    guard !site.layer.isModel else {
      guard named.isEmpty else { throw site.missing("it is called with arguments by name") }
      return try call(model: site, inputs, &module, state: state)
    }
    var call = TwinCall(
      site: site, inputs: inputs, named: named, flags: node.flags, result: site.result.shape,
      module: module, mappings: mappings, isOld: isOld)
    if let flag = node.flags.subtracting(site.layer.kind.flags).first {
      throw site.missing("it is called with \(flag)=True")
    }
    var value = try site.layer.kind.program(&call)
    module = call.module
    value.code = module.assign(value.code)
    value.isMasked =
      value.isMasked || (inputs + named.values).contains(where: \.isMasked) && value.rank > 1
    return [value]
  }

  private mutating func call(
    model site: KerasSite, _ inputs: [TwinValue], _ module: inout TwinModule, state: StateDict
  ) throws(Missing) -> [TwinValue] {
    guard !inputs.contains(where: \.isMasked) else {
      throw site.missing("a layer before it masks steps, which PyTorch's does not know")
    }
    let path = [String(site.key.dropFirst(module.prefix.count))]
    let written: Written
    let name: String
    if let known = parts[site.key] {
      (name, written) = known
    } else {
      partCount += 1
      name = "Part\(partCount)"
      written = try write(site, as: name, prefix: site.key + ".", state: state)
      parts[site.key] = (name, written)
    }
    guard module.define(path, "\(name)()"), written.inputs.count == inputs.count else {
      throw site.missing("it takes \(written.inputs.count) inputs, and is given \(inputs.count)")
    }
    let codes = zip(written.inputs, inputs).map { port, value in
      port.axes.first == 0 || port.axes.isEmpty
        ? value.inKerasAxes().code : value.featuresFirst().code
    }
    let code = "\(TwinModule.reference(path))(\(codes.joined(separator: ", ")))"
    let whole = module.assign(code, written.outputs.count == 1 ? nil : "outputs")
    return written.outputs.enumerated().map { index, port in
      let isKeras = port.axes.first == 0 || port.axes.isEmpty
      var value = TwinValue(
        written.outputs.count == 1 ? whole : "\(whole)[\(index)]", port.shape,
        axes: isKeras ? .keras : .first(0))
      value.isMasked = port.isMasked
      return value
    }
  }

  private var parts: [String: (String, Written)] = [:]

  /// Registers what else the checkpoint has of layers, such as the state of a generator of random
  /// numbers, which nothing uses.
  private func keepOthers(
    of model: KerasSite, _ module: inout TwinModule, state: StateDict
  ) {
    let known = Set(module.keys)
    let layers = Set(model.children.filter { !$0.layer.isModel }.map(\.key))
    for (key, entry) in state.entries where !known.contains(key) && entry.role == .buffer {
      guard key.hasPrefix(module.prefix), key.hasSuffix(".seed_generator_state") else { continue }
      let parts = key.dropFirst(module.prefix.count).split(separator: ".").map(String.init)
      guard let first = parts.first, layers.contains(module.prefix + first),
        entry.array.dtype == .uint32
      else { continue }
      let shape = PythonText.tuple(entry.array.shape.dimensions)
      module.keep(parts, "torch.zeros(\(shape), dtype=torch.uint32)")
      module.keys.append(key)
    }
  }

  // MARK: What is called

  private static func raw(_ model: KerasSite, _ index: Int) -> Value {
    let elements = model.layer.config["layers"]?.elements ?? []
    return elements.indices.contains(index) ? elements[index] : .none
  }

  private static func sequence(_ model: KerasSite) -> [TwinNode] {
    model.children.indices.map { TwinNode(layer: $0, call: 0) }
  }

  /// Whether each call takes what the one before it gives, and nothing else does.
  private static func isChain(_ nodes: [TwinNode], _ model: KerasSite) -> Bool {
    guard !model.layer.isSequential else { return true }
    return nodes.enumerated().allSatisfy { index, node in
      guard index > 0 else { return node.inputs.isEmpty }
      let before = nodes[index - 1]
      let name = model.children[before.layer].layer.name
      return node.named.isEmpty
        && node.inputs == [.init(layer: name, call: before.call, output: 0)]
    } && (TwinNode.sources(model.layer.config["output_layers"] ?? .none)?.count ?? 1) == 1
  }

  /// Refuses a class that only has the name of one of Keras's.
  private func checkClass(of raw: Value, _ site: KerasSite) throws(Missing) {
    guard !Self.isForeign(raw) else { throw site.missing("its class is a program") }
    for name in ["layer", "backward_layer"] {
      if let inner = raw["config"]?[name], Self.isForeign(inner) {
        throw site.missing("the class of the layer in it is a program")
      }
    }
    guard
      raw["module"]?.stringValue?.hasPrefix("keras.src.ops") != true
        || site.layer.kind.isOperation
    else { throw site.missing("it is an operation, and no layer") }
  }

  private static func isForeign(_ raw: Value) -> Bool {
    for name in ["class_name", "registered_name"] {
      if raw[name]?.stringValue?.contains(">") == true { return true }
    }
    guard let package = raw["module"]?.stringValue?.split(separator: ".").first else {
      return false
    }
    return !["keras", "tf_keras", "tensorflow"].contains(package)
  }
}

extension KerasLayer {
  /// Whether a layer in it takes images with the channels first.
  fileprivate var hasChannelsFirstAnywhere: Bool {
    hasChannelsFirst || layers.contains(where: \.hasChannelsFirstAnywhere)
      || parts.contains { $0.layer.hasChannelsFirstAnywhere }
  }
}
