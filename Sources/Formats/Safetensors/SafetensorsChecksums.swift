import Arrays
import Checkpoints
import Files
import OrderedCollections
import States
import Synchronization

/// Checksums of the tensors in a safetensors file, which the format has no place for.
///
/// Ballast writes them into the metadata of each file that goes with an outline, as JSON under
/// ``key``: for each tensor its type and shape, as the header has them, and the CRC-32 of its bytes
/// in eight hexadecimal digits.
///
/// ```json
/// {"fc.weight": ["F32", [10, 3], "1a2b3c4d"]}
/// ```
///
/// Another program may change tensors and keep the metadata. One that has another type or shape
/// since then, or another name, has no checksum any more. One that has the same and other values
/// cannot be distinguished from a damaged one: it is refused as that, in words that name both,
/// unless it is read with `Access.unverified`.
struct SafetensorsChecksums {
  /// What is known of a tensor.
  private struct Record: Equatable {
    var typeName: String
    var dimensions: [Int]
    var crc32: UInt32
  }

  private var records: OrderedDictionary<String, Record> = [:]

  /// The name of the checksums in the metadata.
  static let key = "ballast.crc32"

  /// Checksums that are not known yet, and take as much room as those that will be.
  ///
  /// - Parameter entries: The tensors in the order of their bytes.
  init(of entries: [SafetensorsHeader.PlannedEntry]) {
    for entry in entries {
      records[entry.name] = Record(
        typeName: entry.typeName, dimensions: entry.dimensions, crc32: 0)
    }
  }

  /// What the metadata of a file have; nil if that is nothing, or nothing that can be understood.
  init?(_ metadata: OrderedDictionary<String, String>) {
    guard let text = metadata[Self.key], let json = try? Value(json: Array(text.utf8)),
      let members = json.dictionary
    else { return nil }
    for (name, row) in members {
      guard let parts = row.elements, parts.count == 3, let typeName = parts[0].stringValue,
        let dimensions = parts[1].elements?.map(\.intValue), let digits = parts[2].stringValue,
        digits.utf8.count == 8, let crc32 = UInt32(digits, radix: 16)
      else { return nil }
      records[name.text] = Record(
        typeName: typeName, dimensions: dimensions.map { $0 ?? -1 }, crc32: crc32)
    }
  }

  /// Takes the checksum of a tensor.
  mutating func record(_ crc32: UInt32, of name: String) {
    records[name]?.crc32 = crc32
  }

  /// The text in the metadata.
  var json: String {
    let rows = records.map { name, record in
      let members: Value = [
        .string(record.typeName), .list(record.dimensions.map(Value.int)),
        .string("\(Digest(crc32: record.crc32))"),
      ]
      return (Value.Key.string(name), members)
    }
    return Value.dict(OrderedDictionary(uniqueKeysWithValues: rows)).json()
  }

  // MARK: - Reading

  /// Reads the tensors of a file that are mapped into memory of their own, and compares them with the
  /// checksums in the file, in one pass.
  ///
  /// - Returns: All tensors of the file, and the names of those that do not match.
  /// - Throws: `FileError` if the file cannot be read.
  static func read(
    _ file: SafetensorsFile
  ) throws -> (tensors: OrderedDictionary<String, NDArray>, mismatched: [String]) {
    let checksums = SafetensorsChecksums(file.metadata)
    var tensors = file.tensors
    var placed: [(name: String, region: FileRegion, storage: Storage)] = []
    for (name, array) in file.tensors {
      guard let region = try array.fileRegion() else { continue }
      let storage = Storage(uninitializedByteCount: region.range.count)
      placed.append((name, region, storage))
      tensors[name] = NDArray(storage: storage, dtype: array.dtype, layout: Layout(array.shape))
    }
    let found = try ReadChecksums.checksums(of: placed.map(\.region)) {
      [storages = placed.map(\.storage)] number, offset, bytes in
      // Nobody else has seen the storages yet, and no two pieces overlap.
      storages[number].withMutableBytes(in: offset..<(offset + bytes.byteCount)) {
        $0.copy(bytes)
      }
    }
    var mismatched: [String] = []
    for (part, checksum) in zip(placed, found) {
      guard let array = tensors[part.name], let record = checksums?.record(of: array, part.name)
      else { continue }
      if record.crc32 != checksum { mismatched.append(part.name) }
    }
    // Without elements, or read when the file was opened.
    for (name, array) in file.tensors where try array.fileRegion() == nil {
      guard let record = checksums?.record(of: array, name) else { continue }
      if try CRC32.checksum(of: array) != record.crc32 { mismatched.append(name) }
    }
    return (tensors, mismatched)
  }

  /// What is recorded of a tensor; nil if nothing is, or of one of another type or shape.
  private func record(of array: NDArray, _ name: String) -> Record? {
    guard let record = records[name], record.typeName == array.dtype.safetensorsName,
      record.dimensions == SafetensorsHeader.dimensions(of: array.shape, array.dtype)
    else { return nil }
    return record
  }

  // MARK: - Comparing

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

  /// Compares the tensors of a file with the checksums in it, a block at a time.
  ///
  /// - Parameters:
  ///   - known: What was read of the file before, which is not read again.
  ///   - leavesMapped: Whether only tensors that are in memory already are compared.
  /// - Throws: `FileError` if the file cannot be read.
  static func compare(
    _ file: SafetensorsFile, known: ReadChecksums? = nil, leavesMapped: Bool = false
  ) throws -> Result {
    let checksums = SafetensorsChecksums(file.metadata)
    var result = Result()
    var placed: [(name: String, crc32: UInt32, region: FileRegion)] = []
    for (name, array) in file.tensors {
      guard let record = checksums?.record(of: array, name) else {
        result.unprotectedCount += 1
        continue
      }
      if let region = try array.fileRegion() {
        guard !leavesMapped else { continue }
        placed.append((name, record.crc32, region))
      } else if try CRC32.checksum(of: array) != record.crc32 {
        // Without elements, or not where it could be mapped.
        result.mismatched.append(name)
      }
    }
    let found = try ReadChecksums.checksums(of: placed.map(\.region), known: known)
    result.mismatched += zip(placed, found).filter { $0.0.crc32 != $0.1 }.map(\.0.name)
    return result
  }
}

extension NDArray {
  /// Where in a file the elements are, one after the other; nil if they are not in one.
  fileprivate func fileRegion() throws(FileError) -> FileRegion? {
    guard isContiguous, byteCount > 0, let region = storage.fileRegion else { return nil }
    let start = region.range.lowerBound + layout.offset * dtype.itemSize
    return try FileRegion(region.file, start..<start + byteCount)
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
