import Autograd
import Files
import NN
import States

/// A transformer over the patches of an image. Equivalent to `torchvision.models.vit_b_16` and its
/// siblings.
///
/// Dosovitskiy et al., "An image is worth 16×16 words" (2021). The keys are torchvision's:
/// `class_token`, `conv_proj`, `encoder.pos_embedding`, the blocks
/// `encoder.layers.encoder_layer_0.ln_1`, `.self_attention`, `.ln_2` and `.mlp`, then `encoder.ln`
/// and `heads.head`. Files of older versions, which say `mlp.linear_1` and `mlp.linear_2`, load too.
/// The initial values are torchvision's.
public final class VisionTransformer: Module, NamedBySources {
  /// The networks of the family. The raw value is torchvision's name.
  public enum Variant: String, Sendable, CaseIterable {
    /// 12 blocks, patches of 16×16.
    case b16 = "vit_b_16"
    /// 12 blocks, patches of 32×32.
    case b32 = "vit_b_32"
    /// 24 blocks, patches of 16×16.
    case l16 = "vit_l_16"
    /// 24 blocks, patches of 32×32.
    case l32 = "vit_l_32"
    /// 32 blocks, patches of 14×14.
    case h14 = "vit_h_14"
  }

  /// The numbers that make a network.
  public struct Configuration: Hashable, Sendable {
    /// The height and width of an image.
    public var imageSize = 224
    /// The height and width of a patch, which divide those of the image.
    public var patchSize: Int
    /// The number of blocks.
    public var numLayers: Int
    /// The number of heads of each attention, which divides ``hiddenDim``.
    public var numHeads: Int
    /// The number of features of a patch.
    public var hiddenDim: Int
    /// The number of features inside each block's linear layers.
    public var mlpDim: Int
    /// The probability with which a block drops a feature.
    public var dropout = 0.0
    /// The probability with which an attention drops a weight.
    public var attentionDropout = 0.0
    /// The number of classes, which is the length of the output.
    public var numClasses = 1000
    /// The number of features of a layer before the classifier, `heads.pre_logits`; none if nil.
    public var representationSize: Int?

    /// The configuration of a network of the family.
    public init(_ variant: Variant) {
      (patchSize, numLayers, numHeads, hiddenDim) =
        switch variant {
        case .b16: (16, 12, 12, 768)
        case .b32: (32, 12, 12, 768)
        case .l16: (16, 24, 16, 1024)
        case .l32: (32, 24, 16, 1024)
        case .h14: (14, 32, 16, 1280)
        }
      mlpDim = 4 * hiddenDim
    }
  }

  private let classToken: Parameter
  private let convProj: Conv2d
  private let encoder: VisionEncoder
  private let heads: Sequential
  private let imageSize: Int

  /// A network with torchvision's initial values.
  ///
  /// - Parameters:
  ///   - variant: The network.
  ///   - numClasses: The number of classes, which is the length of the output.
  public convenience init(_ variant: Variant, numClasses: Int = 1000) {
    var configuration = Configuration(variant)
    configuration.numClasses = numClasses
    self.init(configuration)
  }

  /// A network with torchvision's initial values.
  ///
  /// - Parameter configuration: Its numbers; such as no network has trap.
  public init(_ configuration: Configuration) {
    configuration.requireFit()
    let features = configuration.hiddenDim
    imageSize = configuration.imageSize
    convProj = Conv2d(
      3, features, kernelSize: configuration.patchSize, stride: configuration.patchSize)
    classToken = Parameter(Tensor.zeros([1, 1, features]))
    encoder = VisionEncoder(configuration)
    let represented = configuration.representationSize
    let preLogits = represented.map { Linear(features, $0) }
    let head = Linear(represented ?? features, configuration.numClasses)
    heads = Sequential()
    if let preLogits {
      heads.add("pre_logits", preLogits)
      heads.add("act", Tanh())
    }
    heads.add("head", head)
    super.init()
    func initialize(_ weight: Parameter, _ bias: Parameter?) {
      let inputs = Double(Initialization.fans(of: weight.shape).input)
      Initialization.truncNormal(weight, std: (1 / inputs).squareRoot())
      if let bias { Initialization.zeros(bias) }
    }
    initialize(convProj.weight, convProj.bias)
    if let preLogits { initialize(preLogits.weight, preLogits.bias) }
    Initialization.zeros(head.weight)
    if let bias = head.bias { Initialization.zeros(bias) }
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, size, size), of exactly the size of the configuration.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    require(
      input.rank == 4 && input.shape[2] == imageSize && input.shape[3] == imageSize,
      "VisionTransformer: images of \(imageSize)×\(imageSize) are expected, not shape "
        + "\(input.shape)")
    let patches = convProj(input).flattened(from: 2).transposed(1, 2)
    let token = classToken.expanded([input.shape[0], 1, patches.shape[2]])
    let features = encoder(.concatenated([token, patches], axis: 1))
    return heads(features.sliced(1, 0..<1).squeezed([1]))
  }
}

extension VisionTransformer.Configuration: CheckedConfiguration {
  var blockCount: Int { numLayers }

