import OrderedCollections
import States

/// A call of a layer in a model.
struct TwinNode {
  /// What a call gives.
  struct Source: Hashable {
    let layer: String
    /// Which call of the layer.
    let call: Int
    /// Which of its outputs.
    let output: Int
  }

  /// The layer, by its number among those of the model.
  let layer: Int
  /// Which of its calls.
  private(set) var call: Int
  /// What it is given.
  var inputs: [Source] = []
  /// What it is given by name.
  var named: OrderedDictionary<String, Source> = [:]
  /// The arguments that are true.
  var flags: Set<String> = []

  /// The calls of a model whose layers say what they follow, in the order in which they can be made.
  ///
  /// - Throws: `KerasSite.Missing` for a call that cannot be understood, or is given what nothing
  ///   makes.
  static func calls(of model: KerasSite) throws(KerasSite.Missing) -> [TwinNode] {
    let elements = model.layer.config["layers"]?.elements ?? []
    guard elements.count == model.children.count else {
      throw model.missing("its layers are not listed")
    }
    var waiting: [TwinNode] = []
    for (index, site) in model.children.enumerated() {
      if site.layer.kind.isInput {
        waiting.append(TwinNode(layer: index, call: 0))
        continue
      }
      let list = elements[index]["inbound_nodes"]?.elements ?? []
      for (call, node) in list.enumerated() {
        var result = TwinNode(layer: index, call: call)
        guard result.take(node) else {
          throw site.missing("it is called in a way that cannot be said in PyTorch")
        }
        waiting.append(result)
      }
    }
    renumber(&waiting, model)
    return try ordered(waiting, model)
  }

  /// TF-Keras counts a model's own inputs as its first call, which it does not list.
  private static func renumber(_ calls: inout [TwinNode], _ model: KerasSite) {
    var counts: [String: Int] = [:]
    for call in calls where model.children[call.layer].layer.isModel {
      counts[model.children[call.layer].layer.name, default: 0] += 1
    }
    let outputs = sources(model.layer.config["output_layers"] ?? .none) ?? []
    let skipped = Set(
      (calls.flatMap { $0.inputs + $0.named.values } + outputs)
        .filter { counts[$0.layer] == $0.call }.map(\.layer))
    for index in calls.indices
    where skipped.contains(model.children[calls[index].layer].layer.name) {
      calls[index].call += 1
    }
  }

  /// Each call behind those whose outputs it takes.
  private static func ordered(
    _ calls: [TwinNode], _ model: KerasSite
  ) throws(KerasSite.Missing) -> [TwinNode] {
    struct Call: Hashable {
      let layer: String
      let number: Int
    }
    var wanting: [Call: [Int]] = [:]
    var missing = calls.map { node in
      Set((node.inputs + node.named.values).map { Call(layer: $0.layer, number: $0.call) })
    }
    for (index, calls) in missing.enumerated() {
      for call in calls { wanting[call, default: []].append(index) }
    }
    var ready = calls.indices.filter { missing[$0].isEmpty }
    var position = 0
    while position < ready.count {
      let node = calls[ready[position]]
      position += 1
      let call = Call(layer: model.children[node.layer].layer.name, number: node.call)
      for index in wanting[call] ?? [] {
        missing[index].remove(call)
        if missing[index].isEmpty { ready.append(index) }
      }
    }
    guard ready.count == calls.count else {
      let left = calls[missing.firstIndex { !$0.isEmpty } ?? 0]
      throw model.children[left.layer].missing("nothing makes what it is given")
    }
    return ready.map { calls[$0] }
  }

  /// The outputs that a list in a model's config names.
  static func sources(_ list: Value) -> [Source]? {
    if let source = source(list) { return [source] }
    guard let elements = list.elements else { return nil }
    let sources = elements.compactMap(source)
    return sources.count == elements.count ? sources : nil
  }

  /// `[name, call, output]`, of TF-Keras with arguments behind.
  private static func source(_ value: Value) -> Source? {
    guard let elements = value.elements, (3...4).contains(elements.count),
      let name = elements[0].stringValue, let call = elements[1].intValue,
      let output = elements[2].intValue
    else { return nil }
    return Source(layer: name, call: call, output: output)
  }

  /// What Keras 3 writes of a tensor.
  private static func tensor(_ value: Value) -> Source? {
    guard value["class_name"]?.stringValue == "__keras_tensor__" else { return nil }
    return value["config"]?["keras_history"].flatMap(source)
  }

  // MARK: Reading a call

  private mutating func take(_ node: Value) -> Bool {
    if node["args"] != nil || node["kwargs"] != nil {
      for argument in node["args"]?.elements ?? [] {
        if let source = Self.tensor(argument) {
          inputs.append(source)
          continue
        }
        guard let list = argument.elements, !list.isEmpty else { return false }
        let sources = list.compactMap(Self.tensor)
        guard sources.count == list.count else { return false }
        inputs += sources
      }
      return take(named: node["kwargs"]?.dictionary ?? [:], Self.tensor)
    }
    // TF-Keras: a list of tensors, or a single one.
    let list = Self.source(node) != nil ? [node] : node.elements ?? []
    guard !list.isEmpty else { return false }
    for element in list {
      guard let source = Self.source(element) else { return false }
      inputs.append(source)
      let members = element.elements ?? []
      guard members.count < 4 || members[3].dictionary != nil else { return false }
      let arguments = members.count > 3 ? members[3].dictionary ?? [:] : [:]
      guard take(named: arguments, Self.source) else { return false }
    }
    return true
  }

  private mutating func take(
    named arguments: OrderedDictionary<Value.Key, Value>, _ tensor: (Value) -> Source?
  ) -> Bool {
    for (name, value) in arguments {
      switch value {
      case .none, .bool(false): continue
      case .bool(true): flags.insert(name.text)
      default:
        guard let source = tensor(value), named[name.text] == nil else { return false }
        named[name.text] = source
      }
    }
    return true
  }
}
