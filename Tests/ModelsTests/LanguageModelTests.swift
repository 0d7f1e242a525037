import Arrays
import Autograd
import Checkpoints
import Foundation
import Models
import NN
import Optim
import States
import Testing

@Suite struct LanguageModelTests {
  @Test(arguments: LanguageFixture.all)
  func keysAreTheReferences(_ fixture: LanguageFixture) throws {
    let expected = try LanguageFixture.json("cases")[fixture.name]?.elements?.map(\.stringValue)
    #expect(listing(try fixture.model()) == expected)
  }

  @Test(arguments: LanguageFixture.all, ["single", "batch", "left"])
  func outputsAreTheReferences(_ fixture: LanguageFixture, _ part: String) throws {
    let inputs = try fixture.part("\(part).in")
    guard !inputs.isEmpty else {
      #expect(part == "left")
      return
    }
    let model = try #require(try fixture.model() as? any NamedInputs)
    let outputs = try noGrad { try model.run(inputs) }
    let expected = try fixture.part("\(part).out")
    #expect(Set(outputs.keys) == Set(expected.keys))
    let mask = try fixture.part(part)["where"]
    for (name, theirs) in expected {
      let mine = try #require(outputs[name])
      #expect(relativeError(mine, theirs, where: mask) < 1e-4, "\(name)")
    }
  }

