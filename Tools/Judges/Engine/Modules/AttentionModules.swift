extension Call {
  /// The options that the layers of encoder and decoder share, from a position on.
  fileprivate func transformerOptions(_ start: Int?, dropout: Double = 0.1) throws
    -> TransformerOptions
  {
    func place(_ offset: Int) -> Int? { start.map { $0 + offset } }
    var options = TransformerOptions()
    options.dimFeedforward = try int(place(0), "dim_feedforward", 2048)
    options.dropout = try number(place(1), "dropout", dropout)
    switch argument(place(2), "activation") {
    case nil: break
    case .text("relu")?, .other("relu")?: options.activation = .relu
    case .text("gelu")?, .other("gelu")?: options.activation = .gelu
    case let other?: throw NotExpressible("activation is \(other.kind)")
    }
    options.layerNormEps = try number(place(3), "layer_norm_eps", 1e-5)
    options.batchFirst = try bool(place(4), "batch_first", false)
    options.normFirst = try bool(place(5), "norm_first", false)
    options.bias = try bool(place(6), "bias", true)
    return options
  }

  fileprivate func masks(_ attention: String, _ padding: String, _ causal: String) throws
    -> AttentionMasks
  {
    AttentionMasks(
      attention: try optional(nil, attention), keyPadding: try optional(nil, padding),
      isCausal: try bool(nil, causal, false))
  }
}

func addAttentionModules(to table: inout ModuleTable) {
  table.custom("MultiheadAttention") { c in
    let layer = MultiheadAttention(
      try c.int(0, "embed_dim"), try c.int(1, "num_heads"), dropout: try c.number(2, "dropout", 0),
      bias: try c.bool(3, "bias", true), kdim: try c.optionalInt(nil, "kdim"),
      vdim: try c.optionalInt(nil, "vdim"), batchFirst: try c.bool(nil, "batch_first", false),
      addBiasKV: try c.bool(4, "add_bias_kv", false),
      addZeroAttention: try c.bool(5, "add_zero_attn", false))
    return BuiltModule(layer) { c in
      let (output, weights) = layer(
        try c.tensor(0), try c.tensor(1), try c.tensor(2),
        keyPaddingMask: try c.optional(3, "key_padding_mask"),
        needWeights: try c.bool(4, "need_weights", true),
        attentionMask: try c.optional(5, "attn_mask"),
        averageWeights: try c.bool(6, "average_attn_weights", true),
        isCausal: try c.bool(7, "is_causal", false))
      return [output] + (weights.map { [$0] } ?? [])
    }
  }
  table.custom("TransformerEncoderLayer") { c in
    let layer = TransformerEncoderLayer(
      try c.int(0, "d_model"), try c.int(1, "nhead"), try c.transformerOptions(2))
    return BuiltModule(layer) { c in
      [layer(try c.tensor(0), try c.masks("src_mask", "src_key_padding_mask", "is_causal"))]
    }
  }
  table.custom("TransformerDecoderLayer") { c in
    let layer = TransformerDecoderLayer(
      try c.int(0, "d_model"), try c.int(1, "nhead"), try c.transformerOptions(2))
    return BuiltModule(layer) { c in
      [
        layer(
          try c.tensor(0), try c.tensor(1),
          try c.masks("tgt_mask", "tgt_key_padding_mask", "tgt_is_causal"),
          memoryMasks: try c.masks("memory_mask", "memory_key_padding_mask", "memory_is_causal"))
      ]
    }
  }
  table.custom("TransformerEncoder") { c in
    guard case .fields(let fields)? = c.argument(0, "encoder_layer") else {
      throw NotExpressible("the layer")
    }
    guard c.argument(2, "norm") == nil else { throw NotExpressible("norm") }
    c.ignore(3, "enable_nested_tensor")
    c.ignore(4, "mask_check")
    let made = Call([], fields)
    let layer = TransformerEncoderLayer(
      try made.int(nil, "d_model"), try made.int(nil, "nhead"), try made.transformerOptions(nil))
    try made.requireAllRead()
    let module = TransformerEncoder(layer, numLayers: try c.int(1, "num_layers"))
    return BuiltModule(module) { c in
      [module(try c.tensor(0), try c.masks("mask", "src_key_padding_mask", "is_causal"))]
    }
  }
  table.custom("Transformer") { c in
    let module = Transformer(
      try c.int(0, "d_model", 512), try c.int(1, "nhead", 8),
      numEncoderLayers: try c.int(2, "num_encoder_layers", 6),
      numDecoderLayers: try c.int(3, "num_decoder_layers", 6), try c.transformerOptions(4))
    return BuiltModule(module) { c in
      [
        module(
          try c.tensor(0), try c.tensor(1),
          try c.masks("src_mask", "src_key_padding_mask", "src_is_causal"),
          targetMasks: try c.masks("tgt_mask", "tgt_key_padding_mask", "tgt_is_causal"),
          memoryMasks: try c.masks("memory_mask", "memory_key_padding_mask", "memory_is_causal"))
      ]
    }
  }
}
