import Arrays
import Autograd

/// Attention of a sequence to itself, then to another, then two linear layers. Equivalent to
/// `torch.nn.TransformerDecoderLayer`.
///
/// State dict: `self_attn.…` and `multihead_attn.…` (see ``MultiheadAttention``), `linear1.…`,
/// `linear2.…`, `norm1.…`, `norm2.…`, `norm3.…`.
public final class TransformerDecoderLayer: Module {
  private let selfAttn: MultiheadAttention
  private let multiheadAttn: MultiheadAttention
  private let linear1: Linear
  private let dropout: Dropout
  private let linear2: Linear
  private let norm1: LayerNorm
  private let norm2: LayerNorm
  private let norm3: LayerNorm
  private let dropout1: Dropout
  private let dropout2: Dropout
  private let dropout3: Dropout
  private let options: TransformerOptions

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads, a divisor of `dModel`.
  ///   - options: The other arguments of PyTorch's layer.
  public init(_ dModel: Int, _ nhead: Int, _ options: TransformerOptions = TransformerOptions()) {
    self.options = options
    func attention() -> MultiheadAttention {
      MultiheadAttention(
        dModel, nhead, dropout: options.dropout, bias: options.bias,
        batchFirst: options.batchFirst)
    }
    func norm() -> LayerNorm {
      LayerNorm(dModel, eps: options.layerNormEps, bias: options.bias)
    }
    selfAttn = attention()
    multiheadAttn = attention()
    linear1 = Linear(dModel, options.dimFeedforward, bias: options.bias)
    dropout = Dropout(options.dropout)
    linear2 = Linear(options.dimFeedforward, dModel, bias: options.bias)
    norm1 = norm()
    norm2 = norm()
    norm3 = norm()
    dropout1 = Dropout(options.dropout)
    dropout2 = Dropout(options.dropout)
    dropout3 = Dropout(options.dropout)
  }

  /// The output for a target sequence and the output of an encoder.
  ///
  /// - Parameters:
  ///   - target: (time, batch, features), the batch first if the options say so.
  ///   - memory: The output of an encoder, likewise.
  ///   - masks: The masks of the target's self-attention.
  ///   - memoryMasks: The masks of the attention to `memory`.
  public func callAsFunction(
    _ target: Tensor, _ memory: Tensor, _ masks: AttentionMasks = AttentionMasks(),
    memoryMasks: AttentionMasks = AttentionMasks()
  ) -> Tensor {
    withHooks([target, memory]) { [run($0[0], $0[1], masks, memoryMasks)] }[0]
  }

  private func run(
    _ target: Tensor, _ memory: Tensor, _ masks: AttentionMasks, _ memoryMasks: AttentionMasks
  ) -> Tensor {
    func attend(_ x: Tensor) -> Tensor { dropout1(selfAttn(x, x, masks)) }
    func look(_ x: Tensor) -> Tensor { dropout2(multiheadAttn(x, memory, memoryMasks)) }
    func feed(_ x: Tensor) -> Tensor {
      dropout3(linear2(dropout(options.activation(linear1(x)))))
    }
    guard options.normFirst else {
      var x = norm1(target + attend(target))
      x = norm2(x + look(x))
      return norm3(x + feed(x))
    }
    var x = target + attend(norm1(target))
    x = x + look(norm2(x))
    return x + feed(norm3(x))
  }

  /// A layer of the same options and values.
  fileprivate func copy() -> TransformerDecoderLayer {
    duplicate(of: self) {
      TransformerDecoderLayer(selfAttn.embedDim, selfAttn.numHeads, options)
    }
  }
}

/// Decoder layers one after the other. Equivalent to `torch.nn.TransformerDecoder`.
///
/// As in PyTorch all layers begin with the values of the one that is given.
///
/// State dict: `layers.0.…`, `layers.1.…`, …, and `norm.…` if there is one.
public final class TransformerDecoder: Module {
  private let layers: ModuleList<TransformerDecoderLayer>
  private let norm: LayerNorm?

  /// A decoder of copies of a layer, with a normalization after the last one if it is given.
  public init(_ layer: TransformerDecoderLayer, numLayers: Int, norm: LayerNorm? = nil) {
    layers = ModuleList((0..<numLayers).map { _ in layer.copy() })
    self.norm = norm
  }

  /// The output for a target sequence and the output of an encoder.
  ///
  /// - Parameters:
  ///   - target: (time, batch, features), the batch first if the options say so.
  ///   - memory: The output of an encoder, likewise.
  ///   - masks: The masks of the target's self-attention.
  ///   - memoryMasks: The masks of the attention to `memory`.
  public func callAsFunction(
    _ target: Tensor, _ memory: Tensor, _ masks: AttentionMasks = AttentionMasks(),
    memoryMasks: AttentionMasks = AttentionMasks()
  ) -> Tensor {
    withHooks([target, memory]) { inputs in
      var x = inputs[0]
      for layer in layers {
        x = layer(x, inputs[1], masks, memoryMasks: memoryMasks)
      }
      return [norm?(x) ?? x]
    }[0]
  }
}
