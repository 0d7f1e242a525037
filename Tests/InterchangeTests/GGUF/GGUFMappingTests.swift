import Arrays
import Checkpoints
import Foundation
import Interchange
import OrderedCollections
import States
import TestSupport
import Testing

/// The mappings to llama.cpp's names, held against the tables of the `gguf` package.
@Suite struct GGUFMappingTests {
  struct Named: Decodable {
    let name: String?
    let shape: [Int]
  }

  struct Rotated: Decodable {
    let before: [Float]
    let after: [Float]
  }

  struct Tables: Decodable {
    let names: [String: [String: Named]]
    let rotated: Rotated
  }

  private func tables() throws -> Tables {
    try JSONDecoder().decode(Tables.self, from: Data(Peers.run("gguf_names.py", []).utf8))
  }

  @Test(.needsPeers) func namesAreThoseOfThePackage() throws {
    for (mapping, keys) in try tables().names {
      let rules = try #require(TensorMapping(named: mapping), "\(mapping)")
      var state = StateDict()
      for (number, (key, named)) in keys.sorted(by: { $0.key < $1.key }).enumerated() {
        let shape = Shape(named.shape)
        let values = (0..<shape.elementCount).map { Float(1000 * number + $0) }
        state.entries[key] = .init(NDArray(values, shape: shape), role: .parameter)
      }
      let (mapped, _) = try rules.apply(to: Checkpoint(state: state))
      #expect(Set(mapped.state.keys) == Set(keys.values.compactMap(\.name)), "\(mapping)")
      for (key, named) in keys {
        let name = try #require(named.name)
        let array = try #require(mapped.state[name])
        // What OpenAI wrote as convolutions is transposed.
        let isTransposed = mapping.contains("gpt2") && key.contains(".c_") && named.shape.count == 2
        #expect(array.shape.dimensions == (isTransposed ? named.shape.reversed() : named.shape))
      }
      let (back, _) = try rules.inverted().apply(to: mapped)
      #expect(Set(back.state.keys) == Set(keys.keys), "\(mapping)")
      for key in keys.keys {
        let before = try #require(state[key])
        #expect(back.state[key]?.isBitwiseEqual(to: before) == true, "\(key)")
      }
      // The mapping survives being written.
      #expect(try TensorMapping(json: rules.value.json()) == rules)
    }
  }

  @Test(.needsPeers) func queriesAreRotatedAsLlamaWantsThem() throws {
    let rotated = try tables().rotated
    let mapping = try #require(TensorMapping(named: "gguf-llama-from-huggingface-6"))
    let key = "model.layers.3.self_attn.q_proj.weight"
    var state = StateDict()
    state[key] = NDArray(rotated.before, shape: [48, 3])
    state["model.layers.3.self_attn.v_proj.weight"] = NDArray(rotated.before, shape: [48, 3])
    let (mapped, _) = try mapping.apply(to: Checkpoint(state: state))
    #expect(mapped.state["blk.3.attn_q.weight"]?.elements(as: Float.self) == rotated.after)
    #expect(mapped.state["blk.3.attn_v.weight"]?.elements(as: Float.self) == rotated.before)
    let (back, _) = try mapping.inverted().apply(to: mapped)
    #expect(back.state[key]?.elements(as: Float.self) == rotated.before)
  }

  @Test func headsThatDoNotFitAreRefused() throws {
    #expect(TensorMapping(named: "gguf-llama-from-huggingface-7") == nil)
    #expect(TensorMapping(named: "gguf-llama-from-huggingface-0") == nil)
    #expect(TensorMapping(named: "gguf-llama-from-huggingface-064") == nil)
    let mapping = try #require(TensorMapping(named: "gguf-llama-from-huggingface-64"))
    var state = StateDict()
    state["model.layers.0.self_attn.k_proj.weight"] = NDArray(zeros: [48, 3])
    let error = #expect(throws: MappingError.self) {
      try mapping.apply(to: Checkpoint(state: state))
    }
    #expect(error?.description.contains("groups of 2 times 32") == true)
    for rows in ["[2]", "[0, 4]", "[2, -1]", "[9223372036854775807, 2]", "3"] {
      let json = #"{"ballast_mapping": 1, "rules": [{"interleave": "w", "rows": \#(rows)}]}"#
      if rows.contains("9223") {
        state["w"] = NDArray(zeros: [4])
        let large = try TensorMapping(json: json)
        #expect(throws: MappingError.self) { try large.apply(to: Checkpoint(state: state)) }
      } else {
        #expect(throws: MappingError.self) { try TensorMapping(json: json) }
      }
    }
  }
  /// The shapes fit heads of other sizes too; only the metadata tell.
  @Test func headsOfAnotherSizeAreRefused() throws {
    let mapping = try #require(TensorMapping(named: "gguf-llama-from-huggingface-64"))
    #expect(mapping.headSize == 64)
    var checkpoint = Checkpoint(state: StateDict())
    checkpoint.state["model.layers.0.self_attn.q_proj.weight"] = NDArray(zeros: [256, 2])
    let (mapped, report) = try mapping.apply(to: checkpoint)
    #expect(report.notes.contains { $0.contains("how many features a head has") })
    let said: [(OrderedDictionary<String, Value>, Int)] = [
      (["config": ["head_dim": 128, "hidden_size": 256, "num_attention_heads": 4]], 128),
      (["config": ["head_dim": 64, "hidden_size": 256, "num_attention_heads": 2]], 64),
      (["config": ["hidden_size": 256, "num_attention_heads": 2]], 128),
      (["config": ["hidden_size": 256, "num_attention_heads": 4]], 64),
      (["config": ["text_config": ["head_dim": 32]]], 32),
      (["llama.rope.dimension_count": 128], 128), (["llama.rope.dimension_count": 64], 64),
      (["llama.attention.key_length": 64, "llama.rope.dimension_count": 32], 64),
      (["llama.embedding_length": 256, "llama.attention.head_count": 2], 128),
      (["llama.embedding_length": 256, "llama.attention.head_count": 4], 64),
      (["general.architecture": "granite", "granite.rope.dimension_count": 16], 16),
    ]
    for (metadata, size) in said {
      for (mapping, source) in [(mapping, checkpoint), (try mapping.inverted(), mapped)] {
        var source = source
        source.metadata = metadata
        if size == 64 {
          let report = try mapping.apply(to: source).report
          #expect(!report.notes.contains { $0.contains("features") }, "\(metadata)")
        } else {
          let error = #expect(throws: MappingError.self) { try mapping.apply(to: source) }
          #expect(error?.reason.contains("64 features") == true, "\(metadata)")
          #expect(error?.reason.hasSuffix("says \(size)") == true, "\(metadata)")
        }
      }
    }
    for json in [
      #"{"ballast_mapping": 1, "head_size": "64", "rules": []}"#,
      #"{"ballast_mapping": 1, "head_size": 0, "rules": []}"#,
    ] {
      #expect(throws: MappingError.self) { try TensorMapping(json: json) }
    }
  }
}
