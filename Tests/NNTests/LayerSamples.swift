import Arrays
import Autograd
import NN
import Testing

/// A layer of the fixture.
struct LayerSample: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable () -> Module

  init(_ name: String, _ make: @escaping @Sendable () -> Module) {
    self.name = name
    self.make = make
  }

  var testDescription: String { name }

  static let all =
    basics + activations + sequences + planes + cells + regularizers + resizings + volumes
    + paddings + poolings + randomness

  static let basics: [LayerSample] = [
    .init("Linear") { Linear(4, 3) },
    .init("Linear without bias") { Linear(4, 3, bias: false) },
    .init("Conv2d") { Conv2d(2, 3, kernelSize: 3, padding: 1) },
    .init("Conv2d options") {
      Conv2d(
        4, 2, kernelSize: [3, 2], stride: 2, padding: [2, 1], dilation: [2, 1], groups: 2,
        bias: false)
    },
    .init("BatchNorm1d") { BatchNorm1d(3) },
    .init("BatchNorm1d length") { BatchNorm1d(3) },
    .init("BatchNorm2d") { BatchNorm2d(2) },
    .init("BatchNorm2d average") { BatchNorm2d(2, eps: 1e-3, momentum: nil) },
    .init("BatchNorm2d plain") { BatchNorm2d(2, affine: false) },
    .init("BatchNorm2d stateless") { BatchNorm2d(2, trackRunningStats: false) },
    .init("LayerNorm") { LayerNorm(4) },
    .init("LayerNorm options") { LayerNorm([3, 4], eps: 1e-3, bias: false) },
    .init("LayerNorm plain") { LayerNorm(4, elementwiseAffine: false) },
    .init("Embedding") { Embedding(5, 4) },
    .init("Embedding padding") { Embedding(5, 4, paddingIndex: -2) },
    .init("Identity") { Identity() },
    .init("Flatten") { Flatten() },
    .init("Flatten all") { Flatten(startDim: 0, endDim: 1) },
    .init("Unflatten") { Unflatten(1, [2, -1]) },
    .init("Dropout") { Dropout(0.25) },
    .init("MaxPool2d") { MaxPool2d(2) },
    .init("MaxPool2d options") {
      MaxPool2d([3, 2], stride: [1, 2], padding: 1, dilation: [1, 2], ceilMode: true)
    },
    .init("AvgPool2d") { AvgPool2d(2) },
    .init("AvgPool2d options") { AvgPool2d([2, 3], stride: 1, padding: [1, 1]) },
    .init("AdaptiveAvgPool2d") { AdaptiveAvgPool2d([2, 3]) },
    .init("AdaptiveAvgPool2d one") { AdaptiveAvgPool2d(1) },
    .init("Sequential") { mlp() },
    .init("net") {
      Sequential(
        Conv2d(1, 3, kernelSize: 3, padding: 1), BatchNorm2d(3), ReLU(), MaxPool2d(2),
        Sequential(Flatten(), Linear(12, 5), Dropout(0.5), Linear(5, 2)))
    },
  ]

  static let activations: [LayerSample] = [
    .init("ReLU") { ReLU() },
    .init("Sigmoid") { Sigmoid() },
    .init("Tanh") { Tanh() },
    .init("GELU") { GELU() },
    .init("GELU tanh") { GELU(approximate: .tanh) },
    .init("Softmax") { Softmax(dim: -1) },
    .init("SELU") { SELU() },
    .init("SiLU") { SiLU() },
    .init("Mish") { Mish() },
    .init("Hardswish") { Hardswish() },
    .init("Hardsigmoid") { Hardsigmoid() },
    .init("Softsign") { Softsign() },
    .init("Tanhshrink") { Tanhshrink() },
    .init("LogSigmoid") { LogSigmoid() },
    .init("LeakyReLU") { LeakyReLU(negativeSlope: 0.2) },
    .init("PReLU") { PReLU() },
    .init("PReLU channels") { PReLU(numParameters: 3, initial: 0.5) },
    .init("ELU") { ELU(alpha: 0.5) },
    .init("CELU") { CELU(alpha: 0.5) },
    .init("Softplus") { Softplus(beta: 2, threshold: 1.5) },
    .init("Hardtanh") { Hardtanh() },
    .init("Hardtanh whole") { Hardtanh(minVal: -2, maxVal: 2.0) },
    .init("ELU whole") { ELU(alpha: 2) },
    .init("ELU real") { ELU(alpha: 2.0) },
    .init("Dropout whole") { Dropout(0) },
    .init("ReLU6") { ReLU6() },
    .init("LogSoftmax") { LogSoftmax(dim: 1) },
    .init("Softmin") { Softmin(dim: 1) },
    .init("GLU") { GLU(dim: 1) },
  ]

  static let planes: [LayerSample] = [
    .init("Conv2d same") {
      Conv2d(2, 2, kernelSize: [2, 3], padding: .same, paddingMode: .replicate)
    },
    .init("Conv2d valid") { Conv2d(1, 2, kernelSize: 2, padding: .valid) },
    .init("Conv2d reflect") {
      Conv2d(1, 2, kernelSize: 3, padding: [1, 2], paddingMode: .reflect)
    },
    .init("Conv2d circular") { Conv2d(1, 1, kernelSize: 3, padding: 1, paddingMode: .circular) },
    .init("Conv1d") { Conv1d(2, 3, kernelSize: 3, padding: 1) },
    .init("Conv1d options") {
      Conv1d(2, 4, kernelSize: 2, stride: 2, dilation: 2, groups: 2, bias: false)
    },
    .init("Conv1d same") { Conv1d(2, 2, kernelSize: 4, padding: .same, paddingMode: .circular) },
    .init("ConvTranspose1d") {
      ConvTranspose1d(2, 3, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1)
    },
    .init("ConvTranspose2d") { ConvTranspose2d(2, 3, kernelSize: 3) },
    .init("ConvTranspose2d options") {
      ConvTranspose2d(
        2, 4, kernelSize: [2, 3], stride: 2, padding: 1, outputPadding: [1, 0], groups: 2,
        bias: false)
    },
    .init("GroupNorm") { GroupNorm(2, 4) },
    .init("GroupNorm plain") { GroupNorm(1, 2, eps: 1e-3, affine: false) },
    .init("RMSNorm") { RMSNorm([4]) },
    .init("RMSNorm options") { RMSNorm([3, 4], eps: 1e-3, elementwiseAffine: false) },
    .init("MaxPool1d") { MaxPool1d(3, stride: 2, padding: 1) },
    .init("AvgPool1d") { AvgPool1d(2) },
    .init("Upsample") { Upsample(scaleFactor: 2) },
    .init("Upsample bilinear") { Upsample(size: [5, 4], mode: .bilinear) },
    .init("Upsample aligned") {
      Upsample(scaleFactor: 1.5, mode: .bilinear, alignCorners: true)
    },
    .init("PixelShuffle") { PixelShuffle(2) },
  ]

  static let sequences: [LayerSample] = [
    .init("RNN") { RNN(3, 4) },
    .init("RNN relu") {
      RNN(3, 2, numLayers: 2, nonlinearity: .relu, bias: false, batchFirst: true)
    },
    .init("LSTM") { LSTM(3, 4) },
    .init("LSTM options") {
      LSTM(3, 2, numLayers: 3, batchFirst: true, dropout: 0.3, bidirectional: true)
    },
    .init("LSTM unbatched") { LSTM(3, 2, bias: false) },
    .init("GRU") { GRU(3, 4) },
    .init("GRU options") {
      GRU(3, 2, numLayers: 2, batchFirst: true, dropout: 0.5, bidirectional: true)
    },
    .init("MultiheadAttention") { Itself(MultiheadAttention(4, 2)) },
    .init("MultiheadAttention options") {
      Itself(MultiheadAttention(4, 2, dropout: 0.2, bias: false, batchFirst: true))
    },
    .init("MultiheadAttention unbatched") { Itself(MultiheadAttention(4, 1)) },
    .init("TransformerEncoderLayer") { TransformerEncoderLayer(4, 2, options { _ in }) },
    .init("TransformerEncoderLayer options") {
      TransformerEncoderLayer(
        4, 2,
        options {
          $0.dropout = 0
          $0.activation = .gelu
          $0.layerNormEps = 1e-3
          $0.batchFirst = true
          $0.normFirst = true
          $0.bias = false
        })
    },
    .init("TransformerEncoder") {
      let options = Self.options {
        $0.dropout = 0
        $0.batchFirst = true
      }
      return TransformerEncoder(
        TransformerEncoderLayer(4, 2, options), numLayers: 2, norm: LayerNorm(4))
    },
  ]

  static func options(_ change: (inout TransformerOptions) -> Void) -> TransformerOptions {
    var options = TransformerOptions()
    options.dimFeedforward = 6
    change(&options)
    return options
  }
}

/// An attention of a sequence to itself, as the script has it.
final class Itself: Module {
  let attention: MultiheadAttention

  init(_ attention: MultiheadAttention) { self.attention = attention }

  override func forward(_ input: Tensor) -> Tensor { attention(input) }
}
