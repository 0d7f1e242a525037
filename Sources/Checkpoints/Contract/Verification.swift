import Arrays

/// The result of comparing a file, or several that belong together, with the checksums in it.
///
/// ```swift
/// let verification = try Verification("model.h5")   // of `Interchange`
/// guard verification.problems.isEmpty else { throw verification.problems[0] }
/// ```
public struct Verification: Sendable {
  /// How many tensors the file holds, those of the optimizer included, ties counted once.
  public var tensorCount = 0
  /// The bytes of those tensors. What several share in the file is counted once.
  public var byteCount = 0
  /// What is damaged, in the order of the file, or with the code `missing` gone: each names the tensor or
  /// the part. Empty if the file is sound and whole.
  public var problems: [CheckpointError] = []
  /// What could not be verified because the file has no checksum for it, a sentence each.
  public var notes: [String] = []

  /// A result in which nothing is counted yet.
  public init() {}

  /// Counts the tensors of a checkpoint that was read.
  package mutating func count(_ checkpoint: Checkpoint) {
    let arrays = checkpoint.namedTensors.map(\.array)
    let sharing = TensorSharing(arrays.map { ($0, $0.dtype) })
    let once = zip(arrays, sharing.originals).filter { $0.1 == nil }.map(\.0)
    tensorCount = once.count
    byteCount = Dictionary(grouping: once) { ObjectIdentifier($0.storage) }.values
      .reduce(0) { $0 + Self.byteCount(ofOneStorage: $1) }
  }

  /// The bytes that tensors of one storage use: what they have in common once, and not the gaps
  /// between the elements of one.
  private static func byteCount(ofOneStorage arrays: [NDArray]) -> Int {
    let total = arrays.reduce(0) { $0 + $1.byteCount }
    guard arrays.count > 1 else { return total }
    var covered = 0
    var end = 0
    let spans = arrays.filter { $0.elementCount > 0 }.map { array in
      let extent = array.layout.extent
      return extent.lowerBound * array.dtype.itemSize..<extent.upperBound * array.dtype.itemSize
    }
    for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      covered += max(span.upperBound - max(span.lowerBound, end), 0)
      end = max(end, span.upperBound)
    }
    return min(total, covered)
  }

  /// The result of reading a file without checksums, of which only the structure can be verified.
  ///
  /// - Parameters:
  ///   - file: What the file is, in a sentence.
  ///   - read: Reads it.
  /// - Throws: What `read` throws, but for damage, which is a problem found.
  package init(ofStructure file: String, _ read: () throws -> Checkpoint) throws {
    do {
      count(try read())
      notes = ["\(file) has no checksums; only the structure was verified"]
    } catch let error as CheckpointError {
      guard error.code == .damaged else { throw error }
      problems = [error]
    }
  }
}
