import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Adam with the maximum in the place of the mean square. Equivalent to `torch.optim.Adamax`.
///
/// Kingma and Ba, "Adam: a method for stochastic optimization" (2015), section 7.1. State: `step`,
/// a scalar of `float32`; `exp_avg`; and `exp_inf`, the decaying maximum.
public final class Adamax: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - betas: How much is kept of the averages of gradients and of their magnitudes.
  ///   - eps: What is added to the denominator.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - maximize: Whether to climb rather than descend.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 2e-3,
    betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, betas: betas, eps: eps,
      weightDecay: weightDecay, maximize: maximize)
  }

  /// An optimizer of several groups; the options are for those that do not give their own.
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
        "weight_decay": .float(weightDecay), "foreach": .none, "maximize": .bool(maximize),
        "differentiable": false, "capturable": false,
      ])
  }

  public override var slotNames: [String] { ["step", "exp_avg", "exp_inf"] }

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
