func addLossModules(to table: inout ModuleTable) {
  /// A loss of an input and a target.
  @Sendable func pair(
    _ module: Module, _ call: @escaping (Tensor, Tensor) -> Tensor
  ) -> BuiltModule {
    BuiltModule(module) { [call(try $0.tensor(0, "input"), try $0.tensor(1, "target"))] }
  }
  /// A loss of three tensors.
  @Sendable func triple(
    _ module: Module, _ call: @escaping (Tensor, Tensor, Tensor) -> Tensor
  ) -> BuiltModule {
    BuiltModule(module) { [call(try $0.tensor(0), try $0.tensor(1), try $0.tensor(2))] }
  }
  table.custom("L1Loss") { c in
    let loss = L1Loss(reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("MSELoss") { c in
    let loss = MSELoss(reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("SmoothL1Loss") { c in
    let loss = SmoothL1Loss(reduction: try c.reduction(), beta: try c.number(nil, "beta", 1))
    return pair(loss) { loss($0, $1) }
  }
  table.custom("HuberLoss") { c in
    let loss = HuberLoss(reduction: try c.reduction(), delta: try c.number(nil, "delta", 1))
    return pair(loss) { loss($0, $1) }
  }
  table.custom("KLDivLoss") { c in
    let loss = KLDivLoss(
      reduction: try c.reduction(), logTarget: try c.bool(nil, "log_target", false))
    return pair(loss) { loss($0, $1) }
  }
  table.custom("BCELoss") { c in
    let loss = BCELoss(weight: try c.optional(0, "weight"), reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("BCEWithLogitsLoss") { c in
    let loss = BCEWithLogitsLoss(
      weight: try c.optional(0, "weight"), reduction: try c.reduction(),
      posWeight: try c.optional(nil, "pos_weight"))
    return pair(loss) { loss($0, $1) }
  }
  table.custom("NLLLoss") { c in
    let loss = NLLLoss(
      weight: try c.optional(0, "weight"), ignoreIndex: try c.int(nil, "ignore_index", -100),
      reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("CrossEntropyLoss") { c in
    let loss = CrossEntropyLoss(
      weight: try c.optional(0, "weight"), ignoreIndex: try c.int(nil, "ignore_index", -100),
      reduction: try c.reduction(), labelSmoothing: try c.number(nil, "label_smoothing", 0))
    return pair(loss) { loss($0, $1) }
  }
  table.custom("PoissonNLLLoss") { c in
    let loss = PoissonNLLLoss(
      logInput: try c.bool(nil, "log_input", true), full: try c.bool(nil, "full", false),
      eps: try c.number(nil, "eps", 1e-8), reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("GaussianNLLLoss") { c in
    let loss = GaussianNLLLoss(
      full: try c.bool(nil, "full", false), eps: try c.number(nil, "eps", 1e-6),
      reduction: try c.reduction())
    return triple(loss) { loss($0, $1, $2) }
  }
  table.custom("HingeEmbeddingLoss") { c in
    let loss = HingeEmbeddingLoss(
      margin: try c.number(0, "margin", 1), reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("MarginRankingLoss") { c in
    let loss = MarginRankingLoss(
      margin: try c.number(0, "margin", 0), reduction: try c.reduction())
    return triple(loss) { loss($0, $1, $2) }
  }
  table.custom("CosineEmbeddingLoss") { c in
    let loss = CosineEmbeddingLoss(
      margin: try c.number(0, "margin", 0), reduction: try c.reduction())
    return triple(loss) { loss($0, $1, $2) }
  }
  table.custom("TripletMarginLoss") { c in
    let loss = TripletMarginLoss(
      margin: try c.number(0, "margin", 1), p: try c.number(1, "p", 2),
      eps: try c.number(2, "eps", 1e-6), swap: try c.bool(3, "swap", false),
      reduction: try c.reduction())
    return triple(loss) { loss($0, $1, $2) }
  }
  table.custom("SoftMarginLoss") { c in
    let loss = SoftMarginLoss(reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("MultiLabelMarginLoss") { c in
    let loss = MultiLabelMarginLoss(reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("MultiLabelSoftMarginLoss") { c in
    let loss = MultiLabelSoftMarginLoss(
      weight: try c.optional(0, "weight"), reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("MultiMarginLoss") { c in
    let loss = MultiMarginLoss(
      p: try c.int(0, "p", 1), margin: try c.number(1, "margin", 1),
      weight: try c.optional(2, "weight"), reduction: try c.reduction())
    return pair(loss) { loss($0, $1) }
  }
  table.custom("CTCLoss") { c in
    let loss = CTCLoss(
      blank: try c.int(0, "blank", 0), reduction: try c.reduction(1),
      zeroInfinity: try c.bool(2, "zero_infinity", false))
    return BuiltModule(loss) { c in
      [loss(try c.tensor(0), try c.tensor(1), try c.counts(2), try c.counts(3))]
    }
  }
}
