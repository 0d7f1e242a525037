/// An input of a model by name: what its elements are, its shape, and whether it may be left out.
///
/// ```swift
/// ModelInput("input_ids", .integers(below: 30522), ["batch", .any("tokens", atMost: 512)])
/// ```
public struct ModelInput: Sendable, Hashable {
  /// What the elements of an input are.
  public enum Elements: Sendable, Hashable {
    /// Integers from 0 up to a number, exclusive, of type `int64` or `int32`.
    case integers(below: Int)
    /// Ones where something counts and zeros where it does not, of type `bool`, of an integer type
    /// or of a floating-point one.
    case mask
    /// Numbers of the floating-point type of the model's parameters.
    case numbers
  }

  /// A length of a shape.
  public enum Length: Sendable, Hashable {
    /// Only this length.
    case exactly(Int)
    /// Any positive length up to a limit, if there is one. All of one name in a call are equal.
    case any(String, atMost: Int?)
  }

  /// The name, as the reference calls it, such as `input_ids`.
  public let name: String
  /// What the elements are.
  public let elements: Elements
  /// The lengths of the dimensions.
  public let shape: [Length]
  /// Whether it may be left out.
  public let isOptional: Bool

  /// An input.
  ///
  /// - Parameters:
  ///   - name: The name, as the reference calls it.
  ///   - elements: What the elements are.
  ///   - shape: The lengths of the dimensions; a text stands for any length, by that name.
  ///   - isOptional: Whether it may be left out.
  public init(
    _ name: String, _ elements: Elements, _ shape: [Length], isOptional: Bool = false
  ) {
    self.name = name
    self.elements = elements
    self.shape = shape
    self.isOptional = isOptional
  }
}

extension ModelInput.Length: ExpressibleByStringLiteral {
  /// Any length, by this name.
  public init(stringLiteral name: String) { self = .any(name, atMost: nil) }
}

extension ModelInput: CustomStringConvertible {
  /// The name, the shape and the elements: `input_ids (batch, tokens ≤ 512): integers below 30522`.
  public var description: String {
    let lengths = shape.map(\.description).joined(separator: ", ")
    return "\(name) (\(lengths)\(shape.count == 1 ? "," : "")): \(elements)"
      + (isOptional ? ", optional" : "")
  }
}

extension ModelInput.Elements: CustomStringConvertible {
  /// What the elements are, in words.
  public var description: String {
    switch self {
    case .integers(let limit): "integers below \(limit)"
    case .mask: "ones and zeros"
    case .numbers: "floating-point numbers"
    }
  }
}

extension ModelInput.Length: CustomStringConvertible {
  /// The length or its name, with its limit.
  public var description: String {
    switch self {
    case .exactly(let length): "\(length)"
    case .any(let name, let limit): name + (limit.map { " ≤ \($0)" } ?? "")
    }
  }
}
