import Arrays
import Autograd
import Files

/// An encoder of one sequence and a decoder that makes another of it. Equivalent to
/// `torch.nn.Transformer`.
///
/// Vaswani et al., "Attention is all you need" (2017).
///
/// State dict: `encoder.layers.0.…`, …, `encoder.norm.…` (see ``TransformerEncoder``),
/// `decoder.layers.0.…`, …, `decoder.norm.…` (see ``TransformerDecoder``).
public final class Transformer: Module {
  /// What reads the source.
  public let encoder: TransformerEncoder
  /// What makes the target of it.
  public let decoder: TransformerDecoder
  private let dModel: Int

  /// A model with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of attentions side by side.
  ///   - numEncoderLayers: The number of the encoder's layers.
  ///   - numDecoderLayers: The number of the decoder's layers.
  ///   - options: What the layers have in common.
  public init(
    _ dModel: Int = 512, _ nhead: Int = 8, numEncoderLayers: Int = 6, numDecoderLayers: Int = 6,
    _ options: TransformerOptions = TransformerOptions()
  ) {
    self.dModel = dModel
    func norm() -> LayerNorm {
      LayerNorm([dModel], eps: options.layerNormEps, bias: options.bias)
    }
    encoder = TransformerEncoder(
      TransformerEncoderLayer(dModel, nhead, options), numLayers: numEncoderLayers, norm: norm())
    decoder = TransformerDecoder(
      TransformerDecoderLayer(dModel, nhead, options), numLayers: numDecoderLayers, norm: norm())
    super.init()
    for parameter in parameters() where parameter.rank > 1 {
      Initialization.xavierUniform(parameter)
    }
  }

  /// What the model makes of a source and the target so far, both of (time, batch, features), or
  /// with the batch first if the options say so.
  ///
  /// - Parameters:
  ///   - masks: Of the source's attention to itself.
  ///   - targetMasks: Of the target's attention to itself.
  ///   - memoryMasks: Of the target's attention to what the encoder made.
  public func callAsFunction(
    _ source: Tensor, _ target: Tensor, _ masks: AttentionMasks = AttentionMasks(),
    targetMasks: AttentionMasks = AttentionMasks(), memoryMasks: AttentionMasks = AttentionMasks()
  ) -> Tensor {
    require(
      source.rank == target.rank && source.rank > 0 && source.shape[source.rank - 1] == dModel
        && target.shape[target.rank - 1] == dModel,
      "Transformer: a source of shape \(source.shape) and a target of shape \(target.shape) for "
        + "\(dModel) features")
    return withHooks([source, target]) { inputs in
      [decoder(inputs[1], encoder(inputs[0], masks), targetMasks, memoryMasks: memoryMasks)]
    }[0]
  }

  /// What is added to scores so that a query looks only at keys that are not after it: −∞ above the
  /// diagonal, 0 elsewhere. Equivalent to `torch.nn.Transformer.generate_square_subsequent_mask`.
  public static func generateSquareSubsequentMask(_ length: Int, dtype: DType = .float32) -> Tensor
  {
    Tensor.full([length, length], -.infinity, dtype: dtype).upperTriangle(1)
  }
}
