/// Finds out which dictionaries are made of tensors, at any depth.
///
/// Every dictionary is looked at once, so that sharing within a pickle costs nothing.
struct StateTrees {
  private var counts: [ObjectIdentifier: Int] = [:]
  private static let maximumDepth = 64

  /// Whether a value is a dictionary of tensors, or of such dictionaries, or a module.
  mutating func holdsModel(_ value: PickleValue) -> Bool {
    if case .instance(let instance) = value { return instance.isModule }
    return isStateTree(value)
  }

  /// Whether a value is a dictionary by texts whose leaves are all tensors, and has one.
  mutating func isStateTree(_ value: PickleValue) -> Bool { count(value, 0) > 0 }

  /// The number of tensors in a dictionary of tensors; one for a module.
  mutating func tensorCount(_ value: PickleValue) -> Int {
    if case .instance = value { return 1 }
    return count(value, 0)
  }

  private mutating func count(_ value: PickleValue, _ depth: Int) -> Int {
    guard let dict = value.dict, depth < Self.maximumDepth, !dict.isOptimizerState else {
      return 0
    }
    let identity = ObjectIdentifier(dict)
    if let known = counts[identity] { return known }
    // A dictionary within itself is not one.
    counts[identity] = 0
    guard dict.count > 0, let keys = dict.stringKeys else { return 0 }
    var sum = 0
    for (key, element) in zip(keys, dict.values) {
      if element.isTensor || holdsModel(element, depth) {
        let part = element.isTensor ? 1 : max(1, count(element, depth + 1))
        sum = sum.addingReportingOverflow(part).overflow ? .max : sum + part
      } else if !key.hasSuffix("_extra_state") && dict.attributes?["_metadata"] == nil {
        return 0
      }
    }
    counts[identity] = sum
    return sum
  }

  private mutating func holdsModel(_ value: PickleValue, _ depth: Int) -> Bool {
    if case .instance(let instance) = value { return instance.isModule }
    return count(value, depth + 1) > 0
  }
}
