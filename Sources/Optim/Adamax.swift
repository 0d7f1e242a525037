import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Adam with the infinity norm. Equivalent to `torch.optim.Adamax`.
///
/// Kingma and Ba, "Adam: a method for stochastic optimization" (2015), section 7.1. Each step
/// changes the parameter by −`lr` / (1 − β₁ᵗ) · m / u, where u = max(β₂ · u, |g| + ε).
///
/// State: `step`, a scalar of `float32`; `exp_avg` and `exp_inf`, the running maximum, of the
/// parameter's shape and type.
public final class Adamax: Optimizer {
  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them,
  ///     with distinct names.
  ///   - lr: The learning rate, not negative.
  ///   - betas: Decay rates of the running average of the gradient and of the running maximum, each
  ///     in `0..<1`.
  ///   - eps: Added to the magnitude of the gradient; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 2e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - betas: Decay rates of the running average of the gradient and of the running maximum, each
  ///     in `0..<1`.
  ///   - eps: Added to the magnitude of the gradient; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 2e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay,
      maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 0, maximize: Bool = false
  ) {
    require(
      lr >= 0 && eps >= 0 && weightDecay >= 0 && (0..<1).contains(betas.0)
        && (0..<1).contains(betas.1),
      "Adamax: lr \(lr), eps \(eps) and weightDecay \(weightDecay) "
        + "must not be negative, betas \(betas) in 0..<1")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "betas": .tuple([.float(betas.0), .float(betas.1)]), "eps": .float(eps),
        "weight_decay": .whole(weightDecay), "foreach": .none, "maximize": .bool(maximize),
        "differentiable": false, "capturable": false,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "exp_avg", "exp_inf"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    let options = CKAdam(group, step: Self.advance(&slots))
    Self.loop(&parameter, gradient, &slots, ["exp_avg", "exp_inf"]) { part in
      ck_adamax(
        part.type, part.values, part.gradient, part.slots[0], part.slots[1], part.count, options)
    }
  }
}
