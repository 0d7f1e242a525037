import Arrays
import Files
import OrderedCollections
import States

/// A scheduler that is made of others.
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

  /// All that the schedulers know, by PyTorch's names.
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

/// Follows one scheduler after another. Equivalent to `torch.optim.lr_scheduler.SequentialLR`.
public final class SequentialLR: CombinedScheduler {
  /// A scheduler of others.
  ///
  /// - Parameters:
  ///   - optimizer: That of all the schedulers.
  ///   - schedulers: In the order in which they are followed. Only the first may be one of several.
  ///   - milestones: The number of steps after which each but the first begins.
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

  /// Goes on by a step of the scheduler whose turn it is.
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

/// Follows several schedulers at once, one's rates being the next one's. Equivalent to
/// `torch.optim.lr_scheduler.ChainedScheduler`.
public final class ChainedScheduler: CombinedScheduler {
  /// A scheduler of others, which have one optimizer.
  public init(_ schedulers: [LRScheduler]) {
    guard let last = schedulers.last else {
      trap("ChainedScheduler: there are no schedulers")
    }
    super.init(
      last.optimizer, schedulers,
      fields: ["_last_lr": Self.list(last.optimizer.groups.map(\.lr))])
  }

  /// Goes on by a step of each scheduler.
  public override func step() {
    for scheduler in schedulers { scheduler.step() }
    fields["_last_lr"] = Self.list(rates)
  }
}
