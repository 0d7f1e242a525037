import Checkpoints
import Files
import OrderedCollections
import States

/// NumPy: an `.npz`, a folder of `.npy` files, or a single one, which is only read.
struct NumPyFormat: CheckpointFormat {
  let id = "numpy"
  let displayName = "NumPy"
  let endings = ["npz", "npy"]

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.compression = .deflate
    return traits
  }

  func recognise(_ probe: FileProbe) throws -> Recognition? {
    if probe.isFolder { return try NumPyFolder.files(in: probe.path).isEmpty ? nil : .likely }
    if Self.isArray(probe) { return .certain }
    guard let archive = try ifSound({ try probe.zip() }) else { return nil }
    if archive.entries.isEmpty { return probe.path.hasSuffix(".npz") ? .likely : nil }
    return archive.entries.contains { $0.name.hasSuffix(".npy") } ? .likely : nil
  }

  /// Whether a file is a single array.
  static func isArray(_ probe: FileProbe) -> Bool { probe.head.starts(with: NPYHeader.magic) }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    NumPySource(probe: probe, access: access)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try NumPyWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// NumPy: an `.npz`, a folder of `.npy` files, or a single one, which is only read.
  public static let numpy = FileFormat(NumPyFormat())
}

/// Arrays of NumPy, open for reading.
struct NumPySource: CheckpointSource {
  let probe: FileProbe
  let access: Access

  func read() throws -> ReadResult { try NumPyReader(probe, access).read() }

  /// Compares every member of an archive with its checksum; `.npy` files have none.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    do {
      let tensors = try (checkpoint ?? NumPyReader(probe, .unverified).read().checkpoint)
      verification.count(tensors)
    } catch let error as CheckpointError {
      guard error.code == .damaged else { throw error }
      verification.problems = [error]
      return verification
    }
    guard let archive = try probe.accountedZip() else {
      verification.notes = [".npy files have no checksums; only their structure was verified"]
      return verification
    }
    // Compressed arrays were compared when they were expanded, if that was not now.
    let found = try archive.verify(known: known) {
      checkpoint == nil || $0.method == .stored || !$0.name.hasSuffix(".npy")
    }
    verification.problems = found.problems.map(\.error)
    let count = found.unprotectedCount
    if count > 0 { verification.notes = ["\(count) of its members have no checksum"] }
    return verification
  }

  /// Of a folder `bytes`, those of all its arrays.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      guard probe.isFolder else { return [:] }
      let paths = try NumPyFolder.files(in: probe.path).map { "\(probe.path)/\($0)" }
      return ["bytes": .int(try Folder.byteCount(of: paths))]
    }
  }
}
