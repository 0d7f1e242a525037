import Arrays
import Autograd
import Files
import NN

/// A convolution, a normalization and possibly an activation, in this order and under the keys `0`
/// and `1`. Twin of `torchvision.ops.Conv2dNormActivation` with batch normalization: the
/// convolution has no bias, and its padding keeps the size where the stride is 1.
func convolutionBlock(
  _ inChannels: Int, _ outChannels: Int, kernelSize: Int = 3, stride: Int = 1, groups: Int = 1,
  eps: Double = 1e-5, momentum: Double = 0.1, activation: Module?
) -> Sequential {
  let block = Sequential(
    Conv2d(
      inChannels, outChannels, kernelSize: kernelSize, stride: stride,
      padding: (kernelSize - 1) / 2, groups: groups, bias: false),
    BatchNorm2d(outChannels, eps: eps, momentum: momentum))
  if let activation { block.append(activation) }
  return block
}

/// A number of channels that a factor gave, rounded to a multiple of `divisor`, but not by more than
/// a tenth below. The rule of MobileNet and EfficientNet.
func divisible(_ channels: Double, by divisor: Int) -> Int {
  let step = Double(divisor)
  let nearest = ((channels + step / 2) / step).rounded(.down) * step
  let rounded = max(step, nearest)
  return Int(rounded < 0.9 * channels ? rounded + step : rounded)
}

/// Drops the whole branch of a residual block, for each image of a batch by itself. Equivalent to
/// `torchvision.ops.StochasticDepth` with the mode `row`, with its random numbers after a seed.
///
/// Huang et al., "Deep networks with stochastic depth" (2016). What is kept is scaled by
/// 1 / (1 − p). In evaluation mode it is the identity. It has no state.
final class StochasticDepth: Module {
  private let p: Double

  init(_ p: Double) { self.p = p }

  override func forward(_ input: Tensor) -> Tensor {
    guard isTraining, p > 0, input.device != .meta else { return input }
    let shape = Shape([input.shape[0]] + Array(repeating: 1, count: input.rank - 1))
    let survival = 1 - p
    let mask = Generator.current.bernoulli(
      shape, probability: survival, value: survival > 0 ? 1 / survival : 1, dtype: input.dtype)
    return input * Tensor(mask)
  }

  override var extraDescription: String { "p=\(p), mode=row" }

  /// The probability of each of `count` blocks, which rises evenly from 0 to `last`, which the last
  /// block has.
  static func rising(to last: Double, count: Int) -> [Double] {
    (0..<count).map { last * Double($0) / Double(max(count - 1, 1)) }
  }
}

/// Puts dimensions into another order. Equivalent to `torchvision.ops.Permute`.
final class Permute: Module {
  private let order: [Int]

  init(_ order: [Int]) { self.order = order }

  override func forward(_ input: Tensor) -> Tensor { input.permuted(order) }
}

/// Layer normalization over the channels of (batch, channels, height, width). Keys: `weight`, `bias`.
final class LayerNorm2d: Module {
  private let weight: Parameter
  private let bias: Parameter
  private let eps: Double

  init(_ channels: Int, eps: Double) {
    weight = Parameter(Tensor.ones([channels]))
    bias = Parameter(Tensor.zeros([channels]))
    self.eps = eps
  }

  override func forward(_ input: Tensor) -> Tensor {
    input.permuted([0, 2, 3, 1])
      .layerNorm(weight.shape, weight: weight, bias: bias, eps: eps)
      .permuted([0, 3, 1, 2])
  }
}

/// Two linear layers with a GELU between them, each followed by dropout. Twin of
/// `torchvision.ops.MLP` as the transformers use it, with its initial values. Keys: `0.weight`,
/// `0.bias`, `3.weight`, `3.bias`.
func transformerMLP(_ features: Int, hidden: Int, dropout: Double) -> Sequential {
  let layers = [Linear(features, hidden), Linear(hidden, features)]
  for layer in layers {
    Initialization.xavierUniform(layer.weight)
    if let bias = layer.bias { Initialization.normal(bias, std: 1e-6) }
  }
  return Sequential(layers[0], GELU(), Dropout(dropout), layers[1], Dropout(dropout))
}

extension Module {
  /// Gives the convolutions inside Kaiming-normal weights and biases of zero, as torchvision's
  /// convolutional networks do, and each linear layer what `linear` says.
  func initializeConvolutions(
    fan: Initialization.Fan = .output, linear: (Linear) -> Void = { _ in }
  ) {
    for module in modules() {
      switch module {
      case let convolution as Conv2d:
        Initialization.kaimingNormal(convolution.weight, fan: fan)
        if let bias = convolution.bias { Initialization.zeros(bias) }
      case let layer as Linear: linear(layer)
      default: break
      }
    }
  }
}

/// Normally distributed weights with a standard deviation of 0.01, and a bias of zero.
func initializeClassifier(_ layer: Linear) {
  Initialization.normal(layer.weight, std: 0.01)
  if let bias = layer.bias { Initialization.zeros(bias) }
}

/// A configuration of a network, from a program or a description.
protocol CheckedConfiguration {
  /// How many blocks a network has.
  var blockCount: Int { get }
  /// What is wrong with the numbers, as a clause; nil if a network can be built of them.
  var fault: String? { get }
}

extension CheckedConfiguration {
  /// Traps unless a network can be built of this configuration.
  func requireFit() { require(fault == nil, "the network cannot be built: \(fault ?? "")") }

  /// This configuration, if a network can be built of it.
  func checked() throws(ModelError) -> Self {
    if let fault { throw ModelError(reason: fault) }
    guard blockCount <= 1000 else { throw ModelError(reason: "\(blockCount) blocks are too many") }
    return self
  }
}

extension Architecture {
  /// All networks for images besides the residual ones.
  static let imageNetworks =
    [leNet5] + vggs + [mobileNetV2] + denseNets + efficientNets + convNeXts + visionTransformers
    + swinTransformers + [uNet]
}
