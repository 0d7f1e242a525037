import Checkpoints
import States

/// Models of transformers have one tensor for the table of their inputs and the layer of their outputs where
/// `tie_word_embeddings` of their `config.json` is true, as it is if absent. Their files then have it once or
/// twice.
extension LoRAAdapter {
  /// The last names of modules that are tables of inputs, in transformers' models.
  private static let tables: Set = [
    "embed_tokens", "wte", "word_embeddings", "shared", "embed_in", "tok_embeddings",
  ]
  /// The last names of modules that are layers of outputs.
  private static let heads: Set = ["lm_head", "embed_out"]

  /// Tells what becomes of a tie that the model's configuration has and its state does not show, and unties
  /// the configuration where PEFT does.
  ///
  /// - Parameters:
  ///   - before: The model's state without the adapter.
  ///   - merge: What came of merging, with the model's configuration.
  func settleTies(of before: StateDict, in merge: inout LoRAMerge) {
    guard case .dict(var members)? = merge.configuration,
      members[.string("tie_word_embeddings")]?.boolValue ?? true
    else { return }
    let saved = wholes.filter { self.configuration.savedModule(of: $0.target) != nil }
      .map(\.target).filter { Self.isWeight($0, of: Self.tables.union(Self.heads)) }
    guard let head = before.keys.first(where: { Self.isWeight($0, of: Self.heads) }) else {
      for target in saved {
        merge.losses.append(
          ConversionLoss(
            .tieSplit, target,
            "a layer of outputs that is tied to it, which the file does not hold, becomes the adapter's too; "
              + "PEFT keeps the model's. Merge into a model that was saved with its lm_head.weight")
        )
      }
      for layer in layers where Self.isWeight(layer.weightKey, of: Self.tables) {
        merge.notes.append(
          "a layer of outputs that is tied to \(layer.weightKey), which the file does not hold, changes "
            + "with it, as in PEFT")
      }
      return
    }
    guard !saved.isEmpty, let headTensor = merge.state[head] else { return }
    let isTied = merge.state.entries.contains { key, entry in
      Self.isWeight(key, of: Self.tables) && entry.array.shape == headTensor.shape
        && entry.array.isBitwiseEqual(to: headTensor)
    }
    if isTied { return }
    members[.string("tie_word_embeddings")] = false
    merge.configuration = .dict(members)
    merge.notes.append(
      "tie_word_embeddings of the model's configuration is false now, as PEFT sets it: "
        + "\(saved.joined(separator: ", ")) of the adapter is apart")
  }

  private static func isWeight(_ key: String, of modules: Set<String>) -> Bool {
    let steps = key.split(separator: ".")
    return steps.last == "weight"
      && steps.dropLast().last.map { modules.contains(String($0)) } ?? false
  }
}
