import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Stochastic gradient descent, with momentum if wanted. Equivalent to `torch.optim.SGD`.
///
/// State: `momentum_buffer`, if `momentum` is not zero.
public final class SGD: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - momentum: How much of the last change is kept.
  ///   - dampening: How much of the gradient is left out of what is kept.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - nesterov: Whether to look ahead by the momentum.
  ///   - maximize: Whether to climb rather than descend.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-3, momentum: Double = 0,
    dampening: Double = 0, weightDecay: Double = 0, nesterov: Bool = false, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, momentum: momentum, dampening: dampening,
      weightDecay: weightDecay, nesterov: nesterov, maximize: maximize)
  }

  /// An optimizer of several groups; the options are for those that do not give their own.
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
        "lr": .float(lr), "momentum": .float(momentum), "dampening": .float(dampening),
        "weight_decay": .float(weightDecay), "nesterov": .bool(nesterov),
        "maximize": .bool(maximize), "foreach": .none, "differentiable": false, "fused": .none,
      ])
  }

  public override var slotNames: [String] { ["momentum_buffer"] }

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
