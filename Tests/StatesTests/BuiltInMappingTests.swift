import Arrays
import Checkpoints
import Files
import Foundation
import OrderedCollections
import States
import Testing

/// The mappings that come with Ballast, on keys and shapes that the libraries themselves wrote.
@Suite struct BuiltInMappingTests {
  /// The keys and shapes that `Fixtures/make_keys.py` wrote.
  private static func shapes(_ name: String) throws -> OrderedDictionary<String, Shape> {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/\(name).txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    return OrderedDictionary(
      uniqueKeysWithValues: lines.map { line in
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        return (String(parts[0]), Shape(parts[1].split(separator: ",").compactMap { Int($0) }))
      })
  }

  /// A state dict of these shapes that takes no memory: one element, seen again and again.
  private static func state(_ shapes: OrderedDictionary<String, Shape>) -> StateDict {
    var state = StateDict()
    for (number, (key, shape)) in shapes.enumerated() {
      state[key] = NDArray(Int32(number)).expanded(to: shape)
    }
    return state
  }

  @Test(arguments: [
    ("torchvision-resnet-from-huggingface", "huggingface-resnet-basic", "torchvision-resnet-basic"),
    (
      "torchvision-resnet-from-huggingface", "huggingface-resnet-bottleneck",
      "torchvision-resnet-bottleneck"
    ),
    ("torchvision-vit-from-huggingface", "huggingface-vit", "torchvision-vit"),
    ("torchvision-vit-from-timm", "timm-vit", "torchvision-vit"),
    ("torchvision-densenet-from-old", "torchvision-densenet-old", "torchvision-densenet"),
  ])
  func eachLeadsToTheKeysAndShapesOfTheOther(_ name: String, _ from: String, _ to: String) throws {
    let mapping = try #require(TensorMapping(named: name))
    let theirs = try Self.shapes(from)
    let expected = try Self.shapes(to)
    let original = Self.state(theirs)
    let (mapped, report) = try mapping.apply(to: Checkpoint(state: original))
    #expect(Set(mapped.state.keys) == Set(expected.keys))
    for (key, shape) in expected { #expect(mapped.state[key]?.shape == shape, "\(key)") }
    // Two layers to a block leave the rules for the third without a key.
    let idle = report.matchCounts.count { $0 == 0 }
    #expect(idle == (to == "torchvision-resnet-basic" ? 2 : 0))
    #expect(report.notes.count == idle)

    let (back, _) = try mapping.inverted().apply(to: mapped)
    #expect(Set(back.state.keys) == Set(theirs.keys))
    for key in theirs.keys {
      #expect(back.state[key]?.isBitwiseEqual(to: original[key] ?? NDArray(Int32(-1))) == true)
    }
  }

  @Test func theLinearLayersOfGPT2AreTransposed() throws {
    let mapping = try #require(TensorMapping(named: "nanogpt-from-huggingface-gpt2"))
    let state = Self.state([
      "transformer.wte.weight": [10, 4], "transformer.h.0.attn.c_attn.weight": [4, 12],
      "transformer.h.0.attn.c_attn.bias": [12], "transformer.h.0.mlp.c_proj.weight": [16, 4],
    ])
    let mapped = try mapping.apply(to: Checkpoint(state: state)).checkpoint.state
    #expect(Array(mapped.keys) == Array(state.keys))
    #expect(
      mapped.entries.values.map(\.array.shape) == [[10, 4], [12, 4], [12], [4, 16]])
  }
}