  /// The same without hooks and names, by the call that takes one tensor.
  @Test(
    arguments: [
      "distilbert", "distilbert-masked-lm", "distilbert-classifier", "gpt2", "gpt2-base",
      "llama", "llama-base", "mistral", "qwen2", "t5", "lstm",
    ].map(LanguageFixture.init))
  func oneTensorIsEnough(_ fixture: LanguageFixture) throws {
    let model = try fixture.model()
    let inputs = try fixture.part("single.in")
    let expected = try fixture.part("single.out")
    let input = try #require(inputs["input_ids"] ?? inputs["input"])
    let theirs = try #require(
      expected["logits"] ?? expected["last_hidden_state"] ?? expected["output"])
    #expect(relativeError(noGrad { model(input) }, theirs) < 1e-4)
  }

  @Test(arguments: ["gpt2", "llama", "llama3", "mistral", "qwen2"])
  func greedyTextsAreTheReferences(_ name: String) throws {
    let fixture = LanguageFixture(name: name)
    let model = try #require(try fixture.model() as? any CausalLanguageModel)
    let tensors = try fixture.part("generated")
    let (prompt, expected) = (try #require(tensors["in"]), try #require(tensors["out"]))
    let text = try model.generate(prompt, maxNewTokens: 10)
    #expect(text.elements(as: Int64.self) == expected.elements(as: Int64.self))
    // A text that has ended goes on with padding, and the model stops when all have.
    let end = Int(expected.elements(as: Int64.self)[5])
    let short = try model.generate(
      prompt.sliced(0, 0..<1), maxNewTokens: 10, endToken: end, padToken: 0)
    #expect(short.shape == [1, 6])
  }

  @Test func stepOfBertIsPyTorchs() throws {
    let fixture = LanguageFixture(name: "bert")
    let model = try #require(try fixture.model() as? BertModel).train()
    let step = try fixture.tensors(".step")
    func input(_ name: String) throws -> Tensor { Tensor(try #require(step["in.\(name)"])) }
    let output = model(
      try input("input_ids"), attentionMask: try input("attention_mask"),
      tokenTypeIDs: try input("token_type_ids"))
    let pooled = try #require(output.poolerOutput)
    let loss = output.lastHiddenState.square().mean() + pooled.square().mean()
    loss.backward()
    SGD(model, lr: 0.1).step()
    #expect(
      relativeError(loss.detached().reshaped([1]), Tensor(try #require(step["loss"]))) < 1e-5)
    let before = try fixture.tensors()
    for (key, array) in model.stateDict().entries.mapValues(\.array) {
      let after = Tensor(try #require(step["after.\(key)"]))
      #expect(relativeError(Tensor(array), after) < 1e-4, "\(key)")
      // The change itself, which is small beside the weight. Scores do not change with the bias of
      // keys, whose gradient is nothing but rounding.
      let start = Tensor(try #require(before[key]))
      let change = after - start
      if change.abs().max().item() > 1e-5 {
        #expect(relativeError(Tensor(array) - start, change) < 1e-3, "\(key)")
      }
    }
  }

  /// Initial values after a seed are those of PyTorch's example.
  @Test func seededLSTMGivesPyTorchsOutput() throws {
    let fixture = LanguageFixture(name: "lstm")
    let model = Generator(seed: 0).use {
      LSTMLanguageModel(tokens: 29, features: 6, hidden: 8)
    }.eval()
    let tensors = try fixture.part("seeded")
    let input = try #require(tensors["in.input"])
    let output = noGrad { model(input) }
    #expect(relativeError(output, try #require(tensors["out.output"])) < 1e-5)
  }

  /// The buckets of distances, at the edges too.
  @Test func bucketsOfDistancesAreTheReferences() throws {
    let all = try #require(try LanguageFixture.json("buckets").dictionary)
    for (key, expected) in all {
      let numbers = key.text.split(separator: ",").compactMap { Int($0) }
      let (before, after) = DistanceBuckets(count: numbers[0], maxDistance: numbers[1])
        .table(below: 301)
      let mine = before.dropFirst().reversed() + [before[0]] + after.dropFirst()
      #expect(mine.map(Int.init) == expected.elements?.compactMap(\.intValue), "\(key.text)")
    }
  }

  @Test func fullSizesHaveTheReferencesKeys() throws {
    let sizes = try #require(try LanguageFixture.json("sizes").dictionary)
    for (key, size) in sizes {
      let model = try Device.with(.meta) {
        try ModelDescription(["module": .string(key.text)]).build()
      }
      let lines = listing(model)
      if let expected = size["listing"]?.elements { #expect(lines == expected.map(\.stringValue)) }
      #expect(lines.count == size["count"]?.intValue, "\(key.text)")
      var sum = RunningDigest()
      for line in lines { sum.update(line + "\n") }
      #expect(sum.digest.crc32 == size["crc32"]?.intValue.map { UInt32($0) }, "\(key.text)")
    }
  }

  /// In half precision the quotient is rounded before it is multiplied by the weight.
  @Test(arguments: [DType.float16, .bfloat16])
  func normalizationsRoundTwice(_ type: DType) throws {
    var configuration = LlamaConfiguration()
    configuration.vocabSize = 9
    configuration.hiddenSize = 8
    configuration.intermediateSize = 4
    configuration.numAttentionHeads = 2
    configuration.numHiddenLayers = 1
    let norm = try #require(LlamaModel(configuration).submodule("norm"))
    let weight = try #require(norm.parameter("weight"))
    let scales: [Float] = [0.3, 1.7, -0.9, 1.1, 0.7, 2.3, -1.3, 0.1]
    noGrad { weight.assign(Tensor(NDArray(scales, shape: [8]))) }
    let numbers: [Float] = (0..<800).map { Float($0 * $0 % 101) / 37 - 1 }
    let input = Tensor(NDArray(numbers, shape: [100, 8]))
    let plain = input.rmsNorm([8], weight: weight, eps: configuration.rmsNormEps)
    #expect(norm(input).elements(as: Float.self) == plain.elements(as: Float.self))
    norm.to(type)
    let half = input.to(type)
    let rounded = half.to(.float32).rmsNorm([8], eps: configuration.rmsNormEps).to(type)
    let scaled = rounded * Tensor(NDArray(scales, shape: [8])).to(type)
    let output = norm(half)
    #expect(output.dtype == type)
    #expect(
      output.to(.float32).elements(as: Float.self) == scaled.to(.float32).elements(as: Float.self))
  }

  /// A text of nothing but padding looks at all of its tokens alike, in T5.
  @Test func t5LooksAtPaddingAlike() throws {
    var configuration = T5EncoderModel.Configuration()
    configuration.vocabSize = 9
    configuration.dModel = 8
    configuration.dKv = 4
    configuration.dFf = 8
    configuration.numLayers = 1
    configuration.numHeads = 2
    let model = T5EncoderModel(configuration).eval()
    func features(_ ids: [Int64], at token: Int) -> Tensor {
      noGrad {
        model(
          Tensor(NDArray(ids, shape: [1, 3])),
          attentionMask: Tensor.zeros([1, 3], dtype: .int64)
        ).select(1, token)
      }
    }
    let first = features([1, 2, 3], at: 0)
    #expect(relativeError(features([2, 3, 1], at: 2), first) < 1e-5)
    #expect(relativeError(features([1, 4, 5], at: 0), first) > 1e-5)
  }

  /// The published models of several languages pad with another token than the class.
  @Test func whispersPadAsPublished() {
    for name in ["whisper-tiny", "whisper-base", "whisper-small", "whisper-medium"] {
      let known = ModelCatalog.architectures.first { $0.name == name }
      #expect(known?.options.contains("pad_token_id=50257") == true, "\(name)")
    }
  }

  /// The keys with their shapes and types, also of a model on the meta device.
  private func listing(_ model: Module) -> [String] {
    model.stateDict(keepVars: true).map { "\($0.key) \($0.value.shape) \($0.value.dtype)" }
  }
}
