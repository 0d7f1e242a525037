import Arrays
import Checkpoints
import Files
import States

/// A `.keras` archive: a config, and the weights.
struct KerasArchive {
  static let configName = "config.json"
  static let metadataName = "metadata.json"
  static let weightsName = "model.weights.h5"
  static let arraysName = "model.weights.npz"

  /// The text of the config.
  let config: String
  /// The text that says which Keras wrote the archive, and when.
  let metadata: String?

  /// The archive.
  let archive: ZipArchive

  /// Keras's own guard: what declares more than 4 GiB, and 100 times what is stored, is a bomb.
  private static let bombFloor = 1 << 32
  private static let bombRatio = 100

  init(_ probe: FileProbe) throws(CheckpointError) {
    let path = probe.path
    guard let listed = try probe.zip() else {
      throw CheckpointError(.notThisFormat, file: path, reason: "it is not a zip archive")
    }
    // Keras looks at the directory alone, and does not see what other archives the file holds.
    guard listed[Self.configName] != nil, let archive = try probe.accountedZip(),
      let entry = archive[Self.configName]
    else {
      throw CheckpointError(
        .notThisFormat, file: path, reason: "the archive has no \(Self.configName)")
    }
    self.archive = archive
    config = try Self.text(entry, in: archive)
    metadata = try archive[Self.metadataName].map { entry throws(CheckpointError) in
      try Self.text(entry, in: archive)
    }
  }

  /// Whether an archive is of this kind.
  static func isLikely(_ archive: ZipArchive) -> Bool {
    archive[configName] != nil && (archive[weightsName] != nil || archive[arraysName] != nil)
  }

  private static func text(
    _ entry: ZipArchive.Entry, in archive: ZipArchive
  ) throws(CheckpointError) -> String {
    let bytes = try archive.bytes(of: entry, limit: KerasFile.maximumConfigByteCount)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CheckpointError(
        .damaged, file: archive.file.path, place: entry.name, reason: "it is not UTF-8")
    }
    return text
  }

  /// The file of weights in the archive.
  ///
  /// - Parameter access: A compressed one is compared with its checksum, unless this forbids it.
  func weights(_ access: Access) throws(CheckpointError) -> HDF5Content {
    let path = archive.file.path
    guard let entry = archive[Self.weightsName] else {
      guard archive[Self.arraysName] != nil else {
        throw CheckpointError(
          .damaged, file: path, reason: "the archive has no \(Self.weightsName)")
      }
      // Keras itself no longer opens them: each member is a pickled dictionary.
      throw CheckpointError(
        .refused, file: path, place: Self.arraysName,
        reason: "its weights are Python objects in NumPy files, which are never run",
        advice: "Save the model with weights_format=\"h5\".")
    }
    let (limit, overflow) = entry.packedByteCount.multipliedReportingOverflow(by: Self.bombRatio)
    guard entry.byteCount <= Self.bombFloor || overflow || entry.byteCount <= limit else {
      throw CheckpointError(
        .refused, file: path, place: entry.name,
        reason: "it declares \(entry.byteCount) bytes, and \(entry.packedByteCount) are stored")
    }
    let name = "\(path)/\(entry.name)"
    if let region = try archive.region(of: entry) { return HDF5Content(region, name: name) }
    let storage =
      try access == .unverified ? archive.storage(of: entry) : archive.verifiedStorage(of: entry)
    return HDF5Content(storage, name: name)
  }

  /// Members that are not Keras's, but for folders.
  var losses: [ConversionLoss] {
    let known = [Self.configName, Self.metadataName, Self.weightsName]
    return archive.entries.map(\.name).filter {
      !known.contains($0) && !$0.hasPrefix("assets/") && !$0.hasSuffix("/")
    }.map { ConversionLoss(.metadataDropped, $0, "it is no member of Keras's archives") }
  }

  /// The maximum size of an asset: vocabularies and the like.
  private static let assetLimit = 1 << 28

  /// The files in the folder `assets`, which layers keep beside their weights.
  func assets() throws(CheckpointError) -> [(name: String, content: [UInt8])] {
    var assets: [(name: String, content: [UInt8])] = []
    for entry in archive.entries where entry.name.hasPrefix("assets/") {
      assets.append((entry.name, try archive.bytes(of: entry, limit: Self.assetLimit)))
    }
    return assets
  }
}
