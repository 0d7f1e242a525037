import OrderedCollections
import States

/// The weights of a layer in a legacy file, by the parts of their names below the layer.
///
/// Such a file says no classes: what a layer is follows from the names and shapes of its weights.
struct KerasWeightTree {
  /// The shapes of its own weights, by name.
  private(set) var shapes: OrderedDictionary<Substring, [Int]> = [:]
  /// What is within it.
  private(set) var children: OrderedDictionary<Substring, KerasWeightTree> = [:]

  /// The maximum depth of names that are looked into.
  private static let maximumDepth = 16

  mutating func insert(_ path: [Substring], _ shape: [Int], depth: Int = 0) {
    guard let name = path.first, depth < Self.maximumDepth else { return }
    if path.count == 1 {
      shapes[name] = shape
    } else {
      children[name, default: KerasWeightTree()].insert(
        Array(path.dropFirst()), shape, depth: depth + 1)
    }
  }

  /// Whether it has a bias of its own.
  var hasBias: Bool { shapes["bias"] != nil }

  /// The names of its weights, if nothing is within it.
  var names: Set<Substring> { children.isEmpty ? Set(shapes.keys) : [] }

  /// What is within it, if that is all.
  var onlyChild: KerasWeightTree? {
    shapes.isEmpty && children.count == 1 ? children.values.first : nil
  }

  /// The shapes of the weights with these names, if it has them, perhaps a bias, and nothing else.
  func only(_ names: Substring...) -> [[Int]]? {
    self.names.subtracting(["bias"]) == Set(names) ? names.compactMap { shapes[$0] } : nil
  }

  /// The shape of its kernel, if it has that, perhaps a bias, and nothing else.
  ///
  /// - Parameter name: The layer's name, by which alone an `EinsumDense` is recognized.
  func kernel(of name: String) -> [Int]? { name.contains("einsum") ? nil : only("kernel")?.first }

  /// The layer that these weights seem to be of, nil if they do not show it.
  func layer(_ name: String) -> KerasLayer? {
    for kind in KerasLayerKind.all {
      var layer = KerasLayer(kind, name: name, config: ["use_bias": .bool(hasBias)])
      if kind.recognise(&layer, self) { return layer }
    }
    guard shapes.isEmpty, !children.isEmpty else { return nil }
    var model = KerasLayer(.functional, name: name)
    model.layers = children.map { name, child in
      child.layer(String(name)) ?? child.unknown(String(name))
    }
    return model
  }

  /// A layer of a class that is not known, within a model that is: what it has counts there.
  private func unknown(_ name: String) -> KerasLayer {
    let paths = paths
    let kind = KerasLayerKind(
      names: [name],
      addVariables: { part in
        for path in paths {
          let variable = part.addVariable(path, isTrainable: false)
          part.map([variable], to: [path.replacing("/", with: ".")])
        }
      })
    return KerasLayer(kind, name: name)
  }

  /// The paths of all weights in it.
  private var paths: [String] {
    shapes.keys.map(String.init)
      + children.flatMap { name, child in child.paths.map { "\(name)/\($0)" } }
  }
}
