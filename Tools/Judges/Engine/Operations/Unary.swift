func addUnary(to table: inout OperationTable) {
  table.unary("abs") { $0.abs() }
  table.unary("acos") { $0.acos() }
  table.unary("asin") { $0.asin() }
  table.unary("atan") { $0.atan() }
  table.unary("ceil") { $0.ceil() }
  table.unary("cos") { $0.cos() }
  table.unary("cosh") { $0.cosh() }
  table.unary("digamma") { $0.digamma() }
  table.unary("erf") { $0.erf() }
  table.unary("erfinv") { $0.erfinv() }
  table.unary("exp") { $0.exp() }
  table.unary("expm1") { $0.expm1() }
  table.unary("floor") { $0.floor() }
  table.unary("lgamma") { $0.lgamma() }
  table.unary("log") { $0.log() }
  table.unary("log10") { $0.log10() }
  table.unary("log1p") { $0.log1p() }
  table.unary("log2") { $0.log2() }
  table.unary("neg") { -$0 }
  table.unary("reciprocal") { $0.reciprocal() }
  table.unary("rsqrt") { $0.rsqrt() }
  table.unary("sigmoid") { $0.sigmoid() }
  table.unary("sign") { $0.sign() }
  table.unary("sin") { $0.sin() }
  table.unary("sinh") { $0.sinh() }
  table.unary("sqrt") { $0.sqrt() }
  table.unary("square") { $0.square() }
  table.unary("tan") { $0.tan() }
  table.unary("tanh") { $0.tanh() }
  table.unary("trunc") { $0.trunc() }
  table.unary("isnan") { $0.isNaN() }
  table.unary("isinf") { $0.isInfinite() }
  table.unary("isfinite") { $0.isFinite() }
  table.unary("clone") { $0.clone() }
  table.unary("contiguous") { $0.contiguous() }
  table.unary("double") { $0.double() }
  table.unary("float") { $0.float() }
  table.unary("half") { $0.half() }
  table.unary("bfloat16") { $0.bfloat16() }
  table.unary("long") { $0.long() }
  table.unary("int") { $0.int() }
  table.unary("bool") { $0.bool() }
  table.add("nan_to_num") { x, c in
    x.nanToNum(
      nan: try c.number(1, "nan", 0), posinf: try c.optionalNumber(2, "posinf"),
      neginf: try c.optionalNumber(3, "neginf"))
  }
  table.add("clamp") { x, c in try clamped(x, c) }
  table.add("clamp_min") { x, c in x.clamp(min: try c.tensor(1, "min")) }
  table.add("clamp_max") { x, c in x.clamp(min: nil, max: try c.tensor(1, "max")) }
  table.add("to") { x, c in
    // A device, a type or a tensor to be like; then whether to wait and to copy.
    var result = x
    for place in 1..<c.positional.count {
      switch c.argument(place) {
      case .dtype(let dtype)?: result = result.to(dtype)
      case .tensor(let other)?: result = result.to(other.dtype)
      default: continue
      }
    }
    c.ignore(nil, "memory_format")
    return result
  }
  table.add("item") { x, _ in
    switch x.dtype {
    case .bool: Tensor(NDArray(x.item(as: Bool.self)))
    case let dtype where dtype.isIntegral: Tensor(NDArray(x.to(.int64).item(as: Int64.self)))
    default: Tensor(NDArray(x.item() as Double))
    }
  }
}

/// `clamp` by tensors, numbers, or neither.
private func clamped(_ x: Tensor, _ c: Call) throws -> Tensor {
  let bounds = [c.argument(1, "min"), c.argument(2, "max")]
  if bounds.contains(where: { if case .tensor? = $0 { true } else { false } }) {
    return x.clamp(min: try c.optional(1, "min"), max: try c.optional(2, "max"))
  }
  switch (bounds[0], bounds[1]) {
  case (.int(let low)?, .int(let high)?): return x.clamp(min: low, max: high)
  case (.int(let low)?, nil): return x.clamp(min: low)
  case (nil, .int(let high)?): return x.clamp(max: high)
  default:
    return x.clamp(
      min: try c.number(1, "min", -.infinity), max: try c.number(2, "max", .infinity))
  }
}
