/// Products, diagonals and equations of matrices.
func addMatrices(to table: inout OperationTable) {
  table.pair("inner") { $0.inner($1) }
  table.pair("kron") { $0.kron($1) }
  table.pair("mv") { $0.mv($1) }
  table.pair("vdot") { $0.vdot($1) }
  table["tensordot"] = { c in
    let (x, y) = (try c.tensor(0), try c.tensor(1))
    switch c.argument(nil, "dims") {
    case .int(let count)?:
      return [x.tensordot(y, Array(x.rank - count..<x.rank), Array(0..<count))]
    case .list(let lists)?:
      let axes = try lists.map { list -> [Int] in
        guard case .list(let parts) = list else { throw NotExpressible("dims") }
        return try parts.map {
          guard case .int(let axis) = $0 else { throw NotExpressible("dims") }
          return axis
        }
      }
      guard axes.count == 2 else { throw NotExpressible("dims") }
      return [x.tensordot(y, axes[0], axes[1])]
    default: throw NotExpressible("dims")
    }
  }
  blends(&table, "addmm") { x, a, b, beta, alpha in x.addmm(a, b, beta: beta, alpha: alpha) }
  blends(&table, "addmv") { x, a, b, beta, alpha in x.addmv(a, b, beta: beta, alpha: alpha) }
  blends(&table, "baddbmm") { x, a, b, beta, alpha in x.baddbmm(a, b, beta: beta, alpha: alpha) }
  blends(&table, "addbmm") { x, a, b, beta, alpha in x.addbmm(a, b, beta: beta, alpha: alpha) }
  blends(&table, "addr") { x, a, b, beta, alpha in x.addr(a, b, beta: beta, alpha: alpha) }

  table.unary("trace") { $0.trace() }
  table.add("diag") { x, c in x.diag(try c.int(1, "diagonal", 0)) }
  table.add("diagflat") { x, c in x.diagflat(try c.int(1, "offset", 0)) }
  table.add("diag_embed") { x, c in
    x.diagEmbed(try c.int(1, "offset", 0), try c.int(2, "dim1", -2), try c.int(3, "dim2", -1))
  }
  table.unary("H") { $0.H }
  table.unary("mH") { $0.mH }

  table.unary("logdet") { $0.logdet() }
  table.several("linalg.slogdet") { x, _ in
    let (sign, logarithm) = x.slogdet()
    return [sign, logarithm]
  }
  table["linalg.solve"] = { c in
    [try c.tensor(0).solve(try c.tensor(1), left: try c.bool(nil, "left", true))]
  }
  table["linalg.solve_triangular"] = { c in
    [
      try c.tensor(0).solveTriangular(
        try c.tensor(1), upper: try c.bool(nil, "upper"), left: try c.bool(nil, "left", true),
        unitriangular: try c.bool(nil, "unitriangular", false))
    ]
  }
  table.add("linalg.matrix_power") { x, c in x.matrixPower(try c.int(1, "n")) }
  table["linalg.multi_dot"] = { c in [Tensor.multiDot(try c.list(0))] }
  table.add("linalg.matrix_norm") { x, c in
    let dims = try c.optionalInts(2, "dim") ?? [-2, -1]
    guard dims.count == 2 else { throw NotExpressible("dim") }
    let keeps = try c.bool(3, "keepdim", false)
    return try c.cast(x) { x in
      switch c.argument(1, "ord") {
      case nil, .text("fro")?: return x.matrixNorm(dim: (dims[0], dims[1]), keepdim: keeps)
      case .text(let text)?: throw NotExpressible("ord='\(text)'")
      default:
        let order = try c.number(1, "ord")
        guard abs(order) != 2 else { throw NotExpressible("ord=\(order)") }
        return x.matrixNorm(order, dim: (dims[0], dims[1]), keepdim: keeps)
      }
    }
  }
}

/// An operation with `beta` and `alpha`, each a whole number or not.
private func blends(
  _ table: inout OperationTable, _ name: String,
  _ function:
    @escaping @Sendable (Tensor, Tensor, Tensor, any TensorNumber, any TensorNumber) -> Tensor
) {
  table[name] = { c in
    func factor(_ name: String) throws -> any TensorNumber {
      switch c.argument(nil, name) {
      case nil: 1
      case .int(let number)?: number
      case .bool(let truth)?: truth ? 1 : 0
      default: try c.number(nil, name)
      }
    }
    return [
      function(
        try c.tensor(0), try c.tensor(1), try c.tensor(2), try factor("beta"), try factor("alpha"))
    ]
  }
}
