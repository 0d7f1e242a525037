import Arrays
import Autograd
import Files

/// Sums, means or maxima of rows of a table. Equivalent to `torch.nn.EmbeddingBag` with dense gradients.
///
/// State dict: `weight` (count, features).
public final class EmbeddingBag: Module {
  /// What the rows of a bag become.
  public enum Mode: String, Sendable {
    /// Their sum.
    case sum
    /// Their mean; zeros for an empty bag.
    case mean
    /// The maximum of each feature; zeros for an empty bag.
    case max
  }

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
    requireBags(input)
    return reduced(input, starts: (0...input.shape[0]).map { $0 * input.shape[1] }, weights: nil)
  }

  /// The bags of equal length, with a factor for each row.
  ///
  /// - Parameters:
  ///   - input: (bags, length).
  ///   - perSampleWeights: The factors, (bags, length), of the table's type. For sums only.
  /// - Returns: (bags, features).
  public func callAsFunction(_ input: Tensor, perSampleWeights: Tensor) -> Tensor {
    requireBags(input)
    let starts = (0...input.shape[0]).map { $0 * input.shape[1] }
    return withHooks([input, perSampleWeights]) { inputs in
      [reduced(inputs[0], starts: starts, weights: inputs[1])]
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
    require(
      input.rank == 1 && offsets.rank == 1,
      "EmbeddingBag: input of shape \(input.shape) and offsets of \(offsets.shape) have to be 1D")
    var starts = [Int](offsets)
    require(
      starts.first ?? 0 == 0 && zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 }
        && (starts.last ?? 0) <= input.elementCount,
      "EmbeddingBag: offsets \(starts) do not divide \(input.elementCount) indices")
    if includeLastOffset {
      require(
        starts.last == input.elementCount,
        "EmbeddingBag: the last of the offsets \(starts) is not the number of indices, "
          + "\(input.elementCount)")
    } else {
      starts.append(input.elementCount)
    }
    return withHooks([input] + (perSampleWeights.map { [$0] } ?? [])) { inputs in
      [reduced(inputs[0], starts: starts, weights: inputs.count > 1 ? inputs[1] : nil)]
    }[0]
  }

  /// The arguments as PyTorch prints them: `10, 4, mode='mean'`.
  public override var extraDescription: String {
    "\(weight.shape[0]), \(weight.shape[1])" + (maxNorm.map { ", max_norm=\($0)" } ?? "")
      + (normType != 2 ? ", norm_type=\(normType)" : "")
      + (scaleGradByFreq ? ", scale_grad_by_freq=True" : "") + ", mode='\(mode.rawValue)'"
      + (paddingIndex.map { ", padding_idx=\($0)" } ?? "")
  }

  private func requireBags(_ input: Tensor) {
    require(
      input.rank == 2,
      "EmbeddingBag: input of shape \(input.shape) has to be 2D, or 1D with offsets")
  }

  /// What each bag becomes.
  ///
  /// - Parameters:
  ///   - input: The indices, bag after bag.
  ///   - starts: Where each bag begins, and where the last one ends: one number more than bags.
  ///   - weights: The factors, of the shape of `input`.
  /// - Returns: (bags, features).
  private func reduced(_ input: Tensor, starts: [Int], weights: Tensor?) -> Tensor {
    if let weights {
      require(
        mode == .sum,
        "EmbeddingBag: perSampleWeights are for sums only, not for \(mode.rawValue)")
      require(
        weights.shape == input.shape && weights.dtype == weight.dtype,
        "EmbeddingBag: perSampleWeights of shape \(weights.shape) and type \(weights.dtype) have to be of "
          + "the input's, \(input.shape), and of the table's, \(weight.dtype)")
    }
    let bags = starts.count - 1
    var (owners, kept) = ([Int](), [Int]())
    let numbers = paddingIndex == nil ? [] : [Int](input.flattened())
    for bag in 0..<max(bags, 0) {
      for place in starts[bag]..<starts[bag + 1]
      where paddingIndex == nil || numbers[place] != paddingIndex {
        owners.append(bag)
        kept.append(place)
      }
    }
    let places = Tensor(kept)
    var rows = input.flattened().indexSelect(0, places).embedding(
      weight, maxNorm: maxNorm, normType: normType, scaleGradByFreq: scaleGradByFreq)
    if let weights {
      rows = rows * weights.flattened().indexSelect(0, places).unsqueezed(1)
    }
    let none = Tensor.zeros([max(bags, 0), weight.shape[1]], dtype: weight.dtype)
    guard !kept.isEmpty else { return none + rows.sum() }
    switch mode {
    case .sum: return none.indexAdd(0, Tensor(owners), rows)
    case .mean:
      var counts = [Double](repeating: 0, count: bags)
      for owner in owners { counts[owner] += 1 }
      let divisors = Tensor(counts.map { max($0, 1) }, shape: [bags, 1], dtype: .float64)
      return none.indexAdd(0, Tensor(owners), rows) / divisors.to(weight.dtype)
    case .max: return Self.maxima(rows, owners, bags)
    }
  }

  /// The maxima of the rows of each bag; zeros where there are none.
  private static func maxima(_ rows: Tensor, _ owners: [Int], _ bags: Int) -> Tensor {
    var next = 0
    let maxima = (0..<bags).map { bag in
      let first = next
      while next < owners.count && owners[next] == bag { next += 1 }
      return first == next
        ? Tensor.zeros([rows.shape[1]], dtype: rows.dtype)
        : rows.sliced(0, first..<next).max(along: 0).values
    }
    return .stacked(maxima)
  }
}
