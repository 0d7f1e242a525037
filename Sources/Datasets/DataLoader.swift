import Arrays
import Autograd
import Files

/// Batches of the samples of a dataset, in order or shuffled. Equivalent to
/// `torch.utils.data.DataLoader` without worker processes.
///
/// Each pass is shuffled anew, as in PyTorch and in the same order: a pass draws two 63-bit numbers
/// from the generator, the second of which seeds a new generator that draws the permutation. (The
/// first would seed worker processes.) If a `generator` is given, PyTorch draws the permutation
/// from it directly, and so does this loader.
///
/// ```swift
/// for batch in DataLoader(dataset, batchSize: 32, shuffle: true) {
///   train(batch[0], batch[1])
/// }
/// ```
///
/// A loader remembers its position in the current pass. Save it with ``stateDict()``, so that a
/// training interrupted in the middle of a pass can resume with the next batch.
public final class DataLoader: Sequence {
  // `Sequence` has an old name like it for iterators, hence `Autograd.Generator` here.

  /// Where the samples come from.
  public let dataset: any Dataset
  /// The number of samples in a batch.
  public let batchSize: Int
  /// Whether the samples come in random order.
  public let shuffle: Bool
  /// Whether an incomplete last batch is omitted.
  public let dropLast: Bool
  /// The source of the order; nil for ``/Autograd/Generator/current``, from which seeds are drawn.
  public let generator: Autograd.Generator?

  /// The pass that was begun last, until it is over.
  private(set) var current: Pass?
  /// A pass from a loaded state, for the next iterator to go on with.
  private var resumed: Pass?

  /// A loader over a dataset.
  ///
  /// - Parameters:
  ///   - dataset: The source of the samples.
  ///   - batchSize: The number of samples in a batch, at least 1; anything less traps.
  ///   - shuffle: Whether the samples come in random order, a new one each pass.
  ///   - dropLast: Whether an incomplete last batch is omitted.
  ///   - numWorkers: As in PyTorch it changes nothing about the batches; here there are no worker
  ///     processes, so it is not used.
  ///   - generator: The source of the order; nil for the current generator.
  public init(
    _ dataset: some Dataset, batchSize: Int = 1, shuffle: Bool = false, dropLast: Bool = false,
    numWorkers: Int = 0, generator: Autograd.Generator? = nil
  ) {
    require(batchSize > 0, "DataLoader: batchSize \(batchSize) must be positive")
    self.dataset = dataset
    self.batchSize = batchSize
    self.shuffle = shuffle
    self.dropLast = dropLast
    self.generator = generator
  }

  /// The number of batches in a pass, an incomplete last one included unless it is dropped.
  public var count: Int {
    dropLast ? dataset.count / batchSize : (dataset.count + batchSize - 1) / batchSize
  }

  /// Starts a pass and draws its order, or resumes the pass given by ``loadStateDict(_:)``.
  public func makeIterator() -> Iterator {
    let pass = resumed ?? begin()
    resumed = nil
    current = pass
    return Iterator(self, pass)
  }

  private func begin() -> Pass {
    let source = generator ?? Autograd.Generator.current
    _ = Self.seed(from: source)
    guard shuffle else { return Pass(Array(0..<dataset.count), shuffler: nil) }
    let shuffler = generator ?? Autograd.Generator(seed: Self.seed(from: source))
    let start = shuffler.saveState()
    return Pass(shuffler.permutation(dataset.count), shuffler: start)
  }

  /// A number as PyTorch's `random_` draws it for `int64`.
  private static func seed(from generator: Autograd.Generator) -> UInt64 {
    let high = UInt64(generator.nextUInt32())
    return (high << 32 | UInt64(generator.nextUInt32())) & (1 << 63 - 1)
  }

  /// Goes on with a pass from a state, which the next iterator does.
  func resume(_ pass: Pass?) {
    current = nil
    resumed = pass
  }

  /// The pass that ``stateDict()`` describes: the one to be resumed, or else the current one.
  var pass: Pass? { resumed ?? current }

  /// An order of the samples, and how far it has been followed.
  final class Pass {
    let order: [Int]
    /// The state of the generator that the order was drawn from, before it was.
    let shuffler: NDArray?
    /// The number of batches given.
    var batch = 0

    init(_ order: [Int], shuffler: NDArray?) {
      self.order = order
      self.shuffler = shuffler
    }
  }

  /// One pass over the batches of a loader.
  public struct Iterator: IteratorProtocol {
    private let loader: DataLoader
    private let pass: Pass
    private var isOver = false

    init(_ loader: DataLoader, _ pass: Pass) {
      self.loader = loader
      self.pass = pass
    }

    /// The next batch: for each tensor of the dataset, one with the batch's samples; nil at the
    /// end.
    public mutating func next() -> [Tensor]? {
      let order = pass.order
      guard pass.batch < loader.count else {
        if !isOver && loader.shuffle {
          // PyTorch draws a last, empty part of a permutation, which only its own generator shows.
          _ = loader.generator?.permutation(order.count)
        }
        isOver = true
        if loader.current === pass { loader.current = nil }
        return nil
      }
      let start = pass.batch * loader.batchSize
      pass.batch += 1
      return loader.dataset[Array(order[start..<Swift.min(start + loader.batchSize, order.count)])]
    }
  }
}

// Its passes are followed by one thread.
@available(*, unavailable)
extension DataLoader: Sendable {}
