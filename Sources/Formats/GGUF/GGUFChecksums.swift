import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// Checksums of the tensors in a GGUF file, which the format has no place for.
///
/// Ballast writes them with an outline, as JSON under ``GGUFMetadata/checksumsKey``: for each tensor its type,
/// its lengths as the file has them, and the CRC-32 of its bytes in eight hexadecimal digits.
///
/// ```json
/// {"fc.weight": ["F32", [3, 10], "1a2b3c4d"]}
/// ```
///
/// A tensor that has another type or shape by now, or another name, has no checksum any more. Of a model that
/// was split, the first part has the metadata, and so the checksums of all.
struct GGUFChecksums {
  private struct Record: Equatable {
    var typeName: String
    var lengths: [Int]
    var crc32: UInt32
  }

  private var records: OrderedDictionary<String, Record> = [:]

  /// Checksums of no tensors.
  init() {}

  /// What the metadata of a file have; nothing, if that cannot be understood.
  init(_ header: GGUFHeader) {
    guard let text = header.pairs[GGUFMetadata.checksumsKey]?.value.stringValue,
      let json = try? Value(json: Array(text.utf8)), let members = json.dictionary
    else { return }
    for (name, row) in members {
      guard let parts = row.elements, parts.count == 3, let typeName = parts[0].stringValue,
        let lengths = parts[1].elements?.map(\.intValue), let digits = parts[2].stringValue,
        digits.utf8.count == 8, let crc32 = UInt32(digits, radix: 16)
      else { continue }
      records[name.text] = Record(
        typeName: typeName, lengths: lengths.map { $0 ?? -1 }, crc32: crc32)
    }
  }

  /// Takes the checksum of a tensor; 0 as long as it is not known, which takes as much room.
  mutating func record(
    _ crc32: UInt32, of name: String, _ type: GGUFTensorType, _ dimensions: [Int]
  ) {
    records[name] = Record(
      typeName: type.name, lengths: dimensions.reversed(), crc32: crc32)
  }

  /// The text in the metadata.
  var json: String {
    let rows = records.map { name, record in
      let row: Value = [
        .string(record.typeName), .list(record.lengths.map(Value.int)),
        .string("\(Digest(crc32: record.crc32))"),
      ]
      return (Value.Key.string(name), row)
    }
    return Value.dict(OrderedDictionary(uniqueKeysWithValues: rows)).json()
  }

  /// What is recorded of a tensor; nil if nothing is, or of one of another type or shape.
  private func crc32(of name: String, _ entry: GGUFHeader.Entry) -> UInt32? {
    guard let record = records[name], record.typeName == entry.type.name,
      record.lengths == entry.dimensions.reversed()
    else { return nil }
    return record.crc32
  }

  /// What is said of a tensor that does not match.
  static let mismatch =
    "it does not match the checksum that Ballast wrote: it is damaged, or another program "
    + "changed its values and kept the metadata"

  /// The result of comparing.
  struct Result {
    /// The tensors that do not match their checksums, in the order of the file.
    var mismatched: [String] = []
    /// How many have none.
    var unprotectedCount = 0
  }

  /// Compares the tensors of a file, which may be a part of a model, with their checksums, a block at a time.
  ///
  /// - Parameters:
  ///   - known: What was read of the file before, which is not read again.
  ///   - copies: Where the bytes of the tensors go too, by their names.
  ///   - leavesMapped: Whether only tensors that are in memory already are compared.
  /// - Throws: `FileError` if the file cannot be read.
  func compare(
    _ file: GGUFFile, known: ReadChecksums? = nil, copyingTo copies: [String: Storage] = [:],
    leavesMapped: Bool = false
  ) throws -> Result {
    var result = Result()
    var placed: [(name: String, crc32: UInt32?, region: FileRegion)] = []
    for (name, array) in file.tensors {
      let expected = file.header.entries[name].flatMap { crc32(of: name, $0) }
      if expected == nil { result.unprotectedCount += 1 }
      if let region = array.storage.fileRegion, array.byteCount > 0 {
        guard !leavesMapped else { continue }
        if expected != nil || copies[name] != nil { placed.append((name, expected, region)) }
      } else if let expected, try CRC32.checksum(of: array) != expected {
        // Without elements, or not where it could be mapped.
        result.mismatched.append(name)
      }
    }
    let found = try ReadChecksums.checksums(of: placed.map(\.region), known: known) {
      [storages = placed.map { copies[$0.name] }] number, offset, bytes in
      // Nobody else has seen the storages yet, and no two pieces overlap.
      storages[number]?.withMutableBytes(in: offset..<(offset + bytes.byteCount)) {
        $0.copy(bytes)
      }
    }
    for (part, checksum) in zip(placed, found) {
      if let expected = part.crc32, expected != checksum { result.mismatched.append(part.name) }
    }
    return result
  }
}

extension CRC32 {
  /// The checksum of an array's elements in row-major order.
  fileprivate static func checksum(of array: NDArray) throws -> UInt32 {
    var crc = CRC32()
    try array.forEachBlock { bytes, _ in crc.update(bytes) }
    return crc.value
  }
}
