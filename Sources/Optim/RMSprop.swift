import Arrays
import Autograd
import CKernels
import Files
import OrderedCollections
import States

/// Gradients divided by their root mean square. Equivalent to `torch.optim.RMSprop`.
///
/// Hinton, lecture 6e of "Neural networks for machine learning" (2012); the centered variant is
/// from Graves, "Generating sequences with recurrent neural networks" (2013). Without
/// momentum, each step changes the parameter by −`lr` · g / (√v + ε), where v is the running average
/// of g², less the square of that of g if `centered`; with it by −`lr` · b, where b ← `momentum` · b +
/// g / (√v + ε).
///
/// State: `step`, a scalar of `float32`; `square_avg`; with `momentum` also `momentum_buffer`; if
/// `centered` also `grad_avg`; all but `step` of the parameter's shape and type.
public final class RMSprop: Optimizer {
  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them,
  ///     with distinct names.
  ///   - lr: The learning rate, not negative.
  ///   - alpha: Decay rate of the running averages, not negative.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - momentum: Factor by which the previous change is kept; 0 for none. Not negative.
  ///   - centered: Whether to divide by the standard deviation of the gradient rather than by the
  ///     root of its mean square.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-2, alpha: Double = 0.99,
    eps: Double = 1e-8, weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false,
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, alpha: alpha, eps: eps,
      weightDecay: weightDecay, momentum: momentum, centered: centered, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - alpha: Decay rate of the running averages, not negative.
  ///   - eps: Added to the denominator for numerical stability; not negative.
  ///   - weightDecay: L2 penalty: this multiple of the parameter is added to its gradient. Not
  ///     negative.
  ///   - momentum: Factor by which the previous change is kept; 0 for none. Not negative.
  ///   - centered: Whether to divide by the standard deviation of the gradient rather than by the
  ///     root of its mean square.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-2, alpha: Double = 0.99,
    eps: Double = 1e-8, weightDecay: Double = 0, momentum: Double = 0, centered: Bool = false,
    maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, alpha: alpha, eps: eps, weightDecay: weightDecay,
      momentum: momentum, centered: centered, maximize: maximize)
  }

  /// An optimizer with several parameter groups.
  ///
  /// Options that a group gives itself, under PyTorch's names, take precedence. The arguments are
  /// those of the initializer for one group.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
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
        "lr": .float(lr), "momentum": .whole(momentum), "alpha": .float(alpha), "eps": .float(eps),
        "centered": .bool(centered), "weight_decay": .whole(weightDecay), "capturable": false,
        "foreach": .none, "maximize": .bool(maximize), "differentiable": false,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "square_avg", "momentum_buffer", "grad_avg"] }

  /// Performs one step on a parameter by the formula of the class.
  ///
  /// The options are read from `group` each time, so that changes to them take effect at once.
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
