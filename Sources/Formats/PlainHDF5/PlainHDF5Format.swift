import Checkpoints
import Files
import OrderedCollections
import States

/// HDF5 files without a known layout: every dataset of a type that tensors can have is a tensor.
/// Read only.
struct PlainHDF5Format: CheckpointFormat {
  let id = "hdf5"
  let displayName = "plain HDF5"
  let endings: [String] = []

  /// Read and not written.
  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.isWritable = false
    traits.compression = .deflateAndShuffle
    return traits
  }

  /// Recognises any HDF5 file, as a possibility only, so that formats with a layout of their own
  /// come first.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    try ifSound { try probe.hdf5() } == nil ? nil : .possible
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    PlainHDF5Source(probe: probe, access: access)
  }
}

extension FileFormat {
  /// HDF5 files without a known layout, as h5py users write them: the datasets are the tensors, and
  /// their paths become keys. Read only.
  ///
  /// A file is taken for this if it is HDF5 and no other format recognises it. Nothing in it says
  /// what is a parameter and what a buffer, so a rule decides: see `RoleRule`.
  public static let hdf5 = FileFormat(PlainHDF5Format())
}

/// An HDF5 file without a known layout, open for reading.
struct PlainHDF5Source: CheckpointSource {
  let probe: FileProbe
  /// How tensors come into memory. With `Access.verified` all are read.
  let access: Access

  /// Reads all datasets.
  func read() throws -> ReadResult {
    try PlainHDF5Reader.read(probe, maps: access != .verified)
  }

  /// Reads the structure, and expands what is compressed. The datasets have no checksums to
  /// compare, but for chunks with fletcher32.
  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    // What is compressed was expanded when it was read.
    guard checkpoint == nil else { return Verification() }
    return try Verification(ofStructure: "a plain HDF5 file") { try read().checkpoint }
  }

  /// None beyond those that every file has.
  var facts: OrderedDictionary<String, Value> { [:] }
}
