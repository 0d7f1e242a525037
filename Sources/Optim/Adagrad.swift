import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Gradients divided by their size over the whole run. Equivalent to `torch.optim.Adagrad`.
///
/// Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization" (2011). As in PyTorch, parameters have state from the start, frozen ones too.
/// State: `step`, a scalar of `float32`; `sum`.
public final class Adagrad: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - lrDecay: The learning rate is divided by 1 + (step − 1) · `lrDecay`.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - initialAccumulatorValue: What the sums of squares begin with.
  ///   - eps: What is added to the denominator.
  ///   - maximize: Whether to climb rather than descend.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-2, lrDecay: Double = 0,
    weightDecay: Double = 0, initialAccumulatorValue: Double = 0, eps: Double = 1e-10,
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, lrDecay: lrDecay, weightDecay: weightDecay,
      initialAccumulatorValue: initialAccumulatorValue, eps: eps, maximize: maximize)
  }

  /// An optimizer of several groups; the options are for those that do not give their own.
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
        "lr": .float(lr), "lr_decay": .float(lrDecay), "eps": .float(eps),
        "weight_decay": .float(weightDecay),
        "initial_accumulator_value": .float(initialAccumulatorValue),
        "foreach": .none, "maximize": .bool(maximize), "differentiable": false, "fused": .none,
      ])
    var state: OrderedDictionary<String, Slots> = [:]
    for (name, parameter) in self.groups.flatMap(\.parameters) {
      begin(&state[name, default: [:]], parameter.shape, parameter.dtype)
    }
    replace(state, self.groups.map(\.options))
  }

  public override var slotNames: [String] { ["step", "sum"] }

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
