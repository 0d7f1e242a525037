import OrderedCollections
import States

extension KerasArchitecture {
  /// The twin of a layer that slides a window, nil for other layers.
  func window(_ layer: KerasLayer, _ place: Place) throws(Missing) -> Value? {
    guard let window = KerasWindow(layer), window.size.count <= 2 else { return nil }
    let input = flow(place)
    guard input.order == .channelsLast || (place.isInput && input.order == .features),
      layer.config["data_format"]?.stringValue != "channels_first"
    else { throw Missing(layer, "the order of its input is not that of PyTorch") }
    let dimension = window.size.count == 1 ? "1d" : "2d"
    switch layer.className {
    case "MaxPooling1D", "MaxPooling2D", "AveragePooling1D", "AveragePooling2D":
      let isMaximum = layer.className.hasPrefix("Max")
      guard let padding = padding(window, input), isMaximum || padding.allSatisfy({ $0 == 0 })
      else { throw Missing(layer, "PyTorch pads both ends alike") }
      return [
        "module": .string((isMaximum ? "MaxPool" : "AvgPool") + dimension),
        "kernel_size": lengths(window.size), "stride": lengths(window.strides),
        "padding": lengths(padding),
      ]
    case "Conv1D", "Conv2D":
      return try convolution(
        layer, place, window, weight: "weight", groups: layer.length("groups") ?? 1)
    case "DepthwiseConv1D", "DepthwiseConv2D":
      let outputs = length(place, "weight", 0) ?? 0
      return try convolution(
        layer, place, window, weight: "weight", groups: outputs / max(layer.multiplier, 1))
    case "SeparableConv1D", "SeparableConv2D":
      let outputs = length(place, "depthwise.weight", 0) ?? 0
      let depthwise = try convolution(
        layer, place, window, weight: "depthwise.weight",
        groups: outputs / max(layer.multiplier, 1))
      guard let inputs = length(place, "pointwise.weight", 1),
        let channels = length(place, "pointwise.weight", 0)
      else { return nil }
      return [
        "module": "Sequential",
        "children": [
          "depthwise": depthwise,
          "pointwise": [
            "module": .string("Conv" + dimension), "in_channels": .int(inputs),
            "out_channels": .int(channels), "kernel_size": 1, "bias": has(place, "pointwise.bias"),
          ],
        ],
      ]
    case "Conv1DTranspose", "Conv2DTranspose":
      guard window.padding == "valid", zip(window.size, window.strides).allSatisfy(>=),
        window.dilation.allSatisfy({ $0 == 1 }),
        case nil = layer.config["output_padding"]?.intValue,
        let inputs = length(place, "weight", 0), let outputs = length(place, "weight", 1)
      else { throw Missing(layer, "PyTorch has no such padding") }
      return [
        "module": .string("ConvTranspose" + dimension), "in_channels": .int(inputs),
        "out_channels": .int(outputs), "kernel_size": lengths(window.size),
        "stride": lengths(window.strides), "bias": has(place, "bias"),
      ]
    default: return nil
    }
  }

  private func convolution(
    _ layer: KerasLayer, _ place: Place, _ window: KerasWindow, weight: String, groups: Int
  ) throws(Missing) -> Value {
    guard let outputs = length(place, weight, 0), let inputs = length(place, weight, 1),
      groups > 0, inputs <= Int(Int32.max), groups <= Int(Int32.max)
    else { throw Missing(layer, "its weights are not those of a convolution") }
    var padding: Value = "same"
    if window.padding != "same" || window.strides.contains(where: { $0 > 1 }) {
      guard let zeros = self.padding(window, flow(place)) else {
        throw Missing(layer, "PyTorch pads both ends alike")
      }
      padding = lengths(zeros)
    }
    return [
      "module": .string(window.size.count == 1 ? "Conv1d" : "Conv2d"),
      "in_channels": .int(inputs * groups), "out_channels": .int(outputs),
      "kernel_size": lengths(window.size), "stride": lengths(window.strides), "padding": padding,
      "dilation": lengths(window.dilation), "groups": .int(groups),
      "bias": has(place, "bias"),
    ]
  }

  /// The zeros at each end, nil if there would be more at one than at the other.
  private func padding(_ window: KerasWindow, _ input: KerasFlow) -> [Int]? {
    switch window.padding {
    case "valid": return window.size.map { _ in 0 }
    case "same":
      guard let sums = input.shape.flatMap(window.samePadding),
        sums.allSatisfy({ $0.isMultiple(of: 2) })
      else { return nil }
      return sums.map { $0 / 2 }
    default: return nil
    }
  }

  /// One length for a line, two for an image.
  private func lengths(_ lengths: [Int]) -> Value {
    lengths.count == 1 ? .int(lengths[0]) : .list(lengths.map(Value.int))
  }
}

// MARK: - Activations

extension KerasArchitecture {
  /// The twin of a layer's activation: nothing, or one module.
  func activation(
    _ layer: KerasLayer, named name: String, _ place: Place
  ) throws(Missing) -> [(String, Value)] {
    guard let activation = layer.config["activation"], activation != .none,
      layer.activation != "linear"
    else { return [] }
    let output = KerasFlows.output(of: layer, flow(place))
    switch layer.activation {
    case "softmax": return [(name, softmax(output))]
    case "leaky_relu": return [(name, ["module": "LeakyReLU", "negative_slope": 0.2])]
    case let other:
      guard let module = Self.activations[other] else {
        throw Missing(layer, "the activation \(other) has no twin")
      }
      return [(name, ["module": .string(module)])]
    }
  }

  private static let activations = [
    "relu": "ReLU", "relu6": "ReLU6", "sigmoid": "Sigmoid", "tanh": "Tanh", "elu": "ELU",
    "selu": "SELU", "gelu": "GELU", "silu": "SiLU", "swish": "SiLU", "softplus": "Softplus",
    "softsign": "Softsign", "mish": "Mish", "hard_sigmoid": "Hardsigmoid",
    "hard_silu": "Hardswish", "hard_swish": "Hardswish",
  ]

  /// Over the channels, which the twin of an image has first.
  private func softmax(_ flow: KerasFlow) -> Value {
    ["module": "Softmax", "dim": flow.order == .channelsLast ? 1 : -1]
  }

  /// The twin of a layer that is an activation.
  func activationLayer(_ layer: KerasLayer, _ place: Place) throws(Missing) -> Value {
    func number(_ names: [String], _ value: Double) -> Double {
      names.compactMap { layer.config[$0]?.doubleValue }.first ?? value
    }
    switch layer.className {
    case "LeakyReLU":
      return [
        "module": "LeakyReLU", "negative_slope": .float(number(["negative_slope", "alpha"], 0.3)),
      ]
    case "ELU": return ["module": "ELU", "alpha": .float(number(["alpha"], 1))]
    case "Softmax":
      guard layer.config["axis"]?.intValue ?? -1 == -1 else {
        throw Missing(layer, "it is over an axis that PyTorch's is not")
      }
      return softmax(flow(place))
    default:
      let maximum = layer.config["max_value"]?.doubleValue
      guard number(["negative_slope"], 0) == 0, number(["threshold"], 0) == 0,
        maximum == nil || maximum == 6
      else { throw Missing(layer, "PyTorch's ReLU has no such bounds") }
      return ["module": maximum == 6 ? "ReLU6" : "ReLU"]
    }
  }
}
