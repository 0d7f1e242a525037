func addActivations(to table: inout OperationTable) {
  let prefix = "nn.functional."
  table.unary(prefix + "relu") { $0.relu() }
  table.unary(prefix + "relu6") { $0.relu6() }
  table.unary(prefix + "selu") { $0.selu() }
  table.unary(prefix + "silu") { $0.silu() }
  table.unary(prefix + "mish") { $0.mish() }
  table.unary(prefix + "hardsigmoid") { $0.hardsigmoid() }
  table.unary(prefix + "hardswish") { $0.hardswish() }
  table.unary(prefix + "logsigmoid") { $0.logSigmoid() }
  table.unary(prefix + "softsign") { $0.softsign() }
  table.unary(prefix + "tanhshrink") { $0.tanhshrink() }
  table.add(prefix + "leaky_relu") { x, c in
    x.leakyRelu(negativeSlope: try c.number(1, "negative_slope", 0.01))
  }
  table.add(prefix + "elu") { x, c in x.elu(alpha: try c.number(1, "alpha", 1)) }
  table.add(prefix + "celu") { x, c in x.celu(alpha: try c.number(1, "alpha", 1)) }
  table.add(prefix + "gelu") { x, c in x.gelu(approximate: try c.choice(1, "approximate", .none)) }
  table.add(prefix + "hardtanh") { x, c in
    x.hardtanh(min: try c.number(1, "min_val", -1), max: try c.number(2, "max_val", 1))
  }
  table.add(prefix + "hardshrink") { x, c in x.hardshrink(lambda: try c.number(1, "lambd", 0.5)) }
  table.add(prefix + "softshrink") { x, c in x.softshrink(lambda: try c.number(1, "lambd", 0.5)) }
  table.add(prefix + "threshold") { x, c in
    x.threshold(try c.number(1, "threshold"), try c.number(2, "value"))
  }
  table.add(prefix + "softplus") { x, c in
    x.softplus(beta: try c.number(1, "beta", 1), threshold: try c.number(2, "threshold", 20))
  }
  table.add(prefix + "glu") { x, c in x.glu(try c.int(1, "dim", -1)) }
  table.add(prefix + "prelu") { x, c in x.prelu(try c.tensor(1, "weight")) }
  table.add(prefix + "rrelu") { x, c in
    x.rrelu(
      lower: try c.number(1, "lower", 1 / 8), upper: try c.number(2, "upper", 1 / 3),
      training: try c.bool(3, "training", false))
  }
  table.add(prefix + "dropout") { x, c in
    x.dropout(try c.number(1, "p", 0.5), training: try c.bool(2, "training", true))
  }
  for name in ["dropout2d", "dropout3d"] {
    table.add(prefix + name) { x, c in
      if name == "dropout3d", x.rank == 4 { throw NotExpressible("without a batch") }
      return x.featureDropout(try c.number(1, "p", 0.5), training: try c.bool(2, "training", true))
    }
  }
  table.add(prefix + "alpha_dropout") { x, c in
    x.alphaDropout(try c.number(1, "p", 0.5), training: try c.bool(2, "training", false))
  }
  table.add(prefix + "feature_alpha_dropout") { x, c in
    x.featureAlphaDropout(try c.number(1, "p", 0.5), training: try c.bool(2, "training", false))
  }
}
