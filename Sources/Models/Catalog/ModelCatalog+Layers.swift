import Arrays
import Autograd
import NN
import States

extension ModelCatalog {
  static let basicLayers: [String: Maker] = [
    "Linear": { arguments throws(ModelError) in
      Linear(
        try arguments.length("in_features"), try arguments.length("out_features"),
        bias: try arguments.flag("bias", default: true))
    },
    "Bilinear": { arguments throws(ModelError) in
      let inputs = (try arguments.length("in1_features"), try arguments.length("in2_features"))
      let outputs = try arguments.length("out_features")
      try LayerArguments.checkWeight([outputs, inputs.0, inputs.1])
      return Bilinear(
        inputs.0, inputs.1, outputs, bias: try arguments.flag("bias", default: true))
    },
    "Embedding": { arguments throws(ModelError) in
      let count = try arguments.length("num_embeddings")
      return Embedding(
        count, try arguments.length("embedding_dim"),
        paddingIndex: try arguments.optionalInteger("padding_idx", in: -count..<count),
        maxNorm: try arguments.optionalNumber("max_norm"),
        normType: try arguments.number("norm_type", default: 2),
        scaleGradByFreq: try arguments.flag("scale_grad_by_freq", default: false))
    },
    "EmbeddingBag": { arguments throws(ModelError) in
      let count = try arguments.length("num_embeddings")
      let name = try arguments.text("mode", default: "mean")
      guard let mode = EmbeddingBag.Mode(rawValue: name) else {
        throw ModelError(reason: "EmbeddingBag: there is no mode \"\(name)\"")
      }
      let scales = try arguments.flag("scale_grad_by_freq", default: false)
      guard !scales || mode != .max else {
        throw ModelError(reason: "EmbeddingBag: no scale_grad_by_freq with the mode max")
      }
      return EmbeddingBag(
        count, try arguments.length("embedding_dim"),
        maxNorm: try arguments.optionalNumber("max_norm"),
        normType: try arguments.number("norm_type", default: 2), scaleGradByFreq: scales,
        mode: mode,
        includeLastOffset: try arguments.flag("include_last_offset", default: false),
        paddingIndex: try arguments.optionalInteger("padding_idx", in: -count..<count))
    },
    "Dropout": { arguments throws(ModelError) in
      Dropout(try arguments.probability("p", default: 0.5))
    },
    "Dropout1d": { arguments throws(ModelError) in
      Dropout1d(try arguments.probability("p", default: 0.5))
    },
    "Dropout2d": { arguments throws(ModelError) in
      Dropout2d(try arguments.probability("p", default: 0.5))
    },
    "Dropout3d": { arguments throws(ModelError) in
      Dropout3d(try arguments.probability("p", default: 0.5))
    },
    "AlphaDropout": { arguments throws(ModelError) in
      AlphaDropout(try arguments.probability("p", default: 0.5))
    },
    "FeatureAlphaDropout": { arguments throws(ModelError) in
      FeatureAlphaDropout(try arguments.probability("p", default: 0.5))
    },
    "Identity": { _ throws(ModelError) in Identity() },
    "Flatten": { arguments throws(ModelError) in
      Flatten(
        startDim: try arguments.integer("start_dim", default: 1),
        endDim: try arguments.integer("end_dim", default: -1))
    },
    "Unflatten": { arguments throws(ModelError) in
      Unflatten(
        try arguments.integer("dim"), try arguments.shape("unflattened_size").dimensions)
    },
    "CosineSimilarity": { arguments throws(ModelError) in
      CosineSimilarity(
        dim: try arguments.integer("dim", default: 1),
        eps: try arguments.number("eps", default: 1e-8))
    },
    "PairwiseDistance": { arguments throws(ModelError) in
      PairwiseDistance(
        p: try arguments.number("p", default: 2), eps: try arguments.number("eps", default: 1e-6),
        keepDim: try arguments.flag("keepdim", default: false))
    },
  ]
}
