import OrderedCollections
import States

/// What differs between two checkpoints besides tensors.
struct ValueComparison {
  typealias Named = CheckpointComparison.Named
  private typealias Item = CheckpointContents.Item

  /// What of the optimizers differs besides the tensors of their state.
  private(set) var optimizer: [Named] = []
  /// What else differs: metadata, versions of modules, the description of the model, the order.
  private(set) var others: [Named] = []
  /// How many values both have.
  private(set) var count = 0

  private let hasOneOptimizer: Bool
  /// The names of the values that only one has.
  private let alone: Set<String>
  /// Those of them that are of the optimizer.
  private let aloneInOptimizer: Set<String>

  init(
    _ first: Checkpoint, _ contents: CheckpointContents, _ second: Checkpoint,
    _ otherContents: CheckpointContents
  ) {
    let mine = Dictionary(uniqueKeysWithValues: contents.values.map { ($0.name, $0) })
    let theirs = Dictionary(uniqueKeysWithValues: otherContents.values.map { ($0.name, $0) })
    alone = Set(mine.keys).symmetricDifference(theirs.keys)
    let ofOptimizers = (contents.values + otherContents.values).filter { $0.section == .optimizer }
    aloneInOptimizer = alone.intersection(ofOptimizers.map(\.name))
    hasOneOptimizer = (first.optimizer == nil) != (second.optimizer == nil)
    if hasOneOptimizer, let only = first.optimizer ?? second.optimizer {
      let place: CheckpointComparison.Difference =
        first.optimizer == nil ? .unexpected : .missing
      optimizer = [("the optimizer (\(only.tensorCount) tensors)", place)]
    }
    for item in contents.values where !(hasOneOptimizer && item.section == .optimizer) {
      guard let other = theirs[item.name] else {
        if !item.section.isForm { add([Self.only(item, "first")], item) }
        continue
      }
      if !item.section.isForm { count += item.value.leafCount }
      add(differences(item, other, first, second), item)
      if !item.name.utf8.elementsEqual(other.name.utf8) {
        add(["the name '\(item.label)' is in other code points in the second"], item)
      }
    }
    for item in otherContents.values where mine[item.name] == nil && !item.section.isForm {
      if !(hasOneOptimizer && item.section == .optimizer) { add([Self.only(item, "second")], item) }
    }
    let common = first.state.keys.intersection(second.state.keys)
    if common != second.state.keys.intersection(first.state.keys) {
      others.append(("the order of the tensors", .other("another")))
    }
    let names = OrderedSet(first.metadata.keys).intersection(second.metadata.keys)
    if names != OrderedSet(second.metadata.keys).intersection(first.metadata.keys) {
      others.append(("the order of the metadata", .other("another")))
    }
  }

  /// Whether a tensor is a part of something that only one of both has, which is told as a whole.
  ///
  /// - Parameter extent: What is compared: of tensors alone, only the optimizer is told as a whole.
  func isAlone(
    _ tensor: Checkpoint.NamedTensor, _ extent: CheckpointComparison.Extent
  ) -> Bool {
    guard let owner = tensor.owner else { return false }
    return extent == .tensors ? aloneInOptimizer.contains(owner) : alone.contains(owner)
  }

  private mutating func add(_ texts: [String], _ item: Item) {
    for text in texts {
      if item.section == .optimizer {
        optimizer.append((item.section.differenceName, .optimizer(text)))
      } else {
        others.append((item.section.differenceName, .other(text)))
      }
    }
  }

  private func differences(
    _ item: Item, _ other: Item, _ first: Checkpoint, _ second: Checkpoint
  ) -> [String] {
    switch item.section {
    case .architecture:
      return first.architecture == second.architecture ? [] : ["another"]
    case .moduleVersions:
      let versions = (first.state.moduleVersions, second.state.moduleVersions)
      let paths = OrderedSet(versions.0.keys).union(versions.1.keys)
      let others = paths.filter { versions.0[$0] != versions.1[$0] }
      guard let path = others.first else { return [] }
      let more = others.count > 1 ? " and \(others.count - 1) more" : ""
      return ["other for '\(path)'\(more)"]
    case .optimizer where item.label.isEmpty:
      return Self.facts(first.optimizer, second.optimizer)
    case .optimizer where item.label.hasSuffix(": params"):
      return item.value == other.value
        ? [] : ["\(item.label.dropLast(8)) has other parameters, or in another order"]
    case .form(let format): return item.value.differences(from: other.value, at: format)
    case .containers: return Self.containers(item.value, other.value)
    case .optimizer, .metadata, .origin, .reading:
      return item.value.differences(from: other.value, at: item.label)
    }
  }

  private static func facts(_ first: OptimizerState?, _ second: OptimizerState?) -> [String] {
    guard let first, let second else { return [] }
    var texts: [String] = []
    if let mine = first.type, let theirs = second.type, mine != theirs {
      texts.append("\(mine) and \(theirs)")
    }
    if first.naming != second.naming {
      texts.append("its parameters are named by \(first.naming) and by \(second.naming)")
    }
    if first.groups.count != second.groups.count {
      texts.append("\(first.groups.count) and \(second.groups.count) groups")
    }
    return texts
  }

  /// Containers that both have, in other classes.
  private static func containers(_ first: Value, _ second: Value) -> [String] {
    (first.dictionary ?? [:]).compactMap { key, value in
      guard case .string(let place) = key, let type = value.stringValue,
        let other = second[place]?.stringValue, other != type
      else { return nil }
      return "\(place.isEmpty ? "the model" : place) is in a \(type) and in a \(other)"
    }
  }

  private static func only(_ item: Item, _ which: String) -> String {
    let tensors = item.value.tensorCount
    let more = tensors == 0 ? "" : " (\(tensors) tensor\(tensors == 1 ? "" : "s"))"
    switch item.section {
    case .moduleVersions, .architecture: return "only in the \(which)"
    case .reading:
      let details = item.value.elements?.compactMap(\.stringValue) ?? []
      return "\(item.label): in the \(which) only: \(details.joined(separator: "; "))"
    case .optimizer, .metadata, .origin, .form, .containers:
      return "\(item.label) only in the \(which)\(more)"
    }
  }
}
