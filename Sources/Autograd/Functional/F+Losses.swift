import Arrays

extension F {
  /// See ``Tensor/crossEntropy(_:weight:ignoreIndex:reduction:labelSmoothing:)``.
  public static func crossEntropy(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100,
    reduction: LossReduction = .mean, labelSmoothing: Double = 0
  ) -> Tensor {
    x.crossEntropy(
      target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction,
      labelSmoothing: labelSmoothing)
  }
  /// See ``Tensor/nllLoss(_:weight:ignoreIndex:reduction:)``.
  public static func nllLoss(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100,
    reduction: LossReduction = .mean
  ) -> Tensor {
    x.nllLoss(target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
  }
  /// See ``Tensor/mseLoss(_:reduction:)``.
  public static func mseLoss(_ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean)
    -> Tensor
  {
    x.mseLoss(target, reduction: reduction)
  }
  /// See ``Tensor/l1Loss(_:reduction:)``.
  public static func l1Loss(_ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean)
    -> Tensor
  {
    x.l1Loss(target, reduction: reduction)
  }
  /// See ``Tensor/softMarginLoss(_:reduction:)``.
  public static func softMarginLoss(_ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean)
    -> Tensor
  {
    x.softMarginLoss(target, reduction: reduction)
  }
  /// See ``Tensor/multiLabelMarginLoss(_:reduction:)``.
  public static func multilabelMarginLoss(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean
  ) -> Tensor {
    x.multiLabelMarginLoss(target, reduction: reduction)
  }
  /// See ``Tensor/multiLabelSoftMarginLoss(_:weight:reduction:)``.
  public static func multilabelSoftMarginLoss(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) -> Tensor {
    x.multiLabelSoftMarginLoss(target, weight: weight, reduction: reduction)
  }
  /// See ``Tensor/multiMarginLoss(_:power:margin:weight:reduction:)``.
  public static func multiMarginLoss(
    _ x: Tensor, _ target: Tensor, p: Int = 1, margin: Double = 1, weight: Tensor? = nil,
    reduction: LossReduction = .mean
  ) -> Tensor {
    x.multiMarginLoss(target, power: p, margin: margin, weight: weight, reduction: reduction)
  }
  /// See ``Tensor/smoothL1Loss(_:reduction:beta:)``.
  public static func smoothL1Loss(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean, beta: Double = 1
  ) -> Tensor {
    x.smoothL1Loss(target, reduction: reduction, beta: beta)
  }
  /// See ``Tensor/huberLoss(_:reduction:delta:)``.
  public static func huberLoss(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean, delta: Double = 1
  ) -> Tensor {
    x.huberLoss(target, reduction: reduction, delta: delta)
  }
  /// See ``Tensor/binaryCrossEntropy(_:weight:reduction:)``.
  public static func binaryCrossEntropy(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) -> Tensor {
    x.binaryCrossEntropy(target, weight: weight, reduction: reduction)
  }
  /// See ``Tensor/binaryCrossEntropyWithLogits(_:weight:reduction:positiveWeight:)``.
  public static func binaryCrossEntropyWithLogits(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean,
    posWeight: Tensor? = nil
  ) -> Tensor {
    x.binaryCrossEntropyWithLogits(
      target, weight: weight, reduction: reduction, positiveWeight: posWeight)
  }
  /// See ``Tensor/klDiv(_:reduction:logTarget:)``.
  public static func klDiv(
    _ x: Tensor, _ target: Tensor, reduction: LossReduction = .mean, logTarget: Bool = false
  ) -> Tensor {
    x.klDiv(target, reduction: reduction, logTarget: logTarget)
  }
  /// See ``Tensor/poissonNLLLoss(_:logInput:full:eps:reduction:)``.
  public static func poissonNllLoss(
    _ x: Tensor, _ target: Tensor, logInput: Bool = true, full: Bool = false, eps: Double = 1e-8,
    reduction: LossReduction = .mean
  ) -> Tensor {
    x.poissonNLLLoss(target, logInput: logInput, full: full, eps: eps, reduction: reduction)
  }
  /// See ``Tensor/gaussianNLLLoss(_:_:full:eps:reduction:)``.
  public static func gaussianNllLoss(
    _ x: Tensor, _ target: Tensor, _ `var`: Tensor, full: Bool = false, eps: Double = 1e-6,
    reduction: LossReduction = .mean
  ) -> Tensor {
    x.gaussianNLLLoss(target, `var`, full: full, eps: eps, reduction: reduction)
  }
  /// See ``Tensor/ctcLoss(_:_:_:blank:reduction:zeroInfinity:)``.
  public static func ctcLoss(
    _ logProbs: Tensor, _ targets: Tensor, _ inputLengths: [Int], _ targetLengths: [Int],
    blank: Int = 0, reduction: LossReduction = .mean, zeroInfinity: Bool = false
  ) -> Tensor {
    logProbs.ctcLoss(
      targets, inputLengths, targetLengths, blank: blank, reduction: reduction,
      zeroInfinity: zeroInfinity)
  }
  /// See ``Tensor/hingeEmbeddingLoss(_:margin:reduction:)``.
  public static func hingeEmbeddingLoss(
    _ x: Tensor, _ target: Tensor, margin: Double = 1, reduction: LossReduction = .mean
  ) -> Tensor {
    x.hingeEmbeddingLoss(target, margin: margin, reduction: reduction)
  }
  /// See ``Tensor/marginRankingLoss(_:_:margin:reduction:)``.
  public static func marginRankingLoss(
    _ input1: Tensor, _ input2: Tensor, _ target: Tensor, margin: Double = 0,
    reduction: LossReduction = .mean
  ) -> Tensor {
    input1.marginRankingLoss(input2, target, margin: margin, reduction: reduction)
  }
  /// See ``Tensor/cosineEmbeddingLoss(_:_:margin:reduction:)``.
  public static func cosineEmbeddingLoss(
    _ input1: Tensor, _ input2: Tensor, _ target: Tensor, margin: Double = 0,
    reduction: LossReduction = .mean
  ) -> Tensor {
    input1.cosineEmbeddingLoss(input2, target, margin: margin, reduction: reduction)
  }
  /// See ``Tensor/tripletMarginLoss(_:_:margin:swap:reduction:distance:)``.
  public static func tripletMarginLoss(
    _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, p: Double = 2,
    eps: Double = 1e-6, swap: Bool = false, reduction: LossReduction = .mean
  ) -> Tensor {
    anchor.tripletMarginLoss(
      positive, negative, margin: margin, swap: swap, reduction: reduction,
      distance: { $0.pairwiseDistance($1, order: p, eps: eps) })
  }
  /// See ``Tensor/tripletMarginLoss(_:_:margin:swap:reduction:distance:)``.
  public static func tripletMarginWithDistanceLoss(
    _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor,
    distanceFunction: (Tensor, Tensor) -> Tensor = { $0.pairwiseDistance($1) }, margin: Double = 1,
    swap: Bool = false, reduction: LossReduction = .mean
  ) -> Tensor {
    anchor.tripletMarginLoss(
      positive, negative, margin: margin, swap: swap, reduction: reduction,
      distance: distanceFunction)
  }
}
