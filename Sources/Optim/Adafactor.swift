import Arrays
import Autograd
import Files
import OrderedCollections
import Platform
import States

/// Adaptive rates with factored second moments. Equivalent to `torch.optim.Adafactor`.
///
/// Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost" (2018). Of a
/// matrix only the means of squared gradients over rows and over columns are kept.
///
/// State: `step`, a scalar of `float32`; `row_var` and `col_var`, of the parameter's shape with a last
/// dimension, and a last but one, of 1; of a vector `variance` instead.
public final class Adafactor: Optimizer {
  /// An optimizer of a module or its parameters.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - beta2Decay: The power by which the decay rate of the averages approaches 1; not positive.
  ///   - eps: The least root of the variance, that of the parameter's type if nil, and the least size
  ///     of a parameter that steps are relative to.
  ///   - d: The greatest root mean square of an update, at least 1.
  ///   - weightDecay: Before each step the parameter is multiplied by 1 − `lr` · `weightDecay`.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1e-2, beta2Decay: Double = -0.8,
    eps: (Double?, Double) = (nil, 1e-3), d: Double = 1, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    self.init(
      source.namedSource, lr: lr, beta2Decay: beta2Decay, eps: eps, d: d,
      weightDecay: weightDecay, maximize: maximize)
  }

  /// An optimizer with one parameter group.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them.
  ///   - lr: The learning rate, not negative.
  ///   - beta2Decay: The power by which the decay rate of the averages approaches 1; not positive.
  ///   - eps: The least root of the variance, that of the parameter's type if nil, and the least size
  ///     of a parameter that steps are relative to.
  ///   - d: The greatest root mean square of an update, at least 1.
  ///   - weightDecay: Before each step the parameter is multiplied by 1 − `lr` · `weightDecay`.
  ///   - maximize: Whether to increase the loss rather than decrease it.
  /// - Precondition: Every option is in its range.
  public convenience init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1e-2,
    beta2Decay: Double = -0.8, eps: (Double?, Double) = (nil, 1e-3), d: Double = 1,
    weightDecay: Double = 0, maximize: Bool = false
  ) {
    self.init(
      groups: [ParameterGroup(parameters)], lr: lr, beta2Decay: beta2Decay, eps: eps, d: d,
      weightDecay: weightDecay, maximize: maximize)
  }

  /// An optimizer with several parameter groups. The arguments are those of the initializer for one.
  ///
  /// - Precondition: Every option is in its range, and no parameter or name occurs twice.
  public init(
    groups: [ParameterGroup], lr: Double = 1e-2, beta2Decay: Double = -0.8,
    eps: (Double?, Double) = (nil, 1e-3), d: Double = 1, weightDecay: Double = 0,
    maximize: Bool = false
  ) {
    require(
      lr >= 0 && beta2Decay <= 0 && (eps.0 ?? 0) >= 0 && eps.1 >= 0 && d >= 1 && weightDecay >= 0,
      "Adafactor: lr \(lr), eps \(eps) and weightDecay \(weightDecay) must not be negative, "
        + "beta2Decay \(beta2Decay) not positive, d \(d) at least 1")
    super.init(
      groups: groups,
      defaults: [
        "lr": .float(lr), "beta2_decay": .float(beta2Decay),
        "eps": .tuple([eps.0.map(Value.float) ?? .none, .float(eps.1)]), "d": .float(d),
        "weight_decay": .float(weightDecay), "foreach": .none, "maximize": .bool(maximize),
      ])
  }

  /// The names in each parameter's state.
  public override var slotNames: [String] { ["step", "row_var", "col_var", "variance"] }

  /// The shape of a slot.
  public override func slotShape(_ slot: String, of parameter: Shape) -> Shape {
    guard slot != "variance", parameter.rank > 1 else { return parameter }
    var lengths = parameter.dimensions
    lengths[lengths.count - (slot == "row_var" ? 1 : 2)] = 1
    return Shape(lengths)
  }

  /// Performs one step on a parameter by the formula of the class.
  public override func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots, _ group: ParameterGroup
  ) {
    let step = Self.advance(&slots)
    var values = Tensor(parameter)
    let gradient = group.flag("maximize") ? -Tensor(gradient) : Tensor(gradient)
    let eps = group.options["eps"]?.elements ?? []
    let eps1 = eps.first?.doubleValue ?? Self.spacing(parameterType)
    let eps2 = eps.last?.doubleValue ?? 0
    let share = pow(step, group.number("beta2_decay"))
    let size = Double(values.norm()) / Double(values.elementCount).squareRoot()
    let alpha = max(eps2, size) * min(group.lr, 1 / step.squareRoot())
    let decay = group.number("weight_decay")
    if decay != 0 { values = values * (1 - group.lr * decay) }
    func average(_ slot: String, _ mean: Tensor) -> Tensor {
      // In another type where the parameter has been converted since, or is of half precision.
      let before = slots[slot].map { Tensor($0.cast(to: mean.dtype)) } ?? .zeros(like: mean)
      let after = before.lerp(mean, share)
      slots[slot] = after.array
      return after
    }
    var variance: Tensor
    if gradient.rank > 1 {
      let squares = gradient.square()
      let rows = average("row_var", squares.mean([-1], keepDims: true))
      let columns = average("col_var", squares.mean([-2], keepDims: true))
      variance = rows.matmul(columns) / rows.mean([-2], keepDims: true).clamp(min: eps1)
    } else {
      variance = average("variance", gradient.square())
    }
    let update = variance.clamp(min: eps1 * eps1).rsqrt() * gradient
    let length = Double(update.norm()) / Double(update.elementCount).squareRoot()
    parameter = (values - update * (alpha / max(1, length / group.number("d")))).array
  }

  /// The distance of 1 from the next greater number of a type, `torch.finfo(dtype).eps`.
  private static func spacing(_ dtype: DType) -> Double {
    switch dtype {
    case .float64: .ulpOfOne
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    default: Double(Float.ulpOfOne)
    }
  }
}
