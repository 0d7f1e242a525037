import Checkpoints
import Files
import Platform

/// The folder in which inputs become files, since that is what readers take.
///
/// `TMPDIR` should be in memory: the files are rewritten many thousand times.
final class Workplace {
  private let folder: String
  /// The weights of a sound Keras model, as `model.weights.h5` in the archives that are made.
  private let kerasWeights: [UInt8]

  init() {
    var template = Array((FuzzSettings["TMPDIR"] ?? "/tmp").utf8CString.dropLast()).map { $0 }
    template += "/ballast-fuzzing-XXXXXX".utf8CString
    guard let made = mkdtemp(&template) else { trap("no folder for the inputs") }
    folder = String(cString: made)
    kerasWeights = FuzzSettings["BALLAST_FUZZ_WEIGHTS"].flatMap(Self.bytes) ?? []
  }

  func path(of name: String) -> String { "\(folder)/\(name)" }

  /// Makes bytes a file.
  func write(_ bytes: UnsafeRawBufferPointer, to name: String) -> String {
    let path = path(of: name)
    let descriptor = Platform.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0, Platform.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count
    else { trap("an input cannot be written") }
    close(descriptor)
    return path
  }

  /// Gives `body` a Keras archive with this configuration.
  func withKerasModel(
    config: UnsafeRawBufferPointer, _ body: (String) throws -> Void
  ) throws {
    let path = path(of: "in.keras")
    let file = try ReplacementFile(path, overwrite: .replace, durable: false)
    let archive = ZipArchiveWriter(file, style: .plain)
    try archive.add("config.json", Array(config))
    try archive.add("metadata.json", Array(#"{"keras_version": "3.10.0"}"#.utf8))
    try archive.add("model.weights.h5", kerasWeights)
    try archive.reserve()
    _ = try archive.finish()
    try file.commit()
    try body(path)
  }

  private static func bytes(of path: String) -> [UInt8]? {
    guard let file = try? InputFile(path) else { return nil }
    return try? file.bytes(in: 0..<file.byteCount)
  }
}

/// What the script that starts the fuzzer says.
enum FuzzSettings {
  static subscript(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
