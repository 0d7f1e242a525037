import OrderedCollections
import States

// MARK: - Legacy weights

extension KerasInference {
  /// The model that a legacy file of weights seems to be of.
  static func model(_ file: KerasLegacyFile) -> KerasLayer {
    var root = KerasLayer("Functional", name: "model")
    for layer in file.layers where layer.name != KerasLegacyFile.topLevelName {
      var node = Node()
      for weight in layer.weights {
        let path = KerasLegacyFile.path(weight.name, in: layer.name)
        node.insert(
          path.dropFirst(layer.name.count + 1).split(separator: "/"), weight.dataset.shape)
      }
      root.layers.append(node.layer(layer.name))
    }
    return root
  }

  /// The names below a layer.
  private struct Node {
    var shapes: OrderedDictionary<Substring, [Int]> = [:]
    var children: OrderedDictionary<Substring, Node> = [:]

    /// The deepest names that are looked into.
    private static let maximumDepth = 16

    mutating func insert(_ path: [Substring], _ shape: [Int], depth: Int = 0) {
      guard let name = path.first, depth < Self.maximumDepth else { return }
      if path.count == 1 {
        shapes[name] = shape
      } else {
        children[name, default: Node()].insert(Array(path.dropFirst()), shape, depth: depth + 1)
      }
    }

    /// The layer that these names seem to be of.
    func layer(_ name: String) -> KerasLayer {
      if children.isEmpty { return leaf(name) }
      if let cell = cell, let inner = recurrent(cell, named: name) { return inner }
      if let both = bidirectional(name) ?? attention(name) { return both }
      guard shapes.isEmpty else { return KerasLayer("Unknown", name: name) }
      var model = KerasLayer("Functional", name: name)
      model.layers = children.map { $0.value.layer(String($0.key)) }
      return model
    }

    private var cell: (name: String, node: Node)? {
      guard shapes.isEmpty, children.count == 1, let child = children.elements.first,
        child.value.shapes["recurrent_kernel"] != nil, child.value.children.isEmpty
      else { return nil }
      return (String(child.key), child.value)
    }

    private func recurrent(_ cell: (name: String, node: Node), named name: String) -> KerasLayer? {
      guard let kernel = cell.node.shapes["kernel"],
        let recurrent = cell.node.shapes["recurrent_kernel"], kernel.count == 2,
        recurrent.count == 2, recurrent[0] > 0, recurrent[0] <= Int(Int32.max),
        kernel[1] == recurrent[1]
      else { return nil }
      let names = [1: "SimpleRNN", 3: "GRU", 4: "LSTM"]
      guard recurrent[1].isMultiple(of: recurrent[0]),
        let className = names[recurrent[1] / recurrent[0]]
      else { return nil }
      let bias = cell.node.shapes["bias"]
      return KerasLayer(
        className, name: name,
        config: ["use_bias": .bool(bias != nil), "reset_after": .bool(bias?.count != 1)])
    }

    private func bidirectional(_ name: String) -> KerasLayer? {
      guard shapes.isEmpty, children.count == 2,
        let forward = children.elements.first(where: { $0.key.hasPrefix("forward_") }),
        let backward = children.elements.first(where: { $0.key.hasPrefix("backward_") }),
        let forwardCell = forward.value.cell, let backwardCell = backward.value.cell,
        let first = forward.value.recurrent(forwardCell, named: String(forward.key)),
        let second = backward.value.recurrent(backwardCell, named: String(backward.key))
      else { return nil }
      var layer = KerasLayer("Bidirectional", name: name)
      layer.parts = [("layer", first), ("backward_layer", second)]
      return layer
    }

    private func attention(_ name: String) -> KerasLayer? {
      let parts = ["query", "key", "value", "attention_output"]
      guard shapes.isEmpty, Set(children.keys.map(String.init)) == Set(parts),
        let query = children["query"]?.shapes["kernel"], query.count == 3,
        let value = children["value"]?.shapes["kernel"], value.count == 3,
        let key = children["key"]?.shapes["kernel"], key.count == 3
      else { return nil }
      var layer = KerasLayer(
        "MultiHeadAttention", name: name,
        config: [
          "num_heads": .int(query[1]), "key_dim": .int(query[2]), "value_dim": .int(value[2]),
          "use_bias": .bool(children["query"]?.shapes["bias"] != nil),
        ])
      layer.attentionLengths = [query[0], key[0], value[0]]
      return layer
    }

    private func leaf(_ name: String) -> KerasLayer {
      let hasBias = shapes["bias"] != nil
      let bias: Value = ["use_bias": .bool(hasBias)]
      switch Set(shapes.keys.filter { $0 != "bias" }) {
      case ["kernel"]:
        guard let kernel = shapes["kernel"], !name.contains("einsum") else { break }
        let rank = kernel.count
        if rank == 2 { return KerasLayer("Dense", name: name, config: bias) }
        guard (3...5).contains(rank) else { break }
        // The kernels of depthwise convolutions have another name only in TF-Keras.
        let isDepthwise =
          shapes["bias"].map { $0 != [kernel[rank - 1]] } ?? name.contains("depthwise")
        guard isDepthwise else { return KerasLayer("Conv\(rank - 2)D", name: name, config: bias) }
        return depthwise(name, kernel, hasBias)
      case ["depthwise_kernel"]:
        guard let kernel = shapes["depthwise_kernel"], (3...4).contains(kernel.count) else { break }
        return depthwise(name, kernel, hasBias)
      case ["depthwise_kernel", "pointwise_kernel"]:
        guard let kernel = shapes["depthwise_kernel"], (3...4).contains(kernel.count) else { break }
        return KerasLayer(
          "SeparableConv\(kernel.count - 2)D", name: name,
          config: ["use_bias": .bool(hasBias), "depth_multiplier": .int(kernel.last ?? 1)])
      case let names where names.isSuperset(of: ["moving_mean", "moving_variance"]):
        guard names.isSubset(of: ["gamma", "beta", "moving_mean", "moving_variance"]) else { break }
        return KerasLayer("BatchNormalization", name: name, config: scaleAndCenter)
      case ["gamma", "beta"], ["gamma"], ["beta"]:
        return KerasLayer("LayerNormalization", name: name, config: scaleAndCenter)
      case ["embeddings"]: return KerasLayer("Embedding", name: name)
      default: break
      }
      return KerasLayer("Unknown", name: name)
    }

    private var scaleAndCenter: Value {
      ["scale": .bool(shapes["gamma"] != nil), "center": .bool(shapes["beta"] != nil)]
    }

    private func depthwise(_ name: String, _ kernel: [Int], _ hasBias: Bool) -> KerasLayer {
      KerasLayer(
        "DepthwiseConv\(min(kernel.count - 2, 2))D", name: name,
        config: ["use_bias": .bool(hasBias), "depth_multiplier": .int(kernel.last ?? 1)])
    }
  }
}
