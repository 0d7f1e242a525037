import Arrays
import Files
import OrderedCollections
import Platform
import States

/// Multiplies the learning rates by `gamma` every `stepSize` steps. Equivalent to
/// `torch.optim.lr_scheduler.StepLR`.
public final class StepLR: LRScheduler {
  /// A decay at regular intervals.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - stepSize: The number of steps between reductions; positive, or it traps.
  ///   - gamma: The factor by which learning rates are multiplied.
  public init(_ optimizer: Optimizer, stepSize: Int, gamma: Double = 0.1) {
    require(stepSize > 0, "StepLR: stepSize \(stepSize) must be positive")
    super.init(optimizer, options: ["step_size": .int(stepSize), "gamma": .float(gamma)])
  }

  override func nextRates() -> [Double] {
    guard lastEpoch != 0, lastEpoch % integer("step_size") == 0 else { return rates }
    return rates.map { $0 * number("gamma") }
  }

  override func closedRates() -> [Double]? {
    let factor = pow(number("gamma"), Double(lastEpoch / integer("step_size")))
    return baseLRs.map { $0 * factor }
  }
}

/// Multiplies the learning rates by `gamma` at each milestone. Equivalent to
/// `torch.optim.lr_scheduler.MultiStepLR`.
public final class MultiStepLR: LRScheduler {
  /// A decay at the given milestones.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - milestones: Numbers of steps, in any order. One that is listed twice multiplies twice.
  ///   - gamma: The factor by which learning rates are multiplied.
  public init(_ optimizer: Optimizer, milestones: [Int], gamma: Double = 0.1) {
    var counts: OrderedDictionary<Value.Key, Value> = [:]
    for milestone in milestones {
      counts[.int(milestone)] = .int((counts[.int(milestone)]?.intValue ?? 0) + 1)
    }
    super.init(optimizer, options: ["milestones": .dict(counts), "gamma": .float(gamma)])
  }

  /// How often each milestone counts.
  private var milestones: [(step: Int, count: Int)] {
    (fields["milestones"]?.dictionary ?? [:]).compactMap { key, value in
      guard case .int(let step) = key, let count = value.intValue else { return nil }
      return (step, count)
    }
  }

  override func nextRates() -> [Double] {
    guard let count = milestones.first(where: { $0.step == lastEpoch })?.count else {
      return rates
    }
    return rates.map { $0 * pow(number("gamma"), Double(count)) }
  }

  override func closedRates() -> [Double]? {
    let passed = milestones.reduce(0) { $1.step <= lastEpoch ? $0 + $1.count : $0 }
    return baseLRs.map { $0 * pow(number("gamma"), Double(passed)) }
  }
}

/// Multiplies the learning rates by `gamma` at each step. Equivalent to
/// `torch.optim.lr_scheduler.ExponentialLR`.
public final class ExponentialLR: LRScheduler {
  /// A decay at every step.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - gamma: The factor by which learning rates are multiplied.
  public init(_ optimizer: Optimizer, gamma: Double) {
    super.init(optimizer, options: ["gamma": .float(gamma)])
  }

  override func nextRates() -> [Double] {
    isInitial ? rates : rates.map { $0 * number("gamma") }
  }

  override func closedRates() -> [Double]? {
    baseLRs.map { $0 * pow(number("gamma"), Double(lastEpoch)) }
  }
}

/// Multiplies the learning rates by `factor` until step `totalIters`. Equivalent to
/// `torch.optim.lr_scheduler.ConstantLR`.
public final class ConstantLR: LRScheduler {
  /// A reduction that ends after `totalIters` steps, when the rates return to the initial ones.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - factor: The factor, in `0...1`; anything else traps.
  ///   - totalIters: The number of the step that restores the rates.
  public init(_ optimizer: Optimizer, factor: Double = 1 / 3, totalIters: Int = 5) {
    require((0...1).contains(factor), "ConstantLR: factor \(factor) must be between 0 and 1")
    super.init(
      optimizer, options: ["factor": .float(factor), "total_iters": .int(totalIters)])
  }

  override func nextRates() -> [Double] {
    let factor = number("factor")
    if lastEpoch == 0 { return rates.map { $0 * factor } }
    return lastEpoch == integer("total_iters") ? rates.map { $0 * (1 / factor) } : rates
  }

  override func closedRates() -> [Double]? {
    let factor = number("factor")
    let rest = lastEpoch >= integer("total_iters") ? 1 - factor : 0
    return baseLRs.map { $0 * (factor + rest) }
  }
}

/// Multiplies the initial learning rates by a function of the number of steps. Equivalent to
/// `torch.optim.lr_scheduler.LambdaLR`.
///
/// The functions are not part of the state: as in PyTorch, a scheduler that resumes must be created
/// with the same ones.
///
/// ```swift
/// let scheduler = LambdaLR(optimizer) { epoch in pow(0.95, Double(epoch)) }
/// ```
public final class LambdaLR: LRScheduler {
  private let functions: [(Int) -> Double]

  /// A scheduler with one function for all groups.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - function: The factor for a number of steps, from 0.
  public convenience init(_ optimizer: Optimizer, _ function: @escaping (Int) -> Double) {
    self.init(optimizer, Array(repeating: function, count: optimizer.groups.count))
  }

  /// A scheduler with one function per group.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - functions: The factor for a number of steps, one function per group; another number of
  ///     functions traps.
  public init(_ optimizer: Optimizer, _ functions: [(Int) -> Double]) {
    require(
      functions.count == optimizer.groups.count,
      "LambdaLR: there are \(functions.count) functions for \(optimizer.groups.count) groups")
    self.functions = functions
    super.init(optimizer, options: [:])
    fields["lr_lambdas"] = .list(functions.map { _ in .none })
  }

  override func nextRates() -> [Double] {
    zip(functions, baseLRs).map { $1 * $0(lastEpoch) }
  }
}
