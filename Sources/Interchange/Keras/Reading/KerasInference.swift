import OrderedCollections
import States

/// What the layers of a file without a config are, as far as names and shapes tell.
///
/// A `.weights.h5` says the class of each layer in the name of its group; the weights of a legacy
/// file have names of their own. What cannot be told stays unknown, and its weights as they are.
struct KerasInference {
  /// Classes that are recognised, by the names that Keras gives their groups.
  private static let classes: [String: String] = {
    let names = [
      "Dense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose",
      "Conv3DTranspose", "DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D",
      "SeparableConv2D", "BatchNormalization", "LayerNormalization", "GroupNormalization",
      "RMSNormalization", "Embedding", "LSTM", "GRU", "SimpleRNN", "Bidirectional",
      "MultiHeadAttention", "EinsumDense", "PReLU", "Sequential", "Functional",
    ]
    return Dictionary(
      names.map { (KerasLayer.snakeCase($0), $0) }, uniquingKeysWith: { first, _ in first })
  }()
}

// MARK: - Keras 3 weights

extension KerasInference {
  /// The model that a file of weights seems to be of.
  static func model(_ weights: KerasWeights) -> KerasLayer {
    var root = KerasLayer("Functional", name: weights.names[""].flatMap(\.nonEmpty) ?? "model")
    root.layers = layers(weights, at: "")
    return root
  }

  private static func layers(_ weights: KerasWeights, at place: String) -> [KerasLayer] {
    let prefix = place.isEmpty ? "layers/" : place + "/layers/"
    let segments = OrderedSet(
      weights.names.keys.filter { $0.hasPrefix(prefix) }.compactMap {
        $0.dropFirst(prefix.count).split(separator: "/").first.map(String.init)
      })
    var taken: Set<String> = []
    // Plans count the layers of a class, so those of a class have to be in the order of counting.
    let sorted = inOrderOfNumbers(segments)
    return sorted.map { segment in
      let layerPlace = prefix + segment
      let className = classes[base(segment)] ?? "Unknown"
      var name = weights.names[layerPlace].flatMap(\.nonEmpty) ?? segment
      while !taken.insert(name).inserted { name += "_" }
      var layer = KerasLayer(className, name: name)
      layer.snakeNameInFile = base(segment)
      layer.config = config(className, layerPlace, weights)
      if layer.isModel { layer.layers = layers(weights, at: layerPlace) }
      addParts(&layer, layerPlace, weights)
      return complete(layer, weights, layerPlace)
    }
  }

  /// The layers in the order given, those of one class among themselves by their numbers.
  private static func inOrderOfNumbers(_ segments: OrderedSet<String>) -> [String] {
    var byClass = Dictionary(grouping: segments, by: base).mapValues { members in
      members.sorted { number($0) > number($1) }
    }
    return segments.compactMap { byClass[base($0)]?.popLast() }
  }

  /// The class in the name of a group, without its number.
  private static func base(_ segment: String) -> String {
    guard let underscore = segment.lastIndex(of: "_"), number(segment) > 0 else { return segment }
    return String(segment[..<underscore])
  }

  private static func number(_ segment: String) -> Int {
    segment.lastIndex(of: "_").flatMap { Int(segment[segment.index(after: $0)...]) } ?? 0
  }

  /// The arguments that the weights of a layer show.
  private static func config(
    _ className: String, _ place: String, _ weights: KerasWeights
  ) -> Value {
    func shape(_ path: String) -> [Int]? { weights.datasets["\(place)/\(path)"]?.shape }
    let count = weights.count(at: place)
    switch className {
    case "Dense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose",
      "Conv3DTranspose":
      return ["use_bias": .bool(count > 1)]
    case "DepthwiseConv1D", "DepthwiseConv2D":
      return ["use_bias": .bool(count > 1), "depth_multiplier": .int(shape("vars/0")?.last ?? 1)]
    case "SeparableConv1D", "SeparableConv2D":
      return ["use_bias": .bool(count > 2), "depth_multiplier": .int(shape("vars/0")?.last ?? 1)]
    case "EinsumDense": return count > 1 ? ["bias_axes": "?"] : .dict([:])
    case "LSTM", "GRU", "SimpleRNN":
      return [
        "use_bias": .bool(weights.count(at: "\(place)/cell") > 2),
        "reset_after": .bool(shape("cell/vars/2")?.count != 1),
      ]
    case "MultiHeadAttention":
      let query = shape("query_dense/vars/0") ?? shape("_query_dense/vars/0") ?? []
      let value = shape("value_dense/vars/0") ?? shape("_value_dense/vars/0") ?? []
      guard query.count == 3, value.count == 3 else { return .dict([:]) }
      let hasBias =
        weights.count(at: "\(place)/query_dense") > 1
        || weights.count(at: "\(place)/_query_dense") > 1
      return [
        "num_heads": .int(query[1]), "key_dim": .int(query[2]), "value_dim": .int(value[2]),
        "use_bias": .bool(hasBias),
      ]
    default: return .dict([:])
    }
  }

  /// The layers within a layer.
  private static func addParts(
    _ layer: inout KerasLayer, _ place: String, _ weights: KerasWeights
  ) {
    switch layer.className {
    case "MultiHeadAttention":
      let lengths = ["query", "key", "value"].compactMap { part in
        (weights.datasets["\(place)/\(part)_dense/vars/0"]
          ?? weights.datasets["\(place)/_\(part)_dense/vars/0"])?.shape.first
      }
      layer.attentionLengths = lengths.count == 3 ? lengths : nil
    case "Bidirectional":
      for (attribute, part) in [("layer", "forward_layer"), ("backward_layer", "backward_layer")] {
        let partPlace = "\(place)/\(part)"
        let cell = weights.names["\(partPlace)/cell"] ?? ""
        let className = ["LSTM", "GRU", "SimpleRNN"].first {
          cell.hasPrefix(KerasLayer.snakeCase($0))
        }
        guard let className else { continue }
        let name = weights.names[partPlace].flatMap(\.nonEmpty) ?? part
        var inner = KerasLayer(className, name: name)
        inner.config = config(className, partPlace, weights)
        layer.parts.append((attribute, inner))
      }
    default: break
    }
  }

  /// A layer whose weights are as many as its class can have; else one that is not known.
  private static func complete(
    _ layer: KerasLayer, _ weights: KerasWeights, _ place: String
  ) -> KerasLayer {
    let own = weights.count(at: place)
    let allowed: [Int]? =
      switch layer.className {
      case "BatchNormalization": [4]
      case "LayerNormalization", "GroupNormalization": [2]
      case "RMSNormalization", "Embedding", "PReLU": [1]
      case "SeparableConv1D", "SeparableConv2D": [2, 3]
      case "Dense", "EinsumDense": [1, 2]
      case "Bidirectional": layer.parts.count == 2 ? [0] : []
      case "MultiHeadAttention": layer.attentionLengths != nil ? [0] : []
      case "LSTM", "GRU", "SimpleRNN":
        [2, 3].contains(weights.count(at: "\(place)/cell")) ? [0] : []
      default: layer.className.contains("Conv") ? [1, 2] : nil
      }
    guard let allowed, !allowed.contains(own) else { return layer }
    var unknown = layer
    unknown.className = "Unknown"
    unknown.parts = []
    return unknown
  }
}

extension String {
  /// The text, nil if it is empty.
  var nonEmpty: String? { isEmpty ? nil : self }
}
