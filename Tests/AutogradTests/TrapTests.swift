import Files
import Testing

/// A mistake that ends the program with a sentence.
enum Mistake: Codable, Sendable, CustomTestStringConvertible {
  case shape(ShapeMistake)
  case type(TypeMistake)

  static let all = ShapeMistake.allCases.map(Mistake.shape) + TypeMistake.allCases.map(Mistake.type)

  /// What the sentence must hold.
  var words: [String] {
    switch self {
    case .shape(let mistake): mistake.words
    case .type(let mistake): mistake.words
    }
  }

  var testDescription: String {
    switch self {
    case .shape(let mistake): "shape: \(mistake.rawValue)"
    case .type(let mistake): "type: \(mistake.rawValue)"
    }
  }

  func make() {
    switch self {
    case .shape(let mistake): mistake.make()
    case .type(let mistake): mistake.make()
    }
  }
}

@Suite struct TrapTests {
  @Test(arguments: Mistake.all) func whatDoesNotFitIsNamed(_ mistake: Mistake) async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [mistake = mistake as Mistake] in
      mistake.make()
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    for word in mistake.words { #expect(text.contains(word), "\(text)") }
  }
}
