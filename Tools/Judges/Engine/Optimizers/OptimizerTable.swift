/// How optimizers are made of PyTorch's options.
enum OptimizerTable {
  typealias Constructor = @Sendable ([ParameterGroup], Call) throws -> Optimizer

  static let all: [String: Constructor] = [
    "ASGD": asgd, "Adadelta": adadelta, "Adafactor": adafactor, "Adagrad": adagrad, "Adam": adam,
    "AdamW": adamW, "Adamax": adamax, "LBFGS": lbfgs, "NAdam": nadam, "RAdam": radam,
    "RMSprop": rmsprop,
    "Rprop": rprop, "SGD": sgd,
  ]

  /// Reads what chooses among implementations of one mathematics, which Ballast has one of.
  private static func ignoreImplementation(_ c: Call) throws {
    for name in ["foreach", "fused", "differentiable"] { c.ignore(nil, name) }
    if case .bool(true)? = c.argument(nil, "capturable") { throw NotExpressible("capturable") }
  }

  private static func betas(_ c: Call) throws -> (Double, Double) {
    guard let found = try c.optionalNumbers(nil, "betas") else { return (0.9, 0.999) }
    guard found.count == 2 else { throw NotExpressible("betas") }
    return (found[0], found[1])
  }

  /// A learning rate, which PyTorch takes as a tensor too.
  private static func lr(_ c: Call, _ standard: Double) throws -> Double {
    if case .tensor(let rate)? = c.argument(nil, "lr") { return rate.to(.float64).item() }
    return try c.number(nil, "lr", standard)
  }

  private static func decay(_ c: Call, _ standard: Double = 0) throws -> Double {
    try c.number(nil, "weight_decay", standard)
  }

  private static func maximize(_ c: Call) throws -> Bool {
    try ignoreImplementation(c)
    return try c.bool(nil, "maximize", false)
  }

  @Sendable private static func asgd(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    ASGD(
      groups: groups, lr: try lr(c, 1e-2), lambd: try c.number(nil, "lambd", 1e-4),
      alpha: try c.number(nil, "alpha", 0.75), t0: try c.number(nil, "t0", 1e6),
      weightDecay: try decay(c), maximize: try maximize(c))
  }
  @Sendable private static func adadelta(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer
  {
    Adadelta(
      groups: groups, lr: try lr(c, 1), rho: try c.number(nil, "rho", 0.9),
      eps: try c.number(nil, "eps", 1e-6), weightDecay: try decay(c), maximize: try maximize(c))
  }
  @Sendable private static func adafactor(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer
  {
    var eps: (Double?, Double) = (nil, 1e-3)
    if case .list(let parts)? = c.argument(nil, "eps") {
      let first: Double? = if case .number(let number) = parts[0] { number } else { nil }
      guard parts.count == 2, case .number(let second) = parts[1] else {
        throw NotExpressible("eps")
      }
      eps = (first, second)
    }
    return Adafactor(
      groups: groups, lr: try lr(c, 1e-2), beta2Decay: try c.number(nil, "beta2_decay", -0.8),
      eps: eps, d: try c.number(nil, "d", 1), weightDecay: try decay(c), maximize: try maximize(c))
  }
  @Sendable private static func adagrad(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    Adagrad(
      groups: groups, lr: try lr(c, 1e-2), lrDecay: try c.number(nil, "lr_decay", 0),
      weightDecay: try decay(c),
      initialAccumulatorValue: try c.number(nil, "initial_accumulator_value", 0),
      eps: try c.number(nil, "eps", 1e-10), maximize: try maximize(c))
  }
  @Sendable private static func adam(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    Adam(
      groups: groups, lr: try lr(c, 1e-3), betas: try betas(c), eps: try c.number(nil, "eps", 1e-8),
      weightDecay: try decay(c), amsgrad: try c.bool(nil, "amsgrad", false),
      maximize: try maximize(c),
      decoupledWeightDecay: try c.bool(nil, "decoupled_weight_decay", false))
  }
  @Sendable private static func adamW(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    AdamW(
      groups: groups, lr: try lr(c, 1e-3), betas: try betas(c), eps: try c.number(nil, "eps", 1e-8),
      weightDecay: try decay(c, 1e-2), amsgrad: try c.bool(nil, "amsgrad", false),
      maximize: try maximize(c))
  }
  @Sendable private static func adamax(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    Adamax(
      groups: groups, lr: try lr(c, 2e-3), betas: try betas(c), eps: try c.number(nil, "eps", 1e-8),
      weightDecay: try decay(c), maximize: try maximize(c))
  }
  @Sendable private static func lbfgs(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    guard groups.count == 1 else { throw NotExpressible("several groups") }
    return LBFGS(
      groups[0].parameters, lr: try lr(c, 1), maxIter: try c.int(nil, "max_iter", 20),
      maxEval: try c.optionalInt(nil, "max_eval"),
      toleranceGrad: try c.number(nil, "tolerance_grad", 1e-7),
      toleranceChange: try c.number(nil, "tolerance_change", 1e-9),
      historySize: try c.int(nil, "history_size", 100),
      lineSearchFn: c.argument(nil, "line_search_fn") == nil
        ? nil : try c.choice(nil, "line_search_fn", LBFGS.LineSearch.strongWolfe))
  }
  @Sendable private static func nadam(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    NAdam(
      groups: groups, lr: try lr(c, 2e-3), betas: try betas(c), eps: try c.number(nil, "eps", 1e-8),
      weightDecay: try decay(c), momentumDecay: try c.number(nil, "momentum_decay", 4e-3),
      decoupledWeightDecay: try c.bool(nil, "decoupled_weight_decay", false),
      maximize: try maximize(c))
  }
  @Sendable private static func radam(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    RAdam(
      groups: groups, lr: try lr(c, 1e-3), betas: try betas(c), eps: try c.number(nil, "eps", 1e-8),
      weightDecay: try decay(c),
      decoupledWeightDecay: try c.bool(nil, "decoupled_weight_decay", false),
      maximize: try maximize(c))
  }
  @Sendable private static func rmsprop(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    RMSprop(
      groups: groups, lr: try lr(c, 1e-2), alpha: try c.number(nil, "alpha", 0.99),
      eps: try c.number(nil, "eps", 1e-8), weightDecay: try decay(c),
      momentum: try c.number(nil, "momentum", 0), centered: try c.bool(nil, "centered", false),
      maximize: try maximize(c))
  }
  @Sendable private static func rprop(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    func pair(_ name: String, _ standard: (Double, Double)) throws -> (Double, Double) {
      guard let found = try c.optionalNumbers(nil, name) else { return standard }
      return (found[0], found[1])
    }
    return Rprop(
      groups: groups, lr: try lr(c, 1e-2), etas: try pair("etas", (0.5, 1.2)),
      stepSizes: try pair("step_sizes", (1e-6, 50)), maximize: try maximize(c))
  }
  @Sendable private static func sgd(_ groups: [ParameterGroup], _ c: Call) throws -> Optimizer {
    SGD(
      groups: groups, lr: try lr(c, 1e-3), momentum: try c.number(nil, "momentum", 0),
      dampening: try c.number(nil, "dampening", 0), weightDecay: try decay(c),
      nesterov: try c.bool(nil, "nesterov", false), maximize: try maximize(c))
  }
}
