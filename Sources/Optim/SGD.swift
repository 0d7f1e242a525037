import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Stochastic gradient descent, optionally with momentum. Equivalent to `torch.optim.SGD`.
///
/// Each step changes the parameter by −`lr` · b, where b is the gradient or, with momentum, b ←
/// `momentum` · b + (1 − `dampening`) · g. The first step sets b to g. With
/// `nesterov`, the change is −`lr` · (g + `momentum` · b).
///
/// State: `momentum_buffer`, of the parameter's shape and type, if `momentum` is not zero.
public final class SGD: Optimizer {
  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them,
  ///     with distinct names.
  ///   - lr: The learning rate, not negative.
  ///   - momentum: Factor by which the previous change is kept; 0 for none. Not negative.
  ///   - dampening: Fraction of the gradient that is left out of the momentum, except in the first
  ///     step.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - nesterov: Whether to use Nesterov's momentum. Requires a positive `momentum` and a
  ///     `dampening` of 0.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-3, momentum: Double = 0,
    dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, momentum: momentum, dampening: dampening,
      weightDecay: weightDecay, nesterov: nesterov, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - momentum: Factor by which the previous change is kept; 0 for none. Not negative.
  ///   - dampening: Fraction of the gradient that is left out of the momentum, except in the first
  ///     step.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - nesterov: Whether to use Nesterov's momentum. Requires a positive `momentum` and a
  ///     `dampening` of 0.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-3, momentum: Double = 0,
    dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, momentum: momentum, dampening: dampening,
      weightDecay: weightDecay, nesterov: nesterov, maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    require(
      lr >= 0 && momentum >= 0 && weightDecay >= 0,
      "SGD: lr \(lr), momentum \(momentum) and weightDecay \(weightDecay) must not be negative")
    require(
      !nesterov || (momentum > 0 && dampening == 0),
      "SGD: Nesterov momentum requires a momentum and zero dampening")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "momentum": .whole(momentum), "dampening": .whole(dampening),
        "weight_decay": .whole(weightDecay), "nesterov": .bool(nesterov),
        "maximize": .bool(maximize), "foreach": .none, "differentiable": false, "fused": .none,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["momentum_buffer"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    let momentum = group.number("momentum")
    let options = CKSGD(
      lr: group.lr, momentum: momentum, dampening: group.number("dampening"),
      weight_decay: group.number("weight_decay"), nesterov: group.flag("nesterov"),
      maximize: group.flag("maximize"), first_step: slots["momentum_buffer"] == nil)
    let names = momentum == 0 ? [] : ["momentum_buffer"]
    Self.loop(&parameter, gradient, &slots, names) { part in
      ck_sgd(part.type, part.values, part.gradient, part.slots.first, part.count, options)
    }
  }
}
