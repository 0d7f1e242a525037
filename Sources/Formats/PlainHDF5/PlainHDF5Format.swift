import Checkpoints
import Files
import OrderedCollections
import States

/// HDF5 that no one described: its datasets are the tensors. Read only.
struct PlainHDF5Format: CheckpointFormat {
  let id = "hdf5"
  let displayName = "plain HDF5"
  let endings: [String] = []

  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.isWritable = false
    traits.compression = .deflateAndShuffle
    return traits
  }

  func recognise(_ probe: FileProbe) throws -> Recognition? {
    try ifSound { try probe.hdf5() } == nil ? nil : .possible
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    PlainHDF5Source(probe: probe, access: access)
  }
}

extension FileFormat {
  /// HDF5 that no one described: its datasets are the tensors. Read only.
  public static let hdf5 = FileFormat(PlainHDF5Format())
}

/// An HDF5 file that nobody described, open for reading.
struct PlainHDF5Source: CheckpointSource {
  let probe: FileProbe
  let access: Access

  func read() throws -> ReadResult {
    try PlainHDF5Reader.read(probe, maps: access != .verified)
  }

  /// Looks at the structure, and expands what is compressed: there are no checksums.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    // What is compressed was expanded when it was read.
    guard checkpoint == nil else { return Verification() }
    return try Verification(ofStructure: "a plain HDF5 file") { try read().checkpoint }
  }

  var facts: OrderedDictionary<String, Value> { [:] }
}
