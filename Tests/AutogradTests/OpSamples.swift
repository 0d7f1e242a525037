import Arrays
import Autograd
import Testing

/// An operation with the shapes of its inputs, as `make_ops.py` has it.
struct OpSample: Sendable, CustomTestStringConvertible {
  /// What an operation is not fit for.
  struct Limits: OptionSet {
    let rawValue: Int
    /// The slope jumps, so that finite differences of gradients mean nothing.
    static let noSecondDerivative = Limits(rawValue: 1)
    /// Some input has no gradient on purpose.
    static let constantInputs = Limits(rawValue: 2)
  }

  /// PyTorch has the constant 1 / 6, or 1 / alpha, of these gradients in single precision.
  static let inexactInPyTorch: Set = ["hardsigmoid", "celu"]

  let name: String
  let shapes: [Shape]
  let positive: Bool
  let limits: Limits
  let function: @Sendable ([Tensor]) -> Tensor

  init(
    _ name: String, _ shapes: Shape..., positive: Bool = false, limits: Limits = [],
    _ function: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.name = name
    self.shapes = shapes
    self.positive = positive
    self.limits = limits
    self.function = function
  }

  var testDescription: String { name }

  /// - Parameter shapes: Others than those of the table.
  func inputs(
    _ dtype: DType = .float64, requiresGrad: Bool = true, shapes: [Shape]? = nil
  ) -> [Tensor] {
    (shapes ?? self.shapes).enumerated().map { index, shape in
      let values = Tensor(pattern(shape, index, positive: positive), shape: shape).to(dtype)
      return Tensor(values.array, requiresGrad: requiresGrad)
    }
  }

  static let all =
    arithmetic + unary + activations + reductions + shapes + products + windows + normalization
    + indexing + losses + compositions + composedActivations + distances
    + sequences + moreShapes + lines + rearrangements + equations + scans + places + pairs
    + moreWindows

  static let arithmetic: [OpSample] = [
    .init("add", [2, 3], [2, 3]) { $0[0] + $0[1] },
    .init("add.row", [2, 3], [3]) { $0[0] + $0[1] },
    .init("add.column", [2, 3], [2, 1]) { $0[0] + $0[1] },
    .init("add.scalar", [2, 3], []) { $0[0] + $0[1] },
    .init("add.outer", [4, 1], [1, 5]) { $0[0] + $0[1] },
    .init("add.rank", [3, 1, 2], [2, 1, 4, 1]) { $0[0] + $0[1] },
    .init("sub", [2, 3], [1, 3]) { $0[0] - $0[1] },
    .init("mul", [2, 3], [2, 1]) { $0[0] * $0[1] },
    .init("mul.channel", [2, 3, 4], [3, 1]) { $0[0] * $0[1] },
    .init("mul.self", [2, 3]) { $0[0] * $0[0] },
    .init("div", [2, 3], [3], positive: true) { $0[0] / $0[1] },
    .init("neg", [2, 3]) { -$0[0] },
    .init("add.number", [2, 3]) { $0[0] + 2.5 },
    .init("sub.number", [2, 3]) { $0[0] - 2.5 },
    .init("rsub.number", [2, 3]) { 2.5 - $0[0] },
    .init("mul.number", [2, 3]) { $0[0] * 2.5 },
    .init("div.number", [2, 3]) { $0[0] / 2.5 },
    .init("rdiv.number", [2, 3], positive: true) { 2.5 / $0[0] },
    .init("pow.number", [2, 3], positive: true) { $0[0].pow(1.7) },
    .init("pow.square", [2, 3]) { $0[0].pow(2) },
    .init("pow.cube", [2, 3]) { $0[0].pow(3) },
    .init("pow.negative", [2, 3], positive: true) { $0[0].pow(-2) },
    .init("pow.zeros", [2, 3], limits: .noSecondDerivative) {
      ($0[0] * Tensor([0.0, 0, 1], dtype: .float64).to($0[0].dtype)).pow(
        Tensor([0.0, 2, 3], dtype: .float64).to($0[0].dtype))
    },
    .init("pow", [2, 3], [3], positive: true) { $0[0].pow($0[1]) },
    .init("maximum", [2, 3], [3], limits: .noSecondDerivative) { .maximum($0[0], $0[1]) },
    .init("minimum", [2, 3], [3], limits: .noSecondDerivative) { .minimum($0[0], $0[1]) },
  ]

