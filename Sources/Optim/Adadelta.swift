import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Gradients scaled by the sizes of changes and gradients. Equivalent to `torch.optim.Adadelta`.
///
/// Zeiler, "ADADELTA: an adaptive learning rate method" (2012). State: `step`, a scalar of
/// `float32`; `square_avg`, of gradients; `acc_delta`, of changes.
public final class Adadelta: Optimizer {
  /// An optimizer of one group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` gives them.
  ///   - lr: The learning rate.
  ///   - rho: How much is kept of the averages of squares.
  ///   - eps: What is added to the denominator.
  ///   - weightDecay: How much of the parameter is added to its gradient.
  ///   - maximize: Whether to climb rather than descend.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1, rho: Double = 0.9,
    eps: Double = 1e-6, weightDecay: Double = 0, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, rho: rho, eps: eps, weightDecay: weightDecay,
      maximize: maximize)
  }

  /// An optimizer of several groups; the options are for those that do not give their own.
  public init(
    groups: [ParameterGroup], lr: Double = 1, rho: Double = 0.9, eps: Double = 1e-6,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    require(
      lr >= 0 && eps >= 0 && weightDecay >= 0 && (0...1).contains(rho),
      "Adadelta: lr \(lr), eps \(eps) and weightDecay \(weightDecay) "
        + "must not be negative, rho \(rho) in 0...1")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "rho": .float(rho), "eps": .float(eps),
        "weight_decay": .float(weightDecay), "maximize": .bool(maximize), "capturable": false,
        "foreach": .none, "differentiable": false,
      ])
  }

  public override var slotNames: [String] { ["step", "square_avg", "acc_delta"] }

  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    _ = Self.advance(&slots)
    let options = CKAdadelta(
      lr: group.lr, rho: group.number("rho"), eps: group.number("eps"),
      weight_decay: group.number("weight_decay"), maximize: group.flag("maximize"))
    Self.loop(&parameter, gradient, &slots, ["square_avg", "acc_delta"]) { part in
      ck_adadelta(
        part.type, part.values, part.gradient, part.slots[0], part.slots[1], part.count, options)
    }
  }
}
