import Arrays

/// Reads and writes `.npy` files: one array each, as `numpy.save` makes them.
public enum NPYFile {
  /// The array in a file.
  ///
  /// Objects are refused: they would have to be unpickled. Big-endian and Fortran-ordered arrays
  /// are converted.
  ///
  /// - Throws: ``InterchangeError``.
  public static func read(_ path: String) throws(InterchangeError) -> NDArray {
    let file = try reportingFileErrors { () throws(FileError) in try InputFile(path) }
    let beginning = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: 0..<min(file.byteCount, 1 << 16))
    }
    let header: NPYHeader
    let offset: Int
    do {
      (header, offset) = try NPYHeader.parse(beginning)
    } catch {
      throw InterchangeError(error.code, file: path, reason: error.reason)
    }
    let (byteCount, overflow) = header.shape.elementCount.multipliedReportingOverflow(
      by: header.dtype.itemSize)
    guard !overflow, byteCount <= file.byteCount - offset else {
      throw InterchangeError(
        .damaged, file: path,
        reason: "an array of \(header.dtype), shape \(header.shape), does not fit in the file")
    }
    let storage = try reportingFileErrors { () throws(FileError) in
      try Storage(reading: FileRegion(file, offset..<(offset + byteCount)))
    }
    if header.isBigEndian { storage.swapBytes(ofWordsOf: header.dtype.wordSize) }
    guard header.isFortranOrder else {
      return NDArray(storage: storage, dtype: header.dtype, layout: Layout(header.shape))
    }
    let reversed = Shape(header.shape.dimensions.reversed())
    let array = NDArray(storage: storage, dtype: header.dtype, layout: Layout(reversed))
    return array.permuted(Array((0..<reversed.rank).reversed())).contiguous()
  }

  /// Writes an array.
  ///
  /// - Throws: ``InterchangeError`` for a type that NumPy does not have, or if the system refuses.
  ///   The path then leads to what it did before.
  public static func write(
    _ array: NDArray, to path: String, overwrite: ReplacementFile.Overwrite = .replace
  ) throws {
    guard let header = NPYHeader(array.dtype, array.shape).encoded else {
      throw InterchangeError(
        .unsupported, file: path, reason: "NumPy has no type \(array.dtype)",
        advice: "Convert the array first, for instance to float32.")
    }
    let file = try ReplacementFile(path, overwrite: overwrite)
    try header.withUnsafeBytes { try file.write($0, at: 0) }
    try array.forEachBlock { bytes, place in try file.write(bytes, at: header.count + place) }
    try file.commit()
  }
}
