import Arrays
import Autograd
import Files
import OrderedCollections
import States

/// Resilient backpropagation. Equivalent to `torch.optim.Rprop`.
///
/// Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the RPROP
/// algorithm" (1993). Each element has a step size of its own, which grows by `etas.1` while the sign
/// of its gradient stays, and shrinks by `etas.0` when it changes.
///
/// State: `step`, a scalar of `float32`; `prev` and `step_size`, of the parameter's shape and type.
public final class Rprop: Optimizer {
  /// An optimizer of a module or its parameters.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The first step size, not negative.
  ///   - etas: The factors of shrinking, in 0..<1, and of growing, above 1.
  ///   - stepSizes: The least and the greatest step size.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-2, etas: (Double, Double) = (0.5, 1.2),
    stepSizes: (Double, Double) = (1e-6, 50), maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, etas: etas, stepSizes: stepSizes, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them.
  ///   - lr: The first step size, not negative.
  ///   - etas: The factors of shrinking, in 0..<1, and of growing, above 1.
  ///   - stepSizes: The least and the greatest step size.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-2,
    etas: (Double, Double) = (0.5, 1.2), stepSizes: (Double, Double) = (1e-6, 50),
    maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, etas: etas, stepSizes: stepSizes,
      maximize: maximize)
  }

  /// An optimizer with several parameter groups. The arguments are those of the initializer for one.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-2, etas: (Double, Double) = (0.5, 1.2),
    stepSizes: (Double, Double) = (1e-6, 50), maximize: Bool = false
  ) {
    require(
      lr >= 0 && etas.0 > 0 && etas.0 < 1 && etas.1 > 1,
      "Rprop: lr \(lr) must not be negative, etas \(etas) must be below and above 1")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "etas": .tuple([.float(etas.0), .float(etas.1)]),
        "step_sizes": .tuple([.float(stepSizes.0), .float(stepSizes.1)]), "foreach": .none,
        "maximize": .bool(maximize), "differentiable": false, "capturable": false,
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "prev", "step_size"] }

  /// Performs one step on a parameter by the formula of the class.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots, _ group: ParameterGroup
  ) {
    let values = Tensor(parameter)
    _ = Self.advance(&slots)
    let (etas, limits) = (group.pair("etas"), group.pair("step_sizes"))
    let gradient = group.flag("maximize") ? -Tensor(gradient) : Tensor(gradient)
    let previous = slots["prev"].map { Tensor($0) } ?? .zeros(like: values)
    let size = slots["step_size"].map { Tensor($0) } ?? .full(like: values, group.lr)
    let sign = (gradient * previous).sign()
    let one = Tensor.ones(like: values)
    let factor = Tensor.where(
      sign .> 0, one * etas.1, Tensor.where(sign .< 0, one * etas.0, one))
    let newSize = (size * factor).clamp(min: limits.0, max: limits.1)
    let kept = gradient.maskedFill(sign .< 0, 0)
    parameter = (values - kept.sign() * newSize).array
    slots["prev"] = kept.array
    slots["step_size"] = newSize.array
  }
}
