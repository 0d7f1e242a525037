import Checkpoints

extension OpenedCheckpoint {
  /// What is damaged in the file, of all that was not compared with a checksum when it was opened
  /// with ``Reading/mapped``.
  ///
  /// So a file is verified that has just been read for another purpose: only the rest of it is read
  /// now. ``FileVerification`` reads all of a file.
  ///
  /// - Parameter seen: What was read since, as ``SaveOptions/readChecksums`` took it.
  /// - Returns: Errors that name the tensor or the part; none if the file is sound, or its format has
  ///   no checksums.
  /// - Throws: `FileError`, `CheckpointError` or ``InterchangeError`` if the file cannot be read.
  public func damage(besides seen: ReadChecksums) throws -> [any Error] {
    switch format {
    case .ballast: return try CheckpointFile(path).verify(known: seen, decoded: checkpoint).problems
    case .pytorch:
      return try PyTorchFile(path: path, access: .unverified)
        .verify(naming: checkpoint, known: seen).problems
    case .numpy:
      guard let archive = try NumPyReader.archive(path) else { return [] }
      // Compressed arrays were compared when they were expanded.
      let found = try archive.verify(known: seen) {
        $0.method == .stored || !$0.name.hasSuffix(".npy")
      }
      return found.problems.map(\.error)
    case .keras:
      return try KerasArchive(path).archive.verify(known: seen).problems.map(\.error)
    case .safetensors: return try SafetensorsFile.verify(path, known: seen).problems
    case .kerasWeights, .kerasLegacy, .hdf5: return []
    }
  }
}
