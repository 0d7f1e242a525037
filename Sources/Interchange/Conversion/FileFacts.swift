import Arrays
import Checkpoints
import OrderedCollections
import States

/// How a file is made, beyond the checkpoint that is in it: what its format has a word for.
public struct FileFacts: Sendable {
  /// The facts by name, in order.
  public private(set) var facts: OrderedDictionary<String, Value> = [:]

  /// Looks at a file.
  ///
  /// Every file has `format` and `bytes`. A PyTorch file has `container`, `version` and `globals`,
  /// the classes and functions that its pickle names; safetensors have `metadata`; a Ballast file
  /// has `producer`, `stored_bytes`, and `compressed`, the number of tensors that are. Whatever is
  /// a zip archive has `members` with their sizes.
  ///
  /// - Parameter format: Its format; told by the content if nil.
  /// - Throws: `FileError`, `CheckpointError` or ``InterchangeError``.
  public init(_ path: String, format: FileFormat? = nil) throws {
    let format = try format ?? FileFormat.detect(path)
    let file = try InputFile(path)
    facts["format"] = .string(format.rawValue)
    facts["bytes"] = .int(file.byteCount)
    switch format {
    case .ballast:
      let checkpoint = try CheckpointFile(path)
      if let producer = checkpoint.producer { facts["producer"] = .string(producer) }
      facts["stored_bytes"] = .int(checkpoint.tensors.reduce(0) { $0 + $1.storedByteCount })
      facts["compressed"] = .int(
        checkpoint.tensors.count { $0.aliasOf == nil && !$0.isMappable && $0.byteCount > 0 })
    case .pytorch:
      let pytorch = try PyTorchFile(path: path)
      facts["container"] = .string(pytorch.container.rawValue)
      if let version = pytorch.version { facts["version"] = .int(version) }
      facts["globals"] = .list(try pytorch.globals().map { .string($0) })
    case .safetensors: try addSafetensors(path)
    case .numpy, .keras, .kerasWeights, .kerasLegacy, .hdf5: break
    }
    if try Self.isZip(file) { try addMembers(file) }
  }

  private mutating func addSafetensors(_ path: String) throws {
    let metadata: OrderedDictionary<String, String>
    if path.hasSuffix(SafetensorsShards.indexSuffix) {
      metadata = try SafetensorsShards(index: path).metadata
    } else {
      metadata = try SafetensorsFile(path).metadata
    }
    facts["metadata"] = .dict(
      OrderedDictionary(
        uniqueKeysWithValues: metadata.map { (Value.Key.string($0.key), Value.string($0.value)) }))
  }

  private static func isZip(_ file: InputFile) throws(FileError) -> Bool {
    try file.bytes(in: 0..<min(file.byteCount, 4)) == [0x50, 0x4B, 0x03, 0x04]
  }

  private mutating func addMembers(_ file: InputFile) throws(InterchangeError) {
    let archive = try ZipArchive(file)
    facts["members"] = .list(
      archive.entries.map { entry in
        [
          "name": .string(entry.name), "bytes": .int(entry.byteCount),
          "packed_bytes": .int(entry.packedByteCount), "checksum": .bool(entry.hasChecksum),
        ]
      })
  }
}
