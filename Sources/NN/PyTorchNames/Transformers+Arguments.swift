import Autograd

// The options of transformers as arguments, under PyTorch's names.

extension TransformerEncoderLayer {
  /// A layer with PyTorch's arguments.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads.
  ///   - dimFeedforward: The number of features between the two linear layers.
  ///   - dropout: The probability of zeros in training.
  ///   - activation: The function between the two linear layers.
  ///   - layerNormEps: Added to variances in normalization.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - normFirst: Whether normalization comes before attention and linear layers, not after.
  ///   - bias: Whether linear layers and normalization have biases.
  @_disfavoredOverload
  public convenience init(
    dModel: Int, nhead: Int, dimFeedforward: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, layerNormEps: Double = 1e-5,
    batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true
  ) {
    self.init(
      dModel, nhead,
      TransformerOptions(
        dimFeedforward: dimFeedforward, dropout: dropout, activation: activation,
        layerNormEps: layerNormEps, batchFirst: batchFirst, normFirst: normFirst, bias: bias))
  }

  /// A layer with PyTorch's arguments, the first two unlabelled.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads.
  ///   - dimFeedforward: The number of features between the two linear layers.
  ///   - dropout: The probability of zeros in training.
  ///   - activation: The function between the two linear layers.
  ///   - layerNormEps: Added to variances in normalization.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - normFirst: Whether normalization comes before attention and linear layers, not after.
  ///   - bias: Whether linear layers and normalization have biases.
  @_disfavoredOverload
  public convenience init(
    _ dModel: Int, _ nhead: Int, dimFeedforward: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, layerNormEps: Double = 1e-5,
    batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true
  ) {
    self.init(
      dModel, nhead,
      TransformerOptions(
        dimFeedforward: dimFeedforward, dropout: dropout, activation: activation,
        layerNormEps: layerNormEps, batchFirst: batchFirst, normFirst: normFirst, bias: bias))
  }
}

extension TransformerDecoderLayer {
  /// A layer with PyTorch's arguments.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads.
  ///   - dimFeedforward: The number of features between the two linear layers.
  ///   - dropout: The probability of zeros in training.
  ///   - activation: The function between the two linear layers.
  ///   - layerNormEps: Added to variances in normalization.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - normFirst: Whether normalization comes before attention and linear layers, not after.
  ///   - bias: Whether linear layers and normalization have biases.
  @_disfavoredOverload
  public convenience init(
    dModel: Int, nhead: Int, dimFeedforward: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, layerNormEps: Double = 1e-5,
    batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true
  ) {
    self.init(
      dModel, nhead,
      TransformerOptions(
        dimFeedforward: dimFeedforward, dropout: dropout, activation: activation,
        layerNormEps: layerNormEps, batchFirst: batchFirst, normFirst: normFirst, bias: bias))
  }

  /// A layer with PyTorch's arguments, the first two unlabelled.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads.
  ///   - dimFeedforward: The number of features between the two linear layers.
  ///   - dropout: The probability of zeros in training.
  ///   - activation: The function between the two linear layers.
  ///   - layerNormEps: Added to variances in normalization.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - normFirst: Whether normalization comes before attention and linear layers, not after.
  ///   - bias: Whether linear layers and normalization have biases.
  @_disfavoredOverload
  public convenience init(
    _ dModel: Int, _ nhead: Int, dimFeedforward: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, layerNormEps: Double = 1e-5,
    batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true
  ) {
    self.init(
      dModel, nhead,
      TransformerOptions(
        dimFeedforward: dimFeedforward, dropout: dropout, activation: activation,
        layerNormEps: layerNormEps, batchFirst: batchFirst, normFirst: normFirst, bias: bias))
  }
}

extension Transformer {
  /// A model with PyTorch's arguments.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads.
  ///   - numEncoderLayers: The number of encoder layers.
  ///   - numDecoderLayers: The number of decoder layers.
  ///   - dimFeedforward: The number of features between the two linear layers.
  ///   - dropout: The probability of zeros in training.
  ///   - activation: The function between the two linear layers.
  ///   - layerNormEps: Added to variances in normalization.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - normFirst: Whether normalization comes before attention and linear layers, not after.
  ///   - bias: Whether linear layers and normalization have biases.
  @_disfavoredOverload
  public convenience init(
    dModel: Int = 512, nhead: Int = 8, numEncoderLayers: Int = 6, numDecoderLayers: Int = 6,
    dimFeedforward: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, layerNormEps: Double = 1e-5,
    batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true
  ) {
    self.init(
      dModel, nhead, numEncoderLayers: numEncoderLayers, numDecoderLayers: numDecoderLayers,
      TransformerOptions(
        dimFeedforward: dimFeedforward, dropout: dropout, activation: activation,
        layerNormEps: layerNormEps, batchFirst: batchFirst, normFirst: normFirst, bias: bias))
  }
}
