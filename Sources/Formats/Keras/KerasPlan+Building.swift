import Checkpoints
import States

extension KerasPlan {
  /// The plan of a model, as its config describes it, or as it was inferred from a file.
  init(_ model: KerasLayer) {
    var builder = KerasPlanBuilder(flows: KerasFlows(model))
    builder.add(
      model, at: KerasPlanBuilder.Position(isTrainable: model.isTrainable), isRoot: true)
    self = builder.plan
  }
}

/// Walks a model and collects its variables.
struct KerasPlanBuilder {
  let flows: KerasFlows
  private(set) var plan = KerasPlan()

  /// Where the walk is.
  struct Position {
    /// Where a `.weights.h5` has the layer.
    var place = ""
    /// The layer's path in the model, and what flows into it is known by.
    var path = ""
    /// What the keys of its tensors begin with.
    var key = ""
    /// The layer of the model at the top that it is in, or is.
    var topLayer: String?
    /// Whether it and all that it is in are learned.
    var isTrainable = true
  }

  init(flows: KerasFlows) { self.flows = flows }

  /// Adds a layer, and what is in it.
  mutating func add(_ layer: KerasLayer, at position: Position, isRoot: Bool = false) {
    plan.layerKeys[position.place] = position.key
    guard isRoot || layer.isModel else {
      addVariables(of: layer, at: position)
      return
    }
    var counts: [String: Int] = [:]
    for child in layer.layers {
      if layer.className == "Sequential", child.className == "InputLayer" { continue }
      let snake = child.snakeName
      let number = counts[snake, default: 0]
      counts[snake] = number + 1
      var inner = position
      inner.place +=
        (position.place.isEmpty ? "" : "/") + "layers/"
        + (number == 0 ? snake : "\(snake)_\(number)")
      inner.path += (position.path.isEmpty ? "" : "/") + child.name
      inner.key += (position.key.isEmpty ? "" : ".") + child.name
      inner.topLayer = position.topLayer ?? child.name
      inner.isTrainable = position.isTrainable && child.isTrainable
      add(child, at: inner)
    }
  }

  private mutating func addVariables(of layer: KerasLayer, at position: Position) {
    let flow = flows.inputs[position.path] ?? .unknown
    guard let recipe = KerasRecipe(layer, input: flow) else { return }
    let start = plan.variables.count
    for variable in recipe.variables {
      plan.variables.append(
        KerasVariable(
          path: "\(position.path)/\(variable.path)", place: "\(position.place)/\(variable.place)",
          layer: position.topLayer, isTrainable: position.isTrainable && variable.isLearned,
          dtype: layer.variableType))
    }
    let numbers = Dictionary(
      zip(recipe.variables.map(\.label), start...), uniquingKeysWith: { first, _ in first })
    for mapping in recipe.mappings {
      plan.mappings.append(
        KerasMapping(
          variables: mapping.labels.compactMap { numbers[$0] },
          keys: mapping.suffixes.map { "\(position.key).\($0)" }, role: mapping.role,
          transform: mapping.transform))
    }
    for constant in recipe.constants {
      plan.constants.append(
        KerasConstant(
          key: "\(position.key).\(constant.suffix)", content: constant.content, role: constant.role,
          mapping: plan.mappings.count - 1))
    }
    if !recipe.hyperparameters.isEmpty {
      plan.hyperparameters[.string(position.key)] = .dict(recipe.hyperparameters)
    }
    if let note = recipe.note {
      plan.notes.append("\(position.path): \(note); its weights are as Keras has them")
    }
    if ["Dense", "BatchNormalization"].contains(layer.className) {
      tellOrder(of: position, flow, recipe)
    }
  }

  /// Tells that the order of a layer's inputs is not known: after `Flatten`, or after a layer that is
  /// not known and may flatten what convolutions gave.
  private mutating func tellOrder(of position: Position, _ flow: KerasFlow, _ recipe: KerasRecipe) {
    let reason: String
    switch flow.order {
    case .flattenedUnknown: reason = "the shape before Flatten is not known"
    case .unknown where plan.hasConvolutions: reason = "what the layer is given is not known"
    default: return
    }
    // The bias of a Dense layer has an element for each output, whatever the inputs are.
    let isDense = recipe.mappings.contains { $0.labels == ["kernel"] }
    for suffix in recipe.mappings.flatMap(\.suffixes) where suffix != "bias" || !isDense {
      plan.losses.append(
        ConversionLoss(
          .layoutGuessed, "\(position.key).\(suffix)",
          "\(reason), so the order of its inputs is Keras's, channels last"))
    }
  }
}
