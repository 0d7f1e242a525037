import Arrays
import Autograd
import Files
import OrderedCollections
import Platform
import States

/// Averaged stochastic gradient descent. Equivalent to `torch.optim.ASGD`.
///
/// Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992). The average
/// is kept in the state, as `ax`.
///
/// State: `step`, `eta` and `mu`, scalars of `float32`; `ax`, of the parameter's shape and type.
public final class ASGD: Optimizer {
  /// An optimizer of a module or its parameters.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - lambd: The decay.
  ///   - alpha: The power by which the rate falls.
  ///   - t0: The step at which averaging starts.
  ///   - weightDecay: L2 penalty, not negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-2, lambd: Double = 1e-4, alpha: Double = 0.75,
    t0: Double = 1e6, weightDecay: Double = 0, maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, lambd: lambd, alpha: alpha, t0: t0, weightDecay: weightDecay,
      maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them.
  ///   - lr: The learning rate, not negative.
  ///   - lambd: The decay.
  ///   - alpha: The power by which the rate falls.
  ///   - t0: The step at which averaging starts.
  ///   - weightDecay: L2 penalty, not negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-2,
    lambd: Double = 1e-4, alpha: Double = 0.75, t0: Double = 1e6, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, lambd: lambd, alpha: alpha, t0: t0,
      weightDecay: weightDecay, maximize: maximize)
  }

  /// An optimizer with several parameter groups. The arguments are those of the initializer for one.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-2, lambd: Double = 1e-4, alpha: Double = 0.75,
    t0: Double = 1e6, weightDecay: Double = 0, maximize: Bool = false
  ) {
    require(
      lr >= 0 && weightDecay >= 0,
      "ASGD: lr \(lr) and weightDecay \(weightDecay) must not be negative")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "lambd": .float(lambd), "alpha": .float(alpha), "t0": .float(t0),
        "weight_decay": .whole(weightDecay), "foreach": .none, "maximize": .bool(maximize),
        "differentiable": false, "capturable": false,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "eta", "mu", "ax"] }
  /// The scalars among them.
  public override var scalarSlotNames: Set<String> { ["step", "eta", "mu"] }

  /// Performs one step on a parameter by the formula of the class.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots, _ group: ParameterGroup
  ) {
    let step = Self.advance(&slots)
    let (lr, lambd) = (group.lr, group.number("lambd"))
    let eta = Double(slots["eta"]?.item(as: Float.self) ?? Float(lr))
    let mu = slots["mu"]?.item(as: Float.self) ?? 1
    var values = Tensor(parameter)
    var gradient = group.flag("maximize") ? -Tensor(gradient) : Tensor(gradient)
    let decay = group.number("weight_decay")
    if decay != 0 { gradient = gradient + values * decay }
    values = values * (1 - lambd * eta) - gradient * eta
    parameter = values.array
    let average = slots["ax"].map { Tensor($0) } ?? .zeros(like: values)
    slots["eta"] = NDArray(Float(lr / pow(1 + lambd * lr * step, group.number("alpha"))))
    slots["mu"] = NDArray(Float(1 / max(1, step - group.number("t0"))))
    slots["ax"] = mu == 1 ? values.array : (average + (values - average) * Double(mu)).array
  }
}
