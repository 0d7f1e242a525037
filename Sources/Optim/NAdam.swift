import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import Platform
import States

/// Adam with Nesterov's momentum. Equivalent to `torch.optim.NAdam`.
///
/// Dozat, "Incorporating Nesterov momentum into Adam" (2016).
///
/// State: `step` and `mu_product`, the product of the momenta so far, scalars of `float32`;
/// `exp_avg` and `exp_avg_sq`, of the parameter's shape and type.
public final class NAdam: Optimizer {
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
  ///   - momentumDecay: Rate at which the momentum warms up, ψ in the paper: at step t it is β₁ ·
  ///     (1 − 0.5 · 0.96^(t · ψ)). Not negative.
  ///   - decoupledWeightDecay: Whether the parameter is multiplied by 1 − `lr` · `weightDecay`
  ///     instead of the gradient being changed, as in ``AdamW``.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 2e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    momentumDecay: Double = 4e-3, decoupledWeightDecay: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, momentumDecay: momentumDecay,
      decoupledWeightDecay: decoupledWeightDecay,
      maximize: maximize)
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
  ///   - momentumDecay: Rate at which the momentum warms up, ψ in the paper: at step t it is β₁ ·
  ///     (1 − 0.5 · 0.96^(t · ψ)). Not negative.
  ///   - decoupledWeightDecay: Whether the parameter is multiplied by 1 − `lr` · `weightDecay`
  ///     instead of the gradient being changed, as in ``AdamW``.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 2e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    momentumDecay: Double = 4e-3, decoupledWeightDecay: Bool = false, maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay,
      momentumDecay: momentumDecay, decoupledWeightDecay: decoupledWeightDecay, maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 2e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 0, momentumDecay: Double = 4e-3,
    decoupledWeightDecay: Bool = false,
    maximize: Bool = false
  ) {
    require(
      lr >= 0 && eps >= 0 && weightDecay >= 0 && momentumDecay >= 0 && (0..<1).contains(betas.0)
        && (0..<1).contains(betas.1),
      "NAdam: lr \(lr), eps \(eps), weightDecay \(weightDecay) and momentumDecay \(momentumDecay) "
        + "must not be negative, betas \(betas) in 0..<1")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "betas": .tuple([.float(betas.0), .float(betas.1)]), "eps": .float(eps),
        "weight_decay": .whole(weightDecay), "momentum_decay": .float(momentumDecay),
        "decoupled_weight_decay": .bool(decoupledWeightDecay), "maximize": .bool(maximize),
        "foreach": .none, "capturable": false, "differentiable": false,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "mu_product", "exp_avg", "exp_avg_sq"] }

  /// The names of the scalars: `step` and `mu_product`.
  public override var scalarSlotNames: Set<String> { ["step", "mu_product"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    let step = Self.advance(&slots)
    let options = CKAdam(group, step: step)
    let decay = group.number("momentum_decay")
    func momentum(_ step: Double) -> Double {
      options.beta1 * (1 - 0.5 * pow(0.96, step * decay))
    }
    let (mu, next) = (momentum(step), momentum(step + 1))
    // In single precision, as PyTorch multiplies it.
    let product = (slots["mu_product"]?.item(as: Float.self) ?? 1) * Float(mu)
    slots["mu_product"] = NDArray(product)
    let ofGradient = options.lr * (1 - mu) / (1 - Double(product))
    let ofMean = options.lr * next / (1 - Double(product) * next)
    Self.loop(&parameter, gradient, &slots, ["exp_avg", "exp_avg_sq"]) { part in
      ck_nadam(
        part.type, part.values, part.gradient, part.slots[0], part.slots[1], part.count, options,
        ofGradient, ofMean)
    }
  }
}
