import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import Platform
import States

/// Adam whose adaptive learning rate is rectified. Equivalent to `torch.optim.RAdam`.
///
/// Liu et al., "On the variance of the adaptive learning rate and beyond" (2020). While the average
/// of squares rests on too few gradients to be reliable (ρₜ ≤ 5, as in PyTorch; the paper has 4), a step is −`lr` ·
/// m̂; after that it is Adam's, times the rectification term.
///
/// State: `step`, a scalar of `float32`; `exp_avg` and `exp_avg_sq`, of the parameter's shape and
/// type.
public final class RAdam: Optimizer {
  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them,
  ///     with distinct names.
  ///   - lr: The learning rate, not negative.
  ///   - betas: Decay rates of the running averages of the gradient and of its square, each in
  ///     `0..<1`.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - decoupledWeightDecay: Whether the parameter is multiplied by 1 − `lr` · `weightDecay`
  ///     instead of the gradient being changed, as in ``AdamW``.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    decoupledWeightDecay: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, decoupledWeightDecay: decoupledWeightDecay, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - betas: Decay rates of the running averages of the gradient and of its square, each in
  ///     `0..<1`.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - decoupledWeightDecay: Whether the parameter is multiplied by 1 − `lr` · `weightDecay`
  ///     instead of the gradient being changed, as in ``AdamW``.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    decoupledWeightDecay: Bool = false, maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay,
      decoupledWeightDecay: decoupledWeightDecay, maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 0, decoupledWeightDecay: Bool = false,
    maximize: Bool = false
  ) {
    require(
      lr >= 0 && eps >= 0 && weightDecay >= 0 && (0..<1).contains(betas.0)
        && (0..<1).contains(betas.1),
      "RAdam: lr \(lr), eps \(eps) and weightDecay \(weightDecay) "
        + "must not be negative, betas \(betas) in 0..<1")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "betas": .tuple([.float(betas.0), .float(betas.1)]), "eps": .float(eps),
        "weight_decay": .whole(weightDecay), "maximize": .bool(maximize), "foreach": .none,
        "capturable": false, "decoupled_weight_decay": .bool(decoupledWeightDecay),
        "differentiable": false,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "exp_avg", "exp_avg_sq"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    let step = Self.advance(&slots)
    let options = CKAdam(group, step: step)
    // The length of the simple moving average that is as certain, and what it tends to.
    let longest = 2 / (1 - options.beta2) - 1
    let length = longest - 2 * step * pow(options.beta2, step) / options.correction2
    let rectification =
      length > 5
      ? ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        .squareRoot() : 0
    Self.loop(&parameter, gradient, &slots, ["exp_avg", "exp_avg_sq"]) { part in
      ck_radam(
        part.type, part.values, part.gradient, part.slots[0], part.slots[1], part.count, options,
        rectification)
    }
  }
}
