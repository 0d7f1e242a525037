import Arrays
import Files
import OrderedCollections
import States

/// Multiplies the learning rates by `factor` when a measurement no longer gets better. Equivalent
/// to `torch.optim.lr_scheduler.ReduceLROnPlateau`.
///
/// It is no ``LRScheduler``, as its step needs the measurement: that PyTorch refuses it in
/// `SequentialLR` is an error of compilation here.
public final class ReduceLROnPlateau: Scheduler {
  /// What is better.
  public enum Mode: String, Sendable {
    /// Less.
    case min
    /// More.
    case max
  }

  /// How much better a measurement must be to count.
  public enum ThresholdMode: String, Sendable {
    /// By a part of the best.
    case rel
    /// By an amount.
    case abs
  }

  /// A scheduler of this optimizer's groups.
  ///
  /// - Parameters:
  ///   - optimizer: Whose learning rates are changed.
  ///   - mode: What is better.
  ///   - factor: What the learning rates are multiplied by; below 1.
  ///   - patience: How many steps without a better measurement are let pass.
  ///   - threshold: How much better it must be to count.
  ///   - thresholdMode: What the threshold is of.
  ///   - cooldown: How many steps to wait after a change.
  ///   - minLR: The least learning rate, one for each group or one for all.
  ///   - eps: A smaller change is not made.
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

  /// The best measurement so far.
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

  /// Goes on by a step with its measurement, such as the loss of validation.
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
