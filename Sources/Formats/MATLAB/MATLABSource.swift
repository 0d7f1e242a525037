import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// A file of one of the dialects, open for reading.
struct MATLABSource: CheckpointSource {
  let probe: FileProbe
  let dialect: MATLABDialect
  /// How tensors come into memory. With `Access.verified` all are read.
  let access: Access

  /// Makes a checkpoint of the tensors and texts.
  ///
  /// What is read rather than mapped is compared with the checksums that Ballast writes, but for
  /// `Access.unverified`.
  ///
  /// - Throws: `CheckpointError` with code `damaged` for the first tensor that does not match.
  func read() throws -> ReadResult {
    try CheckpointError.reporting(probe.path) {
      var content = try content()
      if access != .unverified {
        let comparison = try content.compared(access == .verified ? .copying : .inMemory)
        if let name = comparison.mismatched.first {
          throw ChecksumTable.mismatch(name, in: probe.path)
        }
        content.replaceStored(by: comparison.tensors)
      }
      return try content.result()
    }
  }

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    let content: MATLABContent
    do throws(CheckpointError) {
      content = try CheckpointError.reporting(probe.path) { try self.content() }
      // An outline that cannot be used is damage as well: nothing can be read without it.
      if checkpoint == nil {
        verification.count(
          try CheckpointError.reporting(probe.path) { try content.result().checkpoint })
      }
    } catch {
      guard error.code == .damaged else { throw error }
      verification.problems = [error]
      return verification
    }
    let unprotectedCount = try verification.take(probe.path) {
      try content.compared(.all, known: known)
    }
    verification.notes += [
      ChecksumTable.note(
        unprotected: unprotectedCount, of: content.tensors.count,
        formatName: dialect.displayName)
    ].compactMap(\.self)
    return verification
  }

  private func content() throws -> MATLABContent {
    guard try dialect.recognise(probe) != nil else {
      throw CheckpointError(
        .notThisFormat, file: probe.path, reason: "it is no \(dialect.displayName) file")
    }
    guard let scan = try probe.hdf5() else {
      throw CheckpointError(
        .damaged, file: probe.path,
        reason: "it begins as a \(dialect.displayName) file, and its HDF5 content is missing")
    }
    var content = MATLABContent(try HDF5Content(probe), maps: access != .verified)
    switch dialect {
    case .matlab: content = try MATLABReader.read(scan, into: content)
    case .octave: content = try OctaveReader.read(scan, into: content)
    case .jld2: content = try JLD2Reader.read(scan, into: content)
    }
    content.nameTensors()
    return content
  }

  /// Of a file with a header its text, as `header`.
  var facts: OrderedDictionary<String, Value> {
    let text = probe.head.prefix(116).prefix { $0 != 0 }
    guard dialect != .octave, let scan = try? probe.hdf5(), scan.userBlockSize > 0,
      let header = String(validating: text, as: UTF8.self), !header.isEmpty
    else { return [:] }
    return ["header": .string(header.trimmingSpaces)]
  }
}

extension String {
  /// The text without the spaces at its end.
  fileprivate var trimmingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
