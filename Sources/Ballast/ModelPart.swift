import Checkpoints
import NN
import States

/// A part of a checkpoint that is a model, or may be one.
struct ModelPart {
  /// Where in a checkpoint it is.
  enum Place: Hashable {
    /// It is the checkpoint's own model, all of it.
    case own
    /// It is one of the further models.
    case further(String)
    /// It is what the keys of the own model begin with: one of several networks, or a submodule.
    case network(String)
  }

  /// Its name in the checkpoint.
  let name: String
  let place: Place
  let state: StateDict

  /// What the keys of it begin with in the checkpoint's `state`; empty if they do not.
  var prefix: String { isNetwork ? "\(name)." : "" }
  var isNetwork: Bool { place == .network(name) }

  /// What a name stands for.
  enum Found {
    case none
    case one(ModelPart)
    case several([String])
  }

  /// The part that has the name and is a model's.
  ///
  /// Whole models and networks may have one name, since a submodule of the one may be called as another is.
  /// Which of them is meant its keys say.
  static func find(
    _ name: String, of model: Module, wholes: [ModelPart], networks: [ModelPart]
  ) -> Found {
    let whole = find(name, in: wholes)
    switch (whole, find(name, in: networks)) {
    case (.none, let network): return network
    case (.one(let whole), .one(let network)):
      return choose(whole, network, name: name, of: model)
    case (.several(let names), .one(let network)): return .several(names + [network.name])
    case (let whole, _): return whole
    }
  }

  private static func find(_ name: String, in parts: [ModelPart]) -> Found {
    func part(_ name: String) -> Found { parts.first { $0.name == name }.map(Found.one) ?? .none }
    switch PartSearch(parts.map(\.name)).find(name) {
    case .one(let found): return part(found)
    case .several(let names): return .several(names)
    case .none:
      // The checkpoint's own model is also the one that is called so in other words.
      guard let own = parts.first(where: { $0.place == .own }),
        case .one = PartSearch([own.name], keepingWords: true).find(name)
      else { return .none }
      return .one(own)
    }
  }

  private static func choose(
    _ whole: ModelPart, _ network: ModelPart, name: String, of model: Module
  ) -> Found {
    let reports = [whole, network].map { ($0, model.loadReport(for: $0.state)) }
    let fitting = reports.filter { $1.isAcceptable(strict: true) }.map(\.0)
    if fitting.count == 1 { return .one(fitting[0]) }
    if fitting.count == 2 && whole.name == name { return .one(whole) }
    if fitting.isEmpty {
      let matching = reports.filter { !$1.matched.isEmpty }.map(\.0)
      if matching.count < 2 { return .one(matching.first ?? whole) }
    }
    return .several([whole.description, network.description])
  }

  /// The part as it is told from others of its name.
  private var description: String {
    switch place {
    case .own: "\(name) (the whole model)"
    case .further: name
    case .network: "\(name) (a part of the model)"
    }
  }
}
