import OrderedCollections
import States

/// What the layers of a file without a config are, as far as names and shapes show it.
///
/// A `.weights.h5` says the class of each layer in the name of its group; the weights of a legacy
/// file have names of their own. What cannot be inferred stays unknown, and its weights as they are.
enum KerasInference {
  /// The model that a file of weights seems to be of.
  static func model(_ weights: KerasWeights) -> KerasLayer {
    let name = KerasWeights.Group(weights: weights, place: "").name ?? "model"
    var root = KerasLayer(.functional, name: name)
    root.layers = layers(weights, at: "")
    return root
  }

  /// The model that a legacy file of weights seems to be of.
  static func model(_ file: KerasLegacyFile) -> KerasLayer {
    var root = KerasLayer(.functional, name: "model")
    for layer in file.layers where layer.name != KerasLegacyFile.topLevelName {
      var tree = KerasWeightTree()
      for weight in layer.weights {
        let path = KerasLegacyFile.path(weight.name, in: layer.name)
        tree.insert(
          path.dropFirst(layer.name.count + 1).split(separator: "/"), weight.dataset.shape)
      }
      var other = KerasLayerKind.unknown(layer.name)
      // What has no weights and a usual name is taken for what it is called.
      let usual = KerasLayerKind.inFiles(base(layer.name))
      if layer.weights.isEmpty, usual.joining != .unknown {
        (other.movesAxes, other.joining) = (usual.movesAxes, usual.joining)
      }
      root.layers.append(tree.layer(layer.name) ?? KerasLayer(other, name: layer.name))
    }
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
    return inOrderOfNumbers(segments).map { segment in
      let group = KerasWeights.Group(weights: weights, place: prefix + segment)
      var name = group.name ?? segment
      while !taken.insert(name).inserted { name += "_" }
      let className = base(segment)
      var layer = KerasLayer(.inFiles(className), name: name)
      let isPlain = layer.kind.quantised.isEmpty || group.isReal("vars/0") && group.count < 3
      guard
        isPlain
          ? layer.kind.infer(&layer, group)
          : layer.inferQuantisation(group) || layer.kind.infer(&layer, group)
      else {
        var other = KerasLayerKind.unknown(className)
        if layer.kind.joining != .unknown {
          (other.movesAxes, other.joining) = (layer.kind.movesAxes, layer.kind.joining)
        }
        return KerasLayer(other, name: name)
      }
      if layer.isModel { layer.layers = layers(weights, at: group.place) }
      return layer
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
}
