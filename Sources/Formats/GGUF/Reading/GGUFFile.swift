import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// A GGUF file: a whole model, or a part of a split one.
///
/// Opening reads the header. Tensors are mapped, but for those that are not aligned for their type, and
/// those of big-endian files, which are read and turned. Blocks of quantised numbers are held as bytes.
struct GGUFFile: Sendable {
  /// The path of the file, as the caller named it.
  let path: String
  /// What precedes the tensors.
  let header: GGUFHeader
  /// The tensors by name, in the order of the header.
  let tensors: OrderedDictionary<String, NDArray>

  /// Reads the header of a file that is open, and maps the tensors.
  ///
  /// - Throws: As ``GGUFHeader/init(_:)``; `unsupported` for a tensor in a big-endian file of which nothing
  ///   says in which order its bytes are.
  init(_ file: InputFile) throws(CheckpointError) {
    path = file.path
    let header = try GGUFHeader(file)
    var tensors: OrderedDictionary<String, NDArray> = [:]
    for (name, entry) in header.entries {
      if header.isBigEndian, entry.type.isAmbiguousInBigEndian {
        throw CheckpointError(
          .unsupported, file: file.path, place: GGUFCursor.short(name),
          reason:
            "it is of type \(entry.type.name) in a big-endian file, of which some programs turn the bytes and "
            + "others do not, and nothing says which one wrote it",
          advice: "Convert the model anew, as a little-endian file.")
      }
      let dtype = entry.type.dtype ?? .uint8
      tensors[name] = try reportingFileErrors(place: name) { () throws(FileError) in
        let region = try FileRegion(file, entry.range)
        // Blocks are bytes to us; whoever decodes them loads each number by itself.
        let isInPlace =
          !header.isBigEndian && entry.range.lowerBound.isMultiple(of: min(dtype.itemSize, 8))
        let storage = try isInPlace ? Storage(mapping: region) : Storage(reading: region)
        if header.isBigEndian { storage.swapBytes(ofWordsOf: dtype.wordSize) }
        return NDArray(storage: storage, dtype: dtype, layout: Layout(Shape(entry.arrayDimensions)))
      }
    }
    self.header = header
    self.tensors = tensors
  }
}

extension GGUFFile {
  /// The checksums that Ballast wrote into the metadata.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if they are none.
  func checksums() throws(CheckpointError) -> ChecksumTable {
    guard let pair = header.pairs[ChecksumTable.key] else { return ChecksumTable() }
    return try ChecksumTable(json: pair.value.stringValue ?? "", file: path)
  }

  /// The tensors, compared with their checksums.
  ///
  /// - Parameters:
  ///   - table: The checksums of the model: of one that was split, the first part has those of all.
  ///   - reading: What is read for it.
  ///   - known: What was read of the file before.
  /// - Throws: `FileError` if the file cannot be read.
  func compared(
    with table: ChecksumTable, _ reading: ChecksumComparison.Reading, known: ReadChecksums? = nil
  ) throws -> ChecksumComparison {
    try ChecksumComparison(tensors, reading, known: known) { name, _ in
      header.entries[name].flatMap {
        table.crc32(of: name, $0.type.name, $0.dimensions.reversed())
      }
    }
  }
}

extension GGUFTensorType {
  /// Whether nothing says in which order the bytes of elements are in a big-endian file.
  ///
  /// `GGUFWriter` of `gguf` 0.19 turns arrays of numbers, and takes blocks and BF16 as bytes, which it leaves as
  /// they are; its reader does not turn them either. `gguf-convert-endian` turns the numbers in them. Nothing in
  /// a file tells which of the two wrote it. MXFP4 and NVFP4 are of single bytes, which no order changes.
  var isAmbiguousInBigEndian: Bool {
    isBlocks ? name != "MXFP4" && name != "NVFP4" : dtype == .bfloat16
  }
}
