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
      Bilinear(
        try arguments.length("in1_features"), try arguments.length("in2_features"),
        try arguments.length("out_features"), bias: try arguments.flag("bias", default: true))
    },
    "BatchNorm1d": { arguments throws(ModelError) in
      BatchNorm1d(
        try arguments.length("num_features"), eps: try arguments.number("eps", default: 1e-5),
        momentum: try arguments.optionalNumber("momentum", default: 0.1),
        affine: try arguments.flag("affine", default: true),
        trackRunningStats: try arguments.flag("track_running_stats", default: true))
    },
    "BatchNorm2d": { arguments throws(ModelError) in
      BatchNorm2d(
        try arguments.length("num_features"), eps: try arguments.number("eps", default: 1e-5),
        momentum: try arguments.optionalNumber("momentum", default: 0.1),
        affine: try arguments.flag("affine", default: true),
        trackRunningStats: try arguments.flag("track_running_stats", default: true))
    },
    "LayerNorm": { arguments throws(ModelError) in
      LayerNorm(
        try arguments.shape("normalized_shape"), eps: try arguments.number("eps", default: 1e-5),
        elementwiseAffine: try arguments.flag("elementwise_affine", default: true),
        bias: try arguments.flag("bias", default: true))
    },
    "Embedding": { arguments throws(ModelError) in
      Embedding(
        try arguments.length("num_embeddings"), try arguments.length("embedding_dim"))
    },
    "InstanceNorm1d": { arguments throws(ModelError) in
      let o = try InstanceOptions(&arguments)
      return InstanceNorm1d(
        o.count, eps: o.eps, momentum: o.momentum, affine: o.affine, trackRunningStats: o.tracks)
    },
    "InstanceNorm2d": { arguments throws(ModelError) in
      let o = try InstanceOptions(&arguments)
      return InstanceNorm2d(
        o.count, eps: o.eps, momentum: o.momentum, affine: o.affine, trackRunningStats: o.tracks)
    },
    "InstanceNorm3d": { arguments throws(ModelError) in
      let o = try InstanceOptions(&arguments)
      return InstanceNorm3d(
        o.count, eps: o.eps, momentum: o.momentum, affine: o.affine, trackRunningStats: o.tracks)
    },
    "AdaptiveMaxPool1d": { arguments throws(ModelError) in
      AdaptiveMaxPool1d(try arguments.length("output_size"))
    },
    "AdaptiveMaxPool2d": { arguments throws(ModelError) in
      AdaptiveMaxPool2d(try arguments.pair("output_size", minimum: 1))
    },
    "AdaptiveAvgPool1d": { arguments throws(ModelError) in
      AdaptiveAvgPool1d(try arguments.length("output_size"))
    },
    "Unfold": { arguments throws(ModelError) in
      Unfold(
        try arguments.pair("kernel_size", minimum: 1),
        dilation: try arguments.pair("dilation", default: [1, 1], minimum: 1),
        padding: try arguments.pair("padding", default: [0, 0], minimum: 0),
        stride: try arguments.pair("stride", default: [1, 1], minimum: 1))
    },
    "Fold": { arguments throws(ModelError) in
      Fold(
        try arguments.pair("output_size", minimum: 1),
        try arguments.pair("kernel_size", minimum: 1),
        dilation: try arguments.pair("dilation", default: [1, 1], minimum: 1),
        padding: try arguments.pair("padding", default: [0, 0], minimum: 0),
        stride: try arguments.pair("stride", default: [1, 1], minimum: 1))
    },
    "MaxPool2d": { arguments throws(ModelError) in
      MaxPool2d(
        try arguments.pair("kernel_size", minimum: 1),
        stride: try arguments.optionalPair("stride", minimum: 1),
        padding: try arguments.pair("padding", default: [0, 0], minimum: 0),
        dilation: try arguments.pair("dilation", default: [1, 1], minimum: 1),
        ceilMode: try arguments.flag("ceil_mode", default: false))
    },
    "AvgPool2d": { arguments throws(ModelError) in
      AvgPool2d(
        try arguments.pair("kernel_size", minimum: 1),
        stride: try arguments.optionalPair("stride", minimum: 1),
        padding: try arguments.pair("padding", default: [0, 0], minimum: 0),
        ceilMode: try arguments.flag("ceil_mode", default: false),
        countIncludePad: try arguments.flag("count_include_pad", default: true))
    },
    "AdaptiveAvgPool2d": { arguments throws(ModelError) in
      AdaptiveAvgPool2d(try arguments.pair("output_size", minimum: 1))
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
  ]

  /// The arguments that all instance normalisations have.
  private struct InstanceOptions {
    let count: Int
    let eps, momentum: Double
    let affine, tracks: Bool

    init(_ arguments: inout LayerArguments) throws(ModelError) {
      count = try arguments.length("num_features")
      eps = try arguments.number("eps", default: 1e-5)
      momentum = try arguments.number("momentum", default: 0.1)
      affine = try arguments.flag("affine", default: false)
      tracks = try arguments.flag("track_running_stats", default: false)
    }
  }
}
