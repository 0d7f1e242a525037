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
  /// NumPy: an `.npz`, a folder of `.npy` files, or a single one, which is only read.
  case numpy
  /// A whole Keras 3 model: the `.keras` archive.
  case keras
  /// The weights of a Keras 3 model: `.weights.h5`, one file or several with an index.
  case kerasWeights = "keras-weights"
  /// The HDF5 that Keras wrote before version 3, a whole model or its weights.
  case kerasLegacy = "keras-legacy"
  /// HDF5 that no one described: its datasets are the tensors. Read only.
  case hdf5

  /// The format's name in a sentence.
  public var displayName: String {
    switch self {
    case .ballast: "Ballast HDF5"
    case .pytorch: "PyTorch"
    case .safetensors: "safetensors"
    case .numpy: "NumPy"
    case .keras: "Keras"
    case .kerasWeights: "Keras weights"
    case .kerasLegacy: "legacy Keras HDF5"
    case .hdf5: "plain HDF5"
    }
  }

  /// Whether checkpoints are written in this format, and not only read.
  public var isWritable: Bool { self != .hdf5 }

  /// The endings of the names of such files, the usual one first. A name that ends in several
  /// formats' endings is of the format with the longest.
  public var extensions: [String] {
    switch self {
    case .ballast: ["h5", "hdf5"]
    case .pytorch: ["pth", "pt", "bin", "ckpt", "tar"]
    case .safetensors: ["safetensors", "safetensors.index.json"]
    case .numpy: ["npz", "npy"]
    case .keras: ["keras"]
    case .kerasWeights: ["weights.h5", "weights.json"]
    case .kerasLegacy, .hdf5: []
    }
  }

  /// The format that a name asks for, nil if its ending is no format's.
  public init?(fileName: String) {
    let name = (fileName.split(separator: "/").last ?? "").lowercased()
    let endings = Self.allCases.flatMap { format in format.extensions.map { (format, $0) } }
    let matches = endings.filter { name.hasSuffix("." + $0.1) && name.count > $0.1.count + 1 }
    guard let best = matches.max(by: { $0.1.count < $1.1.count }) else { return nil }
    self = best.0
  }

  /// The format of a file, told by its content.
  ///
  /// - Throws: `FileError` if the file cannot be read; ``InterchangeError`` that says what the
  ///   file seems to be if it is of no known format.
  public static func detect(_ path: String) throws -> FileFormat {
    if NumPyFolder.isFolder(path) {
      guard try NumPyFolder.files(in: path).isEmpty else { return .numpy }
      if try Folder.names(in: path).contains(where: { $0.hasSuffix(".distcp") }) {
        throw InterchangeError(
          .unsupported, file: path, reason: "it is a distributed checkpoint of PyTorch",
          advice: "Make one file of it: python -m torch.distributed.checkpoint.format_utils "
            + "dcp_to_torch \(path) model.pth")
      }
      throw InterchangeError(
        .notThisFormat, file: path, reason: "it is a folder without .npy files",
        advice: "Name the file in it that is the checkpoint.")
    }
    let file = try InputFile(path)
    if let keras = try KerasFile.detect(file) { return keras }
    switch CheckpointFile.kind(of: file) {
    case .checkpoint: return .ballast
    case .otherHDF5: return .hdf5
    case .other: break
    }
    let beginning = try file.bytes(in: 0..<min(file.byteCount, 16))
    if SafetensorsFile.isLikely(beginning, byteCount: file.byteCount)
      || path.hasSuffix(SafetensorsShards.indexSuffix)
    {
      return .safetensors
    }
    if beginning.starts(with: NPYHeader.magic) { return .numpy }
    if try FileKind(file) == .zip, let archive = try? ZipArchive(file) {
      return detect(archive)
    }
    return .pytorch
  }

  /// The format of an archive, by its members. One that nothing speaks for is read as PyTorch's,
  /// which tells what is missing.
  private static func detect(_ archive: ZipArchive) -> FileFormat {
    let names = archive.entries.map(\.name)
    if names.contains(where: { $0.hasSuffix("data.pkl") }) { return .pytorch }
    let isNumPy =
      names.isEmpty ? archive.file.path.hasSuffix(".npz") : names.contains { $0.hasSuffix(".npy") }
    return isNumPy ? .numpy : .pytorch
  }
}
