import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

extension PyTorchFile: CheckpointSource {
  /// Compares every checksum in the file with the content, on several threads.
  ///
  /// Zip archives have a CRC-32 of each member; the older containers have none, which a note in the
  /// result says. If the file can be unpickled, damage is reported under the name of the tensor
  /// that it is in.
  ///
  /// - Parameters:
  ///   - known: The checksums of what was read of the file before, which is not read again.
  ///   - checkpoint: What ``read()`` returned, so that the file need not be unpickled again.
  /// - Returns: The number and bytes of the tensors, the damaged members, and how many members have
  ///   no checksum.
  /// - Throws: `CheckpointError` or `FileError` if the file cannot be read, or needs what is
  ///   refused. Damage is not thrown but reported in `Verification.problems`.
  public func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    // Before anything is interpreted: what a damaged pickle says is of no interest.
    let found = try archive?.zip.verify(known: known)
    let content: Checkpoint
    do throws(CheckpointError) {
      if let checkpoint {
        content = checkpoint
      } else {
        content = try with(.unverified).read().checkpoint
      }
    } catch {
      let problems = found?.problems.map(\.error) ?? []
      guard error.code == .damaged || error.code != .inputOutput && !problems.isEmpty else {
        throw error
      }
      verification.problems = problems.isEmpty ? [error] : problems
      return verification
    }
    verification.count(content)
    guard let members = archive?.zip, let found else {
      verification.notes = ["1 part of the file without a checksum"]
      return verification
    }
    let names = found.problems.isEmpty ? [:] : content.namesByPlace
    verification.problems = try found.problems.map { entry, error in
      let region = try ifSound { try members.region(of: entry) }
      let name = region.flatMap { names[$0.range.lowerBound] }
      return name.map { error.at("\($0), \(entry.name)") } ?? error
    }
    if found.unprotectedCount > 0 {
      let isOne = found.unprotectedCount == 1
      verification.notes = [
        "\(found.unprotectedCount) part\(isOne ? "" : "s") of the file without a checksum"
      ]
    }
    return verification
  }

  /// Facts about the file: `container`, the raw value of ``Container``; `version` of the zip
  /// container, if it states one; `globals`, the names that ``globals()`` returns; and `dangerous`, those of
  /// them through which a program could be run.
  ///
  /// - Throws: `CheckpointError` if the pickle cannot be read.
  public var facts: OrderedDictionary<String, Value> {
    get throws {
      var facts: OrderedDictionary<String, Value> = ["container": .string(container.rawValue)]
      if let version { facts["version"] = .int(version) }
      let names = try names()
      facts["globals"] = .list(names.all.map { .string($0) })
      if !names.dangerous.isEmpty {
        facts["dangerous"] = .list(names.dangerous.map { .string($0) })
      }
      return facts
    }
  }
}

extension Checkpoint {
  /// The names of tensors whose storage is a part of the file, by the position at which that part
  /// begins.
  fileprivate var namesByPlace: [Int: String] {
    let places = namedTensors.compactMap { tensor in
      tensor.array.storage.fileRegion.map { ($0.range.lowerBound, tensor.name) }
    }
    // Of tensors that share a storage the first stands for all.
    return Dictionary(places) { first, _ in first }
  }
}

extension CheckpointError {
  /// The same error with another place.
  fileprivate func at(_ place: String) -> CheckpointError {
    CheckpointError(code, file: file, place: place, reason: reason, advice: advice)
  }
}
