import Arrays
import Checkpoints
import Files
import OrderedCollections
import States

/// What a GGUF file says before its tensors: its metadata, and which tensors are where.
///
/// The format is specified in `docs/gguf.md` of ggml: the magic, a version, two counts, pairs of keys and
/// values, a record for each tensor, and, from the next multiple of the alignment on, the tensors. Versions 2
/// and 3 are the same but for the order of bytes, of which 3 has two.
struct GGUFHeader: Sendable {
  /// A value of the metadata.
  struct Pair: Sendable {
    let type: GGUFValueType
    let value: Value
  }

  /// A tensor.
  struct Entry: Sendable {
    let type: GGUFTensorType
    /// The lengths, the outermost dimension first; the file has them the other way round.
    let dimensions: [Int]
    /// The shape of the array that holds it: of bytes, where elements are blocks.
    let arrayDimensions: [Int]
    /// Where the bytes are in the file.
    fileprivate(set) var range: Range<Int>
  }

  /// The version: 2 or 3.
  let version: UInt32
  /// Whether numbers have their most significant byte first.
  let isBigEndian: Bool
  /// The metadata, in the order of the file.
  private(set) var pairs: OrderedDictionary<String, Pair> = [:]
  /// The tensors, in the order of the file.
  private(set) var entries: OrderedDictionary<String, Entry> = [:]
  /// Of what each tensor's offset is a multiple.
  private(set) var alignment = GGUFHeader.usualAlignment

  static let magic = Array("GGUF".utf8)
  static let usualAlignment = 32
  static let alignmentKey = "general.alignment"
  /// The largest alignment that is read or written.
  static let maximumAlignment = 1 << 16
  /// The most bytes that the specification allows a key; names of tensors have fewer.
  static let maximumKeyByteCount = 65_535
  /// More dimensions than any tensor has; the loader of llama.cpp takes four.
  private static let maximumRank = 32

  /// Reads the beginning of a file, and checks all that it says.
  ///
  /// - Throws: `CheckpointError`: `notThisFormat`, `damaged`, `newerVersion`, `unsupported`, `refused`, or
  ///   `inputOutput`.
  init(_ file: InputFile) throws(CheckpointError) {
    var cursor = GGUFCursor(file)
    let magic = try cursor.bytes(UInt64(min(4, file.byteCount)), of: "its beginning")
    guard magic == Self.magic else {
      guard !magic.isEmpty, Self.magic.starts(with: magic), magic.count < 4 else {
        throw CheckpointError(
          .notThisFormat, file: file.path, reason: "it does not begin with \"GGUF\"")
      }
      throw cursor.damaged("it is cut short: it ends within its first word")
    }
    (version, isBigEndian) = try Self.version(&cursor)
    let tensorCount = try cursor.integer(UInt64.self, of: "its header")
    let pairCount = try cursor.integer(UInt64.self, of: "its header")
    // Keys and names have lengths, and each record at least these bytes.
    guard pairCount <= UInt64(cursor.remaining / 13) else {
      throw cursor.damaged(
        "it claims \(pairCount) values of metadata, and \(cursor.remaining) bytes follow")
    }
    guard tensorCount <= UInt64(cursor.remaining / 24) else {
      throw cursor.damaged("it claims \(tensorCount) tensors, and \(cursor.remaining) bytes follow")
    }
    for _ in 0..<pairCount { try readPair(&cursor) }
    try readAlignment(&cursor)
    for _ in 0..<tensorCount { try readEntry(&cursor) }
    try place(&cursor, fileByteCount: file.byteCount)
  }

  private static func version(
    _ cursor: inout GGUFCursor
  ) throws(CheckpointError) -> (version: UInt32, isBigEndian: Bool) {
    var version = try cursor.integer(UInt32.self, of: "its version")
    // Of a small number in the other order the lower half is zero.
    if version & 0xFFFF == 0 {
      cursor.isBigEndian = true
      version = version.byteSwapped
    }
    switch version {
    case 0: throw cursor.damaged("its version is 0")
    case 1:
      throw CheckpointError(
        .unsupported, file: cursor.path,
        reason: "it is of version 1 of the format, which no program reads any more",
        advice: "Convert the model anew.")
    case 2, 3: return (version, cursor.isBigEndian)
    default:
      throw CheckpointError(
        .newerVersion, file: cursor.path,
        reason: "it is of version \(version) of the format, and this program reads 2 and 3")
    }
  }

  private static func name(
    _ what: String, _ cursor: inout GGUFCursor
  ) throws(CheckpointError) -> String {
    let bytes = try cursor.text(of: what, limit: UInt64(maximumKeyByteCount))
    guard !bytes.contains(0), let name = String(validating: bytes, as: UTF8.self) else {
      throw cursor.damaged("\(what) is not a text")
    }
    return name
  }

  /// Whether two texts have the same bytes: equal ones may not.
  private static func isSame(_ first: String, _ second: String) -> Bool {
    first.utf8.elementsEqual(second.utf8)
  }

  private mutating func readPair(_ cursor: inout GGUFCursor) throws(CheckpointError) {
    let key = try Self.name("key \(pairs.count + 1) of its metadata", &cursor)
    let (type, value) = try cursor.value(of: key)
    if let index = pairs.index(forKey: key) {
      throw cursor.damaged(
        Self.isSame(pairs.keys[index], key)
          ? "its metadata have this key twice"
          : "two keys of its metadata differ only in how they encode an accent", key)
    }
    pairs[key] = Pair(type: type, value: value)
  }

