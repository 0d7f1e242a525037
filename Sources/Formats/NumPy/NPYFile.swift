import Arrays
import Checkpoints
import Files

/// Reads and writes `.npy` files: one array each, as `numpy.save` makes them.
public enum NPYFile {
  /// The array in a file.
  ///
  /// Objects are refused: they would have to be unpickled. Big-endian and Fortran-ordered arrays
  /// are converted.
  ///
  /// - Throws: `CheckpointError`.
  public static func read(_ path: String) throws(CheckpointError) -> NDArray {
    let file = try reportingFileErrors { () throws(FileError) in try InputFile(path) }
    let region = try reportingFileErrors { () throws(FileError) in
      try FileRegion(file, 0..<file.byteCount)
    }
    let content = try NPYContent(region, isMapped: false, file: path)
    guard !content.header.isVoid else {
      throw CheckpointError(
        .unsupported, file: path,
        reason: "it holds elements of \(content.header.dtype.itemSize) bytes and does not say of "
          + "which type")
    }
    return content.array
  }

  /// Writes an array.
  ///
  /// - Throws: `CheckpointError` for a type that NumPy does not have, or if the system refuses.
  ///   The path then leads to what it did before.
  public static func write(
    _ array: NDArray, to path: String, overwrite: ReplacementFile.Overwrite = .replace
  ) throws {
    guard NPYHeader.hasName(array.dtype) else {
      throw CheckpointError(
        .unsupported, file: path, reason: "NumPy has no type \(array.dtype)",
        advice: "Convert the array first, for instance to float32.")
    }
    let file = try ReplacementFile(path, overwrite: overwrite)
    let header = NPYHeader(array.dtype, array.shape).encoded
    try header.withUnsafeBytes { try file.write($0, at: 0) }
    try array.forEachBlock { bytes, place in try file.write(bytes, at: header.count + place) }
    try file.commit()
  }
}
