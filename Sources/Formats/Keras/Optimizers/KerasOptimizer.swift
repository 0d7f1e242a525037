import Arrays
import OrderedCollections
import States

/// A kind of optimizer that both Keras and PyTorch have, and what each calls its state.
struct KerasOptimizer {
  /// A variable for each parameter.
  struct Slot {
    /// What Keras's name of it ends in.
    var suffix: String
    /// PyTorch's name.
    var name: String
    /// What TF-Keras calls it, today and before.
    var oldNames: Set<String> = []
    /// What Keras's numbers are multiplied by to be PyTorch's.
    var scale = Scale.none
  }

  /// Keras's momentum has the learning rate in it, PyTorch's has not.
  enum Scale {
    case none
    /// Keras's is PyTorch's times the learning rate.
    case rate
    /// The same, with the other sign.
    case negativeRate
  }

  /// Slots in the order of a file: those of a list stand together for each parameter, and the lists
  /// one after the other.
  var slots: [[Slot]]
  /// PyTorch's class.
  var type: String
  /// PyTorch's options but for the learning rate.
  var options: OrderedDictionary<String, Value>
  /// Whether PyTorch counts the steps of each parameter.
  var countsSteps = true
  /// Whether the learning rate is a variable: schedules are not.
  private(set) var hasRate: Bool
  /// Whether the product of momenta is a variable behind the others, as Nadam of Keras 3 has it; nil if
  /// there is no such product.
  var hasProduct: Bool?
  /// The learning rate of the config, where it is no variable, as in the archives of TF-Keras.
  private(set) var fixedRate: Double?

  /// The optimizer of a config, nil if it has no twin.
  init?(className: String, config: Value) {
    func number(_ name: String, _ value: Double) -> Value {
      .float(config[name]?.doubleValue ?? value)
    }
    func flag(_ name: String) -> Bool { config[name]?.boolValue ?? false }
    guard Self.objection(to: className, config) == nil else { return nil }
    hasRate = config["learning_rate"]?.dictionary == nil
    let decay = Self.decay(of: config)
    let momentum = config["momentum"]?.doubleValue ?? 0
    type = className
    switch className {
    case "Adam", "AdamW":
      let isAMSGrad = flag("amsgrad")
      slots = [Self.moments]
      if isAMSGrad {
        slots.append([Slot(suffix: "velocity_hat", name: "max_exp_avg_sq", oldNames: ["vhat"])])
      }
      type = className == "AdamW" || decay != 0 ? "AdamW" : "Adam"
      options = [
        "betas": .tuple([number("beta_1", 0.9), number("beta_2", 0.999)]),
        "eps": number("epsilon", 1e-7), "weight_decay": .float(decay),
        "amsgrad": .bool(isAMSGrad), "maximize": false, "foreach": .none, "capturable": false,
        "differentiable": false, "fused": .none, "decoupled_weight_decay": .bool(type == "AdamW"),
      ]
    case "Nadam":
      slots = [Self.moments]
      type = "NAdam"
      hasProduct = true
      // PyTorch's schedule of the momentum is Keras's with this decay.
      options = [
        "betas": .tuple([number("beta_1", 0.9), number("beta_2", 0.999)]),
        "eps": number("epsilon", 1e-7), "weight_decay": .float(decay), "momentum_decay": 1.0,
        "decoupled_weight_decay": true, "maximize": false, "foreach": .none, "capturable": false,
        "differentiable": false,
      ]
    case "SGD":
      slots =
        momentum == 0
        ? []
        : [
          [
            Slot(
              suffix: "momentum", name: "momentum_buffer", oldNames: ["m", "momentum"],
              scale: .negativeRate)
          ]
        ]
      options = [
        "momentum": .float(momentum), "dampening": 0, "weight_decay": .float(decay),
        "nesterov": .bool(flag("nesterov")), "maximize": false, "foreach": .none,
        "differentiable": false, "fused": .none,
      ]
      countsSteps = false
    case "RMSprop":
      slots = [[Slot(suffix: "velocity", name: "square_avg", oldNames: ["velocity", "rms"])]]
      if momentum > 0 {
        slots.append([
          Slot(
            suffix: "momentum", name: "momentum_buffer", oldNames: ["momentum"], scale: .rate)
        ])
      }
      if flag("centered") {
        slots.append([
          Slot(
            suffix: "average_gradient", name: "grad_avg", oldNames: ["average_gradient", "mg"])
        ])
      }
      options = [
        "momentum": .float(momentum), "alpha": number("rho", 0.9),
        "eps": number("epsilon", 1e-7), "centered": .bool(flag("centered")),
        "weight_decay": .float(decay), "capturable": false, "foreach": .none, "maximize": false,
        "differentiable": false,
      ]
    case "Adagrad":
      slots = [[Slot(suffix: "accumulator", name: "sum", oldNames: ["accumulator"])]]
      options = [
        "lr_decay": 0, "eps": number("epsilon", 1e-7), "weight_decay": .float(decay),
        "initial_accumulator_value": number("initial_accumulator_value", 0.1), "foreach": .none,
        "maximize": false, "differentiable": false, "fused": .none,
      ]
    case "Adadelta":
      slots = [
        [
          Slot(
            suffix: "accumulated_grad", name: "square_avg",
            oldNames: ["accumulated_grad", "accum_grad"]),
          Slot(
            suffix: "accumulated_delta_var", name: "acc_delta",
            oldNames: ["accumulated_delta_var", "accum_var"]),
        ]
      ]
      options = [
        "rho": number("rho", 0.95), "eps": number("epsilon", 1e-7),
        "weight_decay": .float(decay), "foreach": .none, "capturable": false, "maximize": false,
        "differentiable": false,
      ]
    case "Adamax":
      slots = [
        [
          Slot(suffix: "momentum", name: "exp_avg", oldNames: ["m"]),
          Slot(suffix: "norm", name: "exp_inf", oldNames: ["u", "v"]),
        ]
      ]
      options = [
        "betas": .tuple([number("beta_1", 0.9), number("beta_2", 0.999)]),
        "eps": number("epsilon", 1e-7), "weight_decay": .float(decay), "foreach": .none,
        "maximize": false, "differentiable": false, "capturable": false,
      ]
    default: return nil
    }
    // Without the rate it is not known what the momentum is.
    let isScaled = slots.joined().contains { $0.scale != .none }
    guard hasRate || !isScaled else { return nil }
  }

