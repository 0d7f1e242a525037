import Arrays
import Autograd
import OrderedCollections
import States

/// A scheduler that is stepped without a measurement. Equivalent to
/// `torch.optim.lr_scheduler.LRScheduler`.
///
/// ```swift
/// let scheduler = StepLR(optimizer, stepSize: 30)
/// for epoch in 0..<90 {
///   trainEpoch(model, optimizer)
///   scheduler.step()
/// }
/// ```
///
/// To go on with a training, make it as at first, then load the states of optimizer and scheduler:
/// PyTorch's argument `last_epoch` is not needed.
public class LRScheduler: Scheduler {
  /// Whether this is the step that making the scheduler takes.
  final private(set) var isInitial = false

  /// A scheduler of these options, which takes its first step.
  init(_ optimizer: Optimizer, options: OrderedDictionary<String, Value>) {
    super.init(optimizer, fields: options)
    for (index, group) in optimizer.groups.enumerated() where group["initial_lr"] == nil {
      optimizer.groups[index]["initial_lr"] = .float(group.lr)
    }
    fields["base_lrs"] = Self.list(optimizer.groups.map { $0.number("initial_lr") })
    fields["last_epoch"] = -1
    takeInitialStep()
  }

  /// A scheduler of others.
  override init(_ optimizer: Optimizer, fields: OrderedDictionary<String, Value>) {
    super.init(optimizer, fields: fields)
  }

  /// How many steps were taken since the scheduler was made.
  public final internal(set) var lastEpoch: Int {
    get { integer("last_epoch") }
    set { fields["last_epoch"] = .int(newValue) }
  }

  /// The learning rates that the schedule starts from.
  public final var baseLRs: [Double] { numbers("base_lrs") }

  /// Goes on by a step. Equivalent to `torch.optim.lr_scheduler.LRScheduler.step`.
  public func step() {
    fields["_step_count"] = .int(integer("_step_count") + 1)
    lastEpoch += 1
    set(nextRates())
  }

  /// The learning rates of ``lastEpoch``, given those of the epoch before.
  func nextRates() -> [Double] { rates }

  /// The learning rates of ``lastEpoch``, whatever those before; nil if there is no such formula.
  func closedRates() -> [Double]? { nil }

  /// Begins the schedule anew, as when another ends in ``SequentialLR``.
  func restart() {
    lastEpoch = 0
    set(closedRates() ?? nextRates())
  }

  /// Takes the step that belongs to making a scheduler.
  func takeInitialStep() {
    fields["_step_count"] = 0
    isInitial = true
    fields["_is_initial"] = false
    if !(self is CombinedScheduler) { fields["_get_lr_called_within_step"] = false }
    step()
    isInitial = false
  }

  /// Takes back that the scheduler counted its initial step.
  func undoInitialStep() { lastEpoch -= 1 }
}
