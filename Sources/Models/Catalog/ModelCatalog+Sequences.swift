import Arrays
import Autograd
import NN
import States

extension ModelCatalog {
  static let sequenceLayers: [String: Maker] = [
    "RNN": { arguments throws(ModelError) in
      let nonlinearity = try nonlinearity("RNN", &arguments)
      let o = try RecurrentOptions(&arguments)
      return RNN(
        o.inputs, o.hidden, numLayers: o.layers, nonlinearity: nonlinearity, bias: o.bias,
        batchFirst: o.batchFirst, dropout: o.dropout, bidirectional: o.bidirectional)
    },
    "LSTM": { arguments throws(ModelError) in
      let o = try RecurrentOptions(&arguments)
      let projection = try arguments.count("proj_size")
      guard projection < o.hidden else {
        throw ModelError(
          reason: "LSTM: proj_size \(projection) is not smaller than hidden_size \(o.hidden)")
      }
      return LSTM(
        o.inputs, o.hidden, numLayers: o.layers, bias: o.bias, batchFirst: o.batchFirst,
        dropout: o.dropout, bidirectional: o.bidirectional, projSize: projection)
    },
    "GRU": { arguments throws(ModelError) in
      let o = try RecurrentOptions(&arguments)
      return GRU(
        o.inputs, o.hidden, numLayers: o.layers, bias: o.bias, batchFirst: o.batchFirst,
        dropout: o.dropout, bidirectional: o.bidirectional)
    },
    "RNNCell": { arguments throws(ModelError) in
      RNNCell(
        try arguments.length("input_size"), try arguments.length("hidden_size"),
        bias: try arguments.flag("bias", default: true),
        nonlinearity: try nonlinearity("RNNCell", &arguments))
    },
    "LSTMCell": { arguments throws(ModelError) in
      LSTMCell(
        try arguments.length("input_size"), try arguments.length("hidden_size"),
        bias: try arguments.flag("bias", default: true))
    },
    "GRUCell": { arguments throws(ModelError) in
      GRUCell(
        try arguments.length("input_size"), try arguments.length("hidden_size"),
        bias: try arguments.flag("bias", default: true))
    },
    "MultiheadAttention": { arguments throws(ModelError) in
      let features = try arguments.length("embed_dim")
      let heads = try heads("num_heads", of: features, &arguments)
      return MultiheadAttention(
        features, heads, dropout: try arguments.probability("dropout", default: 0).layerValue,
        bias: try arguments.flag("bias", default: true),
        kdim: try arguments.length("kdim", default: features),
        vdim: try arguments.length("vdim", default: features),
        batchFirst: try arguments.flag("batch_first", default: false),
        addBiasKV: try arguments.flag("add_bias_kv", default: false),
        addZeroAttention: try arguments.flag("add_zero_attn", default: false))
    },
    "Transformer": { arguments throws(ModelError) in
      let features = try arguments.length("d_model", default: 512)
      return Transformer(
        features, try heads("nhead", of: features, default: 8, &arguments),
        numEncoderLayers: try arguments.depth("num_encoder_layers", default: 6),
        numDecoderLayers: try arguments.depth("num_decoder_layers", default: 6),
        try transformer(&arguments))
    },
    "TransformerEncoder": { arguments throws(ModelError) in
      let features = try arguments.length("d_model")
      let layer = TransformerEncoderLayer(
        features, try heads("nhead", of: features, &arguments), try transformer(&arguments))
      return TransformerEncoder(
        layer, numLayers: try arguments.depth("num_layers"),
        norm: try finalNorm(features, &arguments))
    },
    "TransformerDecoder": { arguments throws(ModelError) in
      let features = try arguments.length("d_model")
      let layer = TransformerDecoderLayer(
        features, try heads("nhead", of: features, &arguments), try transformer(&arguments))
      return TransformerDecoder(
        layer, numLayers: try arguments.depth("num_layers"),
        norm: try finalNorm(features, &arguments))
    },
    "TransformerEncoderLayer": { arguments throws(ModelError) in
      let features = try arguments.length("d_model")
      return TransformerEncoderLayer(
        features, try heads("nhead", of: features, &arguments), try transformer(&arguments))
    },
    "TransformerDecoderLayer": { arguments throws(ModelError) in
      let features = try arguments.length("d_model")
      return TransformerDecoderLayer(
        features, try heads("nhead", of: features, &arguments), try transformer(&arguments))
    },
  ]

  /// The arguments that all recurrent layers have.
  private struct RecurrentOptions {
    let inputs, hidden, layers: Int
    let bias, batchFirst, bidirectional: Bool
    let dropout: Double

    init(_ arguments: inout LayerArguments) throws(ModelError) {
      inputs = try arguments.length("input_size")
      hidden = try arguments.length("hidden_size")
      layers = try arguments.depth("num_layers", default: 1)
      bias = try arguments.flag("bias", default: true)
      batchFirst = try arguments.flag("batch_first", default: false)
      dropout = try arguments.probability("dropout", default: 0).layerValue
      bidirectional = try arguments.flag("bidirectional", default: false)
    }
  }

  private static func nonlinearity(
    _ layer: String, _ arguments: inout LayerArguments
  ) throws(ModelError) -> RNNNonlinearity {
    let name = try arguments.text("nonlinearity", default: "tanh")
    guard let nonlinearity = RNNNonlinearity(rawValue: name) else {
      throw ModelError(reason: "\(layer): there is no nonlinearity \"\(name)\"")
    }
    return nonlinearity
  }

  /// The normalisation after the last layer, if `norm` is true.
  private static func finalNorm(
    _ features: Int, _ arguments: inout LayerArguments
  ) throws(ModelError) -> LayerNorm? {
    guard try arguments.flag("norm", default: false) else { return nil }
    return LayerNorm(
      features, eps: try arguments.number("layer_norm_eps", default: 1e-5),
      bias: try arguments.flag("bias", default: true))
  }

  private static func heads(
    _ name: String, of features: Int, default value: Int? = nil,
    _ arguments: inout LayerArguments
  ) throws(ModelError) -> Int {
    let heads = try arguments.length(name, default: value)
    guard features.isMultiple(of: heads) else {
      throw ModelError(reason: "\(features) features do not divide into \(heads) heads")
    }
    return heads
  }

  private static func transformer(
    _ arguments: inout LayerArguments
  ) throws(ModelError) -> TransformerOptions {
    var options = TransformerOptions()
    options.dimFeedforward = try arguments.length("dim_feedforward", default: 2048)
    options.dropout = try arguments.probability("dropout", default: 0.1).layerValue
    let name = try arguments.text("activation", default: "relu")
    guard let activation = TransformerActivation(rawValue: name) else {
      throw ModelError(reason: "there is no activation \"\(name)\"")
    }
    options.activation = activation
    options.layerNormEps = try arguments.number("layer_norm_eps", default: 1e-5)
    options.batchFirst = try arguments.flag("batch_first", default: false)
    options.normFirst = try arguments.flag("norm_first", default: false)
    options.bias = try arguments.flag("bias", default: true)
    return options
  }
}
