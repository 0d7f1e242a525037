import Arrays
import Autograd
import Checkpoints
import Models
import NN
import States
import Testing

@Suite struct NamedInputsTests {
  private func bert() throws -> BertModel {
    try #require(try LanguageFixture(name: "bert").model() as? BertModel)
  }

  private let ids = Tensor(NDArray([1, 2, 3] as [Int64], shape: [1, 3]))

  @Test func inputsAreDescribed() throws {
    #expect(
      try bert().inputs.map(\.description) == [
        "input_ids (batch, tokens ≤ 16): integers below 29",
        "attention_mask (batch, tokens ≤ 16): ones and zeros, optional",
        "token_type_ids (batch, tokens ≤ 16): integers below 3, optional",
      ])
  }

  @Test func wrongInputsAreRefused() throws {
    let model = try bert()
    func reason(_ inputs: [String: Tensor]) -> String {
      do {
        _ = try model.run(inputs)
        return "ran"
      } catch {
        return "\(error)"
      }
    }
    func ids(_ elements: [Int64], _ shape: Shape) -> Tensor {
      Tensor(NDArray(elements, shape: shape))
    }
    #expect(reason(["input_ids": self.ids]) == "ran")
    #expect(reason([:]).contains("input \"input_ids\": it is missing"))
    #expect(
      reason(["input_id": self.ids, "input_ids": self.ids]).contains("did you mean \"input_ids\""))
    #expect(reason(["input_ids": ids([1, 29], [1, 2])]).contains("one of its elements is 29"))
    #expect(reason(["input_ids": ids([1, -1], [1, 2])]).contains("one of its elements is -1"))
    #expect(reason(["input_ids": ids([1, 2], [2])]).contains("its shape is (2,)"))
    #expect(reason(["input_ids": Tensor.zeros([1, 0], dtype: .int64)]).contains("its shape"))
    #expect(reason(["input_ids": Tensor.zeros([1, 17], dtype: .int64)]).contains("tokens ≤ 16"))
    #expect(reason(["input_ids": Tensor.zeros([1, 3])]).contains("its type is float32"))
    #expect(
      reason(["input_ids": self.ids, "attention_mask": ids([1, 1], [1, 2])])
        .contains("while tokens is 3 in \"input_ids\""))
    #expect(
      reason(["input_ids": self.ids, "attention_mask": ids([1, 2, 0], [1, 3])])
        .contains("one of its elements is 2"))
  }

  @Test func halfAStateIsRefused() throws {
    let model = LSTMLanguageModel(tokens: 5, features: 2, hidden: 3, layers: 1)
    let error = #expect(throws: ModelError.self) {
      try model.run(["input": ids, "hidden": Tensor.zeros([1, 3, 3])])
    }
    #expect(error?.path == "cells")
  }

  @Test func textsWithoutAnEndAreRefused() throws {
    let fixture = LanguageFixture(name: "clip")
    let model = try #require(try fixture.model() as? CLIPModel)
    var inputs = try fixture.part("single.in")
    inputs["input_ids"] = ids
    let error = #expect(throws: ModelError.self) { try model.run(inputs) }
    #expect(error?.reason.contains("no token 28") == true)
  }

  /// A convolution would trap on another type than that of its weight.
  @Test(arguments: ["clip", "whisper"])
  func numbersOfAnotherTypeAreRefused(_ name: String) throws {
    let fixture = LanguageFixture(name: name)
    let model = try #require(try fixture.model() as? any NamedInputs)
    var inputs = try fixture.part("single.in")
    let key = name == "clip" ? "pixel_values" : "input_features"
    inputs[key] = try #require(inputs[key]).to(.float16)
    let error = #expect(throws: ModelError.self) { try model.run(inputs) }
    #expect(error?.path == key)
    #expect(error?.reason.contains("float16") == true)
    #expect(error?.reason.contains("float32") == true)
  }

  /// Hooks of a model and of its parts see every call.
  @Test func hooksRun() throws {
    let model = try bert()
    var calls: [String] = []
    for module in model.modules() {
      module.onForward { module, _, _ in
        calls.append(module.typeName)
        return nil
      }
    }
    _ = try model.run(["input_ids": ids])
    // A list of modules is never called.
    #expect(calls.count == model.modules().filter { $0.typeName != "ModuleList" }.count)
    #expect(calls.last == "BertModel")
  }

  /// Files of earlier versions have what the classes do not keep.
  @Test func earlierFilesLoad() throws {
    let fixture = LanguageFixture(name: "bert")
    let model = try bert()
    var state = StateDict()
    for (key, entry) in try fixture.state().entries {
      let old = key.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
        .replacing("LayerNorm.bias", with: "LayerNorm.beta")
      state.entries[old] = entry
    }
    state["embeddings.position_ids"] = NDArray((0..<16).map(Int64.init), shape: [1, 16])
    #expect(throws: Never.self) { try model.loadStateDict(state) }
    // Other positions are another model.
    state["embeddings.position_ids"] = NDArray((1..<17).map(Int64.init), shape: [1, 16])
    let error = #expect(throws: LoadError.self) { try model.loadStateDict(state) }
    #expect(error?.report.unexpected == ["embeddings.position_ids"])
  }

  /// A file of `GPT2Model`, with the causal masks of earlier versions, is one of the model with a
  /// head.
  @Test func gpt2LoadsWithoutItsPrefix() throws {
    let fixture = LanguageFixture(name: "gpt2")
    let model = try fixture.model()
    var state = StateDict()
    for (key, entry) in try fixture.state().entries {
      state.entries[key.replacing("transformer.", with: "")] = entry
    }
    let mask = (0..<24).flatMap { row in (0..<24).map { Float($0 <= row ? 1 : 0) } }
    state["h.0.attn.bias"] = NDArray(mask, shape: [1, 1, 24, 24])
    #expect(throws: Never.self) { try model.loadStateDict(state) }
    state["h.0.attn.bias"] = NDArray(mask.map { 1 - $0 }, shape: [1, 1, 24, 24])
    #expect(throws: LoadError.self) { try model.loadStateDict(state) }
  }

  /// The first versions of Llama saved the frequencies of the rotary embeddings.
  @Test func llamaLoadsWithFrequencies() throws {
    let fixture = LanguageFixture(name: "llama")
    let model = try fixture.model()
    var state = try fixture.state()
    let key = "model.layers.1.self_attn.rotary_emb.inv_freq"
    state[key] = NDArray([1, 0.01] as [Float], shape: [2]).cast(to: .float16)
    #expect(throws: Never.self) { try model.loadStateDict(state) }
    state[key] = NDArray([1, 0.02] as [Float], shape: [2])
    #expect(throws: LoadError.self) { try model.loadStateDict(state) }
  }

  /// A head that differs from the embeddings to which it is tied is refused.
  @Test func tiesThatAreNoneAreRefused() throws {
    let fixture = LanguageFixture(name: "gpt2")
    let model = try fixture.model()
    var state = try fixture.state()
    state["lm_head.weight"] = NDArray(zeros: [29, 8], dtype: .float32)
    #expect(throws: LoadError.self) { try model.loadStateDict(state) }
  }
}
