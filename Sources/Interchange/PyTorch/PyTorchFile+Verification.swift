import Arrays
import States
import Synchronization

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
  /// - Parameter checkpoint: The file's content, by which tensors are known, if it could be read.
  /// - Throws: ``InterchangeError`` if the file cannot be read. What is damaged is told in the
  ///   result.
  public func verify(naming checkpoint: Checkpoint? = nil) throws -> Verification {
    guard let members = archive?.zip else { return Verification(unprotectedCount: 1) }
    let outcomes = Mutex(
      [Result<Bool, InterchangeError>?](repeating: nil, count: members.entries.count))
    try Parallel.forEach(members.entries.count) { number in
      let outcome: Result<Bool, InterchangeError>
      do throws(InterchangeError) {
        outcome = .success(try members.verifyCRC(of: members.entries[number]))
      } catch {
        guard error.code == .damaged else { throw error }
        outcome = .failure(error)
      }
      outcomes.withLock { $0[number] = outcome }
    }
    let names = checkpoint?.namesByPlace ?? [:]
    var result = Verification()
    for (entry, outcome) in zip(members.entries, outcomes.withLock { $0 }) {
      switch outcome {
      case .success(true): result.verifiedCount += 1
      case .failure(let error):
        let region = try? members.region(of: entry)
        let name = region.flatMap { names[$0.range.lowerBound] }
        result.problems.append(name.map { error.at("\($0), \(entry.name)") } ?? error)
      default: result.unprotectedCount += 1
      }
    }
    return result
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
