import Arrays
import Files
import NN
import States

/// What a command line says of a model: an architecture with arguments, or a file.
///
/// `resnet18(num_classes=10)`, `mlp(784, 256, 10)`, `model.json`.
public struct ModelSpec: Sendable {
  /// The description that the text stands for.
  public let description: ModelDescription

  /// The largest file that is taken for a description.
  private static let maximumByteCount = 16 << 20

  /// Reads a text.
  ///
  /// - Throws: ``ModelError`` if it is neither, `FileError` if a file cannot be read.
  public init(_ text: String) throws {
    if text.hasSuffix(".json") {
      description = try Self.read(text)
      return
    }
    let parenthesis = text.firstIndex(of: "(") ?? text.endIndex
    let name = String(text[..<parenthesis])
    guard ModelCatalog.architectureNames.contains(name) else {
      throw ModelError(
        reason: "'\(text)' is neither a JSON file nor one of "
          + ModelCatalog.architectureNames.joined(separator: ", "))
    }
    let rest = text[parenthesis...]
    guard rest.isEmpty || rest.hasSuffix(")") else {
      throw ModelError(reason: "'\(text)' lacks a closing parenthesis")
    }
    description = ModelDescription(
      try Self.call(name, rest.dropFirst().dropLast().split(separator: ",")))
  }

  private static func read(_ path: String) throws -> ModelDescription {
    let file = try InputFile(path)
    guard file.byteCount <= maximumByteCount else {
      throw ModelError(reason: "\(path) is too large for a description of a model")
    }
    do {
      return ModelDescription(try Value(json: file.bytes(in: 0..<file.byteCount)))
    } catch let error as JSONError {
      throw ModelError(reason: "\(path) is \(error)")
    }
  }

  /// The description of an architecture with arguments: by name, or, for `mlp`, its sizes.
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
