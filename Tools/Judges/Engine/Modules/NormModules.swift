func addNormModules(to table: inout ModuleTable) {
  /// The momentum of batch normalization; None is a cumulative mean.
  @Sendable func momentum(_ c: Call, _ position: Int) throws -> Double? {
    if position < c.positional.count, case .none = c.positional[position] { return nil }
    if case .none? = c.keywords["momentum"] { return nil }
    return try c.number(position, "momentum", 0.1)
  }
  func addBatchNorm<Norm: BatchNorm>(
    _ name: String, _ make: @escaping @Sendable (Int, Double, Double?, Bool, Bool, Bool) -> Norm
  ) {
    table.add(name) { c in
      make(
        try c.int(0, "num_features"), try c.number(1, "eps", 1e-5), try momentum(c, 2),
        try c.bool(3, "affine", true), try c.bool(4, "track_running_stats", true),
        try c.bool(nil, "bias", true))
    }
  }
  addBatchNorm("BatchNorm1d") {
    BatchNorm1d($0, eps: $1, momentum: $2, affine: $3, bias: $5, trackRunningStats: $4)
  }
  addBatchNorm("BatchNorm2d") {
    BatchNorm2d($0, eps: $1, momentum: $2, affine: $3, bias: $5, trackRunningStats: $4)
  }
  addBatchNorm("BatchNorm3d") {
    BatchNorm3d($0, eps: $1, momentum: $2, affine: $3, bias: $5, trackRunningStats: $4)
  }
  func addInstanceNorm<Norm: InstanceNorm>(
    _ name: String, _ make: @escaping @Sendable (Int, Double, Double, Bool, Bool, Bool) -> Norm
  ) {
    table.add(name) { c in
      make(
        try c.int(0, "num_features"), try c.number(1, "eps", 1e-5),
        try c.number(2, "momentum", 0.1), try c.bool(3, "affine", false),
        try c.bool(4, "track_running_stats", false), try c.bool(nil, "bias", true))
    }
  }
  addInstanceNorm("InstanceNorm1d") {
    InstanceNorm1d($0, eps: $1, momentum: $2, affine: $3, trackRunningStats: $4, bias: $5)
  }
  addInstanceNorm("InstanceNorm2d") {
    InstanceNorm2d($0, eps: $1, momentum: $2, affine: $3, trackRunningStats: $4, bias: $5)
  }
  addInstanceNorm("InstanceNorm3d") {
    InstanceNorm3d($0, eps: $1, momentum: $2, affine: $3, trackRunningStats: $4, bias: $5)
  }
  table.add("GroupNorm") { c in
    GroupNorm(
      try c.int(0, "num_groups"), try c.int(1, "num_channels"), eps: try c.number(2, "eps", 1e-5),
      affine: try c.bool(3, "affine", true), bias: try c.bool(nil, "bias", true))
  }
  table.add("LayerNorm") { c in
    LayerNorm(
      Shape(try c.ints(0, "normalized_shape")), eps: try c.number(1, "eps", 1e-5),
      elementwiseAffine: try c.bool(2, "elementwise_affine", true),
      bias: try c.bool(3, "bias", true))
  }
  table.add("RMSNorm") { c in
    RMSNorm(
      Shape(try c.ints(0, "normalized_shape")), eps: try c.optionalNumber(1, "eps"),
      elementwiseAffine: try c.bool(2, "elementwise_affine", true))
  }
  table.add("LocalResponseNorm") { c in
    LocalResponseNorm(
      try c.int(0, "size"), alpha: try c.layerNumber(1, "alpha", 1e-4),
      beta: try c.layerNumber(2, "beta", 0.75), k: try c.layerNumber(3, "k", 1.0))
  }
}

func addPaddingModules(to table: inout ModuleTable) {
  func add<Layer: PaddingLayer>(
    _ name: String, _ one: @escaping @Sendable (Int) -> Layer,
    _ several: @escaping @Sendable ([Int]) -> Layer
  ) {
    table.add(name) { c in
      let lengths = try c.ints(0, "padding")
      return lengths.count == 1 ? one(lengths[0]) : several(lengths)
    }
  }
  add("ReflectionPad1d", { ReflectionPad1d($0) }, { ReflectionPad1d($0) })
  add("ReflectionPad2d", { ReflectionPad2d($0) }, { ReflectionPad2d($0) })
  add("ReflectionPad3d", { ReflectionPad3d($0) }, { ReflectionPad3d($0) })
  add("ReplicationPad1d", { ReplicationPad1d($0) }, { ReplicationPad1d($0) })
  add("ReplicationPad2d", { ReplicationPad2d($0) }, { ReplicationPad2d($0) })
  add("ReplicationPad3d", { ReplicationPad3d($0) }, { ReplicationPad3d($0) })
  add("CircularPad1d", { CircularPad1d($0) }, { CircularPad1d($0) })
  add("CircularPad2d", { CircularPad2d($0) }, { CircularPad2d($0) })
  add("CircularPad3d", { CircularPad3d($0) }, { CircularPad3d($0) })
  add("ZeroPad1d", { ZeroPad1d($0) }, { ZeroPad1d($0) })
  add("ZeroPad2d", { ZeroPad2d($0) }, { ZeroPad2d($0) })
  add("ZeroPad3d", { ZeroPad3d($0) }, { ZeroPad3d($0) })
  func constant<Layer: ConstantPad>(
    _ name: String, _ one: @escaping @Sendable (Int, LayerNumber) -> Layer,
    _ several: @escaping @Sendable ([Int], LayerNumber) -> Layer
  ) {
    table.add(name) { c in
      let lengths = try c.ints(0, "padding")
      let value = try c.layerNumber(1, "value", 0)
      return lengths.count == 1 ? one(lengths[0], value) : several(lengths, value)
    }
  }
  constant("ConstantPad1d", { ConstantPad1d($0, $1) }, { ConstantPad1d($0, $1) })
  constant("ConstantPad2d", { ConstantPad2d($0, $1) }, { ConstantPad2d($0, $1) })
  constant("ConstantPad3d", { ConstantPad3d($0, $1) }, { ConstantPad3d($0, $1) })
}
