import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// The variables in a `.weights.h5`, in one file or several, by where they are.
struct KerasWeights {
  /// What metrics counted, by places such as `metrics/mean/vars/0`: nothing of the model.
  private(set) var metrics: OrderedDictionary<String, KerasDataset> = [:]
  /// The variables, by places such as `layers/dense/vars/0`.
  private(set) var datasets: OrderedDictionary<String, KerasDataset> = [:]
  /// The names of the layers by where they are, as far as the file has them, mostly in the
  /// order of the model.
  private(set) var names: OrderedDictionary<String, String> = [:]
  /// What Ballast put into the file.
  private(set) var outline: String?
  /// What the file has that no file of Keras's weights has.
  private(set) var losses: [ConversionLoss] = []
  /// How many variables each group has.
  private var counts: [Substring: Int] = [:]

  /// TF-Keras and Keras 3 before its release had this in the place of `layers`.
  private static let oldContainer = "_layer_checkpoint_dependencies"
  /// Whether the file has.
  private(set) var hasOldContainer = false

  /// Where a file with the old name of the container has a variable or a group.
  static func oldPlace(_ place: String) -> String {
    place.split(separator: "/").map { $0 == "layers" ? oldContainer : String($0) }
      .joined(separator: "/")
  }

  /// The variables of a file.
  init(_ content: HDF5Content) throws {
    try add(content)
  }

  /// The variables of the files that an index `.weights.json` lists.
  init(index path: String) throws {
    let map = try Self.weightMap(path)
    for (name, place) in try Self.files(of: map, path) {
      let file = try reportingFileErrors(place: name) { () throws(FileError) in
        try InputFile(place)
      }
      try add(
        try reportingFileErrors(place: name) { () throws(FileError) in try HDF5Content(file) })
    }
    for place in map.keys {
      guard counts[place.dropFirst()] != nil else {
        throw CheckpointError(
          .damaged, file: path, place: place, reason: "none of the files has these weights")
      }
    }
  }

  /// The paths of the files that an index names, and that of the index.
  static func files(ofIndex path: String) throws(CheckpointError) -> [String] {
    try files(of: weightMap(path), path).map(\.path) + [path]
  }

  private static func files(
    of map: OrderedDictionary<String, [String]>, _ path: String
  ) throws(CheckpointError) -> [(name: String, path: String)] {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let names = OrderedSet(map.values.flatMap(\.self))
    for name in names where name.contains("/") || name == ".." || name == "." || name.isEmpty {
      throw CheckpointError(
        .refused, file: path, place: name, reason: "a part of the weights is in another folder")
    }
    return names.map { ($0, folder + $0) }
  }

  /// An index is a few bytes for each layer.
  private static let maximumIndexByteCount = 64 << 20

  private static func weightMap(
    _ path: String
  ) throws(CheckpointError) -> OrderedDictionary<String, [String]> {
    let bytes = try reportingFileErrors { () throws(FileError) in
      let file = try InputFile(path)
      return try file.bytes(in: 0..<min(file.byteCount, maximumIndexByteCount))
    }
    func damaged(_ reason: String) -> CheckpointError {
      CheckpointError(.damaged, file: path, place: "weight_map", reason: reason)
    }
    let index: Value
    do throws(JSONError) {
      index = try Value(json: bytes)
    } catch {
      throw CheckpointError(.notThisFormat, file: path, reason: "it is \(error)")
    }
    guard let members = index["weight_map"]?.dictionary else { throw damaged("there is none") }
    var map: OrderedDictionary<String, [String]> = [:]
    for (place, files) in members {
      let names = files.stringValue.map { [$0] } ?? files.elements?.compactMap(\.stringValue)
      guard let names, !names.isEmpty, names.count == files.elements?.count ?? 1 else {
        throw damaged("\(place.text) is in no file")
      }
      map[place.text] = names
    }
    return map
  }