  static let unary: [OpSample] = [
    .init("exp", [2, 3]) { $0[0].exp() },
    .init("expm1", [2, 3]) { $0[0].expm1() },
    .init("sin", [2, 3]) { $0[0].sin() },
    .init("cos", [2, 3]) { $0[0].cos() },
    .init("abs", [2, 3]) { $0[0].abs() },
    .init("square", [2, 3]) { $0[0].square() },
    .init("sinh", [2, 3]) { $0[0].sinh() },
    .init("cosh", [2, 3]) { $0[0].cosh() },
    .init("erf", [2, 3]) { $0[0].erf() },
    .init("sign", [2, 3]) { $0[0].sign() },
    .init("log", [2, 3], positive: true) { $0[0].log() },
    .init("log2", [2, 3], positive: true) { $0[0].log2() },
    .init("log10", [2, 3], positive: true) { $0[0].log10() },
    .init("log1p", [2, 3], positive: true) { $0[0].log1p() },
    .init("sqrt", [2, 3], positive: true) { $0[0].sqrt() },
    .init("rsqrt", [2, 3], positive: true) { $0[0].rsqrt() },
    .init("reciprocal", [2, 3], positive: true) { $0[0].reciprocal() },
    .init("tan", [2, 3], positive: true) { $0[0].tan() },
    .init("asin", [2, 3]) { ($0[0] / 2).asin() },
    .init("acos", [2, 3]) { ($0[0] / 2).acos() },
    .init("atan", [2, 3]) { $0[0].atan() },
    .init("floor", [2, 3]) { $0[0].floor() },
    .init("ceil", [2, 3]) { $0[0].ceil() },
    .init("round", [2, 3]) { $0[0].round() },
    .init("trunc", [2, 3]) { $0[0].trunc() },
    .init("clamp", [3, 4]) { $0[0].clamp(min: -0.5, max: 0.75) },
    .init("clamp.min", [3, 4]) { $0[0].clamp(min: -0.5) },
  ]

  static let activations: [OpSample] = [
    .init("relu", [3, 4]) { $0[0].relu() },
    .init("leakyRelu", [3, 4]) { $0[0].leakyRelu(negativeSlope: 0.2) },
    .init("elu", [3, 4]) { $0[0].elu(alpha: 1.3) },
    .init("sigmoid", [3, 4]) { $0[0].sigmoid() },
    .init("tanh", [3, 4]) { $0[0].tanh() },
    .init("gelu", [3, 4]) { $0[0].gelu() },
    .init("gelu.tanh", [3, 4]) { $0[0].gelu(approximate: .tanh) },
    .init("silu", [3, 4]) { $0[0].silu() },
    .init("mish", [3, 4]) { $0[0].mish() },
    .init("softplus", [3, 4]) { $0[0].softplus(beta: 2, threshold: 1.5) },
    .init("hardswish", [3, 4]) { ($0[0] * 3).hardswish() },
    .init("hardsigmoid", [3, 4]) { ($0[0] * 3).hardsigmoid() },
    .init("softmax.last", [3, 4]) { $0[0].softmax(-1) },
    .init("softmax.first", [3, 4]) { $0[0].softmax(0) },
    .init("softmax.middle", [2, 3, 4]) { $0[0].softmax(1) },
    .init("logSoftmax.last", [3, 4]) { $0[0].logSoftmax(-1) },
    .init("logSoftmax.middle", [2, 3, 4]) { $0[0].logSoftmax(1) },
  ]

