import Arrays
import Checkpoints
import HDF5
import OrderedCollections
import States

/// What the HDF5 file of a Keras before version 3 holds: a whole model, or its weights.
struct KerasLegacyFile {
  /// The weights of one layer of the model, in the file's order.
  struct Layer {
    var name: String
    var weights: [(name: String, dataset: KerasDataset)]
  }

  /// The layers in the order of the model.
  private(set) var layers: [Layer] = []
  /// The optimizer's variables in order.
  private(set) var optimizer: [(name: String, dataset: KerasDataset)] = []
  /// The texts of attributes: `model_config`, `training_config`, `keras_version`, `backend`.
  private(set) var texts: OrderedDictionary<String, String> = [:]

  /// What Ballast put into the file.
  private(set) var outline: String?
  /// What the file has, and none of its lists names.
  private(set) var losses: [ConversionLoss] = []

  /// The group of the model's own weights.
  static let topLevelName = "top_level_model_weights"

  /// A list of names in attributes is read up to this many bytes.
  private static let maximumTextByteCount = 256 << 20

  init(_ content: HDF5Content) throws {
    try CheckpointError.reporting(content.name) {
      let scan = try content.scan()
      let root = try scan.root()
      let isWhole = try root.link("model_weights") != nil
      let group = isWhole ? try root.group("model_weights") : root
      for name in ["model_config", "training_config", "keras_version", "backend"] {
        let source = try root.attributes.attribute(name) ?? group.attributes.attribute(name)
        texts[name] = try source.map { try Self.text($0, content) }
      }
      let reader = Reader(content: content)
      var seen: Set<String> = []
      for name in try Self.names("layer_names", of: group, content) {
        guard seen.insert(name).inserted else {
          throw reader.damaged(name, "the list of layers names it twice")
        }
        layers.append(Layer(name: name, weights: try reader.weights(of: name, in: group)))
      }
      if try group.link(Self.topLevelName) != nil {
        let weights = try reader.weights(of: Self.topLevelName, in: group)
        if !weights.isEmpty { layers.append(Layer(name: Self.topLevelName, weights: weights)) }
      }
      if try root.link("optimizer_weights") != nil {
        optimizer = try reader.weights(of: "optimizer_weights", in: root)
      }
      if try root.link(KerasFile.outlineName) != nil {
        let bytes = try root.dataset(KerasFile.outlineName).bytes(
          maximumBytes: KerasFile.maximumConfigByteCount)
        outline = String(validating: bytes, as: UTF8.self)
      }
      let parts = ["model_weights", "optimizer_weights", KerasFile.outlineName]
      try tellOthers(in: root, besides: isWhole ? Set(parts) : seen.union(parts))
      if isWhole { try tellOthers(in: group, besides: seen) }
    }
  }

  private mutating func tellOthers(
    in group: HDF5ScannedGroup, besides known: Set<String>
  ) throws {
    for link in try group.links()
    where !known.contains(link.name) && link.name != Self.topLevelName {
      // A layer of a nested model may be named by a path.
      guard !known.contains(where: { $0.hasPrefix(link.name + "/") }) else { continue }
      losses.append(
        ConversionLoss(.tensorDropped, link.name, "the file has it, and does not list it"))
    }
  }

  /// Opens what the file's lists name.
  private struct Reader {
    let content: HDF5Content

    func damaged(_ place: String, _ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: content.name, place: place, reason: reason)
    }

    func weights(
      of name: String, in parent: HDF5ScannedGroup
    ) throws -> [(name: String, dataset: KerasDataset)] {
      guard case .group(let group)? = try object(name, in: parent) else {
        throw damaged(name, "the file lists this layer, and has no group for it")
      }
      var seen: Set<String> = []
      return try names("weight_names", of: group, content).map { weight in
        guard case .dataset(let dataset)? = try object(weight, in: group),
          seen.insert(weight).inserted
        else { throw damaged("\(name)/\(weight)", "the file lists this weight, and has it not") }
        return (
          weight, KerasDataset(content: content, dataset: dataset, path: "\(name)/\(weight)")
        )
      }
    }

