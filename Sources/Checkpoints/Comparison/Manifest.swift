import Arrays
import Files
import OrderedCollections
import States
import Synchronization

/// The SHA-256 of every tensor of a checkpoint, by name: enough to find out later, from a file of
/// any format, that no tensor was changed, by accident or on purpose.
///
/// As a text it has a line for each tensor, `<64 hexadecimal digits>  <name>`, as `sha256sum`
/// writes them. In a name with a backslash or invisible characters these are written `\\` and
/// `\u{a}`, and its line begins with a backslash. The digest is of the tensor's type and shape as
/// text, then its elements in row-major order, little-endian:
///
/// ```python
/// header = f"{dtype}[{','.join(map(str, array.shape))}]\n"     # float32[64,1,7,7]
/// hashlib.sha256(header.encode() + array.tobytes()).hexdigest()
/// ```
///
/// Tensors of the optimizer's state follow the model's, as `optimizer state of KEY: SLOT`. Tensors
/// within metadata, and everything that is not a tensor, have no line.
///
/// ```swift
/// let text = try Manifest(checkpoint).lines.joined(separator: "\n") + "\n"
/// let known = try Manifest(text: text, file: "model.sha256")
/// let changed = try known.differences(from: Manifest(other))
/// ```
public struct Manifest: Sendable, Hashable {
  /// The digest of each tensor by its name, in order: 64 lower-case hexadecimal digits.
  public private(set) var digests: OrderedDictionary<String, String> = [:]

  /// The manifest of a checkpoint. Every tensor is read once for each of its names, in blocks.
  ///
  /// - Parameters:
  ///   - checkpoint: The checkpoint.
  ///   - threads: How many tensors are read at the same time.
  /// - Throws: `FileError` if a tensor cannot be read.
  public init(_ checkpoint: Checkpoint, threads: Int = Threads.count) throws {
    let tensors = checkpoint.namedTensors
    let found = Mutex([String](repeating: "", count: tensors.count))
    try Parallel.forEach(tensors.count, threads: threads) { number in
      let digest = try Self.digest(of: tensors[number].array)
      found.withLock { $0[number] = digest }
    }
    for (tensor, digest) in zip(tensors, found.withLock { $0 }) { digests[tensor.name] = digest }
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

  /// What differs from another manifest, made of a checkpoint now.
  ///
  /// - Parameter found: The manifest of the checkpoint as it is.
  /// - Returns: The name of each tensor that was changed or is missing, in this manifest's order,
  ///   then of each that was added, with the reason as a clause. The order of tensors is not
  ///   compared.
  public func differences(from found: Manifest) -> [(name: String, reason: String)] {
    let listed = digests.compactMap { name, digest -> (name: String, reason: String)? in
      guard let other = found.digests[name] else { return (name, "missing") }
      return other == digest ? nil : (name, "its type, shape or values are others")
    }
    let added = found.digests.keys.filter { digests[$0] == nil }
    return listed + added.map { ($0, "not in the manifest") }
  }
}
