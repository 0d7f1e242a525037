import Checkpoints
import OrderedCollections
import States

/// What an `adapter_config.json` of PEFT says of an adapter of LoRA. Equivalent to `peft.LoraConfig`.
///
/// Members are taken; passed over if they are known not to change what the adapter computes, such as
/// `task_type`; or refused: those that would change it and are not supported, such as `use_dora`, and
/// those of which nothing is known, unless they are null or empty. The facts are those of PEFT 0.21.
///
/// ```swift
/// let configuration = try LoRAConfiguration(Value(json: text))
/// configuration.scaling(of: "model.layers.0.self_attn.q_proj")   // 2.0
/// ```
public struct LoRAConfiguration: Sendable {
  /// Which biases of the model are trained with the adapter, and are in its file.
  public enum Bias: String, Sendable, CaseIterable {
    /// None.
    case none
    /// All of the model.
    case all
    /// Those of the layers that have an adapter.
    case loraOnly = "lora_only"
  }

  /// Modules, by their names or by an expression.
  public enum Modules: Sendable, Hashable {
    /// Paths of modules, or ends of them that follow a dot.
    case names([String])
    /// A regular expression of Python's that the whole path matches.
    case expression(String)
  }

  /// The object in `adapter_config.json`, with all its members.
  public let value: Value
  /// The rank of layers that no pattern names.
  public let r: Int
  /// What products are multiplied by, of layers that no pattern names, before it is divided by the rank.
  public let loraAlpha: Double
  /// Ranks by expressions for the ends of paths, of which the first that matches counts.
  public let rankPattern: OrderedDictionary<String, Int>
  /// The same for ``loraAlpha``.
  public let alphaPattern: OrderedDictionary<String, Double>
  /// Whether ``loraAlpha`` is divided by the square root of the rank.
  public let useRSLoRA: Bool
  /// Whether the weights of linear layers are (in, out), as those of the `Conv1D` of GPT-2.
  public let fanInFanOut: Bool
  /// The probability of dropping an element of the input of an adapter, in training.
  public let loraDropout: Double
  /// Which biases are trained.
  public let bias: Bias
  /// The ends of the paths of modules that are trained as a whole, beside the layers with an adapter.
  public let modulesToSave: [String]
  /// The modules that have an adapter; nil if the configuration does not say.
  public let targetModules: Modules?
  /// Modules that have none although ``targetModules`` names them.
  public let excludeModules: Modules?
  /// The numbers of the layers that have adapters; nil for all.
  public let layersToTransform: [Int]?
  /// What the lists of numbered layers are called.
  public let layersPattern: [String]
  /// The members that do not change what the adapter computes, in order.
  public let passedOver: [String]

  private let rankRules: [(ending: KeyEnding, value: Int)]
  private let alphaRules: [(ending: KeyEnding, value: Double)]

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - value: The object in `adapter_config.json`.
  ///   - file: What errors call the file or folder that it is from.
  /// - Throws: `CheckpointError` if a member asks for what is not supported, is unknown, or is not what it
  ///   should be.
  public init(_ value: Value, file: String = "adapter_config.json") throws(CheckpointError) {
    var members = try LoRAMembers(value, file: file)
    try members.checkType()
    self.value = value
    r = try members.rank("r", default: 8)
    loraAlpha = try members.number("lora_alpha", default: 8)
    rankPattern = try members.pattern("rank_pattern") {
      members, name, value throws(CheckpointError) in
      try members.rank(name, value)
    }
    alphaPattern = try members.pattern("alpha_pattern") {
      members, name, value throws(CheckpointError) in
      try members.number(name, value)
    }
    useRSLoRA = try members.flag("use_rslora")
    fanInFanOut = try members.flag("fan_in_fan_out")
    loraDropout = try members.probability("lora_dropout")
    bias = try members.bias()
    modulesToSave = try members.texts("modules_to_save") ?? []
    targetModules = try members.modules("target_modules")
    excludeModules = try members.modules("exclude_modules")
    layersToTransform = try members.numbers("layers_to_transform")
    layersPattern = try members.texts("layers_pattern") ?? []
    // Whatever PEFT refuses too.
    if case .expression? = targetModules, layersToTransform != nil || !layersPattern.isEmpty {
      throw members.error(
        .unsupported, "layers_to_transform and layers_pattern go with names in target_modules only")
    }
    if !layersPattern.isEmpty, layersToTransform == nil {
      throw members.error(.unsupported, "layers_pattern needs layers_to_transform")
    }
    passedOver = try members.rest()
    rankRules = try members.rules(rankPattern, "rank_pattern")
    alphaRules = try members.rules(alphaPattern, "alpha_pattern")
  }

  /// The rank of a layer.
  ///
  /// - Parameter path: The path of the layer in the model, such as `transformer.h.0.attn.c_attn`.
  public func rank(of path: String) -> Int {
    rankRules.first { $0.ending.matches(path) }?.value ?? rankPattern[path] ?? r
  }

  /// What the product of a layer's two matrices is multiplied by: α / r, or α / √r with ``useRSLoRA``.
  ///
  /// - Parameter path: The path of the layer in the model.
  public func scaling(of path: String) -> Double {
    let alpha =
      alphaRules.first { $0.ending.matches(path) }?.value ?? alphaPattern[path] ?? loraAlpha
    let rank = Double(rank(of: path))
    return alpha / (useRSLoRA ? rank.squareRoot() : rank)
  }
}
