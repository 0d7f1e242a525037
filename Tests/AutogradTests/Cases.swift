import Arrays
import Autograd

/// The operations of `Fixtures/make_cases.py`, by the same names.
enum Case {
  typealias Function = @Sendable ([Tensor]) -> Tensor

  static let operations = [
    elements, numbers, pairs, reductions, losses, attention, integers, shapes, pads, exact, grids,
    types,
  ].reduce(into: [String: Function]()) { $0.merge($1) { first, _ in first } }

  private static let elements: [String: Function] = [
    "relu": { $0[0].relu() },
    "leakyRelu": { $0[0].leakyRelu() },
    "elu": { $0[0].elu() },
    "sigmoid": { $0[0].sigmoid() },
    "tanh": { $0[0].tanh() },
    "gelu": { $0[0].gelu() },
    "geluTanh": { $0[0].gelu(approximate: .tanh) },
    "silu": { $0[0].silu() },
    "mish": { $0[0].mish() },
    "softplus": { $0[0].softplus() },
    "hardswish": { $0[0].hardswish() },
    "hardsigmoid": { $0[0].hardsigmoid() },
    "hardtanh": { $0[0].hardtanh() },
    "relu6": { $0[0].relu6() },
    "threshold": { $0[0].threshold(0.5, 7) },
    "hardshrink": { $0[0].hardshrink() },
    "softshrink": { $0[0].softshrink() },
    "selu": { $0[0].selu() },
    "celu": { $0[0].celu(alpha: 2) },
    "softsign": { $0[0].softsign() },
    "tanhshrink": { $0[0].tanhshrink() },
    "logSigmoid": { $0[0].logSigmoid() },
    "exp": { $0[0].exp() },
    "expm1": { $0[0].expm1() },
    "log": { $0[0].log() },
    "log2": { $0[0].log2() },
    "log10": { $0[0].log10() },
    "log1p": { $0[0].log1p() },
    "sqrt": { $0[0].sqrt() },
    "rsqrt": { $0[0].rsqrt() },
    "square": { $0[0].square() },
    "reciprocal": { $0[0].reciprocal() },
    "abs": { $0[0].abs() },
    "sign": { $0[0].sign() },
    "sin": { $0[0].sin() },
    "cos": { $0[0].cos() },
    "atan": { $0[0].atan() },
    "sinh": { $0[0].sinh() },
    "cosh": { $0[0].cosh() },
    "erf": { $0[0].erf() },
    "floor": { $0[0].floor() },
    "ceil": { $0[0].ceil() },
    "round": { $0[0].round() },
    "trunc": { $0[0].trunc() },
    "neg": { -$0[0] },
    "maskedFill": { $0[0].maskedFill($0[0] .> 0, 1.5) },
  ]

  private static let numbers: [String: Function] = [
    "clamp": { $0[0].clamp(min: -1.0, max: 2.0) },
    "clampMin": { $0[0].clamp(min: 0.0) },
    "clampMax": { $0[0].clamp(max: 0.0) },
    "clampReversed": { $0[0].clamp(min: 2.0, max: 1.0) },
    "clampNaN": { $0[0].clamp(min: .nan) },
    "clampNaNAbove": { $0[0].clamp(min: 0.0, max: .nan) },
    "pow0": { $0[0].pow(0.0) },
    "pow1": { $0[0].pow(1.0) },
    "pow2": { $0[0].pow(2.0) },
    "pow3": { $0[0].pow(3.0) },
    "powHalf": { $0[0].pow(0.5) },
    "powMinus1": { $0[0].pow(-1.0) },
    "powMinusHalf": { $0[0].pow(-0.5) },
    "powFraction": { $0[0].pow(1.7) },
    "addNumber": { $0[0] + 2.5 },
    "rsubNumber": { 2.5 - $0[0] },
    "mulNumber": { $0[0] * 2.5 },
    "divNumber": { $0[0] / 2.5 },
    "rdivNumber": { 2.5 / $0[0] },
  ]

  private static let pairs: [String: Function] = [
    "add": { $0[0] + $0[1] },
    "sub": { $0[0] - $0[1] },
    "mul": { $0[0] * $0[1] },
    "div": { $0[0] / $0[1] },
    "maximum": { .maximum($0[0], $0[1]) },
    "minimum": { .minimum($0[0], $0[1]) },
    "pow": { $0[0].pow($0[1]) },
    "atan2": { $0[0].atan2($0[1]) },
    "where": { .where($0[0] .> $0[1], $0[0], $0[1]) },
    "clampTensors": { $0[0].clamp(min: $0[1], max: $0[1] + 1.0) },
    "clampMinTensor": { $0[0].clamp(min: $0[1]) },
    "clampMaxTensor": { $0[0].clamp(min: nil, max: $0[1]) },
  ]

