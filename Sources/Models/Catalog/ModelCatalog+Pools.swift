import Autograd
import NN
import States

extension ModelCatalog {
  static let pools: [String: Maker] = [
    "MaxPool1d": { arguments throws(ModelError) in
      let kernel = try arguments.length("kernel_size")
      return MaxPool1d(
        kernel, stride: try arguments.length("stride", default: kernel),
        padding: try arguments.count("padding"),
        dilation: try arguments.length("dilation", default: 1),
        ceilMode: try arguments.flag("ceil_mode", default: false))
    },
    "MaxPool2d": { arguments throws(ModelError) in
      MaxPool2d(
        try arguments.pair("kernel_size", minimum: 1),
        stride: try arguments.optionalLengths("stride", count: 2, minimum: 1),
        padding: try arguments.pair("padding", default: 0, minimum: 0),
        dilation: try arguments.pair("dilation", default: 1, minimum: 1),
        ceilMode: try arguments.flag("ceil_mode", default: false))
    },
    "MaxPool3d": { arguments throws(ModelError) in
      MaxPool3d(
        try arguments.triple("kernel_size", minimum: 1),
        stride: try arguments.optionalLengths("stride", count: 3, minimum: 1),
        padding: try arguments.triple("padding", default: 0, minimum: 0),
        dilation: try arguments.triple("dilation", default: 1, minimum: 1),
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
    "AvgPool2d": { arguments throws(ModelError) in
      AvgPool2d(
        try arguments.pair("kernel_size", minimum: 1),
        stride: try arguments.optionalLengths("stride", count: 2, minimum: 1),
        padding: try arguments.pair("padding", default: 0, minimum: 0),
        ceilMode: try arguments.flag("ceil_mode", default: false),
        countIncludePad: try arguments.flag("count_include_pad", default: true))
    },
    "AvgPool3d": { arguments throws(ModelError) in
      AvgPool3d(
        try arguments.triple("kernel_size", minimum: 1),
        stride: try arguments.optionalLengths("stride", count: 3, minimum: 1),
        padding: try arguments.triple("padding", default: 0, minimum: 0),
        ceilMode: try arguments.flag("ceil_mode", default: false),
        countIncludePad: try arguments.flag("count_include_pad", default: true))
    },
    "LPPool1d": { arguments throws(ModelError) in
      LPPool1d(
        try arguments.power("norm_type"), try arguments.length("kernel_size"),
        stride: try arguments.optionalLengths("stride", count: 1, minimum: 1)?.first,
        ceilMode: try arguments.flag("ceil_mode", default: false))
    },
    "LPPool2d": { arguments throws(ModelError) in
      LPPool2d(
        try arguments.power("norm_type"), try arguments.pair("kernel_size", minimum: 1),
        stride: try arguments.optionalLengths("stride", count: 2, minimum: 1),
        ceilMode: try arguments.flag("ceil_mode", default: false))
    },
    "LPPool3d": { arguments throws(ModelError) in
      LPPool3d(
        try arguments.power("norm_type"), try arguments.triple("kernel_size", minimum: 1),
        stride: try arguments.optionalLengths("stride", count: 3, minimum: 1),
        ceilMode: try arguments.flag("ceil_mode", default: false))
    },
    "AdaptiveAvgPool1d": { arguments throws(ModelError) in
      AdaptiveAvgPool1d(try arguments.length("output_size"))
    },
    "AdaptiveAvgPool2d": { arguments throws(ModelError) in
      AdaptiveAvgPool2d(try arguments.pair("output_size", minimum: 1))
    },
    "AdaptiveAvgPool3d": { arguments throws(ModelError) in
      AdaptiveAvgPool3d(try arguments.triple("output_size", minimum: 1))
    },
    "AdaptiveMaxPool1d": { arguments throws(ModelError) in
      AdaptiveMaxPool1d(try arguments.length("output_size"))
    },
    "AdaptiveMaxPool2d": { arguments throws(ModelError) in
      AdaptiveMaxPool2d(try arguments.pair("output_size", minimum: 1))
    },
    "AdaptiveMaxPool3d": { arguments throws(ModelError) in
      AdaptiveMaxPool3d(try arguments.triple("output_size", minimum: 1))
    },
  ]
}
