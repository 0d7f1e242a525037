import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Adaptive moment estimation. Equivalent to `torch.optim.Adam`.
///
/// Kingma and Ba, "Adam: a method for stochastic optimization" (2015). With m and v the running
/// averages of g and g², each step changes the parameter by −`lr` · m̂ / (√v̂ + ε), where m̂ = m /
/// (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ).
///
/// State: `step`, a scalar of `float32`; `exp_avg` and `exp_avg_sq`, of the parameter's shape and
/// type; with `amsgrad` also `max_exp_avg_sq`.
public class Adam: Optimizer {
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
  ///   - amsgrad: Whether to divide by the maximum so far of the average of squares (Reddi et al.,
  ///     "On the convergence of Adam and beyond", 2018).
  ///   - maximize: Whether to increase the loss rather than decrease it.
  ///   - decoupledWeightDecay: Whether the parameter is multiplied by 1 − `lr` · `weightDecay`
  ///     instead of the gradient being changed, as in ``AdamW``.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    amsgrad: Bool = false, maximize: Bool = false, decoupledWeightDecay: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize,
      decoupledWeightDecay: decoupledWeightDecay)
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
  ///   - amsgrad: Whether to divide by the maximum so far of the average of squares (Reddi et al.,
  ///     "On the convergence of Adam and beyond", 2018).
  ///   - maximize: Whether to increase the loss rather than decrease it.
  ///   - decoupledWeightDecay: Whether the parameter is multiplied by 1 − `lr` · `weightDecay`
  ///     instead of the gradient being changed, as in ``AdamW``.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    amsgrad: Bool = false, maximize: Bool = false, decoupledWeightDecay: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay,
      amsgrad: amsgrad, maximize: maximize, decoupledWeightDecay: decoupledWeightDecay)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 0, amsgrad: Bool = false, maximize: Bool = false,
    decoupledWeightDecay: Bool = false
  ) {
    require(
      lr >= 0 && eps >= 0 && weightDecay >= 0 && (0..<1).contains(betas.0)
        && (0..<1).contains(betas.1),
      "Adam: lr \(lr), eps \(eps) and weightDecay \(weightDecay) must not be negative, "
        + "betas \(betas) in 0..<1")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "betas": .tuple([.float(betas.0), .float(betas.1)]), "eps": .float(eps),
        "weight_decay": .whole(weightDecay), "amsgrad": .bool(amsgrad),
        "maximize": .bool(maximize), "foreach": .none, "capturable": false,
        "differentiable": false, "fused": .none,
        "decoupled_weight_decay": .bool(decoupledWeightDecay),
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    let options = CKAdam(group, step: Self.advance(&slots))
    let names =
      ["exp_avg", "exp_avg_sq"] + (group.flag("amsgrad") ? ["max_exp_avg_sq"] : [])
    Self.loop(&parameter, gradient, &slots, names) { part in
      ck_adam(
        part.type, part.values, part.gradient, part.slots[0], part.slots[1],
        part.slots.count > 2 ? part.slots[2] : nil, part.count, options)
    }
  }
}

/// Adam with decoupled weight decay. Equivalent to `torch.optim.AdamW`.
///
/// Loshchilov and Hutter, "Decoupled weight decay regularization" (2019). Weight decay shrinks the
/// parameter instead of adding to its gradient, so it is not scaled by the averages.
///
/// State: as ``Adam``.
public final class AdamW: Adam {
  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them,
  ///     with distinct names.
  ///   - lr: The learning rate, not negative.
  ///   - betas: Decay rates of the running averages of the gradient and of its square, each in
  ///     `0..<1`.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - weightDecay: Before each step the parameter is multiplied by 1 − `lr` · `weightDecay`. Not
  ///     negative.
  ///   - amsgrad: Whether to divide by the maximum so far of the average of squares (Reddi et al.,
  ///     "On the convergence of Adam and beyond", 2018).
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 1e-2,
    amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - betas: Decay rates of the running averages of the gradient and of its square, each in
  ///     `0..<1`.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - weightDecay: Before each step the parameter is multiplied by 1 − `lr` · `weightDecay`. Not
  ///     negative.
  ///   - amsgrad: Whether to divide by the maximum so far of the average of squares (Reddi et al.,
  ///     "On the convergence of Adam and beyond", 2018).
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 1e-2,
    amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay,
      amsgrad: amsgrad, maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
  ) {
    super.init(
      groups: groups, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay, amsgrad: amsgrad,
      maximize: maximize, decoupledWeightDecay: true)
  }
}
