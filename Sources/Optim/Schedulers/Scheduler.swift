import Arrays
import Autograd
import Files
import OrderedCollections
import States

/// Changes the learning rates of an optimizer's groups over a training. The base class of all
/// schedulers.
///
/// All of a scheduler's state is kept under PyTorch's names and in its order, so that
/// ``stateDict()`` returns what PyTorch's `state_dict()` does.
public class Scheduler {
  /// The optimizer whose learning rates are changed.
  public final let optimizer: Optimizer
  final var fields: OrderedDictionary<String, Value>

  /// A scheduler with the given state.
  ///
  /// - Parameters:
  ///   - optimizer: The optimizer whose learning rates are changed.
  ///   - fields: The state by the names of PyTorch's `state_dict`, in its order.
  init(_ optimizer: Optimizer, fields: OrderedDictionary<String, Value>) {
    self.optimizer = optimizer
    self.fields = fields
  }

  /// The learning rates after the last step, one per group. Equivalent to `get_last_lr`.
  public final var lastLR: [Double] { numbers("_last_lr") }

  /// The state of the scheduler, by PyTorch's names. Equivalent to
  /// `torch.optim.lr_scheduler.LRScheduler.state_dict`.
  public func stateDict() -> Value { .dict(Self.keyed(fields)) }

  /// Resumes from a state. Equivalent to `torch.optim.lr_scheduler.LRScheduler.load_state_dict`.
  ///
  /// As in PyTorch, the scheduler's options are replaced by those of the state, and the learning
  /// rates are not touched, since they belong to the state of the optimizer. Entries that only some
  /// versions of PyTorch write may be missing or are ignored.
  ///
  /// - Parameter saved: What ``stateDict()`` returned, or PyTorch's `state_dict`.
  /// - Throws: ``SchedulerStateError`` if the state belongs to another kind of scheduler or another
  ///   number of groups. Nothing is changed then. PyTorch accepts such a state.
  public final func loadStateDict(_ saved: Value) throws(SchedulerStateError) {
    try checkStateDict(saved)
    adopt(saved)
  }

  /// Throws what ``loadStateDict(_:)`` would, and changes nothing.
  package final func checkStateDict(_ saved: Value) throws(SchedulerStateError) {
    let reasons = mismatches(saved)
    guard reasons.isEmpty else {
      throw SchedulerStateError(scheduler: "\(type(of: self))", reasons: reasons)
    }
  }

  /// Why a state does not fit, one sentence per reason.
  func mismatches(_ saved: Value) -> [String] {
    guard let saved = saved.dictionary else { return ["the state is not a dictionary"] }
    let unknown = saved.keys.map(\.text).filter { name in
      fields[name] == nil && !name.hasPrefix("_") && !Self.formerFields.contains(name)
    }
    let unfit = fields.compactMap { name, own -> String? in
      guard let value = saved[.string(name)] else {
        return Self.optionalFields.contains(name) ? nil : "\"\(name)\" is missing"
      }
      // None if there is a least rate for each group.
      if name == "default_min_lr", case .none = value { return nil }
      guard Self.isAlike(own, value) else { return "\"\(name)\" is of another kind or length" }
      let isPossible = !Self.lengthFields.contains(name) || (value.doubleValue ?? 0) > 0
      return isPossible ? nil : "\"\(name)\" is not positive"
    }
    return unknown.map { "\"\($0)\" is not known" } + unfit
  }

  /// Adopts a state that fits.
  func adopt(_ saved: Value) {
    for name in fields.keys {
      if let value = saved[name] { fields[name] = value }
    }
  }

  /// What not every version of PyTorch writes.
  private static let optionalFields: Set<String> = [
    "_step_count", "_is_initial", "_get_lr_called_within_step", "_last_lr", "_anneal_func_type",
    "default_min_lr", "use_beta1",
  ]

  /// What older versions of PyTorch wrote besides.
  private static let formerFields: Set<String> = ["verbose", "anneal_func", "is_better"]

  /// Fields that formulas divide by, which must be positive.
  private static let lengthFields: Set<String> = [
    "step_size", "T_0", "T_i", "T_mult", "T_max", "total_steps",
  ]

  /// Whether a value can take the place of another: what is a list for each group stays one.
  private static func isAlike(_ own: Value, _ value: Value) -> Bool {
    if let own = own.elements, let value = value.elements {
      return own.count == value.count && zip(own, value).allSatisfy(isAlike)
    }
    return switch (own, value) {
    case (.none, _), (.bool, .bool), (.string, .string), (.float, .float), (.float, .int): true
    // Farther than any training goes, and near enough to count on.
    case (.int, .int(let number)): abs(Double(number)) < 0x1p40
    case (.int, .float(let number)): number == number.rounded() && abs(number) < 0x1p40
    case (.dict(let own), .dict(let value)):
      // Milestones have keys of their own; phases have names, which must stay.
      own.allSatisfy { key, own in
        guard case .string = key else { return true }
        return value[key].map { isAlike(own, $0) && (own.stringValue == nil || isPhase($0)) }
          == true
      }
    default: false
    }
  }

  /// Whether a text names an option between which a phase of ``OneCycleLR`` moves.
  private static func isPhase(_ value: Value) -> Bool {
    ["initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum"].contains(value.stringValue)
  }
}

// It changes an optimizer, which is not.
@available(*, unavailable)
extension Scheduler: Sendable {}

extension Scheduler {
  static func keyed(_ fields: OrderedDictionary<String, Value>) -> OrderedDictionary<
    Value.Key, Value
  > {
    OrderedDictionary(uniqueKeysWithValues: fields.map { (.string($0.key), $0.value) })
  }

  static func list(_ numbers: [Double]) -> Value { .list(numbers.map(Value.float)) }

  /// A number that the scheduler knows.
  final func number(_ name: String) -> Double { fields[name]?.doubleValue ?? 0 }

  /// A whole number that the scheduler knows.
  final func integer(_ name: String) -> Int {
    fields[name].flatMap { $0.intValue ?? $0.doubleValue.flatMap { Int(exactly: $0) } } ?? 0
  }

  /// A number for each group.
  final func numbers(_ name: String) -> [Double] {
    fields[name]?.elements?.compactMap(\.doubleValue) ?? []
  }

  /// The learning rates as they are now.
  final var rates: [Double] { optimizer.groups.map(\.lr) }

  /// Sets the learning rates, one for each group.
  final func set(_ rates: [Double]) {
    require(
      rates.count == optimizer.groups.count,
      "\(type(of: self)): the optimizer has \(optimizer.groups.count) groups, but had "
        + "\(rates.count) when the scheduler was made")
    for (index, rate) in rates.enumerated() { optimizer.groups[index].lr = rate }
    fields["_last_lr"] = Self.list(self.rates)
  }
}

/// An error thrown for a state that does not fit a scheduler. The scheduler is unchanged.
public struct SchedulerStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The class of the scheduler.
  public let scheduler: String
  /// What does not fit, one sentence each.
  public let reasons: [String]

  /// An error with the given reasons.
  ///
  /// - Parameters:
  ///   - scheduler: The class of the scheduler.
  ///   - reasons: What does not fit, one sentence each.
  public init(scheduler: String, reasons: [String]) {
    self.scheduler = scheduler
    self.reasons = reasons
  }

  /// A heading with the class, then one line per reason.
  public var description: String {
    (["Error(s) in loading state for \(scheduler):"] + reasons).joined(separator: "\n\t")
  }
}