    private func object(
      _ path: String, in group: HDF5ScannedGroup
    ) throws -> HDF5ScannedObject? {
      guard !path.isEmpty, !path.hasPrefix("/") else { return nil }
      do throws(HDF5Error) {
        return try group.object(path)
      } catch {
        guard error.code == .notFound else { throw error }
        return nil
      }
    }
  }

  private static func text(
    _ attribute: HDF5ScannedAttribute, _ content: HDF5Content
  ) throws -> String {
    let texts = try attribute.strings(maximumBytes: maximumTextByteCount)
    guard texts.count == 1 else {
      throw CheckpointError(
        .damaged, file: content.name, place: "@" + attribute.name, reason: "it is not one text")
    }
    return texts[0]
  }

  /// The names that an attribute lists; or several, if they did not fit in one of 64 KiB.
  private static func names(
    _ name: String, of group: HDF5ScannedGroup, _ content: HDF5Content
  ) throws -> [String] {
    if let attribute = try group.attributes.attribute(name) { return try list(attribute) }
    var names: [String] = []
    var part = 0
    while let attribute = try group.attributes.attribute("\(name)\(part)") {
      names += try list(attribute)
      part += 1
    }
    guard part > 0 else {
      throw CheckpointError(
        .damaged, file: content.name, place: group.path ?? "/",
        reason: "it has no attribute \(name), nor \(name)0")
    }
    return names
  }

  private static func list(_ attribute: HDF5ScannedAttribute) throws -> [String] {
    // NumPy writes an empty list as one of numbers.
    if attribute.shape.contains(0) || attribute.dataspace == .null { return [] }
    return try attribute.strings(maximumBytes: maximumTextByteCount)
  }
}

// MARK: - Finding what a plan asks for

extension KerasLegacyFile: KerasVariableSource {
  func has(_ variables: [KerasVariable]) -> Bool {
    variables.allSatisfy { variable in
      layers.contains { layer in
        layer.name == variable.layer
          && layer.weights.contains { Self.path($0.name, in: layer.name) == variable.path }
      }
    }
  }

  /// Variables are matched by name, and where names were given otherwise, by order; the order of
  /// weights within a layer is compared with the last part of each name, so that none is swapped.
  func resolve(_ plan: inout KerasPlan, file: String) throws(CheckpointError) -> [KerasDataset] {
    var found = [KerasDataset?](repeating: nil, count: plan.variables.count)
    var taken = Set(plan.mappings.flatMap(\.keys))
    let orders = plan.legacyOrders
    for layer in layers {
      guard let members = orders[layer.name] else {
        for weight in layer.weights {
          plan.addUnknown(
            layer: layer.name, weightName: weight.name, key: Self.key(weight.name, layer.name),
            weight.dataset, &taken)
          found.append(weight.dataset)
        }
        continue
      }
      guard members.count == layer.weights.count else {
        throw CheckpointError(
          .damaged, file: file, place: layer.name,
          reason: "the layer should have \(members.count) weights, and the file has "
            + "\(layer.weights.count)")
      }
      for (index, weight) in try matched(members, layer, plan, file) {
        found[index] = weight.dataset
        plan.variables[index].weightName = weight.name
        plan.variables[index].shape = weight.dataset.shape
      }
    }
    let ranks = Dictionary(
      layers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    plan.sortMappings { $0.layer.flatMap { ranks[$0] } }
    for (index, variable) in plan.variables.enumerated() {
      guard let original = variable.original else { continue }
      found[index] = found[original]
      plan.variables[index].shape = plan.variables[original].shape
    }
    var datasets: [KerasDataset] = []
    for (index, dataset) in found.enumerated() {
      guard let dataset else {
        throw CheckpointError(
          .damaged, file: file, place: plan.variables[index].path,
          reason: "the model has this weight, and the file does not")
      }
      datasets.append(dataset)
    }
    return datasets
  }

  private typealias Weight = (name: String, dataset: KerasDataset)

  private func matched(
    _ members: [Int], _ layer: Layer, _ plan: KerasPlan, _ file: String
  ) throws(CheckpointError) -> [(Int, Weight)] {
    let byPath = Dictionary(
      layer.weights.map { (Self.path($0.name, in: layer.name), $0) },
      uniquingKeysWith: { first, _ in first })
    let named = members.compactMap { index in
      byPath[plan.variables[index].path].map { (index, $0) }
    }
    if named.count == members.count, byPath.count == members.count { return named }
    for (index, weight) in zip(members, layer.weights) {
      let expected = plan.variables[index].path.split(separator: "/").last
      let actual = Self.plain(weight.name).split(separator: "/").last
      guard expected == actual || (expected == "kernel" && actual == "depthwise_kernel") else {
        throw CheckpointError(
          .damaged, file: file, place: "\(layer.name)/\(weight.name)",
          reason: "the model has \(plan.variables[index].path) in its place")
      }
    }
    return Array(zip(members, layer.weights))
  }

  /// A weight's name without what TF-Keras adds.
  static func plain(_ name: String) -> String {
    name.hasSuffix(":0") ? String(name.dropLast(2)) : name
  }

  /// The path of a variable in the model, of its name in a layer's group: Keras puts the model's
  /// name before it at times.
  static func path(_ name: String, in layer: String) -> String {
    let plain = plain(name)
    if plain.hasPrefix(layer + "/") { return plain }
    guard let range = plain.firstRange(of: "/\(layer)/") else { return "\(layer)/\(plain)" }
    return String(plain[plain.index(after: range.lowerBound)...])
  }

  private static func key(_ name: String, _ layer: String) -> String {
    path(name, in: layer).replacing("/", with: ".")
  }
}
