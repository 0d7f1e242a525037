func addLosses(to table: inout OperationTable) {
  let prefix = "nn.functional."
  table.add(prefix + "mse_loss") { x, c in
    x.mseLoss(try c.tensor(1, "target"), reduction: try c.reduction())
  }
  table.add(prefix + "l1_loss") { x, c in
    x.l1Loss(try c.tensor(1, "target"), reduction: try c.reduction())
  }
  table.add(prefix + "smooth_l1_loss") { x, c in
    x.smoothL1Loss(
      try c.tensor(1, "target"), reduction: try c.reduction(), beta: try c.number(nil, "beta", 1))
  }
  table.add(prefix + "huber_loss") { x, c in
    x.huberLoss(
      try c.tensor(1, "target"), reduction: try c.reduction(), delta: try c.number(nil, "delta", 1))
  }
  table.add(prefix + "nll_loss") { x, c in
    x.nllLoss(
      try c.tensor(1, "target"), weight: try c.optional(nil, "weight"),
      ignoreIndex: try c.int(nil, "ignore_index", -100), reduction: try c.reduction())
  }
  table.add(prefix + "cross_entropy") { x, c in
    x.crossEntropy(
      try c.tensor(1, "target"), weight: try c.optional(nil, "weight"),
      ignoreIndex: try c.int(nil, "ignore_index", -100), reduction: try c.reduction(),
      labelSmoothing: try c.number(nil, "label_smoothing", 0))
  }
  table.add(prefix + "binary_cross_entropy") { x, c in
    x.binaryCrossEntropy(
      try c.tensor(1, "target"), weight: try c.optional(nil, "weight"),
      reduction: try c.reduction())
  }
  table.add(prefix + "binary_cross_entropy_with_logits") { x, c in
    x.binaryCrossEntropyWithLogits(
      try c.tensor(1, "target"), weight: try c.optional(nil, "weight"),
      reduction: try c.reduction(), positiveWeight: try c.optional(nil, "pos_weight"))
  }
  table.add(prefix + "kl_div") { x, c in
    x.klDiv(
      try c.tensor(1, "target"), reduction: try c.reduction(),
      logTarget: try c.bool(nil, "log_target", false))
  }
  table.add(prefix + "poisson_nll_loss") { x, c in
    x.poissonNLLLoss(
      try c.tensor(1, "target"), logInput: try c.bool(nil, "log_input", true),
      full: try c.bool(nil, "full", false), eps: try c.number(nil, "eps", 1e-8),
      reduction: try c.reduction())
  }
  table.add(prefix + "gaussian_nll_loss") { x, c in
    guard case .tensor(let variance)? = c.argument(2, "var") else {
      throw NotExpressible("var is a number")
    }
    return x.gaussianNLLLoss(
      try c.tensor(1, "target"), variance, full: try c.bool(nil, "full", false),
      eps: try c.number(nil, "eps", 1e-6), reduction: try c.reduction())
  }
}

func addFurtherLosses(to table: inout OperationTable) {
  let prefix = "nn.functional."
  table.add(prefix + "hinge_embedding_loss") { x, c in
    x.hingeEmbeddingLoss(
      try c.tensor(1, "target"), margin: try c.number(nil, "margin", 1),
      reduction: try c.reduction())
  }
  table.add(prefix + "margin_ranking_loss") { x, c in
    x.marginRankingLoss(
      try c.tensor(1), try c.tensor(2, "target"), margin: try c.number(nil, "margin", 0),
      reduction: try c.reduction())
  }
  table.add(prefix + "soft_margin_loss") { x, c in
    x.softMarginLoss(try c.tensor(1, "target"), reduction: try c.reduction())
  }
  table.add(prefix + "cosine_embedding_loss") { x, c in
    x.cosineEmbeddingLoss(
      try c.tensor(1), try c.tensor(2, "target"), margin: try c.number(nil, "margin", 0),
      reduction: try c.reduction())
  }
  table.add(prefix + "triplet_margin_loss") { x, c in
    let (order, eps) = (try c.number(nil, "p", 2), try c.number(nil, "eps", 1e-6))
    return x.tripletMarginLoss(
      try c.tensor(1), try c.tensor(2), margin: try c.number(nil, "margin", 1),
      swap: try c.bool(nil, "swap", false), reduction: try c.reduction(),
      distance: { $0.pairwiseDistance($1, order: order, eps: eps) })
  }
  table.add(prefix + "multi_margin_loss") { x, c in
    x.multiMarginLoss(
      try c.tensor(1, "target"), power: try c.int(nil, "p", 1),
      margin: try c.number(nil, "margin", 1), weight: try c.optional(nil, "weight"),
      reduction: try c.reduction())
  }
  table.add(prefix + "multilabel_margin_loss") { x, c in
    x.multiLabelMarginLoss(try c.tensor(1, "target"), reduction: try c.reduction())
  }
  table.add(prefix + "multilabel_soft_margin_loss") { x, c in
    x.multiLabelSoftMarginLoss(
      try c.tensor(1, "target"), weight: try c.optional(nil, "weight"),
      reduction: try c.reduction())
  }
  table.add(prefix + "ctc_loss") { x, c in
    x.ctcLoss(
      try c.tensor(1), try c.counts(2), try c.counts(3), blank: try c.int(4, "blank", 0),
      reduction: try c.reduction(5), zeroInfinity: try c.bool(6, "zero_infinity", false))
  }
}
