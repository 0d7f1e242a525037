import OrderedCollections
import States

/// The variables of one layer, and the tensors of its twin in PyTorch.
struct KerasRecipe {
  /// A variable, seen from its layer.
  struct Variable {
    /// Its name, such as `kernel`.
    var label: String
    /// Where a `.weights.h5` has it below the layer, such as `cell/vars/0`.
    var place: String
    /// Its path below the layer, such as `lstm_cell/kernel`.
    var path: String
    /// Whether it is learned while the layer is not frozen.
    var isLearned = true
  }

  /// Which variables are which tensors.
  struct Mapping {
    var labels: [String]
    var suffixes: [String]
    var transform: KerasTransform
    var role: StateDict.Role
  }

  /// A tensor that Keras does not have, after the mapping of this number.
  struct Constant {
    var suffix: String
    var content: KerasConstant.Content
    var role: StateDict.Role
  }

  var variables: [Variable] = []
  var mappings: [Mapping] = []
  var constants: [Constant] = []
  /// What the twin has to be told to give the same outputs, by PyTorch's names.
  var hyperparameters: OrderedDictionary<Value.Key, Value> = [:]
  /// Why the tensors are kept as Keras has them.
  var note: String?

  /// Adds variables of the layer's own, in order.
  mutating func own(_ labels: [String], at place: String = "vars", path: String = "") {
    for (number, label) in labels.enumerated() {
      let prefix = path.isEmpty ? "" : path + "/"
      variables.append(
        Variable(label: prefix + label, place: "\(place)/\(number)", path: prefix + label))
    }
  }

  /// Adds a mapping of one variable to one tensor.
  mutating func map(
    _ label: String, _ suffix: String, _ transform: KerasTransform = .identity,
    role: StateDict.Role = .parameter
  ) {
    mappings.append(
      Mapping(labels: [label], suffixes: [suffix], transform: transform, role: role))
  }

  /// Keeps every variable as it is, under its own name, for a layer without a twin.
  mutating func keepUnconverted(_ reason: String) {
    mappings = variables.map {
      Mapping(
        labels: [$0.label], suffixes: [$0.label.replacing("/", with: ".")], transform: .identity,
        role: $0.isLearned ? .parameter : .buffer)
    }
    constants = []
    note = reason
  }
}

// MARK: - By class

extension KerasRecipe {
  /// The recipe of a layer, nil if its class has no variables or is not known.
  ///
  /// - Parameter flow: What flows into it.
  init?(_ layer: KerasLayer, input flow: KerasFlow) {
    self.init()
    let order = flow.order
    let hasBias = layer.flag("use_bias", default: true)
    let bias = hasBias ? ["bias"] : []
    switch layer.className {
    case "Dense":
      own(["kernel"] + bias)
      if case .flattened(let lengths) = order {
        map("kernel", "weight", .flattenedKernel(lengths))
      } else {
        map("kernel", "weight", .transpose)
      }
      if hasBias { map("bias", "bias") }
    case "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose",
      "Convolution1D", "Convolution2D", "Convolution3D", "Convolution2DTranspose":
      own(["kernel"] + bias)
      map("kernel", "weight", .convolution)
      if hasBias { map("bias", "bias") }
    case "DepthwiseConv1D", "DepthwiseConv2D":
      own(["kernel"] + bias)
      map("kernel", "weight", .depthwise(multiplier: layer.multiplier))
      if hasBias { map("bias", "bias") }
    case "SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D":
      own(["depthwise_kernel", "pointwise_kernel"] + bias)
      map("depthwise_kernel", "depthwise.weight", .depthwise(multiplier: layer.multiplier))
      map("pointwise_kernel", "pointwise.weight", .convolution)
      if hasBias { map("bias", "pointwise.bias") }
    case "BatchNormalization": normalize(layer, order, isBatch: true)
    case "LayerNormalization", "GroupNormalization", "RMSNormalization":
      normalize(layer, order, isBatch: false)
    case "Embedding":
      own(["embeddings"])
      map("embeddings", "weight")
    case "LSTM", "GRU", "SimpleRNN":
      addRecurrent(layer, place: "cell/vars", path: layer.cellName, suffix: "")
    case "Bidirectional": addBidirectional(layer)
    case "MultiHeadAttention": addAttention(layer, flow)
    case "EinsumDense":
      own(["kernel"] + (layer.config["bias_axes"]?.stringValue != nil ? ["bias"] : []))
      keepUnconverted("EinsumDense has no twin in PyTorch")
    case "PReLU":
      own(["alpha"])
      keepUnconverted("the alpha of PReLU is not of PyTorch's shape")
    case "TimeDistributed":
      guard let inner = layer.part("layer"),
        let recipe = KerasRecipe(inner, input: KerasFlow(shape: nil, order: .features))
      else { return nil }
      self = recipe
      for index in variables.indices {
        variables[index].place = "layer/" + variables[index].place
        variables[index].path = "\(inner.name)/" + variables[index].path
      }
    default: return nil
    }
    if let policy = layer.variableType, !KerasRecipe.plainTypes.contains(policy) {
      return nil
    }
  }

  /// The policies whose layers have the variables that their class says; quantised ones have more.
  private static let plainTypes: Set = ["float16", "bfloat16", "float32", "float64"]

  private mutating func normalize(
    _ layer: KerasLayer, _ order: KerasFlow.Order, isBatch: Bool
  ) {
    let isRMS = layer.className == "RMSNormalization"
    let hasScale = isRMS || layer.flag("scale", default: true)
    let hasCenter = !isRMS && layer.flag("center", default: true)
    let scale = isRMS ? "scale" : "gamma"
    own((hasScale ? [scale] : []) + (hasCenter ? ["beta"] : []))
    var transform = KerasTransform.identity
    if case .flattened(let lengths) = order { transform = .flattenedVector(lengths) }
    if hasScale { map(scale, "weight", transform) }
    if hasCenter { map("beta", "bias", transform) }
    if !isRMS { hyperparameters["eps"] = .float(layer.epsilon) }
    guard isBatch else {
      // PyTorch has a weight without a bias, but not the other way round.
      if hasCenter && !hasScale {
        constants = [Constant(suffix: "weight", content: .ones, role: .parameter)]
      }
      return
    }
    hyperparameters["momentum"] = .float(1 - (layer.config["momentum"]?.doubleValue ?? 0.99))
    let start = variables.count
    for (number, label) in ["moving_mean", "moving_variance"].enumerated() {
      variables.append(
        Variable(
          label: label, place: "vars/\(start + number)", path: label, isLearned: false))
    }
    map("moving_mean", "running_mean", transform, role: .buffer)
    map("moving_variance", "running_var", transform, role: .buffer)
    if hasCenter != hasScale {
      constants.append(
        Constant(
          suffix: hasScale ? "bias" : "weight", content: hasScale ? .zeros : .ones,
          role: .parameter))
    }
    constants.append(Constant(suffix: "num_batches_tracked", content: .count, role: .buffer))
  }
}

extension KerasLayer {
  /// The layer that an attribute holds.
  func part(_ attribute: String) -> KerasLayer? {
    parts.first { $0.attribute == attribute }?.layer
  }

  /// The outputs for each channel of a depthwise convolution.
  var multiplier: Int { config["depth_multiplier"]?.intValue ?? 1 }

  /// What a normalisation adds to the variance.
  var epsilon: Double { config["epsilon"]?.doubleValue ?? 1e-3 }

  /// What Keras calls the cell of a recurrent layer.
  var cellName: String { KerasLayer.snakeCase(className + "Cell") }
}
