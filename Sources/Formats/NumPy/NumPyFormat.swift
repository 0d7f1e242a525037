import Checkpoints
import Files
import OrderedCollections
import States

/// The files of NumPy: an `.npz` archive, a folder of `.npy` files, or a single `.npy` file, which
/// is only read.
struct NumPyFormat: CheckpointFormat {
  let id = "numpy"
  let displayName = "NumPy"
  let endings = ["npz", "npy"]

  /// Written and read; the members of an archive can be compressed with deflate.
  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.compression = .deflate
    traits.mixesTensors = true
    return traits
  }

  /// Recognises a single array by its first bytes, an archive by members that end in `.npy`, and a
  /// folder by such files, in it directly or as at least half of what is in its folders.
  ///
  /// - Returns: Certain for a single array. Likely for archives and folders, since their members
  ///   are not opened here, and for an empty archive named `.npz`.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    if probe.isFolder { return try NumPyFolder.isLikely(probe.path) ? .likely : nil }
    // Objects are a pickle, which another format reads.
    if Self.isArray(probe) { return NPYHeader.holdsObjects(probe.head) ? .possible : .certain }
    guard let archive = try ifSound({ try probe.zip() }) else { return nil }
    if archive.entries.isEmpty { return probe.path.hasSuffix(".npz") ? .likely : nil }
    return archive.entries.contains { $0.name.hasSuffix(".npy") } ? .likely : nil
  }

  /// Whether a file is a single array: it begins with `\x93NUMPY`.
  static func isArray(_ probe: FileProbe) -> Bool { probe.head.starts(with: NPYHeader.magic) }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    NumPySource(probe: probe, access: access)
  }

  /// Names the tensors and values. See `NumPyPlan`.
  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try NumPyWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// The files of NumPy: an `.npz` archive as `numpy.savez` writes it, a folder of `.npy` files, or
  /// a single `.npy` file, which is only read.
  ///
  /// What named arrays cannot express (roles, ties, the structure of the optimizer's state, metadata,
  /// the architecture) travels as JSON in one more array of bytes, which is left out if there is
  /// nothing to say.
  public static let numpy = FileFormat(NumPyFormat())
}

/// A NumPy file or folder, open for reading.
struct NumPySource: CheckpointSource {
  let probe: FileProbe
  /// How arrays come into memory, and what is compared with checksums.
  let access: Access

  /// Reads all arrays as one checkpoint.
  ///
  /// - Throws: `CheckpointError`; `FileError` if a file cannot be read.
  func read() throws -> ReadResult { try NumPyReader(probe, access).read() }

  /// Compares every member of an archive with its checksum. `.npy` files outside an archive have
  /// none; only their structure is checked.
  ///
  /// - Throws: `CheckpointError` or `FileError` if a file cannot be read or asks for what is
  ///   refused. Damage is reported in the result.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    // Before anything is interpreted: what a damaged array says of itself is of no interest.
    // Compressed arrays were compared when they were expanded, if that was not now.
    let found = try probe.accountedZip()?.verify(known: known) {
      checkpoint == nil || $0.method == .stored || !$0.name.hasSuffix(".npy")
    }
    verification.problems = found?.problems.map(\.error) ?? []
    do {
      let tensors = try (checkpoint ?? NumPyReader(probe, .unverified).read().checkpoint)
      verification.count(tensors)
    } catch let error as CheckpointError where error.code != .inputOutput {
      if verification.problems.isEmpty {
        guard error.code == .damaged else { throw error }
        verification.problems = [error]
      }
      return verification
    }
    guard let found else {
      verification.notes = [".npy files have no checksums; only their structure was verified"]
      return verification
    }
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
