import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import Platform
import States

/// Adam that adapts once it has seen enough gradients. Equivalent to `torch.optim.RAdam`.
///
/// Liu et al., "On the variance of the adaptive learning rate and beyond" (2020). State: `step`, a
/// scalar of `float32`; `exp_avg`; `exp_avg_sq`.
public final class RAdam: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - betas: How much is kept of the averages of gradients and of their squares.
  ///   - eps: What is added to the denominator.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - decoupledWeightDecay: Whether the parameter shrinks by itself instead, as in ``AdamW``.
  ///   - maximize: Whether to climb rather than descend.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    decoupledWeightDecay: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, decoupledWeightDecay: decoupledWeightDecay, maximize: maximize)
  }

  /// An optimizer of several groups; the options are for those that do not give their own.
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
        "weight_decay": .float(weightDecay), "maximize": .bool(maximize), "foreach": .none,
        "capturable": false, "decoupled_weight_decay": .bool(decoupledWeightDecay),
        "differentiable": false,
      ])
  }

  public override var slotNames: [String] { ["step", "exp_avg", "exp_avg_sq"] }

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
