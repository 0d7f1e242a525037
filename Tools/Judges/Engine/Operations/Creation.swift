func addCreation(to table: inout OperationTable) {
  table["zeros"] = { c in
    [Tensor.zeros(Shape(try c.ints(0, "size")), dtype: try c.dtype(nil) ?? .float32)]
  }
  table["ones"] = { c in
    [Tensor.ones(Shape(try c.ints(0, "size")), dtype: try c.dtype(nil) ?? .float32)]
  }
  table["full"] = { c in
    let (shape, dtype) = (Shape(try c.ints(0, "size")), try c.dtype(nil))
    switch c.argument(1, "fill_value") {
    case .int(let value)?: return [Tensor.full(shape, value, dtype: dtype ?? .int64)]
    case .bool: throw NotExpressible("fill_value is a truth value")
    default: return [Tensor.full(shape, try c.number(1), dtype: dtype ?? .float32)]
    }
  }
  table.add("zeros_like") { x, c in Tensor.zeros(like: x, dtype: try c.dtype(nil)) }
  table.add("ones_like") { x, c in Tensor.ones(like: x, dtype: try c.dtype(nil)) }
  table.add("full_like") { x, c in
    if case .bool? = c.argument(1, "fill_value") {
      throw NotExpressible("fill_value is a truth value")
    }
    return Tensor.full(like: x, try c.number(1, "fill_value"), dtype: try c.dtype(nil))
  }
  table["arange"] = { c in
    let dtype = try c.dtype(nil)
    let hasEnd = c.positional.count > 1 || c.argument(nil, "end") != nil
    let numbers = [
      hasEnd ? c.argument(0) : .int(0), hasEnd ? c.argument(1, "end") : c.argument(0),
      c.argument(2, "step") ?? .int(1),
    ]
    let whole = numbers.compactMap { argument -> Int? in
      switch argument {
      case .int(let number)?: number
      case .bool(let truth)?: truth ? 1 : 0
      default: nil
      }
    }
    if whole.count == 3 {
      return [Tensor.arange(whole[0], whole[1], whole[2], dtype: dtype ?? .int64)]
    }
    let real = try numbers.map { argument -> Double in
      switch argument {
      case .int(let number)?: return Double(number)
      case .number(let number)?: return number
      default: throw NotExpressible("a bound")
      }
    }
    return [Tensor.arange(real[0], real[1], real[2], dtype: dtype ?? .float32)]
  }
  table["linspace"] = { c in
    [
      Tensor.linspace(
        try c.number(0, "start"), try c.number(1, "end"), try c.int(2, "steps"),
        dtype: try c.dtype(nil) ?? .float32)
    ]
  }
  table["randn"] = { c in
    [Tensor.randn(Shape(try c.ints(0, "size")), dtype: try c.dtype(nil) ?? .float32)]
  }
  table["randint"] = { c in
    // low is left out where it is 0.
    let hasLow: Bool = if case .int? = c.argument(1) { true } else { false }
    let low = hasLow ? try c.int(0) : 0
    let high = try c.int(hasLow ? 1 : 0, "high")
    let shape = Shape(try c.ints(hasLow ? 2 : 1, "size"))
    return [Tensor.randint(low, high, shape, dtype: try c.dtype(nil) ?? .int64)]
  }
  table["normal"] = { c in
    guard case .number? = c.argument(0), c.argument(2) != nil else {
      throw NotExpressible("mean or std is a tensor")
    }
    let dtype = try c.dtype(nil) ?? .float32
    guard dtype == .float32 else { throw NotExpressible("dtype=\(dtype)") }
    // The operation of `op_db` exchanges the first two.
    return [Tensor.normal(try c.number(1), try c.number(0), Shape(try c.ints(2, "size")))]
  }
  table.add("bernoulli") { x, _ in Tensor.bernoulli(x) }
  table.add("multinomial") { x, c in
    x.multinomial(try c.int(1, "num_samples"), replacement: try c.bool(2, "replacement", false))
  }
  // No rand_like: that of `op_db` calls randn_like.
  table.add("randn_like") { x, c in
    guard try c.dtype(nil) == nil else { throw NotExpressible("dtype") }
    return Tensor.randn(like: x)
  }
}
