import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Gradients scaled by the ratio of running averages. Equivalent to `torch.optim.Adadelta`.
///
/// Zeiler, "ADADELTA: an adaptive learning rate method" (2012). Each step changes the parameter by
/// −`lr` · √(u + ε) / √(v + ε) · g, where v is the running average of g² and u that of the squared
/// changes.
///
/// State: `step`, a scalar of `float32`; `square_avg`, the average of squared gradients;
/// `acc_delta`, that of squared changes; both of the parameter's shape and type.
public final class Adadelta: Optimizer {
  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them,
  ///     with distinct names.
  ///   - lr: The learning rate, not negative.
  ///   - rho: Decay rate of the running averages of squares, in `0...1`.
  ///   - eps: Added to both averages of squares before their roots are taken; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1, rho: Double = 0.9,
    eps: Double = 1e-6, weightDecay: Double = 0, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, rho: rho, eps: eps, weightDecay: weightDecay,
      maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - rho: Decay rate of the running averages of squares, in `0...1`.
  ///   - eps: Added to both averages of squares before their roots are taken; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1, rho: Double = 0.9,
    eps: Double = 1e-6, weightDecay: Double = 0, maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, rho: rho, eps: eps, weightDecay: weightDecay, maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
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
        "weight_decay": .whole(weightDecay), "maximize": .bool(maximize), "capturable": false,
        "foreach": .none, "differentiable": false,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "square_avg", "acc_delta"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
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