  private mutating func readAlignment(_ cursor: inout GGUFCursor) throws(CheckpointError) {
    guard let pair = pairs[Self.alignmentKey] else { return }
    guard pair.type == .scalar(.uint32), let number = pair.value.intValue,
      Self.isAlignment(number)
    else {
      throw cursor.damaged(
        "it is \(pair.value.json().prefix(40)), and has to be a power of two up to "
          + "\(Self.maximumAlignment), as UINT32", Self.alignmentKey)
    }
    alignment = number
  }

  /// Whether a number can be an alignment.
  static func isAlignment(_ number: Int) -> Bool {
    (1...maximumAlignment).contains(number) && number & (number - 1) == 0
  }

  private mutating func readEntry(_ cursor: inout GGUFCursor) throws(CheckpointError) {
    let name = try Self.name("the name of tensor \(entries.count + 1)", &cursor)
    let record = "the record of \(GGUFCursor.short(name))"
    let rank = try cursor.integer(UInt32.self, of: record)
    guard rank <= Self.maximumRank else {
      throw cursor.damaged("it claims \(rank) dimensions", name)
    }
    var dimensions: [Int] = []
    for _ in 0..<rank {
      let length = try cursor.integer(UInt64.self, of: record)
      guard let length = Int(exactly: length) else {
        throw cursor.damaged("its shape is impossible: it has a length of \(length)", name)
      }
      dimensions.append(length)
    }
    dimensions.reverse()
    let number = try cursor.integer(UInt32.self, of: record)
    let offset = try cursor.integer(UInt64.self, of: record)
    guard let type = GGUFTensorType(number: number) else {
      throw cursor.error(
        .unsupported,
        GGUFTensorType.removedNumbers.contains(number)
          ? "its type is number \(number), which was taken out of the format"
          : "its type is number \(number), which is not known here", name)
    }
    guard let arrayDimensions = type.isBlocks ? type.byteShape(ofElements: dimensions) : dimensions
    else {
      throw cursor.damaged(
        "a row of \(dimensions.last ?? 1) elements is no whole number of \(type.name) blocks", name)
    }
    // Both of what the file says and of the bytes: a length of zero hides the product of the others.
    guard let byteCount = Self.byteCount(arrayDimensions, type.dtype?.itemSize ?? 1),
      Shape(validating: dimensions) != nil, Shape(validating: arrayDimensions) != nil
    else {
      throw cursor.damaged("its shape is impossible", name)
    }
    guard offset % UInt64(alignment) == 0 else {
      throw cursor.damaged(
        "its offset \(offset) is no multiple of the alignment, \(alignment)", name)
    }
    guard let start = Int(exactly: offset),
      case let (end, overflow) =
        start.addingReportingOverflow(byteCount), !overflow
    else { throw cursor.damaged("its offset \(offset) is outside of the file", name) }
    let entry = Entry(
      type: type, dimensions: dimensions, arrayDimensions: arrayDimensions, range: start..<end)
    if let index = entries.index(forKey: name) {
      throw cursor.damaged(
        Self.isSame(entries.keys[index], name)
          ? "there are two tensors of this name"
          : "two tensors have names that differ only in how they encode an accent", name)
    }
    entries[name] = entry
  }

  /// The bytes of an array; nil if no array has such a shape, whatever a length of zero makes of it.
  private static func byteCount(_ dimensions: [Int], _ itemSize: Int) -> Int? {
    var all = itemSize
    for length in dimensions {
      let (product, overflow) = all.multipliedReportingOverflow(by: max(length, 1))
      guard !overflow else { return nil }
      all = product
    }
    return dimensions.contains(0) ? 0 : all
  }

  /// Gives the tensors their places in the file, and checks that they fill it: one after the other, each
  /// from a multiple of the alignment on, as the loader of llama.cpp requires too.
  private mutating func place(
    _ cursor: inout GGUFCursor, fileByteCount: Int
  ) throws(CheckpointError) {
    let order = entries.values.indices.sorted {
      let (first, second) = (entries.values[$0].range, entries.values[$1].range)
      return (first.lowerBound, first.upperBound) < (second.lowerBound, second.upperBound)
    }
    let dataStart = cursor.position.rounded(upToMultipleOf: alignment)
    let dataByteCount = fileByteCount - dataStart
    var end = 0
    for index in order {
      let (name, range) = (entries.keys[index], entries.values[index].range)
      guard range.upperBound <= dataByteCount else {
        throw cursor.damaged(
          "its bytes end at \(range.upperBound) of \(max(dataByteCount, 0)) that follow the header: "
            + "the file was cut short, or its record is damaged", name)
      }
      // Within the file, as all before it.
      let expected = end.rounded(upToMultipleOf: alignment)
      guard range.lowerBound == expected else {
        throw cursor.damaged(
          range.lowerBound < expected
            ? "its bytes are another tensor's too" : "there is a hole before its bytes", name)
      }
      end = range.upperBound
      entries.values[index].range = (dataStart + range.lowerBound)..<(dataStart + end)
    }
    let rest = fileByteCount - (dataStart + end).rounded(upToMultipleOf: alignment)
    guard rest <= 0 else { throw cursor.damaged("\(rest) bytes follow its last tensor") }
  }
}

extension Int {
  /// The next multiple of a positive number. Both are far from overflowing: sizes of files, and alignments.
  func rounded(upToMultipleOf unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
