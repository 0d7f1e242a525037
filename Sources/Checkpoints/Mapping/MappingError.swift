import States

/// Why a mapping cannot be used, or not on this checkpoint.
///
/// ```swift
/// do throws(MappingError) {
///   let (mapped, report) = try mapping.apply(to: checkpoint)
/// } catch {
///   print(error)   // rule 3 of the mapping: 'fc.weight' has shape [10], and no two …
/// }
/// ```
public struct MappingError: Error, Hashable, Sendable {
  /// The number of the rule, counted from 1; nil for the mapping as a whole.
  public let rule: Int?
  /// What is wrong, as a clause without a full stop.
  public let reason: String
  /// What can be done about it, as a sentence, if there is something.
  public let advice: String?

  /// An error with these parts.
  ///
  /// - Parameters:
  ///   - rule: The number of the rule, counted from 1; nil for the mapping as a whole.
  ///   - reason: What is wrong, as a clause without a full stop.
  ///   - advice: What can be done about it, as a sentence.
  public init(rule: Int? = nil, _ reason: String, advice: String? = nil) {
    self.rule = rule
    self.reason = reason
    self.advice = advice
  }
}

extension MappingError: CustomStringConvertible {
  /// One or two sentences that begin with the rule.
  public var description: String {
    let sentence = rule.map { "rule \($0) of the mapping: \(reason)" } ?? "the mapping: \(reason)"
    return advice.map { "\(sentence). \($0)" } ?? sentence
  }
}
