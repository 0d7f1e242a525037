import Arrays
import Checkpoints
import States

extension PyTorchFile {
  /// What a comparison of the content with the file's checksums found.
  public struct Verification: Sendable {
    /// How many parts were compared.
    public var verifiedCount = 0
    /// How many parts have no checksum: those of files that are no zip archives, or that were
    /// saved with checksums switched off.
    public var unprotectedCount = 0
    /// The parts that are damaged, in the order of the file. The place is the name of the tensor
    /// whose values they are, where they are a tensor's.
    public var problems: [InterchangeError] = []
  }

  /// Compares every checksum in the file with the content, on several threads.
  ///
  /// - Parameters:
  ///   - checkpoint: The file's content, by which tensors are known, if it could be read.
  ///   - known: What was read of the file before, which is not read again.
  /// - Throws: ``InterchangeError`` or `FileError` if the file cannot be read. What is damaged is
  ///   told in the result.
  public func verify(
    naming checkpoint: Checkpoint? = nil, known: ReadChecksums? = nil
  ) throws -> Verification {
    guard let members = archive?.zip else { return Verification(unprotectedCount: 1) }
    let found = try members.verify(known: known)
    let names = found.problems.isEmpty ? [:] : checkpoint?.namesByPlace ?? [:]
    return Verification(
      verifiedCount: found.verifiedCount, unprotectedCount: found.unprotectedCount,
      problems: found.problems.map { entry, error in
        let region = try? members.region(of: entry)
        let name = region.flatMap { names[$0.range.lowerBound] }
        return name.map { error.at("\($0), \(entry.name)") } ?? error
      })
  }
}

extension Checkpoint {
  /// The names of tensors whose storage is a part of the file, by where that part begins.
  fileprivate var namesByPlace: [Int: String] {
    let places = namedTensors.compactMap { tensor in
      tensor.array.storage.fileRegion.map { ($0.range.lowerBound, tensor.name) }
    }
    // Of tensors that share a storage the first stands for all.
    return Dictionary(places) { first, _ in first }
  }
}

extension InterchangeError {
  /// The same error at another place.
  fileprivate func at(_ place: String) -> InterchangeError {
    InterchangeError(code, file: file, place: place, reason: reason, advice: advice)
  }
}