  static let reductions: [OpSample] = [
    .init("sum", [2, 3]) { $0[0].sum() },
    .init("sum.0", [2, 3]) { $0[0].sum([0]) },
    .init("sum.1.keep", [2, 3]) { $0[0].sum([1], keepDims: true) },
    .init("sum.0.2", [2, 3, 4]) { $0[0].sum([0, 2]) },
    .init("sum.-1", [2, 3, 4]) { $0[0].sum([-1]) },
    .init("sum.1", [2, 3, 4]) { $0[0].sum([1]) },
    .init("mean", [2, 3]) { $0[0].mean() },
    .init("mean.1", [2, 3, 4]) { $0[0].mean([1]) },
    .init("var", [2, 3]) { $0[0].variance() },
    .init("var.1", [2, 3, 4]) { $0[0].variance([0, 2], correction: 0, keepDims: true) },
    .init("std.-1", [2, 5]) { $0[0].standardDeviation([-1]) },
    .init("prod", [2, 3], positive: true) { $0[0].product() },
    .init("prod.1", [2, 3], positive: true) { $0[0].product([1]) },
    .init("max", [2, 3]) { $0[0].max() },
    .init("min", [2, 3]) { $0[0].min() },
    .init("amax.1", [2, 3, 4]) { $0[0].max([1]) },
    .init("amin.0.2", [2, 3, 4]) { $0[0].min([0, 2]) },
    .init("max.dim", [3, 4]) { $0[0].max(along: 1).values },
    .init("min.dim", [3, 4]) { $0[0].min(along: 0).values },
    .init("logSumExp", [3, 4]) { $0[0].logSumExp([1]) },
    .init("norm", [3, 4]) { $0[0].norm() },
    .init("norm.1", [3, 4]) { $0[0].norm([1]) },
    .init("norm.order1", [3, 4]) { $0[0].norm(order: 1, [0]) },
    .init("norm.order3", [3, 4]) { $0[0].norm(order: 3, [1], keepDims: true) },
    .init("norm.order1.5", [3, 4]) { $0[0].norm(order: 1.5) },
    .init("norm.infinity", [3, 4]) { $0[0].norm(order: .infinity, [1]) },
    .init("norm.least", [3, 4]) { $0[0].norm(order: -.infinity, [1]) },
  ]

  static let shapes: [OpSample] = [
    .init("reshape", [2, 6]) { $0[0].reshaped(3, -1) },
    .init("flatten", [2, 3, 4]) { $0[0].flattened(from: 1) },
    .init("transpose", [2, 3, 4]) { $0[0].transposed(0, 2) },
    .init("permute", [2, 3, 4]) { $0[0].permuted([1, 2, 0]) },
    .init("expand", [2, 1, 3]) { $0[0].expanded([4, 2, 5, 3]) },
    .init("unsqueeze", [2, 3]) { $0[0].unsqueezed(1) },
    .init("squeeze", [2, 1, 3, 1]) { $0[0].squeezed() },
    .init("squeeze.1", [2, 1, 3, 1]) { $0[0].squeezed([1]) },
    .init("slice", [4, 5]) { $0[0].sliced(1, 1..<4) },
    .init("slice.step", [7, 2]) { $0[0].sliced(0, 1..<7, step: 2) },
    .init("select", [3, 4]) { $0[0].select(1, 2) },
    .init("select.last", [3, 4]) { $0[0][-1] },
    .init("cat", [2, 3], [2, 2]) { .concatenated($0, axis: 1) },
    .init("cat.0", [2, 3], [1, 3]) { .concatenated($0) },
    .init("stack", [2, 3], [2, 3]) { .stacked($0, axis: 1) },
    .init("chunk", [5, 2]) { $0[0].chunked(3)[1] },
    .init("pad", [2, 3]) { $0[0].padded(1, before: 1, after: 2) },
  ]

  static let products: [OpSample] = [
    .init("matmul", [2, 3], [3, 4]) { $0[0].matmul($0[1]) },
    .init("matmul.vector", [2, 3], [3]) { $0[0].matmul($0[1]) },
    .init("matmul.left", [3], [3, 4]) { $0[0].matmul($0[1]) },
    .init("matmul.dot", [4], [4]) { $0[0].matmul($0[1]) },
    .init("matmul.batch", [2, 2, 3], [2, 3, 4]) { $0[0].matmul($0[1]) },
    .init("matmul.stack", [2, 2, 3], [3, 4]) { $0[0].matmul($0[1]) },
    .init("matmul.broadcast", [2, 1, 2, 3], [3, 3, 2]) { $0[0].matmul($0[1]) },
    .init("matmul.right", [2, 3], [2, 3, 2]) { $0[0].matmul($0[1]) },
    .init("matmul.transposed", [3, 2], [4, 3]) { $0[0].transposed().matmul($0[1].transposed()) },
    .init("linear", [2, 3], [4, 3], [4]) { $0[0].linear($0[1], $0[2]) },
    .init("linear.stack", [2, 2, 3], [4, 3], [4]) { $0[0].linear($0[1], $0[2]) },
    .init("linear.vector", [3], [4, 3], [4]) { $0[0].linear($0[1], $0[2]) },
    .init("linear.nobias", [2, 3], [4, 3]) { $0[0].linear($0[1]) },
  ]

