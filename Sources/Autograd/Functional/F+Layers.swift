import Arrays
import Files

extension F {
  /// See ``Tensor/linear(_:_:)``.
  public static func linear(_ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
    x.linear(weight, bias)
  }
  /// See ``Tensor/bilinear(_:_:_:)``.
  public static func bilinear(
    _ input1: Tensor, _ input2: Tensor, _ weight: Tensor, _ bias: Tensor? = nil
  ) -> Tensor {
    input1.bilinear(input2, weight, bias)
  }
  /// See ``Tensor/embedding(_:paddingIndex:maxNorm:normType:scaleGradByFreq:)``: `x` holds the indices.
  public static func embedding(
    _ x: Tensor, _ weight: Tensor, paddingIdx: Int? = nil, maxNorm: Double? = nil,
    normType: Double = 2, scaleGradByFreq: Bool = false
  ) -> Tensor {
    x.embedding(
      weight, paddingIndex: paddingIdx, maxNorm: maxNorm, normType: normType,
      scaleGradByFreq: scaleGradByFreq)
  }
  /// See ``Tensor/embedding(_:paddingIndex:maxNorm:normType:scaleGradByFreq:)``: `x` holds the indices.
  public static func embedding(
    _ x: Tensor, _ weight: Tensor, paddingIndex: Int, maxNorm: Double? = nil,
    normType: Double = 2, scaleGradByFreq: Bool = false
  ) -> Tensor {
    embedding(
      x, weight, paddingIdx: paddingIndex, maxNorm: maxNorm, normType: normType,
      scaleGradByFreq: scaleGradByFreq)
  }
  /// See ``Tensor/embeddingBag(_:offsets:maxNorm:normType:scaleGradByFreq:mode:perSampleWeights:includeLastOffset:paddingIndex:)``:
  /// `x` holds the indices.
  public static func embeddingBag(
    _ x: Tensor, _ weight: Tensor, _ offsets: Tensor? = nil, maxNorm: Double? = nil,
    normType: Double = 2, scaleGradByFreq: Bool = false, mode: EmbeddingBagMode = .mean,
    perSampleWeights: Tensor? = nil, includeLastOffset: Bool = false, paddingIdx: Int? = nil
  ) -> Tensor {
    x.embeddingBag(
      weight, offsets: offsets, maxNorm: maxNorm, normType: normType,
      scaleGradByFreq: scaleGradByFreq, mode: mode, perSampleWeights: perSampleWeights,
      includeLastOffset: includeLastOffset, paddingIndex: paddingIdx)
  }
  /// See ``Tensor/oneHot(_:)``.
  public static func oneHot(_ x: Tensor, _ numClasses: Int) -> Tensor { x.oneHot(numClasses) }
  /// See ``Tensor/oneHot(_:)``.
  public static func oneHot(_ x: Tensor, numClasses: Int) -> Tensor { x.oneHot(numClasses) }
  /// See ``Tensor/dropout(_:training:generator:)``.
  public static func dropout(
    _ x: Tensor, _ p: Double = 0.5, training: Bool = true, inplace: Bool = false
  ) -> Tensor {
    inplace ? x.dropout_(p, training: training) : x.dropout(p, training: training)
  }
  /// See ``Tensor/dropout(_:training:generator:)``.
  public static func dropout(
    _ x: Tensor, p: Double, training: Bool = true, inplace: Bool = false
  ) -> Tensor {
    dropout(x, p, training: training, inplace: inplace)
  }
  /// See ``Tensor/alphaDropout(_:training:generator:)``.
  public static func alphaDropout(
    _ x: Tensor, _ p: Double = 0.5, training: Bool = false, inplace: Bool = false
  ) -> Tensor {
    inplace ? x.alphaDropout_(p, training: training) : x.alphaDropout(p, training: training)
  }
  /// See ``Tensor/alphaDropout(_:training:generator:)``.
  public static func alphaDropout(
    _ x: Tensor, p: Double, training: Bool = false, inplace: Bool = false
  ) -> Tensor {
    alphaDropout(x, p, training: training, inplace: inplace)
  }
  /// See ``Tensor/featureAlphaDropout(_:training:generator:)``.
  public static func featureAlphaDropout(
    _ x: Tensor, _ p: Double = 0.5, training: Bool = false, inplace: Bool = false
  ) -> Tensor {
    inplace
      ? x.featureAlphaDropout_(p, training: training) : x.featureAlphaDropout(p, training: training)
  }
  /// See ``Tensor/featureAlphaDropout(_:training:generator:)``.
  public static func featureAlphaDropout(
    _ x: Tensor, p: Double, training: Bool = false, inplace: Bool = false
  ) -> Tensor {
    featureAlphaDropout(x, p, training: training, inplace: inplace)
  }
  /// Whole channels set to zero. See ``Tensor/featureDropout(_:training:generator:)``; the input may lack
  /// a batch.
  public static func dropout1d(
    _ x: Tensor, _ p: Double = 0.5, training: Bool = true, inplace: Bool = false
  ) -> Tensor {
    require(
      x.rank == 2 || x.rank == 3,
      "dropout1d: expected 2D or 3D input, got shape \(x.shape)")
    guard x.rank == 2 else {
      return inplace
        ? x.featureDropout_(p, training: training) : x.featureDropout(p, training: training)
    }
    func dropped(_ x: Tensor) -> Tensor {
      x.unsqueezed(0).featureDropout(p, training: training).squeezed([0])
    }
    return inplace ? x.changed("dropout1d", dropped) : dropped(x)
  }
  /// Whole channels set to zero. See ``Tensor/featureDropout(_:training:generator:)``; the input may lack
  /// a batch.
  public static func dropout3d(
    _ x: Tensor, _ p: Double = 0.5, training: Bool = true, inplace: Bool = false
  ) -> Tensor {
    require(
      x.rank == 4 || x.rank == 5,
      "dropout3d: expected 4D or 5D input, got shape \(x.shape)")
    guard x.rank == 4 else {
      return inplace
        ? x.featureDropout_(p, training: training) : x.featureDropout(p, training: training)
    }
    func dropped(_ x: Tensor) -> Tensor {
      x.unsqueezed(0).featureDropout(p, training: training).squeezed([0])
    }
    return inplace ? x.changed("dropout3d", dropped) : dropped(x)
  }
  /// Whole channels set to zero. See ``Tensor/featureDropout(_:training:generator:)``; as in PyTorch an
  /// input of three dimensions is taken for (batch, channels, length).
  public static func dropout2d(
    _ x: Tensor, _ p: Double = 0.5, training: Bool = true, inplace: Bool = false
  ) -> Tensor {
    require(
      x.rank == 3 || x.rank == 4, "dropout2d: expected 3D or 4D input, got shape \(x.shape)")
    return inplace
      ? x.featureDropout_(p, training: training) : x.featureDropout(p, training: training)
  }
  /// See ``Tensor/layerNorm(_:weight:bias:eps:)``.
  public static func layerNorm(
    _ x: Tensor, _ normalizedShape: Shape, weight: Tensor? = nil, bias: Tensor? = nil,
    eps: Double = 1e-5
  ) -> Tensor {
    x.layerNorm(normalizedShape, weight: weight, bias: bias, eps: eps)
  }
  /// See ``Tensor/rmsNorm(_:weight:eps:)``.
  public static func rmsNorm(
    _ x: Tensor, _ normalizedShape: Shape, weight: Tensor? = nil, eps: Double? = nil
  ) -> Tensor {
    x.rmsNorm(normalizedShape, weight: weight, eps: eps)
  }
  /// See ``Tensor/groupNorm(_:weight:bias:eps:)``.
  public static func groupNorm(
    _ x: Tensor, _ numGroups: Int, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
  ) -> Tensor {
    x.groupNorm(numGroups, weight: weight, bias: bias, eps: eps)
  }
  /// See ``Tensor/batchNorm(runningMean:runningVar:weight:bias:training:momentum:eps:)``.
  public static func batchNorm(
    _ x: Tensor, _ runningMean: Buffer?, _ runningVar: Buffer?, weight: Tensor? = nil,
    bias: Tensor? = nil, training: Bool = false, momentum: Double = 0.1, eps: Double = 1e-5
  ) -> Tensor {
    x.batchNorm(
      runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
      training: training, momentum: momentum, eps: eps)
  }
  /// See ``Tensor/instanceNorm(runningMean:runningVar:weight:bias:useInputStats:momentum:eps:)``.
  public static func instanceNorm(
    _ x: Tensor, runningMean: Buffer? = nil, runningVar: Buffer? = nil, weight: Tensor? = nil,
    bias: Tensor? = nil, useInputStats: Bool = true, momentum: Double = 0.1, eps: Double = 1e-5
  ) -> Tensor {
    x.instanceNorm(
      runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
      useInputStats: useInputStats, momentum: momentum, eps: eps)
  }
  /// See ``Tensor/localResponseNorm(_:alpha:beta:k:)``.
  public static func localResponseNorm(
    _ x: Tensor, _ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
  ) -> Tensor {
    x.localResponseNorm(size, alpha: alpha, beta: beta, k: k)
  }
  /// See ``Tensor/normalize(p:dim:eps:)``.
  public static func normalize(_ x: Tensor, p: Double = 2, dim: Int = 1, eps: Double = 1e-12)
    -> Tensor
  {
    x.normalize(p: p, dim: dim, eps: eps)
  }
  /// See ``Tensor/cosineSimilarity(_:_:eps:)``.
  public static func cosineSimilarity(_ x1: Tensor, _ x2: Tensor, dim: Int = 1, eps: Double = 1e-8)
    -> Tensor
  {
    x1.cosineSimilarity(x2, dim, eps: eps)
  }
  /// See ``Tensor/pairwiseDistance(_:order:eps:keepDims:)``.
  public static func pairwiseDistance(
    _ x1: Tensor, _ x2: Tensor, p: Double = 2, eps: Double = 1e-6, keepdim: Bool = false
  ) -> Tensor {
    x1.pairwiseDistance(x2, order: p, eps: eps, keepDims: keepdim)
  }
  /// See ``Tensor/padded(_:mode:value:)``.
  public static func pad(
    _ x: Tensor, _ padding: [Int], mode: PaddingMode = .zeros, value: Double = 0
  ) -> Tensor {
    x.padded(padding, mode: mode, value: value)
  }
  /// See ``Tensor/interpolated(size:scaleFactor:mode:alignCorners:)``.
  public static func interpolate(
    _ x: Tensor, size: [Int]? = nil, scaleFactor: Double? = nil, mode: InterpolationMode = .nearest,
    alignCorners: Bool = false
  ) -> Tensor {
    x.interpolate(size: size, scaleFactor: scaleFactor, mode: mode, alignCorners: alignCorners)
  }
  /// See ``Tensor/gridSample(_:mode:paddingMode:alignCorners:)``.
  public static func gridSample(
    _ x: Tensor, _ grid: Tensor, mode: InterpolationMode = .bilinear,
    paddingMode: GridPadding = .zeros, alignCorners: Bool = false
  ) -> Tensor {
    x.gridSample(grid, mode: mode, paddingMode: paddingMode, alignCorners: alignCorners)
  }
  /// See ``Tensor/pixelShuffled(_:)``.
  public static func pixelShuffle(_ x: Tensor, _ upscaleFactor: Int) -> Tensor {
    x.pixelShuffled(upscaleFactor)
  }
  /// See ``Tensor/pixelUnshuffled(_:)``.
  public static func pixelUnshuffle(_ x: Tensor, _ downscaleFactor: Int) -> Tensor {
    x.pixelUnshuffled(downscaleFactor)
  }
  /// See ``Tensor/channelShuffled(_:)``.
  public static func channelShuffle(_ x: Tensor, _ groups: Int) -> Tensor {
    x.channelShuffled(groups)
  }
  /// See ``Tensor/scaledDotProductAttention(_:_:mask:dropout:isCausal:scale:)``.
  public static func scaledDotProductAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, attnMask: Tensor? = nil, dropoutP: Double = 0,
    isCausal: Bool = false, scale: Double? = nil
  ) -> Tensor {
    query.scaledDotProductAttention(
      key, value, mask: attnMask, dropout: dropoutP, isCausal: isCausal, scale: scale)
  }
}
