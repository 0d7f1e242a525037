import Autograd
import Files
import NN

/// A transformer whose attention stays within windows, which shift from block to block. Equivalent
/// to `torchvision.models.swin_t`, `swin_s` and `swin_b`.
///
/// Liu et al., "Swin transformer: hierarchical vision transformer using shifted windows" (2021).
/// The keys are torchvision's: the stem `features.0.0` and `features.0.2`; the stages `features.1`,
/// `features.3`, …, with blocks `features.1.0.norm1`, `.attn.qkv`, `.attn.proj`,
/// `.attn.relative_position_bias_table`, `.attn.relative_position_index`, `.norm2` and `.mlp`;
/// between them `features.2.reduction` and `features.2.norm`, …; then `norm` and `head`. The
/// initial values are too.
public final class SwinTransformer: Module, NamedBySources {
  /// The networks of the family. The raw value is torchvision's name.
  public enum Variant: String, Sendable, CaseIterable {
    /// 12 blocks, with 96 features at first.
    case tiny = "swin_t"
    /// 24 blocks, with 96 features at first.
    case small = "swin_s"
    /// 24 blocks, with 128 features at first.
    case base = "swin_b"
  }

  /// The numbers that make a network.
  public struct Configuration: Hashable, Sendable {
    /// The height and width of a patch.
    public var patchSize = [4, 4]
    /// The number of features of the first stage; each stage has twice those of the one before.
    public var embedDim: Int
    /// The number of blocks of each stage.
    public var depths: [Int]
    /// The number of heads of each stage's attention, which divides the stage's features.
    public var numHeads: [Int]
    /// The height and width of a window, in patches.
    public var windowSize = [7, 7]
    /// How many times wider the inside of a block's linear layers is.
    public var mlpRatio = 4.0
    /// The probability with which a block drops a feature.
    public var dropout = 0.0
    /// The probability with which an attention drops a weight.
    public var attentionDropout = 0.0
    /// The probability with which training drops a branch for an image. It rises evenly from zero,
    /// at the first block, to this, at the last.
    public var stochasticDepth: Double
    /// The number of classes, which is the length of the output.
    public var numClasses = 1000

    /// The configuration of a network of the family.
    public init(_ variant: Variant) {
      (embedDim, stochasticDepth) =
        switch variant {
        case .tiny: (96, 0.2)
        case .small: (96, 0.3)
        case .base: (128, 0.5)
        }
      depths = [2, 2, variant == .tiny ? 6 : 18, 2]
      numHeads = variant == .base ? [4, 8, 16, 32] : [3, 6, 12, 24]
    }
  }

  private let features: Sequential
  private let norm: LayerNorm
  private let head: Linear

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
    let patch = (configuration.patchSize[0], configuration.patchSize[1])
    var width = configuration.embedDim
    features = Sequential(
      Sequential(
        Conv2d(3, width, kernelSize: patch, stride: patch), Permute([0, 2, 3, 1]),
        LayerNorm(width)))
    var dropped = StochasticDepth.rising(
      to: configuration.stochasticDepth, count: configuration.depths.reduce(0, +))[...]
    for (stage, depth) in configuration.depths.enumerated() {
      if stage > 0 {
        features.append(PatchMerging(width))
        width *= 2
      }
      features.append(
        Sequential(
          dropped.prefix(depth).enumerated().map { index, probability in
            SwinBlock(
              width, numHeads: configuration.numHeads[stage], isShifted: !index.isMultiple(of: 2),
              configuration, dropped: probability)
          }))
      dropped = dropped.dropFirst(depth)
    }
    norm = LayerNorm(width)
    head = Linear(width, configuration.numClasses)
    super.init()
    for case let layer as Linear in modules() {
      Initialization.truncNormal(layer.weight, std: 0.02)
      if let bias = layer.bias { Initialization.zeros(bias) }
    }
  }

  /// The scores of the classes, before any softmax.
  ///
  /// - Parameter input: Images, (batch, 3, height, width), of any height and width from one patch
  ///   up: what is no multiple of a window is padded.
  /// - Returns: (batch, classes).
  public override func forward(_ input: Tensor) -> Tensor {
    let pooled = norm(features(input)).permuted([0, 3, 1, 2]).adaptiveAvgPool2d((1, 1))
    return head(pooled.flattened(from: 1))
  }
}

extension SwinTransformer.Configuration: CheckedConfiguration {
  var blockCount: Int { depths.reduce(0, +) }

