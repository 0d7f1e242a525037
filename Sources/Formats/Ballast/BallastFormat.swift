import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// Ballast's own format: HDF5 with the layout that <doc:Layout> specifies.
struct BallastFormat: CheckpointFormat {
  /// The name that options and reports use.
  let id = "ballast"
  /// The name in a sentence.
  let displayName = "Ballast HDF5"
  /// The endings of HDF5 files in general; the content decides whether one is a Ballast checkpoint.
  let endings = ["h5", "hdf5"]

  /// Written and read, with roles; tensors can be compressed with deflate and the shuffle filter.
  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.compression = .deflateAndShuffle
    traits.holdsSeveralModels = true
    return traits
  }

  /// Recognises a file by its root attribute `format`.
  ///
  /// A file whose attribute is damaged, but which has the groups `index` and `parameters`, counts
  /// as a checkpoint too, so that opening it reports the damage.
  ///
  /// - Returns: Certain for a checkpoint, likely for an HDF5 file that is too damaged to tell, nil
  ///   for anything else.
  /// - Throws: `CheckpointError` with code `inputOutput` if the file cannot be read.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    do throws(CheckpointError) {
      guard
        let root = try probe.hdf5().map({ scan throws(CheckpointError) in
          try CheckpointError.reporting(probe.path) { try scan.root() }
        })
      else { return nil }
      let name = try ifSound { try root.attributes.text("format") }
      if name == BallastLayout.name { return .certain }
      // A checkpoint whose attribute is damaged still has the groups of one.
      for name in ["index", "parameters"] {
        guard try ifSound({ try root.link(name) }) != nil else { return nil }
      }
      return .certain
    } catch {
      guard error.code != .inputOutput else { throw error }
      // Damaged beyond its signature: reading it as a checkpoint reports how.
      return .likely
    }
  }

  /// Remembers the file and the access. Nothing is read or checked before the source is
  /// used.
  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    BallastSource(probe: probe, access: access)
  }

  /// Lays the checkpoint out in memory. See ``CheckpointWriter``.
  ///
  /// - Throws: `CheckpointError` with code `unsupported` if the layout cannot hold the checkpoint.
  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try CheckpointWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// Ballast's own format, HDF5 files with the layout that <doc:Layout> specifies.
  ///
  /// It holds everything that a checkpoint has: roles, ties and views, the optimizer's state,
  /// metadata with their types, the architecture, and a digest of each tensor.
  public static let ballast = FileFormat(BallastFormat())
}

/// A checkpoint in Ballast's layout, open for reading.
struct BallastSource: CheckpointSource {
  /// The file.
  let probe: FileProbe
  /// How tensors are brought into memory, and what is compared with digests.
  let access: Access

  /// Reads the whole checkpoint. See ``CheckpointFile/read(_:)``.
  func read() throws -> ReadResult {
    let file = try CheckpointFile(probe)
    return ReadResult(
      try file.read(access), notes: file.changes.notes, losses: file.changes.losses)
  }

  /// Compares everything with its digest. A file that is too damaged to be opened has that as its
  /// one problem.
  ///
  /// - Throws: `CheckpointError` if the file cannot be read, is no checkpoint, was written by a
  ///   newer version, uses what is not supported, or needs what is refused.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    let file: CheckpointFile
    do throws(CheckpointError) {
      file = try CheckpointFile(probe)
    } catch {
      guard error.code == .damaged else { throw error }
      var verification = Verification()
      verification.problems = [error]
      return verification
    }
    return try file.verify(known: known, of: checkpoint)
  }

  /// Facts about the file: `producer`, `stored_bytes`, the bytes that its tensors take in it, and
  /// `compressed`, the number of tensors with elements that cannot be mapped. A tensor with several
  /// names counts once.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      let file = try CheckpointFile(probe)
      var facts: OrderedDictionary<String, Value> = [:]
      if let producer = file.producer { facts["producer"] = .string(producer) }
      facts["stored_bytes"] = .int(
        file.tensors.reduce(0) { $0 + ($1.aliasOf == nil ? $1.storedByteCount : 0) })
      facts["compressed"] = .int(
        file.tensors.count { $0.aliasOf == nil && !$0.isMappable && $0.byteCount > 0 })
      return facts
    }
  }
}
