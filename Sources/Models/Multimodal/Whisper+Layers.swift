import Arrays
import Autograd
import Files
import NN

/// Two convolutions over time, positions, and layers.
final class WhisperEncoder: Module {
  private let conv1: Conv1d
  private let conv2: Conv1d
  private let embedPositions: Embedding
  private let layers: ModuleList<WhisperEncoderLayer>
  private let layerNorm: LayerNorm
  private let dropout: Dropout

  init(_ configuration: WhisperModel.Configuration) {
    let features = configuration.dModel
    conv1 = Conv1d(configuration.numMelBins, features, kernelSize: 3, padding: 1)
    conv2 = Conv1d(features, features, kernelSize: 3, stride: 2, padding: 1)
    // They are not learned.
    embedPositions = Embedding.fromPretrained(
      Self.sinusoids(configuration.maxSourcePositions, features))
    layers = ModuleList(
      (0..<configuration.encoderLayers).map { _ in WhisperEncoderLayer(configuration) })
    layerNorm = LayerNorm(features)
    dropout = Dropout(configuration.dropout)
  }

  /// Sines and cosines of positions, of wavelengths from 2π to 2π · 10,000.
  private static func sinusoids(_ positions: Int, _ features: Int) -> Tensor {
    let half = features / 2
    let step = -Tensor(10000, dtype: .float64).log() / Double(half - 1)
    let scales = (Tensor.arange(half, dtype: .float64) * step).exp()
    let angles = Tensor.arange(positions, dtype: .float64).unsqueezed(1) * scales
    return Tensor.concatenated([angles.sin(), angles.cos()], axis: 1).to(.float32)
  }

  override func forward(_ input: Tensor) -> Tensor {
    let positions = embedPositions.weight.shape[0]
    require(
      input.rank == 3 && input.shape[2] == 2 * positions,
      "WhisperModel: a spectrogram of shape \(input.shape), not (batch, bands, \(2 * positions))")
    let heard = conv2(conv1(input).gelu()).gelu().transposed(1, 2)
    let hidden = dropout(heard + embedPositions(Tensor.arange(positions)))
    return layerNorm(layers.reduce(hidden) { $1($0) })
  }
}

/// Embeddings of tokens and positions, and layers that look at the tokens before and at what was
/// heard.
final class WhisperDecoder: Module {
  let embedTokens: Embedding
  private let embedPositions: Embedding
  private let layers: ModuleList<WhisperDecoderLayer>
  private let layerNorm: LayerNorm
  private let dropout: Dropout

  init(_ configuration: WhisperModel.Configuration) {
    let factory = NormalLayers(std: configuration.initStd)
    embedTokens = factory.embedding(
      configuration.vocabSize, configuration.dModel, paddingIndex: configuration.padTokenID)
    embedPositions = factory.embedding(configuration.maxTargetPositions, configuration.dModel)
    layers = ModuleList(
      (0..<configuration.decoderLayers).map { _ in WhisperDecoderLayer(configuration) })
    layerNorm = LayerNorm(configuration.dModel)
    dropout = Dropout(configuration.dropout)
  }

  func callAsFunction(_ tokens: Tensor, mask: Tensor?, heard: Tensor) -> Tensor {
    withHooks(given: [tokens, mask, heard]) { inputs in
      [decode(inputs[0] ?? tokens, inputs[1], inputs[2] ?? heard)]
    }[0]
  }

  private func decode(_ tokens: Tensor, _ mask: Tensor?, _ heard: Tensor) -> Tensor {
    require(tokens.rank == 2, "WhisperModel: tokens of shape \(tokens.shape), not (batch, tokens)")
    let causal = AttentionMask.causal(tokens.shape[1], past: 0, padding: mask)
    let hidden = dropout(embedTokens(tokens) + embedPositions(Tensor.arange(tokens.shape[1])))
    return layerNorm(layers.reduce(hidden) { $1($0, heard: heard, mask: causal) })
  }
}

/// Attention to the frames, and a feed-forward part.
final class WhisperEncoderLayer: Module {
  private let selfAttn: WhisperAttention
  private let selfAttnLayerNorm: LayerNorm
  private let fc1: Linear
  private let fc2: Linear
  private let finalLayerNorm: LayerNorm
  private let dropout: Dropout
  private let activationDropout: Dropout
  private let activation: FeedForwardActivation

