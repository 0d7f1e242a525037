import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// Updates parameters from their gradients. The base class of all optimizers.
///
/// Equivalent to `torch.optim.Optimizer`, with one difference: the state of a parameter is kept
/// under its name, so that it reaches the right parameter whatever the order in a file. A parameter
/// that never had a gradient has no state, except in ``Adagrad``, which begins with state for all.
///
/// ```swift
/// let optimizer = Adam(model.namedParameters(), lr: 1e-3)
/// for batch in batches {
///   optimizer.zeroGrad()
///   loss(model, batch).backward()
///   optimizer.step()
/// }
/// ```
///
/// Options may differ between groups:
///
/// ```swift
/// let optimizer = SGD(
///   groups: [
///     ParameterGroup(backbone.namedParameters(prefix: "backbone"), options: ["lr": 1e-4]),
///     ParameterGroup(head.namedParameters(prefix: "head")),
///   ], lr: 1e-2, momentum: 0.9)
/// ```
///
/// To write an optimizer, override ``update(_:_:_:_:)`` and ``slotNames``.
open class Optimizer {
  /// What is kept for one parameter, by PyTorch's names.
  public typealias Slots = OrderedDictionary<String, NDArray>

  /// The parameter groups. Their options may be changed; groups are added with
  /// ``addParamGroup(_:)``.
  ///
  /// - Precondition: An option that the optimizer does not know is not nearly one that it knows, such as
  ///   `weightDecay` for `weight_decay`. Others are kept with the group, for whoever put them there.
  public final var groups: [ParameterGroup] = [] {
    didSet { for group in groups { checkOptions(group) } }
  }
  /// The options of groups that do not give their own, by PyTorch's names and in its order.
  public final let defaults: OrderedDictionary<String, Value>
  /// Options that came with a state, whatever they are.
  private final var loadedOptions: Set<String> = []
  /// What is kept for each parameter, by its name.
  public final private(set) var state: OrderedDictionary<String, Slots> = [:]

  /// An optimizer over the given groups.
  ///
  /// - Parameters:
  ///   - groups: The parameters and their own options.
  ///   - defaults: The options of groups that do not give their own, by PyTorch's names.
  /// - Precondition: There is at least one group, and no parameter or name occurs twice.
  public init(groups: [ParameterGroup], defaults: OrderedDictionary<String, Value>) {
    self.defaults = defaults
    for group in groups { addParamGroup(group) }
    require(!self.groups.isEmpty, "optimizer got an empty parameter list")
  }

  /// Adds a group. Equivalent to `torch.optim.Optimizer.add_param_group`.
  ///
  /// - Parameter group: The group, whose missing options are taken from ``defaults``.
  /// - Precondition: None of its parameters or names is in the optimizer already.
  public final func addParamGroup(_ group: ParameterGroup) {
    var known = Set(groups.flatMap(\.parameters).map { ObjectIdentifier($0.parameter) })
    var names = Set(groups.flatMap(\.parameters).map(\.name))
    for (name, parameter) in group.parameters {
      require(
        known.insert(ObjectIdentifier(parameter)).inserted,
        "some parameters appear in more than one parameter group: \"\(name)\"")
      require(
        names.insert(name).inserted, "two parameters of an optimizer have the name \"\(name)\"")
    }
    var options = defaults
    for (option, value) in group.options { options[option] = value }
    groups.append(ParameterGroup(group.parameters, options: options))
  }

  /// What schedulers keep with a group, by PyTorch's names, and people for themselves.
  private static let further: Set = [
    "name", "initial_lr", "max_lr", "min_lr", "swa_lr", "base_momentum", "max_momentum",
  ]

  /// Traps for an option that would be passed over, though the optimizer has it under another name.
  private final func checkOptions(_ group: ParameterGroup) {
    for option in group.options.keys
    where defaults[option] == nil && !Self.further.contains(option)
      && !loadedOptions.contains(option)
    {
      guard let meant = defaults.keys.first(where: { Self.isSlip(option, for: $0) }) else {
        continue
      }
      trap("\(type(of: self)): \"\(option)\" is no option of it; did you mean \"\(meant)\"?")
    }
  }

  /// Whether a name is another one in another spelling, or with two letters exchanged, or one wrong or
  /// missing.
  private static func isSlip(_ name: String, for known: String) -> Bool {
    func plain(_ name: String) -> [UInt8] {
      let name = name.lowercased().filter { $0 != "_" }
      return Array((name == "learningrate" ? "lr" : name).utf8)
    }
    let (name, known) = (plain(name), plain(known))
    if name == known { return true }
    // Short names, such as `lr`, are near to too many.
    guard known.count >= 4 else { return false }
    if name.count + 1 == known.count {
      return known.indices.contains { index in
        var shorter = known
        shorter.remove(at: index)
        return shorter == name
      }
    }
    guard name.count == known.count else { return false }
    let different = known.indices.filter { name[$0] != known[$0] }
    return different.count == 1
      || different.count == 2 && different[1] == different[0] + 1
        && name[different[0]] == known[different[1]] && name[different[1]] == known[different[0]]
  }

