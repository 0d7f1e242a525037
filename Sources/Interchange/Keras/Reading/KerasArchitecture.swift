import OrderedCollections
import States

/// Describes a Keras model as modules of PyTorch, for models whose layers follow one another and
/// have a twin each.
///
/// The description is what the `Models` target builds. Where Keras takes images with the channels
/// last, `(N, H, W, C)`, the twin takes them first, `(N, C, H, W)`. Recurrent layers and embeddings
/// take batches first, as Keras does.
struct KerasArchitecture {
  /// Why there is no description.
  struct Missing: Error {
    let reason: String

    init(_ layer: KerasLayer, _ reason: String) {
      self.reason = "\(layer.name) (\(layer.className)): \(reason)"
    }
  }

  typealias Children = OrderedDictionary<Value.Key, Value>

  private let state: StateDict
  private let flows: KerasFlows

  /// The description, or why there is none.
  static func describe(_ model: KerasLayer, _ state: StateDict) -> (Value?, reason: String?) {
    do throws(Missing) {
      let architecture = KerasArchitecture(state: state, flows: KerasFlows(model))
      return (try architecture.sequence(model, path: "", key: ""), nil)
    } catch {
      return (nil, error.reason)
    }
  }

  private func sequence(
    _ model: KerasLayer, path: String, key: String
  ) throws(Missing) -> Value {
    guard model.isModel else { throw Missing(model, "its class is a program") }
    var children: Children = [:]
    var previous: String?
    // Until something is done to it, an input is whatever the first layer takes it for.
    var isInput = path.isEmpty
    for layer in model.layers {
      guard !layer.name.contains(".") else { throw Missing(layer, "its name has a dot") }
      if layer.inputs.count > 1 || layer.inputs.first.map({ $0 != previous }) ?? false {
        throw Missing(layer, "it does not follow the layer before it")
      }
      previous = layer.name
      let place = Place(
        path: path.isEmpty ? layer.name : "\(path)/\(layer.name)",
        key: key.isEmpty ? layer.name : "\(key).\(layer.name)", isInput: isInput)
      if layer.className != "InputLayer" { isInput = false }
      for (name, module) in try modules(layer, place) {
        guard children.updateValue(module, forKey: .string(name)) == nil else {
          throw Missing(layer, "another layer has the name of its activation")
        }
      }
    }
    return ["module": "Sequential", "children": .dict(children)]
  }

  /// Where a layer is.
  struct Place {
    let path: String
    let key: String
    let isInput: Bool
  }

  /// What flows into a layer.
  func flow(_ place: Place) -> KerasFlow { flows.inputs[place.path] ?? .unknown }

  /// A length of a tensor of a layer.
  func length(_ place: Place, _ name: String, _ axis: Int) -> Int? {
    guard let shape = state["\(place.key).\(name)"]?.shape, axis < shape.rank else { return nil }
    return shape[axis]
  }

  /// Whether a layer has a tensor.
  func has(_ place: Place, _ name: String) -> Value { .bool(state["\(place.key).\(name)"] != nil) }

  /// The modules of a layer: itself and its activation.
  private func modules(
    _ layer: KerasLayer, _ place: Place
  ) throws(Missing) -> [(String, Value)] {
    if layer.isModel {
      return [(layer.name, try sequence(layer, path: place.path, key: place.key))]
    }
    switch layer.className {
    case "InputLayer": return []
    case "Dropout":
      return [(layer.name, ["module": "Dropout", "p": layer.config["rate"] ?? 0.5])]
    case "Flatten":
      guard flow(place).order != .flattenedUnknown, flow(place).order != .unknown else {
        throw Missing(layer, "the order of what it flattens is not known")
      }
      return [(layer.name, ["module": "Flatten"])]
    case "Activation": return try activation(layer, named: layer.name, place)
    case "ReLU", "LeakyReLU", "ELU", "Softmax":
      return [(layer.name, try activationLayer(layer, place))]
    case "GlobalAveragePooling2D":
      guard flow(place).order == .channelsLast, !layer.flag("keepdims", default: false) else {
        throw Missing(layer, "its input is not an image")
      }
      return [
        (layer.name, ["module": "AdaptiveAvgPool2d", "output_size": 1]),
        ("\(layer.name)_flatten", ["module": "Flatten"]),
      ]
    default: break
    }
    var module = try weighted(layer, place)
    if module == nil { module = try window(layer, place) }
    guard let module else { throw Missing(layer, "it has no twin among the modules") }
    let isRecurrent = ["LSTM", "GRU", "SimpleRNN", "Bidirectional"].contains(layer.className)
    let own: [(String, Value)] = [(layer.name, module)]
    return isRecurrent
      ? own : own + (try activation(layer, named: "\(layer.name)_activation", place))
  }

