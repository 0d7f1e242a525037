/// What a file of a DeepSpeed checkpoint holds, by its name.
///
/// The names are those of `_get_ckpt_name`, `_get_zero_ckpt_name` and their neighbours in
/// `deepspeed/runtime/engine.py`, and of `ckpt_layer_path` in `deepspeed/runtime/pipe/module.py`, of DeepSpeed
/// 0.18.2.
struct DeepSpeedFileName: Hashable {
  /// What the file holds.
  enum Content: Hashable {
    /// The state dict, and all that is saved beside it: `…_model_states.pt`. With a rank it is the part that
    /// one rank has of a model whose parameters are divided.
    case model(dataRank: Int?)
    /// The part of the optimizer that one rank has, and of the weights in float32: `…_optim_states.pt`.
    case optimizer(dataRank: Int)
    /// A part of a model with experts.
    case expert
    /// A layer of a model that is divided by layers.
    case layer
    /// The optimizer's part by the name that it had before DeepSpeed 0.3.
    case formerOptimizer
  }

  let name: String
  let content: Content
  /// Which of the parts of a model that is divided itself (by Megatron) it is of.
  let modelRank: Int
  /// Whether the name begins with `bf16_` or `fp16_`.
  private let hasPrecision: Bool

  private static let optimizerSuffix = "_optim_states.pt"
  private static let modelSuffix = "_model_states.pt"
  private static let layerSuffix = "-model_states.pt"

  /// The name taken apart; nil if it is none of DeepSpeed's.
  init?(_ name: String) {
    var rest = name[...]
    func take(_ text: String) -> Bool {
      guard rest.hasPrefix(text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }
    func takeNumber() -> Int? {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      guard (1...9).contains(digits.count) else { return nil }
      rest = rest.dropFirst(digits.count)
      return Int(digits)
    }
    self.name = name
    if name.hasPrefix("layer_") || name.hasPrefix("expert_") || name.hasPrefix("expp_rank_") {
      guard
        [Self.optimizerSuffix, Self.modelSuffix, Self.layerSuffix].contains(where: name.hasSuffix)
      else { return nil }
      content = name.hasPrefix("layer_") && !name.contains("_expert_") ? .layer : .expert
      (modelRank, hasPrecision) = (0, false)
      return
    }
    hasPrecision = take("bf16_") || take("fp16_")
    var dataRank: Int?
    if take("zero_pp_rank_") {
      guard let rank = takeNumber(), take("_") else { return nil }
      dataRank = rank
    } else if hasPrecision {
      return nil
    }
    guard take("mp_rank_"), let modelRank = takeNumber() else { return nil }
    self.modelRank = modelRank
    switch (String(rest), dataRank) {
    case (Self.modelSuffix, let rank): content = .model(dataRank: rank)
    case (Self.optimizerSuffix, let rank?): content = .optimizer(dataRank: rank)
    case ("optim_states.pt", _?): content = .formerOptimizer
    default: return nil
    }
  }

  /// The name that the file of another rank has beside this one.
  func sibling(dataRank: Int) -> String {
    guard let place = name.firstRange(of: "zero_pp_rank_") else { return name }
    let rest = name[place.upperBound...].drop { ("0"..."9").contains($0) }
    return "\(name[..<place.upperBound])\(dataRank)\(rest)"
  }
}

extension [String] {
  /// The texts in a sentence; of many the first and how many more.
  var enumeration: String {
    let shown = 8
    guard count > shown + 1 else { return joined(separator: ", ") }
    return prefix(shown).joined(separator: ", ") + " and \(count - shown) more"
  }
}
