import Arrays
import Autograd

/// Batches of the samples of a dataset, in order or shuffled. Equivalent to
/// `torch.utils.data.DataLoader` of a `TensorDataset`.
///
/// Each pass over a loader is shuffled anew, as in PyTorch and in the same order: a pass draws two
/// 63-bit numbers from the generator, of which the second seeds a generator of its own that draws
/// the permutation. (The first would seed worker processes.) With a `generator` given, PyTorch
/// draws the permutation from it directly, and so does this loader.
///
/// ```swift
/// for batch in DataLoader(dataset, batchSize: 32, shuffle: true) {
///   train(batch[0], batch[1])
/// }
/// ```
public struct DataLoader: Sequence {
  // `Sequence` has an old name like it for iterators, hence `Autograd.Generator` here.

  /// Where the samples come from.
  public let dataset: TensorDataset
  /// The number of samples in a batch.
  public let batchSize: Int
  /// Whether the samples come in random order.
  public let shuffle: Bool
  /// Whether a last batch that is smaller is left out.
  public let dropLast: Bool
  /// What the order is drawn from; nil for ``Generator/current``, as seeds.
  public let generator: Autograd.Generator?

  /// A loader of a dataset.
  ///
  /// - Parameters:
  ///   - dataset: Where the samples come from.
  ///   - batchSize: The number of samples in a batch.
  ///   - shuffle: Whether they come in random order.
  ///   - dropLast: Whether a last batch that is smaller is left out.
  ///   - generator: What the order is drawn from.
  public init(
    _ dataset: TensorDataset, batchSize: Int = 1, shuffle: Bool = false, dropLast: Bool = false,
    generator: Autograd.Generator? = nil
  ) {
    require(batchSize > 0, "DataLoader: batchSize \(batchSize) must be positive")
    self.dataset = dataset
    self.batchSize = batchSize
    self.shuffle = shuffle
    self.dropLast = dropLast
    self.generator = generator
  }

  /// The number of batches in a pass.
  public var count: Int {
    dropLast ? dataset.count / batchSize : (dataset.count + batchSize - 1) / batchSize
  }

  /// Begins a pass, which draws its order.
  public func makeIterator() -> Iterator {
    let source = generator ?? Autograd.Generator.current
    _ = Self.seed(from: source)
    guard shuffle else { return Iterator(self, Array(0..<dataset.count)) }
    let shuffler = generator ?? Autograd.Generator(seed: Self.seed(from: source))
    return Iterator(self, shuffler.permutation(dataset.count))
  }

  /// A number as PyTorch's `random_` draws it for `int64`.
  private static func seed(from generator: Autograd.Generator) -> UInt64 {
    let high = UInt64(generator.nextUInt32())
    return (high << 32 | UInt64(generator.nextUInt32())) & (1 << 63 - 1)
  }

  /// A pass over the batches of a loader.
  public struct Iterator: IteratorProtocol {
    private let loader: DataLoader
    private let order: [Int]
    private var batch = 0
    private var isOver = false

    init(_ loader: DataLoader, _ order: [Int]) {
      self.loader = loader
      self.order = order
    }

    /// The next batch: of each tensor of the dataset, one of its own.
    public mutating func next() -> [Tensor]? {
      guard batch < loader.count else {
        if !isOver && loader.shuffle {
          // PyTorch draws a last, empty part of a permutation, which only its own generator shows.
          _ = loader.generator?.permutation(order.count)
        }
        isOver = true
        return nil
      }
      let start = batch * loader.batchSize
      batch += 1
      return loader.dataset[Array(order[start..<Swift.min(start + loader.batchSize, order.count)])]
    }
  }
}
