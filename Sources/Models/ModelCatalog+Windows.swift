import Arrays
import Autograd
import NN
import States

extension ModelCatalog {
  static let windowLayers: [String: Maker] = [
    "Conv1d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      let stride = try arguments.length("stride", default: 1)
      let padding = try padding(&arguments, stride: [1, stride], isLine: true)
      return Conv1d(
        inputs, outputs, kernelSize: try arguments.length("kernel_size"), stride: stride,
        padding: padding, dilation: try arguments.length("dilation", default: 1), groups: groups,
        bias: try arguments.flag("bias", default: true),
        paddingMode: try paddingMode(&arguments))
    },
    "Conv2d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      let stride = try arguments.pair("stride", default: [1, 1], minimum: 1)
      let padding = try padding(&arguments, stride: stride, isLine: false)
      return Conv2d(
        inputs, outputs, kernelSize: try arguments.pair("kernel_size", minimum: 1),
        stride: stride, padding: padding,
        dilation: try arguments.pair("dilation", default: [1, 1], minimum: 1), groups: groups,
        bias: try arguments.flag("bias", default: true),
        paddingMode: try paddingMode(&arguments))
    },
    "ConvTranspose1d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      return ConvTranspose1d(
        inputs, outputs, kernelSize: try arguments.length("kernel_size"),
        stride: try arguments.length("stride", default: 1),
        padding: try arguments.count("padding"),
        outputPadding: try arguments.count("output_padding"), groups: groups,
        bias: try arguments.flag("bias", default: true),
        dilation: try arguments.length("dilation", default: 1))
    },
    "ConvTranspose2d": { arguments throws(ModelError) in
      let (inputs, outputs, groups) = try channels(&arguments)
      return ConvTranspose2d(
        inputs, outputs, kernelSize: try arguments.pair("kernel_size", minimum: 1),
        stride: try arguments.pair("stride", default: [1, 1], minimum: 1),
        padding: try arguments.pair("padding", default: [0, 0], minimum: 0),
        outputPadding: try arguments.pair("output_padding", default: [0, 0], minimum: 0),
        groups: groups, bias: try arguments.flag("bias", default: true),
        dilation: try arguments.pair("dilation", default: [1, 1], minimum: 1))
    },
    "MaxPool1d": { arguments throws(ModelError) in
      let kernel = try arguments.length("kernel_size")
      return MaxPool1d(
        kernel, stride: try arguments.length("stride", default: kernel),
        padding: try arguments.count("padding"),
        dilation: try arguments.length("dilation", default: 1),
        ceilMode: try arguments.flag("ceil_mode", default: false))
    },
    "AvgPool1d": { arguments throws(ModelError) in
      let kernel = try arguments.length("kernel_size")
      return AvgPool1d(
        kernel, stride: try arguments.length("stride", default: kernel),
        padding: try arguments.count("padding"),
        ceilMode: try arguments.flag("ceil_mode", default: false),
        countIncludePad: try arguments.flag("count_include_pad", default: true))
    },
    "GroupNorm": { arguments throws(ModelError) in
      let groups = try arguments.length("num_groups")
      let channels = try arguments.length("num_channels")
      guard channels.isMultiple(of: groups) else {
        throw ModelError(
          reason: "GroupNorm: \(channels) channels do not divide into \(groups) groups")
      }
      return GroupNorm(
        groups, channels, eps: try arguments.number("eps", default: 1e-5),
        affine: try arguments.flag("affine", default: true),
        bias: try arguments.flag("bias", default: true))
    },
    "RMSNorm": { arguments throws(ModelError) in
      RMSNorm(
        try arguments.shape("normalized_shape"),
        eps: try arguments.optionalNumber("eps", default: .nan).flatMap { $0.isNaN ? nil : $0 },
        elementwiseAffine: try arguments.flag("elementwise_affine", default: true))
    },
    "PixelShuffle": { arguments throws(ModelError) in
      PixelShuffle(try arguments.length("upscale_factor"))
    },
    "Upsample": { arguments throws(ModelError) in
      let name = try arguments.text("mode", default: "nearest")
      guard let mode = InterpolationMode(rawValue: name) else {
        throw ModelError(reason: "Upsample: there is no mode \"\(name)\"")
      }
      let alignCorners = try arguments.flag("align_corners", default: false)
      let factor = try arguments.number("scale_factor", default: 0)
      switch arguments.value("size") {
      case nil, .some(.none):
        guard factor > 0, factor.isFinite else {
          throw ModelError(reason: "Upsample: neither size nor a positive scale_factor is given")
        }
        return Upsample(scaleFactor: factor, mode: mode, alignCorners: alignCorners)
      case .int:
        let size = try arguments.length("size")
        return Upsample(size: size, mode: mode, alignCorners: alignCorners)
      default:
        let size = try arguments.shape("size").dimensions
        guard (1...3).contains(size.count), size.allSatisfy({ $0 > 0 }) else {
          throw ModelError(reason: "Upsample: size is one to three positive lengths")
        }
        return Upsample(size: size, mode: mode, alignCorners: alignCorners)
      }
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

  private static func padding(
    _ arguments: inout LayerArguments, stride: [Int], isLine: Bool
  ) throws(ModelError) -> ConvolutionPadding {
    switch arguments.value("padding")?.stringValue {
    case "same"?:
      guard stride == [1, 1] else {
        throw ModelError(reason: "padding \"same\" needs a stride of 1")
      }
      return .same
    case "valid"?: return .valid
    case let name?: throw ModelError(reason: "there is no padding \"\(name)\"")
    case nil:
      if isLine { return .lengths(0, try arguments.count("padding")) }
      let lengths = try arguments.pair("padding", default: [0, 0], minimum: 0)
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