  static let windows: [OpSample] = [
    .init("conv2d", [2, 2, 5, 5], [3, 2, 3, 3], [3]) { $0[0].conv2d($0[1], $0[2]) },
    .init("conv2d.stride", [1, 2, 6, 5], [2, 2, 3, 2]) {
      $0[0].conv2d($0[1], stride: (2, 1), padding: (1, 2))
    },
    .init("conv2d.dilation", [1, 1, 7, 6], [2, 1, 2, 3], [2]) {
      $0[0].conv2d($0[1], $0[2], padding: (1, 1), dilation: (3, 2))
    },
    .init("conv2d.groups", [2, 4, 4, 4], [6, 2, 2, 2], [6]) {
      $0[0].conv2d($0[1], $0[2], groups: 2)
    },
    .init("conv2d.pointwise", [2, 3, 2, 2], [4, 3, 1, 1], [4]) { $0[0].conv2d($0[1], $0[2]) },
    .init("conv2d.nobatch", [2, 4, 4], [1, 2, 3, 3]) { $0[0].conv2d($0[1]) },
    .init("convTranspose2d", [2, 3, 3, 2], [3, 2, 3, 2], [2]) {
      $0[0].convTranspose2d(
        $0[1], $0[2], stride: (2, 2), padding: (1, 1), outputPadding: (1, 1))
    },
    .init("convTranspose2d.groups", [1, 4, 3, 3], [4, 1, 2, 2]) {
      $0[0].convTranspose2d($0[1], groups: 2, dilation: (2, 2))
    },
    .init("maxPool2d", [1, 2, 4, 4]) { $0[0].maxPool2d((2, 2)) },
    .init("maxPool2d.padding", [1, 1, 5, 6]) {
      $0[0].maxPool2d((3, 3), stride: (2, 2), padding: (1, 1))
    },
    .init("maxPool2d.dilation", [1, 1, 6, 6]) {
      $0[0].maxPool2d(
        (2, 3), stride: (1, 2), padding: (1, 1), dilation: (2, 1), ceilMode: true)
    },
    .init("avgPool2d", [1, 2, 4, 4]) { $0[0].avgPool2d((2, 2)) },
    .init("avgPool2d.padding", [1, 1, 5, 6]) {
      $0[0].avgPool2d((3, 3), stride: (2, 2), padding: (1, 1))
    },
    .init("avgPool2d.exclude", [1, 1, 5, 6]) {
      $0[0].avgPool2d(
        (3, 3), stride: (2, 2), padding: (1, 1), ceilMode: true, countIncludePad: false)
    },
    .init("avgPool2d.ceil", [1, 1, 5, 6]) {
      $0[0].avgPool2d((3, 3), stride: (2, 2), padding: (1, 1), ceilMode: true)
    },
    .init("avgPool2d.divisor", [1, 1, 4, 4]) { $0[0].avgPool2d((2, 2), divisorOverride: 3) },
    .init("adaptiveAvgPool2d", [1, 2, 5, 7]) { $0[0].adaptiveAvgPool2d((3, 2)) },
    .init("adaptiveAvgPool2d.larger", [1, 1, 2, 3]) { $0[0].adaptiveAvgPool2d((3, 5)) },
  ]