  private mutating func add(_ content: HDF5Content) throws {
    var groups: [(address: UInt64, place: String, name: String)] = []
    // The variables lie in the order in which they were written; groups do less so.
    var firsts: [Substring: UInt64] = [:]
    try CheckpointError.reporting(content.name) {
      let scan = try content.scan()
      try ObjectWalk(content.name, scan).forEach(below: scan.root()) { entry in
        let place = entry.path.replacing(Self.oldContainer, with: "layers")
        if place != entry.path { hasOldContainer = true }
        switch entry.object {
        case .group(let group):
          guard let layer = Self.layer(of: place) else { return }
          let name = try group.attributes.attribute("name")?.strings().first
          groups.append((group.address, layer, name ?? ""))
        case .dataset(let dataset) where place == KerasFile.outlineName:
          outline = String(
            validating: try dataset.bytes(maximumBytes: KerasFile.maximumConfigByteCount),
            as: UTF8.self)
        case .dataset(let dataset):
          guard place.contains("vars/") else {
            losses.append(
              ConversionLoss(.tensorDropped, place, "it is in no place where Keras has a weight"))
            return
          }
          if Self.isMetric(place) {
            metrics[place] = KerasDataset(content: content, dataset: dataset, path: entry.path)
            return
          }
          if place.hasPrefix("optimizer/"), Self.optimizerNumber(of: place) == nil {
            losses.append(
              ConversionLoss(
                .optimizerDropped, place,
                "it is in no place where Keras has the optimizer's variables"))
          }
          guard datasets[place] == nil else {
            throw CheckpointError(
              .damaged, file: content.name, place: place, reason: "two files have this weight")
          }
          datasets[place] = KerasDataset(content: content, dataset: dataset, path: entry.path)
          counts[Self.group(of: place), default: 0] += 1
          var layer = Self.group(of: place)
          while !layer.isEmpty {
            firsts[layer] = min(firsts[layer] ?? .max, dataset.address)
            layer = Self.group(of: String(layer))
          }
        case .namedDatatype: return
        }
      }
    }
    for index in groups.indices {
      groups[index].address = firsts[groups[index].place[...]] ?? groups[index].address
    }
    // A layer comes before what is in it.
    let sorted = groups.sorted {
      ($0.address, $0.place.utf8.count) < ($1.address, $1.place.utf8.count)
    }
    for group in sorted where names[group.place] == nil {
      names[group.place] = group.name
    }
  }

  /// Whether a place is that of a variable of a metric.
  static func isMetric(_ place: String) -> Bool {
    ["metrics/", "_metrics/", "compile_metrics/", "_compile_metrics/"].contains {
      place.hasPrefix($0)
    } && place.contains("/vars/")
  }

  /// The layer whose variables a group has, nil if it is no such group.
  private static func layer(of place: String) -> String? {
    if place == "vars" { return "" }
    return place.hasSuffix("/vars") ? String(place.dropLast("/vars".count)) : nil
  }

  /// The group that a variable is in.
  private static func group(of place: String) -> Substring {
    place.lastIndex(of: "/").map { place[..<$0] } ?? ""
  }

  /// The variables of the layer at a place.
  struct Group {
    let weights: KerasWeights
    let place: String

    /// How many the layer has of its own.
    var count: Int { weights.counts["\(place)/vars"] ?? 0 }

    /// The layer's name, if the file has one.
    var name: String? { weights.names[place].flatMap { $0.isEmpty ? nil : $0 } }

    /// The shape of a variable, by its place below the layer.
    func shape(_ path: String) -> [Int]? { weights.datasets["\(place)/\(path)"]?.shape }

    /// Whether a variable is of numbers that can be learned.
    func isReal(_ path: String) -> Bool {
      weights.datasets["\(place)/\(path)"]?.isReal ?? false
    }

    /// Those of a layer within it.
    func part(_ name: String) -> Group { Group(weights: weights, place: "\(place)/\(name)") }
  }

  /// Places of the optimizer's variables, in order.
  var optimizerPlaces: [String] {
    datasets.keys.compactMap { place in Self.optimizerNumber(of: place).map { ($0, place) } }
      .sorted { $0.0 < $1.0 }.map(\.1)
  }

  private static func optimizerNumber(of place: String) -> Int? {
    let prefix = "optimizer/vars/"
    return place.hasPrefix(prefix) ? Int(place.dropFirst(prefix.count)) : nil
  }
}

// MARK: - Finding what a plan asks for

extension KerasWeights: KerasVariableSource {
  func has(_ variables: [KerasVariable]) -> Bool {
    let places = variables.compactMap(\.place)
    return places.count == variables.count
      && places.allSatisfy { datasets[$0] != nil && counts[Self.group(of: $0)] == places.count }
  }

