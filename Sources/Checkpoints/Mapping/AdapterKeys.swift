import OrderedCollections
import States

/// What the keys of a state dict, and the `adapter_config` beside it, say of adapters of PEFT.
///
/// PEFT wraps a model and calls it `base_model.model`. In the state dict of the wrapped model an adapter's
/// tensors carry its name: `….q_proj.lora_A.default.weight`, beside the model's own weights under
/// `base_layer`. `save_pretrained` takes the name out, and leaves the model's own weights behind:
/// `….q_proj.lora_A.weight`. The names are those of `peft.tuners` in PEFT 0.21.
package struct AdapterKeys {
  /// What PEFT adds to modules, such as `lora_A`, in the order in which it occurs.
  package private(set) var parts: OrderedSet<String> = []
  /// The adapters' names, where the keys have them.
  package private(set) var adapters: OrderedSet<String> = []
  /// How many tensors are of adapters.
  package private(set) var tensorCount = 0
  /// How many tensors are the wrapped model's own.
  package private(set) var ownTensorCount = 0
  /// Whether all keys begin as a wrapped model's do.
  package private(set) var isWrapped = true

  /// What PEFT puts before all keys of a model.
  private static let wrapper = "base_model.model."
  /// Modules that are trained as a whole.
  private static let whole = "modules_to_save"
  /// A module in every layer with LoRA.
  private static let lowRank = "lora_A"
  /// Beginnings of the names that tuners give their parameters and modules.
  private static let beginnings = [
    "lora_", "ia3_l", "hada_", "lokr_", "oft_", "boft_", "vera_", "fourierft_", "adaption_",
    "prompt_embeddings", "trainable_tokens_", "bone_", "hra_", "poly_lora_", "vblora_", "xlora_",
    "waveft_", "randlora_", "shira_", "c3a_", "road_", "miss_", "gralora_", "delora_",
  ]
  /// What a module's own tensors are called, which an adapter is not.
  private static let tensorNames: Set = ["weight", "bias"]

  /// Looks at the keys; nil if no adapter is in them.
  ///
  /// - Parameter isConfigured: Whether a configuration says that it is one of PEFT.
  package init?(_ keys: some Collection<String>, isConfigured: Bool = false) {
    let mayBe = isConfigured || keys.first?.hasPrefix(Self.wrapper) == true
    guard mayBe || keys.contains(where: Self.mentions) else { return nil }
    var hasLowRank = false
    for key in keys {
      let steps = key.split(separator: ".").map(String.init)
      isWrapped = isWrapped && key.hasPrefix(Self.wrapper)
      guard let place = steps.firstIndex(where: Self.isPart) else {
        ownTensorCount += 1
        continue
      }
      tensorCount += 1
      parts.append(steps[place])
      // In other libraries this is the matrix itself.
      hasLowRank = hasLowRank || steps[place] == Self.lowRank && place + 1 < steps.count
      if place + 1 < steps.count, !Self.tensorNames.contains(steps[place + 1]) {
        adapters.append(steps[place + 1])
      }
    }
    guard !parts.isEmpty, isWrapped || hasLowRank || isConfigured else { return nil }
  }

  /// Whether a key may have the name of LoRA's module in it: most models are dismissed by this.
  private static func mentions(_ key: String) -> Bool {
    var rest = key.utf8[...]
    while let index = rest.firstIndex(of: UInt8(ascii: "_")) {
      rest = rest[index...]
      if rest.starts(with: "_A".utf8) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  private static func isPart(_ step: String) -> Bool {
    step == whole || beginnings.contains { step.hasPrefix($0) }
  }

  /// Whether a checkpoint is an adapter as `save_pretrained` leaves it: its keys have parts of PEFT without an
  /// adapter's name, or are at least those of a wrapped model, as of norms that were trained, and it has an
  /// `adapter_config`, or keys that only PEFT writes.
  package static func isAdapterAlone(_ checkpoint: Checkpoint) -> Bool {
    guard checkpoint.metadata["config"] == nil else { return false }
    let isConfigured = checkpoint.metadata["adapter_config"]?["peft_type"] != nil
    guard let keys = AdapterKeys(checkpoint.state.keys, isConfigured: isConfigured) else {
      return isConfigured && areWrapped(checkpoint.state.keys)
    }
    return (isConfigured || keys.isWrapped) && keys.adapters.isEmpty
  }

  private static func areWrapped(_ keys: some Collection<String>) -> Bool {
    !keys.isEmpty && keys.allSatisfy { $0.hasPrefix(wrapper) }
  }

  /// What a checkpoint is, in a sentence; nil if it has nothing of PEFT.
  package static func note(_ checkpoint: Checkpoint) -> String? {
    let config = checkpoint.metadata["adapter_config"]
    let isConfigured = config?["peft_type"] != nil
    let keys = AdapterKeys(checkpoint.state.keys, isConfigured: isConfigured)
    guard keys != nil || isConfigured else { return nil }
    let type = config?["peft_type"]?.stringValue.map { " of type \($0)" } ?? ""
    let model = config?["base_model_name_or_path"]?.stringValue.map { ", made for \($0)" } ?? ""
    guard let keys else {
      guard areWrapped(checkpoint.state.keys) else {
        return "beside it is a configuration of an adapter of PEFT\(type)\(model), but no tensor "
          + "is named as one of an adapter"
      }
      return "it is an adapter of PEFT\(type)\(model): the weights of the model are not in it"
    }
    let parts = keys.parts.prefix(8).joined(separator: ", ")
    guard !keys.adapters.isEmpty else {
      let own = keys.ownTensorCount
      return "it is an adapter of PEFT\(type)\(model): \(keys.tensorCount) tensors (\(parts))"
        + (own == 0 ? "" : " and \(own) of modules that are kept whole")
        + ", without the model that they are added to"
    }
    let names = keys.adapters.prefix(8).joined(separator: ", ")
    return "it is a model with adapters of PEFT\(type)\(model): \(keys.tensorCount) tensors "
      + "(\(parts)) of \(names), beside \(keys.ownTensorCount) of the model"
  }
}
