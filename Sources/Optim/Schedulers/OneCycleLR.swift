import Arrays
import Files
import OrderedCollections
import Platform
import States

/// Raises the learning rates and lowers them again, once, with the momenta moving inversely.
/// Equivalent to `torch.optim.lr_scheduler.OneCycleLR`.
///
/// Smith and Topin, "Super-convergence: very fast training of neural networks using large learning
/// rates" (2018). The momentum is the option `momentum` or the first of `betas`. Step this
/// scheduler once per batch:
///
/// ```swift
/// let scheduler = OneCycleLR(optimizer, maxLR: [0.1], totalSteps: epochs * loader.count)
/// ```
public final class OneCycleLR: LRScheduler {
  /// The curve along which values change.
  public enum AnnealStrategy: String, Sendable {
    /// Half a period of a cosine.
    case cos
    /// A straight line.
    case linear
  }

  /// A schedule of one cycle.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - maxLR: The maximum learning rate, one for all groups or one per group.
  ///   - totalSteps: The number of steps in the cycle: epochs times batches. A later step traps.
  ///   - pctStart: The fraction of the cycle in which learning rates rise, from 0 to 1.
  ///   - annealStrategy: The curve along which values change.
  ///   - cycleMomentum: Whether momenta change too, between `maxMomentum` and `baseMomentum`.
  ///   - baseMomentum: The minimum momentum, one for all groups or one per group.
  ///   - maxMomentum: The maximum momentum, likewise.
  ///   - divFactor: The initial learning rate is `maxLR` / `divFactor`.
  ///   - finalDivFactor: The final learning rate is the initial one / `finalDivFactor`.
  ///   - threePhase: Whether the rates first fall back to the initial one, in as many steps as they
  ///     rose, and then to the final one.
  /// - Precondition: `totalSteps` is positive; with `cycleMomentum`, the optimizer has `momentum`
  ///   or `betas`.
  public init(
    _ optimizer: Optimizer, maxLR: [Double], totalSteps: Int, pctStart: Double = 0.3,
    annealStrategy: AnnealStrategy = .cos, cycleMomentum: Bool = true,
    baseMomentum: [Double] = [0.85], maxMomentum: [Double] = [0.95], divFactor: Double = 25,
    finalDivFactor: Double = 1e4, threePhase: Bool = false
  ) {
    require(
      totalSteps > 0 && (0...1).contains(pctStart),
      "OneCycleLR: totalSteps \(totalSteps) must be positive, pctStart \(pctStart) in 0...1")
    let usesBetas = optimizer.defaults["betas"] != nil
    require(
      !cycleMomentum || usesBetas || optimizer.defaults["momentum"] != nil,
      "OneCycleLR: \(type(of: optimizer)) has neither momentum nor betas for cycleMomentum")
    for index in optimizer.groups.indices {
      func own(_ values: [Double], _ name: String) -> Double {
        require(
          values.count == 1 || values.count == optimizer.groups.count,
          "OneCycleLR: \(name) has \(values.count) values for \(optimizer.groups.count) groups")
        return values.count == 1 ? values[0] : values[index]
      }
      let maximum = own(maxLR, "maxLR")
      optimizer.groups[index]["initial_lr"] = .float(maximum / divFactor)
      optimizer.groups[index]["max_lr"] = .float(maximum)
      optimizer.groups[index]["min_lr"] = .float(maximum / divFactor / finalDivFactor)
      guard cycleMomentum else { continue }
      let momentum = own(maxMomentum, "maxMomentum")
      Self.setMomentum(momentum, usesBetas, &optimizer.groups[index])
      optimizer.groups[index]["max_momentum"] = .float(momentum)
      optimizer.groups[index]["base_momentum"] = .float(own(baseMomentum, "baseMomentum"))
    }
    var options: OrderedDictionary<String, Value> = [
      "total_steps": .int(totalSteps),
      "_schedule_phases": .list(Self.phases(totalSteps, pctStart, threePhase)),
      "_anneal_func_type": .string(annealStrategy.rawValue),
      "cycle_momentum": .bool(cycleMomentum),
    ]
    if cycleMomentum { options["use_beta1"] = .bool(usesBetas) }
    super.init(optimizer, options: options)
  }

