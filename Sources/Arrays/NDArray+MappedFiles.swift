import Files

extension Sequence<NDArray> {
  /// The files that the arrays map, or are put together from, each once.
  package var mappedFiles: [InputFile] {
    var known: Set<ObjectIdentifier> = []
    return flatMap { array in
      (array.storage.source?.files ?? []).filter {
        known.insert(ObjectIdentifier($0)).inserted
      }
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
