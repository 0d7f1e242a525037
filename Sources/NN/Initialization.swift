import Arrays
import Autograd
import Files
import Kernels

/// Initial values of parameters. Equivalent to `torch.nn.init`, with the same results after the
/// same ``/Autograd/manualSeed(_:)``.
///
/// Each function overwrites a tensor in place. Tensors on ``/Autograd/Device/meta`` are left alone,
/// and draw no random numbers.
///
/// ```swift
/// Initialization.kaimingNormal(layer.weight, fan: .output)
/// ```
public enum Initialization {
  /// The quantity from which the spread of a distribution is derived.
  public enum Fan: Sendable {
    /// The number of inputs, which preserves the magnitude of activations. PyTorch's `fan_in`.
    case input
    /// The number of outputs, which preserves the magnitude of gradients. PyTorch's `fan_out`.
    case output
  }

  private static func fill(_ tensor: Tensor, _ make: (Shape, DType) -> NDArray) {
    guard tensor.device != .meta else { return }
    tensor.overwrite(make(tensor.shape, tensor.dtype))
  }

  /// Uniformly distributed numbers. Equivalent to `torch.nn.init.uniform_`.
  ///
  /// - Parameters:
  ///   - tensor: The tensor to overwrite.
  ///   - low: The lower bound, inclusive.
  ///   - high: The upper bound, exclusive.
  ///   - generator: The source of the numbers.
  public static func uniform(
    _ tensor: Tensor, from low: Double = 0, to high: Double = 1, generator: Generator = .current
  ) {
    fill(tensor) { generator.uniform($0, from: low, to: high, dtype: $1) }
  }

  /// Normally distributed numbers. Equivalent to `torch.nn.init.normal_`.
  ///
  /// - Parameters:
  ///   - tensor: The tensor to overwrite.
  ///   - mean: The mean of the distribution.
  ///   - std: The standard deviation of the distribution.
  ///   - generator: The source of the numbers.
  public static func normal(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, generator: Generator = .current
  ) {
    fill(tensor) { generator.normal($0, mean: mean, std: std, dtype: $1) }
  }

  /// The same value everywhere. Equivalent to `torch.nn.init.constant_`.
  public static func constant(_ tensor: Tensor, _ value: Double) {
    fill(tensor) { NDArray(filling: $0, with: value, dtype: $1) }
  }

  /// The numbers of inputs and outputs per unit of a weight.
  ///
  /// - Parameter shape: (out, in, …); fewer than two dimensions trap.
  /// - Returns: in and out, each times the product of the remaining lengths.
  public static func fans(of shape: Shape) -> (input: Int, output: Int) {
    require(
      shape.rank >= 2, "fans: a weight of shape \(shape) must have at least 2 dimensions")
    let field = shape.dimensions.dropFirst(2).reduce(1, *)
    return (shape[1] * field, shape[0] * field)
  }

  /// Uniform numbers for layers followed by a (leaky) ReLU. Equivalent to
  /// `torch.nn.init.kaiming_uniform_` with the nonlinearity `leaky_relu`.
  ///
  /// The bound is √(6 / ((1 + slope²) · fan)); He et al., "Delving deep into rectifiers" (2015).
  ///
  /// - Parameters:
  ///   - tensor: The weight to overwrite, of at least two dimensions.
  ///   - negativeSlope: The slope of the ReLU below zero, PyTorch's `a`.
  ///   - fan: The quantity from which the bound is derived.
  ///   - generator: The source of the numbers.
  public static func kaimingUniform(
    _ tensor: Tensor, negativeSlope: Double = 0, fan: Fan = .input,
    generator: Generator = .current
  ) {
    guard tensor.elementCount > 0 else { return }
    let bound = 3.0.squareRoot() * kaimingDeviation(tensor.shape, negativeSlope, fan)
    uniform(tensor, from: -bound, to: bound, generator: generator)
  }

  /// Normal numbers for layers followed by a (leaky) ReLU. Equivalent to
  /// `torch.nn.init.kaiming_normal_` with the nonlinearity `leaky_relu`.
  ///
  /// The standard deviation is √(2 / ((1 + slope²) · fan)).
  ///
  /// - Parameters:
  ///   - tensor: The weight to overwrite, of at least two dimensions.
  ///   - negativeSlope: The slope of the ReLU below zero, PyTorch's `a`.
  ///   - fan: The quantity from which the standard deviation is derived.
  ///   - generator: The source of the numbers.
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

  /// Uniform numbers for layers with symmetric activations. Equivalent to
  /// `torch.nn.init.xavier_uniform_`.
  ///
  /// The bound is gain · √(6 / (inputs + outputs)); Glorot and Bengio, "Understanding the
  /// difficulty of training deep feedforward neural networks" (2010).
  ///
  /// - Parameters:
  ///   - tensor: The weight to overwrite, of at least two dimensions.
  ///   - gain: The factor for the activation.
  ///   - generator: The source of the numbers.
  public static func xavierUniform(
    _ tensor: Tensor, gain: Double = 1, generator: Generator = .current
  ) {
    let bound = 3.0.squareRoot() * xavierDeviation(tensor.shape, gain)
    uniform(tensor, from: -bound, to: bound, generator: generator)
  }

  /// Normal numbers for layers with symmetric activations. Equivalent to
  /// `torch.nn.init.xavier_normal_`.
  ///
  /// The standard deviation is gain · √(2 / (inputs + outputs)).
  ///
  /// - Parameters:
  ///   - tensor: The weight to overwrite, of at least two dimensions.
  ///   - gain: The factor for the activation.
  ///   - generator: The source of the numbers.
  public static func xavierNormal(
    _ tensor: Tensor, gain: Double = 1, generator: Generator = .current
  ) {
    normal(tensor, std: xavierDeviation(tensor.shape, gain), generator: generator)
  }

  private static func xavierDeviation(_ shape: Shape, _ gain: Double) -> Double {
    let fans = fans(of: shape)
    return gain * (2 / Double(fans.input + fans.output)).squareRoot()
  }

  /// Initializes weight and bias as PyTorch's linear and convolutional layers do.
  static func layer(_ weight: Tensor, _ bias: Tensor?) {
    kaimingUniform(weight, negativeSlope: 5.0.squareRoot())
    guard let bias else { return }
    let inputs = fans(of: weight.shape).input
    let bound = inputs > 0 ? 1 / Double(inputs).squareRoot() : 0
    uniform(bias, from: -bound, to: bound)
  }
}
