import Arrays
import Autograd
import NN
import States

extension ModelCatalog {
  static let convolutions: [String: Maker] = [
    "Conv1d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      let stride = try arguments.length("stride", default: 1)
      let padding = try padding(&arguments, stride: [1, stride], isLine: true)
      return Conv1d(
        inputs, outputs, kernelSize: try kernel(&arguments, 1, inputs, outputs)[0], stride: stride,
        padding: padding, dilation: try arguments.length("dilation", default: 1), groups: groups,
        bias: try arguments.flag("bias", default: true),
        paddingMode: try paddingMode(&arguments))
    },
    "Conv2d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      let stride = try arguments.pair("stride", default: 1, minimum: 1)
      let padding = try padding(&arguments, stride: stride, isLine: false)
      return Conv2d(
        inputs, outputs, kernelSize: try kernel(&arguments, 2, inputs, outputs),
        stride: stride, padding: padding,
        dilation: try arguments.pair("dilation", default: 1, minimum: 1), groups: groups,
        bias: try arguments.flag("bias", default: true),
        paddingMode: try paddingMode(&arguments))
    },
    "Conv3d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      let stride = try arguments.triple("stride", default: 1, minimum: 1)
      let padding = try volumePadding(&arguments, stride: stride)
      return Conv3d(
        inputs, outputs, kernelSize: try kernel(&arguments, 3, inputs, outputs),
        stride: stride, padding: padding,
        dilation: try arguments.triple("dilation", default: 1, minimum: 1), groups: groups,
        bias: try arguments.flag("bias", default: true),
        paddingMode: try paddingMode(&arguments))
    },
    "ConvTranspose1d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      return ConvTranspose1d(
        inputs, outputs, kernelSize: try kernel(&arguments, 1, inputs, outputs)[0],
        stride: try arguments.length("stride", default: 1),
        padding: try arguments.count("padding"),
        outputPadding: try arguments.count("output_padding"), groups: groups,
        bias: try arguments.flag("bias", default: true),
        dilation: try arguments.length("dilation", default: 1))
    },
    "ConvTranspose2d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      return ConvTranspose2d(
        inputs, outputs, kernelSize: try kernel(&arguments, 2, inputs, outputs),
        stride: try arguments.pair("stride", default: 1, minimum: 1),
        padding: try arguments.pair("padding", default: 0, minimum: 0),
        outputPadding: try arguments.pair("output_padding", default: 0, minimum: 0),
        groups: groups, bias: try arguments.flag("bias", default: true),
        dilation: try arguments.pair("dilation", default: 1, minimum: 1))
    },
    "ConvTranspose3d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      return ConvTranspose3d(
        inputs, outputs, kernelSize: try kernel(&arguments, 3, inputs, outputs),
        stride: try arguments.triple("stride", default: 1, minimum: 1),
        padding: try arguments.triple("padding", default: 0, minimum: 0),
        outputPadding: try arguments.triple("output_padding", default: 0, minimum: 0),
        groups: groups, bias: try arguments.flag("bias", default: true),
        dilation: try arguments.triple("dilation", default: 1, minimum: 1))
    },
    "Unfold": { arguments throws(ModelError) in
      Unfold(
        try arguments.pair("kernel_size", minimum: 1),
        dilation: try arguments.pair("dilation", default: 1, minimum: 1),
        padding: try arguments.pair("padding", default: 0, minimum: 0),
        stride: try arguments.pair("stride", default: 1, minimum: 1))
    },
    "Fold": { arguments throws(ModelError) in
      Fold(
        try arguments.pair("output_size", minimum: 1),
        try arguments.pair("kernel_size", minimum: 1),
        dilation: try arguments.pair("dilation", default: 1, minimum: 1),
        padding: try arguments.pair("padding", default: 0, minimum: 0),
        stride: try arguments.pair("stride", default: 1, minimum: 1))
    },
  ]

  private static func channels(
    _ arguments: inout LayerArguments
  ) throws(ModelError) -> (inputs: Int, outputs: Int, groups: Int) {
    let inputs = try arguments.length("in_channels")
    let outputs = try arguments.length("out_channels")
    let groups = try arguments.length("groups", default: 1)
    guard inputs.isMultiple(of: groups), outputs.isMultiple(of: groups) else {
      throw ModelError(
        reason: "\(inputs) and \(outputs) channels do not divide into \(groups) groups")
    }
    return (inputs, outputs, groups)
  }

  /// The lengths of a kernel, of which the weight has as many elements as can be counted.
  private static func kernel(
    _ arguments: inout LayerArguments, _ rank: Int, _ inputs: Int, _ outputs: Int
  ) throws(ModelError) -> [Int] {
    let kernel =
      rank == 1
      ? [try arguments.length("kernel_size")]
      : try arguments.lengths("kernel_size", count: rank, minimum: 1)
    try LayerArguments.checkWeight([inputs, outputs] + kernel)
    return kernel
  }

  /// Whether the padding is the word "same", as opposed to "valid"; nil if it is lengths.
  private static func isSame(
    _ arguments: inout LayerArguments, stride: [Int]
  ) throws(ModelError) -> Bool? {
    switch arguments.value("padding")?.stringValue {
    case "same"?:
      guard stride.allSatisfy({ $0 == 1 }) else {
        throw ModelError(reason: "padding \"same\" needs a stride of 1")
      }
      return true
    case "valid"?: return false
    case let name?: throw ModelError(reason: "there is no padding \"\(name)\"")
    case nil: return nil
    }
  }

  private static func volumePadding(
    _ arguments: inout LayerArguments, stride: [Int]
  ) throws(ModelError) -> VolumePadding {
    if let isSame = try isSame(&arguments, stride: stride) { return isSame ? .same : .valid }
    let lengths = try arguments.triple("padding", default: 0, minimum: 0)
    return .lengths(lengths[0], lengths[1], lengths[2])
  }

  private static func padding(
    _ arguments: inout LayerArguments, stride: [Int], isLine: Bool
  ) throws(ModelError) -> ConvolutionPadding {
    switch try isSame(&arguments, stride: stride) {
    case true?: return .same
    case false?: return .valid
    case nil:
      if isLine { return .lengths(0, try arguments.count("padding")) }
      let lengths = try arguments.pair("padding", default: 0, minimum: 0)
      return .lengths(lengths[0], lengths[1])
    }
  }

  private static func paddingMode(
    _ arguments: inout LayerArguments
  ) throws(ModelError) -> PaddingMode {
    let name = try arguments.text("padding_mode", default: "zeros")
    guard let mode = PaddingMode(rawValue: name) else {
      throw ModelError(reason: "there is no padding mode \"\(name)\"")
    }
    return mode
  }
}
