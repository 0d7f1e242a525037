import Arrays
import Checkpoints

/// A format in which checkpoints are kept.
public enum FileFormat: String, Sendable, CaseIterable {
  /// Ballast's own layout of HDF5: see the `Checkpoints` target.
  case ballast
  /// What `torch.save` writes.
  case pytorch
  /// safetensors, one file or several with an index.
  case safetensors

  /// The format's name in a sentence.
  public var displayName: String {
    switch self {
    case .ballast: "Ballast HDF5"
    case .pytorch: "PyTorch"
    case .safetensors: "safetensors"
    }
  }

  /// The endings of the names of such files, the usual one first.
  public var extensions: [String] {
    switch self {
    case .ballast: ["h5", "hdf5"]
    case .pytorch: ["pth", "pt", "bin", "ckpt", "tar"]
    case .safetensors: ["safetensors"]
    }
  }

  /// The format that a name asks for, nil if its ending is no format's.
  public init?(fileName: String) {
    let name = fileName.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    guard let format = Self.allCases.first(where: { $0.extensions.contains(ending) }) else {
      return nil
    }
    self = format
  }

  /// The format of a file, told by its content.
  ///
  /// - Throws: `FileError` if the file cannot be read; ``InterchangeError`` that says what the
  ///   file seems to be if it is of no known format.
  public static func detect(_ path: String) throws -> FileFormat {
    let file = try InputFile(path)
    switch CheckpointFile.kind(of: file) {
    case .checkpoint: return .ballast
    case .otherHDF5:
      throw InterchangeError(
        .unsupported, file: path,
        reason: "it is an HDF5 file, but not a Ballast checkpoint, and other layouts are not read")
    case .other: break
    }
    let beginning = try file.bytes(in: 0..<min(file.byteCount, 16))
    if SafetensorsFile.isLikely(beginning, byteCount: file.byteCount)
      || path.hasSuffix(SafetensorsShards.indexSuffix)
    {
      return .safetensors
    }
    _ = try FileKind(file)
    return .pytorch
  }
}
