import Arrays
import Autograd
import Files

/// Samples by index, each of one or more tensors. Equivalent to `torch.utils.data.Dataset` with
/// `__getitems__`: a batch is asked for at once.
public protocol Dataset {
  /// The number of samples.
  var count: Int { get }
  /// The samples at the given indices: for each tensor of a sample, one with a first dimension for the
  /// samples.
  subscript(indices: [Int]) -> [Tensor] { get }
}

extension Dataset {
  /// One sample: its tensors, without a dimension for samples. A negative index counts from the end;
  /// one that does not exist traps.
  public subscript(index: Int) -> [Tensor] {
    require(
      (-count..<count).contains(index), "Dataset: there is no sample \(index) of \(count)")
    return self[[index]].map { $0.select(0, 0) }
  }
}

/// Some of the samples of a dataset. Equivalent to `torch.utils.data.Subset`.
public struct Subset: Dataset {
  /// Where the samples come from.
  public let dataset: any Dataset
  /// Which of its samples these are.
  public let indices: [Int]

  /// Some of the samples of a dataset.
  ///
  /// - Parameters:
  ///   - dataset: Where the samples come from.
  ///   - indices: Which of its samples, in this order; negative ones count from the end. Those that do
  ///     not exist trap.
  public init(_ dataset: any Dataset, _ indices: [Int]) {
    let count = dataset.count
    require(
      indices.allSatisfy { (-count..<count).contains($0) },
      "Subset: an index is out of range for \(count) samples")
    self.dataset = dataset
    self.indices = indices
  }

  /// The number of samples.
  public var count: Int { indices.count }

  /// The samples at the given indices of this subset. Negative ones count from the end; those out of
  /// range trap.
  public subscript(positions: [Int]) -> [Tensor] {
    dataset[positions.map { indices[$0 < 0 ? $0 + count : $0] }]
  }
}

/// Datasets one after the other. Equivalent to `torch.utils.data.ConcatDataset`.
public struct ConcatDataset: Dataset {
  /// The datasets, in order.
  public let datasets: [any Dataset]

  /// Datasets one after the other.
  ///
  /// - Parameter datasets: At least one.
  public init(_ datasets: [any Dataset]) {
    require(!datasets.isEmpty, "ConcatDataset: datasets should not be an empty iterable")
    self.datasets = datasets
  }

  /// The number of samples.
  public var count: Int { datasets.reduce(0) { $0 + $1.count } }

  /// The samples at the given indices, in that order. Negative ones count from the end; those out of
  /// range trap.
  public subscript(indices: [Int]) -> [Tensor] {
    let samples = indices.map { index -> [Tensor] in
      var rest = index < 0 ? index + count : index
      for dataset in datasets {
        if rest < dataset.count && rest >= 0 { return dataset[[rest]] }
        rest -= dataset.count
      }
      trap("ConcatDataset: there is no sample \(index) of \(count)")
    }
    guard let first = samples.first else { return datasets[0][[]] }
    return first.indices.map { part in Tensor.concatenated(samples.map { $0[part] }) }
  }
}

/// A dataset divided at random. Equivalent to `torch.utils.data.random_split`, with its order.
///
/// - Parameters:
///   - dataset: The dataset.
///   - lengths: The number of samples of each part.
///   - generator: The source of the order.
/// - Precondition: The lengths add up to the number of samples.
public func randomSplit(
  _ dataset: any Dataset, _ lengths: [Int], generator: Autograd.Generator = .current
) -> [Subset] {
  require(
    lengths.allSatisfy { $0 >= 0 } && lengths.reduce(0, +) == dataset.count,
    "randomSplit: sum of input lengths \(lengths) does not equal the length of the dataset, "
      + "\(dataset.count)")
  let order = generator.permutation(dataset.count)
  var start = 0
  return lengths.map { length in
    defer { start += length }
    return Subset(dataset, Array(order[start..<start + length]))
  }
}

/// Indices drawn with weights. Equivalent to `torch.utils.data.WeightedRandomSampler`, but for the
/// random numbers.
///
/// ```swift
/// let batch = dataset[Array(WeightedRandomSampler(weights, 32))]
/// ```
public struct WeightedRandomSampler: Sequence {
  /// The weight of each index.
  public let weights: [Double]
  /// The number of indices in a pass.
  public let count: Int
  /// Whether an index may be drawn again in a pass.
  public let replacement: Bool

  /// A sampler.
  ///
  /// - Parameters:
  ///   - weights: The weight of each index, not negative, not all zero.
  ///   - count: The number of indices in a pass, positive.
  ///   - replacement: Whether an index may be drawn again in a pass.
  public init(_ weights: [Double], _ count: Int, replacement: Bool = true) {
    require(count > 0, "WeightedRandomSampler: count \(count) should be positive")
    self.weights = weights
    self.count = count
    self.replacement = replacement
  }

  /// Draws the indices of a pass from the current generator.
  public func makeIterator() -> IndexingIterator<[Int]> {
    [Int](
      Tensor.multinomial(Tensor(weights, dtype: .float64), count, replacement: replacement)
    ).makeIterator()
  }
}
