import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// Changes parameters by their gradients. The base of all optimizers.
///
/// Equivalent to `torch.optim.Optimizer`, with one difference: the state of a parameter is kept by
/// its name, so that it reaches the right one whatever the order in a file. A parameter that has
/// had no gradient has no state.
///
/// ```swift
/// let optimizer = Adam(model.namedParameters(), lr: 1e-3)
/// for batch in batches {
///   optimizer.zeroGrad()
///   loss(model, batch).backward()
///   optimizer.step()
/// }
/// ```
open class Optimizer {
  /// What is remembered of one parameter, by PyTorch's names.
  public typealias Slots = OrderedDictionary<String, NDArray>

  /// The groups. Options may be changed; parameters are added with ``addParamGroup(_:)``.
  public final var groups: [ParameterGroup] = []
  /// Options of groups that do not give their own, by PyTorch's names and in its order.
  public final let defaults: OrderedDictionary<String, Value>
  /// What is remembered of each parameter that has had a gradient, by its name.
  public final private(set) var state: OrderedDictionary<String, Slots> = [:]

  /// An optimizer of these groups.
  ///
  /// - Precondition: There is a parameter, no parameter is in two groups, and no two have one name.
  public init(groups: [ParameterGroup], defaults: OrderedDictionary<String, Value>) {
    self.defaults = defaults
    for group in groups { addParamGroup(group) }
    require(!self.groups.isEmpty, "optimizer got an empty parameter list")
  }

  /// Adds a group. Equivalent to `torch.optim.Optimizer.add_param_group`.
  ///
  /// - Precondition: None of its parameters, and none of their names, is in another group.
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

  /// Changes all parameters that have a gradient. Equivalent to `torch.optim.Optimizer.step`.
  public final func step() {
    noGrad {
      for group in groups {
        for (name, parameter) in group.parameters {
          guard let gradient = parameter.grad else { continue }
          require(
            parameter.dtype == .float32 || parameter.dtype == .float64,
            "step: parameter \"\(name)\" of \(parameter.dtype) is not float32 or float64")
          // Taken out while it is changed, or the change would copy what both refer to.
          var slots = state.updateValue([:], forKey: name) ?? [:]
          parameter.update { array in
            update(&array, gradient.array.contiguous(), &slots, group)
          }
          state[name] = slots.isEmpty ? nil : slots
        }
      }
    }
  }

  /// Changes one parameter, and what is remembered of it. To be overridden.
  ///
  /// - Parameters:
  ///   - parameter: The values, `float32` or `float64`.
  ///   - gradient: Of the same shape and type, in row-major order.
  ///   - slots: What is remembered, empty at first.
  ///   - group: The options.
  open func update(
    _ parameter: inout NDArray, _ gradient: NDArray, _ slots: inout Slots,
    _ group: ParameterGroup
  ) {
    trap("\(type(of: self)) does not say how to update a parameter")
  }

  /// Forgets the gradients of all parameters. Equivalent to `torch.optim.Optimizer.zero_grad`.
  public final func zeroGrad() {
    for group in groups {
      for (_, parameter) in group.parameters { parameter.grad = nil }
    }
  }

  /// The names that the class's state has, for checks when one is loaded.
  ///
  /// Each is of the parameter's shape and type, but those in ``/Optim/Optimizer/scalarSlotNames``.
  open var slotNames: [String] { [] }

  /// Which of ``slotNames`` are scalars of `float32`.
  open var scalarSlotNames: Set<String> { ["step"] }

  /// Puts a state in the place of the present one.
  final func replace(
    _ state: OrderedDictionary<String, Slots>, _ options: [OrderedDictionary<String, Value>]
  ) {
    self.state = state
    for (index, options) in options.enumerated() { groups[index].options = options }
  }
}

// It changes parameters, which are not.
@available(*, unavailable)
extension Optimizer: Sendable {}
