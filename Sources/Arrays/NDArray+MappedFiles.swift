import Files

extension Sequence<NDArray> {
  /// The files that the arrays map, each once.
  package var mappedFiles: [InputFile] {
    var known: Set<ObjectIdentifier> = []
    return compactMap { array in
      guard let file = array.storage.fileRegion?.file,
        known.insert(ObjectIdentifier(file)).inserted
      else { return nil }
      return file
    }
  }

  /// Looks whether the files that the arrays map are as they were when they were opened: see
  /// `InputFile.checkIsUnchanged()`.
  ///
  /// - Throws: `FileError` for a file that is not: other elements may have been read than were there.
  package func checkMappedFiles() throws(FileError) {
    for file in mappedFiles { try file.checkIsUnchanged() }
  }
}
