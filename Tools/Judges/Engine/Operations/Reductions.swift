extension Call {
  /// The dimensions to reduce: none are all, and an empty list is all too.
  func axes(_ position: Int? = 1) throws -> [Int]? {
    let found = try optionalInts(position, "dim")
    return found?.isEmpty == true ? nil : found
  }

  func keeps(_ position: Int? = 2) throws -> Bool {
    try bool(position, "keepdim", false)
  }

  /// Calls a function on the operand in the type that `dtype` says, which is that of the result too.
  func cast(
    _ x: Tensor, _ position: Int? = nil, _ function: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    guard let dtype = try dtype(position, "dtype") else { return try function(x) }
    return try function(x.to(dtype)).to(dtype)
  }

  /// What is subtracted from the count, by either of PyTorch's names.
  func correction() throws -> Double {
    if case .bool(let isUnbiased)? = argument(nil, "unbiased") { return isUnbiased ? 1 : 0 }
    return try number(nil, "correction", 1)
  }
}

func addReductions(to table: inout OperationTable) {
  table.add("sum") { x, c in try c.cast(x) { $0.sum(try c.axes(), keepDims: try c.keeps()) } }
  table.add("mean") { x, c in try c.cast(x) { $0.mean(try c.axes(), keepDims: try c.keeps()) } }
  table.add("prod") { x, c in
    try c.cast(x) { $0.product(try c.axes(), keepDims: try c.keeps()) }
  }
  table.add("amax") { x, c in x.amax(try c.axes(), keepDims: try c.keeps()) }
  table.add("amin") { x, c in x.amin(try c.axes(), keepDims: try c.keeps()) }
  table.add("all") { x, c in x.all(try c.axes(), keepDims: try c.keeps()) }
  table.add("any") { x, c in x.any(try c.axes(), keepDims: try c.keeps()) }
  table.add("count_nonzero") { x, c in x.countNonzero(try c.axes()) }
  table.add("logsumexp") { x, c in x.logSumExp(try c.axes(), keepDims: try c.keeps()) }
  table.add("var") { x, c in
    x.variance(try c.axes(), correction: try c.correction(), keepDims: try c.keeps())
  }
  table.add("std") { x, c in
    x.standardDeviation(try c.axes(), correction: try c.correction(), keepDims: try c.keeps())
  }
  table.add("var.unbiased") { x, c in x.variance(correction: try c.bool(1) ? 1 : 0) }
  table.add("std.unbiased") { x, c in x.standardDeviation(correction: try c.bool(1) ? 1 : 0) }

  table["max.reduction_no_dim"] = { [try $0.tensor(0).max()] }
  table["min.reduction_no_dim"] = { [try $0.tensor(0).min()] }
  table.several("max.reduction_with_dim") { x, c in
    let (values, indices) = x.max(along: try c.int(1, "dim"), keepDims: try c.keeps())
    return [values, indices]
  }
  table.several("min.reduction_with_dim") { x, c in
    let (values, indices) = x.min(along: try c.int(1, "dim"), keepDims: try c.keeps())
    return [values, indices]
  }
  table.add("argmax") { x, c in x.argmax(try c.optionalInt(1, "dim"), keepDims: try c.keeps()) }
  table.add("argmin") { x, c in x.argmin(try c.optionalInt(1, "dim"), keepDims: try c.keeps()) }

  table.add("softmax") { x, c in try c.cast(x) { $0.softmax(try c.int(1, "dim")) } }
  table.add("log_softmax") { x, c in try c.cast(x) { $0.logSoftmax(try c.int(1, "dim")) } }
  table.add("nn.functional.softmin") { x, c in x.softmin(try c.int(1, "dim")) }
  table.add("cumsum") { x, c in try c.cast(x) { $0.cumsum(try c.int(1, "dim")) } }
  table.add("cumprod") { x, c in try c.cast(x) { $0.cumprod(try c.int(1, "dim")) } }

  addNorms(to: &table)
}

private func addNorms(to table: inout OperationTable) {
  /// A norm of vectors, with the order as a number or a word.
  @Sendable func norm(_ x: Tensor, _ c: Call, _ name: String, _ axes: [Int]?) throws -> Tensor {
    let keeps = try c.bool(3, "keepdim", false)
    switch c.argument(1, name) {
    case nil: return x.norm(axes, keepDims: keeps)
    case .text("inf")?: return x.norm(order: .infinity, axes, keepDims: keeps)
    case .text("-inf")?: return x.norm(order: -.infinity, axes, keepDims: keeps)
    case .text(let text)?: throw NotExpressible("\(name)='\(text)'")
    default: return x.norm(order: try c.number(1, name), axes, keepDims: keeps)
    }
  }
  table.add("norm") { x, c in
    try c.cast(x, 4) { try norm($0, c, "p", try c.axes(2)) }
  }
  table.add("linalg.vector_norm") { x, c in try c.cast(x) { try norm($0, c, "ord", try c.axes(2)) }
  }
  table.add("linalg.norm") { x, c in
    let axes = try c.axes(2)
    // Without an order the vector norm of all; with one, matrices have norms of their own.
    if c.argument(1, "ord") != nil, (axes?.count ?? x.rank) != 1 {
      throw NotExpressible("a norm of matrices")
    }
    return try c.cast(x) { try norm($0, c, "ord", axes) }
  }
  table.add("nn.functional.normalize") { x, c in
    x.normalize(
      p: try c.number(1, "p", 2), dim: try c.int(2, "dim", 1), eps: try c.number(3, "eps", 1e-12))
  }
  table["nn.functional.pairwise_distance"] = { c in
    [
      try c.tensor(0).pairwiseDistance(
        try c.tensor(1), order: try c.number(2, "p", 2), eps: try c.number(3, "eps", 1e-6),
        keepDims: try c.bool(4, "keepdim", false))
    ]
  }
  table["nn.functional.cosine_similarity"] = { c in
    [
      try c.tensor(0).cosineSimilarity(
        try c.tensor(1), try c.int(2, "dim", 1), eps: try c.number(3, "eps", 1e-8))
    ]
  }
  table["cdist"] = { c in
    c.ignore(3, "compute_mode")
    return [try c.tensor(0).cdist(try c.tensor(1), p: try c.number(2, "p", 2))]
  }
}
