import ArgumentParser
import Arrays
import Checkpoints
import Files
import Interchange
import States

/// The options that give tensors other keys and shapes.
public struct KeyOptions: ParsableArguments {
  /// A prefix to take away; ``anyPrefix`` means whatever known prefix all keys have.
  @Option(
    name: .customLong("strip-prefix"), defaultAsFlag: KeyOptions.anyPrefix, parsing: .next,
    help: ArgumentHelp(
      "Take a prefix away from the keys: the one given, or else module., _orig_mod., model. and "
        + "the like if all keys begin so. Stands last if no prefix is given.",
      valueName: "prefix"))
  public var stripPrefix: String?

  /// The mapping to apply: a file, or the name of one that comes with Ballast.
  @Option(
    name: .customLong("map-file"),
    help: ArgumentHelp(
      "Apply the rules of a mapping (JSON), or one that comes with Ballast: "
        + TensorMapping.builtInNames.joined(separator: ", ") + ".",
      valueName: "file"))
  public var mapFile: String?

  /// Whether to apply the mapping's inverse.
  @Flag(name: .customLong("map-inverse"), help: "Apply the inverse of --map-file.")
  public var mapInverse = false

  /// No prefix and no mapping.
  public init() {}

  /// Whether keys become others.
  public var changesKeys: Bool { stripPrefix != nil || mapFile != nil }

  /// Stands for a prefix that is not given.
  public static let anyPrefix = ""

  /// - Throws: `ValidationError` if the options contradict each other.
  public func validate() throws {
    if mapInverse && mapFile == nil { throw ValidationError("--map-inverse needs --map-file.") }
  }

  /// Applies the options to what was read, and notes what they did.
  ///
  /// - Parameter offersPrefix: Whether to note a prefix that could be stripped.
  /// - Throws: ``UsageError`` if a prefix is not there; `MappingError` and `FileError`.
  public func apply(to opened: inout OpenedCheckpoint, offersPrefix: Bool = true) throws {
    try stripPrefix(of: &opened, offersPrefix: offersPrefix && mapFile == nil)
    guard let mapFile else { return }
    var mapping = try Self.mapping(mapFile)
    if mapInverse { mapping = try mapping.inverted() }
    try opened.apply(mapping)
  }

  private func stripPrefix(of opened: inout OpenedCheckpoint, offersPrefix: Bool) throws {
    let keys = opened.checkpoint.state.keys
    let common = KeyPrefix.common(to: keys)
    guard let stripPrefix else {
      if let common, offersPrefix {
        opened.notes.append("all keys begin with '\(common)'; --strip-prefix removes it")
      }
      return
    }
    guard let prefix = stripPrefix == Self.anyPrefix ? common : stripPrefix else {
      throw UsageError(
        "the keys of \(opened.path) have no known prefix in common, so that --strip-prefix has to "
          + "name one" + (keys.first.map { "; the first key is '\($0)'" } ?? ""))
    }
    let count = keys.count { $0.hasPrefix(prefix) }
    guard count > 0 else {
      throw UsageError(
        "no key of \(opened.path) begins with '\(prefix)'"
          + (keys.first.map { "; the first is '\($0)'" } ?? ""))
    }
    try opened.apply(KeyPrefix.stripping(prefix))
    if count < keys.count {
      opened.notes.append("\((keys.count - count).of("key")) without the prefix '\(prefix)' kept")
    }
  }

  /// A mapping by the name of a file or its own.
  private static func mapping(_ name: String) throws -> TensorMapping {
    if let mapping = TensorMapping(named: name) { return mapping }
    let bytes: [UInt8]
    do throws(FileError) {
      let file = try InputFile(name)
      guard file.byteCount <= maximumByteCount else {
        throw FileError("read", path: name, reason: "it is too large for a mapping")
      }
      bytes = try file.bytes(in: 0..<file.byteCount)
    } catch {
      guard error.isNotFound else { throw error }
      throw UsageError(
        "there is no mapping '\(name)': neither a file, nor one of "
          + TensorMapping.builtInNames.joined(separator: ", "))
    }
    do {
      return try TensorMapping(json: bytes)
    } catch {
      throw UsageError("\(name): \(error)")
    }
  }

  private static let maximumByteCount = 16 << 20
}

extension OpenedCheckpoint {
  /// Applies a mapping, with its notes and losses. The rules that decided roles follow the keys.
  fileprivate mutating func apply(_ mapping: TensorMapping) throws(MappingError) {
    let (mapped, report) = try mapping.apply(to: checkpoint)
    result.replaceCheckpoint(mapped, origins: report.origins)
    notes += report.notes
    losses += report.casts.flatMap(\.losses)
    if report.droppedOptimizer {
      losses.append(
        ConversionLoss(
          .optimizerDropped, nil,
          "the optimizer's state is by position and could not follow the mapping"))
    }
  }
}