  private static func decay(of config: Value) -> Double {
    config["weight_decay"]?.doubleValue ?? 0
  }

  /// Why an optimizer of a class that both have has no twin with these options; nil if it has.
  static func objection(to className: String, _ config: Value) -> String? {
    // These keep more variables than the class says.
    if config["use_ema"]?.boolValue == true { return "it keeps averages of the weights" }
    if !isAbsent(config["gradient_accumulation_steps"]) { return "it accumulates gradients" }
    // Decay in Keras is never added to the gradient, as it is in these of PyTorch.
    let adds: Set = ["SGD", "RMSprop", "Adagrad", "Adadelta", "Adamax"]
    if adds.contains(className), decay(of: config) != 0 {
      return "its weight decay is apart from the gradient, and PyTorch's is added to it"
    }
    let hasMomentum = config["momentum"]?.doubleValue ?? 0 != 0
    if className == "SGD" || className == "RMSprop", hasMomentum,
      config["learning_rate"]?.dictionary != nil
    {
      return "its momentum has a learning rate in it that follows a schedule"
    }
    return nil
  }

  /// What Keras's optimizer does to gradients before it takes a step, which in PyTorch is not its task.
  static func clipping(_ config: Value) -> String? {
    let options = ["clipnorm", "global_clipnorm", "clipvalue"].compactMap { name in
      config[name]?.doubleValue.map { "\(name) \($0)" }
    }
    return options.isEmpty
      ? nil
      : "the optimizer clips gradients (\(options.joined(separator: ", "))), which PyTorch's does not: "
        + "torch.nn.utils clips them before a step"
  }

  private static let moments = [
    Slot(suffix: "momentum", name: "exp_avg", oldNames: ["m"]),
    Slot(suffix: "velocity", name: "exp_avg_sq", oldNames: ["v"]),
  ]

  private static func isAbsent(_ value: Value?) -> Bool {
    switch value {
    case nil, .some(.none): true
    default: false
    }
  }

  /// The same where the learning rate is in the config alone; nil if there is none.
  func withRate(of config: Value) -> KerasOptimizer? {
    guard hasRate, let rate = config["learning_rate"]?.doubleValue else { return nil }
    var optimizer = self
    optimizer.hasRate = false
    optimizer.fixedRate = rate
    return optimizer
  }

  /// How many variables it has.
  func count(_ plan: KerasPlan) -> Int {
    scalarCount + order(plan.trainable.count).count + (hasProduct == true ? 1 : 0)
  }

  /// What stands before the slots: the count of steps, and the learning rate.
  var scalarCount: Int { hasRate ? 2 : 1 }

  /// The parameter and the slot that each variable after the scalars belongs to.
  func order(_ parameterCount: Int) -> [(parameter: Int, slot: Slot)] {
    slots.flatMap { group in
      (0..<parameterCount).flatMap { parameter in group.map { (parameter, $0) } }
    }
  }
}

// MARK: - Reading

