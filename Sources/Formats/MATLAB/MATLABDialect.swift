import Checkpoints
import HDF5

/// The programs whose HDF5 files have their axes reversed, and by what such files are known.
enum MATLABDialect: String {
  case matlab, octave, jld2

  /// The name in a sentence.
  var displayName: String {
    switch self {
    case .matlab: "MATLAB 7.3"
    case .octave: "Octave HDF5"
    case .jld2: "JLD2"
    }
  }

  /// What the block before the HDF5 content begins with.
  private var headers: [String] {
    switch self {
    case .matlab: ["MATLAB 7.3 MAT-file"]
    case .octave: []
    // The second is that of JLD and of early versions of JLD2.
    case .jld2: ["HDF5-based Julia Data Format, version ", "Julia data file (HDF5), version "]
    }
  }

  /// The attribute that variables have.
  private var mark: String? {
    switch self {
    case .matlab: MATLABAttributes.className
    case .octave: OctaveReader.mark
    case .jld2: nil
    }
  }

  /// How many variables are looked at for their mark: as many as are read of any file.
  private static let maximumLinkCount = 1 << 18

  /// Recognises a file by its first bytes, or by the mark of one of its variables: tools that copy HDF5
  /// files leave out what is before the content.
  func recognise(_ probe: FileProbe) throws -> Recognition? {
    guard !probe.isFolder else { return nil }
    if headers.contains(where: { probe.head.starts(with: $0.utf8) }) { return .certain }
    guard let mark else { return nil }
    let found = try probe.once("marks of variables") { try ifSound { try Self.mark(in: probe) } }
    return found == mark ? .certain : nil
  }

  /// The first mark that one of the variables has.
  private static func mark(in probe: FileProbe) throws -> String? {
    guard let scan = try probe.hdf5() else { return nil }
    let marks = [Self.matlab, .octave].compactMap(\.mark)
    var seen: Set<UInt64> = []
    for link in try scan.root().links().prefix(maximumLinkCount) {
      guard case .hard(let address) = link.target, seen.insert(address).inserted else { continue }
      let attributes = try scan.object(at: address).attributes
      for mark in marks where try attributes.attribute(mark) != nil { return mark }
    }
    return nil
  }
}
