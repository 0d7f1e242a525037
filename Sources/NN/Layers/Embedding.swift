import Arrays
import Autograd
import Files
import Kernels

/// A table of vectors. Equivalent to `torch.nn.Embedding` with dense gradients.
///
/// State dict: `weight` (count, features).
/// ``fromPretrained(_:freeze:paddingIndex:maxNorm:normType:scaleGradByFreq:)`` makes a table that is not trained, and
/// ``init(weight:paddingIndex:maxNorm:normType:scaleGradByFreq:)`` one over a parameter, which is.
public final class Embedding: Module {
  /// (count, features).
  public var weight: Parameter
  /// A row that is zero at first and gets no gradient.
  public let paddingIndex: Int?
  /// The largest norm of a row: longer ones are shortened when they are asked for, in the table itself.
  public let maxNorm: Double?
  /// The order of that norm.
  public let normType: Double
  /// Whether the gradient of a row is divided by how often it was asked for in one call.
  public let scaleGradByFreq: Bool

  /// A table with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of rows.
  ///   - embeddingDim: The length of a row.
  ///   - paddingIndex: A row that is zero at first and gets no gradient; from the end if negative.
  ///   - maxNorm: The largest norm of a row; longer ones are shortened, in the table itself, when they are
  ///     asked for. None if nil.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it was asked for in one
  ///     call.
  public init(
    _ numEmbeddings: Int, _ embeddingDim: Int, paddingIndex: Int? = nil,
    maxNorm: Double? = nil, normType: Double = 2, scaleGradByFreq: Bool = false
  ) {
    require(
      paddingIndex.map { (-numEmbeddings..<numEmbeddings).contains($0) } ?? true,
      "Embedding: padding index \(paddingIndex ?? 0) is not among \(numEmbeddings) rows")
    self.paddingIndex = paddingIndex.map { $0 < 0 ? $0 + numEmbeddings : $0 }
    (self.maxNorm, self.normType, self.scaleGradByFreq) = (maxNorm, normType, scaleGradByFreq)
    weight = Parameter(Tensor.zeros([numEmbeddings, embeddingDim]))
    super.init()
    resetParameters()
  }

  /// A table with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of rows.
  ///   - embeddingDim: The length of a row.
  ///   - paddingIndex: A row that is zero at first and gets no gradient; from the end if negative.
  ///   - maxNorm: The largest norm of a row; longer ones are shortened, in the table itself, when they are
  ///     asked for. None if nil.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it was asked for in one
  ///     call.
  public convenience init(
    numEmbeddings: Int, embeddingDim: Int, paddingIndex: Int? = nil,
    maxNorm: Double? = nil, normType: Double = 2, scaleGradByFreq: Bool = false
  ) {
    self.init(
      numEmbeddings, embeddingDim, paddingIndex: paddingIndex, maxNorm: maxNorm,
      normType: normType, scaleGradByFreq: scaleGradByFreq)
  }

  /// A table over a parameter that exists already, such as that of another layer, with which it is
  /// then tied. It is trained if the parameter is.
  ///
  /// Equivalent to making a `torch.nn.Embedding` and assigning its `weight`. For a table that is not
  /// trained, which `from_pretrained` makes by default, see ``fromPretrained(_:freeze:paddingIndex:maxNorm:normType:scaleGradByFreq:)``.
  ///
  /// - Parameters:
  ///   - weight: (count, features); other ranks trap.
  ///   - paddingIndex: A row that gets no gradient; from the end if negative.
  ///   - maxNorm: The largest norm of a row; longer ones are shortened, in the table itself, when they are
  ///     asked for. None if nil.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it was asked for in one
  ///     call.
  public init(
    weight: Parameter, paddingIndex: Int? = nil,
    maxNorm: Double? = nil, normType: Double = 2, scaleGradByFreq: Bool = false
  ) {
    require(
      weight.rank == 2
        && (paddingIndex.map { (-weight.shape[0]..<weight.shape[0]).contains($0) } ?? true),
      "Embedding: a weight of shape \(weight.shape) is no table, or has no row "
        + "\(paddingIndex ?? 0)")
    self.paddingIndex = paddingIndex.map { $0 < 0 ? $0 + weight.shape[0] : $0 }
    (self.maxNorm, self.normType, self.scaleGradByFreq) = (maxNorm, normType, scaleGradByFreq)
    self.weight = weight
  }

  /// A table of given vectors, which is not trained unless told. Equivalent to
  /// `torch.nn.Embedding.from_pretrained`.
  ///
  /// - Parameters:
  ///   - embeddings: (count, features), whose memory is shared; other ranks trap.
  ///   - freeze: Whether the table stays as it is. If false, it is trained.
  ///   - paddingIndex: A row that gets no gradient; from the end if negative.
  ///   - maxNorm: The largest norm of a row; longer ones are shortened, in the table itself, when they are
  ///     asked for. None if nil.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it was asked for in one
  ///     call.
  public static func fromPretrained(
    _ embeddings: Tensor, freeze: Bool = true, paddingIndex: Int? = nil,
    maxNorm: Double? = nil, normType: Double = 2, scaleGradByFreq: Bool = false
  ) -> Embedding {
    Embedding(
      weight: Parameter(embeddings, requiresGrad: !freeze), paddingIndex: paddingIndex,
      maxNorm: maxNorm, normType: normType, scaleGradByFreq: scaleGradByFreq)
  }

  /// Sets the initial values again, from the current random generator.
  public func resetParameters() { Initialization.table(weight, paddingIndex: paddingIndex) }

  /// (…, features) for integers of shape (…).
  public override func forward(_ input: Tensor) -> Tensor {
    input.embedding(
      weight, paddingIndex: paddingIndex, maxNorm: maxNorm, normType: normType,
      scaleGradByFreq: scaleGradByFreq)
  }

  /// The arguments as PyTorch prints them: `10, 4, padding_idx=0`.
  public override var extraDescription: String {
    "\(weight.shape[0]), \(weight.shape[1])"
      + (paddingIndex.map { ", padding_idx=\($0)" } ?? "")
      + (maxNorm.map { ", max_norm=\($0)" } ?? "")
      + (normType != 2 ? ", norm_type=\(normType)" : "")
      + (scaleGradByFreq ? ", scale_grad_by_freq=True" : "")
  }
}

extension Initialization {
  /// Normally distributed rows, and zeros in the padding's.
  static func table(_ weight: Parameter, paddingIndex: Int?) {
    normal(weight)
    guard let paddingIndex, weight.device != .meta else { return }
    noGrad { _ = weight[paddingIndex].zero_() }
  }
}