  /// Updates every parameter that has a gradient. Equivalent to `torch.optim.Optimizer.step`.
  ///
  /// Gradients are kept; call ``zeroGrad(setToNone:)`` before the next backward pass.
  ///
  /// What is kept of a parameter that has been converted since, by
  /// ``/NN/Module/to(_:)-(DType)``, is converted as well. Parameters of half precision are updated in
  /// `float32`, and they and their state rounded once, as PyTorch's fused optimizers do.
  ///
  /// - Precondition: Parameters that have a gradient are of a floating-point type, and a gradient has
  ///   its parameter's shape and type.
  public final func step() {
    require(!needsClosure, "\(type(of: self)): a step computes the loss: call step with a closure")
    noGrad {
      for group in groups {
        for (name, parameter) in group.parameters {
          guard let gradient = parameter.grad else { continue }
          let dtype = parameter.dtype
          let isHalf = dtype == .float16 || dtype == .bfloat16
          parameterType = dtype
          require(
            isHalf || dtype == .float32 || dtype == .float64,
            "step: parameter \"\(name)\" of \(dtype) is not of a floating-point type")
          require(
            gradient.dtype == dtype && gradient.shape == parameter.shape,
            "step: parameter \"\(name)\" is \(dtype) of shape \(parameter.shape), but its gradient "
              + "\(gradient.dtype) of shape \(gradient.shape)")
          // Taken out while it is changed, or the change would copy what both refer to.
          var slots = state.updateValue([:], forKey: name) ?? [:]
          parameter.update { array in
            guard isHalf else {
              update(&array, gradient.array.contiguous(), &slots, group)
              return
            }
            var wide = array.cast(to: .float32)
            update(&wide, gradient.array.cast(to: .float32).contiguous(), &slots, group)
            array = wide.cast(to: dtype)
            for (slot, value) in slots where !scalarSlotNames.contains(slot) {
              slots[slot] = value.cast(to: dtype)
            }
          }
          state[name] = slots.isEmpty ? nil : slots
        }
      }
    }
  }

  /// Computes the loss anew, and updates every parameter. Equivalent to
  /// `torch.optim.Optimizer.step` with a closure.
  ///
  /// - Parameter closure: Clears the gradients, computes the loss, calls `backward` on it and returns
  ///   it. Operations are recorded in it.
  /// - Returns: The loss.
  @discardableResult
  open func step(_ closure: () -> Tensor) -> Tensor {
    let loss = enableGrad(closure)
    step()
    return loss
  }

  /// Updates one parameter and its state. Subclasses override this.
  ///
  /// - Parameters:
  ///   - parameter: The values, `float32` or `float64`.
  ///   - gradient: The gradient, of the same shape, in row-major order.
  ///   - slots: What is kept for this parameter; empty before its first step.
  ///   - group: The group with the options.
  open func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    trap("\(type(of: self)) does not say how to update a parameter")
  }

  /// Discards the gradients of all parameters. Equivalent to `torch.optim.Optimizer.zero_grad`.
  ///
  /// - Parameter setToNone: False to set them to zero, so that a step treats them as gradients.
  public final func zeroGrad(setToNone: Bool = true) {
    for (_, parameter) in groups.flatMap(\.parameters) {
      if setToNone { parameter.grad = nil } else { _ = parameter.grad?.detach_().zero_() }
    }
  }

  /// The names that a parameter's state may contain, checked when a state is loaded.
  ///
  /// Each is a tensor of the parameter's shape and type, except those in
  /// ``/Optim/Optimizer/scalarSlotNames``.
  open var slotNames: [String] { [] }

  /// The members of ``slotNames`` that are scalars of `float32`; `step` by default.
  open var scalarSlotNames: Set<String> { ["step"] }

  /// The shape of a slot that is no scalar; that of its parameter unless overridden.
  ///
  /// - Parameters:
  ///   - slot: One of ``slotNames``.
  ///   - parameter: The shape of the parameter.
  open func slotShape(_ slot: String, of parameter: Shape) -> Shape { parameter }

  /// Whether a step computes the loss, for which it needs a closure.
  var needsClosure: Bool { false }

  /// Forgets what is kept beside ``state``, which has been replaced.
  func didReplaceState() {}

  /// The type of the parameter that is being updated, which ``update(_:_:_:_:)`` may get as `float32`.
  final var parameterType = DType.float32

  /// Why the present state cannot be part of a state dict; nil if it can.
  var unsavedState: String? { nil }

  /// Puts a state in the place of the present one.
  final func replace(
    _ state: OrderedDictionary<String, Slots>, _ options: [OrderedDictionary<String, Value>]
  ) {
    self.state = state
    for options in options { loadedOptions.formUnion(options.keys) }
    for (index, options) in options.enumerated() { groups[index].options = options }
    didReplaceState()
  }
}

// It changes parameters, which are not.
@available(*, unavailable)
extension Optimizer: Sendable {}
