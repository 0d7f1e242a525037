import Arrays
import Autograd
import Kernels
import OrderedCollections
import States

/// A state that does not fit an optimizer, which is as it was.
public struct OptimizerStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The optimizer's class.
  public let optimizer: String
  /// What does not fit, a sentence each.
  public let reasons: [String]

  /// An error for these reasons.
  public init(optimizer: String, reasons: [String]) {
    self.optimizer = optimizer
    self.reasons = reasons
  }

  /// The class, then a line for each reason.
  public var description: String {
    (["Error(s) in loading state for \(optimizer):"] + reasons).joined(separator: "\n\t")
  }
}

extension Optimizer {
  /// All that is remembered, and the options of the groups. Equivalent to
  /// `torch.optim.Optimizer.state_dict`, but by name.
  ///
  /// PyTorch's numbers are the positions of the names over the groups in order.
  public final func stateDict() -> OptimizerState {
    OptimizerState(
      type: "\(type(of: self))", naming: .keys,
      state: OrderedDictionary(
        uniqueKeysWithValues: groups.flatMap(\.parameters).compactMap { name, _ in
          state[name].map { (name, $0.mapValues(Value.tensor)) }
        }),
      groups: groups.map {
        OptimizerState.Group(options: $0.options, parameters: $0.parameters.map(\.name))
      })
  }

  /// Goes on from a state. Equivalent to `torch.optim.Optimizer.load_state_dict`, but each
  /// parameter's state is found by its name, in whatever order it comes.
  ///
  /// A state by positions, as from a PyTorch file without a model, is matched by order, if the
  /// groups are of the same sizes. Options that the state lacks stay what they are.
  ///
  /// - Throws: ``OptimizerStateError`` if names, shapes or groups do not fit; nothing is changed
  ///   then.
  public final func loadStateDict(_ saved: OptimizerState) throws(OptimizerStateError) {
    var reasons: [String] = []
    if let type = saved.type, type != "\(Swift.type(of: self))" {
      reasons.append("the state is of \(type)")
    }
    let sources = matchedGroups(saved, &reasons)
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
    replace(
      OrderedDictionary(
        uniqueKeysWithValues: order.compactMap { name in loaded[name].map { (name, $0) } }),
      options)
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
      return []
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
    return reasons.isEmpty ? saved.groups : []
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
      let expected = isScalar ? Shape.scalar : parameter.shape
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
