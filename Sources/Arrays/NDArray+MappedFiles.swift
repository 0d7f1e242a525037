import Files

extension Sequence<NDArray> {
  /// Looks whether the files that the arrays map are as long as they were when they were opened: see
  /// `InputFile.checkIsWhole()`.
  ///
  /// - Throws: `FileError` for a file that was cut short: elements may have been read as zeros.
  package func checkMappedFiles() throws(FileError) {
    var known: Set<ObjectIdentifier> = []
    for array in self {
      guard let file = array.storage.fileRegion?.file,
        known.insert(ObjectIdentifier(file)).inserted
      else { continue }
      try file.checkIsWhole()
    }
  }
}
