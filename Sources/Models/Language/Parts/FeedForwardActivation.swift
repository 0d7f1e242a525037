import Autograd
import States

/// The activation between the layers of a feed-forward part, by transformers' name.
public enum FeedForwardActivation: String, Sendable, CaseIterable {
  /// x · Φ(x), by the error function.
  case gelu
  /// The same, by the hyperbolic tangent, as OpenAI's GPT computes it.
  case geluNew = "gelu_new"
  /// The same as ``geluNew``.
  case geluTanh = "gelu_pytorch_tanh"
  /// x · sigmoid(1.702 · x), as OpenAI's CLIP computes it.
  case quickGELU = "quick_gelu"
  /// max(0, x).
  case relu
  /// x · sigmoid(x).
  case silu
  /// The same as ``silu``.
  case swish
  /// The hyperbolic tangent.
  case tanh

  /// The activation of each element.
  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .gelu: x.gelu()
    case .geluNew, .geluTanh: x.gelu(approximate: .tanh)
    case .quickGELU: x * (x * 1.702).sigmoid()
    case .relu: x.relu()
    case .silu, .swish: x.silu()
    case .tanh: x.tanh()
    }
  }
}

extension LayerArguments {
  /// An activation by transformers' name.
  mutating func activation(
    _ name: String, default value: FeedForwardActivation
  ) throws(ModelError) -> FeedForwardActivation {
    let text = try text(name, default: value.rawValue)
    guard let activation = FeedForwardActivation(rawValue: text) else {
      let known = FeedForwardActivation.allCases.map(\.rawValue).joined(separator: ", ")
      throw ModelError(reason: "\(name) is \"\(text)\", and should be one of \(known)")
    }
    return activation
  }

  /// How many layers follow each other: a positive integer that is no mistake.
  mutating func depth(_ name: String, default value: Int? = nil) throws(ModelError) -> Int {
    let depth = try length(name, default: value)
    guard depth <= 1000 else {
      throw ModelError(reason: "\(name) is \(depth), and should be between 1 and 1000")
    }
    return depth
  }

  /// A length of a tensor, or null; nil if absent.
  mutating func optionalExtent(_ name: String) throws(ModelError) -> Int? {
    guard isGiven(name) else { return nil }
    return try extent(name)
  }

  /// A length that is not one of a tensor, or null; nil if absent.
  mutating func optionalLength(_ name: String) throws(ModelError) -> Int? {
    guard isGiven(name) else { return nil }
    return try length(name)
  }

  /// A number that is not negative and finite, such as what is added to a variance.
  mutating func small(_ name: String, default value: Double) throws(ModelError) -> Double {
    let number = try number(name, default: value)
    guard number >= 0, number.isFinite else {
      throw ModelError(reason: "\(name) is \(number), and should be finite and not negative")
    }
    return number
  }

  /// A probability of dropout.
  mutating func dropout(_ name: String, default value: Double) throws(ModelError) -> Double {
    try probability(name, default: value).layerValue
  }

  /// Refuses a number of features that does not divide into heads.
  static func checkHeads(
    _ features: (name: String, count: Int), _ heads: (name: String, count: Int)
  ) throws(ModelError) {
    guard features.count.isMultiple(of: heads.count) else {
      throw ModelError(
        reason: "\(features.name) is \(features.count), which does not divide into "
          + "\(heads.count) heads (\(heads.name))")
    }
  }
}
