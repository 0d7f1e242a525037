import Arrays
import Files
import NN
import States

/// A model given on a command line: an architecture with arguments, or a JSON file.
///
/// - `resnet18(num_classes=10)` or `resnet18:num_classes=10`: the architecture, with arguments by name.
/// - `mlp(784, 256, 10)`: a multilayer perceptron of these sizes.
/// - `model.json`: the ``ModelDescription`` in the file, or the `config.json` of a model of Hugging
///   Face transformers: see ``HuggingFaceConfiguration``.
///
/// ```swift
/// let model = try ModelSpec("resnet18(num_classes=10)").description.build()
/// ```
public struct ModelSpec: Sendable {
  /// The description that the text stands for.
  public let description: ModelDescription

  /// The maximum size of a file that is accepted as a description, in bytes.
  private static let maximumByteCount = 16 << 20

  /// Parses the text, and reads the file if it is the path of one.
  ///
  /// The model itself is not built yet, so wrong arguments only show in
  /// ``ModelDescription/build()``.
  ///
  /// - Parameter text: A path that ends in `.json`, or one of ``ModelCatalog/architectureNames``,
  ///   optionally with arguments in parentheses.
  /// - Throws: ``ModelError`` if the text is neither, or the file is not JSON or exceeds 16 MiB;
  ///   `FileError` if the file cannot be read.
  public init(_ text: String) throws {
    if text.hasSuffix(".json") {
      description = try Self.read(text)
      return
    }
    let mark = text.firstIndex { $0 == "(" || $0 == ":" } ?? text.endIndex
    let name = String(text[..<mark])
    guard ModelCatalog.architectureNames.contains(name) else {
      throw ModelError(
        reason: "'\(text)' is neither a JSON file nor one of "
          + ModelCatalog.architectureNames.joined(separator: ", "))
    }
    let rest = text[mark...]
    let isCall = rest.first == "("
    guard !isCall || rest.hasSuffix(")") else {
      throw ModelError(reason: "'\(text)' lacks a closing parenthesis")
    }
    let arguments = rest.dropFirst().dropLast(isCall ? 1 : 0)
    description = ModelDescription(try Self.call(name, arguments.split(separator: ",")))
  }

  /// A class of Hugging Face transformers with the options of a `config.json`.
  ///
  /// - Parameters:
  ///   - name: The class, such as `BertModel`, or its family, such as `bert`.
  ///   - path: The path of the `config.json`.
  /// - Throws: ``ModelError`` as ``ModelDescription/init(huggingFaceConfiguration:architecture:)`` does, or
  ///   if the file is not JSON or exceeds 16 MiB; `FileError` if it cannot be read.
  public init(_ name: String, configuration path: String) throws {
    description = try ModelDescription(
      huggingFaceConfiguration: try Self.value(path), architecture: name)
  }

  private static func read(_ path: String) throws -> ModelDescription {
    let value = try value(path)
    guard value["module"] == nil, value["model_type"] != nil else { return ModelDescription(value) }
    return try ModelDescription(huggingFaceConfiguration: value)
  }

  private static func value(_ path: String) throws -> Value {
    let file = try InputFile(path)
    guard file.byteCount <= maximumByteCount else {
      throw ModelError(reason: "\(path) is too large for a description of a model")
    }
    do {
      return try Value(json: file.bytes(in: 0..<file.byteCount))
    } catch let error as JSONError {
      throw ModelError(reason: "\(path) is \(error)")
    }
  }

  /// The description of an architecture with arguments: by name, or, for `mlp`, its sizes.
  ///
  /// - Parameter arguments: The texts between the commas. Each is a JSON value, or a name, `=` and
  ///   a JSON value; blanks around them are ignored. Of two of one name the last counts.
  private static func call(_ name: String, _ arguments: [Substring]) throws(ModelError) -> Value {
    var members: [(Value.Key, Value)] = [("module", .string(name))]
    var sizes: [Value] = []
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1).map(trimmed)
      let value: Value
      do {
        value = try Value(json: parts.last ?? "")
      } catch {
        throw ModelError(reason: "'\(trimmed(argument))' is not a number or name=number")
      }
      if parts.count == 2 {
        members.append((.string(parts[0]), value))
      } else {
        sizes.append(value)
      }
    }
    if !sizes.isEmpty { members.append(("sizes", .list(sizes))) }
    return .dict(.init(members, uniquingKeysWith: { $1 }))
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
