import Arrays
import Autograd
import Files
import Foundation
import NN
import OrderedCollections
import States
import Testing

/// Numbers that PyTorch made; the scripts are beside them.
enum Fixture {
  struct StateEntry: Decodable {
    let key: String
    let shape: [Int]
    let dtype: String
    let values: [Double]
  }

  struct Layer: Decodable {
    let description: String
    let initial: [StateEntry]
    let input: [Int]
    let indices: [Int]?
    let outputShape: [Int]
    let output: [Double]
    let inputGradient: [Double]
    let gradients: [String: [Double]]
    let trained: [[Double]]
    let versions: [[Version]]
    let evaluated: [Double]
  }

  /// A path or a number.
  enum Version: Decodable, Hashable {
    case path(String)
    case number(Int)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else {
        self = .path(try container.decode(String.self))
      }
    }
  }

  struct Layers: Decodable {
    let layers: [String: Layer]
    let descriptions: [String: String]
  }

  struct Optimizer: Decodable {
    let parameters: [String: [Double]]
    let state: [String: [String: [Double]]]
    let options: [[String]]
    let stepType: String
  }

  struct Call: Decodable {
    let description: String
    let keys: [String]
    let shapes: [[Int]]
    let outputShapes: [[Int]]
    let outputs: [[Double]]
    let inputGradients: [[Double]]
    let gradients: [String: [Double]]
  }

  static let autocast: AutocastTests.Golden = load("autocast")
  static let calls: [String: Call] = load("calls")
  static let embeddings: [EmbeddingTests.Sample] = load("embeddings")
  static let layers: Layers = load("layers")
  static let optimizers: [String: Optimizer] = load("optimizers")
  static let summaries: [String: String] = load("summaries")

  private static func load<T: Decodable>(_ name: String) -> T {
    do {
      let url = Bundle.module.url(
        forResource: name, withExtension: "json", subdirectory: "Fixtures")
      let data = try Data(contentsOf: #require(url))
      return try JSONDecoder().decode(T.self, from: data)
    } catch {
      fatalError("fixture \(name): \(error)")
    }
  }
}

/// Distinct fractions that binary floating point holds exactly; the script has the same formula.
func pattern(_ shape: Shape, _ salt: Int, dtype: DType = .float32) -> Tensor {
  let values = (0..<shape.elementCount).map { Double(($0 * 37 + salt * 17) % 101) / 32 - 50.5 / 32 }
  return Tensor(values, shape: shape).to(dtype)
}

extension Tensor {
  /// The elements as `Double`, whatever the type.
  var doubles: [Double] { to(.float64).elements(as: Double.self) }
}

extension NDArray {
  /// The elements as `Double`, whatever the type.
  var doubles: [Double] { Tensor(self).doubles }
}

/// Whether two lists are equal within a part of the magnitude of each number, or a tenth of the
/// greatest.
func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
  guard a.count == b.count else { return false }
  let scale = max(1, b.lazy.filter(\.isFinite).map(abs).max() ?? 1)
  return zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(abs($1), 0.1 * scale) }
}

/// A model of two linear layers, as the script has it.
func mlp() -> Sequential {
  Sequential(named: ["fc1": Linear(4, 3), "act": Tanh(), "fc2": Linear(3, 2, bias: false)])
}
