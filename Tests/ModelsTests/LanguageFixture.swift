import Arrays
import Autograd
import Foundation
import Models
import NN
import OrderedCollections
import SafetensorsFiles
import States
import Testing

/// What the reference says of a small model: see `Fixtures/make_language.py`.
struct LanguageFixture: CustomTestStringConvertible {
  let name: String

  static let all =
    [
      "bert", "bert-masked-lm", "bert-pretraining", "bert-classifier", "distilbert",
      "distilbert-masked-lm", "distilbert-classifier", "gpt2", "gpt2-base", "llama", "llama-base",
      "llama3", "mistral", "qwen2", "t5", "t5-gated", "clip", "clip-first", "whisper",
      "whisper-head", "lstm", "lstm-tied",
    ].map { LanguageFixture(name: $0) }

  var testDescription: String { name }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/language")

  /// The tensors of a file beside the others.
  func tensors(_ part: String = "") throws -> OrderedDictionary<String, NDArray> {
    try SafetensorsFile(Self.folder.appending(path: "\(name)\(part).safetensors").path).tensors
  }

  /// The weights as the reference saved them.
  func state() throws -> StateDict {
    StateDict(
      entries: .init(
        uniqueKeysWithValues: try tensors().map { ($0.key, StateDict.Entry($0.value)) }))
  }

  /// The configuration as the reference saved it.
  func configuration() throws -> Value { try Self.json("\(name).config") }

  /// The model with the weights of the reference, which are all there are.
  func model() throws -> Module {
    let value = try configuration()
    let description =
      try value["module"] == nil
      ? ModelDescription(huggingFaceConfiguration: value) : ModelDescription(value)
    let model = try description.build()
    try model.loadStateDict(try state())
    return model.eval()
  }

  /// The inputs or outputs of a part, by name.
  func part(_ name: String) throws -> [String: Tensor] {
    let prefix = name + "."
    let tensors = try tensors(".io").filter { $0.key.hasPrefix(prefix) }
    return Dictionary(
      uniqueKeysWithValues: tensors.map {
        (String($0.key.dropFirst(prefix.count)), Tensor($0.value))
      })
  }

  static func json(_ name: String) throws -> Value {
    let data = try Data(contentsOf: folder.appending(path: "\(name).json"))
    return try Value(json: String(decoding: data, as: UTF8.self))
  }
}

/// How far numbers are from those of the reference, as a part of the largest of these.
func relativeError(_ mine: Tensor, _ theirs: Tensor, where mask: Tensor? = nil) -> Double {
  guard mine.shape == theirs.shape else { return .infinity }
  var (difference, size) = ((mine - theirs).abs(), theirs.abs())
  if let mask {
    let counts = mask.to(mine.dtype).unsqueezed(2)
    (difference, size) = (difference * counts, size * counts)
  }
  // What is not a number is not close.
  guard mine.array.elements(as: Float.self).allSatisfy(\.isFinite) else { return .infinity }
  return difference.max().item() / Swift.max(size.max().item(), 1e-3)
}
