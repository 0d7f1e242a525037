extension Call {
  /// The padding as numbers, or as the words `valid` and `same`.
  fileprivate func padding(_ position: Int, _ count: Int) throws -> [Int] {
    switch argument(position, "padding") {
    case .text("valid")?: return Array(repeating: 0, count: count)
    case .text(let word)?: throw NotExpressible("padding='\(word)'")
    default:
      let found = try optionalInts(position, "padding") ?? [0]
      return found.count == 1 ? Array(repeating: found[0], count: count) : found
    }
  }
}

func addConvolutions(to table: inout OperationTable) {
  let prefix = "nn.functional."
  table.add(prefix + "conv1d") { x, c in
    x.conv1d(
      try c.tensor(1, "weight"), try c.optional(2, "bias"), stride: try c.single(3, "stride", 1),
      padding: try c.padding(4, 1)[0], dilation: try c.single(5, "dilation", 1),
      groups: try c.int(6, "groups", 1))
  }
  table.add(prefix + "conv2d") { x, c in
    let padding = try c.padding(4, 2)
    return x.conv2d(
      try c.tensor(1, "weight"), try c.optional(2, "bias"), stride: try c.pair(3, "stride", 1),
      padding: (padding[0], padding[1]), dilation: try c.pair(5, "dilation", 1),
      groups: try c.int(6, "groups", 1))
  }
  table.add(prefix + "conv3d") { x, c in
    let padding = try c.padding(4, 3)
    return x.conv3d(
      try c.tensor(1, "weight"), try c.optional(2, "bias"), stride: try c.triple(3, "stride", 1),
      padding: (padding[0], padding[1], padding[2]), dilation: try c.triple(5, "dilation", 1),
      groups: try c.int(6, "groups", 1))
  }
  table.add(prefix + "conv_transpose1d") { x, c in
    x.convTranspose1d(
      try c.tensor(1, "weight"), try c.optional(2, "bias"), stride: try c.single(3, "stride", 1),
      padding: try c.single(4, "padding", 0),
      outputPadding: try c.single(5, "output_padding", 0), groups: try c.int(6, "groups", 1),
      dilation: try c.single(7, "dilation", 1))
  }
  table.add(prefix + "conv_transpose2d") { x, c in
    x.convTranspose2d(
      try c.tensor(1, "weight"), try c.optional(2, "bias"), stride: try c.pair(3, "stride", 1),
      padding: try c.pair(4, "padding", 0), outputPadding: try c.pair(5, "output_padding", 0),
      groups: try c.int(6, "groups", 1), dilation: try c.pair(7, "dilation", 1))
  }
  table.add(prefix + "conv_transpose3d") { x, c in
    x.convTranspose3d(
      try c.tensor(1, "weight"), try c.optional(2, "bias"), stride: try c.triple(3, "stride", 1),
      padding: try c.triple(4, "padding", 0), outputPadding: try c.triple(5, "output_padding", 0),
      groups: try c.int(6, "groups", 1), dilation: try c.triple(7, "dilation", 1))
  }
  table.add(prefix + "unfold") { x, c in
    x.unfolded(
      try c.pair(1, "kernel_size", 1), dilation: try c.pair(2, "dilation", 1),
      padding: try c.pair(3, "padding", 0), stride: try c.pair(4, "stride", 1))
  }
}
