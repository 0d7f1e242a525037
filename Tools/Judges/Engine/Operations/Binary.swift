/// The other operand: a tensor or a number.
enum Operand {
  case tensor(Tensor)
  case int(Int)
  case number(Double)

  init(_ c: Call, _ position: Int, _ name: String = "other") throws {
    switch c.argument(position, name) {
    case .tensor(let tensor)?: self = .tensor(tensor)
    case .int(let number)?: self = .int(number)
    case .number(let number)?: self = .number(number)
    case let other: throw NotExpressible("\(name) is \(other?.kind ?? "None")")
    }
  }

  /// The operand as a tensor without dimensions, of the type that Python's number has.
  var asTensor: Tensor {
    switch self {
    case .tensor(let tensor): tensor
    case .int(let number): Tensor(number)
    case .number(let number): Tensor(number)
    }
  }
}

extension OperationTable {
  /// An operation between tensors, and between tensors and numbers.
  mutating func binary(
    _ name: String, _ tensors: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ whole: (@Sendable (Tensor, Int) -> Tensor)? = nil,
    _ number: (@Sendable (Tensor, Double) -> Tensor)? = nil
  ) {
    self[name] = { c in
      let x = try c.tensor(0)
      switch try Operand(c, 1) {
      case .tensor(let other): return [tensors(x, other)]
      case .int(let other):
        guard let whole else { throw NotExpressible("other is an integer") }
        return [whole(x, other)]
      case .number(let other):
        guard let number else { throw NotExpressible("other is a float") }
        return [number(x, other)]
      }
    }
  }
}

func addBinary(to table: inout OperationTable) {
  for name in ["add", "sub", "rsub"] {
    // With alpha, which multiplies what is added or subtracted.
    table[name] = { c in
      let (x, y) = (try c.tensor(0), try Operand(c, 1))
      let other = name == "rsub" ? x : y.asTensor
      let scaled: Tensor =
        switch c.argument(nil, "alpha") {
        case nil: other
        case .int(let factor)?: other * factor
        default: other * (try c.number(nil, "alpha"))
        }
      if name == "rsub" { return [y.asTensor - scaled] }
      return [name == "add" ? x + scaled : x - scaled]
    }
  }
  table.binary("mul", { $0 * $1 }, { $0 * $1 }, { $0 * $1 })
  table.binary("true_divide", { $0 / $1 }, { $0 / $1 }, { $0 / $1 })
  table.binary("div.no_rounding_mode", { $0 / $1 }, { $0 / $1 }, { $0 / $1 })
  table.pair("floor_divide") { $0.floorDivide($1) }
  table.binary("remainder", { $0.remainder($1) }, { $0 % $1 }, { $0 % $1 })
  table.binary("pow", { $0.pow($1) }, { $0.pow($1) }, { $0.pow($1) })
  table.pair("atan2") { $0.atan2($1) }
  table.pair("maximum") { Tensor.maximum($0, $1) }
  table.pair("minimum") { Tensor.minimum($0, $1) }
  table.pair("max.binary") { $0.max($1) }
  table.pair("min.binary") { $0.min($1) }

  table.binary("__radd__", { $1 + $0 }, { $1 + $0 }, { $1 + $0 })
  table.binary("__rsub__", { $1 - $0 }, { $1 - $0 }, { $1 - $0 })
  table.binary("__rmul__", { $1 * $0 }, { $1 * $0 }, { $1 * $0 })
  // As PyTorch's operator is defined.
  table.binary("__rdiv__", { $0.reciprocal() * $1 }, { $1 / $0 }, { $1 / $0 })
  table.binary(
    "__rpow__", { $1 ** $0 }, { Tensor($1).pow($0) },
    { exponents, base in
      let dtype = exponents.dtype.isFloatingPoint ? exponents.dtype : .float32
      return Tensor.full([], base, dtype: dtype).pow(exponents)
    })
  table.pair("__rmatmul__") { $1.matmul($0) }

  table.binary("eq", { $0 .== $1 }, { $0 == $1 }, { $0 == $1 })
  table.binary("ne", { $0 .!= $1 }, { $0 != $1 }, { $0 != $1 })
  table.binary("lt", { $0 .< $1 }, { $0 < $1 }, { $0 < $1 })
  table.binary("le", { $0 .<= $1 }, { $0 <= $1 }, { $0 <= $1 })
  table.binary("gt", { $0 .> $1 }, { $0 > $1 }, { $0 > $1 })
  table.binary("ge", { $0 .>= $1 }, { $0 >= $1 }, { $0 >= $1 })

  addLogic(to: &table)
  table["allclose"] = { c in
    let (x, y) = (try c.tensor(0), try c.tensor(1))
    let isClose = x.allclose(
      y, rtol: try c.number(2, "rtol", 1e-5), atol: try c.number(3, "atol", 1e-8),
      equalNaN: try c.bool(4, "equal_nan", false))
    return [Tensor(isClose)]
  }
  table["equal"] = { [Tensor(Tensor.equal(try $0.tensor(0), try $0.tensor(1)))] }
}

