import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// A safetensors file: a whole model or one shard of it.
///
/// All rules of the format are enforced, as its specification ("Format" in the safetensors README)
/// states them: the tensors cover the rest of the file without holes or overlaps; the header has at
/// most 100,000,000 bytes, and no name twice. Opening reads only the header;
/// tensors are mapped. A tensor that is not aligned for its type, which the format allows, is read
/// when the file is opened. Elements are little-endian.
///
/// ```swift
/// let file = try SafetensorsFile("model.safetensors")
/// file.tensors["fc.weight"]?.shape
/// ```
public struct SafetensorsFile: Sendable {
  /// The path of the file, as the caller named it.
  public let path: String
  /// The tensors by name, in the order of their bytes in the file, which need not be that of the
  /// header. Those that are mapped keep the file open.
  public let tensors: OrderedDictionary<String, NDArray>
  /// The texts in the header's `__metadata__`, by name; empty if it has none. What Ballast writes
  /// there for itself begins with `ballast.`.
  public let metadata: OrderedDictionary<String, String>

  /// Opens a file and checks its header.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `CheckpointError`: `notThisFormat` if the file does not begin as the format
  ///   requires, `damaged` with the tensor or rule at fault, `unsupported` for an element type that
  ///   is not known, `inputOutput` if the file cannot be read.
  public init(_ path: String) throws(CheckpointError) {
    try self.init(reportingFileErrors { () throws(FileError) in try InputFile(path) })
  }

  /// Reads the header of a file that is open, and maps the tensors.
  ///
  /// - Throws: As ``init(_:)``.
  init(_ file: InputFile) throws(CheckpointError) {
    path = file.path
    let header: SafetensorsHeader
    let dataOffset: Int
    (header, dataOffset) = try Self.header(of: file)
    metadata = header.metadata
    var tensors: OrderedDictionary<String, NDArray> = [:]
    let sorted = header.entries.sorted { $0.value.range.lowerBound < $1.value.range.lowerBound }
    for (name, entry) in sorted {
      let start = dataOffset + entry.range.lowerBound
      tensors[name] = try reportingFileErrors(place: name) { () throws(FileError) in
        let region = try FileRegion(file, start..<(start + entry.range.count))
        // The format requires no alignment.
        let isAligned = start.isMultiple(of: min(entry.dtype.itemSize, 8))
        let storage = try isAligned ? Storage(mapping: region) : Storage(reading: region)
        return NDArray(storage: storage, dtype: entry.dtype, layout: Layout(entry.shape))
      }
    }
    self.tensors = tensors
  }

  /// Reads and checks the header: its length in 8 bytes, little-endian, and that many bytes of
  /// JSON.
  ///
  /// - Returns: The header, and the position in the file from which the offsets in it count.
  /// - Throws: `CheckpointError`: `notThisFormat`, `damaged`, `unsupported`, or `inputOutput`.
  private static func header(
    of file: InputFile
  ) throws(CheckpointError) -> (header: SafetensorsHeader, dataOffset: Int) {
    func failure(_ code: CheckpointError.Code, _ reason: String) -> CheckpointError {
      CheckpointError(code, file: file.path, reason: reason)
    }
    guard file.byteCount >= 8 else {
      guard file.byteCount > 0, hasName(file.path) else {
        throw failure(.notThisFormat, "it is too short")
      }
      throw failure(.damaged, "it is cut short: it ends within the length of its header")
    }
    let lengthBytes = try reportingFileErrors { () throws(FileError) in try file.bytes(in: 0..<8) }
    let length = lengthBytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafetensorsHeader.maximumByteCount) else {
      throw failure(
        .notThisFormat, "its header claims \(length) bytes, more than the format allows")
    }
    guard Int(length) <= file.byteCount - 8 else {
      throw failure(
        .damaged,
        "it is cut short: its header claims \(length) bytes, and \(file.byteCount - 8) follow")
    }
    let dataOffset = 8 + Int(length)
    let json = try reportingFileErrors { () throws(FileError) in
      try file.bytes(in: 8..<dataOffset)
    }
    do throws(SafetensorsHeader.Failure) {
      let header = try SafetensorsHeader(json: json, dataByteCount: file.byteCount - dataOffset)
      return (header, dataOffset)
    } catch {
      throw CheckpointError(error.code, file: file.path, place: error.place, reason: error.reason)
    }
  }

  /// Whether the beginning of a file is that of this format, also of one that was cut short: then a
  /// name in quotes follows the brace, or the file's own name says what it was.
  package static func isLikely(_ beginning: [UInt8], byteCount: Int, name: String) -> Bool {
    guard !beginning.isEmpty else { return false }
    let lengthBytes = beginning.prefix(8)
    let length = lengthBytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // Of a few bytes nothing is known but that they could be the beginning of a length.
    guard beginning.count > 8 else {
      return hasName(name) && length <= UInt64(SafetensorsHeader.maximumByteCount)
    }
    guard length <= UInt64(SafetensorsHeader.maximumByteCount), beginning[8] == UInt8(ascii: "{")
    else { return false }
    return length + 8 <= UInt64(byteCount) || hasName(name)
      || beginning.count > 9 && beginning[9] == UInt8(ascii: "\"")
  }

  /// Whether a file's name has the ending of the format, so that a fragment of one is taken for a
  /// damaged file and not for something else.
  private static func hasName(_ name: String) -> Bool { name.hasSuffix(".safetensors") }
}

extension ArrayCollection {
  /// The tensors of safetensors files, with what their metadata say of them.
  ///
  /// A text whose name is that of no tensor, and which is the name of one, makes its name another
  /// name of that tensor, as huggingface_hub writes shared tensors.
  ///
  /// - Parameters:
  ///   - file: The path, for errors.
  ///   - tensors: The tensors by name.
  ///   - metadata: The texts of the header.
  ///   - outline: The text of a `CheckpointOutline`, if it is not among the metadata.
  init(
    file: String, tensors: OrderedDictionary<String, NDArray>,
    metadata: OrderedDictionary<String, String>, outline: String? = nil
  ) {
    self.init(file: file, tensors: tensors)
    self.outline = outline ?? metadata[SafetensorsPlan.outlineKey]
    for (name, text) in metadata
    where name != SafetensorsPlan.outlineKey && name != ChecksumTable.key {
      if tensors[name] == nil, tensors[text] != nil {
        aliases[name] = text
      } else if name == SafetensorsPlan.frameworkKey, Checkpoint.frameworks.contains(text) {
        // Says for which library the file was made, as loaders want it: no value of the user's.
        framework = text
      } else {
        texts[name] = text
      }
    }
  }
}

extension SafetensorsFile {
  /// The tensors, compared with the checksums that Ballast wrote into the header.
  ///
  /// - Throws: `FileError` if the file cannot be read, `CheckpointError` if what was written there is damaged.
  func compared(
    _ reading: ChecksumComparison.Reading, known: ReadChecksums? = nil
  ) throws -> ChecksumComparison {
    let table = try ChecksumTable(json: metadata[ChecksumTable.key], file: path)
    return try ChecksumComparison(tensors, reading, known: known) { name, array in
      table.crc32(
        of: name, array.dtype.safetensorsName,
        SafetensorsHeader.dimensions(of: array.shape, array.dtype))
    }
  }
}