  var fault: String? {
    guard patchSize.count == 2, windowSize.count == 2, !depths.isEmpty,
      (patchSize + windowSize + depths + numHeads + [embedDim, numClasses])
        .allSatisfy({ $0 > 0 })
    else { return "the lengths of a transformer are positive" }
    guard depths.count == numHeads.count, depths.count <= 8 else {
      return "there are \(depths.count) depths and \(numHeads.count) num_heads, one for each of at "
        + "most 8 stages"
    }
    for (stage, heads) in numHeads.enumerated()
    where !(embedDim << stage).isMultiple(of: heads) {
      return "the \(embedDim << stage) features of stage \(stage) do not divide into \(heads) heads"
    }
    let area = windowSize.reduce(1.0) { $0 * Double($1) }
    let pairs = depths.reduce(0.0) { $0 + Double($1) } * area * area
    guard pairs <= 0x1p27 else {
      return
        "window_size is \(windowSize): the blocks would have \(pairs) pairs of patches in their "
        + "windows, and may have \(0x1p27)"
    }
    guard mlpRatio <= 64, mlpRatio * Double(embedDim) >= 1 else {
      return "mlp_ratio is \(mlpRatio), and should be above 0 and at most 64"
    }
    guard [dropout, attentionDropout, stochasticDepth].allSatisfy((0...1).contains) else {
      return "probabilities are between 0 and 1"
    }
    return nil
  }
}

/// Attention within windows and linear layers, each behind a normalization and beside its input. Of
/// (batch, height, width, features) it makes the same.
final class SwinBlock: Module {
  private let norm1: LayerNorm
  private let attn: WindowAttention
  private let stochasticDepth: StochasticDepth
  private let norm2: LayerNorm
  private let mlp: Sequential

  init(
    _ features: Int, numHeads: Int, isShifted: Bool, _ configuration: SwinTransformer.Configuration,
    dropped: Double
  ) {
    norm1 = LayerNorm(features)
    attn = WindowAttention(features, numHeads: numHeads, isShifted: isShifted, configuration)
    stochasticDepth = StochasticDepth(dropped)
    norm2 = LayerNorm(features)
    mlp = transformerMLP(
      features, hidden: Int(Double(features) * configuration.mlpRatio),
      dropout: configuration.dropout)
  }

  override func forward(_ input: Tensor) -> Tensor {
    let attended = input + stochasticDepth(attn(norm1(input)))
    return attended + stochasticDepth(mlp(norm2(attended)))
  }
}

/// Joins each 2×2 patches into one: of (batch, height, width, features) it makes
/// (batch, ⌈height / 2⌉, ⌈width / 2⌉, 2 · features).
final class PatchMerging: Module {
  private let reduction: Linear
  private let norm: LayerNorm

  init(_ features: Int) {
    reduction = Linear(4 * features, 2 * features, bias: false)
    norm = LayerNorm(4 * features)
  }

  override func forward(_ input: Tensor) -> Tensor {
    let even = input.padded(1, before: 0, after: input.shape[1] % 2)
      .padded(2, before: 0, after: input.shape[2] % 2)
    let (height, width) = (even.shape[1], even.shape[2])
    // Down a column of two patches first, then across.
    let corners = [(0, 0), (1, 0), (0, 1), (1, 1)].map { row, column in
      even.sliced(1, row..<height, step: 2).sliced(2, column..<width, step: 2)
    }
    return reduction(norm(.concatenated(corners, axis: 3)))
  }
}

extension Architecture {
  /// `swin_t`, `swin_s` and `swin_b`.
  static let swinTransformers = SwinTransformer.Variant.allCases.map { variant in
    let defaults = SwinTransformer.Configuration(variant)
    return Architecture(
      variant.rawValue, source: "torchvision.models.\(variant.rawValue)",
      options: [
        "num_classes=1000", "patch_size=4", "embed_dim=\(defaults.embedDim)",
        "depths=\(defaults.depths)", "num_heads=\(defaults.numHeads)", "window_size=7",
        "mlp_ratio=4.0", "dropout=0.0", "attention_dropout=0.0",
        "stochastic_depth_prob=\(defaults.stochasticDepth)",
      ]
    ) { arguments throws(ModelError) in
      var configuration = defaults
      configuration.numClasses = try arguments.length("num_classes", default: 1000)
      configuration.patchSize = try arguments.pair("patch_size", default: 4, minimum: 1)
      configuration.embedDim = try arguments.width("embed_dim", default: defaults.embedDim)
      configuration.depths = try arguments.integers("depths", default: defaults.depths)
      configuration.numHeads = try arguments.integers("num_heads", default: defaults.numHeads)
      configuration.windowSize = try arguments.pair("window_size", default: 7, minimum: 1)
      configuration.mlpRatio = try arguments.number("mlp_ratio", default: 4)
      configuration.dropout = try arguments.probability("dropout", default: 0).layerValue
      configuration.attentionDropout = try arguments.probability("attention_dropout", default: 0)
        .layerValue
      configuration.stochasticDepth = try arguments.probability(
        "stochastic_depth_prob", default: defaults.stochasticDepth
      ).layerValue
      guard (configuration.patchSize + configuration.windowSize).allSatisfy({ $0 <= 64 }) else {
        throw ModelError(reason: "patch_size and window_size are at most 64")
      }
      return SwinTransformer(try configuration.checked())
    }
  }
}
