func addShapes(to table: inout OperationTable) {
  table.add("reshape") { x, c in x.reshape(try c.ints(1, "shape")) }
  table.add("view") { x, c in x.view(try c.ints(1, "size")) }
  table.unary("ravel") { $0.ravel() }
  table.add("flatten") { x, c in
    x.flatten(try c.int(1, "start_dim", 0), try c.int(2, "end_dim", -1))
  }
  table.add("unflatten") { x, c in x.unflatten(try c.int(1, "dim"), try c.ints(2, "sizes")) }
  table.add("transpose") { x, c in x.transpose(try c.int(1, "dim0"), try c.int(2, "dim1")) }
  table.add("permute") { x, c in x.permute(try c.ints(1, "dims")) }
  table.unary("T") { $0.T }
  table.unary("mT") { $0.mT }
  table.unary("t") { $0.t() }
  table.add("movedim") { x, c in
    let (from, to) = (try c.ints(1, "source"), try c.ints(2, "destination"))
    guard from.count == 1, to.count == 1 else { throw NotExpressible("several dimensions") }
    return x.movedim(from[0], to[0])
  }
  table.add("expand") { x, c in x.expand(try c.ints(1, "size")) }
  table.pair("expand_as") { $0.expandAs($1) }
  table.add("broadcast_to") { x, c in x.broadcastTo(Shape(try c.ints(1, "size"))) }
  table.add("squeeze") { x, c in
    x.squeezed(try c.optionalInts(1, "dim"))
  }
  table.add("unsqueeze") { x, c in x.unsqueeze(try c.int(1, "dim")) }
  table.add("flip") { x, c in x.flip(try c.ints(1, "dims")) }
  table.add("roll") { x, c in
    let (shifts, dims) = (try c.ints(1, "shifts"), try c.optionalInts(2, "dims"))
    if dims?.isEmpty ?? true {
      guard shifts.count == 1 else { throw NotExpressible("several dimensions") }
      return x.roll(shifts[0])
    }
    guard let dims, dims.count == shifts.count else { throw NotExpressible("several shifts") }
    // One after the other, as PyTorch documents it.
    return zip(shifts, dims).reduce(x) { $0.roll($1.0, $1.1) }
  }
  table.add("repeat") { x, c in x.`repeat`(try c.ints(1, "repeats")) }
  table.add("tile") { x, c in x.tiled(try c.ints(1, "dims")) }
  table.add("narrow") { x, c in
    let start: Int
    if case .tensor(let place)? = c.argument(2, "start") {
      start = Int(place.item())
    } else {
      start = try c.int(2, "start")
    }
    return x.narrow(try c.int(1, "dim"), start, try c.int(3, "length"))
  }
  table.add("select") { x, c in x.select(try c.int(1, "dim"), try c.int(2, "index")) }
  table.add("slice") { x, c in
    let dim = try c.int(1, "dim", 0)
    let start = try c.optionalInt(2, "start")
    let end = try c.optionalInt(3, "end")
    let part: any TensorIndex = .slice(start, end, step: try c.int(4, "step", 1))
    // The brackets take lists of indices only as they are written.
    switch dim < 0 ? dim + x.rank : dim {
    case 0: return x[part]
    case 1: return x[.all, part]
    case 2: return x[.all, .all, part]
    default: throw NotExpressible("dimension \(dim)")
    }
  }
  table.several("chunk") { x, c in x.chunk(try c.int(1, "chunks"), try c.int(2, "dim", 0)) }
  table.several("split") { x, c in
    let axis = try c.int(2, "dim", 0)
    if case .int(let size)? = c.argument(1) { return x.split(size, dim: axis) }
    return x.split(try c.ints(1), dim: axis)
  }
  table.several("split_with_sizes") { x, c in
    x.split(try c.ints(1), dim: try c.int(2, "dim", 0))
  }
  table.several("unbind") { x, c in x.unbind(try c.int(1, "dim", 0)) }
  table.add("as_strided") { x, c in
    x.asStrided(
      try c.ints(1, "size"), try c.ints(2, "stride"),
      offset: try c.int(3, "storage_offset", 0))
  }
  table.add("diagonal") { x, c in
    x.diagonal(
      try c.int(1, "offset", 0), try c.int(2, "dim1", 0), try c.int(3, "dim2", 1))
  }
  table.add("linalg.diagonal") { x, c in
    x.diagonal(
      try c.int(1, "offset", 0), try c.int(2, "dim1", -2), try c.int(3, "dim2", -1))
  }
  table.add("tril") { x, c in x.tril(try c.int(1, "diagonal", 0)) }
  table.add("triu") { x, c in x.triu(try c.int(1, "diagonal", 0)) }
  table.add("unfold") { x, c in
    x.unfolded(try c.int(1, "dimension"), size: try c.int(2, "size"), step: try c.int(3, "step"))
  }
}

func addJoining(to table: inout OperationTable) {
  table["cat"] = { c in
    [Tensor.cat(try c.list(0), dim: try c.int(1, "dim", 0))]
  }
  table["stack"] = { c in
    [Tensor.stack(try c.list(0), dim: try c.int(1, "dim", 0))]
  }
  table["meshgrid"] = { c in
    let indexing = try c.text(nil, "indexing", "ij")
    var vectors = try c.argument(0).map { argument -> [Tensor] in
      if case .list = argument { return try c.list(0) }
      return [try c.tensor(0)]
    }
    for place in c.positional.indices.dropFirst() { vectors?.append(try c.tensor(place)) }
    guard indexing == "ij" else { throw NotExpressible("indexing='\(indexing)'") }
    switch vectors ?? [] {
    case let v where v.count == 1: return Tensor.meshgrid(v[0])
    case let v where v.count == 2: return Tensor.meshgrid(v[0], v[1])
    case let v where v.count == 3: return Tensor.meshgrid(v[0], v[1], v[2])
    case let v where v.count == 4: return Tensor.meshgrid(v[0], v[1], v[2], v[3])
    default: throw NotExpressible("so many vectors")
    }
  }
  table.pair("outer") { Tensor.outer($0, $1) }
}
