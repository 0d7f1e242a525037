import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Gradients divided by their running size. Equivalent to `torch.optim.RMSprop`.
///
/// Hinton, lecture 6e of "Neural networks for machine learning" (2012); centered as in Graves,
/// "Generating sequences with recurrent neural networks" (2013). State: `step`, a scalar of
/// `float32`; `square_avg`; with `momentum`, `momentum_buffer`; and if `centered`, `grad_avg`.
public final class RMSprop: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - alpha: How much is kept of the average of squares.
  ///   - eps: What is added to the denominator.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - momentum: How much of the last change is kept.
  ///   - centered: Whether they are divided by their standard deviation instead.
  ///   - maximize: Whether to climb rather than descend.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-2, alpha: Double = 0.99,
    eps: Double = 1e-8, weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false,
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, alpha: alpha, eps: eps,
      weightDecay: weightDecay, momentum: momentum, centered: centered, maximize: maximize)
  }

  /// An optimizer of several groups; the options are for those that do not give their own.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-2, alpha: Double = 0.99, eps: Double = 1e-8,
    weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false, maximize: Bool = false
  ) {
    require(
      lr >= 0 && alpha >= 0 && eps >= 0 && weightDecay >= 0 && momentum >= 0,
      "RMSprop: lr \(lr), alpha \(alpha), eps \(eps), "
        + "weightDecay \(weightDecay) and momentum \(momentum) must not be negative")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "momentum": .float(momentum), "alpha": .float(alpha), "eps": .float(eps),
        "centered": .bool(centered), "weight_decay": .float(weightDecay), "capturable": false,
        "foreach": .none, "maximize": .bool(maximize), "differentiable": false,
      ])
  }

  public override var slotNames: [String] { ["step", "square_avg", "momentum_buffer", "grad_avg"] }

  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    _ = Self.advance(&slots)
    let options = CKRMSprop(
      lr: group.lr, alpha: group.number("alpha"), eps: group.number("eps"),
      weight_decay: group.number("weight_decay"), momentum: group.number("momentum"),
      maximize: group.flag("maximize"))
    let (hasMomentum, isCentered) = (options.momentum > 0, group.flag("centered"))
    let names =
      ["square_avg"] + (hasMomentum ? ["momentum_buffer"] : []) + (isCentered ? ["grad_avg"] : [])
    Self.loop(&parameter, gradient, &slots, names) { part in
      ck_rmsprop(
        part.type, part.values, part.gradient, part.slots[0], hasMomentum ? part.slots[1] : nil,
        isCentered ? part.slots.last : nil, part.count, options)
    }
  }
}
