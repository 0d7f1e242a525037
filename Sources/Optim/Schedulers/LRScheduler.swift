import Arrays
import Autograd
import OrderedCollections
import States

/// A scheduler that needs no measurement. Equivalent to `torch.optim.lr_scheduler.LRScheduler`.
///
/// ```swift
/// let scheduler = StepLR(optimizer, stepSize: 30)
/// for epoch in 0..<90 {
///   trainEpoch(model, optimizer)
///   scheduler.step()
/// }
/// ```
///
/// Creating a scheduler takes its initial step, which sets the learning rates of epoch 0, and
/// records each group's starting rate as the option `initial_lr`.
///
/// To resume a training, create the scheduler as before and load the states of optimizer and
/// scheduler; PyTorch's argument `last_epoch` is not needed.
public class LRScheduler: Scheduler {
  /// Whether the present step is the initial one.
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

  /// The number of steps taken since the scheduler was created.
  public final internal(set) var lastEpoch: Int {
    get { integer("last_epoch") }
    set { fields["last_epoch"] = .int(newValue) }
  }

  /// The learning rate from which the schedule starts, one per group.
  public final var baseLRs: [Double] { numbers("base_lrs") }

  /// Advances the schedule by one step. Equivalent to `torch.optim.lr_scheduler.LRScheduler.step`.
  ///
  /// Call it once per epoch, or once per batch for schedules counted in batches, after the
  /// optimizer's step.
  ///
  /// - Precondition: The optimizer has as many groups as when the scheduler was created.
  public func step() {
    fields["_step_count"] = .int(integer("_step_count") + 1)
    lastEpoch += 1
    set(nextRates())
  }

  /// The learning rates at ``lastEpoch``, given those of the epoch before.
  func nextRates() -> [Double] { rates }

  /// The learning rates at ``lastEpoch`` by a closed formula; nil if there is none.
  func closedRates() -> [Double]? { nil }

  /// Starts the schedule over, as when another one ends in ``SequentialLR``.
  func restart() {
    lastEpoch = 0
    set(closedRates() ?? nextRates())
  }

  /// Takes the step that belongs to creating a scheduler.
  func takeInitialStep() {
    fields["_step_count"] = 0
    isInitial = true
    fields["_is_initial"] = false
    if !(self is CombinedScheduler) { fields["_get_lr_called_within_step"] = false }
    step()
    isInitial = false
  }

  /// Uncounts the initial step.
  func undoInitialStep() { lastEpoch -= 1 }
}