  private static let reductions: [String: Function] = [
    "sum": { $0[0].sum() },
    "sumRows": { $0[0].sum([-1]) },
    "mean": { $0[0].mean() },
    "meanRows": { $0[0].mean([-1]) },
    "prod": { $0[0].product([-1]) },
    "max": { $0[0].max() },
    "min": { $0[0].min() },
    "amax": { $0[0].max([-1]) },
    "amin": { $0[0].min([-1]) },
    "maxAlong": { $0[0].max(along: -1).values },
    "std": { $0[0].standardDeviation() },
    "stdRows": { $0[0].standardDeviation([-1]) },
    "stdBiased": { $0[0].standardDeviation([-1], correction: 0) },
    "var": { $0[0].variance([-1]) },
    "norm": { $0[0].norm() },
    "normRows": { $0[0].norm([-1]) },
    "norm0": { $0[0].norm(order: 0, [-1]) },
    "norm1": { $0[0].norm(order: 1, [-1]) },
    "norm3": { $0[0].norm(order: 3, [-1]) },
    "norm6": { $0[0].norm(order: 6, [-1]) },
    "normHalf": { $0[0].norm(order: 0.5, [-1]) },
    "normInf": { $0[0].norm(order: .infinity, [-1]) },
    "normMinusInf": { $0[0].norm(order: -.infinity, [-1]) },
    "logSumExp": { $0[0].logSumExp([-1]) },
    "softmax": { $0[0].softmax(-1) },
    "logSoftmax": { $0[0].logSoftmax(-1) },
    "cumsum": { $0[0].cumsum(-1) },
    "any": { $0[0].any() },
    "all": { $0[0].all([-1]) },
  ]

  private static let losses: [String: Function] = [
    "mse": { $0[0].mseLoss($0[1]) },
    "l1": { $0[0].l1Loss($0[1]) },
    "smoothL1": { $0[0].smoothL1Loss($0[1]) },
    "huber": { $0[0].huberLoss($0[1]) },
    "klDiv": { $0[0].klDiv($0[1]) },
    "klDivBatch": { $0[0].klDiv($0[1], reduction: .batchMean) },
    "bce": { $0[0].binaryCrossEntropy($0[1]) },
    "bceSum": { $0[0].binaryCrossEntropy($0[1], reduction: .sum) },
    "bceOfSigmoid": { $0[0].sigmoid().binaryCrossEntropy($0[1]) },
    "bceWithLogits": { $0[0].binaryCrossEntropyWithLogits($0[1]) },
    "bceWithLogitsSum": { $0[0].binaryCrossEntropyWithLogits($0[1], reduction: .sum) },
    "bceWithLogitsPositive": {
      $0[0].binaryCrossEntropyWithLogits(
        $0[1], positiveWeight: Tensor.full([], 3, dtype: $0[0].dtype))
    },
    "multiLabelSoftMargin": { $0[0].multiLabelSoftMarginLoss($0[1]) },
    "cosineSimilarity": { $0[0].cosineSimilarity($0[1], -1) },
    "cosineSimilarity-2": { $0[0].cosineSimilarity($0[1], -2) },
    "cosineEmbedding": {
      let ones = Tensor.ones(Shape($0[0].shape.dimensions.dropLast()), dtype: $0[0].dtype)
      return $0[0].cosineEmbeddingLoss($0[1], ones)
    },
    "pairwiseDistance": { $0[0].pairwiseDistance($0[1]) },
    "crossEntropy": { $0[0].crossEntropy(classes($0[0])) },
    "crossEntropySmooth": { $0[0].crossEntropy(classes($0[0]), labelSmoothing: 0.1) },
    "gaussianNLL": { $0[0].gaussianNLLLoss($0[1], $0[2]) },
    "multiMargin": { $0[0].multiMarginLoss($0[1]) },
    "multiMarginNone": { $0[0].multiMarginLoss($0[1], reduction: .none) },
    "multiLabelMargin": { $0[0].multiLabelMarginLoss($0[1]) },
    "multiLabelMarginNone": { $0[0].multiLabelMarginLoss($0[1], reduction: .none) },
  ]

  private static func classes(_ x: Tensor) -> Tensor {
    Tensor((0..<x.shape[0]).map { $0 % x.shape[1] })
  }

