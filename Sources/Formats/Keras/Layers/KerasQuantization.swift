import States

extension KerasLayerKind {
  /// The variables of a quantised layer in the order of a file of weights, by the kind of
  /// quantisation: those of Keras 3.15. Those with a question mark may be absent.
  static let quantisedKernels: [String: [String]] = {
    let grouped = ["kernel_scale", "kernel_zero?", "g_idx?"]
    return [
      "int8": ["kernel", "bias", "kernel_scale"], "int4": ["kernel", "bias"] + grouped,
      "float8": [
        "kernel", "bias", "inputs_scale", "inputs_amax_history", "kernel_scale",
        "kernel_amax_history", "outputs_grad_scale", "outputs_grad_amax_history",
      ],
      "gptq": ["bias", "quantized_kernel", "kernel_scale", "kernel_zero", "g_idx"],
      "awq": ["bias", "quantized_kernel", "kernel_scale", "kernel_zero", "awq_scales", "g_idx"],
    ]
  }()

  /// The same of rows by their numbers.
  static let quantisedRows = [
    "int8": ["embeddings", "embeddings_scale"],
    "int4": ["embeddings", "embeddings_scale", "embeddings_zero?", "g_idx?"],
  ]
}

extension KerasLayer {
  /// How the layer is quantised, such as `int8`; nil if it is not.
  var quantisation: String? {
    let policy = config["dtype"]
    let text =
      policy?["config"]?["mode"]?.stringValue
      ?? variableType.flatMap { $0.contains("_from_") ? $0 : nil }
    return text.map { String($0.prefix { $0 != "/" && $0 != "_" }) }
  }

  /// What a quantised layer may have, most first: lists of names.
  fileprivate func quantisedNames(_ mode: String) -> [[String]] {
    guard let all = kind.quantised[mode] else { return [] }
    let hasBias = kind.hasBiasAxes ? config["bias_axes"]?.stringValue != nil : self.hasBias
    let own = all.filter { $0 != "bias" || hasBias }
    let isOptional = own.map { $0.hasSuffix("?") }
    let names = own.map { $0.replacing("?", with: "") }
    var lists = [names]
    if isOptional.contains(true) {
      // In Keras before 3.15 there were no groups.
      lists.append(zip(names, isOptional).filter { !$1 }.map(\.0))
    }
    return lists
  }

  /// The plans that a quantised layer may have.
  func quantisedParts(_ input: KerasFlow) -> [KerasPart] {
    guard let mode = quantisation else { return [] }
    return quantisedNames(mode).map { KerasPart(quantised: self, mode, $0, input: input) }
  }

  /// Takes from the weights of a group which quantisation they are of.
  ///
  /// - Returns: Whether they are those of a quantised layer of its class.
  mutating func inferQuantisation(_ group: KerasWeights.Group) -> Bool {
    for mode in ["int8", "int4", "float8"] where kind.quantised[mode] != nil {
      guard group.isReal("vars/0") == (mode == "float8") else { continue }
      for hasBias in [true, false] {
        var layer = self
        layer.config = [
          "use_bias": .bool(hasBias), "bias_axes": hasBias ? "?" : .none,
          "dtype": ["config": ["mode": .string(mode)]],
        ]
        guard layer.quantisedNames(mode).contains(where: { $0.count == group.count }) else {
          continue
        }
        self = layer
        return true
      }
    }
    return false
  }

  /// Whether a file may have variables of a low rank beside the kernel.
  var hasLowRank: Bool { length("lora_rank") ?? 0 > 0 }
}
