import Arrays
import Autograd
import Files
import Kernels
import OrderedCollections
import States

/// An error thrown for a state that does not fit an optimizer. The optimizer is unchanged.
public struct OptimizerStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The class of the optimizer.
  public let optimizer: String
  /// What does not fit, one sentence each.
  public let reasons: [String]

  /// An error with the given reasons.
  ///
  /// - Parameters:
  ///   - optimizer: The class of the optimizer.
  ///   - reasons: What does not fit, one sentence each.
  public init(optimizer: String, reasons: [String]) {
    self.optimizer = optimizer
    self.reasons = reasons
  }

  /// A heading with the class, then one line per reason.
  public var description: String {
    (["Error(s) in loading state for \(optimizer):"] + reasons).joined(separator: "\n\t")
  }
}

extension Optimizer {
  /// The state of every parameter, and the options of every group. Equivalent to
  /// `torch.optim.Optimizer.state_dict`, except that parameters are named rather than numbered.
  ///
  /// A snapshot: later steps do not change it. PyTorch's numbers are the positions of the names,
  /// counted across the groups in order.
  ///
  /// - Precondition: The optimizer is not an ``LBFGS`` that has taken a step.
  public final func stateDict() -> OptimizerState {
    if let unsavedState { trap("stateDict: \(unsavedState)") }
    return OptimizerState(
      type: "\(type(of: self))", naming: stateNaming,
      state: OrderedDictionary(
        uniqueKeysWithValues: groups.flatMap(\.parameters).compactMap { name, _ in
          state[name].map { (name, $0.mapValues(Value.tensor)) }
        }),
      groups: groups.map {
        OptimizerState.Group(options: $0.options, parameters: $0.parameters.map(\.name))
      })
  }

  /// Whether the parameters have names, or only the positions that a plain list gives them.
  package final var stateNaming: OptimizerState.Naming {
    let names = groups.lazy.flatMap(\.parameters).map(\.name)
    return names.enumerated().contains { "\($0)" != $1 } ? .keys : .positions
  }

  /// Resumes from a state. Equivalent to `torch.optim.Optimizer.load_state_dict`, except that the
  /// state of a parameter is found by its name, in whatever order it was saved.
  ///
  /// A state with numbers, as from a PyTorch file without a model, is matched by order if the
  /// groups have the same sizes. Tensors are converted to the type of their parameter, scalars
  /// such as `step` to `float32`. Options missing from the state keep their present values.
  ///
  /// - Parameter saved: A state of the same class of optimizer; one whose class is unknown is
  ///   accepted.
  /// - Throws: ``OptimizerStateError`` with everything that does not fit: the class, the number or
  ///   sizes of groups, names, shapes, or options of another kind. Nothing is changed then.
  public final func loadStateDict(_ saved: OptimizerState) throws(OptimizerStateError) {
    let (loaded, options) = try fitted(saved)
    replace(loaded, options)
  }

  /// Throws what ``loadStateDict(_:)`` would, and changes nothing.
  package final func checkStateDict(_ saved: OptimizerState) throws(OptimizerStateError) {
    _ = try fitted(saved)
  }

  /// A state as the optimizer keeps it, and the options of its groups.
  private final func fitted(_ saved: OptimizerState) throws(OptimizerStateError) -> (
    state: OrderedDictionary<String, Slots>, options: [OrderedDictionary<String, Value>]
  ) {
    var reasons: [String] = []
    if let type = saved.type, type != "\(Swift.type(of: self))" {
      reasons.append("the state is of \(type)")
    }
    // Of another class, or with other groups, nothing is where it would be looked for.
    let sources = matchedGroups(saved, &reasons)
    guard reasons.isEmpty else {
      throw OptimizerStateError(optimizer: "\(Swift.type(of: self))", reasons: reasons)
    }
    var loaded: [String: Slots] = [:]
    var used: Set<String> = []
    for (group, source) in zip(groups, sources) {
      for (index, (name, parameter)) in group.parameters.enumerated() {
        let key = saved.naming == .keys ? name : source.parameters[index]
        used.insert(key)
        guard let slots = saved.state[key] else { continue }
        loaded[name] = convert(slots, name, parameter, &reasons)
      }
    }
    let options = zip(groups, sources).enumerated().map { index, pair in
      merge(pair.0.options, pair.1.options, group: index, &reasons)
    }
    for key in saved.state.keys where !used.contains(key) {
      reasons.append("there is state for \"\(key)\", which is not a parameter of this optimizer")
    }
    guard reasons.isEmpty else {
      throw OptimizerStateError(optimizer: "\(Swift.type(of: self))", reasons: reasons)
    }
    let order = groups.flatMap(\.parameters).map(\.name)
    return (
      OrderedDictionary(
        uniqueKeysWithValues: order.compactMap { name in loaded[name].map { (name, $0) } }),
      options
    )
  }

