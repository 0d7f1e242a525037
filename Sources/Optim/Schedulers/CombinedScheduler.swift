import Arrays
import Files
import OrderedCollections
import States

/// A scheduler composed of others: ``SequentialLR`` or ``ChainedScheduler``.
public class CombinedScheduler: LRScheduler {
  /// The schedulers, in order.
  public final let schedulers: [LRScheduler]

  init(
    _ optimizer: Optimizer, _ schedulers: [LRScheduler], fields: OrderedDictionary<String, Value>
  ) {
    require(!schedulers.isEmpty, "\(Self.self): there are no schedulers")
    require(
      schedulers.allSatisfy { $0.optimizer === optimizer },
      "\(Self.self): the schedulers are not all of one optimizer")
    self.schedulers = schedulers
    super.init(optimizer, fields: fields)
  }

  /// The state of this scheduler, with those of its parts under `_schedulers`, by PyTorch's names.
  public override final func stateDict() -> Value {
    var state = Self.keyed(fields)
    state["_schedulers"] = .list(schedulers.map { $0.stateDict() })
    return .dict(state)
  }

  override final func mismatches(_ saved: Value) -> [String] {
    guard let states = saved["_schedulers"]?.elements, states.count == schedulers.count else {
      return ["it has no states for \(schedulers.count) schedulers"]
    }
    return super.mismatches(saved)
      + zip(schedulers, states).enumerated().flatMap { index, pair in
        pair.0.mismatches(pair.1).map { "scheduler \(index): \($0)" }
      }
  }

  override final func adopt(_ saved: Value) {
    super.adopt(saved)
    for (scheduler, state) in zip(schedulers, saved["_schedulers"]?.elements ?? []) {
      scheduler.adopt(state)
    }
  }

  override final func undoInitialStep() {
    for scheduler in schedulers { scheduler.undoInitialStep() }
  }
}

/// Runs schedulers one after another. Equivalent to `torch.optim.lr_scheduler.SequentialLR`.
///
/// ```swift
/// let scheduler = SequentialLR(
///   optimizer,
///   schedulers: [LinearLR(optimizer, totalIters: 5), CosineAnnealingLR(optimizer, tMax: 85)],
///   milestones: [5])
/// ```
public final class SequentialLR: CombinedScheduler {
  /// A scheduler that switches at the given milestones.
  ///
  /// The learning rates return to the groups' initial ones, from which the first scheduler starts.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer of all the schedulers.
  ///   - schedulers: The schedulers in the order in which they run. Only the first may be a
  ///     ``CombinedScheduler``.
  ///   - milestones: The numbers of steps at which the second and each later scheduler starts, in
  ///     ascending order.
  /// - Precondition: There is one milestone fewer than schedulers, and all schedulers belong to
  ///   `optimizer`.
  public init(_ optimizer: Optimizer, schedulers: [LRScheduler], milestones: [Int]) {
    require(
      milestones.count == schedulers.count - 1,
      "SequentialLR: \(schedulers.count) schedulers need one milestone fewer, not \(milestones.count)"
    )
    require(
      !schedulers.dropFirst().contains { $0 is CombinedScheduler },
      "SequentialLR: only the first scheduler may be one of several")
    super.init(
      optimizer, schedulers,
      fields: ["_milestones": .list(milestones.map(Value.int)), "last_epoch": 0])
    for (index, group) in optimizer.groups.enumerated() {
      optimizer.groups[index].lr = group.number("initial_lr")
    }
    undoInitialStep()
    let first = schedulers[active(at: 0)]
    first.takeInitialStep()
    fields["_last_lr"] = Self.list(first.lastLR)
  }

  /// The number of the scheduler that is followed at a step.
  private func active(at step: Int) -> Int { numbers("_milestones").count { Double(step) >= $0 } }

  /// Advances the current scheduler, or starts the next one if its milestone is reached.
  public override func step() {
    lastEpoch += 1
    let index = active(at: lastEpoch)
    let scheduler = schedulers[index]
    if index > 0 && numbers("_milestones")[index - 1] == Double(lastEpoch) {
      scheduler.restart()
    } else {
      scheduler.step()
    }
    fields["_last_lr"] = Self.list(scheduler.lastLR)
  }
}

/// Runs several schedulers at once, each starting from the rates that the one before set.
/// Equivalent to `torch.optim.lr_scheduler.ChainedScheduler`.
public final class ChainedScheduler: CombinedScheduler {
  /// A scheduler that steps all of `schedulers`, in order.
  ///
  /// - Parameter schedulers: At least one, all of the same optimizer; anything else traps.
  public init(_ schedulers: [LRScheduler]) {
    guard let last = schedulers.last else {
      trap("ChainedScheduler: there are no schedulers")
    }
    super.init(
      last.optimizer, schedulers,
      fields: ["_last_lr": Self.list(last.optimizer.groups.map(\.lr))])
  }

  /// Advances every scheduler by one step.
  public override func step() {
    for scheduler in schedulers { scheduler.step() }
    fields["_last_lr"] = Self.list(rates)
  }
}
