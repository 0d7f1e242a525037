import Arrays
import Files
import OrderedCollections
import States
import Synchronization

/// The SHA-256 of everything in a checkpoint, by name: enough to find out later, from a file of
/// any format, that nothing was changed, by accident or on purpose.
///
/// As a text it has a line for each tensor and each value, `<64 hexadecimal digits>  <name>`, as
/// `sha256sum` writes them. In a name with a backslash or invisible characters these are written `\\`
/// and `\u{a}`, and its line begins with a backslash. The digest of a tensor is of its type and shape as
/// text, then its elements in row-major order, little-endian:
///
/// ```python
/// header = f"{dtype}[{','.join(map(str, array.shape))}]\n"     # float32[64,1,7,7]
/// hashlib.sha256(header.encode() + array.tobytes()).hexdigest()
/// ```
///
/// Tensors of the optimizer's state stand behind the model's, as `optimizer state of KEY: SLOT`, and
/// then those within values, as `metadata: ema.weight`. Behind the tensors stand the values: each of
/// the metadata as `metadata: epoch`, those of the optimizer as `optimizer group 0: lr`, the versions
/// of modules, the description of the model, and as `class or key: PLACE` what the reader made plainer
/// than it is in the file, such as the class of a dictionary. Lines that begin with `put together as` are
/// of how a file of that format is made up, and count only for files of it. The digest of a value is of its bytes in
/// a form that tells types apart:
///
/// | value | bytes |
/// |---|---|
/// | none, boolean, integer | `none⏎`, `bool true⏎`, `int -5⏎` |
/// | floating-point number | `float ` and the bits as 16 hexadecimal digits, `⏎`; `complex` has two |
/// | text | `text 3⏎`, the number of its bytes in UTF-8, the bytes and `⏎` |
/// | bytes | `bytes 3⏎`, and two hexadecimal digits for each, `⏎` |
/// | list, tuple | `list 2⏎`, `tuple 2⏎`, and the elements |
/// | dictionary | `dict 4⏎`, twice the number of its keys, and each key, as a value, before its value |
/// | instance of a class | `object⏎`, the class as a text, and what it holds |
/// | tensor, which has a line of its own | `tensor⏎` |
///
/// ```swift
/// let text = try Manifest(checkpoint).lines.joined(separator: "\n") + "\n"
/// let known = try Manifest(text: text, file: "model.sha256")
/// let changed = try known.differences(from: Manifest(other))
/// ```
public struct Manifest: Sendable, Hashable {
  /// The digest of each tensor, and of each value.
  public private(set) var digests: OrderedDictionary<String, String> = [:]

  /// The manifest of a checkpoint. Every tensor is read once for each of its names, in blocks.
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint.
  ///   - threads: How many tensors are read at the same time.
  /// - Throws: `FileError` if a tensor cannot be read.
  public init(_ checkpoint: Checkpoint, threads: Int = Threads.count) throws {
    let contents = CheckpointContents(checkpoint)
    let tensors = contents.tensors
    let found = Mutex([String](repeating: "", count: tensors.count))
    try Parallel.forEach(tensors.count, threads: threads) { number in
      let digest = try Self.digest(of: tensors[number].array)
      found.withLock { $0[number] = digest }
    }
    try tensors.lazy.map(\.array).checkMappedFiles()
    for (tensor, digest) in zip(tensors, found.withLock { $0 }) { digests[tensor.name] = digest }
    for item in contents.values { digests[item.name] = item.value.manifestDigest }
  }

  /// The digest of a tensor: 64 lower-case hexadecimal digits.
  ///
  /// - Throws: `FileError` if the tensor is in a file that cannot be read.
  public static func digest(of array: NDArray) throws -> String {
    var sum = SHA256()
    let lengths = array.shape.dimensions.map(String.init).joined(separator: ",")
    sum.update("\(array.dtype.rawValue)[\(lengths)]\n")
    try array.forEachBlock { bytes, _ in sum.update(bytes) }
    return sum.hexadecimal
  }

