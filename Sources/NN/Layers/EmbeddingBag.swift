import Arrays
import Autograd
import Files

/// Sums, means or maxima of rows of a table. Equivalent to `torch.nn.EmbeddingBag` with dense gradients.
///
/// State dict: `weight` (count, features).
public final class EmbeddingBag: Module {
  /// What the rows of a bag become.
  public typealias Mode = EmbeddingBagMode

  /// (count, features).
  public var weight: Parameter
  /// What the rows of a bag become.
  public let mode: Mode
  /// The largest norm of a row: longer ones are shortened when they are asked for, in the table itself.
  public let maxNorm: Double?
  /// The order of that norm.
  public let normType: Double
  /// Whether the gradient of a row is divided by how often it was asked for in one call.
  public let scaleGradByFreq: Bool
  /// Whether offsets have one element more, which says where the last bag ends.
  public let includeLastOffset: Bool
  /// A row that counts in no bag, and gets no gradient.
  public let paddingIndex: Int?

  /// A table with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of rows.
  ///   - embeddingDim: The length of a row.
  ///   - maxNorm: The largest norm of a row; longer ones are shortened, in the table itself, when they are
  ///     asked for. None if nil.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it was asked for in one
  ///     call; not with maxima.
  ///   - mode: What the rows of a bag become.
  ///   - includeLastOffset: Whether offsets have one element more, which says where the last bag ends.
  ///   - paddingIndex: A row that counts in no bag, is zero at first and gets no gradient; from the end
  ///     if negative.
  public convenience init(
    _ numEmbeddings: Int, _ embeddingDim: Int, maxNorm: Double? = nil, normType: Double = 2,
    scaleGradByFreq: Bool = false, mode: Mode = .mean, includeLastOffset: Bool = false,
    paddingIndex: Int? = nil
  ) {
    self.init(
      weight: Parameter(Tensor.zeros([numEmbeddings, embeddingDim])), maxNorm: maxNorm,
      normType: normType, scaleGradByFreq: scaleGradByFreq, mode: mode,
      includeLastOffset: includeLastOffset, paddingIndex: paddingIndex)
    resetParameters()
  }

  /// A table over a parameter that exists already, such as that of another layer, with which it is
  /// then tied. It is trained if the parameter is.
  ///
  /// - Parameters:
  ///   - weight: (count, features); other ranks trap.
  ///   - maxNorm: The largest norm of a row; longer ones are shortened, in the table itself, when they are
  ///     asked for. None if nil.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it was asked for in one
  ///     call; not with maxima.
  ///   - mode: What the rows of a bag become.
  ///   - includeLastOffset: Whether offsets have one element more, which says where the last bag ends.
  ///   - paddingIndex: A row that counts in no bag and gets no gradient; from the end if negative.
  public init(
    weight: Parameter, maxNorm: Double? = nil, normType: Double = 2, scaleGradByFreq: Bool = false,
    mode: Mode = .mean, includeLastOffset: Bool = false, paddingIndex: Int? = nil
  ) {
    require(weight.rank == 2, "EmbeddingBag: a weight of shape \(weight.shape) is no table")
    let count = weight.shape[0]
    require(
      paddingIndex.map { (-count..<count).contains($0) } ?? true,
      "EmbeddingBag: padding index \(paddingIndex ?? 0) is not among \(count) rows")
    require(
      !scaleGradByFreq || mode != .max,
      "EmbeddingBag: max mode does not support scaling the gradient by the frequency")
    (self.weight, self.mode) = (weight, mode)
    (self.maxNorm, self.normType, self.scaleGradByFreq) = (maxNorm, normType, scaleGradByFreq)
    self.includeLastOffset = includeLastOffset
    self.paddingIndex = paddingIndex.map { $0 < 0 ? $0 + count : $0 }
  }

  /// A table of given vectors, which is not trained unless told. Equivalent to
  /// `torch.nn.EmbeddingBag.from_pretrained`.
  ///
  /// - Parameters:
  ///   - embeddings: (count, features), whose memory is shared; other ranks trap.
  ///   - freeze: Whether the table stays as it is. If false, it is trained.
  ///   - maxNorm: The largest norm of a row; longer ones are shortened, in the table itself, when they are
  ///     asked for. None if nil.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it was asked for in one
  ///     call; not with maxima.
  ///   - mode: What the rows of a bag become.
  ///   - includeLastOffset: Whether offsets have one element more, which says where the last bag ends.
  ///   - paddingIndex: A row that counts in no bag and gets no gradient; from the end if negative.
  public static func fromPretrained(
    _ embeddings: Tensor, freeze: Bool = true, maxNorm: Double? = nil, normType: Double = 2,
    scaleGradByFreq: Bool = false, mode: Mode = .mean, includeLastOffset: Bool = false,
    paddingIndex: Int? = nil
  ) -> EmbeddingBag {
    EmbeddingBag(
      weight: Parameter(embeddings, requiresGrad: !freeze), maxNorm: maxNorm, normType: normType,
      scaleGradByFreq: scaleGradByFreq, mode: mode, includeLastOffset: includeLastOffset,
      paddingIndex: paddingIndex)
  }

  /// Sets the initial values again, from the current random generator.
  public func resetParameters() { Initialization.table(weight, paddingIndex: paddingIndex) }

  /// (bags, features) for integers of shape (bags, length).
  public override func forward(_ input: Tensor) -> Tensor {
    reduced(input, offsets: nil, weights: nil)
  }

  /// The bags of equal length, with a factor for each row.
  ///
  /// - Parameters:
  ///   - input: (bags, length).
  ///   - perSampleWeights: The factors, (bags, length), of the table's type. For sums only.
  /// - Returns: (bags, features).
  public func callAsFunction(_ input: Tensor, perSampleWeights: Tensor) -> Tensor {
    withHooks([input, perSampleWeights]) { inputs in
      [reduced(inputs[0], offsets: nil, weights: inputs[1])]
    }[0]
  }

  /// The bags of a list of integers.
  ///
  /// - Parameters:
  ///   - input: (count,).
  ///   - offsets: Where each bag begins, in ascending order from 0: (bags,), or (bags + 1,) with the end of
  ///     the last one if ``includeLastOffset``.
  ///   - perSampleWeights: A factor for each row, (count,), of the table's type. For sums only.
  /// - Returns: (bags, features).
  public func callAsFunction(
    _ input: Tensor, offsets: Tensor, perSampleWeights: Tensor? = nil
  ) -> Tensor {
    withHooks([input, offsets] + (perSampleWeights.map { [$0] } ?? [])) { inputs in
      [reduced(inputs[0], offsets: inputs[1], weights: inputs.count > 2 ? inputs[2] : nil)]
    }[0]
  }

  private func reduced(_ input: Tensor, offsets: Tensor?, weights: Tensor?) -> Tensor {
    input.embeddingBag(
      weight, offsets: offsets, maxNorm: maxNorm, normType: normType,
      scaleGradByFreq: scaleGradByFreq, mode: mode, perSampleWeights: weights,
      includeLastOffset: includeLastOffset, paddingIndex: paddingIndex)
  }

  /// The arguments as PyTorch prints them: `10, 4, mode='mean'`.
  public override var extraDescription: String {
    "\(weight.shape[0]), \(weight.shape[1])" + (maxNorm.map { ", max_norm=\($0)" } ?? "")
      + (normType != 2 ? ", norm_type=\(normType)" : "")
      + (scaleGradByFreq ? ", scale_grad_by_freq=True" : "") + ", mode='\(mode.rawValue)'"
      + (paddingIndex.map { ", padding_idx=\($0)" } ?? "")
  }
}
