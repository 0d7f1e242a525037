import Arrays
import Autograd
import Files
import Foundation
import States
import Testing

/// Numbers that PyTorch made; the scripts are beside them.
enum Fixture {
  static let optimizers = load("optimizers")
  static let schedulers = load("schedulers")
  static let loading = load("loading")
  static let parity = load("parity")
  static let conversion = load("conversion")
  static let averaging = load("averaging")
  static let searches = load("searches")

  private static func load(_ name: String) -> Value {
    do {
      let url = Bundle.module.url(
        forResource: name, withExtension: "json", subdirectory: "Fixtures")
      return try Value(json: Data(contentsOf: #require(url)))
    } catch {
      fatalError("fixture \(name): \(error)")
    }
  }
}

/// Distinct fractions that binary floating point holds exactly; the scripts have the same formula.
func pattern(_ shape: Shape, _ salt: Int, dtype: DType = .float32) -> Tensor {
  let values = (0..<shape.elementCount).map { Double(($0 * 37 + salt * 17) % 101) / 32 - 50.5 / 32 }
  return Tensor(values, shape: shape).to(dtype)
}

extension NDArray {
  /// The elements as `Double`, whatever the type.
  var doubles: [Double] { cast(to: .float64).elements(as: Double.self) }
}

extension Value {
  /// The numbers of a list, of however many dimensions.
  var flat: [Double] { doubleValue.map { [$0] } ?? elements?.flatMap(\.flat) ?? [] }

  /// The text keys of a dictionary, in order.
  var keys: [String] { dictionary?.keys.map(\.text) ?? [] }

  /// How this differs from what PyTorch has, as JSON tells it: numbers within a part of their
  /// size, all else in kind, length and order. Empty if it does not.
  func differences(from golden: Value, _ tolerance: Double, at place: String = "") -> [String] {
    func differs(_ what: String) -> [String] { ["\(place): \(what)"] }
    switch (self, golden) {
    case (.float(let own), .string(let text)) where Double(text) == own: return []
    case (.float(let own), .float(let other)):
      return abs(own - other) <= tolerance * abs(other) ? [] : differs("\(own), not \(other)")
    case (.list(let own), .list(let other)), (.tuple(let own), .list(let other)):
      guard own.count == other.count else { return differs("\(own.count), not \(other.count)") }
      return zip(own, other).enumerated().flatMap {
        $1.0.differences(from: $1.1, tolerance, at: "\(place)[\($0)]")
      }
    case (.dict, .dict):
      guard keys == golden.keys else { return differs("\(keys), not \(golden.keys)") }
      return zip(
        dictionary?.elements.map(\.value) ?? [], golden.dictionary?.elements.map(\.value) ?? []
      )
      .enumerated().flatMap {
        $1.0.differences(from: $1.1, tolerance, at: "\(place).\(keys[$0])")
      }
    default: return self == golden ? [] : differs("\(self), not \(golden)")
    }
  }
}

/// Whether two lists are equal within a part of the magnitude of each number, or a tenth of the
/// greatest.
func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
  guard a.count == b.count else { return false }
  let scale = max(1, b.lazy.filter(\.isFinite).map(abs).max() ?? 1)
  return zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(abs($1), 0.1 * scale) }
}
