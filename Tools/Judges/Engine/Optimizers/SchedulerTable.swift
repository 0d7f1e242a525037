import Foundation

/// How schedulers are made of PyTorch's arguments.
enum SchedulerTable {
  typealias Constructor = @Sendable (Optimizer, Call) throws -> Scheduler

  static let all: [String: Constructor] = [
    "StepLR": { optimizer, c in
      StepLR(
        optimizer, stepSize: try c.int(nil, "step_size"), gamma: try c.number(nil, "gamma", 0.1))
    },
    "MultiStepLR": { optimizer, c in
      MultiStepLR(
        optimizer, milestones: try c.ints(nil, "milestones"),
        gamma: try c.number(nil, "gamma", 0.1))
    },
    "ConstantLR": { optimizer, c in
      ConstantLR(
        optimizer, factor: try c.number(nil, "factor", 1 / 3),
        totalIters: try c.int(nil, "total_iters", 5))
    },
    "LinearLR": { optimizer, c in
      LinearLR(
        optimizer, startFactor: try c.number(nil, "start_factor", 1 / 3),
        endFactor: try c.number(nil, "end_factor", 1),
        totalIters: try c.int(nil, "total_iters", 5))
    },
    "ExponentialLR": { optimizer, c in
      ExponentialLR(optimizer, gamma: try c.number(nil, "gamma"))
    },
    "PolynomialLR": { optimizer, c in
      PolynomialLR(
        optimizer, totalIters: try c.int(nil, "total_iters", 5),
        power: try c.number(nil, "power", 1))
    },
    "CosineAnnealingLR": { optimizer, c in
      CosineAnnealingLR(
        optimizer, tMax: try c.int(nil, "T_max"), etaMin: try c.number(nil, "eta_min", 0))
    },
    "CosineAnnealingWarmRestarts": { optimizer, c in
      CosineAnnealingWarmRestarts(
        optimizer, t0: try c.int(nil, "T_0"), tMult: try c.int(nil, "T_mult", 1),
        etaMin: try c.number(nil, "eta_min", 0))
    },
    "OneCycleLR": { optimizer, c in try oneCycle(optimizer, c) },
    "CyclicLR": { optimizer, c in try cyclic(optimizer, c) },
    "ReduceLROnPlateau": { optimizer, c in try plateau(optimizer, c) },
    // The functions of the samples.
    "LambdaLR": { optimizer, c in
      let base = try c.number(nil, "base")
      return LambdaLR(optimizer) { pow(base, Double($0)) }
    },
    "MultiplicativeLR": { optimizer, c in
      let base = try c.number(nil, "base")
      return MultiplicativeLR(optimizer) { _ in base }
    },
    "SequentialLR": { optimizer, c in
      SequentialLR(
        optimizer, schedulers: try parts(optimizer, c), milestones: try c.ints(nil, "milestones"))
    },
    "ChainedScheduler": { optimizer, c in ChainedScheduler(try parts(optimizer, c)) },
  ]

  /// The schedulers of one of several, made in their order.
  private static func parts(_ optimizer: Optimizer, _ c: Call) throws -> [LRScheduler] {
    guard case .list(let parts)? = c.argument(nil, "schedulers") else {
      throw NotExpressible("schedulers")
    }
    return try parts.map { part in
      guard case .fields(let fields) = part, case .text(let name)? = fields["name"],
        case .fields(let keywords)? = fields["keywords"], let make = all[name]
      else { throw NotExpressible("schedulers of \(part.kind)") }
      let call = Call([], keywords)
      guard let scheduler = try make(optimizer, call) as? LRScheduler else {
        throw NotExpressible(name)
      }
      try call.requireAllRead()
      return scheduler
    }
  }

  private static func oneCycle(_ optimizer: Optimizer, _ c: Call) throws -> Scheduler {
    let steps =
      try c.optionalInt(nil, "total_steps")
      ?? c.int(nil, "epochs") * c.int(nil, "steps_per_epoch")
    return OneCycleLR(
      optimizer, maxLR: [try c.number(nil, "max_lr")], totalSteps: steps,
      pctStart: try c.number(nil, "pct_start", 0.3),
      annealStrategy: try c.choice(nil, "anneal_strategy", .cos),
      cycleMomentum: try c.bool(nil, "cycle_momentum", true),
      divFactor: try c.number(nil, "div_factor", 25),
      finalDivFactor: try c.number(nil, "final_div_factor", 1e4),
      threePhase: try c.bool(nil, "three_phase", false))
  }

  private static func cyclic(_ optimizer: Optimizer, _ c: Call) throws -> Scheduler {
    let mode = try c.text(nil, "mode", "triangular")
    let modes: [String: CyclicLR.Mode] = [
      "triangular": .triangular, "triangular2": .triangular2, "exp_range": .expRange,
    ]
    guard let chosen = modes[mode] else { throw NotExpressible("mode='\(mode)'") }
    return CyclicLR(
      optimizer, baseLR: try c.number(nil, "base_lr"), maxLR: try c.number(nil, "max_lr"),
      stepSizeUp: try c.int(nil, "step_size_up", 2000),
      stepSizeDown: try c.optionalInt(nil, "step_size_down"), mode: chosen,
      gamma: try c.number(nil, "gamma", 1), cycleMomentum: try c.bool(nil, "cycle_momentum", true))
  }

  private static func plateau(_ optimizer: Optimizer, _ c: Call) throws -> Scheduler {
    ReduceLROnPlateau(
      optimizer, mode: try c.choice(nil, "mode", .min), factor: try c.number(nil, "factor", 0.1),
      patience: try c.int(nil, "patience", 10), threshold: try c.number(nil, "threshold", 1e-4),
      thresholdMode: try c.choice(nil, "threshold_mode", .rel),
      cooldown: try c.int(nil, "cooldown", 0), minLR: [try c.number(nil, "min_lr", 0)],
      eps: try c.number(nil, "eps", 1e-8))
  }
}
