import Checkpoints
import States

/// A layer as a Keras config describes it: data only, of which nothing is ever run.
package struct KerasLayer {
  /// What is known of its class.
  let kind: KerasLayerKind
  /// The layer's name, unique among its siblings.
  var name: String
  /// The arguments of its constructor.
  var config: Value
  /// The layers of a model, in order.
  var layers: [KerasLayer] = []
  /// The layers that wrappers hold, by the attribute that holds each.
  var parts: [(attribute: String, layer: KerasLayer)] = []
  /// The names of the layers whose outputs it takes in each of its calls, for a layer of a
  /// `Functional` model.
  var calls: [[String]] = []
  /// What it was built with, such as the shapes of its inputs, as far as the file says.
  var buildConfig: Value?

  init(_ kind: KerasLayerKind, name: String, config: Value = .dict([:])) {
    self.kind = kind
    self.name = name
    self.config = config
  }

  /// The names of the layers whose outputs it takes.
  var inputs: [String] { calls.flatMap(\.self) }

  /// Whether its weights are learned, as far as its own config says.
  var isTrainable: Bool { flag("trainable", default: true) }

  /// Whether it has a bias.
  var hasBias: Bool { flag("use_bias", default: true) }

  /// The layer that an attribute holds.
  func part(_ attribute: String) -> KerasLayer? {
    parts.first { $0.attribute == attribute }?.layer
  }

  /// The shape that it was built with, as far as the file says, without the batch.
  var inputShape: [Int?]? { (buildConfig?["input_shape"]).flatMap(Self.shape) }

  /// The shape of its input that the config gives.
  var givenShape: [Int?]? {
    ["batch_shape", "batch_input_shape", "build_input_shape"].lazy
      .compactMap { config[$0].flatMap(Self.shape) }.first ?? inputShape
  }

  /// A boolean argument.
  func flag(_ name: String, default value: Bool) -> Bool { config[name]?.boolValue ?? value }

  /// A length among the arguments, nil if it is absent or impossible.
  func length(_ name: String) -> Int? { Self.possible(config[name]?.intValue) }

  /// A length if it is one that can be: products of two such lengths fit an integer.
  static func possible(_ length: Int?) -> Int? {
    length.flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil }
  }

  /// The type of its variables: the `float32` of a policy `mixed_bfloat16`.
  var variableType: String? {
    let policy =
      config["dtype"]?.stringValue ?? config["dtype"]?["config"]?["name"]?.stringValue
    guard let policy else { return nil }
    return policy.hasPrefix("mixed_") ? "float32" : policy
  }

  /// Whether it has the variables that its class says; with a policy of quantisation it has more.
  var hasPlainVariables: Bool {
    quantisation == nil
      && variableType.map(["float16", "bfloat16", "float32", "float64"].contains) ?? true
  }

  /// The name of an activation: Keras writes a text, or an object with a class.
  var activation: String {
    switch config["activation"] {
    case .string(let name)?: name
    case .dict?:
      config["activation"]?["config"]?.stringValue
        ?? config["activation"]?["class_name"]?.stringValue ?? "unknown"
    case nil, .some(.none): "linear"
    default: "unknown"
    }
  }

  /// The name of a class without its package: `Dense` for both `Dense` and `MyPackage>Dense`.
  static func plainName(_ className: String) -> String {
    className.split(separator: ">").last.map(String.init) ?? className
  }

  /// The name of a class as Keras's `naming.to_snake_case` writes it.
  package static func snakeCase(_ name: String) -> String {
    let letters = Array(name.filter { $0.isLetter || $0.isNumber || $0 == "_" })
    // First pass: before a capital that a small letter follows.
    var first: [Character] = []
    for (index, letter) in letters.enumerated() {
      let isFollowed = index + 1 < letters.count && letters[index + 1].isLowercase
      if index > 0, letter.isUppercase, isFollowed { first.append("_") }
      first.append(letter)
    }
    // Second pass: between a small letter and a capital.
    var second = ""
    for (index, letter) in first.enumerated() {
      if index > 0, letter.isUppercase, first[index - 1].isLowercase { second.append("_") }
      second.append(letter)
    }
    return second.lowercased()
  }
}

