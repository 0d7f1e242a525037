import Arrays
import Checkpoints
import OrderedCollections
import States

/// Finds models and optimizers among what a file holds beside its model: averages of the weights, other
/// networks, folds, and the optimizers of those.
///
/// A model is one of which nothing but its tensors is to be kept, or a whole pickled module; an optimizer one
/// that numbers its parameters, as `state_dict()` does. Everything else stays the dictionary that it is.
final class FurtherParts {
  /// What whole modules have beside their tensors, by the places of the modules.
  private(set) var attributes: OrderedDictionary<String, PickleDict> = [:]
  /// The classes of the dictionaries that models were in, by their places.
  private(set) var containers: OrderedDictionary<String, String> = [:]

  private let storages: PyTorchStorages
  private let file: String
  /// The model itself, whose keys the others often have.
  private let model: StateDict
  /// The dictionaries that are models.
  private var dictionaries: Set<ObjectIdentifier> = []
  /// What was made of those that were met: a pickle may refer to one any number of times.
  private var made: [ObjectIdentifier: Value] = [:]
  /// What the modules among these have beside their tensors.
  private var keptAttributes: [ObjectIdentifier: PickleDict] = [:]
  /// The modules that are no models, since they have no tensors, or some that are not read.
  private var unreadModules: Set<ObjectIdentifier> = []

  /// The places of models of which Ballast wrote that they are some.
  private let places: Set<String>

  /// - Parameters:
  ///   - shape: What may be the model, and what was taken.
  ///   - model: What was taken.
  ///   - places: The places of models that are known to be some.
  init(
    _ shape: CheckpointShape, _ storages: PyTorchStorages, model: StateDict, places: Set<String>
  ) {
    self.places = places
    self.storages = storages
    file = storages.file.path
    self.model = model
    let unclear = Set(shape.unclear.compactMap { $0.content.dict.map(ObjectIdentifier.init) })
    // What was taken is asked about only if it is met again.
    let taken = Set(shape.taken.compactMap { $0.content.dict.map(ObjectIdentifier.init) })
    for candidate in shape.candidates where candidate.isPure && candidate.rank < .training {
      guard let dict = candidate.content.dict else { continue }
      let id = ObjectIdentifier(dict)
      if unclear.contains(id) || candidate.rank == .model || candidate.rank == .average
        || !taken.contains(id) && isLikeModel(dict)
      {
        dictionaries.insert(id)
      }
    }
  }

  /// Whether at least half of its tensors have the key, the shape and the kind of one of the model's.
  private func isLikeModel(_ dict: PickleDict) -> Bool {
    let shared = zip(dict.keys, dict.values).count { key, value in
      guard case .tensor(let tensor) = value, let key = key.stringValue, let array = model[key]
      else { return false }
      return array.shape.elementsEqual(tensor.shape)
        && array.dtype.isIntegral == tensor.dtype.isIntegral
    }
    return shared > 0 && 2 * shared >= dict.count
  }

  /// The model or the optimizer that a dictionary is; nil if it is none.
  func value(
    of dict: PickleDict, _ place: String, _ converter: ValueConverter
  ) throws(CheckpointError) -> Value? {
    let id = ObjectIdentifier(dict)
    if let known = made[id] {
      // What is made of it later takes its room each time.
      try converter.charge(dict.numberedParameterCount ?? dict.count, place)
      return known
    }
    let value: Value?
    if dict.isOptimizerState {
      value = try optimizer(dict, place, converter)
    } else if dictionaries.contains(id) || dict.attributes?["_metadata"] != nil || isLikeModel(dict)
      || places.contains(place.replacing("[", with: ".").replacing("]", with: ""))
    {
      value = try model(dict, place, converter)
    } else {
      return nil
    }
    made[id] = value
    return value
  }

