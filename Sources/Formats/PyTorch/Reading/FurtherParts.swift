import Arrays
import Checkpoints
import OrderedCollections
import States

/// Finds models and optimizers among what a file holds beside its model: averages of the weights, other
/// networks, folds, and the optimizers of those.
final class FurtherParts {
  /// The classes of the dictionaries that models were in, by their places.
  private(set) var containers: OrderedDictionary<String, String> = [:]
  /// By which rule each tensor of a model got its role, where a rule decided it, by its place and key.
  private(set) var roleRules: OrderedDictionary<String, RoleRule> = [:]

  private let storages: PyTorchStorages
  private let file: String
  /// The model itself, whose keys the others often have.
  private let model: StateDict
  /// The dictionaries that are models.
  private var dictionaries: Set<ObjectIdentifier> = []
  /// What Ballast kept beside the object, if it wrote the file.
  private let outline: PyTorchOutline?
  /// Names an optimizer's parameters, if that can be done beyond doubt.
  private let names: (SavedOptimizer) -> [String]?

  /// - Parameters:
  ///   - shape: What may be the model, and what was taken.
  ///   - names: Names an optimizer's parameters, if that can be done beyond doubt.
  init(
    _ shape: CheckpointShape, _ storages: PyTorchStorages, model: StateDict,
    outline: PyTorchOutline?, names: @escaping (SavedOptimizer) -> [String]?
  ) {
    self.outline = outline
    self.storages = storages
    file = storages.file.path
    self.model = model
    self.names = names
    let unclear = Set(shape.unclear.compactMap { $0.content.dict.map(ObjectIdentifier.init) })
    for candidate in shape.candidates where candidate.isPure && candidate.rank < .training {
      guard let dict = candidate.content.dict else { continue }
      let id = ObjectIdentifier(dict)
      if unclear.contains(id) || candidate.rank == .model || candidate.rank == .average
        || isLikeModel(dict)
      {
        dictionaries.insert(id)
      }
    }
  }

  /// Whether at least half of the names are those of the model's tensors.
  private func isLikeModel(_ dict: PickleDict) -> Bool {
    let shared = dict.keys.count { key in key.stringValue.map { model[$0] != nil } ?? false }
    return shared > 0 && 2 * shared >= dict.count
  }

  /// The model or the optimizer that a dictionary is; nil if it is none.
  func value(
    of dict: PickleDict, _ place: String, _ converter: ValueConverter
  ) throws(CheckpointError) -> Value? {
    // As `ReadOptions.root` takes it.
    let place = place.replacing("[", with: ".").replacing("]", with: "")
    if dict.isOptimizerState { return try optimizer(dict, place, converter) }
    guard dictionaries.contains(ObjectIdentifier(dict)) else { return nil }
    return try model(dict, place, converter)
  }

  private func model(
    _ dict: PickleDict, _ place: String, _ converter: ValueConverter
  ) throws(CheckpointError) -> Value? {
    let inner = dict.values.compactMap(\.dict)
    guard inner.isEmpty else {
      // Of a dictionary of models each is one.
      dictionaries.formUnion(inner.map(ObjectIdentifier.init))
      return nil
    }
    guard dict.typeName == nil || dict.typeName == "collections.OrderedDict" else { return nil }
    var collector = StateCollector(file: file)
    do throws(CheckpointError) {
      try collector.add(.dict(dict), network: "")
    } catch {
      guard error.code != .inputOutput else { throw error }
      return nil
    }
    guard collector.extras.isEmpty, collector.integerKeys.isEmpty, collector.losses.isEmpty,
      collector.items.count == dict.count
    else { return nil }
    var state = StateDict(entries: [:], moduleVersions: collector.moduleVersions)
    for item in collector.items {
      guard case .tensor(let tensor) = item.tensor, state.entries[item.key] == nil else {
        return nil
      }
      let array = try storages.array(tensor, place: "\(place).\(item.key)")
      state.entries[item.key] = StateDict.Entry(array)
      if tensor.isParameter { state.entries[item.key]?.role = .parameter }
    }
    let known = outline?.models[place]
    for item in collector.items where state.entries[item.key]?.role == nil {
      if let known {
        state.entries[item.key]?.role = known.contains(item.key) ? .buffer : .parameter
        continue
      }
      let (role, rule) = state.inferredRole(of: item.key, like: model)
      state.entries[item.key]?.role = role
      if let rule { roleRules["\(place).\(item.key)"] = rule }
    }
    let parameters = Set(collector.parameterObjects)
    converter.lose(
      parameters.sorted().map {
        ConversionLoss(.classChanged, "\(place).\($0)", "a Parameter became a tensor")
      })
    containers[place] = dict.typeName ?? "dict"
    return .model(state)
  }

  private func optimizer(
    _ dict: PickleDict, _ place: String, _ converter: ValueConverter
  ) throws(CheckpointError) -> Value? {
    let saved: SavedOptimizer
    do throws(CheckpointError) {
      saved = try SavedOptimizer(dict, file: file, converter: converter)
    } catch {
      // It only looks like one.
      guard error.code == .damaged else { throw error }
      return nil
    }
    // What only the whole dictionary says is kept with that.
    guard saved.extras.isEmpty, saved.losses.isEmpty, saved.givenNames.isEmpty,
      saved.givenKeys.isEmpty
    else { return nil }
    guard let known = outline?.optimizers[place],
      known.names.map({ $0.count == saved.parameterKeys.count && Set($0).count == $0.count })
        ?? true
    else { return .optimizer(saved.state(named: names(saved))) }
    var optimizer = saved.state(named: known.names)
    optimizer.type = known.type ?? optimizer.type
    return .optimizer(optimizer)
  }
}
