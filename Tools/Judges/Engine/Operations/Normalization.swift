func addNormalization(to table: inout OperationTable) {
  let prefix = "nn.functional."
  /// A buffer of running statistics, which a call changes.
  @Sendable func buffer(_ c: Call, _ position: Int, _ name: String) throws -> Buffer? {
    try c.optional(position, name).map { Buffer($0.array) }
  }
  table.add(prefix + "batch_norm") { x, c in
    x.batchNorm(
      runningMean: try buffer(c, 1, "running_mean"), runningVar: try buffer(c, 2, "running_var"),
      weight: try c.optional(3, "weight"), bias: try c.optional(4, "bias"),
      training: try c.bool(5, "training", false), momentum: try c.number(6, "momentum", 0.1),
      eps: try c.number(7, "eps", 1e-5))
  }
  table.add(prefix + "instance_norm") { x, c in
    x.instanceNorm(
      runningMean: try buffer(c, 1, "running_mean"), runningVar: try buffer(c, 2, "running_var"),
      weight: try c.optional(3, "weight"), bias: try c.optional(4, "bias"),
      useInputStats: try c.bool(5, "use_input_stats", true),
      momentum: try c.number(6, "momentum", 0.1), eps: try c.number(7, "eps", 1e-5))
  }
  table.add(prefix + "layer_norm") { x, c in
    x.layerNorm(
      Shape(try c.ints(1, "normalized_shape")), weight: try c.optional(2, "weight"),
      bias: try c.optional(3, "bias"), eps: try c.number(4, "eps", 1e-5))
  }
  table.add(prefix + "rms_norm") { x, c in
    x.rmsNorm(
      Shape(try c.ints(1, "normalized_shape")), weight: try c.optional(2, "weight"),
      eps: try c.optionalNumber(3, "eps"))
  }
  table.add(prefix + "group_norm") { x, c in
    x.groupNorm(
      try c.int(1, "num_groups"), weight: try c.optional(2, "weight"),
      bias: try c.optional(3, "bias"), eps: try c.number(4, "eps", 1e-5))
  }
  table.add(prefix + "local_response_norm") { x, c in
    x.localResponseNorm(
      try c.int(1, "size"), alpha: try c.number(2, "alpha", 1e-4),
      beta: try c.number(3, "beta", 0.75), k: try c.number(4, "k", 1))
  }
}
