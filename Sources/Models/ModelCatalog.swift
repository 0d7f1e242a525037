import Arrays
import Autograd
import NN
import States

/// The layers and architectures that a description can name.
public enum ModelCatalog {
  typealias Maker = @Sendable (inout LayerArguments) throws(ModelError) -> Module

  /// The names that a description may use, sorted.
  public static var names: [String] {
    (Array(layers.keys) + architectures.keys + ["Sequential"]).sorted()
  }

  /// The names of the well-known architectures, sorted.
  public static var architectureNames: [String] { architectures.keys.sorted() }

  static func make(_ name: String, _ arguments: inout LayerArguments) throws(ModelError) -> Module {
    guard let maker = layers[name] ?? architectures[name] else {
      let similar = KeySuggestion.closest(to: name, among: names)
      throw ModelError(
        reason: "there is no module \"\(name)\""
          + (similar.map { "; did you mean \"\($0)\"?" } ?? ""))
    }
    return try maker(&arguments)
  }

  private static let layers: [String: Maker] = [
    "Linear": { arguments throws(ModelError) in
      Linear(
        try arguments.length("in_features"), try arguments.length("out_features"),
        bias: try arguments.flag("bias", default: true))
    },
    "Conv2d": { arguments throws(ModelError) in try conv2d(&arguments) },
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
      let probability = try arguments.number("p", default: 0.5)
      guard (0...1).contains(probability) else {
        throw ModelError(reason: "Dropout: p is \(probability), and should be between 0 and 1")
      }
      return Dropout(probability)
    },
    "Flatten": { arguments throws(ModelError) in
      Flatten(
        startDim: try arguments.integer("start_dim", default: 1),
        endDim: try arguments.integer("end_dim", default: -1))
    },
    "Softmax": { arguments throws(ModelError) in Softmax(dim: try arguments.integer("dim")) },
    "GELU": { arguments throws(ModelError) in
      let name = try arguments.text("approximate", default: "none")
      guard let approximation = Tensor.GELUApproximation(rawValue: name) else {
        throw ModelError(reason: "GELU: there is no approximation \"\(name)\"")
      }
      return GELU(approximate: approximation)
    },
    "ReLU": { _ throws(ModelError) in ReLU() },
    "Sigmoid": { _ throws(ModelError) in Sigmoid() },
    "Tanh": { _ throws(ModelError) in Tanh() },
    "Identity": { _ throws(ModelError) in Identity() },
  ]

  private static func conv2d(_ arguments: inout LayerArguments) throws(ModelError) -> Module {
    let inChannels = try arguments.length("in_channels")
    let outChannels = try arguments.length("out_channels")
    let groups = try arguments.length("groups", default: 1)
    guard inChannels.isMultiple(of: groups), outChannels.isMultiple(of: groups) else {
      throw ModelError(
        reason: "Conv2d: \(inChannels) and \(outChannels) channels do not divide into "
          + "\(groups) groups")
    }
    return Conv2d(
      inChannels, outChannels, kernelSize: try arguments.pair("kernel_size", minimum: 1),
      stride: try arguments.pair("stride", default: [1, 1], minimum: 1),
      padding: try arguments.pair("padding", default: [0, 0], minimum: 0),
      dilation: try arguments.pair("dilation", default: [1, 1], minimum: 1), groups: groups,
      bias: try arguments.flag("bias", default: true))
  }

  private static let architectures: [String: Maker] = [
    "mlp": { arguments throws(ModelError) in
      let sizes = try arguments.shape("sizes").dimensions
      guard sizes.count >= 2, sizes.allSatisfy({ $0 > 0 }) else {
        throw ModelError(reason: "mlp: sizes are two or more positive lengths")
      }
      return MLP(sizes)
    },
    "resnet18": { arguments throws(ModelError) in try resNet(.resNet18, &arguments) },
    "resnet34": { arguments throws(ModelError) in try resNet(.resNet34, &arguments) },
    "resnet50": { arguments throws(ModelError) in try resNet(.resNet50, &arguments) },
    "resnet101": { arguments throws(ModelError) in try resNet(.resNet101, &arguments) },
    "resnet152": { arguments throws(ModelError) in try resNet(.resNet152, &arguments) },
  ]

  private static func resNet(
    _ variant: ResNet.Variant, _ arguments: inout LayerArguments
  ) throws(ModelError) -> Module {
    ResNet(variant, numClasses: try arguments.length("num_classes", default: 1000))
  }
}
