import States

/// Which keys are kept: those that match, and are not excluded.
///
/// ```swift
/// let filter = try KeyFilter(include: [#"^layer[12]\."#], exclude: [#"num_batches_tracked$"#])
/// filter.keeps("layer1.0.conv1.weight")   // true
/// filter.keeps("fc.weight")               // false
/// let part = checkpoint.filtered(filter)
/// ```
public struct KeyFilter {
  private let included: [Regex<AnyRegexOutput>]
  private let excluded: [Regex<AnyRegexOutput>]

  /// A filter of regular expressions, each of which may match anywhere in a key.
  ///
  /// - Parameters:
  ///   - include: A key has to match one of these, unless there are none.
  ///   - exclude: A key may match none of these.
  /// - Throws: The error of Swift's `Regex` for the first expression that is malformed.
  public init(include: [String] = [], exclude: [String] = []) throws {
    included = try include.map { try Regex($0) }
    excluded = try exclude.map { try Regex($0) }
  }

  /// Whether a key is kept. An exclusion overrides an inclusion.
  public func keeps(_ key: String) -> Bool {
    (included.isEmpty || included.contains { key.contains($0) })
      && !excluded.contains { key.contains($0) }
  }
}

extension Checkpoint {
  /// The checkpoint with only the tensors whose keys a filter keeps, in their order.
  ///
  /// The optimizer's state is kept for the parameters that are kept, if it is named by keys. State
  /// by position is removed whole as soon as one tensor is left out, since the positions would no
  /// longer be right. Groups stay, possibly without parameters, so that their numbers do not
  /// change. Metadata, module versions, architecture and origin are left as they are.
  ///
  /// - Parameter filter: Which of the model's keys are kept.
  /// - Returns: The part of the checkpoint; it shares the arrays with the whole.
  public func filtered(_ filter: KeyFilter) -> Checkpoint {
    var result = self
    result.state.entries = state.entries.filter { filter.keeps($0.key) }
    guard result.state.count < state.count else { return result }
    guard var optimizer, optimizer.naming == .keys else {
      result.optimizer = nil
      return result
    }
    optimizer.state = optimizer.state.filter { filter.keeps($0.key) }
    for index in optimizer.groups.indices {
      optimizer.groups[index].parameters.removeAll { !filter.keeps($0) }
    }
    result.optimizer = optimizer
    return result
  }
}