  func resolve(_ plan: inout KerasPlan, file: String) throws(CheckpointError) -> [KerasDataset] {
    var found: [KerasDataset] = []
    var claimed: Set<String> = []
    var planned: [Substring: Int] = [:]
    for index in plan.variables.indices {
      let place = actualPlace(plan.variables[index].place ?? "")
      plan.variables[index].place = place
      planned[Self.group(of: place), default: 0] += 1
    }
    for index in plan.variables.indices {
      let variable = plan.variables[index]
      let place = variable.place ?? ""
      let group = Self.group(of: place)
      let expected = planned[group] ?? 0
      guard let dataset = datasets[place], counts[group] == expected else {
        throw CheckpointError(
          .damaged, file: file, place: variable.path,
          reason: "\(group) should have \(expected) weights, and the file has "
            + "\(counts[group] ?? 0)")
      }
      plan.variables[index].shape = dataset.shape
      claimed.insert(place)
      found.append(dataset)
    }
    let rest = datasets.filter {
      !claimed.contains($0.key) && !$0.key.hasPrefix("optimizer/")
    }
    var taken = Set(plan.mappings.flatMap(\.keys))
    for (place, dataset) in rest.sorted(by: { Self.isBefore($0.key, $1.key) }) {
      let key = plan.key(ofUnknown: place)
      plan.addUnknown(place: place, key: key, dataset, &taken)
      found.append(dataset)
    }
    let ranks = Dictionary(
      plan.layerKeys.keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    plan.sortMappings { variable in
      var layer = (variable.place ?? "")[...]
      while let slash = layer.lastIndex(of: "/") {
        layer = layer[..<slash]
        if let rank = ranks[String(layer)] { return rank }
      }
      return nil
    }
    return found
  }

  /// Whether a place comes before another: by names, and by numbers where these are the same.
  private static func isBefore(_ first: String, _ second: String) -> Bool {
    func parts(_ place: String) -> [(String, Int)] {
      place.split(separator: "/").map { part in
        let name = part.reversed().drop(while: \.isNumber)
        return (String(name.reversed()), Int(part.dropFirst(name.count)) ?? -1)
      }
    }
    let (first, second) = (parts(first), parts(second))
    for (a, b) in zip(first, second) where a != b { return a < b }
    return first.count < second.count
  }

  /// Where a variable is: the first versions of Keras 3 had other names for the parts of attention.
  private func actualPlace(_ place: String) -> String {
    guard datasets[place] == nil else { return place }
    for part in ["query_dense", "key_dense", "value_dense", "output_dense"] {
      let old = place.replacing("/\(part)/", with: "/_\(part)/")
      if datasets[old] != nil { return old }
    }
    return place
  }
}

extension KerasPlan {
  /// The key of a weight of a layer that is not known: the layer's name, and where it is within.
  func key(ofUnknown place: String) -> String {
    var layer = place[...]
    while let slash = layer.lastIndex(of: "/") {
      layer = layer[..<slash]
      guard let key = layerKeys[String(layer)], !key.isEmpty else { continue }
      return key + "." + Self.joined(place.dropFirst(layer.count + 1))
    }
    return Self.joined(place[...])
  }

  /// Names of variables that Keras's own layers do not learn, or names that end in them.
  private static let statistics = [
    "moving_mean", "moving_variance", "running_mean", "running_var", "seed_generator_state",
    "vector_u", "num_batches_tracked",
  ]

  private static func joined(_ place: Substring) -> String {
    place.split(separator: "/").filter { $0 != "vars" && $0 != "layers" }.joined(separator: ".")
  }

  /// Adds a variable of a layer that is not known, as it is.
  ///
  /// - Parameter taken: The keys that other tensors have.
  mutating func addUnknown(
    place: String? = nil, layer: String? = nil, weightName: String? = nil, key: String,
    _ dataset: KerasDataset, _ taken: inout Set<String>
  ) {
    var key = key
    // The one variable of a generator of random numbers.
    if key.hasSuffix("seed_generator.0") { key = key.dropLast(1) + "seed_generator_state" }
    let isStatistic = Self.statistics.contains { key.hasSuffix($0) } || !dataset.isReal
    var unique = key
    var number = 1
    while !taken.insert(unique).inserted {
      number += 1
      unique = "\(key)_\(number)"
    }
    mappings.append(
      KerasMapping(
        variables: [variables.count], keys: [unique], role: isStatistic ? .buffer : .parameter,
        transform: .identity))
    if !isStatistic {
      losses.append(
        ConversionLoss(
          .roleGuessed, unique,
          "Keras does not say whether a layer of this class learns it; it is taken for a parameter"
        ))
    }
    variables.append(
      KerasVariable(
        path: place ?? weightName ?? key, place: place, layer: layer, weightName: weightName,
        isTrainable: false, shape: dataset.shape))
  }
}
