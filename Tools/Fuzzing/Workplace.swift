import Arrays
import Checkpoints
import Files
import Platform
import States

/// The folder in which inputs become files, since that is what readers take.
///
/// `TMPDIR` should be in memory: the files are rewritten many thousand times.
final class Workplace {
  private let folder: String
  /// The weights of sound Keras models, as `model.weights.h5` in the archives that are made.
  private let kerasWeights: [[UInt8]]
  /// What mappings are applied to.
  let smallCheckpoint: Checkpoint

  init() {
    var template = Array("\(FuzzSettings["TMPDIR"] ?? "/tmp")/ballast-fuzzing-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { trap("no folder for the inputs") }
    folder = String(cString: made)
    kerasWeights = (FuzzSettings["BALLAST_FUZZ_WEIGHTS"] ?? "").split(separator: ":")
      .compactMap { Self.bytes(of: String($0)) }
    var checkpoint = Checkpoint(state: StateDict())
    for (name, shape) in [
      ("a.weight", [2, 3]), ("a.bias", [2]), ("layer.0.attn.qkv.weight", [6, 2]), ("n", []),
    ] as [(String, [Int])] {
      checkpoint.state.entries[name] = .init(
        NDArray(zeros: Shape(shape), dtype: .float32), role: .parameter)
    }
    smallCheckpoint = checkpoint
  }

  func path(of name: String) -> String { "\(folder)/\(name)" }

  /// Makes bytes a file in the folder, and gives its path.
  func write(_ bytes: UnsafeRawBufferPointer, to name: String) -> String {
    let path = path(of: name)
    Self.write(bytes, at: path)
    return path
  }

  /// Makes bytes a file in the folder, and gives its path.
  func write(_ bytes: [UInt8], to name: String) -> String {
    bytes.withUnsafeBytes { write($0, to: name) }
  }

  /// Makes bytes a file.
  static func write(_ bytes: [UInt8], at path: String) {
    bytes.withUnsafeBytes { write($0, at: path) }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, at path: String) {
    let descriptor = Platform.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0,
      Platform.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count
    else { trap("an input cannot be written") }
    close(descriptor)
  }

  /// Keras archives with this configuration.
  func kerasModels(config: [UInt8]) -> [String] {
    kerasWeights.enumerated().map { number, weights in
      let archive = FuzzArchive([
        ("metadata.json", Array(#"{"keras_version": "3.10.0"}"#.utf8)), ("config.json", config),
        ("model.weights.h5", weights),
      ])
      return write(archive.bytes, to: "in\(number).keras")
    }
  }

  /// The bytes of a file; nil if it cannot be read.
  static func bytes(of path: String) -> [UInt8]? {
    guard let file = try? InputFile(path) else { return nil }
    return try? file.bytes(in: 0..<file.byteCount)
  }
}

/// What stands beside a pickle in an archive of PyTorch's.
enum PickleSurroundings {
  private static let storages = (0..<8).map { ("a/data/\($0)", [UInt8](repeating: 1, count: 64)) }

  /// The members of an archive with this pickle.
  static func members(around pickle: [UInt8]) -> [(name: String, content: [UInt8])] {
    [("a/data.pkl", pickle), ("a/byteorder", Array("little".utf8))] + storages
      + [("a/version", Array("3\n".utf8))]
  }
}

/// What the script that starts the fuzzer says.
enum FuzzSettings {
  static subscript(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
