import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// Ballast's own layout of HDF5: see <doc:Layout>.
struct BallastFormat: CheckpointFormat {
  let id = "ballast"
  let displayName = "Ballast HDF5"
  let endings = ["h5", "hdf5"]

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.compression = .deflateAndShuffle
    return traits
  }

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
      // Damaged beyond its signature: reading it as a checkpoint tells how.
      return .likely
    }
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    BallastSource(probe: probe, access: access)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    try CheckpointWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// Ballast's own layout of HDF5.
  public static let ballast = FileFormat(BallastFormat())
}

/// A checkpoint in Ballast's layout, open for reading.
struct BallastSource: CheckpointSource {
  let probe: FileProbe
  let access: Access

  func read() throws -> ReadResult { ReadResult(try CheckpointFile(probe).read(access)) }

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

  /// `producer`, `stored_bytes`, and `compressed`, the number of tensors that are.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      let file = try CheckpointFile(probe)
      var facts: OrderedDictionary<String, Value> = [:]
      if let producer = file.producer { facts["producer"] = .string(producer) }
      facts["stored_bytes"] = .int(file.tensors.reduce(0) { $0 + $1.storedByteCount })
      facts["compressed"] = .int(
        file.tensors.count { $0.aliasOf == nil && !$0.isMappable && $0.byteCount > 0 })
      return facts
    }
  }
}
