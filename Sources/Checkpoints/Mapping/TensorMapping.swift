import Arrays
import States

/// A way from the keys and shapes of one library to those of another, as data: rules that are
/// applied in order, each with its inverse.
///
/// Names, roles, ties, optimizer state and module versions follow. See <doc:Mapping> for the file
/// that holds one.
///
/// ```swift
/// let mapping = try TensorMapping(json: text)
/// let (mapped, report) = try mapping.apply(to: checkpoint)
/// let (original, _) = try mapping.inverted().apply(to: mapped)
/// ```
public struct TensorMapping: Hashable, Sendable {
  /// What one rule does to the tensors whose keys match.
  public enum Rule: Hashable, Sendable {
    /// Replaces what an expression matches, anywhere in a key and as often as it does.
    ///
    /// - Parameter inverse: The rule that undoes it; nil leaves it to be derived.
    case rename(pattern: String, to: String, inverse: Renaming?)
    /// Puts the dimensions in another order.
    case permute(pattern: String, axes: [Int])
    /// Exchanges the last two dimensions.
    case transpose(pattern: String)
    /// Takes the rows, which the first dimension counts, in groups of two lengths, and exchanges these: in a
    /// group of a·b rows, row i·b + j becomes row j·a + i.
    ///
    /// So the halves that a rotation of queries and keys goes by become pairs, and pairs halves.
    case interleave(pattern: String, rows: [Int])
    /// Gives the elements, in row-major order, another shape; −1 stands for what is left.
    ///
    /// - Parameter from: The shape before, which the inverse needs; −1 stands for any length.
    case reshape(pattern: String, shape: [Int], from: [Int]?)
    /// Converts the model's tensors, and not the optimizer's, to another type.
    ///
    /// - Parameter from: The type before, which the inverse needs.
    case cast(pattern: String, dtype: DType, from: DType?)
    /// Cuts a tensor, whose whole key the expression matches, along a dimension.
    ///
    /// - Parameters:
    ///   - names: The keys of the parts.
    ///   - sizes: Their lengths; nil makes them equal.
    case split(pattern: String, axis: Int, names: [String], sizes: [Int]?)
    /// Joins tensors along a dimension: one for each expression, which match whole keys and lead
    /// to one name.
    ///
    /// - Parameter sizes: The lengths that the parts must have; nil wants equal ones.
    case concatenate(patterns: [String], axis: Int, name: String, sizes: [Int]?)
  }

  /// An expression and what to put in place of what it matches.
  public struct Renaming: Hashable, Sendable {
    /// The regular expression.
    public var pattern: String
    /// The replacement, in which `\1` to `\9` stand for groups.
    public var to: String

    /// A renaming of these parts.
    public init(pattern: String, to: String) {
      self.pattern = pattern
      self.to = to
    }
  }

  /// The rules in order.
  public let rules: [Rule]
  /// What the mapping is for.
  public var summary: String?
  /// How many features a head of the model has by which the rules go; nil for rules that go by none.
  ///
  /// Shapes do not tell that it is the right number. What the metadata of the checkpoint say of it does: see
  /// ``apply(to:)``.
  public let headSize: Int?

  /// A mapping of these rules.
  ///
  /// - Parameters:
  ///   - rules: The rules in order.
  ///   - summary: What the mapping is for.
  ///   - headSize: How many features a head has by which the rules go.
  /// - Throws: ``MappingError`` that names the first rule that cannot be used on any checkpoint.
  public init(
    rules: [Rule], summary: String? = nil, headSize: Int? = nil
  ) throws(MappingError) {
    if let headSize, headSize < 1 { throw MappingError("a head of \(headSize) features is none") }
    for (index, rule) in rules.enumerated() {
      do throws(RuleFailure) {
        try rule.validate()
      } catch {
        throw MappingError(rule: index + 1, error.reason, advice: error.advice)
      }
    }
    self.rules = rules
    self.summary = summary
    self.headSize = headSize
  }

  /// The mapping that undoes this one: the inverses of the rules, last first.
  ///
  /// - Throws: ``MappingError`` that names a rule whose inverse is neither in the mapping nor
  ///   can be derived.
  public func inverted() throws(MappingError) -> TensorMapping {
    var inverse: [Rule] = []
    for (index, rule) in rules.enumerated().reversed() {
      do throws(RuleFailure) {
        inverse.append(try rule.inverted())
      } catch {
        throw MappingError(rule: index + 1, error.reason, advice: error.advice)
      }
    }
    return try TensorMapping(
      rules: inverse, summary: summary.map { "the inverse of: \($0)" }, headSize: headSize)
  }
}

/// What is wrong with a rule, before its number is known.
struct RuleFailure: Error {
  let reason: String
  let advice: String?

  init(_ reason: String, advice: String? = nil) {
    self.reason = reason
    self.advice = advice
  }
}
