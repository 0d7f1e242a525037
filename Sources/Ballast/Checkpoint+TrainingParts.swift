import Arrays
import Checkpoints
import Interchange
import OrderedCollections
import States

extension Checkpoint {
  /// The state of each optimizer, each checked to fit.
  func optimizerStates(
    of optimizers: OrderedDictionary<String, Optimizer>,
    among known: [(name: String, parameter: Parameter)], strict: Bool
  ) throws(OptimizerStateError) -> [(Optimizer, OptimizerState)] {
    guard !optimizers.isEmpty else { return [] }
    var saved = self.optimizers
    if let optimizer { saved[ownNames.optimizer ?? "optimizer"] = optimizer }
    var taken: [String: String] = [:]
    var states: [(Optimizer, OptimizerState)] = []
    for (name, optimizer) in optimizers {
      func refusal(_ reasons: [String]) -> OptimizerStateError {
        OptimizerStateError(
          optimizer: "\"\(name)\" (\(Swift.type(of: optimizer)))", reasons: reasons)
      }
      let place: String
      switch PartSearch(saved.keys, keepingWords: saved.count == 1).find(name) {
      case .one(let found): place = found
      case .none:
        throw refusal([
          "the checkpoint has no optimizer \"\(name)\"; it has \(Self.list(saved.keys))"
        ])
      case .several(let places):
        throw refusal(["\"\(name)\" may be any of \(Self.list(places)) in the checkpoint"])
      }
      if let other = taken.updateValue(name, forKey: place) {
        throw refusal(["it and \"\(other)\" would be the same optimizer of the checkpoint"])
      }
      guard let state = saved[place],
        let named = SharedParameters(optimizer, among: known).ownNamed(state)
      else {
        throw refusal([
          "the names in the state may be the models' or the optimizer's, which differ"
        ])
      }
      do {
        try optimizer.checkStateDict(named)
      } catch {
        throw refusal(error.reasons)
      }
      states.append((optimizer, named))
    }
    let left = saved.keys.filter { taken[$0] == nil }
    guard !strict || left.isEmpty else {
      throw OptimizerStateError(
        optimizer: Self.list(optimizers.keys),
        reasons: [
          "the checkpoint also has the optimizers \(Self.list(left)); with strict: false they are left there"
        ])
    }
    return states
  }

  /// The state of each scheduler, each checked to fit.
  ///
  /// - Parameter leavesNone: Whether schedulers of the checkpoint that are not named are refused.
  func schedulerStates(
    of schedulers: OrderedDictionary<String, Scheduler>, leavesNone: Bool
  ) throws(SchedulerStateError) -> [(Scheduler, Value)] {
    let saved = savedSchedulers
    var taken: [String: String] = [:]
    var states: [(Scheduler, Value)] = []
    for (name, scheduler) in schedulers {
      func refusal(_ reasons: [String]) -> SchedulerStateError {
        SchedulerStateError(
          scheduler: "\"\(name)\" (\(Swift.type(of: scheduler)))", reasons: reasons)
      }
      let place: String
      switch PartSearch(saved.keys, keepingWords: saved.count == 1).find(name) {
      case .one(let found): place = found
      case .none:
        throw refusal([
          "the checkpoint has no scheduler \"\(name)\"; it has \(Self.list(saved.keys))"
        ])
      case .several(let places):
        throw refusal(["\"\(name)\" may be any of \(Self.list(places)) in the checkpoint"])
      }
      if let other = taken.updateValue(name, forKey: place) {
        throw refusal(["it and \"\(other)\" would be the same scheduler of the checkpoint"])
      }
      guard let state = saved[place] else { throw refusal([]) }
      do {
        try scheduler.checkStateDict(state)
      } catch {
        throw refusal(error.reasons)
      }
      states.append((scheduler, state))
    }
    // Settings of a scheduler may be kept under a like name; its state has one of these.
    let left = saved.filter { name, value in
      taken[name] == nil
        && ["last_epoch", "_last_lr", "_schedulers"].contains { value[$0] != nil }
    }
    guard !leavesNone || left.isEmpty else {
      throw SchedulerStateError(
        scheduler: schedulers.isEmpty ? "a scheduler" : Self.list(schedulers.keys),
        reasons: [
          "the checkpoint also has the schedulers \(Self.list(left.keys)); with strict: false they are left there"
        ])
    }
    return states
  }

  /// The states of schedulers by their names: entries that are called so, and the members of those that are
  /// collections.
  private var savedSchedulers: OrderedDictionary<String, Value> {
    var saved: OrderedDictionary<String, Value> = [:]
    for (name, value) in metadata where PartSearch.isOfScheduler(name) {
      if let states = value.elements {
        for (index, state) in states.enumerated() where state.dictionary != nil {
          saved["\(name).\(index)"] = state
        }
      } else if let members = value.dictionary {
        let isCollection =
          !members.isEmpty && members.values.allSatisfy { $0.dictionary != nil }
        guard isCollection else {
          saved[name] = value
          continue
        }
        for (key, state) in members { saved["\(name).\(key.text)"] = state }
      }
    }
    return saved
  }
}