  /// The options of a group, those of the state before its own.
  private final func merge(
    _ own: OrderedDictionary<String, Value>, _ saved: OrderedDictionary<String, Value>,
    group: Int, _ reasons: inout [String]
  ) -> OrderedDictionary<String, Value> {
    var merged = own
    for (name, value) in saved {
      var value = value
      // A learning rate may be a tensor in PyTorch.
      if let tensor = value.tensor, tensor.elementCount == 1, tensor.dtype.isFloatingPoint {
        value = .float(tensor.reshaped(to: .scalar).cast(to: .float64).item(as: Double.self))
      }
      if let own = own[name], !Self.isAlike(own, value) {
        reasons.append("option \"\(name)\" of group \(group) is not like \(own.json())")
      }
      merged[name] = value
    }
    return merged
  }

  /// Whether an option can take the place of another without surprise to who reads it.
  private static func isAlike(_ own: Value, _ saved: Value) -> Bool {
    if own.doubleValue != nil { return saved.doubleValue != nil }
    if let own = own.elements {
      guard let saved = saved.elements, saved.count == own.count else { return false }
      return zip(own, saved).allSatisfy(isAlike)
    }
    // Flags such as `foreach` may be none.
    return own.boolValue == nil || saved.boolValue != nil || saved == .none
  }

  /// The saved group of each group. By name a group may list its parameters in another order.
  private final func matchedGroups(
    _ saved: OptimizerState, _ reasons: inout [String]
  ) -> [OptimizerState.Group] {
    guard saved.groups.count == groups.count else {
      reasons.append("the state has \(saved.groups.count) groups, this optimizer \(groups.count)")
      return saved.groups
    }
    for (index, (group, source)) in zip(groups, saved.groups).enumerated() {
      let names = group.parameters.map(\.name)
      if names.count != source.parameters.count {
        reasons.append(
          "group \(index) of the state has \(source.parameters.count) parameters, "
            + "of this optimizer \(names.count)")
      } else if saved.naming == .keys, Set(names) != Set(source.parameters) {
        let missing = Set(names).subtracting(source.parameters).sorted()
        let unexpected = Set(source.parameters).subtracting(names).sorted()
        reasons.append("group \(index) lacks \(missing) and has \(unexpected) instead")
      }
    }
    return saved.groups
  }

  private final func convert(
    _ saved: OptimizerState.Slots, _ name: String, _ parameter: Parameter,
    _ reasons: inout [String]
  ) -> Slots {
    var slots: Slots = [:]
    for (slot, value) in saved {
      if case .none = value { continue }
      // Older versions of PyTorch have a plain number for the step.
      guard let array = value.tensor ?? value.doubleValue.map({ NDArray(Float($0)) }) else {
        reasons.append("\"\(slot)\" of \"\(name)\" is not a tensor")
        continue
      }
      guard slotNames.contains(slot) else {
        reasons.append("\"\(slot)\" of \"\(name)\" is not known")
        continue
      }
      let isScalar = scalarSlotNames.contains(slot)
      let expected = isScalar ? Shape.scalar : slotShape(slot, of: parameter.shape)
      guard array.shape == expected, array.dtype != .float4E2M1FNx2 else {
        reasons.append(
          "\"\(slot)\" of \"\(name)\" has shape \(array.shape), the parameter \(parameter.shape)")
        continue
      }
      slots[slot] = array.cast(to: isScalar ? .float32 : parameter.dtype).contiguous()
    }
    return slots
  }
}
