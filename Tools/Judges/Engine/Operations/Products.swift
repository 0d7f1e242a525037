func addProducts(to table: inout OperationTable) {
  table.pair("matmul") { $0.matmul($1) }
  table.pair("mm") { $0.mm($1) }
  table.pair("bmm") { $0.bmm($1) }
  table.pair("dot") { $0.dot($1) }
  table["nn.functional.linear"] = { c in
    [try c.tensor(0).linear(try c.tensor(1, "weight"), try c.optional(2, "bias"))]
  }
  table["nn.functional.bilinear"] = { c in
    [
      try c.tensor(0).bilinear(
        try c.tensor(1), try c.tensor(2, "weight"), try c.optional(3, "bias"))
    ]
  }
  table["einsum"] = { c in
    let operands = try c.list(0)
    return [Tensor.einsum(try c.text(1, "equation"), operands)]
  }
  table.unary("linalg.det") { $0.det() }
  table.unary("linalg.inv") { $0.inverse() }
  table.add("cholesky") { x, c in
    guard try !c.bool(1, "upper", false) else { throw NotExpressible("upper=True") }
    return x.cholesky()
  }
  table.add("linalg.cholesky") { x, c in
    guard try !c.bool(1, "upper", false) else { throw NotExpressible("upper=True") }
    return x.cholesky()
  }
  table["linalg.cross"] = { c in
    [try c.tensor(0).cross(try c.tensor(1), try c.int(2, "dim", -1))]
  }
  table["cross"] = { c in
    // Without a dimension PyTorch takes the first of length 3, which is deprecated there.
    guard c.argument(2, "dim") != nil else { throw NotExpressible("without dim") }
    return [try c.tensor(0).cross(try c.tensor(1), try c.int(2, "dim"))]
  }
  table["nn.functional.scaled_dot_product_attention"] = { c in
    [
      try c.tensor(0).scaledDotProductAttention(
        try c.tensor(1), try c.tensor(2), mask: try c.optional(3, "attn_mask"),
        dropout: try c.number(4, "dropout_p", 0), isCausal: try c.bool(5, "is_causal", false),
        scale: try c.optionalNumber(nil, "scale"))
    ]
  }
}
