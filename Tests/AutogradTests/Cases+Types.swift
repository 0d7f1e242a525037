import Arrays
import Autograd

/// Results in types that follow PyTorch's rules, and what leaves the range of a type on the way.
extension Case {
  static let types: [String: Function] = [
    "twoToThe": { 2 ** $0[0] },
    "arangeFraction": { .arange(-0.9, 2.1, 2.0, dtype: $0[0].dtype) },
    "arangeDown": { .arange(5.9, 0.1, -2.5, dtype: $0[0].dtype) },
    "linspaceFraction": { .linspace(-4.3, 9.6, 6, dtype: $0[0].dtype) },
    "linspace50": { .linspace(0, 50, 50, dtype: $0[0].dtype) },
    "smoothL1None": { $0[0].smoothL1Loss($0[1], reduction: .none, beta: 0.5) },
    "smoothL1Tenth": { $0[0].smoothL1Loss($0[1], reduction: .none, beta: 0.1) },
    "smoothL1Huge": { $0[0].smoothL1Loss($0[1], reduction: .none, beta: 1e38) },
    "smoothL1Infinite": { $0[0].smoothL1Loss($0[1], reduction: .none, beta: .infinity) },
    "smoothL1Slope": { (x: [Tensor]) in
      slope(x[0]) { $0.smoothL1Loss(x[1], reduction: .none, beta: 0.5) }
    },
    "huberTenth": { $0[0].huberLoss($0[1], reduction: .none, delta: 0.1) },
    "huberInfinite": { $0[0].huberLoss($0[1], reduction: .none, delta: .infinity) },
    "preluSlopes": { slopes($0) { $0[0].prelu($0[1]) } },
    "klDivSlopes": { slopes($0) { $0[0].klDiv($0[1], reduction: .none) } },
    "layerNormRows": { $0[0].layerNorm([3]) },
    "huberNone": { $0[0].huberLoss($0[1], reduction: .none, delta: 2) },
    "softMarginNone": { $0[0].softMarginLoss($0[1].detach(), reduction: .none) },
    "hingeNone": { $0[0].hingeEmbeddingLoss($0[1], margin: 1.7, reduction: .none) },
    "bceWithLogitsNone": { $0[0].binaryCrossEntropyWithLogits($0[1], reduction: .none) },
    "crossEntropyNone": { $0[0].crossEntropy($0[1], reduction: .none) },
    "cosineEmbeddingNone": {
      $0[0].cosineEmbeddingLoss($0[1], $0[2].detach(), margin: 0.25, reduction: .none)
    },
    "cdistInfinity": { $0[0].cdist($0[1], p: .infinity) },
    "linear5": { $0[0].interpolated(size: [5], mode: .linear) },
    "linear7Aligned": { $0[0].interpolated(size: [7], mode: .linear, alignCorners: true) },
    "prelu": { $0[0].prelu($0[1]) },
    "lerpQuarter": { $0[0].lerp($0[1], 0.25) },
    "prodAll": { $0[0].product() },
    "det": { $0[0].det() },
    "conv3d": { $0[0].conv3d($0[1]) },
    "convTranspose3d": { $0[0].convTranspose3d($0[1]) },
    "digammaSlope": { slope($0[0]) { $0.digamma() } },
    "digammaSecondSlope": { slope($0[0]) { slope($0) { $0.digamma() } } },
    "cumprodRows": { $0[0].cumprod(-1) },
    "cdistZero": { $0[0].cdist($0[1], p: 0) },
    "multiMarginSquared": {
      $0[0].multiMarginLoss($0[1], power: 2, margin: 0.5, reduction: .none)
    },
  ]

  /// The gradients for all inputs but the last, which is the gradient from above, one after the other.
  private static func slopes(_ inputs: [Tensor], _ function: ([Tensor]) -> Tensor) -> Tensor {
    let leaves = Array(inputs.dropLast())
    let found = Tensor.gradients(
      of: [function(leaves)], for: leaves, [inputs[leaves.count]], createGraph: true)
    return .concatenated(
      zip(found, leaves).map { ($0 ?? .zeros(like: $1)).flattened() }, axis: 0)
  }

  /// The derivative of a function of elements, as part of the graph.
  private static func slope(_ x: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
    Tensor.gradients(of: [function(x).sum()], for: [x], createGraph: true)[0] ?? .zeros(like: x)
  }
}
