import Checkpoints
import OrderedCollections

/// What the keys of an adapter's file say, as `save_pretrained` of PEFT writes them.
struct LoRAKeys {
  /// One of the two matrices of a layer.
  enum Side { case a, b }

  /// What a tensor is.
  enum Part {
    case matrix(path: String, LoRALayer.Kind, Side)
    /// In the place of the model's tensor of this key.
    case whole(String)
    /// What was in the place of a module before that was trained as a whole; nothing uses it.
    case original
  }

  /// What PEFT puts before all keys of a model.
  static let wrapper = "base_model.model."

  private static let matrices: [(ending: String, kind: LoRALayer.Kind, side: Side)] = [
    (".lora_A.weight", .linear, .a), (".lora_B.weight", .linear, .b),
    (".lora_embedding_A", .embedding, .a), (".lora_embedding_B", .embedding, .b),
  ]

  /// What a tensor is, by its key.
  ///
  /// - Throws: ``LoRALayer/Misfit`` for a key that is none of a LoRA adapter.
  static func part(of key: String) throws(LoRALayer.Misfit) -> Part {
    guard key.hasPrefix(wrapper) else {
      throw LoRALayer.Misfit(
        reason: "does not begin with \(wrapper), as the keys of an adapter that PEFT saved do")
    }
    let name = String(key.dropFirst(wrapper.count))
    for (ending, kind, side) in matrices where name.hasSuffix(ending) && name.count > ending.count {
      return .matrix(path: unwrapped(String(name.dropLast(ending.count))), kind, side)
    }
    let steps = name.split(separator: ".", omittingEmptySubsequences: false)
    if let step = steps.first(where: { $0.hasPrefix("lora_") }) {
      guard let place = steps.firstIndex(of: step), place + 1 < steps.count,
        step != "lora_magnitude_vector",
        steps[place + 1] != "weight", steps[place + 1] != "bias"
      else {
        throw LoRALayer.Misfit(reason: "is of a part of LoRA that is not supported, \(step)")
      }
      throw LoRALayer.Misfit(
        reason:
          "has the name of an adapter, \(steps[place + 1]): it is of the state of a wrapped model, "
          + "and not of what save_pretrained writes")
    }
    return steps.contains("original_module") ? .original : .whole(unwrapped(name))
  }

  /// The name in the model, without what PEFT puts into it.
  private static func unwrapped(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .filter { $0 != "base_layer" && $0 != "modules_to_save" }
      .joined(separator: ".")
  }
}
