import Files

extension WriteOptions {
  /// Makes a file of a folder that is being written, by its path within the folder.
  package typealias FileMaker = @Sendable (String) throws(FileError) -> ReplacementFile

  /// What fills a folder: it makes files, and returns those that have not their names yet, in the order in
  /// which they get them.
  package typealias FolderFilling<Result> = (_ file: FileMaker) throws -> (
    files: [ReplacementFile], result: Result
  )

  /// Writes a folder that there is not yet: it takes its place when all of it is whole.
  ///
  /// - Parameters:
  ///   - path: The folder. One that is empty is replaced, if ``overwrite`` says so.
  ///   - input: What is compared with its checksums before.
  ///   - fill: Makes and fills the files.
  /// - Returns: The result of `fill`.
  /// - Throws: `FileError`, and what `fill` and ``finish(_:)`` throw; then nothing is left.
  package func writeFolder<Result>(
    _ path: String, checking input: InputCheck?, _ fill: FolderFilling<Result>
  ) throws -> Result {
    let folder = try ReplacementFolder(
      path, overwrite: overwrite, durable: isDurable, isCancelled: isCancelled)
    do {
      let (files, result) = try fill(folder.file)
      try finish(input)
      for file in files { try file.commit() }
      try folder.commit()
      return result
    } catch {
      // The files that were not committed are gone by now.
      folder.abandon()
      throw error
    }
  }
}
