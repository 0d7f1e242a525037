import Arrays
import Files
import States
import Synchronization

/// What differs between two checkpoints, whatever files they came from.
///
/// Tensors are compared by their digests, and where these differ, value by value, a block at a
/// time. A tensor that has another name, or its dimensions in another order, in the second
/// checkpoint is recognised by its content.
///
/// ```swift
/// let comparison = try CheckpointComparison(first, second, tolerance: .init(relative: 1e-5))
/// for (name, difference) in comparison.differences { print("\(name): \(difference)") }
/// ```
public struct CheckpointComparison: Sendable {
  /// How far apart values may be: `|a − b| ≤ absolute + relative · |b|`, as in NumPy's `allclose`.
  /// Infinities are equal or different, and NaN equals NaN.
  public struct Tolerance: Sendable, Hashable {
    /// The part that does not depend on the values.
    public var absolute: Double
    /// The part in proportion to the second value.
    public var relative: Double

    /// A tolerance of these parts; without arguments, equal values are wanted, whatever their
    /// types.
    public init(absolute: Double = 0, relative: Double = 0) {
      self.absolute = absolute
      self.relative = relative
    }
  }

  /// What is compared.
  public enum Extent: Sendable {
    /// Tensors, ties and the optimizer.
    case tensors
    /// Metadata, module versions and the description of the model too.
    case everything
    /// Everything in the files from which both were read: how these are put together too, as far as
    /// both say so, and what reading made of it.
    case files
  }

  /// What differs, by name: tensors in the first checkpoint's order, then those only the second
  /// has, then ties, the optimizer and the rest.
  public private(set) var differences: [(name: String, difference: Difference)] = []
  /// How many tensors both have under one name, those of the optimizer included if both have one.
  public private(set) var comparedCount = 0
  /// The bytes of those tensors, as they are in the first checkpoint.
  public private(set) var comparedByteCount = 0
  /// The values besides tensors that both have, each number and text in a list or dictionary for
  /// itself.
  public private(set) var comparedValueCount = 0
  /// What the files hold and the checkpoints do not, so that it was not compared; only of
  /// ``Extent/files``.
  public private(set) var uncompared: (first: [ConversionLoss], second: [ConversionLoss]) = ([], [])

  /// Whether everything was compared, and is the same.
  public var isSame: Bool {
    differences.isEmpty && uncompared.first.isEmpty && uncompared.second.isEmpty
  }

  /// Compares two checkpoints, reading the tensors on several threads.
  ///
  /// - Parameters:
  ///   - first: The reference; tolerances are relative to the other.
  ///   - second: What is compared with it.
  ///   - tolerance: How far apart values may be, and types may then differ; nil wants the same
  ///     bits.
  ///   - extent: What is compared.
  ///   - threads: How many threads read and compare.
  /// - Throws: `FileError` if a tensor cannot be read.
  public init(
    _ first: Checkpoint, _ second: Checkpoint, tolerance: Tolerance? = nil,
    extent: Extent = .everything, threads: Int = Threads.count
  ) throws {
    var (first, second) = (first, second)
    if extent == .files {
      uncompared = (
        first.losses.filter(\.hidesContent), second.losses.filter(\.hidesContent)
      )
    } else {
      (first.losses, second.losses) = ([], [])
      (first.form, second.form) = (nil, nil)
    }
    let contents = (CheckpointContents(first), CheckpointContents(second))
    let values = ValueComparison(first, contents.0, second, contents.1)
    // What only one has as a whole is told once, and not tensor by tensor.
    let mine = contents.0.tensors.filter { !values.isAlone($0, extent) }
    let theirs = contents.1.tensors.filter { !values.isAlone($0, extent) }
    let byName = Dictionary(
      theirs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let found = Mutex([Int: Difference]())
    try Parallel.forEach(mine.count, threads: threads) { number in
      guard let other = byName[mine[number].name] else { return }
      if let difference = try Difference(mine[number], other, tolerance) {
        found.withLock { $0[number] = difference }
      } else if !other.name.utf8.elementsEqual(mine[number].name.utf8) {
        // Swift takes texts in other code points for the same, and others do not.
        found.withLock { $0[number] = .renamed(other.name, axes: nil) }
      }
    }
    var unordered = found.withLock { $0 }
    for (number, tensor) in mine.enumerated() where byName[tensor.name] == nil {
      unordered[number] = .missing
    }
    let names = Set(mine.map(\.name))
    let unexpected = theirs.filter { !names.contains($0.name) }
    let matches = try ContentMatching(
      mine.enumerated().filter { unordered[$0.offset] == .missing }.map(\.element), unexpected,
      threads: threads)
    try (mine + theirs).lazy.map(\.array).checkMappedFiles()
    var matched: Set<String> = []
    for (number, tensor) in mine.enumerated() {
      if let match = matches[tensor.name] {
        unordered[number] = .renamed(match.name, axes: match.axes)
        matched.insert(match.name)
      }
      if let difference = unordered[number] { differences.append((tensor.name, difference)) }
      if byName[tensor.name] != nil {
        comparedCount += 1
        comparedByteCount += tensor.array.byteCount
      }
    }
    differences += unexpected.filter { !matched.contains($0.name) }
      .map { ($0.name, .unexpected) }
    differences += Self.tieDifferences(first.state, second.state)
    differences += values.optimizer
    comparedValueCount = values.count
    guard extent != .tensors else { return }
    differences += values.others
  }
}