extension KerasOptimizer {
  /// The state of an optimizer of a model.
  ///
  /// - Parameters:
  ///   - values: The optimizer's variables in order, with their names if the file has them.
  /// - Returns: The state, or why it cannot be matched with the model's variables.
  func state(
    _ values: [(name: String?, array: NDArray)], _ plan: KerasPlan, file: String
  ) throws -> (state: OptimizerState?, reason: String?) {
    let trainable = plan.trainable
    let order = order(trainable.count)
    guard values.count == count(plan) else {
      return (nil, "it has \(values.count) variables, not \(count(plan))")
    }
    guard let step = try values[0].array.scalar,
      let rate = try hasRate ? values[1].array.scalar : fixedRate ?? 0
    else { return (nil, "its count of steps or its learning rate is not a number") }
    var arrays: [String: [Int: NDArray]] = [:]
    for (value, (parameter, slot)) in zip(values.dropFirst(scalarCount), order) {
      let index = trainable[parameter]
      guard plan.variables[index].shape == value.array.shape.dimensions else {
        return (
          nil,
          "a variable of it has the shape \(value.array.shape), which is not that of "
            + plan.variables[index].path
        )
      }
      let expected = plan.variables[index].path.replacing("/", with: "_") + "_" + slot.suffix
      if let name = value.name, name.hasSuffix("_" + slot.suffix), !name.hasSuffix(expected) {
        return (nil, "its variable \(name) stands where \(expected) should")
      }
      guard let scaled = try Self.unscaled(value.array, slot.scale, rate) else {
        return (nil, "its momentum is of a learning rate of 0")
      }
      arrays[slot.name, default: [:]][index] = scaled
    }
    let product = try hasProduct == true ? values[values.count - 1].array.scalar : nil
    return (
      try assembled(arrays, plan, step: step, rate: rate, product: product, file: file), nil
    )
  }

  private func assembled(
    _ arrays: [String: [Int: NDArray]], _ plan: KerasPlan, step: Double, rate: Double,
    product: Double?, file: String
  ) throws -> OptimizerState {
    let product = hasProduct == nil ? nil : product ?? productOfMomenta(step)
    var parameters: [String] = []
    var state: OrderedDictionary<String, OptimizerState.Slots> = [:]
    for (number, mapping) in plan.mappings.enumerated() {
      let isTrainable = mapping.variables.allSatisfy { plan.variables[$0].isTrainable }
      if mapping.role == .parameter, isTrainable { parameters += mapping.keys }
      for constant in plan.constants where constant.mapping == number {
        if constant.role == .parameter { parameters.append(constant.key) }
      }
      guard isTrainable else { continue }
      for key in mapping.keys where countsSteps {
        state[key, default: [:]]["step"] = .tensor(NDArray(Float(step)))
        if let product {
          state[key, default: [:]]["mu_product"] = .tensor(NDArray(Float(product)))
        }
      }
      for slot in slots.joined() {
        let sources = mapping.variables.compactMap { arrays[slot.name]?[$0] }
        let tensors = try plan.attempt(mapping, file) { () throws(KerasTransform.Mismatch) in
          try mapping.toPyTorch(sources, .slots)
        }
        for (key, tensor) in zip(mapping.keys, tensors) {
          state[key, default: [:]][slot.name] = .tensor(tensor)
        }
      }
    }
    // What a schedule of Keras's would give is not known here: whoever goes on has to say.
    let isKnown = hasRate || fixedRate != nil
    var options: OrderedDictionary<String, Value> = isKnown ? ["lr": .float(rate)] : [:]
    for (name, value) in self.options { options[name] = value }
    return OptimizerState(
      type: type, state: state,
      groups: [OptimizerState.Group(options: options, parameters: parameters)])
  }

  /// What Nadam multiplies at each step: `beta_1 · (1 - 0.96^t / 2)`.
  private func productOfMomenta(_ steps: Double) -> Double {
    let beta = options["betas"]?.elements?.first?.doubleValue ?? 0.9
    var (product, power) = (1.0, 1.0)
    // Beyond that many it is 0 in any case.
    for _ in 0..<Int(min(max(steps, 0), 1e6)) where product > 0 {
      power *= 0.96
      product *= beta * (1 - 0.5 * power)
    }
    return product
  }

  /// PyTorch's momentum of Keras's, in a wider type so that the way back gives the same bits.
  private static func unscaled(
    _ array: NDArray, _ scale: Scale, _ rate: Double
  ) throws -> NDArray? {
    guard scale != .none else { return array }
    guard rate != 0, rate.isFinite else { return nil }
    let factor = scale == .rate ? rate : -rate
    let values = try array.converted(to: .float64).elements(as: Double.self)
    return NDArray(values.map { $0 / factor }, shape: array.shape)
  }
}

extension NDArray {
  /// The number that an array of one element is, nil for other arrays.
  var scalar: Double? {
    get throws {
      guard elementCount == 1, !dtype.isComplex, dtype != .float4E2M1FNx2 else { return nil }
      return try converted(to: .float64).reshaped(to: [1]).elements(as: Double.self).first
    }
  }
}