  var fault: String? {
    guard
      [imageSize, patchSize, numHeads, hiddenDim, mlpDim, numClasses, representationSize ?? 1]
        .allSatisfy({ $0 > 0 }), numLayers >= 0
    else { return "the lengths of a transformer are positive" }
    guard imageSize.isMultiple(of: patchSize) else {
      return "image_size \(imageSize) does not divide into patches of \(patchSize)"
    }
    guard hiddenDim.isMultiple(of: numHeads) else {
      return "hidden_dim \(hiddenDim) does not divide into \(numHeads) heads"
    }
    guard (0...1).contains(dropout), (0...1).contains(attentionDropout) else {
      return "dropout and attention_dropout are between 0 and 1"
    }
    return nil
  }
}

/// Learned positions and the blocks, with a normalization at the end.
final class VisionEncoder: Module {
  private let posEmbedding: Parameter
  private let dropout: Dropout
  private let layers: Sequential
  private let ln: LayerNorm

  init(_ configuration: VisionTransformer.Configuration) {
    let side = configuration.imageSize / configuration.patchSize
    posEmbedding = Parameter(Tensor.zeros([1, side * side + 1, configuration.hiddenDim]))
    Initialization.normal(posEmbedding, std: 0.02)
    dropout = Dropout(configuration.dropout)
    layers = Sequential()
    for index in 0..<configuration.numLayers {
      layers.add("encoder_layer_\(index)", VisionEncoderBlock(configuration))
    }
    ln = LayerNorm(configuration.hiddenDim, eps: 1e-6)
  }

  override func forward(_ input: Tensor) -> Tensor {
    ln(layers(dropout(input + posEmbedding)))
  }
}

/// Self-attention and linear layers, each behind a normalization and beside its input.
final class VisionEncoderBlock: Module {
  private let ln1: LayerNorm
  private let selfAttention: MultiheadAttention
  private let dropout: Dropout
  private let ln2: LayerNorm
  private let mlp: VisionMLP

  init(_ configuration: VisionTransformer.Configuration) {
    let features = configuration.hiddenDim
    ln1 = LayerNorm(features, eps: 1e-6)
    selfAttention = MultiheadAttention(
      features, configuration.numHeads, dropout: configuration.attentionDropout, batchFirst: true)
    dropout = Dropout(configuration.dropout)
    ln2 = LayerNorm(features, eps: 1e-6)
    mlp = VisionMLP(features, hidden: configuration.mlpDim, dropout: configuration.dropout)
  }

  override class var stateKeyOverrides: [String: String] { ["ln1": "ln_1", "ln2": "ln_2"] }

  override func forward(_ input: Tensor) -> Tensor {
    let x = ln1(input)
    let attended = dropout(selfAttention(x, x, x, needWeights: false).output) + input
    return attended + mlp(ln2(attended))
  }
}

/// The linear layers of a block, whose keys were others in version 1.
final class VisionMLP: Module {
  private let layers: Sequential

  init(_ features: Int, hidden: Int, dropout: Double) {
    layers = transformerMLP(features, hidden: hidden, dropout: dropout)
  }

  override class var stateVersion: Int { 2 }

  override func members() -> [Member] { layers.members() }

  override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    guard (version ?? 1) < 2 else { return }
    for (old, new) in [("linear_1", "0"), ("linear_2", "3")] {
      for tensor in ["weight", "bias"] {
        guard let entry = state.entries.removeValue(forKey: "\(prefix)\(old).\(tensor)") else {
          continue
        }
        state.entries["\(prefix)\(new).\(tensor)"] = entry
      }
    }
  }

  override func forward(_ input: Tensor) -> Tensor { layers(input) }
}

extension VisionTransformer {
  /// Those of timm's and transformers' files.
  public var namings: [KeyNaming] {
    KeyNaming.builtIn("torchvision-vit-from-timm")
      + KeyNaming.builtIn(
        "torchvision-vit-from-huggingface",
        remark: "that source normalises layers with 1e-12 by default, this model with 1e-6")
  }
}

extension Architecture {
  /// `vit_b_16` to `vit_h_14`.
  static let visionTransformers = VisionTransformer.Variant.allCases.map { variant in
    let defaults = VisionTransformer.Configuration(variant)
    return Architecture(
      variant.rawValue, source: "torchvision.models.\(variant.rawValue)",
      options: [
        "num_classes=1000", "image_size=224", "patch_size=\(defaults.patchSize)",
        "num_layers=\(defaults.numLayers)", "num_heads=\(defaults.numHeads)",
        "hidden_dim=\(defaults.hiddenDim)", "mlp_dim=\(defaults.mlpDim)", "dropout=0.0",
        "attention_dropout=0.0", "representation_size=null",
      ]
    ) { arguments throws(ModelError) in
      var configuration = defaults
      configuration.numClasses = try arguments.length("num_classes", default: 1000)
      configuration.imageSize = try arguments.width("image_size", default: 224)
      configuration.patchSize = try arguments.width("patch_size", default: defaults.patchSize)
      configuration.numLayers = try arguments.width("num_layers", default: defaults.numLayers)
      configuration.numHeads = try arguments.width("num_heads", default: defaults.numHeads)
      configuration.hiddenDim = try arguments.width("hidden_dim", default: defaults.hiddenDim)
      configuration.mlpDim = try arguments.width("mlp_dim", default: defaults.mlpDim)
      configuration.dropout = try arguments.probability("dropout", default: 0).layerValue
      configuration.attentionDropout = try arguments.probability("attention_dropout", default: 0)
        .layerValue
      configuration.representationSize = try arguments.optionalInteger(
        "representation_size", in: 1..<(1 << 14) + 1)
      return VisionTransformer(try configuration.checked())
    }
  }
}
