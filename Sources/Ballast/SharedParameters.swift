import Autograd
import NN
import Optim
import States

/// What a model and an optimizer call the parameters that they share.
///
/// A part of a model may have an optimizer of its own, by the names that the parameters have in that
/// part, as the generator of a GAN does. In a checkpoint its state has the names of the whole model,
/// by which everybody else finds the parameters.
struct SharedParameters {
  /// The names that are others in the model, by the optimizer's.
  private var modelNames: [String: String] = [:]
  /// The optimizer's names, in order.
  private let ownNames: [String]
  /// Whether at least one parameter is the model's, or has the name and shape of one of it.
  private(set) var isAny = false

  init(_ optimizer: Optimizer, in model: Module) {
    self.init(optimizer, among: model.namedParameters().map { ($0.name, $0.parameter) })
  }

  /// - Parameter known: The parameters that the model, or several of them, have.
  init(_ optimizer: Optimizer, among known: [(name: String, parameter: Parameter)]) {
    let names = Dictionary(known.map { (ObjectIdentifier($0.parameter), $0.name) }) { first, _ in
      first
    }
    let shapes = Dictionary(known.map { ($0.name, $0.parameter.shape) }) { first, _ in first }
    let own = optimizer.groups.flatMap(\.parameters)
    ownNames = own.map(\.name)
    let hasNames = optimizer.stateNaming == .keys
    for (name, parameter) in own {
      if let modelName = names[ObjectIdentifier(parameter)] {
        isAny = true
        if hasNames && modelName != name { modelNames[name] = modelName }
      } else if (shapes[name] ?? shapes["module." + name]) == parameter.shape {
        // An average of the weights has their names, and the optimizer is that of the weights. One that
        // wraps the model has it as `module`.
        isAny = true
      }
    }
  }

  /// A state of the optimizer by the model's names.
  ///
  /// - Precondition: The optimizer has no parameter of its own with a name of the model's.
  func named(_ state: OptimizerState) -> OptimizerState {
    guard let named = state.renamingParameters(modelNames) else {
      trap(
        "Checkpoint: two parameters of the optimizer would have one name of the model's; give it the names "
          + "of the model, as namedParameters() does")
    }
    return named
  }

  /// A state of a checkpoint by the optimizer's names; nil if it cannot be told whose names it has.
  func ownNamed(_ state: OptimizerState) -> OptimizerState? {
    guard state.naming == .keys, !modelNames.isEmpty else { return state }
    let saved = state.groups.flatMap(\.parameters)
    let renamed = ownNames.map { modelNames[$0] ?? $0 }
    if saved == ownNames { return state }
    if saved != renamed && Set(saved).isSubset(of: ownNames) {
      // Where a part has the names of the model in another order, both have all of them.
      return Set(saved).isSubset(of: renamed) ? nil : state
    }
    let names = Dictionary(modelNames.map { ($0.value, $0.key) }) { first, _ in first }
    return state.renamingParameters(names)
  }
}
