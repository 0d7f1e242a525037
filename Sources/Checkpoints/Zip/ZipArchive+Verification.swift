import Arrays
import Files
import Synchronization

extension ZipArchive {
  /// What a comparison of members with their checksums found.
  package struct Verification {
    /// How many members were compared.
    package var verifiedCount = 0
    /// How many members have no checksum.
    package var unprotectedCount = 0
    /// The members that are damaged, in the order of the archive.
    package var problems: [(entry: Entry, error: CheckpointError)] = []
  }

  /// Compares members with their checksums, on several threads.
  ///
  /// - Parameters:
  ///   - known: What was read of the file before, which is not read again.
  ///   - isWanted: Which members are compared; all, unless said otherwise.
  /// - Throws: ``CheckpointError`` or `FileError` if the file cannot be read, or a member needs
  ///   what is refused. Damage is reported in the result.
  package func verify(
    known: ReadChecksums? = nil, where isWanted: (Entry) -> Bool = { _ in true }
  ) throws -> Verification {
    let wanted = entries.filter(isWanted)
    var errors: [Int: CheckpointError] = [:]
    var stored: [(number: Int, region: FileRegion)] = []
    var packed: [Int] = []
    for (number, entry) in wanted.enumerated() {
      do throws(CheckpointError) {
        if let region = try region(of: entry) {
          if entry.hasChecksum { stored.append((number, region)) }
        } else {
          packed.append(number)
        }
      } catch {
        guard error.code == .damaged else { throw error }
        errors[number] = error
      }
    }
    let checksums = try ReadChecksums.checksums(of: stored.map(\.region), known: known)
    for ((number, _), checksum) in zip(stored, checksums) {
      errors[number] = difference(checksum, from: wanted[number])
    }
    for (number, error) in try damage(expanding: packed, of: wanted) { errors[number] = error }

    var result = Verification()
    for (number, entry) in wanted.enumerated() {
      if let error = errors[number] {
        result.problems.append((entry, error))
      } else if entry.hasChecksum {
        result.verifiedCount += 1
      } else {
        result.unprotectedCount += 1
      }
    }
    return result
  }

  /// What is wrong with compressed members, which are expanded one at a time on each thread.
  private func damage(
    expanding numbers: [Int], of entries: [Entry]
  ) throws -> [Int: CheckpointError] {
    let found = Mutex([Int: CheckpointError]())
    try Parallel.forEach(numbers.count) { index in
      do throws(CheckpointError) {
        _ = try verifiedStorage(of: entries[numbers[index]])
      } catch {
        guard error.code == .damaged else { throw error }
        found.withLock { $0[numbers[index]] = error }
      }
    }
    return found.withLock { $0 }
  }
}
