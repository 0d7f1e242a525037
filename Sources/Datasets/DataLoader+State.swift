import Arrays
import Autograd
import OrderedCollections
import States

/// An error thrown for a state that does not fit a loader. The loader is unchanged.
public struct DataLoaderStateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What does not fit, one sentence each.
  public let reasons: [String]

  /// An error with the given reasons.
  public init(reasons: [String]) { self.reasons = reasons }

  /// A heading, then one line per reason.
  public var description: String {
    (["Error(s) in loading state for DataLoader:"] + reasons).joined(separator: "\n\t")
  }
}

extension DataLoader {
  private enum Key {
    static let samples = "num_samples"
    static let batchSize = "batch_size"
    static let shuffle = "shuffle"
    static let dropLast = "drop_last"
    static let batch = "num_batches_given"
    static let shuffler = "shuffler_state"
    static let generator = "generator_state"
  }

  /// The position in the current pass, and what its order was drawn from.
  ///
  /// Equivalent in purpose to `state_dict` of torchdata's `StatefulDataLoader`; the contents
  /// differ: `num_samples`, `batch_size`, `shuffle`, `drop_last`; during a pass `num_batches_given`
  /// and, if shuffled, `shuffler_state`; and `generator_state` if the loader has its own generator.
  ///
  /// A batch counts as used once it has been returned, so save after the step that used it. The
  /// state of ``/Autograd/Generator/current`` is not included; a training `Checkpoint` saves it
  /// separately.
  public func stateDict() -> Value {
    var entries = configuration
    if let pass {
      entries[.string(Key.batch)] = .int(pass.batch)
      if let shuffler = pass.shuffler { entries[.string(Key.shuffler)] = .tensor(shuffler) }
    }
    if let generator { entries[.string(Key.generator)] = .tensor(generator.saveState()) }
    return .dict(entries)
  }

  /// What must be the same in the loader that goes on.
  private var configuration: OrderedDictionary<Value.Key, Value> {
    [
      .string(Key.samples): .int(dataset.count), .string(Key.batchSize): .int(batchSize),
      .string(Key.shuffle): .bool(shuffle), .string(Key.dropLast): .bool(dropLast),
    ]
  }

  /// Resumes from a state.
  ///
  /// The next pass starts with the batch after the last one returned, and is empty if that was the
  /// last. If no pass was in progress, it starts from the beginning.
  ///
  /// - Parameter saved: What ``stateDict()`` returned.
  /// - Throws: ``DataLoaderStateError`` if the number of samples, the batch size, `shuffle` or
  ///   `dropLast` differ, or if the state is damaged. The loader is then unchanged.
  public func loadStateDict(_ saved: Value) throws(DataLoaderStateError) {
    resume(try position(in: saved))
  }

  /// What a loader goes on with.
  package struct Position {
    fileprivate var pass: Pass?
    fileprivate var generator: Autograd.Generator?
  }

  /// Where a state leads to, if it fits. Changes nothing.
  package func position(in saved: Value) throws(DataLoaderStateError) -> Position {
    var reasons: [String] = []
    for (key, value) in configuration where saved[key.text] != value {
      let found = saved[key.text].map { $0.json() } ?? "missing"
      reasons.append("\"\(key.text)\" is \(found) in the state, \(value.json()) in the loader")
    }
    func restored(_ name: String) -> Autograd.Generator? {
      let result = Autograd.Generator(seed: 0)
      guard let state = saved[name]?.tensor, (try? result.restoreState(state)) != nil else {
        reasons.append("\"\(name)\" is not the state of a random generator")
        return nil
      }
      return result
    }
    var position = Position()
    if generator != nil { position.generator = restored(Key.generator) }
    if let batch = saved[Key.batch]?.intValue {
      if !(0...count).contains(batch) { reasons.append("there is no batch \(batch) of \(count)") }
      let shuffler = shuffle ? restored(Key.shuffler) : nil
      let start = shuffler?.saveState()
      let pass = Pass(
        shuffler?.permutation(dataset.count) ?? Array(0..<dataset.count), shuffler: start)
      pass.batch = batch
      position.pass = pass
    }
    guard reasons.isEmpty else { throw DataLoaderStateError(reasons: reasons) }
    return position
  }

  /// Goes on from there.
  package func resume(_ position: Position) {
    if let own = position.generator { generator?.adopt(own) }
    resume(position.pass)
  }
}
