import Autograd

// PyTorch's spelling: arguments without labels where its users write none, and the labels that it has in
// camelCase.

extension ReLU {
  /// As `ReLU(inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ inplace: Bool) { self.init(inplace: inplace) }
}

extension ReLU6 {
  /// As `ReLU6(inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ inplace: Bool) { self.init(inplace: inplace) }
}

extension SELU {
  /// As `SELU(inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ inplace: Bool) { self.init(inplace: inplace) }
}

extension SiLU {
  /// As `SiLU(inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ inplace: Bool) { self.init(inplace: inplace) }
}

extension Mish {
  /// As `Mish(inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ inplace: Bool) { self.init(inplace: inplace) }
}

extension Hardswish {
  /// As `Hardswish(inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ inplace: Bool) { self.init(inplace: inplace) }
}

extension Hardsigmoid {
  /// As `Hardsigmoid(inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ inplace: Bool) { self.init(inplace: inplace) }
}

extension LeakyReLU {
  /// As `LeakyReLU(negativeSlope:inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ negativeSlope: LayerNumber, inplace: Bool = false) {
    self.init(negativeSlope: negativeSlope, inplace: inplace)
  }

  /// As `LeakyReLU(negativeSlope:inplace:)` with a number that may be computed.
  @_disfavoredOverload
  public convenience init(_ negativeSlope: Double, inplace: Bool = false) {
    self.init(negativeSlope: LayerNumber(negativeSlope), inplace: inplace)
  }
}

extension ELU {
  /// As `ELU(alpha:inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ alpha: LayerNumber, inplace: Bool = false) {
    self.init(alpha: alpha, inplace: inplace)
  }

  /// As `ELU(alpha:inplace:)` with a number that may be computed.
  @_disfavoredOverload
  public convenience init(_ alpha: Double, inplace: Bool = false) {
    self.init(alpha: LayerNumber(alpha), inplace: inplace)
  }
}

extension CELU {
  /// As `CELU(alpha:inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ alpha: LayerNumber, inplace: Bool = false) {
    self.init(alpha: alpha, inplace: inplace)
  }

  /// As `CELU(alpha:inplace:)` with a number that may be computed.
  @_disfavoredOverload
  public convenience init(_ alpha: Double, inplace: Bool = false) {
    self.init(alpha: LayerNumber(alpha), inplace: inplace)
  }
}

extension Hardshrink {
  /// As `Hardshrink(lambda:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ lambda: LayerNumber) { self.init(lambda: lambda) }

  /// As `Hardshrink(lambda:)` with a number that may be computed.
  @_disfavoredOverload
  public convenience init(_ lambda: Double) { self.init(lambda: LayerNumber(lambda)) }

  /// As `Hardshrink(lambda:)`, under PyTorch's label.
  public convenience init(lambd: LayerNumber) { self.init(lambda: lambd) }
}

extension Softshrink {
  /// As `Softshrink(lambda:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ lambda: LayerNumber) { self.init(lambda: lambda) }

  /// As `Softshrink(lambda:)` with a number that may be computed.
  @_disfavoredOverload
  public convenience init(_ lambda: Double) { self.init(lambda: LayerNumber(lambda)) }

  /// As `Softshrink(lambda:)`, under PyTorch's label.
  public convenience init(lambd: LayerNumber) { self.init(lambda: lambd) }
}

extension Hardtanh {
  /// As `Hardtanh(minVal:maxVal:inplace:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ minVal: LayerNumber, _ maxVal: LayerNumber, inplace: Bool = false) {
    self.init(minVal: minVal, maxVal: maxVal, inplace: inplace)
  }

  /// As `Hardtanh(minVal:maxVal:inplace:)` with numbers that may be computed.
  @_disfavoredOverload
  public convenience init(_ minVal: Double, _ maxVal: Double, inplace: Bool = false) {
    self.init(minVal: LayerNumber(minVal), maxVal: LayerNumber(maxVal), inplace: inplace)
  }
}

extension Softplus {
  /// As `Softplus(beta:threshold:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ beta: LayerNumber, _ threshold: LayerNumber = 20.0) {
    self.init(beta: beta, threshold: threshold)
  }
}

extension PReLU {
  /// As `PReLU(numParameters:initial:)`, unlabelled and under PyTorch's label.
  public convenience init(_ numParameters: Int, `init`: Double = 0.25) {
    self.init(numParameters: numParameters, initial: `init`)
  }
}

extension Softmax {
  /// As `Softmax(dim:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ dim: Int) { self.init(dim: dim) }
}

extension LogSoftmax {
  /// As `LogSoftmax(dim:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ dim: Int) { self.init(dim: dim) }
}

extension Softmin {
  /// As `Softmin(dim:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ dim: Int) { self.init(dim: dim) }
}

extension GLU {
  /// As `GLU(dim:)`, unlabelled as PyTorch's users write it.
  public convenience init(_ dim: Int) { self.init(dim: dim) }
}

extension Embedding {
  /// As `Embedding(_:_:paddingIndex:maxNorm:normType:scaleGradByFreq:)`, under PyTorch's label.
  public convenience init(
    _ numEmbeddings: Int, _ embeddingDim: Int, paddingIdx: Int?, maxNorm: Double? = nil,
    normType: Double = 2, scaleGradByFreq: Bool = false
  ) {
    self.init(
      numEmbeddings, embeddingDim, paddingIndex: paddingIdx, maxNorm: maxNorm,
      normType: normType, scaleGradByFreq: scaleGradByFreq)
  }
}

extension EmbeddingBag {
  /// As `EmbeddingBag(_:_:maxNorm:normType:scaleGradByFreq:mode:includeLastOffset:paddingIndex:)`, under
  /// PyTorch's label.
  public convenience init(
    _ numEmbeddings: Int, _ embeddingDim: Int, maxNorm: Double? = nil, normType: Double = 2,
    scaleGradByFreq: Bool = false, mode: Mode = .mean, includeLastOffset: Bool = false,
    paddingIdx: Int?
  ) {
    self.init(
      numEmbeddings, embeddingDim, maxNorm: maxNorm, normType: normType,
      scaleGradByFreq: scaleGradByFreq, mode: mode, includeLastOffset: includeLastOffset,
      paddingIndex: paddingIdx)
  }
}
