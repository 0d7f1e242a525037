import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Gradients divided by the root of the sum of their squares. Equivalent to `torch.optim.Adagrad`.
///
/// Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization" (2011). Each step changes the parameter by −`lr` · g / (√Σg² + ε).
///
/// As in PyTorch, every parameter has state from the start, frozen ones included. State: `step`, a
/// scalar of `float32`; `sum`, of the parameter's shape and type.
public final class Adagrad: Optimizer {
  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them,
  ///     with distinct names.
  ///   - lr: The learning rate, not negative.
  ///   - lrDecay: The learning rate is divided by 1 + (step − 1) · `lrDecay`. Not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - initialAccumulatorValue: The initial value of the sums of squares; not negative.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-2, lrDecay: Double = 0,
    weightDecay: Double = 0, initialAccumulatorValue: Double = 0, eps: Double = 1e-10,
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, lrDecay: lrDecay, weightDecay: weightDecay,
      initialAccumulatorValue: initialAccumulatorValue, eps: eps, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - lrDecay: The learning rate is divided by 1 + (step − 1) · `lrDecay`. Not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - initialAccumulatorValue: The initial value of the sums of squares; not negative.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-2, lrDecay: Double = 0,
    weightDecay: Double = 0, initialAccumulatorValue: Double = 0, eps: Double = 1e-10,
    maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, lrDecay: lrDecay, weightDecay: weightDecay,
      initialAccumulatorValue: initialAccumulatorValue, eps: eps, maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-2, lrDecay: Double = 0, weightDecay: Double = 0,
    initialAccumulatorValue: Double = 0, eps: Double = 1e-10, maximize: Bool = false
  ) {
    require(
      lr >= 0 && lrDecay >= 0 && weightDecay >= 0 && initialAccumulatorValue >= 0 && eps >= 0,
      "Adagrad: lr \(lr), lrDecay \(lrDecay), weightDecay \(weightDecay), "
        + "initialAccumulatorValue \(initialAccumulatorValue) and eps \(eps) must not be negative")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "lr_decay": .whole(lrDecay), "eps": .float(eps),
        "weight_decay": .whole(weightDecay),
        "initial_accumulator_value": .whole(initialAccumulatorValue),
        "foreach": .none, "maximize": .bool(maximize), "differentiable": false, "fused": .none,
      ])
    var state: OrderedDictionary<String, Slots> = [:]
    for (name, parameter) in self.groups.flatMap(\.parameters) {
      begin(&state[name, default: [:]], parameter.shape, parameter.dtype)
    }
    replace(state, self.groups.map(\.options))
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "sum"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    begin(&slots, parameter.shape, parameter.dtype)
    let step = Self.advance(&slots)
    let options = CKAdagrad(
      lr: group.lr / (1 + (step - 1) * group.number("lr_decay")), eps: group.number("eps"),
      weight_decay: group.number("weight_decay"), maximize: group.flag("maximize"))
    Self.loop(&parameter, gradient, &slots, ["sum"]) { part in
      ck_adagrad(
        part.type, part.values, part.gradient, part.slots[0], part.count, options)
    }
  }

  /// The state before the first step. PyTorch takes the value from the defaults, not the group.
  private func begin(_ slots: inout Slots, _ shape: Shape, _ dtype: DType) {
    guard slots.isEmpty else { return }
    slots["step"] = NDArray(Float(0))
    let value = defaults["initial_accumulator_value"]?.doubleValue ?? 0
    slots["sum"] = NDArray(filling: shape, with: value, dtype: dtype)
  }
}
