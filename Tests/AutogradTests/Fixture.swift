import Arrays
import Autograd
import Files
import Foundation
import Testing

/// Numbers that PyTorch made; the scripts are beside them.
enum Fixture {
  struct Sample: Decodable {
    let shape: [Int]
    let output: [Double]
    let gradients: [[Double]?]
    /// Those of the inputs, where they are not those of the table.
    let shapes: [[Int]]?
  }

  static let operations: [String: Sample] = load("ops")
  static let edges: [String: [Sample]] = load("edges")
  static let half: [String: Sample] = load("half")
  static let random: [String: RandomValue] = load("random")
  static let cases: [CaseTests.Sample] = load("cases")

  /// A list of numbers, also as texts, or bytes in base64.
  enum RandomValue: Decodable {
    case numbers([Double])
    case texts([String])
    case bytes([UInt8])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self = .bytes([UInt8](Data(base64Encoded: text) ?? Data()))
      } else if let texts = try? container.decode([String].self) {
        self = .texts(texts)
      } else {
        self = .numbers(try container.decode([Double].self))
      }
    }

    var numbers: [Double] {
      if case .numbers(let numbers) = self { return numbers }
      return []
    }

    var texts: [String] {
      if case .texts(let texts) = self { return texts }
      return []
    }
  }

  private static func load<T: Decodable>(_ name: String) -> T {
    do {
      let url = Bundle.module.url(
        forResource: name, withExtension: "json", subdirectory: "Fixtures")
      let data = try Data(contentsOf: #require(url))
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return try decoder.decode(T.self, from: data)
    } catch {
      fatalError("fixture \(name): \(error)")
    }
  }
}

/// Distinct fractions, none of them zero, that binary floating point holds exactly; the script
/// has the same formula.
func pattern(_ shape: Shape, _ salt: Int, positive: Bool = false) -> [Double] {
  (0..<shape.elementCount).map { index in
    let raw = Double((index * 37 + salt * 17) % 101)
    return positive ? 0.25 + raw / 64 : (raw - 50.5) / 32
  }
}

extension Tensor {
  /// The elements as `Double`, whatever the type.
  var doubles: [Double] { to(.float64).elements(as: Double.self) }
}

/// Whether two lists are equal within a part of the magnitude of the larger number, or of the
/// greatest of all.
func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
  guard a.count == b.count else { return false }
  let scale = max(1, b.lazy.filter(\.isFinite).map(abs).max() ?? 1)
  return zip(a, b).allSatisfy { x, y in
    x == y || (x.isNaN && y.isNaN) || abs(x - y) <= tolerance * max(abs(y), 0.1 * scale)
  }
}
