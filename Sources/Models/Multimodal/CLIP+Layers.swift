import Arrays
import Autograd
import Files
import NN

/// Embeddings, layers that look at tokens before, and the features at the end of each text.
final class CLIPTextTower: MaskedModule {
  private let embeddings: CLIPTextEmbeddings
  private let encoder: CLIPEncoder
  private let finalLayerNorm: LayerNorm
  private let eosTokenID: Int

  init(_ configuration: CLIPConfiguration) {
    embeddings = CLIPTextEmbeddings(configuration)
    encoder = CLIPEncoder(configuration.text)
    finalLayerNorm = LayerNorm(configuration.text.hiddenSize, eps: configuration.text.layerNormEps)
    eosTokenID = configuration.eosTokenID
  }

  override func compute(_ tokens: Tensor, mask: Tensor?) -> Tensor {
    require(tokens.rank == 2, "CLIPModel: tokens of shape \(tokens.shape), not (texts, tokens)")
    let causal = AttentionMask.causal(tokens.shape[1], past: 0, padding: mask)
    let hidden = finalLayerNorm(encoder(embeddings(tokens), mask: causal))
    let scores = eosTokenID == 2 ? tokens : (tokens .== Double(eosTokenID)).to(.int64)
    let ends = scores.argmax(-1).reshaped([tokens.shape[0], 1, 1])
    return hidden.gather(1, ends.expanded([tokens.shape[0], 1, hidden.shape[2]])).squeezed([1])
  }
}

private final class CLIPTextEmbeddings: Module {
  private let tokenEmbedding: Embedding
  private let positionEmbedding: Embedding

  init(_ configuration: CLIPConfiguration) {
    let layers = NormalLayers(std: configuration.text.initializerRange)
    tokenEmbedding = layers.embedding(configuration.vocabSize, configuration.text.hiddenSize)
    positionEmbedding = layers.embedding(
      configuration.maxPositionEmbeddings, configuration.text.hiddenSize)
  }

  override func forward(_ input: Tensor) -> Tensor {
    tokenEmbedding(input) + positionEmbedding(Tensor.arange(input.shape[1]))
  }
}

/// Patches and a class token through layers; the features of the class token.
final class CLIPVisionTower: Module {
  private let embeddings: CLIPVisionEmbeddings
  private let preLayrnorm: LayerNorm
  private let encoder: CLIPEncoder
  private let postLayernorm: LayerNorm

  init(_ configuration: CLIPConfiguration) {
    let tower = configuration.vision
    embeddings = CLIPVisionEmbeddings(configuration)
    preLayrnorm = LayerNorm(tower.hiddenSize, eps: tower.layerNormEps)
    encoder = CLIPEncoder(tower)
    postLayernorm = LayerNorm(tower.hiddenSize, eps: tower.layerNormEps)
  }

  override func forward(_ input: Tensor) -> Tensor {
    postLayernorm(encoder(preLayrnorm(embeddings(input)), mask: nil).select(1, 0))
  }
}

private final class CLIPVisionEmbeddings: Module {
  private let classEmbedding: Parameter
  private let patchEmbedding: Conv2d
  private let positionEmbedding: Embedding
  private let imageSize: Int

  init(_ configuration: CLIPConfiguration) {
    let features = configuration.vision.hiddenSize
    let layers = NormalLayers(std: configuration.vision.initializerRange)
    let side = configuration.imageSize / configuration.patchSize
    classEmbedding = NormalLayers(std: 1 / Double(features).squareRoot()).weight([features])
    patchEmbedding = Conv2d(
      configuration.numChannels, features, kernelSize: configuration.patchSize,
      stride: configuration.patchSize, bias: false)
    positionEmbedding = layers.embedding(side * side + 1, features)
    imageSize = configuration.imageSize
  }

  override func forward(_ input: Tensor) -> Tensor {
    require(
      input.rank == 4 && input.shape[2] == imageSize && input.shape[3] == imageSize,
      "CLIPModel: images of shape \(input.shape), not (images, channels, \(imageSize), \(imageSize))"
    )
    let patches = patchEmbedding(input).flattened(from: 2).transposed(1, 2)
    let first = classEmbedding.expanded([input.shape[0], 1, classEmbedding.shape[0]])
    let all = Tensor.concatenated([first, patches], axis: 1)
    return all + positionEmbedding(Tensor.arange(all.shape[1]))
  }
}

/// The layers of a tower.
private final class CLIPEncoder: MaskedModule {
  private let layers: ModuleList<CLIPLayer>

  init(_ tower: CLIPConfiguration.Tower) {
    layers = ModuleList((0..<tower.numHiddenLayers).map { _ in CLIPLayer(tower) })
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    layers.reduce(hidden) { $1($0, mask: mask) }
  }
}

private final class CLIPLayer: MaskedModule {
  private let selfAttn: CLIPAttention
  private let layerNorm1: LayerNorm
  private let mlp: CLIPFeedForward
  private let layerNorm2: LayerNorm

  init(_ tower: CLIPConfiguration.Tower) {
    selfAttn = CLIPAttention(tower)
    layerNorm1 = LayerNorm(tower.hiddenSize, eps: tower.layerNormEps)
    mlp = CLIPFeedForward(tower)
    layerNorm2 = LayerNorm(tower.hiddenSize, eps: tower.layerNormEps)
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    let attended = hidden + selfAttn(layerNorm1(hidden), mask: mask)
    return attended + mlp(layerNorm2(attended))
  }
}

private final class CLIPAttention: MaskedModule {
  private let kProj: Linear
  private let vProj: Linear
  private let qProj: Linear
  private let outProj: Linear
  private let heads: Int
  private let dropout: Double

  init(_ tower: CLIPConfiguration.Tower) {
    let layers = NormalLayers(std: tower.initializerRange)
    kProj = layers.linear(tower.hiddenSize, tower.hiddenSize)
    vProj = layers.linear(tower.hiddenSize, tower.hiddenSize)
    qProj = layers.linear(tower.hiddenSize, tower.hiddenSize)
    outProj = layers.linear(tower.hiddenSize, tower.hiddenSize)
    heads = tower.numAttentionHeads
    dropout = tower.attentionDropout
  }

  override func compute(_ hidden: Tensor, mask: Tensor?) -> Tensor {
    outProj(
      qProj(hidden).splitIntoHeads(heads).scaledDotProductAttention(
        kProj(hidden).splitIntoHeads(heads), vProj(hidden).splitIntoHeads(heads), mask: mask,
        dropout: isTraining ? dropout : 0
      ).joinedHeads())
  }
}

private final class CLIPFeedForward: Module {
  private let fc1: Linear
  private let fc2: Linear
  private let activation: FeedForwardActivation

  init(_ tower: CLIPConfiguration.Tower) {
    let layers = NormalLayers(std: tower.initializerRange)
    fc1 = layers.linear(tower.hiddenSize, tower.intermediateSize)
    fc2 = layers.linear(tower.intermediateSize, tower.hiddenSize)
    activation = tower.hiddenAct
  }

  override func forward(_ input: Tensor) -> Tensor { fc2(activation(fc1(input))) }
}