/// The operations of masks and of the bits of integers.
private func addLogic(to table: inout OperationTable) {
  table.pair("logical_and") { $0.logicalAnd($1) }
  table.pair("logical_or") { $0.logicalOr($1) }
  table.pair("logical_xor") { $0.logicalXor($1) }
  table.unary("logical_not") { $0.logicalNot() }
  table.binary("bitwise_and", { $0.bitwiseAnd($1) }, { $0.bitwiseAnd($1) })
  table.binary("bitwise_or", { $0.bitwiseOr($1) }, { $0.bitwiseOr($1) })
  table.binary("bitwise_xor", { $0.bitwiseXor($1) }, { $0.bitwiseXor($1) })
  table.unary("bitwise_not") { $0.bitwiseNot() }
  table.binary(
    "bitwise_left_shift", { $0.bitwiseLeftShift($1) }, { $0.bitwiseLeftShift($1) })
  table.binary(
    "bitwise_right_shift", { $0.bitwiseRightShift($1) }, { $0.bitwiseRightShift($1) })
}

func addBlending(to table: inout OperationTable) {
  table.add("lerp") { x, c in
    let end = try c.tensor(1, "end")
    switch c.argument(2, "weight") {
    case .tensor(let weight)?: return x.lerp(end, weight)
    default: return x.lerp(end, try c.number(2, "weight"))
    }
  }
  table.add("addcmul") { x, c in
    x.addcmul(
      try c.tensor(1, "tensor1"), try c.tensor(2, "tensor2"), value: try c.number(3, "value", 1))
  }
  table.add("addcdiv") { x, c in
    x.addcdiv(
      try c.tensor(1, "tensor1"), try c.tensor(2, "tensor2"), value: try c.number(3, "value", 1))
  }
  // The sample's input is the value for true: its operation exchanges the first two.
  table["where"] = { c in
    let (x, condition) = (try Operand(c, 0, "input"), try c.tensor(1, "condition"))
    switch (x, try Operand(c, 2)) {
    case (.tensor(let x), .tensor(let y)): return [Tensor.where(condition, x, y)]
    case (.tensor(let x), .int(let y)): return [Tensor.where(condition, x, y)]
    case (.tensor(let x), .number(let y)): return [Tensor.where(condition, x, y)]
    case (.int(let x), .tensor(let y)): return [Tensor.where(condition, x, y)]
    case (.number(let x), .tensor(let y)): return [Tensor.where(condition, x, y)]
    default: throw NotExpressible("two numbers")
    }
  }
  table.add("masked_fill") { x, c in
    let mask = try c.tensor(1, "mask")
    switch try Operand(c, 2, "value") {
    case .tensor: throw NotExpressible("value is a tensor")
    case .int(let value): return x.maskedFill(mask, Double(value))
    case .number(let value): return x.maskedFill(mask, value)
    }
  }
}
