import Arrays
import Files
import OrderedCollections
import States

/// Reduces the learning rates when a metric has stopped improving. Equivalent to
/// `torch.optim.lr_scheduler.ReduceLROnPlateau`.
///
/// It is not an ``LRScheduler``, since its step needs the metric: passing it to ``SequentialLR``,
/// which PyTorch refuses at run time, does not compile.
///
/// ```swift
/// let scheduler = ReduceLROnPlateau(optimizer, patience: 5)
/// scheduler.step(validationLoss)
/// ```
public final class ReduceLROnPlateau: Scheduler {
  /// The direction of improvement.
  public enum Mode: String, Sendable {
    /// Lower is better, as of a loss.
    case min
    /// Higher is better, as of an accuracy.
    case max
  }

  /// How the threshold for an improvement is applied.
  public enum ThresholdMode: String, Sendable {
    /// As a fraction of the best metric.
    case rel
    /// As a difference from the best metric.
    case abs
  }

  /// A scheduler that watches one metric.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - mode: Whether lower or higher is better.
  ///   - factor: The factor by which learning rates are reduced, below 1.
  ///   - patience: The number of steps without improvement that are tolerated.
  ///   - threshold: By how much the metric must improve on the best.
  ///   - thresholdMode: Whether `threshold` is relative or absolute.
  ///   - cooldown: The number of steps after a reduction during which steps without improvement do
  ///     not count.
  ///   - minLR: The minimum learning rate, one for all groups or one per group.
  ///   - eps: Reductions by no more than this are not made.
  /// - Precondition: `factor` is below 1, and `minLR` has one value or one per group.
  public init(
    _ optimizer: Optimizer, mode: Mode = .min, factor: Double = 0.1, patience: Int = 10,
    threshold: Double = 1e-4, thresholdMode: ThresholdMode = .rel, cooldown: Int = 0,
    minLR: [Double] = [0], eps: Double = 1e-8
  ) {
    require(factor < 1, "ReduceLROnPlateau: factor \(factor) must be below 1")
    require(
      minLR.count == 1 || minLR.count == optimizer.groups.count,
      "ReduceLROnPlateau: minLR has \(minLR.count) values for \(optimizer.groups.count) groups")
    let least =
      minLR.count == 1 ? Array(repeating: minLR[0], count: optimizer.groups.count) : minLR
    let worst = mode == .min ? Double.infinity : -Double.infinity
    super.init(
      optimizer,
      fields: [
        "factor": .float(factor), "default_min_lr": minLR.count == 1 ? .float(minLR[0]) : .none,
        "min_lrs": Self.list(least), "patience": .int(patience), "cooldown": .int(cooldown),
        "eps": .float(eps), "last_epoch": 0,
        "_last_lr": Self.list(optimizer.groups.map(\.lr)), "mode_worse": .float(worst),
        "mode": .string(mode.rawValue), "threshold": .float(threshold),
        "threshold_mode": .string(thresholdMode.rawValue), "best": .float(worst),
        "cooldown_counter": 0, "num_bad_epochs": 0,
      ])
  }

  /// The best metric so far; infinite before the first step.
  public var best: Double { number("best") }

  /// Whether a measurement is enough better than the best.
  private func isBetter(_ metric: Double) -> Bool {
    let threshold = number("threshold")
    let isRelative = fields["threshold_mode"]?.stringValue == ThresholdMode.rel.rawValue
    if fields["mode"]?.stringValue == Mode.min.rawValue {
      return metric < (isRelative ? best * (1 - threshold) : best - threshold)
    }
    return metric > (isRelative ? best * (threshold + 1) : best + threshold)
  }

  /// Advances the schedule with a new measurement of the metric.
  ///
  /// - Parameter metric: The measurement, such as the validation loss. NaN never is an improvement.
  public func step(_ metric: Double) {
    fields["last_epoch"] = .int(integer("last_epoch") + 1)
    var bad = integer("num_bad_epochs") + 1
    if isBetter(metric) {
      fields["best"] = .float(metric)
      bad = 0
    }
    if integer("cooldown_counter") > 0 {
      fields["cooldown_counter"] = .int(integer("cooldown_counter") - 1)
      bad = 0
    }
    var new = rates
    if bad > integer("patience") {
      new = reduced()
      fields["cooldown_counter"] = .int(integer("cooldown"))
      bad = 0
    }
    fields["num_bad_epochs"] = .int(bad)
    set(new)
  }

  private func reduced() -> [Double] {
    if numbers("min_lrs").count != rates.count, let least = fields["default_min_lr"]?.doubleValue {
      fields["min_lrs"] = Self.list(Array(repeating: least, count: rates.count))
    }
    return zip(rates, numbers("min_lrs")).map { rate, least in
      let lower = max(rate * number("factor"), least)
      return rate - lower > number("eps") ? lower : rate
    }
  }
}
