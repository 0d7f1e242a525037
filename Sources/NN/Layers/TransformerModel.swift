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
  /// The encoder of the source.
  public let encoder: TransformerEncoder
  /// The decoder that generates the target.
  public let decoder: TransformerDecoder
  private let dModel: Int

  /// A model with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - dModel: The number of features.
  ///   - nhead: The number of heads, a divisor of `dModel`.
  ///   - numEncoderLayers: The number of the encoder's layers.
  ///   - numDecoderLayers: The number of the decoder's layers.
  ///   - options: The other arguments of the layers.
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

  /// The decoder's output for a source and the target so far.
  ///
  /// - Parameters:
  ///   - source: (time, batch, features), or (batch, time, features) if the options say so.
  ///   - target: The target so far, likewise.
  ///   - masks: The masks of the source's self-attention.
  ///   - targetMasks: The masks of the target's self-attention.
  ///   - memoryMasks: The masks of the target's attention to the encoder's output.
  /// - Returns: The shape of `target`.
  /// - Precondition: Both sequences have `dModel` features.
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

  /// A mask that permits attention only to the same or earlier positions: −∞ above the diagonal, 0
  /// elsewhere. Equivalent to `torch.nn.Transformer.generate_square_subsequent_mask`.
  ///
  /// - Parameters:
  ///   - length: The number of positions.
  ///   - dtype: The type of the mask.
  /// - Returns: (length, length), to be added to scores.
  public static func generateSquareSubsequentMask(_ length: Int, dtype: DType = .float32) -> Tensor
  {
    Tensor.full([length, length], -.infinity, dtype: dtype).upperTriangle(1)
  }
}
