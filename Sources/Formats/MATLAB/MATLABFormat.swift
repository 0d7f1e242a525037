import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// One of the formats that keep arrays in HDF5 files with their axes reversed, since the programs that
/// write them store the columns of a matrix one after the other.
struct MATLABFormat: CheckpointFormat {
  /// Which of them it is.
  private let dialect: MATLABDialect

  /// MAT-files of version 7.3.
  static let matlab = MATLABFormat(dialect: .matlab)
  /// What Octave saves with `-hdf5`.
  static let octave = MATLABFormat(dialect: .octave)
  /// What JLD2 saves for Julia.
  static let jld2 = MATLABFormat(dialect: .jld2)

  var id: String { dialect.rawValue }

  var displayName: String { dialect.displayName }

  /// The endings of the names. Octave has none of its own.
  var endings: [String] {
    switch dialect {
    case .matlab: ["mat"]
    case .octave: []
    case .jld2: ["jld2"]
    }
  }

  /// MAT-files are written, with roles, and the others only read.
  var traits: FormatTraits {
    var traits = FormatTraits()
    traits.isWritable = dialect == .matlab
    traits.mixesTensors = dialect == .matlab
    traits.compression = .deflateAndShuffle
    return traits
  }

  func recognise(_ probe: FileProbe) throws -> Recognition? {
    try dialect.recognise(probe)
  }

  func open(_ probe: FileProbe, _ access: Access) throws -> any CheckpointSource {
    MATLABSource(probe: probe, dialect: dialect, access: access)
  }

  func plan(
    _ checkpoint: Checkpoint, to path: String, _ options: WriteOptions
  ) throws -> any WritePlan {
    guard dialect == .matlab else {
      throw CheckpointError(
        .unsupported, file: path, reason: "\(displayName) files are not written")
    }
    return try MATLABWriter(checkpoint, to: path, options)
  }
}

extension FileFormat {
  /// MATLAB's MAT-files of version 7.3, which are HDF5. Older ones are not read.
  ///
  /// Tensors have the shape and the values that MATLAB shows; in the file their axes are the other way
  /// round. What MATLAB cannot say (roles, the optimizer, types that it lacks, keys that are no names
  /// there) travels in attributes, which MATLAB passes over.
  public static let matlab = FileFormat(MATLABFormat.matlab)
  /// What GNU Octave saves with the option `-hdf5`. Read only.
  public static let octave = FileFormat(MATLABFormat.octave)
  /// What JLD2 saves for Julia: numbers and arrays of numbers, in groups or not. Read only.
  public static let jld2 = FileFormat(MATLABFormat.jld2)
}