  /// Parses a manifest that was written before. Empty lines and lines that begin with `#` are
  /// skipped.
  ///
  /// - Parameters:
  ///   - text: The lines of the manifest.
  ///   - file: The path it was read from, for errors.
  /// - Throws: ``CheckpointError`` with the number of the line: `notThisFormat` if the line is not
  ///   that of a manifest, `damaged` if a name occurs twice.
  public init(text: String, file: String) throws(CheckpointError) {
    var number = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      guard let (name, digest) = Self.entry(line) else {
        throw CheckpointError(
          .notThisFormat, file: file, place: "line \(number)",
          reason: "it is not a SHA-256, two blanks, and a name")
      }
      guard digests.updateValue(digest, forKey: name) == nil else {
        throw CheckpointError(
          .damaged, file: file, place: "line \(number)", reason: "'\(name)' is listed twice")
      }
    }
  }

  private static func entry(_ line: Substring) -> (name: String, digest: String)? {
    let isEscaped = line.hasPrefix("\\")
    let line = isEscaped ? line.dropFirst() : line
    let digest = line.prefix(64)
    let rest = line.dropFirst(64)
    guard digest.utf8.count == 64, digest.allSatisfy({ $0.isASCII && $0.isHexDigit }),
      rest.hasPrefix("  ")
    else { return nil }
    guard let name = isEscaped ? unescaped(rest.dropFirst(2)) : String(rest.dropFirst(2)) else {
      return nil
    }
    return (name, digest.lowercased())
  }

  private static func escaped(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        if scalar == "\\" { result += "\\" }
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func unescaped(_ name: Substring) -> String? {
    var result = ""
    var rest = name.unicodeScalars
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      switch rest.popFirst() {
      case "\\": result += "\\"
      case "u":
        guard rest.popFirst() == "{", let end = rest.firstIndex(of: "}"),
          let value = UInt32(String(rest[..<end]), radix: 16), let scalar = Unicode.Scalar(value)
        else { return nil }
        result.unicodeScalars.append(scalar)
        rest = rest[rest.index(after: end)...]
      default: return nil
      }
    }
    return result
  }

  /// The lines of the manifest, without line breaks, in the order of ``digests``.
  public var lines: [String] {
    digests.map { name, digest in
      let escaped = Self.escaped(name)
      return escaped == name ? "\(digest)  \(name)" : "\\\(digest)  \(escaped)"
    }
  }

  private static func isForm(_ name: String) -> Bool {
    name.hasPrefix(CheckpointContents.formPrefix)
  }

  /// What differs from another manifest, made of a checkpoint now.
  ///
  /// - Parameter found: The manifest of the checkpoint as it is.
  /// - Returns: The name of each tensor and value that was changed or is missing, in this manifest's
  ///   order, then of each that was added, with the reason as a clause; the order alone if that is all
  ///   that differs.
  public func differences(from found: Manifest) -> [(name: String, reason: String)] {
    let listed = digests.compactMap { name, digest -> (name: String, reason: String)? in
      guard let index = found.digests.index(forKey: name) else {
        // A file of another format is put together in another way.
        return Self.isForm(name) ? nil : (name, "missing")
      }
      let other = found.digests.elements[index]
      guard other.value == digest else { return (name, "its type, shape or values are others") }
      // Swift takes texts in other code points for the same, and others do not.
      return other.key.utf8.elementsEqual(name.utf8)
        ? nil : (name, "its name is in other code points")
    }
    let added = found.digests.keys.filter { digests[$0] == nil && !Self.isForm($0) }
    let isInOrder =
      digests.keys.intersection(found.digests.keys) == found.digests.keys.intersection(digests.keys)
    return listed + added.map { ($0, "not in the manifest") }
      + (isInOrder || !listed.isEmpty || !added.isEmpty ? [] : [("the order", "it is another")])
  }
}

extension Value {
  /// The digest of a value in a manifest.
  fileprivate var manifestDigest: String {
    var sum = SHA256()
    feed { sum.update($0) }
    return sum.hexadecimal
  }

  /// Gives the bytes that stand for the value, a piece at a time.
  private func feed(_ update: (String) -> Void) {
    func feed(_ word: String, _ elements: [Value]) {
      update("\(word) \(elements.count)\n")
      for element in elements { element.feed(update) }
    }
    switch self {
    case .none: update("none\n")
    case .bool(let truth): update("bool \(truth)\n")
    case .int(let number): update("int \(number)\n")
    case .bigInt(let digits): update("int \(digits)\n")
    case .float(let number): update("float \(number.bits)\n")
    case .complex(let real, let imaginary):
      update("complex \(real.bits) \(imaginary.bits)\n")
    case .string(let text): update("text \(text.utf8.count)\n\(text)\n")
    case .bytes(let bytes):
      let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      update("bytes \(bytes.count)\n\(digits)\n")
    case .list(let elements): feed("list", elements)
    case .tuple(let elements): feed("tuple", elements)
    case .dict(let members): feed("dict", members.flatMap { [Value($0.key), $0.value] })
    case .object(let type, let state):
      update("object\n")
      Value.string(type).feed(update)
      state.feed(update)
    case .tensor: update("tensor\n")
    case .model, .optimizer:
      update(sort + "\n")
      content?.feed(update)
      facts.feed(update)
    }
  }
}

extension Double {
  /// The bits as 16 hexadecimal digits.
  fileprivate var bits: String {
    let digits = String(bitPattern, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
