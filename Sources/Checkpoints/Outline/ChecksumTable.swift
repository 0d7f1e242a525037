import Arrays
import Files
import OrderedCollections
import States

/// Checksums of the tensors in a file of a format that has no place for them.
///
/// Ballast writes them beside an outline, as JSON among the file's metadata under ``key``: for each tensor its
/// type and its lengths, as the file has them, and the CRC-32 of its bytes in eight hexadecimal digits.
///
/// ```json
/// {"fc.weight": ["F32", [10, 3], "1a2b3c4d"]}
/// ```
///
/// Another program may change tensors and keep the metadata. One that has another type or shape since then, or
/// another name, has no checksum any more. One that has the same and other values cannot be distinguished from
/// a damaged one: it is refused as that, in words that name both, unless it is read with `Access.unverified`.
package struct ChecksumTable {
  private struct Record {
    var typeName: String
    var lengths: [Int]
    var crc32: UInt32
  }

  private var records: OrderedDictionary<String, Record> = [:]

  /// The name of the checksums in the metadata.
  package static let key = "ballast.crc32"

  /// Checksums of no tensors.
  package init() {}

  /// What the metadata of a file have.
  ///
  /// - Parameters:
  ///   - text: The text under ``key``; nil if there is none.
  ///   - file: The path of the file.
  /// - Throws: `CheckpointError` with code `damaged` for what Ballast does not write: nothing of it would
  ///   then be compared.
  package init(json text: String?, file: String) throws(CheckpointError) {
    guard let text else { return }
    let damaged = CheckpointError(
      .damaged, file: file, place: Self.key,
      reason:
        "it is not the table of checksums that Ballast writes, so that nothing can be compared")
    guard let json = try? Value(json: Array(text.utf8)), let members = json.dictionary else {
      throw damaged
    }
    for (name, row) in members {
      guard let parts = row.elements, parts.count == 3, let typeName = parts[0].stringValue,
        let lengths = parts[1].elements?.map(\.intValue), let digits = parts[2].stringValue,
        digits.utf8.count == 8, let crc32 = UInt32(digits, radix: 16),
        case let known = lengths.compactMap(\.self), known.count == lengths.count
      else { throw damaged }
      records[name.text] = Record(typeName: typeName, lengths: known, crc32: crc32)
    }
  }

  /// Takes the checksum of a tensor; 0 as long as it is not known, which takes as much room.
  ///
  /// - Parameters:
  ///   - crc32: The checksum.
  ///   - name: The tensor's name in the file.
  ///   - typeName: Its type, as the file has it.
  ///   - lengths: Its lengths, as the file has them.
  package mutating func record(
    _ crc32: UInt32, of name: String, _ typeName: String, _ lengths: [Int]
  ) {
    records[name] = Record(typeName: typeName, lengths: lengths, crc32: crc32)
  }

  /// The text in the metadata.
  package var json: String {
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
  package func crc32(of name: String, _ typeName: String?, _ lengths: [Int]) -> UInt32? {
    guard let record = records[name], record.typeName == typeName, record.lengths == lengths
    else { return nil }
    return record.crc32
  }

  /// The error for a tensor that does not match its checksum.
  package static func mismatch(_ name: String, in path: String) -> CheckpointError {
    CheckpointError(
      .damaged, file: path, place: name,
      reason:
        "it does not match the checksum that Ballast wrote: it is damaged, or another program "
        + "changed its values and kept the metadata")
  }

  /// What verifying says of tensors without a checksum; nil if there are none.
  ///
  /// - Parameters:
  ///   - count: How many there are.
  ///   - tensorCount: How many tensors there are.
  ///   - formatName: The format, as in "a GGUF file has no checksums of its own".
  package static func note(
    unprotected count: Int, of tensorCount: Int, formatName: String
  ) -> String? {
    switch count {
    case 0: nil
    case tensorCount:
      "a \(formatName) file has no checksums of its own; only the structure was verified"
    case 1: "a tensor without a checksum; another program added or changed it"
    default: "\(count) tensors without a checksum; another program added or changed them"
    }
  }
}