  /// The model that a whole pickled module is; nil if it has no tensors, or some that are not read.
  func value(
    of module: PickleInstance, _ place: String, _ converter: ValueConverter
  ) throws(CheckpointError) -> Value? {
    let id = ObjectIdentifier(module)
    if case .model(let state)? = made[id] {
      try converter.charge(state.count, place)
      if let kept = keptAttributes[id] { attributes[place] = kept }
      return .model(state)
    }
    guard !unreadModules.contains(id) else { return nil }
    unreadModules.insert(id)
    var collector = StateCollector(file: file)
    do throws(CheckpointError) {
      try collector.add(.instance(module), network: "")
    } catch {
      guard error.code != .inputOutput else { throw error }
      return nil
    }
    guard !collector.items.isEmpty else { return nil }
    try converter.charge(collector.items.count, place)
    var state = StateDict()
    for item in collector.items {
      guard case .tensor(let tensor) = item.tensor, !tensor.hasNoValues,
        state.entries[item.key] == nil
      else { return nil }
      let array = try storages.array(tensor, place: "\(place).\(item.key)")
      state.entries[item.key] = StateDict.Entry(array)
      state.entries[item.key]?.role = item.isParameter.map { $0 ? .parameter : .buffer }
    }
    converter.lose(
      (collector.losses + collector.attributes.losses).map { $0.ofFurtherModel(at: place) })
    if let kept = collector.attributes.kept[""] {
      attributes[place] = kept
      keptAttributes[id] = kept
    }
    unreadModules.remove(id)
    made[id] = .model(state)
    return .model(state)
  }

  // MARK: Models

  private func model(
    _ dict: PickleDict, _ place: String, _ converter: ValueConverter
  ) throws(CheckpointError) -> Value? {
    // Of a dictionary of models each is one.
    guard !dict.values.contains(where: { $0.dict != nil }) else { return nil }
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
    try converter.charge(dict.count, place)
    var state = StateDict(entries: [:], moduleVersions: collector.moduleVersions)
    for item in collector.items {
      // Of one that cannot be read in full the other tensors are kept, each by itself.
      guard case .tensor(let tensor) = item.tensor, !tensor.hasNoValues,
        state.entries[item.key] == nil
      else { return nil }
      let array = try storages.array(tensor, place: "\(place).\(item.key)")
      state.entries[item.key] = StateDict.Entry(array)
      if tensor.isParameter { state.entries[item.key]?.role = .parameter }
    }
    converter.lose(
      collector.parameterObjects.map {
        ConversionLoss(.classChanged, "\(place).\($0)", "a Parameter became a tensor")
      })
    containers[place] = dict.typeName ?? "dict"
    return .model(state)
  }

  // MARK: Optimizers

  private func optimizer(
    _ dict: PickleDict, _ place: String, _ converter: ValueConverter
  ) throws(CheckpointError) -> Value? {
    guard let count = dict.numberedParameterCount else { return nil }
    try converter.charge(count, place)
    do throws(CheckpointError) {
      let saved = try SavedOptimizer(dict, file: file, converter: converter, place: place)
      converter.lose(saved.losses)
      return .optimizer(saved.state(named: nil))
    } catch {
      // It only looks like one, or has a tensor that is not read: what can be kept of it is kept as values.
      guard error.code == .damaged || error.code == .unsupported else { throw error }
      return nil
    }
  }
}

extension ConversionLoss {
  /// The same of a model that stands beside the one of a file, whose tensors are all there.
  fileprivate func ofFurtherModel(at place: String) -> ConversionLoss {
    ConversionLoss(
      kind == .tensorDropped ? .metadataDropped : kind, subject.map { "\(place).\($0)" } ?? place,
      detail, saysAll: saysAll)
  }
}

extension PickleDict {
  /// How many parameters an optimizer has that is as `state_dict()` gives it, without anything else: plain
  /// dictionaries, and parameters that are numbered from 0. Else nil.
  fileprivate var numberedParameterCount: Int? {
    func isPlain(_ dict: PickleDict) -> Bool { dict.typeName == nil && dict.attributes == nil }
    guard count == 2, keys[0].stringValue == "state", isPlain(self),
      let state = self["state"]?.dict, isPlain(state),
      case .list(let groups)? = self["param_groups"]
    else { return nil }
    var number = 0
    for group in groups.elements {
      guard let group = group.dict, isPlain(group), group["param_names"] == nil,
        group.keys.last?.stringValue == "params", case .list(let parameters)? = group["params"]
      else { return nil }
      for parameter in parameters.elements {
        guard parameter.intValue == number else { return nil }
        number += 1
      }
    }
    let areSlots = state.entries.allSatisfy { entry in
      guard let key = entry.key.intValue, let slots = entry.value.dict else { return false }
      return (0..<number).contains(key) && isPlain(slots)
    }
    return areSlots ? number : nil
  }
}
