import Arrays
import OrderedCollections
import States

extension KerasOptimizer {
  /// The variables of an optimizer with this state, in the order of Keras.
  ///
  /// - Parameters:
  ///   - iteration: The count of steps, for optimizers of PyTorch that keep none.
  ///   - scalars: The types of the count of steps and of the learning rate.
  /// - Returns: The variables with what their names end in, or why there are none.
  func variables(
    _ optimizer: OptimizerState, _ plan: KerasPlan, iteration: Double?, scalars: [DType],
    file: String
  ) throws -> (variables: [(name: String, array: NDArray)], reason: String?) {
    guard optimizer.naming == .keys else {
      return ([], "its parameters are numbered, not named")
    }
    guard optimizer.groups.count <= 1 else {
      return ([], "it has several groups of parameters, and Keras has one")
    }
    let known = optimizer.groups.first?.options["lr"]?.doubleValue
    guard known != nil || !hasRate else { return ([], "it has no learning rate") }
    let rate = known ?? 0
    var step: Double?
    var product: Double?
    var arrays: [String: [Int: NDArray]] = [:]
    for mapping in plan.mappings
    where mapping.variables.allSatisfy({ plan.variables[$0].isTrainable }) {
      for slot in slots.joined() {
        let sources = mapping.keys.compactMap { optimizer.state[$0]?[slot.name]?.tensor }
        guard sources.count == mapping.keys.count else {
          return ([], "it has no \(slot.name) of \(mapping.keys[0])")
        }
        let results = try plan.attempt(mapping, file) { () throws(KerasTransform.Mismatch) in
          try mapping.toKeras(sources, .slots)
        }
        for (index, array) in zip(mapping.variables, results) {
          guard plan.variables[index].shape.map({ $0 == array.shape.dimensions }) ?? true else {
            return ([], "its \(slot.name) of \(mapping.keys[0]) is not of the weight's shape")
          }
          let dtype = plan.variables[index].dtype.flatMap(DType.init(rawValue:))
          arrays[slot.suffix, default: [:]][index] = try Self.scaled(array, slot, rate, dtype)
        }
      }
      for key in mapping.keys {
        let own = try optimizer.state[key]?["step"].flatMap(Self.number)
        guard step == nil || own == nil || own == step else {
          return ([], "its parameters took different numbers of steps, and Keras has one count")
        }
        step = step ?? own
        product = try product ?? optimizer.state[key]?["mu_product"].flatMap(Self.number)
      }
    }
    var variables = [
      ("iteration", try Self.scalar(step ?? iteration ?? 0, scalars.first ?? .int32))
    ]
    if hasRate {
      variables.append(
        ("learning_rate", try Self.scalar(rate, scalars.dropFirst().first ?? .float32)))
    }
    let trainable = plan.trainable
    for (parameter, slot) in order(trainable.count) {
      guard let array = arrays[slot.suffix]?[trainable[parameter]] else {
        return ([], "it has no state of \(plan.variables[trainable[parameter]].path)")
      }
      let path = plan.variables[trainable[parameter]].path
      variables.append((path.replacing("/", with: "_") + "_" + slot.suffix, array))
    }
    if hasProduct == true {
      guard let product else { return ([], "it has no product of momenta") }
      variables.append(("variable", try Self.scalar(product, .float32)))
    }
    return (variables, nil)
  }

  /// The options whose values are not those of Keras's config, by PyTorch's names.
  func changedOptions(_ state: OptimizerState) -> [String] {
    guard let group = state.groups.first else { return [] }
    func numbers(_ value: Value) -> [Double]? {
      value.elements?.compactMap(\.doubleValue) ?? value.doubleValue.map { [$0] }
        ?? value.boolValue.map { [$0 ? 1 : 0] }
    }
    return options.compactMap { name, value in
      guard let own = group.options[name].flatMap(numbers), let other = numbers(value) else {
        return nil
      }
      return own == other ? nil : name
    }
  }

  private static func number(_ value: Value) throws -> Double? {
    try value.doubleValue ?? value.tensor?.scalar
  }

  private static func scalar(_ number: Double, _ dtype: DType) throws -> NDArray {
    try NDArray(number).converted(to: dtype)
  }

  /// Keras's momentum of PyTorch's.
  private static func scaled(
    _ array: NDArray, _ slot: Slot, _ rate: Double, _ dtype: DType?
  ) throws -> NDArray {
    guard slot.scale != .none else { return array }
    let factor = slot.scale == .rate ? rate : -rate
    let values = try array.converted(to: .float64).elements(as: Double.self)
    let narrow = dtype ?? (array.dtype == .float64 ? .float32 : array.dtype)
    return try NDArray(values.map { $0 * factor }, shape: array.shape).converted(to: narrow)
  }
}
