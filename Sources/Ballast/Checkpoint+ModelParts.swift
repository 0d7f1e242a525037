import Arrays
import Checkpoints
import Interchange
import OrderedCollections
import States

// MARK: Finding the parts

extension Checkpoint {
  /// The names under which a file had the checkpoint's own model and optimizer.
  var ownNames: PartNames {
    let names = origin.entries.compactMap { id, entry in
      FileFormat(id: id)?.implementation.partNames(in: entry)
    }
    return names.first { $0.model != nil || $0.optimizer != nil } ?? PartNames()
  }

  /// What may be called as a model of its own: this checkpoint's, and the further ones.
  private var wholeModels: [ModelPart] {
    let own =
      state.isEmpty
      ? [] : [ModelPart(name: ownNames.model ?? "model", place: .own, state: state)]
    return own
      + models.map { name, state in ModelPart(name: name, place: .further(name), state: state) }
  }

  /// The parts of this checkpoint's own model by what their keys begin with.
  private var networks: [ModelPart] {
    OrderedSet(state.keys.map { String($0.prefix { $0 != "." }) }).map { name in
      ModelPart(name: name, place: .network(name), state: state.part("\(name)."))
    }
  }

  /// The part of each model, each checked to fit.
  func modelParts(
    of models: OrderedDictionary<String, Module>, strict: Bool
  ) throws(LoadError) -> [ModelPart] {
    let (wholes, networks) = (wholeModels, networks)
    var found: [ModelPart.Place: String] = [:]
    var parts: [ModelPart] = []
    for (name, model) in models {
      func refusal(_ advice: String) -> LoadError {
        var report = LoadReport()
        report.missing = Array(model.stateDict().keys)
        return Self.error(name, model, report, advice)
      }
      let part: ModelPart
      switch ModelPart.find(name, of: model, wholes: wholes, networks: networks) {
      case .one(let found): part = found
      case .none:
        guard model.stateDict().isEmpty else {
          let names = (wholes.filter { $0.place != .own } + networks).map(\.name)
          throw refusal("The checkpoint has no model \"\(name)\"; it has \(Self.list(names)).")
        }
        part = ModelPart(name: name, place: .network(name), state: StateDict())
      case .several(let places):
        throw refusal("\"\(name)\" may be any of \(Self.list(places)) in the checkpoint.")
      }
      if let other = found.updateValue(name, forKey: part.place) {
        throw refusal("It and \"\(other)\" would be the same model of the checkpoint.")
      }
      parts.append(part)
      var report = model.loadReport(for: part.state)
      (report.losses, report.notes) = (losses, notes)
      guard report.isAcceptable(strict: strict) else {
        throw Self.error(name, model, report, nil, strict: strict)
      }
    }
    let hasOwn = found[.own] != nil
    // A module without tensors, such as a loss, is no part of another.
    if hasOwn, parts.contains(where: { $0.isNetwork && !$0.state.isEmpty }) {
      throw LoadError(
        several: models.keys, LoadReport(),
        "One of them would be the whole model of the checkpoint, and another a part of it.")
    }
    try checkShared(models, parts)
    guard strict else { return parts }
    let left =
      wholes.filter { $0.place != .own && found[$0.place] == nil }
      + (hasOwn ? [] : networks.filter { found[$0.place] == nil })
    guard left.isEmpty else {
      var report = LoadReport()
      report.unexpected = left.flatMap { part in
        part.state.isEmpty ? [part.name] : part.state.keys.map { "\(part.name).\($0)" }
      }
      throw LoadError(
        several: models.keys, report,
        "The checkpoint also has \(Self.list(left.map(\.name))); with strict: false they are left there."
      )
    }
    return parts
  }

  /// Refuses different values for one tensor that two of the models have.
  private func checkShared(
    _ models: OrderedDictionary<String, Module>, _ parts: [ModelPart]
  ) throws(LoadError) {
    var values: [ObjectIdentifier: NDArray] = [:]
    for ((name, model), part) in zip(models, parts) {
      var report = LoadReport()
      let tensors: [(key: String, tensor: Tensor)] =
        model.namedParameters(removeDuplicate: false).map { ($0.name, $0.parameter) }
        + model.namedBuffers(removeDuplicate: false).map { ($0.name, $0.buffer) }
      for (key, tensor) in tensors {
        guard let array = part.state[key] else { continue }
        if let other = values.updateValue(array, forKey: ObjectIdentifier(tensor)),
          !other.isBitwiseEqual(to: array)
        {
          report.tieConflicts.append(key)
        }
      }
      guard report.tieConflicts.isEmpty else {
        throw Self.error(name, model, report, "Another of the models has the tensor too.")
      }
    }
  }

  private static func error(
    _ name: String, _ model: Module, _ report: LoadReport, _ advice: String?, strict: Bool = true
  ) -> LoadError {
    var error = LoadError(
      moduleType: "\"\(name)\" (\(Swift.type(of: model)))", report: report, strict: strict)
    error.advice = advice
    return error
  }

  static func list(_ names: some Sequence<String>) -> String {
    let names = names.map { "\"\($0)\"" }
    if names.isEmpty { return "none" }
    return names.prefix(12).joined(separator: ", ")
      + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}

extension LoadError {
  /// An error about several models together.
  fileprivate init(several names: some Sequence<String>, _ report: LoadReport, _ advice: String) {
    self.init(
      moduleType: "the models " + names.map { "\"\($0)\"" }.joined(separator: ", "),
      report: report, strict: true)
    self.advice = advice
  }
}

extension StateDict {
  /// The tensors whose keys begin with a prefix that ends with a dot, without it.
  fileprivate func part(_ prefix: String) -> StateDict {
    var part = StateDict()
    for (key, entry) in entries where key.hasPrefix(prefix) {
      part.entries[String(key.dropFirst(prefix.count))] = entry
    }
    for (path, version) in moduleVersions where "\(path).".hasPrefix(prefix) {
      part.moduleVersions[String(path.dropFirst(prefix.count))] = version
    }
    return part
  }
}
