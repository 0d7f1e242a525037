#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ReplacementFile {
  /// Gives files that belong together their paths, in order.
  ///
  /// If one of them fails, those before it that replaced nothing are removed, so that no part of a
  /// new set is left. A file that was replaced cannot be brought back.
  ///
  /// - Throws: ``FileError``, as ``commit()``.
  package static func commit(_ files: [ReplacementFile]) throws(FileError) {
    var made: [String] = []
    do throws(FileError) {
      for file in files {
        var status = stat()
        let isNew = lstat(file.path, &status) != 0
        try file.commit()
        if isNew { made.append(file.path) }
      }
    } catch {
      for path in made { unlink(path) }
      throw error
    }
  }
}
