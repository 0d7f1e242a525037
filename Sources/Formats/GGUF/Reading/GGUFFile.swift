import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// A GGUF file: a whole model, or a part of a split one.
///
/// Opening reads the header. Tensors are mapped, but for those that are not aligned for their type, and
/// those of big-endian files, which are read and turned. Blocks of quantised numbers are held as bytes, in
/// the order of little-endian files.
struct GGUFFile: Sendable {
  /// The path of the file, as the caller named it.
  let path: String
  /// What precedes the tensors.
  let header: GGUFHeader
  /// The tensors by name, in the order of the header.
  let tensors: OrderedDictionary<String, NDArray>

  /// Reads the header of a file that is open, and maps the tensors.
  ///
  /// - Throws: As ``GGUFHeader/init(_:)``; `unsupported` for blocks in a big-endian file of which nobody
  ///   says in which order their bytes are.
  init(_ file: InputFile) throws(CheckpointError) {
    path = file.path
    let header = try GGUFHeader(file)
    var tensors: OrderedDictionary<String, NDArray> = [:]
    for (name, entry) in header.entries {
      if header.isBigEndian, entry.type.isBlocks, entry.type.swappedWords == nil {
        throw CheckpointError(
          .unsupported, file: file.path, place: name,
          reason:
            "it is of type \(entry.type.name) in a big-endian file, where nothing says in which "
            + "order the bytes of such blocks are")
      }
      let dtype = entry.type.dtype ?? .uint8
      tensors[name] = try reportingFileErrors(place: name) { () throws(FileError) in
        let region = try FileRegion(file, entry.range)
        // Blocks are bytes to us; whoever decodes them loads each number by itself.
        let isInPlace =
          !header.isBigEndian && entry.range.lowerBound.isMultiple(of: min(dtype.itemSize, 8))
        let storage = try isInPlace ? Storage(mapping: region) : Storage(reading: region)
        if header.isBigEndian { Self.turn(storage, entry.type) }
        return NDArray(storage: storage, dtype: dtype, layout: Layout(Shape(entry.arrayDimensions)))
      }
    }
    self.header = header
    self.tensors = tensors
  }

  /// Turns big-endian numbers into little-endian ones.
  private static func turn(_ storage: Storage, _ type: GGUFTensorType) {
    guard let words = type.swappedWords else {
      return storage.swapBytes(ofWordsOf: type.dtype?.wordSize ?? 1)
    }
    storage.withMutableBytes { bytes in
      for start in stride(from: 0, to: bytes.byteCount, by: type.blockByteCount) {
        for word in words {
          let first = bytes[start + word]
          bytes[start + word] = bytes[start + word + 1]
          bytes[start + word + 1] = first
        }
      }
    }
  }
}

extension GGUFTensorType {
  /// Where a block has numbers of two bytes, whose order is that of the file; nil for a plain type, and
  /// for blocks of which it is not known.
  ///
  /// As `gguf-convert-endian` of `gguf` 0.19 turns them, which knows these and no others.
  var swappedWords: [Int]? {
    switch name {
    case "Q4_0", "Q8_0": [0]
    case "Q4_K": [0, 2]
    case "Q6_K": [208]
    case "MXFP4", "NVFP4": []
    default: nil
    }
  }
}
