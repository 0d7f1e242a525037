import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import Platform
import States

/// Adam with Nesterov's momentum. Equivalent to `torch.optim.NAdam`.
///
/// Dozat, "Incorporating Nesterov momentum into Adam" (2016). State: `step` and `mu_product`, the
/// product of the momenta so far, scalars of `float32`; `exp_avg`; `exp_avg_sq`.
public final class NAdam: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - betas: How much is kept of the averages of gradients and of their squares.
  ///   - eps: What is added to the denominator.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - momentumDecay: How the momentum is warmed up: ψ in the paper.
  ///   - decoupledWeightDecay: Whether the parameter shrinks by itself instead, as in ``AdamW``.
  ///   - maximize: Whether to climb rather than descend.
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

  /// An optimizer of several groups; the options are for those that do not give their own.
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
        "weight_decay": .float(weightDecay), "momentum_decay": .float(momentumDecay),
        "decoupled_weight_decay": .bool(decoupledWeightDecay), "maximize": .bool(maximize),
        "foreach": .none, "capturable": false, "differentiable": false,
      ])
  }

  public override var slotNames: [String] { ["step", "mu_product", "exp_avg", "exp_avg_sq"] }

  public override var scalarSlotNames: Set<String> { ["step", "mu_product"] }

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
