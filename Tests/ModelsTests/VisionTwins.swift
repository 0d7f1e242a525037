import Ballast
import Files
import Foundation
import Testing

/// What torchvision says of its networks: see `Fixtures/make_vision.py`.
struct VisionTwins: Decodable {
  /// The state dict of a network in full size.
  struct Network: Decodable {
    let count: Int
    let crc32: UInt32
    let listing: [String]?
  }

  /// A small network, and sums of its tensors, by key: of the magnitudes, and of the elements times
  /// numbers from −3 to 3.
  struct Small: Decodable {
    let description: JSON
    let shape: [Int]
    let initial: [String: [Double]]
    let gradients: [String: [Double]]
    let stepped: [String: [Double]]
  }

  /// A step of ResNet-18.
  struct Step: Decodable {
    let output: [Double]
    let after: [Double]
    let gradients: [String: [Double]]
    let stepped: [String: [Double]]
  }

  let networks: [String: Network]
  let small: [String: Small]
  /// Outputs of networks in full size with the values that they begin with after a seed.
  let seeded: [String: [Double]]
  let step: Step

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  static let all = Result {
    try JSONDecoder().decode(
      VisionTwins.self, from: Data(contentsOf: folder.appending(path: "vision.json")))
  }

  static func path(_ name: String) -> String {
    folder.appending(path: "vision/\(name).safetensors").path
  }
}

/// JSON as it is, since a description is read from its text.
struct JSON: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Name.self)
    let texts = try members.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
      "\"\(key.stringValue)\": \(try members.decode(Scalar.self, forKey: key).text)"
    }
    text = "{\(texts.joined(separator: ", "))}"
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Scalar: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let flag = try? value.decode(Bool.self) {
        text = "\(flag)"
      } else if let whole = try? value.decode(Int.self) {
        text = "\(whole)"
      } else if let number = try? value.decode(Double.self) {
        text = "\(number)"
      } else if let list = try? value.decode([Scalar].self) {
        text = "[\(list.map(\.text).joined(separator: ", "))]"
      } else {
        text = "\"\(try value.decode(String.self))\""
      }
    }
  }
}

/// Numbers between −1 and 1 without a pattern, which `images` of `make_vision.py` makes too.
func patternedImages(_ shape: [Int]) -> Tensor {
  let pixels: [Float] = (0..<shape.reduce(1, *)).map { index in
    let residue: Int = (index * index * 31 + index * 17) % 1009
    return Float(residue) / 504.5 - 1
  }
  return Tensor(NDArray(pixels, shape: Shape(shape)))
}

/// Expects numbers to be theirs, to 1e-4 of the largest.
func expectNear(
  _ mine: [Double], _ theirs: [Double], _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let largest = theirs.map(\.magnitude).max() ?? 0
  let differences = zip(mine, theirs).map { ($0 - $1).magnitude }
  // The maximum passes over NaN.
  let worst = differences.first { $0.isNaN } ?? differences.max() ?? 0
  #expect(
    mine.count == theirs.count && largest > 0 && worst <= 1e-4 * largest,
    "\(name) differs by \(worst) of \(largest)", sourceLocation: sourceLocation)
}

/// Expects the sums of tensors to be theirs, to 1e-4 of the sum of magnitudes.
func expectSums(
  _ tensors: [(key: String, values: [Double])], _ theirs: [String: [Double]],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(Set(tensors.map(\.key)) == Set(theirs.keys), sourceLocation: sourceLocation)
  // Gradients that are zero but for rounding are compared with the others.
  let largest = theirs.values.map { $0[0] }.max() ?? 0
  for (key, values) in tensors {
    guard let sums = theirs[key] else { continue }
    let mine = [
      values.reduce(0) { $0 + $1.magnitude },
      values.enumerated().reduce(0) { $0 + $1.element * Double($1.offset % 7 - 3) },
    ]
    let bound = 1e-4 * sums[0] + 1e-6 * largest
    for (one, other) in zip(mine, sums) {
      #expect(
        (one - other).magnitude <= bound, "\(key): \(mine), not \(sums)",
        sourceLocation: sourceLocation)
    }
  }
}

extension Module {
  /// The elements of all tensors of the state dict.
  var stateValues: [(key: String, values: [Double])] {
    stateDict().entries.map { ($0.key, [Double](Tensor($0.value.array))) }
  }

  /// The elements of all gradients.
  var gradientValues: [(key: String, values: [Double])] {
    namedParameters().compactMap { entry in
      entry.parameter.grad.map { (entry.name, [Double]($0)) }
    }
  }
}
