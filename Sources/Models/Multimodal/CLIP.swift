import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// A model that compares texts and images. Equivalent to `CLIPModel` of Hugging Face transformers.
///
/// Radford et al., "Learning transferable visual models from natural language supervision" (2021).
///
/// State dict, with the keys of the reference: `logit_scale`; under `text_model`
/// `embeddings.token_embedding.weight`, `embeddings.position_embedding.weight` and
/// `final_layer_norm`; under `vision_model` `embeddings.class_embedding`,
/// `embeddings.patch_embedding.weight`, `embeddings.position_embedding.weight`, `pre_layrnorm` (sic)
/// and `post_layernorm`; in both, for each layer, `encoder.layers.N.self_attn.k_proj` (`v_proj`,
/// `q_proj`, `out_proj`), `layer_norm1`, `mlp.fc1`, `mlp.fc2` and `layer_norm2`;
/// `visual_projection.weight` and `text_projection.weight`. Files of earlier versions, which have
/// `embeddings.position_ids`, load as well.
///
/// ```swift
/// let output = CLIPModel().eval()(ids, attentionMask: mask, pixelValues: images)
/// output.logitsPerImage.softmax(-1)            // (images, texts)
/// ```
public final class CLIPModel: Module, NamedInputs, NamedBySources {
  /// What a call returns.
  public struct Output {
    /// The similarity of each image to each text, (images, texts).
    public let logitsPerImage: Tensor
    /// The same, (texts, images).
    public let logitsPerText: Tensor
    /// The features of the texts, of length 1, (texts, features).
    public let textEmbeds: Tensor
    /// The features of the images, of length 1, (images, features).
    public let imageEmbeds: Tensor
  }

  /// The options.
  public let configuration: CLIPConfiguration
  private let logitScale: Parameter
  private let textModel: CLIPTextTower
  private let visionModel: CLIPVisionTower
  private let visualProjection: Linear
  private let textProjection: Linear

  /// A model with normally distributed weights, but for those of the convolution of patches, which
  /// are uniform, as PyTorch's.
  ///
  /// - Parameter configuration: The options. Those that contradict each other trap.
  public init(_ configuration: CLIPConfiguration = CLIPConfiguration()) {
    if let problem = configuration.problem { trap("CLIPModel: \(problem)") }
    self.configuration = configuration
    logitScale = Parameter(Tensor(configuration.logitScaleInitValue))
    textModel = CLIPTextTower(configuration)
    visionModel = CLIPVisionTower(configuration)
    let (text, vision) = (configuration.text, configuration.vision)
    visualProjection = NormalLayers(std: 1 / Double(vision.hiddenSize).squareRoot())
      .linear(vision.hiddenSize, configuration.projectionDim, bias: false)
    textProjection = NormalLayers(std: 1 / Double(text.hiddenSize).squareRoot())
      .linear(text.hiddenSize, configuration.projectionDim, bias: false)
  }

  /// The similarity of texts and images.
  ///
  /// - Parameters:
  ///   - inputIDs: (texts, tokens): integers below the size of the vocabulary. Each text has the
  ///     token of its end; in one that has not, the first token takes its part, as in the reference.
  ///   - attentionMask: (texts, tokens): zero where a token is padding; nil if none is.
  ///   - pixelValues: (images, channels, height, width), normalized, of the size of the
  ///     configuration.
  public func callAsFunction(
    _ inputIDs: Tensor, attentionMask: Tensor?, pixelValues: Tensor
  ) -> Output {
    let outputs = withHooks(given: [inputIDs, attentionMask, pixelValues]) { inputs in
      let texts = textProjection(textModel(inputs[0] ?? inputIDs, mask: inputs[1])).unitLength()
      let images = visualProjection(visionModel(inputs[2] ?? pixelValues)).unitLength()
      let perText = texts.matmul(images.transposed()) * logitScale.exp()
      return [perText.transposed(), perText, texts, images]
    }
    return Output(
      logitsPerImage: outputs[0], logitsPerText: outputs[1], textEmbeds: outputs[2],
      imageEmbeds: outputs[3])
  }

  /// `input_ids`, `pixel_values` and `attention_mask`.
  public var inputs: [ModelInput] {
    let shape: [ModelInput.Length] = [
      "texts", .any("tokens", atMost: configuration.maxPositionEmbeddings),
    ]
    return [
      ModelInput("input_ids", .integers(below: configuration.vocabSize), shape),
      ModelInput(
        "pixel_values", .numbers,
        [
          "images", .exactly(configuration.numChannels), .exactly(configuration.imageSize),
          .exactly(configuration.imageSize),
        ]),
      ModelInput("attention_mask", .mask, shape, isOptional: true),
    ]
  }

  /// Refuses a text without an end, whose features would be those of its first token.
  public func check(_ inputs: CheckedInputs) throws(ModelError) {
    let ids = inputs["input_ids"]
    guard configuration.eosTokenID != 2, ids.device != .meta else { return }
    let end = Int64(configuration.eosTokenID)
    let elements = ids.to(.int64).elements(as: Int64.self)
    let tokens = ids.shape[1]
    for text in 0..<ids.shape[0]
    where !elements[(text * tokens)..<((text + 1) * tokens)].contains(end) {
      throw ModelError(
        input: "input_ids", reason: "text \(text) has no token \(end), by which a text ends")
    }
  }

  /// `logits_per_image`, `logits_per_text`, `text_embeds` and `image_embeds`.
  public func outputs(of inputs: CheckedInputs) -> OrderedDictionary<String, Tensor> {
    let output = self(
      inputs["input_ids"], attentionMask: inputs.optional("attention_mask"),
      pixelValues: inputs["pixel_values"])
    return [
      "logits_per_image": output.logitsPerImage, "logits_per_text": output.logitsPerText,
      "text_embeds": output.textEmbeds, "image_embeds": output.imageEmbeds,
    ]
  }

  /// Takes files of earlier versions, which have the positions.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    state.dropPositions(prefix + "text_model.embeddings.position_ids")
    state.dropPositions(prefix + "vision_model.embeddings.position_ids")
  }
}

extension Tensor {
  /// Each row divided by its length.
  fileprivate final func unitLength() -> Tensor {
    self / square().sum([-1], keepDims: true).sqrt()
  }
}

extension Architecture {
  /// `CLIPModel`, and the sizes that have names.
  static let clips: [Architecture] = {
    let model = Architecture(
      "CLIPModel", source: "transformers.CLIPModel",
      options: [
        "text_config={}", "vision_config={}", "projection_dim=512",
        "logit_scale_init_value=2.6592",
      ]
    ) { arguments throws(ModelError) in CLIPModel(try .init(&arguments)) }
    return [
      model, model.preset("clip-vit-base-patch32", [:]),
      model.preset("clip-vit-base-patch16", ["vision_config": ["patch_size": 16]]),
      model.preset(
        "clip-vit-large-patch14",
        [
          "text_config": [
            "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12,
          ],
          "vision_config": [
            "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
            "num_attention_heads": 16, "patch_size": 14,
          ],
          "projection_dim": 768,
        ]),
    ]
  }()
}