  static let normalization: [OpSample] = [
    .init("batchNorm.train", [3, 2, 2, 2], [2], [2]) {
      $0[0].batchNorm(
        runningMean: nil, runningVar: nil, weight: $0[1], bias: $0[2], training: true)
    },
    .init("batchNorm.plain", [4, 3]) {
      $0[0].batchNorm(runningMean: nil, runningVar: nil, training: true)
    },
    .init("batchNorm.eval", [2, 2, 3], [2], [2]) {
      $0[0].batchNorm(
        runningMean: Buffer(Tensor([0.5, -0.25], dtype: $0[0].dtype)),
        runningVar: Buffer(Tensor([1.5, 0.75], dtype: $0[0].dtype)), weight: $0[1], bias: $0[2])
    },
    .init("layerNorm", [2, 3, 4], [4], [4]) {
      $0[0].layerNorm([4], weight: $0[1], bias: $0[2])
    },
    .init("layerNorm.2", [2, 3, 4], [3, 4]) { $0[0].layerNorm([3, 4], weight: $0[1]) },
    .init("layerNorm.plain", [2, 5]) { $0[0].layerNorm([5]) },
  ]

  static let indexing: [OpSample] = [
    .init("indexSelect", [4, 3]) { $0[0].indexSelect(0, Tensor([2, 0, 2])) },
    .init("indexSelect.1", [2, 4, 3]) { $0[0].indexSelect(1, Tensor([3, 1])) },
    .init("embedding", [5, 3]) { Tensor([1, 4, 0, 1], shape: [2, 2]).embedding($0[0]) },
    .init("embedding.padding", [5, 3], limits: .constantInputs) {
      Tensor([1, 4, 0, 1], shape: [2, 2]).embedding($0[0], paddingIndex: 1)
    },
    .init("gather", [3, 4]) { $0[0].gather(1, Tensor([0, 3, 2, 2, 1, 0], shape: [3, 2])) },
    .init("gather.0", [3, 4]) { $0[0].gather(0, Tensor([0, 2, 1], shape: [1, 3])) },
    .init("where", [2, 3], [2, 3]) { .where($0[0] .> 0, $0[0] * 2, $0[1]) },
    .init("where.broadcast", [2, 3], []) {
      .where(Tensor([true, false], shape: [2, 1]), $0[0], $0[1])
    },
    .init("maskedFill", [2, 3]) { $0[0].maskedFill(Tensor([true, false, true]), 7) },
  ]

  static let losses: [OpSample] = [
    .init("mseLoss", [2, 3], [2, 3]) { $0[0].mseLoss($0[1]) },
    .init("mseLoss.sum", [2, 3], [2, 3]) { $0[0].mseLoss($0[1], reduction: .sum) },
    .init("mseLoss.none", [2, 3], [2, 3]) { $0[0].mseLoss($0[1], reduction: .none) },
    .init("nllLoss", [3, 4]) { $0[0].nllLoss(Tensor([1, 3, 0])) },
    .init("crossEntropy", [3, 4]) { $0[0].crossEntropy(Tensor([1, 3, 0])) },
    .init("crossEntropy.weight", [3, 4], [4], positive: true, limits: .constantInputs) {
      $0[0].crossEntropy(Tensor([1, 3, 0]), weight: $0[1].detached())
    },
    .init("crossEntropy.ignore", [3, 4]) { $0[0].crossEntropy(Tensor([1, -100, 0])) },
    .init("crossEntropy.smooth", [3, 4], [4], positive: true, limits: .constantInputs) {
      $0[0].crossEntropy(
        Tensor([1, 2, 0]), weight: $0[1].detached(), ignoreIndex: 2, labelSmoothing: 0.2)
    },
    .init("crossEntropy.none", [3, 4]) {
      $0[0].crossEntropy(Tensor([1, 3, 0]), reduction: .none, labelSmoothing: 0.1)
    },
    .init("crossEntropy.image", [2, 3, 2, 2]) {
      $0[0].crossEntropy(
        Tensor([0, 1, 2, 0, 1, 1, 2, 0], shape: [2, 2, 2]), reduction: .sum)
    },
    .init("crossEntropy.single", [4]) { $0[0].crossEntropy(Tensor(2)) },
    .init("crossEntropy.probabilities", [3, 4], [3, 4], positive: true) {
      $0[0].crossEntropy($0[1], labelSmoothing: 0.1)
    },
  ]

  static let compositions: [OpSample] = [
    .init("mlp", [3, 4], [5, 4], [5], [2, 5]) {
      $0[0].linear($0[1], $0[2]).tanh().linear($0[3])
    },
    .init("shared", [2, 2]) { ($0[0].matmul($0[0]) + $0[0].transposed()) * $0[0].sum() },
  ]
}
