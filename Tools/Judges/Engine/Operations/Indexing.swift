func addIndexing(to table: inout OperationTable) {
  table.add("index_select") { x, c in
    x.indexSelect(try c.int(1, "dim"), try c.tensor(2, "index"))
  }
  table.add("gather") { x, c in x.gather(try c.int(1, "dim"), try c.tensor(2, "index")) }
  table.add("scatter") { x, c in
    let (dim, index) = (try c.int(1, "dim"), try c.tensor(2, "index"))
    switch try Operand(c, 3, "src") {
    case .tensor(let source): return x.scatter(dim, index, source)
    case .int(let value): return x.scatter(dim, index, value)
    case .number(let value): return x.scatter(dim, index, value)
    }
  }
  table.add("scatter_add") { x, c in
    x.scatterAdd(try c.int(1, "dim"), try c.tensor(2, "index"), try c.tensor(3, "src"))
  }
  table.add("masked_select") { x, c in x.maskedSelect(try c.tensor(1, "mask")) }
  table.add("nonzero") { x, _ in x.nonzero() }
  table.add("__getitem__") { x, c in try indexed(x, c.argument(1)) }
  table["nn.functional.embedding"] = { c in
    // The sample's input is the matrix: its operation exchanges the first two.
    let (weight, indices) = (try c.tensor(0), try c.tensor(1))
    return [
      indices.embedding(
        weight, paddingIndex: try c.optionalInt(nil, "padding_idx"),
        maxNorm: try c.optionalNumber(nil, "max_norm"),
        normType: try c.optionalNumber(nil, "norm_type") ?? 2,
        scaleGradByFreq: try c.bool(nil, "scale_grad_by_freq", false))
    ]
  }
  table["nn.functional.embedding_bag"] = { c in
    // As with embeddings, the sample's input is the matrix.
    let (weight, indices) = (try c.tensor(0), try c.tensor(1))
    return [
      indices.embeddingBag(
        weight, offsets: try c.optional(nil, "offsets"),
        maxNorm: try c.optionalNumber(nil, "max_norm"),
        normType: try c.optionalNumber(nil, "norm_type") ?? 2,
        scaleGradByFreq: try c.bool(nil, "scale_grad_by_freq", false),
        mode: try c.choice(nil, "mode", .mean),
        perSampleWeights: try c.optional(nil, "per_sample_weights"),
        includeLastOffset: try c.bool(nil, "include_last_offset", false),
        paddingIndex: try c.optionalInt(nil, "padding_idx"))
    ]
  }
  table.add("nn.functional.one_hot") { x, c in
    let classes = try c.int(1, "num_classes", -1)
    guard classes >= 0 else { throw NotExpressible("as many classes as there are") }
    return x.oneHot(classes)
  }
}

/// An index between brackets.
private func index(_ argument: Argument) throws -> any TensorIndex {
  switch argument {
  case .int(let place): return place
  case .slice(let from, let to, let step): return .slice(from, to, step: step ?? 1)
  case .tensor(let tensor): return tensor
  case .none: return .newAxis
  case .ellipsis: return .ellipsis
  case .list(let parts):
    return try parts.map { part -> Int in
      guard case .int(let place) = part else { throw NotExpressible("an index of lists") }
      return place
    }
  default: throw NotExpressible("an index that is \(argument.kind)")
  }
}

private func indexed(_ x: Tensor, _ argument: Argument?) throws -> Tensor {
  guard case .list(let parts)? = argument else {
    return x[try argument.map(index) ?? .newAxis]
  }
  // A list of integers is one index in Python, and a tuple several: the sample does not say which.
  if parts.allSatisfy({ if case .int = $0 { true } else { false } }) {
    throw NotExpressible("a list or tuple of integers")
  }
  let all = try parts.map(index)
  switch all.count {
  case 1: return x[all[0]]
  case 2: return x[all[0], all[1]]
  case 3: return x[all[0], all[1], all[2]]
  case 4: return x[all[0], all[1], all[2], all[3]]
  case 5: return x[all[0], all[1], all[2], all[3], all[4]]
  default: throw NotExpressible("\(all.count) indices")
  }
}

func addSelection(to table: inout OperationTable) {
  table.several("sort") { x, c in
    c.ignore(nil, "stable")
    let (values, indices) = x.sort(
      try c.int(1, "dim", -1), descending: try c.bool(2, "descending", false))
    return [values, indices]
  }
  table.add("argsort") { x, c in
    c.ignore(nil, "stable")
    return x.argsort(try c.int(1, "dim", -1), descending: try c.bool(2, "descending", false))
  }
  table.several("topk") { x, c in
    let isSorted = try c.bool(4, "sorted", true)
    guard isSorted else { throw NotExpressible("sorted=False") }
    let (values, indices) = x.topk(
      try c.int(1, "k"), try c.int(2, "dim", -1), largest: try c.bool(3, "largest", true))
    return [values, indices]
  }
  table.several("kthvalue") { x, c in
    let (values, indices) = x.kthvalue(
      try c.int(1, "k"), try c.int(2, "dim", -1), keepDims: try c.bool(3, "keepdim", false))
    return [values, indices]
  }
  table.several("median") { x, c in
    guard let dim = try c.optionalInt(1, "dim") else { return [x.median()] }
    let (values, indices) = x.median(dim, keepDims: try c.bool(2, "keepdim", false))
    return [values, indices]
  }
  table.add("quantile") { x, c in
    x.quantile(
      try c.number(1, "q"), try c.optionalInt(2, "dim"), keepDims: try c.bool(3, "keepdim", false),
      interpolation: try c.choice(nil, "interpolation", QuantileInterpolation.linear))
  }
  table.several("unique") { x, c in
    // Sorted or not, the order is that of the values here.
    guard try c.bool(nil, "sorted", true) else { throw NotExpressible("sorted=False") }
    let inverse = try c.bool(nil, "return_inverse", false)
    let counts = try c.bool(nil, "return_counts", false)
    if !inverse, !counts { return [x.unique()] }
    let found = x.uniqueWithInverseAndCounts()
    return [found.values] + (inverse ? [found.inverse] : []) + (counts ? [found.counts] : [])
  }
  table.add("bincount") { x, c in
    x.bincount(weights: try c.optional(1, "weights"), minLength: try c.int(2, "minlength", 0))
  }
  table.add("histc") { x, c in
    x.histc(
      try c.int(1, "bins", 100), min: try c.number(2, "min", 0), max: try c.number(3, "max", 0))
  }
  table["searchsorted"] = { c in
    let side = try c.text(nil, "side", "left")
    let isRight = try c.bool(nil, "right", false) || side == "right"
    return [try c.tensor(0).searchsorted(try c.tensor(1), right: isRight)]
  }
  table.add("repeat_interleave") { x, c in
    x.repeatInterleave(try c.int(1, "repeats"), try c.optionalInt(2, "dim"))
  }
}
