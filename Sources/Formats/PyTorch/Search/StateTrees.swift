/// Tells which dictionaries are made of tensors, at any depth.
///
/// Every dictionary is looked at once, so that sharing within a pickle costs nothing.
struct StateTrees {
  private var counts: [ObjectIdentifier: Int] = [:]
  private var moduleCounts: [ObjectIdentifier: Int] = [:]
  private static let greatestDepth = 64

  /// Whether a value is a dictionary of tensors, or of such dictionaries, or a module.
  mutating func holdsModel(_ value: PickleValue) -> Bool {
    if case .instance(let instance) = value { return instance.isModule }
    return isStateTree(value)
  }

  /// Whether a value is a dictionary by texts or integers whose leaves are all tensors, and has one.
  mutating func isStateTree(_ value: PickleValue) -> Bool { count(value, 0) > 0 }

  /// The number of tensors in a dictionary of tensors, or a module; 0 of what is neither.
  mutating func tensorCount(_ value: PickleValue) -> Int {
    if case .instance(let instance) = value { return moduleCount(instance, 0) }
    return count(value, 0)
  }

  private mutating func count(_ value: PickleValue, _ depth: Int) -> Int {
    guard let dict = value.dict, depth < Self.greatestDepth, !dict.isOptimizerState,
      !(dict.isRandomState && dict.values.allSatisfy(\.isTensor))
    else { return 0 }
    let identity = ObjectIdentifier(dict)
    if let known = counts[identity] { return known }
    // A dictionary within itself is none.
    counts[identity] = 0
    guard dict.count > 0, dict.hasNames else { return 0 }
    var sum = 0
    for (key, element) in zip(dict.keys, dict.values) {
      if element.isTensor || holdsModel(element, depth) {
        let part = element.isTensor ? 1 : max(1, partCount(element, depth + 1))
        sum = sum.addingReportingOverflow(part).overflow ? .max : sum + part
      } else if key.stringValue?.hasSuffix("_extra_state") != true
        && dict.attributes?["_metadata"] == nil
      {
        return 0
      }
    }
    counts[identity] = sum
    return sum
  }

  private mutating func partCount(_ value: PickleValue, _ depth: Int) -> Int {
    if case .instance(let instance) = value { return moduleCount(instance, depth) }
    return count(value, depth)
  }

  private mutating func holdsModel(_ value: PickleValue, _ depth: Int) -> Bool {
    if case .instance(let instance) = value { return instance.isModule }
    return count(value, depth + 1) > 0
  }

  /// The parameters and buffers of a module and of those in it.
  private mutating func moduleCount(_ module: PickleInstance, _ depth: Int) -> Int {
    guard depth < Self.greatestDepth, let attributes = module.attributes else { return 0 }
    let identity = ObjectIdentifier(module)
    if let known = moduleCounts[identity] { return known }
    moduleCounts[identity] = 0
    var sum = 0
    let names = module.isScriptModule ? [] : ["_parameters", "_buffers", "_modules"]
    let members = names.isEmpty ? [attributes] : names.compactMap { attributes[$0]?.dict }
    for value in members.flatMap(\.values) {
      var part = value.isTensor ? 1 : 0
      if case .instance(let child) = value, child.unread == nil {
        part = moduleCount(child, depth + 1)
      }
      sum = sum.addingReportingOverflow(part).overflow ? .max : sum + part
    }
    moduleCounts[identity] = sum
    return sum
  }
}

extension PickleDict {
  /// Whether all keys are texts or integers, as the names of tensors are.
  var hasNames: Bool { keys.allSatisfy { $0.stringValue != nil || $0.intValue != nil } }
}
