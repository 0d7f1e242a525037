/// Operations on places, and what is put together of parts.
func addPlaces(to table: inout OperationTable) {
  table.add("take") { x, c in x.take(try c.tensor(1, "index")) }
  table.add("take_along_dim") { x, c in
    x.takeAlongDim(try c.tensor(1, "indices"), try c.optionalInt(2, "dim"))
  }
  table.add("index_add") { x, c in
    let (dim, index) = (try c.int(1, "dim"), try c.tensor(2, "index"))
    let source = try c.tensor(3, "source")
    switch c.argument(nil, "alpha") {
    case nil: return x.indexAdd(dim, index, source)
    case .int(let alpha)?: return x.indexAdd(dim, index, source, alpha: alpha)
    default: return x.indexAdd(dim, index, source, alpha: try c.number(nil, "alpha"))
    }
  }
  table.add("index_copy") { x, c in
    x.indexCopy(try c.int(1, "dim"), try c.tensor(2, "index"), try c.tensor(3, "source"))
  }
  table.add("index_fill") { x, c in
    let (dim, index) = (try c.int(1, "dim"), try c.tensor(2, "index"))
    switch try Operand(c, 3, "value") {
    case .tensor(let value): return x.indexFill(dim, index, value)
    case .int(let value): return x.indexFill(dim, index, value)
    case .number(let value): return x.indexFill(dim, index, value)
    }
  }
  table.add("index_put") { x, c in
    guard case .list(let indices)? = c.argument(1, "indices") else {
      throw NotExpressible("indices")
    }
    let parts = try indices.map { index -> Tensor? in
      switch index {
      case .tensor(let tensor): return tensor
      case .none: return nil
      default: throw NotExpressible("an index that is \(index.kind)")
      }
    }
    return x.indexPut(
      parts, try c.tensor(2, "values"), accumulate: try c.bool(3, "accumulate", false))
  }
  table.add("masked_scatter") { x, c in
    x.maskedScatter(try c.tensor(1, "mask"), try c.tensor(2, "source"))
  }
  table.add("scatter_reduce") { x, c in
    x.scatterReduce(
      try c.int(1, "dim"), try c.tensor(2, "index"), try c.tensor(3, "src"),
      reduce: try c.choice(4, "reduce", .sum), includeSelf: try c.bool(nil, "include_self", true))
  }
  table.unary("msort") { $0.msort() }
  table["isin"] = { c in
    c.ignore(nil, "assume_unique")
    return [
      try Operand(c, 0, "elements").asTensor.isin(
        try Operand(c, 1, "test_elements").asTensor, invert: try c.bool(nil, "invert", false))
    ]
  }
  table.add("bucketize") { x, c in
    x.bucketize(try c.tensor(1, "boundaries"), right: try c.bool(nil, "right", false))
  }
  table.several("unique_consecutive") { x, c in
    let inverse = try c.bool(nil, "return_inverse", false)
    let counts = try c.bool(nil, "return_counts", false)
    let found = x.uniqueConsecutiveWithInverseAndCounts()
    return [found.values] + (inverse ? [found.inverse] : []) + (counts ? [found.counts] : [])
  }
  table.unary("argwhere") { $0.argwhere() }
  addStacks(to: &table)
  addLikenesses(to: &table)
}

private func addStacks(to table: inout OperationTable) {
  table["vstack"] = { c in [Tensor.vstack(try c.list(0))] }
  table["hstack"] = { c in [Tensor.hstack(try c.list(0))] }
  table["dstack"] = { c in [Tensor.dstack(try c.list(0))] }
  table["column_stack"] = { c in [Tensor.columnStack(try c.list(0))] }
  let makers: [(String, @Sendable (Tensor) -> Tensor)] = [
    ("atleast_1d", { $0.atleast1d() }), ("atleast_2d", { $0.atleast2d() }),
    ("atleast_3d", { $0.atleast3d() }),
  ]
  for (name, function) in makers {
    table[name] = { c in
      if case .list? = c.argument(0) { return try c.list(0).map(function) }
      return [function(try c.tensor(0))]
    }
  }
  table.several("tensor_split") { x, c in
    let axis = try c.int(2, "dim", 0)
    if case .tensor(let places)? = c.argument(1) {
      return places.rank == 0
        ? x.tensorSplit(Int(places), dim: axis) : x.tensorSplit([Int](places), dim: axis)
    }
    if case .int(let sections)? = c.argument(1) { return x.tensorSplit(sections, dim: axis) }
    return x.tensorSplit(try c.ints(1), dim: axis)
  }
  let splitters:
    [(String, @Sendable (Tensor, Int) -> [Tensor], @Sendable (Tensor, [Int]) -> [Tensor])] = [
      ("vsplit", { $0.vsplit($1) }, { $0.vsplit($1) }),
      ("hsplit", { $0.hsplit($1) }, { $0.hsplit($1) }),
      ("dsplit", { $0.dsplit($1) }, { $0.dsplit($1) }),
    ]
  for (name, evenly, between) in splitters {
    table.several(name) { x, c in
      if case .int(let sections)? = c.argument(1) { return evenly(x, sections) }
      return between(x, try c.ints(1))
    }
  }
  table.unary("fliplr") { $0.fliplr() }
  table.unary("flipud") { $0.flipud() }
  table.add("rot90") { x, c in
    x.rot90(try c.int(1, "k", 1), try c.optionalInts(2, "dims") ?? [0, 1])
  }
}

private func addLikenesses(to table: inout OperationTable) {
  table.pair("reshape_as") { $0.reshapeAs($1) }
  table.pair("view_as") { $0.viewAs($1) }
  table.unary("short") { $0.short() }
  table.unary("char") { $0.char() }
  table.unary("byte") { $0.byte() }
  table.add("new_zeros") { x, c in
    x.newZeros(Shape(try c.ints(1, "size")), dtype: try c.dtype(nil))
  }
  table.add("new_ones") { x, c in
    x.newOnes(Shape(try c.ints(1, "size")), dtype: try c.dtype(nil))
  }
  table.add("new_full") { x, c in
    let (shape, dtype) = (Shape(try c.ints(1, "size")), try c.dtype(nil))
    switch try Operand(c, 2, "fill_value") {
    case .tensor: throw NotExpressible("fill_value is a tensor")
    case .int(let value): return x.newFull(shape, value, dtype: dtype)
    case .number(let value): return x.newFull(shape, value, dtype: dtype)
    }
  }
  table["eye"] = { c in
    let rows = try c.int(0, "n")
    return [Tensor.eye(rows, try c.int(1, "m", rows), dtype: try c.dtype(nil) ?? .float32)]
  }
  table["tril_indices"] = { c in
    [
      Tensor.trilIndices(
        try c.int(0, "row"), try c.int(1, "col"), offset: try c.int(2, "offset", 0),
        dtype: try c.dtype(nil) ?? .int64)
    ]
  }
  table["triu_indices"] = { c in
    [
      Tensor.triuIndices(
        try c.int(0, "row"), try c.int(1, "col"), offset: try c.int(2, "offset", 0),
        dtype: try c.dtype(nil) ?? .int64)
    ]
  }
  table["logspace"] = { c in
    [
      Tensor.logspace(
        try c.number(0, "start"), try c.number(1, "end"), try c.int(2, "steps"),
        base: try c.number(3, "base", 10), dtype: try c.dtype(nil) ?? .float32)
    ]
  }
}
