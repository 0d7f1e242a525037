/// What came of holding a file, or several that belong together, against the checksums in it.
public struct Verification: Sendable {
  /// How many tensors the file holds, those of the optimizer included, ties counted once.
  public var tensorCount = 0
  /// The bytes of those tensors.
  public var byteCount = 0
  /// What is damaged, in the order of the file: each names the tensor or the part. Empty if the file
  /// is sound.
  public var problems: [CheckpointError] = []
  /// What nothing vouches for, a sentence each.
  public var notes: [String] = []

  /// Nothing was looked at yet.
  public init() {}

  /// Counts the tensors of a checkpoint that was read.
  package mutating func count(_ checkpoint: Checkpoint) {
    let tensors = checkpoint.namedTensors
    tensorCount = tensors.count
    byteCount = tensors.reduce(0) { $0 + $1.array.byteCount }
  }

  /// A look at the structure alone, of a file without checksums.
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
