import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Adaptive moments. Equivalent to `torch.optim.Adam`.
///
/// Kingma and Ba, "Adam: a method for stochastic optimization" (2015). State: `step`, a scalar of
/// `float32`; `exp_avg`; `exp_avg_sq`; and with `amsgrad`, `max_exp_avg_sq`.
public class Adam: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - betas: How much is kept of the averages of gradients and of their squares.
  ///   - eps: What is added to the denominator.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - amsgrad: Whether the greatest average of squares so far is used.
  ///   - maximize: Whether to climb rather than descend.
  ///   - decoupledWeightDecay: Whether the parameter shrinks by itself, as in ``AdamW``.
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

  /// An optimizer of several groups; the options are for those that do not give their own.
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
        "weight_decay": .float(weightDecay), "amsgrad": .bool(amsgrad),
        "maximize": .bool(maximize), "foreach": .none, "capturable": false,
        "differentiable": false, "fused": .none,
        "decoupled_weight_decay": .bool(decoupledWeightDecay),
      ])
  }

  public override var slotNames: [String] { ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"] }

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

/// Adam with weight decay apart from the gradient. Equivalent to `torch.optim.AdamW`.
///
/// Loshchilov and Hutter, "Decoupled weight decay regularization" (2019). State: as ``Adam``.
public final class AdamW: Adam {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - betas: How much is kept of the averages of gradients and of their squares.
  ///   - eps: What is added to the denominator.
  ///   - weightDecay: By how much of `lr` the parameter shrinks.
  ///   - amsgrad: Whether the greatest average of squares so far is used.
  ///   - maximize: Whether to climb rather than descend.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 1e-2,
    amsgrad: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, amsgrad: amsgrad, maximize: maximize)
  }

  /// An optimizer of several groups; the options are for those that do not give their own.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    eps: Double = 1e-8, weightDecay: Double = 1e-2, amsgrad: Bool = false, maximize: Bool = false
  ) {
    super.init(
      groups: groups, lr: lr, betas: betas, eps: eps, weightDecay: weightDecay, amsgrad: amsgrad,
      maximize: maximize, decoupledWeightDecay: true)
  }
}
