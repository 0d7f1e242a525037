import Arrays
import Autograd

/// The function between the two linear layers of a transformer layer.
public enum TransformerActivation: String, Sendable {
  /// A rectifier.
  case relu
  /// The normal distribution's gate.
  case gelu

  func callAsFunction(_ x: Tensor) -> Tensor { self == .relu ? x.relu() : x.gelu() }
}

/// The arguments that the layers of encoder and decoder share.
public struct TransformerOptions: Sendable {
  /// The number of features between the two linear layers.
  public var dimFeedforward = 2048
  /// The probability of zeros in training.
  public var dropout = 0.1
  /// The function between the two linear layers.
  public var activation = TransformerActivation.relu
  /// Added to variances in normalization.
  public var layerNormEps = 1e-5
  /// Whether the batch comes before time.
  public var batchFirst = false
  /// Whether normalization comes before attention and linear layers, not after.
  public var normFirst = false
  /// Whether linear layers and normalization have biases.
  public var bias = true

  /// Options, PyTorch's defaults where there is none.
  ///
  /// - Parameters:
  ///   - dimFeedforward: The number of features between the two linear layers.
  ///   - dropout: The probability of zeros in training.
  ///   - activation: The function between the two linear layers.
  ///   - layerNormEps: Added to variances in normalization.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - normFirst: Whether normalization comes before attention and linear layers, not after.
  ///   - bias: Whether linear layers and normalization have biases.
  public init(
    dimFeedforward: Int = 2048, dropout: Double = 0.1,
    activation: TransformerActivation = .relu, layerNormEps: Double = 1e-5,
    batchFirst: Bool = false, normFirst: Bool = false, bias: Bool = true
  ) {
    self.dimFeedforward = dimFeedforward
    self.dropout = dropout
    self.activation = activation
    self.layerNormEps = layerNormEps
    self.batchFirst = batchFirst
    self.normFirst = normFirst
    self.bias = bias
  }
}

/// Masks of an attention, as ``MultiheadAttention`` takes them.
public struct AttentionMasks {
  /// (queries, keys) or (batch · heads, queries, keys).
  public var attention: Tensor?
  /// (batch, keys).
  public var keyPadding: Tensor?
  /// Whether a query attends only to keys at its own position or before.
  public var isCausal: Bool

  /// These masks.
  public init(attention: Tensor? = nil, keyPadding: Tensor? = nil, isCausal: Bool = false) {
    self.attention = attention
    self.keyPadding = keyPadding
    self.isCausal = isCausal
  }
}

extension MultiheadAttention {
  func callAsFunction(
    _ query: Tensor, _ memory: Tensor, _ masks: AttentionMasks
  ) -> Tensor {
    self(
      query, memory, memory, keyPaddingMask: masks.keyPadding, needWeights: false,
      attentionMask: masks.attention, isCausal: masks.isCausal
    ).output
  }
}

/// Attention of a sequence to itself, then two linear layers. Equivalent to
/// `torch.nn.TransformerEncoderLayer`.
///
/// State dict: `self_attn.…` (see ``MultiheadAttention``), `linear1.…`, `linear2.…`, `norm1.…`,
/// `norm2.…`.
public final class TransformerEncoderLayer: Module {
  private let selfAttn: MultiheadAttention
  private let linear1: Linear
  private let dropout: Dropout
  private let linear2: Linear
  private let norm1: LayerNorm
  private let norm2: LayerNorm
  private let dropout1: Dropout
  private let dropout2: Dropout
  private let options: TransformerOptions

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads, a divisor of `dModel`.
  ///   - options: The other arguments of PyTorch's layer.
  public init(_ dModel: Int, _ nhead: Int, _ options: TransformerOptions = TransformerOptions()) {
    self.options = options
    selfAttn = MultiheadAttention(
      dModel, nhead, dropout: options.dropout, bias: options.bias, batchFirst: options.batchFirst)
    linear1 = Linear(dModel, options.dimFeedforward, bias: options.bias)
    dropout = Dropout(options.dropout)
    linear2 = Linear(options.dimFeedforward, dModel, bias: options.bias)
    norm1 = LayerNorm(dModel, eps: options.layerNormEps, bias: options.bias)
    norm2 = LayerNorm(dModel, eps: options.layerNormEps, bias: options.bias)
    dropout1 = Dropout(options.dropout)
    dropout2 = Dropout(options.dropout)
  }

  /// The output for a sequence of (time, batch, features), without masks.
  public override func forward(_ input: Tensor) -> Tensor { run(input, AttentionMasks()) }

  /// The output for a sequence of (time, batch, features), the batch first if the options say so.
  public func callAsFunction(_ source: Tensor, _ masks: AttentionMasks) -> Tensor {
    withHooks([source]) { [run($0[0], masks)] }[0]
  }

  private func run(_ source: Tensor, _ masks: AttentionMasks) -> Tensor {
    func attend(_ x: Tensor) -> Tensor { dropout1(selfAttn(x, x, masks)) }
    func feed(_ x: Tensor) -> Tensor {
      dropout2(linear2(dropout(options.activation(linear1(x)))))
    }
    guard options.normFirst else {
      let x = norm1(source + attend(source))
      return norm2(x + feed(x))
    }
    let x = source + attend(norm1(source))
    return x + feed(norm2(x))
  }

  /// A layer of the same options and values.
  fileprivate func copy() -> TransformerEncoderLayer {
    duplicate(of: self) {
      TransformerEncoderLayer(selfAttn.embedDim, selfAttn.numHeads, options)
    }
  }
}

/// A new module with the values of another, created without drawing the caller's random numbers.
func duplicate<Layer: Module>(of layer: Layer, _ make: () -> Layer) -> Layer {
  let copy = Generator(seed: 0).use(make)
  noGrad {
    for (to, from) in zip(copy.parameters(), layer.parameters()) where from.device != .meta {
      to.assign(from)
    }
  }
  return copy
}

/// Encoder layers one after the other. Equivalent to `torch.nn.TransformerEncoder`.
///
/// As in PyTorch all layers begin with the values of the one that is given.
///
/// State dict: `layers.0.…`, `layers.1.…`, …, and `norm.…` if there is one.
public final class TransformerEncoder: Module {
  private let layers: ModuleList<TransformerEncoderLayer>
  private let norm: LayerNorm?

  /// An encoder of copies of a layer, with a normalization after the last one if it is given.
  public init(_ layer: TransformerEncoderLayer, numLayers: Int, norm: LayerNorm? = nil) {
    layers = ModuleList((0..<numLayers).map { _ in layer.copy() })
    self.norm = norm
  }

  /// The output for a sequence of (time, batch, features), without masks.
  public override func forward(_ input: Tensor) -> Tensor { run(input, AttentionMasks()) }

  /// The output for a sequence of (time, batch, features), the batch first if the options say so.
  public func callAsFunction(_ source: Tensor, _ masks: AttentionMasks) -> Tensor {
    withHooks([source]) { [run($0[0], masks)] }[0]
  }

  private func run(_ source: Tensor, _ masks: AttentionMasks) -> Tensor {
    var x = source
    for layer in layers { x = layer(x, masks) }
    return norm?(x) ?? x
  }
}