  init(_ configuration: WhisperModel.Configuration) {
    let (features, inner) = (configuration.dModel, configuration.encoderFfnDim)
    let layers = NormalLayers(std: configuration.initStd)
    selfAttn = WhisperAttention(configuration, heads: configuration.encoderAttentionHeads)
    selfAttnLayerNorm = LayerNorm(features)
    fc1 = layers.linear(features, inner)
    fc2 = layers.linear(inner, features)
    finalLayerNorm = LayerNorm(features)
    dropout = Dropout(configuration.dropout)
    activationDropout = Dropout(configuration.activationDropout)
    activation = configuration.activationFunction
  }

  override func forward(_ input: Tensor) -> Tensor {
    let own = selfAttnLayerNorm(input)
    let attended = input + dropout(selfAttn(own, to: own, mask: nil))
    return attended
      + dropout(fc2(activationDropout(activation(fc1(finalLayerNorm(attended))))))
  }
}

/// Attention to the tokens before, attention to what was heard, and a feed-forward part.
final class WhisperDecoderLayer: Module {
  private let selfAttn: WhisperAttention
  private let selfAttnLayerNorm: LayerNorm
  private let encoderAttn: WhisperAttention
  private let encoderAttnLayerNorm: LayerNorm
  private let fc1: Linear
  private let fc2: Linear
  private let finalLayerNorm: LayerNorm
  private let dropout: Dropout
  private let activationDropout: Dropout
  private let activation: FeedForwardActivation

  init(_ configuration: WhisperModel.Configuration) {
    let (features, inner) = (configuration.dModel, configuration.decoderFfnDim)
    let layers = NormalLayers(std: configuration.initStd)
    selfAttn = WhisperAttention(configuration, heads: configuration.decoderAttentionHeads)
    selfAttnLayerNorm = LayerNorm(features)
    encoderAttn = WhisperAttention(configuration, heads: configuration.decoderAttentionHeads)
    encoderAttnLayerNorm = LayerNorm(features)
    fc1 = layers.linear(features, inner)
    fc2 = layers.linear(inner, features)
    finalLayerNorm = LayerNorm(features)
    dropout = Dropout(configuration.dropout)
    activationDropout = Dropout(configuration.activationDropout)
    activation = configuration.activationFunction
  }

  func callAsFunction(_ hidden: Tensor, heard: Tensor, mask: Tensor) -> Tensor {
    withHooks([hidden, heard, mask]) { inputs in
      let own = selfAttnLayerNorm(inputs[0])
      let written = inputs[0] + dropout(selfAttn(own, to: own, mask: inputs[2]))
      let both =
        written + dropout(encoderAttn(encoderAttnLayerNorm(written), to: inputs[1], mask: nil))
      return [
        both + dropout(fc2(activationDropout(activation(fc1(finalLayerNorm(both))))))
      ]
    }[0]
  }
}

/// Attention of one sequence to another or itself; keys have no bias.
final class WhisperAttention: Module {
  private let kProj: Linear
  private let vProj: Linear
  private let qProj: Linear
  private let outProj: Linear
  private let heads: Int
  private let dropout: Double

  init(_ configuration: WhisperModel.Configuration, heads: Int) {
    let layers = NormalLayers(std: configuration.initStd)
    let features = configuration.dModel
    kProj = layers.linear(features, features, bias: false)
    vProj = layers.linear(features, features)
    qProj = layers.linear(features, features)
    outProj = layers.linear(features, features)
    self.heads = heads
    dropout = configuration.attentionDropout
  }

  func callAsFunction(_ hidden: Tensor, to other: Tensor, mask: Tensor?) -> Tensor {
    withHooks(given: [hidden, other, mask]) { inputs in
      let other = inputs[1] ?? other
      let mixed = qProj(inputs[0] ?? hidden).splitIntoHeads(heads).scaledDotProductAttention(
        kProj(other).splitIntoHeads(heads), vProj(other).splitIntoHeads(heads), mask: inputs[2],
        dropout: isTraining ? dropout : 0)
      return [outProj(mixed.joinedHeads())]
    }[0]
  }
}
