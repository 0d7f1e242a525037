func addActivationModules(to table: inout ModuleTable) {
  table.add("ReLU") { _ in ReLU() }
  table.add("ReLU6") { _ in ReLU6() }
  table.add("Sigmoid") { _ in Sigmoid() }
  table.add("LogSigmoid") { _ in LogSigmoid() }
  table.add("SELU") { _ in SELU() }
  table.add("SiLU") { _ in SiLU() }
  table.add("Softsign") { _ in Softsign() }
  table.add("Tanh") { _ in Tanh() }
  table.add("Tanhshrink") { _ in Tanhshrink() }
  table.add("Mish") { _ in Mish() }
  table.add("Hardswish") { _ in Hardswish() }
  table.add("Hardsigmoid") { _ in Hardsigmoid() }
  table.add("Softmax2d") { _ in Softmax2d() }
  table.add("CELU") { c in CELU(alpha: try c.layerNumber(0, "alpha", 1.0)) }
  table.add("ELU") { c in ELU(alpha: try c.layerNumber(0, "alpha", 1.0)) }
  table.add("GELU") { c in GELU(approximate: try c.choice(0, "approximate", .none)) }
  table.add("GLU") { c in GLU(dim: try c.int(0, "dim", -1)) }
  table.add("Hardshrink") { c in Hardshrink(lambda: try c.layerNumber(0, "lambd", 0.5)) }
  table.add("Softshrink") { c in Softshrink(lambda: try c.layerNumber(0, "lambd", 0.5)) }
  table.add("Hardtanh") { c in
    Hardtanh(
      minVal: try c.layerNumber(0, "min_val", -1.0), maxVal: try c.layerNumber(1, "max_val", 1.0))
  }
  table.add("LeakyReLU") { c in
    LeakyReLU(negativeSlope: try c.layerNumber(0, "negative_slope", 0.01))
  }
  table.add("PReLU") { c in
    PReLU(numParameters: try c.int(0, "num_parameters", 1), initial: try c.number(1, "init", 0.25))
  }
  table.add("Softmax") { c in Softmax(dim: try c.int(0, "dim")) }
  table.add("LogSoftmax") { c in LogSoftmax(dim: try c.int(0, "dim")) }
  table.add("Softmin") { c in Softmin(dim: try c.int(0, "dim")) }
  table.add("Softplus") { c in
    Softplus(
      beta: try c.layerNumber(0, "beta", 1.0), threshold: try c.layerNumber(1, "threshold", 20.0))
  }
  table.add("Threshold") { c in
    Threshold(try c.layerNumber(0, "threshold", 0), try c.layerNumber(1, "value", 0))
  }
}
