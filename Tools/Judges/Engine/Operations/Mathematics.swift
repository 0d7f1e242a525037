/// Functions that came with PyTorch's names, beside those of the other tables.
func addMathematics(to table: inout OperationTable) {
  table.unary("acosh") { $0.acosh() }
  table.unary("asinh") { $0.asinh() }
  table.unary("atanh") { $0.atanh() }
  table.unary("erfc") { $0.erfc() }
  table.unary("exp2") { $0.exp2() }
  table.unary("frac") { $0.frac() }
  table.unary("sgn") { $0.sgn() }
  table.unary("signbit") { $0.signbit() }
  table.unary("sinc") { $0.sinc() }
  table.unary("deg2rad") { $0.deg2rad() }
  table.unary("rad2deg") { $0.rad2deg() }
  table.unary("positive") { $0.positive() }
  table.unary("isposinf") { $0.isposinf() }
  table.unary("isneginf") { $0.isneginf() }
  table.unary("isreal") { $0.isreal() }
  table.add("logit") { x, c in x.logit(eps: try c.optionalNumber(1, "eps")) }
  table.add("round") { x, c in x.round(decimals: try c.int(nil, "decimals", 0)) }
  table.pair("logaddexp") { $0.logaddexp($1) }
  table.pair("logaddexp2") { $0.logaddexp2($1) }
  table.pair("hypot") { $0.hypot($1) }
  table.pair("fmax") { $0.fmax($1) }
  table.pair("fmin") { $0.fmin($1) }
  table.pair("heaviside") { $0.heaviside($1) }
  table.binary("xlogy", { $0.xlogy($1) }, { $0.xlogy($1) }, { $0.xlogy($1) })
  table.binary("copysign", { $0.copysign($1) }, { $0.copysign($1) }, { $0.copysign($1) })
  table.binary("fmod", { $0.fmod($1) }, { $0.fmod($1) }, { $0.fmod($1) })
  table.binary("float_power", { $0.floatPower($1) }, { $0.floatPower($1) }, { $0.floatPower($1) })
  for (name, mode) in [("div.trunc_rounding", RoundingMode.trunc), ("div.floor_rounding", .floor)] {
    table[name] = { c in
      guard try c.choice(2, "rounding_mode", mode) == mode else {
        throw NotExpressible("rounding_mode")
      }
      let x = try c.tensor(0)
      switch try Operand(c, 1) {
      case .tensor(let other): return [x.div(other, roundingMode: mode)]
      case .int(let other): return [x.div(other, roundingMode: mode)]
      case .number(let other): return [x.div(other, roundingMode: mode)]
      }
    }
  }
  table.add("isclose") { x, c in
    x.isclose(
      try c.tensor(1, "other"), rtol: try c.number(2, "rtol", 1e-5),
      atol: try c.number(3, "atol", 1e-8), equalNaN: try c.bool(4, "equal_nan", false))
  }
  addScans(to: &table)
  addNaNReductions(to: &table)
}

private func addScans(to table: inout OperationTable) {
  table.add("logcumsumexp") { x, c in x.logcumsumexp(try c.int(1, "dim")) }
  table.several("cummax") { x, c in
    let (values, indices) = x.cummax(try c.int(1, "dim"))
    return [values, indices]
  }
  table.several("cummin") { x, c in
    let (values, indices) = x.cummin(try c.int(1, "dim"))
    return [values, indices]
  }
  table.add("diff") { x, c in
    x.diff(
      n: try c.int(1, "n", 1), try c.int(2, "dim", -1), prepend: try c.optional(3, "prepend"),
      append: try c.optional(4, "append"))
  }
}

private func addNaNReductions(to table: inout OperationTable) {
  table.add("nansum") { x, c in
    try c.cast(x) { $0.nansum(try c.axes(), keepDims: try c.keeps()) }
  }
  table.add("nanmean") { x, c in
    try c.cast(x) { $0.nanmean(try c.axes(), keepDims: try c.keeps()) }
  }
  table.several("nanmedian") { x, c in
    guard let dim = try c.optionalInt(1, "dim") else { return [x.nanmedian()] }
    let (values, indices) = x.nanmedian(dim, keepDims: try c.bool(2, "keepdim", false))
    return [values, indices]
  }
  table.add("nanquantile") { x, c in
    x.nanquantile(
      try c.number(1, "q"), try c.optionalInt(2, "dim"), keepDims: try c.bool(3, "keepdim", false),
      interpolation: try c.choice(nil, "interpolation", QuantileInterpolation.linear))
  }
  table.several("aminmax") { x, c in
    let (least, greatest) = x.aminmax(
      try c.optionalInt(nil, "dim"), keepDims: try c.bool(nil, "keepdim", false))
    return [least, greatest]
  }
  table.several("std_mean") { x, c in
    let (spread, mean) = x.stdMean(
      try c.axes(), correction: try c.correction(), keepDims: try c.keeps())
    return [spread, mean]
  }
  table.several("var_mean") { x, c in
    let (spread, mean) = x.varMean(
      try c.axes(), correction: try c.correction(), keepDims: try c.keeps())
    return [spread, mean]
  }
  table.several("std_mean.unbiased") { x, c in
    let (spread, mean) = x.stdMean(correction: try c.bool(1) ? 1 : 0)
    return [spread, mean]
  }
  table.several("var_mean.unbiased") { x, c in
    let (spread, mean) = x.varMean(correction: try c.bool(1) ? 1 : 0)
    return [spread, mean]
  }
  table["dist"] = { c in [try c.tensor(0).dist(try c.tensor(1), p: try c.number(2, "p", 2))] }
  table.add("cov") { x, c in
    x.cov(
      correction: try c.int(nil, "correction", 1), fweights: try c.optional(nil, "fweights"),
      aweights: try c.optional(nil, "aweights"))
  }
  table.unary("corrcoef") { $0.corrcoef() }
}
