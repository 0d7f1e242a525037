func addSequenceModules(to table: inout ModuleTable) {
  table.add("Embedding") { c in
    Embedding(
      try c.int(0, "num_embeddings"), try c.int(1, "embedding_dim"),
      paddingIndex: try c.optionalInt(2, "padding_idx"),
      maxNorm: try c.optionalNumber(3, "max_norm"),
      normType: try c.optionalNumber(4, "norm_type") ?? 2,
      scaleGradByFreq: try c.bool(5, "scale_grad_by_freq", false))
  }
  table.add("EmbeddingBag") { c in
    EmbeddingBag(
      try c.int(0, "num_embeddings"), try c.int(1, "embedding_dim"),
      maxNorm: try c.optionalNumber(2, "max_norm"),
      normType: try c.optionalNumber(3, "norm_type") ?? 2,
      scaleGradByFreq: try c.bool(4, "scale_grad_by_freq", false),
      mode: try c.choice(5, "mode", .mean),
      includeLastOffset: try c.bool(8, "include_last_offset", false),
      paddingIndex: try c.optionalInt(9, "padding_idx"))
  }
  table.custom("RNNCell") { c in
    let cell = RNNCell(
      try c.int(0, "input_size"), try c.int(1, "hidden_size"), bias: try c.bool(2, "bias", true),
      nonlinearity: try c.choice(3, "nonlinearity", .tanh))
    return BuiltModule(cell) { [cell(try $0.tensor(0), try $0.optional(1))] }
  }
  table.custom("GRUCell") { c in
    let cell = GRUCell(
      try c.int(0, "input_size"), try c.int(1, "hidden_size"), bias: try c.bool(2, "bias", true))
    return BuiltModule(cell) { [cell(try $0.tensor(0), try $0.optional(1))] }
  }
  table.custom("LSTMCell") { c in
    let cell = LSTMCell(
      try c.int(0, "input_size"), try c.int(1, "hidden_size"), bias: try c.bool(2, "bias", true))
    return BuiltModule(cell) { c in
      let (hidden, cells) = cell(try c.tensor(0), try c.state(1))
      return [hidden, cells]
    }
  }
  table.custom("RNN") { c in
    let layer = RNN(
      try c.int(0, "input_size"), try c.int(1, "hidden_size"),
      numLayers: try c.int(2, "num_layers", 1),
      nonlinearity: try c.choice(3, "nonlinearity", .tanh), bias: try c.bool(4, "bias", true),
      batchFirst: try c.bool(5, "batch_first", false), dropout: try c.number(6, "dropout", 0),
      bidirectional: try c.bool(7, "bidirectional", false))
    return BuiltModule(layer) { c in
      let (output, state) = layer(try c.tensor(0), try c.optional(1))
      return [output, state]
    }
  }
  table.custom("GRU") { c in
    let layer = GRU(
      try c.int(0, "input_size"), try c.int(1, "hidden_size"),
      numLayers: try c.int(2, "num_layers", 1), bias: try c.bool(3, "bias", true),
      batchFirst: try c.bool(4, "batch_first", false), dropout: try c.number(5, "dropout", 0),
      bidirectional: try c.bool(6, "bidirectional", false))
    return BuiltModule(layer) { c in
      let (output, state) = layer(try c.tensor(0), try c.optional(1))
      return [output, state]
    }
  }
  table.custom("LSTM") { c in
    let layer = LSTM(
      try c.int(0, "input_size"), try c.int(1, "hidden_size"),
      numLayers: try c.int(2, "num_layers", 1), bias: try c.bool(3, "bias", true),
      batchFirst: try c.bool(4, "batch_first", false), dropout: try c.number(5, "dropout", 0),
      bidirectional: try c.bool(6, "bidirectional", false),
      projSize: try c.int(7, "proj_size", 0))
    return BuiltModule(layer) { c in
      let (output, state) = layer(try c.tensor(0), try c.state(1))
      return [output, state.hidden, state.cells]
    }
  }
}

extension Call {
  /// The two states of an LSTM.
  fileprivate func state(_ position: Int) throws -> (hidden: Tensor, cells: Tensor)? {
    guard argument(position) != nil else { return nil }
    let parts = try list(position)
    guard parts.count == 2 else { throw NotExpressible("\(parts.count) states") }
    return (parts[0], parts[1])
  }
}
