import Autograd
import NN
import States

extension ModelCatalog {
  static let norms: [String: Maker] = [
    "BatchNorm1d": { arguments throws(ModelError) in
      try batchNorm(BatchNorm1d.init(_:eps:momentum:affine:bias:trackRunningStats:), &arguments)
    },
    "BatchNorm2d": { arguments throws(ModelError) in
      try batchNorm(BatchNorm2d.init(_:eps:momentum:affine:bias:trackRunningStats:), &arguments)
    },
    "BatchNorm3d": { arguments throws(ModelError) in
      try batchNorm(BatchNorm3d.init(_:eps:momentum:affine:bias:trackRunningStats:), &arguments)
    },
    "InstanceNorm1d": { arguments throws(ModelError) in
      try instanceNorm(
        InstanceNorm1d.init(_:eps:momentum:affine:trackRunningStats:bias:), &arguments)
    },
    "InstanceNorm2d": { arguments throws(ModelError) in
      try instanceNorm(
        InstanceNorm2d.init(_:eps:momentum:affine:trackRunningStats:bias:), &arguments)
    },
    "InstanceNorm3d": { arguments throws(ModelError) in
      try instanceNorm(
        InstanceNorm3d.init(_:eps:momentum:affine:trackRunningStats:bias:), &arguments)
    },
    "LayerNorm": { arguments throws(ModelError) in
      LayerNorm(
        try arguments.shape("normalized_shape"), eps: try arguments.number("eps", default: 1e-5),
        elementwiseAffine: try arguments.flag("elementwise_affine", default: true),
        bias: try arguments.flag("bias", default: true))
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
    "LocalResponseNorm": { arguments throws(ModelError) in
      LocalResponseNorm(
        try arguments.length("size"), alpha: try arguments.given("alpha", default: 1e-4),
        beta: try arguments.given("beta", default: 0.75), k: try arguments.given("k", default: 1))
    },
  ]

  private static func batchNorm(
    _ make: (Int, Double, Double?, Bool, Bool, Bool) -> Module, _ arguments: inout LayerArguments
  ) throws(ModelError) -> Module {
    make(
      try arguments.length("num_features"), try arguments.number("eps", default: 1e-5),
      try arguments.optionalNumber("momentum", default: 0.1),
      try arguments.flag("affine", default: true), try arguments.flag("bias", default: true),
      try arguments.flag("track_running_stats", default: true))
  }

  private static func instanceNorm(
    _ make: (Int, Double, Double, Bool, Bool, Bool) -> Module, _ arguments: inout LayerArguments
  ) throws(ModelError) -> Module {
    make(
      try arguments.length("num_features"), try arguments.number("eps", default: 1e-5),
      try arguments.number("momentum", default: 0.1),
      try arguments.flag("affine", default: false),
      try arguments.flag("track_running_stats", default: false),
      try arguments.flag("bias", default: true))
  }
}
