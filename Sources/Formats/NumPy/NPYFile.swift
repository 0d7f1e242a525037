import Arrays
import Checkpoints
import Files

/// Reads and writes `.npy` files, each of one array, as `numpy.save` makes them.
///
/// The format is specified as `numpy.lib.format` in NumPy's documentation.
public enum NPYFile {
  /// Reads the array in a file into memory.
  ///
  /// Big-endian and Fortran-ordered arrays are converted. Arrays of Python objects are not read,
  /// since that means running a pickle.
  ///
  /// - Parameter path: The path of the file.
  /// - Returns: The array, row-major, of the shape that the header states.
  /// - Throws: `CheckpointError`: `inputOutput` if the file cannot be read; `notThisFormat` if it
  ///   does not begin as a NumPy array does; `unsupported` for Python objects, elements of no stated
  ///   type (`V`), other types that no tensor has, and versions of the format other than 1 to 3;
  ///   `damaged` if the header is malformed (record types are reported so too), the elements do not
  ///   fit in the file, or bytes follow them.
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

  /// Writes an array as a `.npy` file, in row-major order.
  ///
  /// - Parameters:
  ///   - array: What is written. It may lie in a file; it is read block by block.
  ///   - path: The path that the file will have.
  ///   - overwrite: What to do if something is there already.
  /// - Throws: `CheckpointError`: `unsupported` for a type that NumPy does not have, such as
  ///   `bfloat16`; otherwise the failure of the system that is its cause. The path then leads to what
  ///   it did before, unless only the folder could not be synchronized: see
  ///   `ReplacementFile.commit()`.
  public static func write(
    _ array: NDArray, to path: String, overwrite: ReplacementFile.Overwrite = .replace
  ) throws(CheckpointError) {
    guard NPYHeader.hasName(array.dtype) else {
      throw CheckpointError(
        .unsupported, file: path, reason: "NumPy has no type \(array.dtype)",
        advice: "Convert the array first, for instance to float32.")
    }
    try CheckpointError.reporting(path) {
      let file = try ReplacementFile(path, overwrite: overwrite)
      let header = NPYHeader(array.dtype, array.shape).encoded
      try file.write(header, at: 0)
      try array.forEachBlock { bytes, place in try file.write(bytes, at: header.count + place) }
      try file.commit()
    }
  }
}
