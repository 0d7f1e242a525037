import Arrays
import Autograd
import Files
import Kernels

/// First values of parameters, as `torch.nn.init` sets them: equal to PyTorch's after the same
/// ``/Autograd/manualSeed(_:)``.
///
/// Tensors on ``/Autograd/Device/meta`` are left alone, and draw no random numbers.
public enum Initialization {
  /// What the bound of a uniform, or the deviation of a normal distribution, is computed from.
  public enum Fan: Sendable {
    /// The number of inputs, which keeps the size of activations.
    case input
    /// The number of outputs, which keeps the size of gradients.
    case output
  }

  private static func fill(_ tensor: Tensor, _ make: (Shape, DType) -> NDArray) {
    guard tensor.device != .meta else { return }
    tensor.replace(make(tensor.shape, tensor.dtype))
  }

  /// Uniform numbers. Equivalent to `torch.nn.init.uniform_`.
  public static func uniform(
    _ tensor: Tensor, from low: Double = 0, to high: Double = 1, generator: Generator = .current
  ) {
    fill(tensor) { generator.uniform($0, from: low, to: high, dtype: $1) }
  }

  /// Normal numbers. Equivalent to `torch.nn.init.normal_`.
  public static func normal(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, generator: Generator = .current
  ) {
    fill(tensor) { generator.normal($0, mean: mean, std: std, dtype: $1) }
  }

  /// One value. Equivalent to `torch.nn.init.constant_`.
  public static func constant(_ tensor: Tensor, _ value: Double) {
    fill(tensor) { NDArray(filling: $0, with: value, dtype: $1) }
  }

  /// The numbers of inputs and outputs of a weight of shape (out, in, …).
  public static func fans(of shape: Shape) -> (input: Int, output: Int) {
    require(
      shape.rank >= 2, "fans: a weight of shape \(shape) must have at least 2 dimensions")
    let field = shape.dimensions.dropFirst(2).reduce(1, *)
    return (shape[1] * field, shape[0] * field)
  }

  /// Uniform numbers for layers before rectifiers. Equivalent to
  /// `torch.nn.init.kaiming_uniform_` for `leaky_relu`.
  ///
  /// The bound is √(6 / ((1 + slope²) · fan)); He et al., "Delving deep into rectifiers" (2015).
  ///
  /// - Parameter negativeSlope: The rectifier's slope below zero.
  public static func kaimingUniform(
    _ tensor: Tensor, negativeSlope: Double = 0, fan: Fan = .input,
    generator: Generator = .current
  ) {
    guard tensor.elementCount > 0 else { return }
    let bound = 3.0.squareRoot() * kaimingDeviation(tensor.shape, negativeSlope, fan)
    uniform(tensor, from: -bound, to: bound, generator: generator)
  }

  /// Normal numbers for layers before rectifiers. Equivalent to `torch.nn.init.kaiming_normal_`
  /// for `leaky_relu`.
  ///
  /// - Parameter negativeSlope: The rectifier's slope below zero.
  public static func kaimingNormal(
    _ tensor: Tensor, negativeSlope: Double = 0, fan: Fan = .input,
    generator: Generator = .current
  ) {
    guard tensor.elementCount > 0 else { return }
    normal(
      tensor, std: kaimingDeviation(tensor.shape, negativeSlope, fan), generator: generator)
  }

  private static func kaimingDeviation(_ shape: Shape, _ slope: Double, _ fan: Fan) -> Double {
    let fans = fans(of: shape)
    let gain = (2 / (1 + slope * slope)).squareRoot()
    return gain / Double(fan == .input ? fans.input : fans.output).squareRoot()
  }

  /// Uniform numbers for symmetric activations. Equivalent to `torch.nn.init.xavier_uniform_`.
  ///
  /// The bound is gain · √(6 / (inputs + outputs)); Glorot and Bengio, "Understanding the
  /// difficulty of training deep feedforward neural networks" (2010).
  public static func xavierUniform(
    _ tensor: Tensor, gain: Double = 1, generator: Generator = .current
  ) {
    let bound = 3.0.squareRoot() * xavierDeviation(tensor.shape, gain)
    uniform(tensor, from: -bound, to: bound, generator: generator)
  }

  /// Normal numbers for symmetric activations. Equivalent to `torch.nn.init.xavier_normal_`.
  public static func xavierNormal(
    _ tensor: Tensor, gain: Double = 1, generator: Generator = .current
  ) {
    normal(tensor, std: xavierDeviation(tensor.shape, gain), generator: generator)
  }

  private static func xavierDeviation(_ shape: Shape, _ gain: Double) -> Double {
    let fans = fans(of: shape)
    return gain * (2 / Double(fans.input + fans.output)).squareRoot()
  }

  /// The first values of a layer's weight and bias, as Linear and the convolutions have them.
  static func layer(_ weight: Tensor, _ bias: Tensor?) {
    kaimingUniform(weight, negativeSlope: 5.0.squareRoot())
    guard let bias else { return }
    let inputs = fans(of: weight.shape).input
    let bound = inputs > 0 ? 1 / Double(inputs).squareRoot() : 0
    uniform(bias, from: -bound, to: bound)
  }
}
