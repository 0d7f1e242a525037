import Ballast
import Foundation
import Testing

/// Texts that transformers continues: see `Fixtures/make_generation.py`.
private struct GenerationCase: Decodable, CustomTestStringConvertible, Sendable {
  let model, way, text: String
  let ids, mask, out: [[Int64]]
  let seed, topK: Int
  let end: Int?
  let temperature, topP: Double
  let sample: Bool
  let after: Float

  var testDescription: String { "\(model) \(way) \(text) \(end.map { "until \($0)" } ?? "")" }

  static let all: [GenerationCase] = {
    let path = LanguageFixture.folder.deletingLastPathComponent().appending(path: "generation.json")
    guard let data = try? Data(contentsOf: path) else { return [] }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try? decoder.decode([GenerationCase].self, from: data)) ?? []
  }()

  static func tensor(_ rows: [[Int64]]) -> Tensor {
    Tensor(NDArray(rows.flatMap(\.self), shape: [rows.count, rows[0].count]))
  }

  var sampling: Sampling? {
    sample
      ? Sampling(temperature: temperature, topK: topK == 0 ? nil : topK, topP: topP) : nil
  }

  func makeModel() throws -> any CausalLanguageModel {
    try #require(try LanguageFixture(name: model).model() as? any CausalLanguageModel)
  }
}

@Suite struct GenerationTests {
  @Test func thereAreCases() { #expect(GenerationCase.all.count == 48) }

  @Test(arguments: GenerationCase.all)
  fileprivate func textsAreTheReferences(_ one: GenerationCase) throws {
    let model = try one.makeModel()
    let (output, after) = try Generator(seed: UInt64(one.seed)).use {
      let output = try model.generate(
        GenerationCase.tensor(one.ids), attentionMask: GenerationCase.tensor(one.mask),
        maxNewTokens: 9, sampling: one.sampling, endToken: one.end, padToken: 0)
      return (output, Tensor.rand([1]).elements(as: Float.self)[0])
    }
    #expect(output.shape == [one.out.count, one.out[0].count])
    #expect(output.elements(as: Int64.self) == one.out.flatMap(\.self))
    // As many random numbers were taken.
    #expect(after == one.after)
  }

  /// A text without padding needs no mask.
  @Test func aMaskOfOnesChangesNothing() throws {
    for one in GenerationCase.all where one.text == "single" && one.way == "all" && one.end == nil {
      let model = try one.makeModel()
      let output = try Generator(seed: UInt64(one.seed)).use {
        try model.generate(
          GenerationCase.tensor(one.ids), maxNewTokens: 9, sampling: one.sampling)
      }
      #expect(output.elements(as: Int64.self) == one.out.flatMap(\.self))
    }
  }

  @Test func aTextThatEndsWithPaddingIsRefused() throws {
    let model = try #require(GenerationCase.all.first).makeModel()
    let error = #expect(throws: ModelError.self) {
      try model.generate(
        GenerationCase.tensor([[1, 2, 0]]), attentionMask: GenerationCase.tensor([[1, 1, 0]]),
        maxNewTokens: 2)
    }
    #expect(error?.path == "attention_mask")
  }

  @Test(arguments: [
    Sampling(temperature: 0), Sampling(temperature: .nan), Sampling(topK: 0), Sampling(topP: 1.5),
  ])
  func impossibleWaysToDrawAreRefused(_ sampling: Sampling) throws {
    let model = try #require(GenerationCase.all.first).makeModel()
    let error = #expect(throws: ModelError.self) {
      try model.generate(GenerationCase.tensor([[1]]), maxNewTokens: 1, sampling: sampling)
    }
    #expect(error?.path == "sampling")
  }
}
