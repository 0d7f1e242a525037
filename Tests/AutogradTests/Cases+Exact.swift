import Arrays
import Autograd

/// What depends on the type in which PyTorch computes, on NaN, on ties and on edges.
extension Case {
  static let exact: [String: Function] = [
    "ctc": { ctc($0, [[1, 2], [3, 3]], .mean, false) },
    "ctcNone": { ctc($0, [[1, 2], [3, 3]], .none, false) },
    "ctcZero": { ctc($0, [[1, 2], [3, 3]], .none, true) },
    "ctcLong": { ctc($0, [[1, 2, 3], [3, 3, 3]], .none, false) },
    "ctcLongZero": { ctc($0, [[1, 2, 3], [3, 3, 3]], .none, true) },
    "median": { $0[0].median() },
    "quantile.1": { $0[0].quantile(0.1) },
    "quantile.7": { $0[0].quantile(0.7) },
    "quantile.lower": { $0[0].quantile(0.3, interpolation: .lower) },
    "nanquantile.lower": { $0[0].nanquantile(0.3, interpolation: .lower) },
    "quantile.higher": { $0[0].quantile(0.3, interpolation: .higher) },
    "nanquantile.higher": { $0[0].nanquantile(0.3, interpolation: .higher) },
    "quantile.midpoint": { $0[0].quantile(0.3, interpolation: .midpoint) },
    "nanquantile.midpoint": { $0[0].nanquantile(0.3, interpolation: .midpoint) },
    "quantile.nearest": { $0[0].quantile(0.3, interpolation: .nearest) },
    "nanquantile.nearest": { $0[0].nanquantile(0.3, interpolation: .nearest) },
    "histc": { $0[0].histc(7) },
    "histcRange": { $0[0].histc(7, min: 0.1, max: 0.9) },
    "bincount": { $0[0].bincount(weights: $0[1]) },
    "cross": { $0[0].cross($0[1]) },
    "crossLast": { $0[0].cross($0[1], -1) },
    "addcmul2": { $0[0].addcmul($0[1], $0[2], value: 2) },
    "addcmul.1": { $0[0].addcmul($0[1], $0[2], value: 0.1) },
    "addcmulMixed": { $0[0].addcmul($0[1], $0[2], value: 0.1) },
    "addcdiv.1": { $0[0].addcdiv($0[1], $0[2], value: 0.1) },
    "lerp": { $0[0].lerp($0[1], $0[2]) },
    "digamma": { $0[0].digamma() },
    "lgamma": { $0[0].lgamma() },
  ]

  static let grids: [String: Function] = [
    "gridZeros": { $0[0].gridSample($0[1]) },
    "gridAligned": { $0[0].gridSample($0[1], alignCorners: true) },
    "gridBorder": { $0[0].gridSample($0[1], paddingMode: .border) },
    "gridBorderAligned": {
      $0[0].gridSample($0[1], paddingMode: .border, alignCorners: true)
    },
    "gridNearest": { $0[0].gridSample($0[1], mode: .nearest, alignCorners: true) },
    "gridNearestBorder": {
      $0[0].gridSample($0[1], mode: .nearest, paddingMode: .border, alignCorners: true)
    },
    "gridLarge": {
      (Tensor.arange(100 * 100) % 2000).reshaped([1, 1, 100, 100]).to($0[0].dtype)
        .gridSample($0[0], mode: .nearest)
    },
    "nearest115": { resized($0, size: [115]) },
    "nearestExact41": { resized($0, size: [41], .nearestExact) },
    "nearestExact55": { resized($0, size: [55], .nearestExact) },
    "nearest1.3": { resized($0, scale: [1.3]) },
    "nearestExact3.7": { resized($0, scale: [3.7], .nearestExact) },
    "nearestPlane115": { resized($0, size: [2, 115]) },
    "nearestPlane1.3": { resized($0, scale: [1, 1.3]) },
    "nearestExactPlane55": { resized($0, size: [2, 55], .nearestExact) },
    "nearestLarge115": { resized($0, size: [20, 115]) },
    "nearestExactLarge125": { resized($0, size: [20, 125], .nearestExact) },
  ]

  private static func ctc(
    _ inputs: [Tensor], _ targets: [[Int]], _ reduction: LossReduction, _ zeroInfinity: Bool
  ) -> Tensor {
    let (time, batch) = (inputs[0].shape[0], inputs[0].shape[1])
    return inputs[0].ctcLoss(
      Tensor(targets), [Int](repeating: time, count: batch), targets.map(\.count),
      reduction: reduction, zeroInfinity: zeroInfinity)
  }

  private static func resized(
    _ inputs: [Tensor], size: [Int]? = nil, scale: [Double]? = nil,
    _ mode: InterpolationMode = .nearest
  ) -> Tensor {
    inputs[0].interpolated(size: size, scaleFactor: scale, mode: mode)
  }
}
