import Ballast
import Foundation
import OrderedCollections
import SafetensorsFiles
import Testing

/// An adapter that PEFT saved, and what PEFT makes of it: see `Fixtures/make_lora.py`.
struct LoRAFixture: CustomTestStringConvertible {
  let name: String

  /// Those that PEFT merges.
  static let merged =
    [
      "linear", "patterns", "rslora", "saved", "biases", "lora-biases", "bfloat16", "float16",
      "float64", "text", "text-bfloat16", "picture", "gpt2", "gpt2-tied",
    ].map { LoRAFixture(name: $0) }
  /// Those beside whose models an adapter works.
  static let apart = merged + ["rough", "groups"].map { LoRAFixture(name: $0) }

  var testDescription: String { name }

  var folder: String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/lora/\(name)")
      .path
  }

  var adapterFolder: String { "\(folder)/adapter" }

  func adapter() throws -> LoRAAdapter { try LoRAAdapter(contentsOf: adapterFolder) }

  /// The tensors of a file.
  func tensors(_ file: String) throws -> OrderedDictionary<String, NDArray> {
    try SafetensorsFile("\(folder)/\(file).safetensors").tensors
  }

  /// The state in a file.
  func state(_ file: String) throws -> StateDict {
    var state = StateDict()
    for (key, array) in try tensors(file) { state[key] = array }
    return state
  }

  /// A tensor of the run of the reference.
  func io(_ name: String) throws -> Tensor { Tensor(try #require(try tensors("io")[name])) }

  /// The model with the weights of the base, as the reference has it, in evaluation mode.
  func model() throws -> Module {
    let state = try state("base")
    let model: Module
    switch name {
    case "gpt2", "gpt2-tied":
      let text = try String(contentsOfFile: "\(folder)/config.json", encoding: .utf8)
      model = try HuggingFaceConfiguration(Value(json: text), architecture: "GPT2LMHeadModel")
        .description.build()
    case "text", "text-bfloat16": model = Text()
    case "picture": model = Picture()
    case "groups": model = Picture(groups: 2)
    default: model = Lines()
    }
    if let dtype = state.entries.values.first(where: { $0.array.dtype.isFloatingPoint })?.array
      .dtype
    {
      model.to(dtype)
    }
    try model.loadStateDict(state)
    return model.eval()
  }

  /// How far results may be from those of the reference, as a part of the largest.
  var tolerance: Double {
    switch name {
    case "bfloat16", "text-bfloat16": 2e-2
    case "float16": 2e-3
    default: 1e-5
    }
  }

  /// Linear layers, one of them square.
  final class Lines: Module {
    let first = Linear(4, 6)
    let square = Linear(6, 6)
    let head = Linear(6, 3)

    override func forward(_ input: Tensor) -> Tensor {
      head(square(first(input).relu()).relu())
    }
  }

  /// A table, and convolutions along the text.
  final class Text: Module {
    let table = Embedding(9, 4, paddingIndex: 0)
    let line = Conv1d(4, 5, kernelSize: 3, padding: 1)
    let head = Linear(5, 2)

    override func forward(_ input: Tensor) -> Tensor {
      head(line(table(input).transposed(1, 2)).relu().mean([2]))
    }
  }

  /// Convolutions of images.
  final class Picture: Module {
    let wide = Conv2d(2, 4, kernelSize: [3, 2], stride: [2, 1], padding: [1, 0])
    let point: Conv2d
    let norm = BatchNorm2d(6)
    let head = Linear(6, 3)

    init(groups: Int = 1) { point = Conv2d(4, 6, kernelSize: 1, groups: groups) }

    override func forward(_ input: Tensor) -> Tensor {
      head(norm(point(wide(input).relu()).relu()).mean([2, 3]))
    }
  }
}