  private static let attention: [String: Function] = [
    "attention": { $0[0].scaledDotProductAttention($0[1], $0[2]) },
    "attentionCausal": { $0[0].scaledDotProductAttention($0[1], $0[2], isCausal: true) },
    "attentionMasked": { $0[0].scaledDotProductAttention($0[1], $0[2], mask: $0[3]) },
  ]

  private static let integers: [String: Function] = [
    "mulWhole": { $0[0] * 2 },
    "mulReal": { $0[0] * 2.0 },
    "addWhole": { $0[0] + 2 },
    "addReal": { $0[0] + 2.0 },
    "addHuge": { $0[0] + 1e300 },
    "mulInfinity": { $0[0] * .infinity },
    "rsubWhole": { 2 - $0[0] },
    "rsubReal": { 2.0 - $0[0] },
    "subNegative": { $0[0] - -7 },
    "mul300": { $0[0] * 300 },
    "divWhole": { $0[0] / 2 },
    "powWhole2": { $0[0].pow(2) },
    "powWhole9": { $0[0].pow(9) },
    "powWhole0": { $0[0].pow(0) },
    "clampWhole": { $0[0].clamp(min: 2) },
    "clampWholes": { $0[0].clamp(min: 2, max: 1) },
    "clampReal": { $0[0].clamp(min: 1.5) },
    "clampReal2": { $0[0].clamp(max: 2.0) },
    "maskedFillReal": { $0[0].maskedFill($0[0] .> 1, 1.5) },
    "maskedFillNegative": { $0[0].maskedFill($0[0] .> 1, -1) },
    "bilinear": { $0[0].interpolated(size: [5, 3], mode: .bilinear) },
    "greaterInfinity": { $0[0] .> .infinity },
    "lessInfinity": { $0[0] .< .infinity },
    "greaterHuge": { $0[0] .> -1e19 },
    "equalFraction": { $0[0] .== 2.5 },
    "notEqualNaN": { $0[0] .!= .nan },
  ]

  private static let shapes: [String: Function] = [
    "maskedSelect": { $0[0].maskedSelect($0[1]) },
    "cat0": { .concatenated($0, axis: 0) },
    "cat1": { .concatenated($0, axis: 1) },
    "gather0": { $0[0].gather(0, $0[1]) },
    "indexSelect0": { $0[0].indexSelect(0, $0[1]) },
    "maxPool2d": { $0[0].maxPool2d((2, 2)) },
    "maxPool3d": { $0[0].maxPool3d((2, 2, 2)) },
    "avgPool2d": { $0[0].avgPool2d((2, 2)) },
    "avgPool2dPadded": {
      $0[0].avgPool2d((3, 3), stride: (2, 2), padding: (1, 1), countIncludePad: false)
    },
    "avgPool1d": { $0[0].avgPool1d(2) },
    "avgPool3d": { $0[0].avgPool3d((2, 2, 2)) },
    "conv2d": { $0[0].conv2d($0[1]) },
    "conv1d": { $0[0].conv1d($0[1]) },
    "convTranspose2d": { $0[0].convTranspose2d($0[1]) },
    "convTransposeOutput1": {
      $0[0].convTranspose2d($0[1], outputPadding: (1, 1), dilation: (2, 2))
    },
    "convTransposePoint": {
      $0[0].convTranspose2d($0[1], outputPadding: (1, 1), dilation: (2, 2))
    },
    "convTransposeOutput2": {
      $0[0].convTranspose2d(
        $0[1], stride: (2, 2), padding: (1, 1), outputPadding: (2, 2), dilation: (3, 3))
    },
    "convTranspose1dOutput": {
      $0[0].convTranspose1d($0[1], stride: 2, outputPadding: 2, dilation: 3)
    },
    "localResponseNorm": { $0[0].localResponseNorm(2) },
    "batchNorm": { $0[0].batchNorm(runningMean: nil, runningVar: nil, training: true) },
    "featureAlphaDropoutEval": { $0[0].featureAlphaDropout(training: false) },
    "featureDropoutEval": { $0[0].featureDropout(training: false) },
    "last2": { $0[0][-2..<5] },
  ]

  private static let pads: [String: Function] = {
    let modes = [PaddingMode.reflect, .replicate, .circular]
    let sides = [(-1, 2), (-1, -1), (2, -1), (-2, 1), (3, -2), (-1, 3), (-4, 0)]
    var pads: [String: Function] = [:]
    for mode in modes {
      for (before, after) in sides {
        pads["pad \(mode.rawValue) \(before) \(after)"] = {
          $0[0].padded([before, after], mode: mode)
        }
      }
    }
    return pads
  }()
}
