import Files
import OrderedCollections
import Platform
import States

/// Moves the learning rates up and down between two bounds, with the momenta moving inversely.
/// Equivalent to `torch.optim.lr_scheduler.CyclicLR`.
///
/// Smith, "Cyclical learning rates for training neural networks" (2017). Step it once per batch.
public final class CyclicLR: LRScheduler {
  /// How the height of the cycles changes.
  public enum Mode: String, Sendable {
    /// It stays.
    case triangular
    /// It halves with each cycle.
    case triangular2
    /// It is `gamma` to the power of the number of steps.
    case expRange = "exp_range"
  }

  /// A schedule of cycles.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - baseLR: The lower bound.
  ///   - maxLR: The upper bound.
  ///   - stepSizeUp: The number of steps from the lower bound to the upper one.
  ///   - stepSizeDown: The number of steps back; `stepSizeUp` if nil.
  ///   - mode: How the height of the cycles changes.
  ///   - gamma: The factor for ``Mode/expRange``.
  ///   - cycleMomentum: Whether momenta change too, between `maxMomentum` and `baseMomentum`.
  ///   - baseMomentum: The least momentum.
  ///   - maxMomentum: The greatest momentum.
  /// - Precondition: Numbers of steps are positive; with `cycleMomentum`, the optimizer has `momentum`
  ///   or `betas`.
  public init(
    _ optimizer: Optimizer, baseLR: Double, maxLR: Double, stepSizeUp: Int = 2000,
    stepSizeDown: Int? = nil, mode: Mode = .triangular, gamma: Double = 1,
    cycleMomentum: Bool = true, baseMomentum: Double = 0.8, maxMomentum: Double = 0.9
  ) {
    let (up, down) = (Double(stepSizeUp), Double(stepSizeDown ?? stepSizeUp))
    require(up > 0 && down > 0, "CyclicLR: step sizes \(up) and \(down) must be positive")
    let usesBetas = optimizer.defaults["betas"] != nil
    require(
      !cycleMomentum || usesBetas || optimizer.defaults["momentum"] != nil,
      "CyclicLR: optimizer must support momentum or beta1 with `cycleMomentum` option enabled")
    let count = optimizer.groups.count
    for index in optimizer.groups.indices {
      optimizer.groups[index].lr = baseLR
      // The rates of an earlier scheduler are not where this one starts.
      optimizer.groups[index]["initial_lr"] = .float(baseLR)
      guard cycleMomentum else { continue }
      OneCycleLR.setMomentum(maxMomentum, usesBetas, &optimizer.groups[index])
      optimizer.groups[index]["max_momentum"] = .float(maxMomentum)
      optimizer.groups[index]["base_momentum"] = .float(baseMomentum)
    }
    func each(_ number: Double) -> Value { Self.list([Double](repeating: number, count: count)) }
    var options: OrderedDictionary<String, Value> = [
      "max_lrs": each(maxLR), "total_size": .float(up + down),
      "step_ratio": .float(up / (up + down)),
      "mode": .string(mode.rawValue), "gamma": .float(gamma),
      "scale_mode": mode == .expRange ? "iterations" : "cycle",
      "cycle_momentum": .bool(cycleMomentum),
    ]
    if cycleMomentum {
      options["use_beta1"] = .bool(usesBetas)
      options["base_momentums"] = each(baseMomentum)
      options["max_momentums"] = each(maxMomentum)
    }
    super.init(optimizer, options: options)
    fields["_scale_fn_custom"] = Value.none
  }

  override func nextRates() -> [Double] {
    let place = Double(lastEpoch) / number("total_size")
    let cycle = (1 + place).rounded(.down)
    let x = 1 + place - cycle
    let ratio = number("step_ratio")
    let height =
      (x <= ratio ? x / ratio : (x - 1) / (ratio - 1)) * scale(cycle: cycle)
    if fields["cycle_momentum"]?.boolValue == true {
      let usesBetas = fields["use_beta1"]?.boolValue == true
      let bounds = zip(numbers("base_momentums"), numbers("max_momentums"))
      for (index, (least, greatest)) in bounds.enumerated() {
        OneCycleLR.setMomentum(
          greatest - (greatest - least) * height, usesBetas, &optimizer.groups[index])
      }
    }
    return zip(baseLRs, numbers("max_lrs")).map { $0 + ($1 - $0) * height }
  }

  /// The height of a cycle beside that of the first.
  private func scale(cycle: Double) -> Double {
    switch fields["mode"]?.stringValue.flatMap(Mode.init) {
    case .triangular2: 1 / pow(2, cycle - 1)
    case .expRange: pow(number("gamma"), Double(lastEpoch))
    default: 1
    }
  }
}

/// Multiplies the learning rates by a factor that a function gives for each step. Equivalent to
/// `torch.optim.lr_scheduler.MultiplicativeLR`.
///
/// The function is not part of the state: as in PyTorch, a scheduler that resumes must be created with
/// the same one.
public final class MultiplicativeLR: LRScheduler {
  private let function: (Int) -> Double

  /// A scheduler with one function for all groups.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - function: The factor for a number of steps, from 1.
  public init(_ optimizer: Optimizer, _ function: @escaping (Int) -> Double) {
    self.function = function
    super.init(optimizer, options: [:])
    fields["lr_lambdas"] = .list(optimizer.groups.map { _ in .none })
  }

  override func nextRates() -> [Double] {
    isInitial ? rates : rates.map { $0 * function(lastEpoch) }
  }
}

extension Scheduler {
  /// The learning rates after the last step: PyTorch's name of ``lastLR``.
  public final func getLastLR() -> [Double] { lastLR }
}

extension OneCycleLR {
  /// A schedule of one cycle with the same rate for all groups. See
  /// ``init(_:maxLR:totalSteps:pctStart:annealStrategy:cycleMomentum:baseMomentum:maxMomentum:divFactor:finalDivFactor:threePhase:)``.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - maxLR: The maximum learning rate.
  ///   - totalSteps: The number of steps in the cycle.
  ///   - pctStart: The fraction of the cycle in which learning rates rise.
  ///   - annealStrategy: The curve along which values change.
  ///   - cycleMomentum: Whether momenta change too.
  public convenience init(
    _ optimizer: Optimizer, maxLR: Double, totalSteps: Int, pctStart: Double = 0.3,
    annealStrategy: AnnealStrategy = .cos, cycleMomentum: Bool = true
  ) {
    self.init(
      optimizer, maxLR: [maxLR], totalSteps: totalSteps, pctStart: pctStart,
      annealStrategy: annealStrategy, cycleMomentum: cycleMomentum)
  }
}

extension CosineAnnealingLR {
  /// A decay along half a cosine, with PyTorch's `T_max` as its label.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - TMax: The number of steps of half a period; positive, or it traps.
  ///   - etaMin: The least learning rate.
  public convenience init(_ optimizer: Optimizer, TMax: Int, etaMin: Double = 0) {
    self.init(optimizer, tMax: TMax, etaMin: etaMin)
  }
}