  // MARK: - Layers with weights

  private func weighted(_ layer: KerasLayer, _ place: Place) throws(Missing) -> Value? {
    let order = flow(place).order
    let isImage = order == .channelsLast
    switch layer.className {
    case "Dense":
      guard let outputs = length(place, "weight", 0), let inputs = length(place, "weight", 1),
        !isImage, order != .flattenedUnknown, order != .unknown
      else { throw Missing(layer, "the order of its inputs is not that of PyTorch") }
      return [
        "module": "Linear", "in_features": .int(inputs), "out_features": .int(outputs),
        "bias": has(place, "bias"),
      ]
    case "BatchNormalization":
      guard let features = length(place, "running_mean", 0) else { return nil }
      let rank = flow(place).shape?.count ?? 0
      guard rank == 1 || (isImage && (2...3).contains(rank)) else {
        throw Missing(layer, "it is over an axis that PyTorch's is not")
      }
      return [
        "module": rank == 3 ? "BatchNorm2d" : "BatchNorm1d", "num_features": .int(features),
        "eps": .float(layer.epsilon),
        "momentum": .float(1 - (layer.config["momentum"]?.doubleValue ?? 0.99)),
        "affine": has(place, "weight"),
      ]
    case "LayerNormalization":
      guard let features = length(place, "weight", 0), state["\(place.key).weight"]?.rank == 1,
        order == .features, !layer.flag("rms_scaling", default: false)
      else { throw Missing(layer, "it is over an axis that PyTorch's is not") }
      return [
        "module": "LayerNorm", "normalized_shape": .int(features), "eps": .float(layer.epsilon),
        "bias": has(place, "bias"),
      ]
    case "GroupNormalization":
      guard let channels = length(place, "weight", 0), isImage,
        let groups = layer.length("groups"), has(place, "bias") == true
      else { throw Missing(layer, "it is over an axis that PyTorch's is not") }
      return [
        "module": "GroupNorm", "num_groups": .int(groups), "num_channels": .int(channels),
        "eps": .float(layer.epsilon),
      ]
    case "Embedding":
      guard let count = length(place, "weight", 0), let size = length(place, "weight", 1) else {
        return nil
      }
      return ["module": "Embedding", "num_embeddings": .int(count), "embedding_dim": .int(size)]
    case "LSTM", "GRU", "SimpleRNN": return try recurrent(layer, place, isBidirectional: false)
    case "Bidirectional":
      guard let inner = layer.part("layer"), layer.config["merge_mode"]?.stringValue == "concat"
      else { throw Missing(layer, "it does not join its directions") }
      return try recurrent(inner, place, isBidirectional: true)
    default: return nil
    }
  }

  private func recurrent(
    _ layer: KerasLayer, _ place: Place, isBidirectional: Bool
  ) throws(Missing) -> Value {
    guard let hidden = length(place, "weight_hh_l0", 1),
      let inputs = length(place, "weight_ih_l0", 1), flow(place).order == .features,
      !layer.flag("go_backwards", default: false)
    else { throw Missing(layer, "PyTorch has no such layer") }
    guard layer.flag("return_sequences", default: false) else {
      throw Missing(layer, "it gives its last step only, and PyTorch's gives all")
    }
    var module: OrderedDictionary<Value.Key, Value> = [
      "module": layer.className == "SimpleRNN" ? "RNN" : .string(layer.className),
      "input_size": .int(inputs), "hidden_size": .int(hidden), "batch_first": true,
      "bias": has(place, "bias_ih_l0"),
    ]
    if isBidirectional { module["bidirectional"] = true }
    if layer.className == "SimpleRNN", layer.config["activation"] != nil {
      module["nonlinearity"] = .string(layer.activation)
    }
    return .dict(module)
  }
}