// MARK: - Reading a config

extension KerasLayer {
  /// The maximum depth to which models may be nested in models.
  private static let maximumDepth = 64

  /// The model that a config describes.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if the config is of another form.
  init(model value: Value, file: String, place: String) throws(CheckpointError) {
    self = try Self.layer(value, file: file, place: place, depth: 0)
  }

  private static func layer(
    _ value: Value, file: String, place: String, depth: Int
  ) throws(CheckpointError) -> KerasLayer {
    func damaged(_ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: file, place: place, reason: reason)
    }
    guard depth < maximumDepth else {
      throw damaged("models are nested more than \(maximumDepth) deep in the config")
    }
    guard value.dictionary != nil, let fullName = value["class_name"]?.stringValue,
      var config = value["config"]
    else { throw damaged("a layer of the config has no class_name or no config") }
    // Keras 1 and early 2 wrote a Sequential's layers as the config itself.
    if case .list = config { config = ["layers": config] }
    let className = plainName(fullName)
    let name =
      config["name"]?.stringValue ?? value["name"]?.stringValue ?? snakeCase(className)
    guard !name.isEmpty else { throw damaged("a layer of the config has an empty name") }
    var layer = KerasLayer(KerasLayerKind.named(className), name: name, config: config)
    let nodes = value["inbound_nodes"] ?? .list([])
    layer.calls = (nodes.elements ?? [nodes]).map(inputNames).filter { !$0.isEmpty }
    layer.buildConfig = value["build_config"]
    if let children = config["layers"] {
      guard let elements = children.elements else {
        throw damaged("the layers of \(name) are not a list")
      }
      var names: Set<String> = []
      for element in elements {
        let child = try Self.layer(element, file: file, place: place, depth: depth + 1)
        guard names.insert(child.name).inserted else {
          throw damaged("two layers of \(name) are named \(child.name)")
        }
        layer.layers.append(child)
      }
    }
    for attribute in ["layer", "backward_layer", "cell"] {
      guard let part = config[attribute], part["class_name"] != nil else { continue }
      layer.parts.append(
        (attribute, try Self.layer(part, file: file, place: place, depth: depth + 1)))
    }
    return layer
  }

  /// The lengths of a shape without the batch, nil where they vary.
  static func shape(_ value: Value) -> [Int?]? {
    guard let elements = value.elements, !elements.isEmpty else { return nil }
    return elements.dropFirst().map { possible($0.intValue) }
  }

  /// The names in a list of a model's inputs or outputs: `[name, 0, 0]`, several of these, or, of
  /// Keras 3, such a list by name.
  static func outputNames(_ list: Value) -> [String] {
    switch list {
    case .dict(let members): return members.values.flatMap(outputNames)
    case .list(let elements), .tuple(let elements):
      if elements.count >= 3, let name = elements[0].stringValue, elements[1].intValue != nil {
        return [name]
      }
      return elements.flatMap(outputNames)
    default: return []
    }
  }

  /// The names of the layers that a list of nodes refers to, of Keras 3 or of TF-Keras.
  private static func inputNames(_ nodes: Value) -> [String] {
    switch nodes {
    case .dict(let members):
      if nodes["class_name"]?.stringValue == "__keras_tensor__" {
        return [nodes["config"]?["keras_history"]?.elements?.first?.stringValue].compactMap(\.self)
      }
      return members.values.flatMap(inputNames)
    case .list(let elements), .tuple(let elements):
      if elements.count >= 3, let name = elements[0].stringValue, elements[1].intValue != nil,
        elements[2].intValue != nil
      {
        return [name]
      }
      return elements.flatMap(inputNames)
    default: return []
    }
  }
}
