import Arrays
import Files
import Platform
import States

/// Multiplies the initial learning rates by a factor that changes linearly. Equivalent to
/// `torch.optim.lr_scheduler.LinearLR`.
public final class LinearLR: LRScheduler {
  /// A linear ramp from `startFactor` to `endFactor`.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - startFactor: The factor at epoch 0, above 0 and at most 1.
  ///   - endFactor: The factor from epoch `totalIters` on, in `0...1`.
  ///   - totalIters: The number of steps from one to the other.
  /// - Precondition: Both factors are in their range.
  public init(
    _ optimizer: Optimizer, startFactor: Double = 1 / 3, endFactor: Double = 1, totalIters: Int = 5
  ) {
    require(
      startFactor > 0 && startFactor <= 1 && (0...1).contains(endFactor),
      "LinearLR: startFactor \(startFactor) must be above 0, both factors at most 1")
    super.init(
      optimizer,
      options: [
        "start_factor": .float(startFactor), "end_factor": .float(endFactor),
        "total_iters": .int(totalIters),
      ])
  }

  override func nextRates() -> [Double] {
    let start = number("start_factor")
    if lastEpoch == 0 { return rates.map { $0 * start } }
    guard !isInitial, lastEpoch <= integer("total_iters") else { return rates }
    let change = number("end_factor") - start
    let before = number("total_iters") * start + Double(lastEpoch - 1) * change
    return rates.map { $0 * (1 + change / before) }
  }

  override func closedRates() -> [Double]? {
    let (start, total) = (number("start_factor"), integer("total_iters"))
    let change = (number("end_factor") - start) * Double(min(total, lastEpoch)) / Double(total)
    return baseLRs.map { $0 * (start + change) }
  }
}

/// Decays the learning rates to zero polynomially. Equivalent to
/// `torch.optim.lr_scheduler.PolynomialLR`.
///
/// At epoch t they are the initial ones times (1 − t / `totalIters`)^`power`.
public final class PolynomialLR: LRScheduler {
  /// A decay to zero.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - totalIters: The number of steps until the learning rates are zero.
  ///   - power: The power; 1 for a straight line.
  public init(_ optimizer: Optimizer, totalIters: Int = 5, power: Double = 1) {
    super.init(optimizer, options: ["total_iters": .int(totalIters), "power": .float(power)])
  }

  override func nextRates() -> [Double] {
    let total = number("total_iters")
    guard !isInitial, Double(lastEpoch) <= total else { return rates }
    let factor = (1 - Double(lastEpoch) / total) / (1 - Double(lastEpoch - 1) / total)
    return rates.map { $0 * pow(factor, number("power")) }
  }

  override func closedRates() -> [Double]? {
    let total = number("total_iters")
    let left = 1 - min(total, Double(lastEpoch)) / total
    return baseLRs.map { $0 * pow(left, number("power")) }
  }
}

/// Decays the learning rates along a cosine. Equivalent to
/// `torch.optim.lr_scheduler.CosineAnnealingLR`.
///
/// At epoch t they are `etaMin` + (initial − `etaMin`) · (1 + cos(π · t / `tMax`)) / 2, so they
/// rise again after `tMax`. Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm
/// restarts" (2017), without the restarts.
public final class CosineAnnealingLR: LRScheduler {
  /// A decay to `etaMin`.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - tMax: The number of steps until the minimum is reached; positive.
  ///   - etaMin: The minimum learning rate.
  /// - Precondition: `tMax` is positive.
  public init(_ optimizer: Optimizer, tMax: Int, etaMin: Double = 0) {
    require(tMax > 0, "CosineAnnealingLR: tMax \(tMax) must be positive")
    super.init(optimizer, options: ["T_max": .int(tMax), "eta_min": .float(etaMin)])
  }

