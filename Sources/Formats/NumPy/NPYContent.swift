import Arrays
import Checkpoints
import Files

/// The array of a `.npy` file, wherever its bytes are.
struct NPYContent {
  let header: NPYHeader
  /// Little-endian and in C order, whatever the file has.
  let array: NDArray

  /// How much of a file is looked at for the header.
  private static let beginningByteCount = 1 << 16

  /// The array in a file, or in a part of one.
  ///
  /// - Parameters:
  ///   - isMapped: Whether elements that can be used where they are stay in the file.
  ///   - file: The path, for errors, and with `place` the part.
  init(
    _ region: FileRegion, isMapped: Bool, file: String, place: String? = nil
  ) throws(CheckpointError) {
    let start = region.range.lowerBound
    let beginning = try reportingFileErrors(place: place) { () throws(FileError) in
      try region.file.bytes(
        in: start..<min(region.range.upperBound, start + Self.beginningByteCount))
    }
    let range: Range<Int>
    (header, range) = try Self.parse(beginning, region.range.count, file, place)
    let isInPlace =
      isMapped && !header.isBigEndian && !header.isFortranOrder
      && (start + range.lowerBound).isMultiple(of: min(header.dtype.itemSize, 8))
    let storage = try reportingFileErrors(place: place) { () throws(FileError) in
      let region = try FileRegion(
        region.file, (start + range.lowerBound)..<(start + range.upperBound))
      return try isInPlace ? Storage(mapping: region) : Storage(reading: region)
    }
    array = Self.array(header, storage)
  }

  /// The array in the bytes of a file in memory.
  init(_ bytes: Storage, file: String, place: String) throws(CheckpointError) {
    let beginning = bytes.withBytes {
      [UInt8](copying: $0.extracting(first: Self.beginningByteCount))
    }
    let range: Range<Int>
    (header, range) = try Self.parse(beginning, bytes.byteCount, file, place)
    let content = bytes.withBytes(in: range) { Storage(copying: $0) }
    array = Self.array(header, content)
  }

  /// The header, and where the elements are.
  private static func parse(
    _ beginning: [UInt8], _ byteCount: Int, _ file: String, _ place: String?
  ) throws(CheckpointError) -> (NPYHeader, Range<Int>) {
    let header: NPYHeader
    let offset: Int
    do throws(NPYHeader.Failure) {
      (header, offset) = try NPYHeader.parse(beginning)
    } catch {
      throw CheckpointError(error.code, file: file, place: place, reason: error.reason)
    }
    let (count, overflow) = header.shape.elementCount.multipliedReportingOverflow(
      by: header.dtype.itemSize)
    guard !overflow, count <= byteCount - offset else {
      throw CheckpointError(
        .damaged, file: file, place: place,
        reason: "an array of \(header.dtype), shape \(header.shape), does not fit in the file")
    }
    // NumPy reads one array and leaves the rest: a second one, or what was appended by mistake.
    guard count == byteCount - offset else {
      throw CheckpointError(
        .damaged, file: file, place: place,
        reason: "\(byteCount - offset - count) bytes follow the array")
    }
    return (header, offset..<(offset + count))
  }

  private static func array(_ header: NPYHeader, _ storage: Storage) -> NDArray {
    if header.isBigEndian { storage.swapBytes(ofWordsOf: header.dtype.wordSize) }
    guard header.isFortranOrder else {
      return NDArray(storage: storage, dtype: header.dtype, layout: Layout(header.shape))
    }
    let reversed = Shape(header.shape.dimensions.reversed())
    let array = NDArray(storage: storage, dtype: header.dtype, layout: Layout(reversed))
    return array.permuted(Array((0..<reversed.rank).reversed())).contiguous()
  }
}