  /// A schedule of one cycle over epochs, with one maximum for all groups.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - maxLR: The maximum learning rate of all groups.
  ///   - epochs: The number of passes through the data.
  ///   - stepsPerEpoch: The number of batches in each. A step after `epochs` · `stepsPerEpoch` traps.
  ///   - pctStart: The fraction of the cycle in which learning rates rise, from 0 to 1.
  ///   - annealStrategy: The curve along which values change.
  ///   - cycleMomentum: Whether momenta change too, between `maxMomentum` and `baseMomentum`.
  ///   - baseMomentum: The minimum momentum of all groups.
  ///   - maxMomentum: The maximum momentum, likewise.
  ///   - divFactor: The initial learning rate is `maxLR` / `divFactor`.
  ///   - finalDivFactor: The final learning rate is the initial one / `finalDivFactor`.
  ///   - threePhase: Whether the rates first fall back to the initial one, in as many steps as they
  ///     rose, and then to the final one.
  /// - Precondition: As for
  ///   ``init(_:maxLR:totalSteps:pctStart:annealStrategy:cycleMomentum:baseMomentum:maxMomentum:divFactor:finalDivFactor:threePhase:)``.
  public convenience init(
    _ optimizer: Optimizer, maxLR: Double, epochs: Int, stepsPerEpoch: Int, pctStart: Double = 0.3,
    annealStrategy: AnnealStrategy = .cos, cycleMomentum: Bool = true, baseMomentum: Double = 0.85,
    maxMomentum: Double = 0.95, divFactor: Double = 25, finalDivFactor: Double = 1e4,
    threePhase: Bool = false
  ) {
    let (total, isBeyond) = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    require(
      epochs > 0 && stepsPerEpoch > 0 && !isBeyond,
      "OneCycleLR: epochs \(epochs) and stepsPerEpoch \(stepsPerEpoch) must be positive")
    self.init(
      optimizer, maxLR: [maxLR], totalSteps: total, pctStart: pctStart,
      annealStrategy: annealStrategy, cycleMomentum: cycleMomentum, baseMomentum: [baseMomentum],
      maxMomentum: [maxMomentum], divFactor: divFactor, finalDivFactor: finalDivFactor,
      threePhase: threePhase)
  }

  private static func phases(_ total: Int, _ part: Double, _ three: Bool) -> [Value] {
    func phase(_ end: Value, _ start: String, _ goal: String, _ isRising: Bool?) -> Value {
      [
        "end_step": end, "start_lr": .string(start), "end_lr": .string(goal),
        "start_momentum": isRising == false ? "base_momentum" : "max_momentum",
        "end_momentum": isRising == true ? "base_momentum" : "max_momentum",
      ]
    }
    let rise = phase(.float(part * Double(total) - 1), "initial_lr", "max_lr", true)
    guard three else { return [rise, phase(.int(total - 1), "max_lr", "min_lr", false)] }
    return [
      rise, phase(.float(2 * part * Double(total) - 2), "max_lr", "initial_lr", false),
      phase(.int(total - 1), "initial_lr", "min_lr", nil),
    ]
  }

  static func setMomentum(
    _ momentum: Double, _ usesBetas: Bool, _ group: inout ParameterGroup
  ) {
    if usesBetas {
      group["betas"] = .tuple([.float(momentum), .float(group.pair("betas").1)])
    } else {
      group["momentum"] = .float(momentum)
    }
  }

  override func nextRates() -> [Double] {
    let phases = fields["_schedule_phases"]?.elements ?? []
    let step = Double(lastEpoch)
    require(
      lastEpoch <= integer("total_steps"),
      "OneCycleLR: step \(lastEpoch) of a cycle of \(integer("total_steps")) steps")
    let ends = phases.map { $0["end_step"]?.doubleValue ?? 0 }
    let current = ends.firstIndex { step <= $0 } ?? phases.count - 1
    let start = current == 0 ? 0 : ends[current - 1]
    let part = (step - start) / (ends[current] - start)
    let isCosine = fields["_anneal_func_type"]?.stringValue == AnnealStrategy.cos.rawValue
    func value(_ kind: String, _ group: ParameterGroup) -> Double {
      func option(_ name: String) -> Double {
        group.number(phases[current][name]?.stringValue ?? kind)
      }
      let (from, to) = (option("start_\(kind)"), option("end_\(kind)"))
      return isCosine
        ? to + (from - to) / 2 * (cos(Double.pi * part) + 1) : (to - from) * part + from
    }
    if fields["cycle_momentum"]?.boolValue == true {
      let usesBetas = fields["use_beta1"]?.boolValue == true
      for (index, group) in optimizer.groups.enumerated() {
        Self.setMomentum(value("momentum", group), usesBetas, &optimizer.groups[index])
      }
    }
    return optimizer.groups.map { value("lr", $0) }
  }
}