  override func nextRates() -> [Double] {
    let (epoch, length, least) = (Double(lastEpoch), number("T_max"), number("eta_min"))
    if isInitial { return rates }
    if (lastEpoch - 1 - integer("T_max")) % (2 * integer("T_max")) == 0 {
      // The formula below would divide by zero here.
      return zip(rates, baseLRs).map { rate, base in
        rate + (base - least) * (1 - cos(Double.pi / length)) / 2
      }
    }
    let ratio =
      (1 + cos(Double.pi * epoch / length)) / (1 + cos(Double.pi * (epoch - 1) / length))
    return rates.map { ratio * ($0 - least) + least }
  }

  override func closedRates() -> [Double]? {
    let least = number("eta_min")
    let height = 1 + cos(Double.pi * Double(lastEpoch) / number("T_max"))
    return baseLRs.map { least + ($0 - least) * height / 2 }
  }
}

/// Decays the learning rates along a cosine, repeatedly. Equivalent to
/// `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`.
///
/// Each cycle starts at the initial rates and is `tMult` times as long as the one before.
/// Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).
public final class CosineAnnealingWarmRestarts: LRScheduler {
  /// A schedule of cycles.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - t0: The number of steps in the first cycle, at least 1.
  ///   - tMult: The ratio of the length of each cycle to that of the one before, at least 1.
  ///   - etaMin: The minimum learning rate.
  /// - Precondition: `t0` and `tMult` are at least 1.
  public init(_ optimizer: Optimizer, t0: Int, tMult: Int = 1, etaMin: Double = 0) {
    require(t0 > 0 && tMult >= 1, "CosineAnnealingWarmRestarts: t0 \(t0), tMult \(tMult) below 1")
    super.init(
      optimizer,
      options: [
        "T_0": .int(t0), "T_i": .int(t0), "T_mult": .int(tMult), "eta_min": .float(etaMin),
        "T_cur": -1,
      ])
  }

  override func nextRates() -> [Double] {
    let least = number("eta_min")
    let height = 1 + cos(Double.pi * number("T_cur") / number("T_i"))
    return baseLRs.map { least + ($0 - least) * height / 2 }
  }

  /// Advances the schedule by one epoch, and starts the next cycle where one ends.
  public override func step() {
    if lastEpoch < 0 {
      step(to: 0)
      return
    }
    lastEpoch += 1
    var (current, length) = (number("T_cur") + 1, integer("T_i"))
    if current >= Double(length) {
      current.formTruncatingRemainder(dividingBy: Double(length))
      length *= integer("T_mult")
    }
    place(current, of: length)
    set(nextRates())
  }

  /// Sets the schedule to a time in epochs, which may be fractional. Equivalent to PyTorch's
  /// `step(epoch)`.
  ///
  /// ```swift
  /// scheduler.step(to: Double(epoch) + Double(batch) / Double(batchCount))
  /// ```
  ///
  /// - Parameter epoch: The time since the start of the schedule; not negative, or it traps.
  public func step(to epoch: Double) {
    require(epoch >= 0, "CosineAnnealingWarmRestarts: epoch \(epoch) is negative")
    let (first, factor) = (integer("T_0"), integer("T_mult"))
    if epoch < Double(first) {
      place(epoch, of: first)
    } else if factor == 1 {
      place(epoch.truncatingRemainder(dividingBy: Double(first)), of: integer("T_i"))
    } else {
      let multiple = Double(factor)
      let restarts = Int(log(epoch / Double(first) * (multiple - 1) + 1) / log(multiple))
      let power = pow(multiple, Double(restarts))
      place(
        epoch - Double(first) * (power - 1) / (multiple - 1), of: Int(Double(first) * power))
    }
    lastEpoch = Int(epoch.rounded(.down))
    set(nextRates())
  }

  /// Records the position in the current cycle. As in Python, a whole number stays one.
  private func place(_ current: Double, of length: Int) {
    fields["T_i"] = .int(length)
    fields["T_cur"] = Int(exactly: current).map(Value.int) ?? .float(current)
  }
}
