import Foundation
import Testing

/// Programs about modules print here, line by line, what they print in PyTorch.
///
/// One after the other, since the random numbers of each are those after a seed.
@Suite(.serialized) struct ArticleTests {
  /// What PyTorch prints, by the names of the programs in `Peers/articles.py`.
  private static let expected: [String: String] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/articles.json")
    return (try? JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))) ?? [:]
  }()

  @Test(arguments: ["listings", "training", "registering", "variants", "layers"])
  func printsWhatPyTorchPrints(_ name: String) throws {
    var program = ArticlePrograms()
    switch name {
    case "listings": program.listings()
    case "training": try program.training()
    case "registering": program.registering()
    case "variants": program.variants()
    default: try program.layers()
    }
    let expected = try #require(Self.expected[name]).split(separator: "\n")
    let found = program.output.split(separator: "\n")
    #expect(found.count == expected.count)
    #expect(expected.count >= 20)
    for (found, expected) in zip(found, expected) {
      #expect(Self.agree(String(found), String(expected)))
    }
  }

  /// Whether two lines are the same but for the last digits of numbers, which rounding may change.
  private static func agree(_ found: String, _ expected: String) -> Bool {
    if found == expected { return true }
    let number = /-?\d+\.\d*(?:e[-+]\d+)?/
    guard found.replacing(number, with: "#") == expected.replacing(number, with: "#") else {
      return false
    }
    return zip(found.matches(of: number), expected.matches(of: number)).allSatisfy {
      let (found, expected) = (Double($0.output), Double($1.output))
      guard let found, let expected else { return false }
      // Four decimals are printed: one step of the last.
      return abs(found - expected) <= 1.01e-4 * max(1, abs(expected))
    }
  }
}
