import Arrays
import Autograd
import Files
import States

/// Rotary embeddings of positions: pairs of features of queries and keys are turned by angles that
/// grow with the position. It has no state.
///
/// Su et al., "RoFormer: Enhanced transformer with rotary position embedding" (2021). As in
/// transformers, the partners of a pair are half the features apart.
public struct RotaryEmbedding: Sendable {
  /// How frequencies are changed for texts that are longer than those of the training.
  public enum Scaling: Sendable, Hashable {
    /// Not at all.
    case none
    /// All are divided by a factor.
    case linear(factor: Double)
    /// Slow ones are divided by a factor, fast ones stay, and between there is a transition: Llama
    /// 3.1.
    case llama3(
      factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
      originalMaxPositionEmbeddings: Int)
  }

  /// The cosines and sines by which queries and keys are turned, (batch, 1, tokens, features).
  struct Rotation {
    let cosine: Tensor
    let sine: Tensor

    /// Queries or keys of (batch, heads, tokens, features), turned.
    func callAsFunction(_ x: Tensor) -> Tensor {
      let half = x.shape[3] / 2
      let partner = Tensor.concatenated(
        [-x.sliced(3, half..<(2 * half)), x.sliced(3, 0..<half)], axis: 3)
      return x * cosine.to(x.dtype) + partner * sine.to(x.dtype)
    }
  }

  /// The angle per position of each pair of features.
  private let frequencies: NDArray

  /// Angles for features of a head.
  ///
  /// - Parameters:
  ///   - features: The number of features of a head, which is even.
  ///   - theta: The base of the geometric series of frequencies.
  ///   - scaling: How the frequencies are changed.
  init(_ features: Int, theta: Double, scaling: Scaling) {
    // In single precision, as the reference: at far positions the rounding shows.
    let exponents = (0..<features / 2).map { Float(2 * $0) / Float(features) }
    let plain = Device.with(.cpu) {
      (1 / Tensor(theta).pow(Tensor(NDArray(exponents, shape: [exponents.count]))))
        .elements(as: Float.self)
    }
    switch scaling {
    case .none: frequencies = NDArray(plain, shape: [features / 2])
    case .linear(let factor):
      frequencies = NDArray(plain.map { $0 / Float(factor) }, shape: [features / 2])
    case .llama3(let factor, let low, let high, let context):
      let scaled = plain.map { frequency -> Float in
        let length = 2 * Float.pi / frequency
        if length < Float(Double(context) / high) { return frequency }
        if length > Float(Double(context) / low) { return frequency / Float(factor) }
        let smooth = (Float(context) / length - Float(low)) / Float(high - low)
        return (1 - smooth) * frequency / Float(factor) + smooth * frequency
      }
      frequencies = NDArray(scaled, shape: [features / 2])
    }
  }

  /// Whether saved frequencies are these, but for a rounding to half precision.
  func hasFrequencies(_ saved: NDArray) -> Bool {
    guard saved.shape == frequencies.shape, saved.dtype.isFloatingPoint else { return false }
    return zip(
      saved.cast(to: .float32).elements(as: Float.self), frequencies.elements(as: Float.self)
    ).allSatisfy { ($0 - $1).magnitude <= 0.01 * $1 }
  }

  /// The rotation for positions of (batch, tokens).
  func rotation(at positions: Tensor) -> Rotation {
    let angles = positions.to(.float32).unsqueezed(2) * Tensor(frequencies)
    let both = Tensor.concatenated([angles, angles], axis: 2).unsqueezed(1)
    return Rotation(cosine: both.cos(), sine: both.sin())
  }
}

extension LayerArguments {
  /// The base and the scaling of rotary embeddings, from `rope_theta` and `rope_scaling`, or from
  /// `rope_parameters`, which has both.
  mutating func rotaryEmbedding(
    theta standard: Double
  ) throws(ModelError) -> (theta: Double, scaling: RotaryEmbedding.Scaling) {
    var theta = try number("rope_theta", default: standard)
    let scaling = isGiven("rope_scaling") ? value("rope_scaling") : nil
    let parameters = isGiven("rope_parameters") ? value("rope_parameters") : nil
    guard scaling == nil || parameters == nil else {
      throw ModelError(reason: "rope_scaling and rope_parameters are both given")
    }
    let name = parameters == nil ? "rope_scaling" : "rope_parameters"
    var result = RotaryEmbedding.Scaling.none
    if let given = parameters ?? scaling {
      guard given.dictionary != nil else { throw ModelError(reason: "\(name) is no object") }
      do throws(ModelError) {
        var members = LayerArguments(given, path: "")
        if members.isGiven("rope_theta") {
          let inner = try members.number("rope_theta")
          guard !isGiven("rope_theta") || inner == theta else {
            throw ModelError(reason: "rope_theta is \(inner), and \(theta) beside it")
          }
          theta = inner
        }
        result = try members.rotaryScaling()
        try members.finish(name)
      } catch {
        throw ModelError(reason: "\(name): \(error.reason)")
      }
    }
    guard theta > 0, theta.isFinite else {
      throw ModelError(reason: "rope_theta is \(theta), and should be positive")
    }
    return (theta, result)
  }

  private mutating func rotaryScaling() throws(ModelError) -> RotaryEmbedding.Scaling {
    let old = isGiven("type") ? try text("type", default: "default") : "default"
    let type = try text("rope_type", default: old)
    func factor(_ name: String) throws(ModelError) -> Double {
      let factor = try number(name)
      guard factor > 0, factor.isFinite else {
        throw ModelError(reason: "\(name) is \(factor), and should be positive")
      }
      return factor
    }
    switch type {
    case "default": return .none
    case "linear": return .linear(factor: try factor("factor"))
    case "llama3":
      let low = try factor("low_freq_factor")
      let high = try factor("high_freq_factor")
      guard low < high else {
        throw ModelError(reason: "low_freq_factor is \(low), not below high_freq_factor, \(high)")
      }
      return .llama3(
        factor: try factor("factor"), lowFrequencyFactor: low, highFrequencyFactor: high,
        originalMaxPositionEmbeddings: try length("original_max_position_embeddings"))
    default:
      throw ModelError(
        reason: "the type \"\(type)\" is not supported; default, linear and llama3 are")
    }
  }
}
