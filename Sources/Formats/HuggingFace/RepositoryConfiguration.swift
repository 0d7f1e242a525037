import Checkpoints
import Files
import States

/// What a repository says of its model: `config.json`, which is kept in the metadata as `config`, and
/// of an adapter `adapter_config.json`, as `adapter_config`.
///
/// It is what transformers and diffusers build the model from. Nothing is made of it here.
struct RepositoryConfiguration {
  /// The name in the metadata.
  let key: String
  /// The content, or why it cannot be had.
  private let content: Result<Value, JSONError>

  /// The key for models, and for adapters.
  static let key = "config"
  static let adapterKey = "adapter_config"

  /// The name of the file for a key.
  static func fileName(_ key: String) -> String { "\(key).json" }

  /// More than any configuration has; what is longer is cut, and then no JSON.
  private static let maximumByteCount = 16 << 20

  /// Reads the file that goes with weights; nil if there is none.
  ///
  /// - Throws: `CheckpointError` if it cannot be read.
  init?(of file: WeightFile, in repository: RepositoryFolder) throws(CheckpointError) {
    key = file.family == WeightFile.adapterFamily ? Self.adapterKey : Self.key
    let name = Self.fileName(key)
    guard repository.names.contains(name) else { return nil }
    content = try Self.content("\(repository.path.withoutSlash)/\(name)")
  }

  /// The value of a file, or why it is none.
  ///
  /// - Throws: `CheckpointError` if it cannot be read.
  static func content(_ path: String) throws(CheckpointError) -> Result<Value, JSONError> {
    let bytes = try reportingFileErrors { () throws(FileError) -> [UInt8] in
      let file = try InputFile(path)
      return try file.bytes(in: 0..<min(file.byteCount, maximumByteCount))
    }
    return Result { () throws(JSONError) in try Value(json: bytes) }
  }

  /// The bytes of a file that says this; nil if JSON cannot.
  static func file(_ value: Value) -> [UInt8]? {
    guard value.dictionary != nil else { return nil }
    let text = value.json(pretty: true) + "\n"
    return (try? Value(json: text)) == value ? Array(text.utf8) : nil
  }

  /// Puts it into the metadata of what was read, unless these have it.
  func add(to result: inout ReadResult) {
    guard result.checkpoint.metadata[key] == nil else {
      result.notes.append("the weights have a value \(key) with them, and \(key).json was not read")
      return
    }
    switch content {
    case .success(let value): result.checkpoint.metadata[key] = value
    case .failure(let error):
      result.losses.append(
        ConversionLoss(.metadataDropped, key, "\(key).json was left out: it is \(error)"))
    }
  }
}
