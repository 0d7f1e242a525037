func addPooling(to table: inout OperationTable) {
  let prefix = "nn.functional."
  // The arguments of maximum pooling: size, stride, padding, dilation, ceil_mode, return_indices.
  table.several(prefix + "max_pool1d") { x, c in
    let size = try c.single(1, "kernel_size", 1)
    let (values, indices) = x.maxPool1dWithIndices(
      size, stride: try c.stride(2, "stride", like: size), padding: try c.single(3, "padding", 0),
      dilation: try c.single(4, "dilation", 1), ceilMode: try c.bool(5, "ceil_mode", false))
    return try c.bool(nil, "return_indices", false) ? [values, indices] : [values]
  }
  table.several(prefix + "max_pool2d") { x, c in
    let size = try c.pair(1, "kernel_size", 1)
    let (stride, padding) = (try c.stride2(2), try c.pair(3, "padding", 0))
    let (dilation, ceil) = (try c.pair(4, "dilation", 1), try c.bool(5, "ceil_mode", false))
    guard try c.bool(6, "return_indices", false) else {
      return [
        x.maxPool2d(size, stride: stride, padding: padding, dilation: dilation, ceilMode: ceil)
      ]
    }
    let (values, indices) = x.maxPool2dWithIndices(
      size, stride: stride, padding: padding, dilation: dilation, ceilMode: ceil)
    return [values, indices]
  }
  table.several(prefix + "max_pool3d") { x, c in
    let size = try c.triple(1, "kernel_size", 1)
    let (values, indices) = x.maxPool3dWithIndices(
      size, stride: try c.stride3(2), padding: try c.triple(3, "padding", 0),
      dilation: try c.triple(4, "dilation", 1), ceilMode: try c.bool(5, "ceil_mode", false))
    return try c.bool(nil, "return_indices", false) ? [values, indices] : [values]
  }
  // Those of mean pooling: size, stride, padding, ceil_mode, count_include_pad, divisor_override.
  table.add(prefix + "avg_pool1d") { x, c in
    let size = try c.single(1, "kernel_size", 1)
    return x.avgPool1d(
      size, stride: try c.stride(2, "stride", like: size), padding: try c.single(3, "padding", 0),
      ceilMode: try c.bool(4, "ceil_mode", false),
      countIncludePad: try c.bool(5, "count_include_pad", true))
  }
  table.add(prefix + "avg_pool2d") { x, c in
    x.avgPool2d(
      try c.pair(1, "kernel_size", 1), stride: try c.stride2(2),
      padding: try c.pair(3, "padding", 0),
      ceilMode: try c.bool(4, "ceil_mode", false),
      countIncludePad: try c.bool(5, "count_include_pad", true),
      divisorOverride: try c.optionalInt(6, "divisor_override"))
  }
  table.add(prefix + "avg_pool3d") { x, c in
    x.avgPool3d(
      try c.triple(1, "kernel_size", 1), stride: try c.stride3(2),
      padding: try c.triple(3, "padding", 0), ceilMode: try c.bool(4, "ceil_mode", false),
      countIncludePad: try c.bool(5, "count_include_pad", true))
  }
  table.add(prefix + "adaptive_avg_pool1d") { x, c in
    x.adaptiveAvgPool1d(try c.single(1, "output_size", 1))
  }
  table.add(prefix + "adaptive_avg_pool2d") { x, c in
    let size = try c.partialLengths(1, "output_size", 2)
    return x.adaptiveAvgPool2d((size[0], size[1]))
  }
  table.add(prefix + "adaptive_avg_pool3d") { x, c in
    let size = try c.partialLengths(1, "output_size", 3)
    return x.adaptiveAvgPool3d((size[0], size[1], size[2]))
  }
  table.several(prefix + "adaptive_max_pool1d") { x, c in
    let (values, indices) = x.adaptiveMaxPool1dWithIndices(try c.single(1, "output_size", 1))
    return try c.bool(2, "return_indices", false) ? [values, indices] : [values]
  }
  table.several(prefix + "adaptive_max_pool2d") { x, c in
    let size = try c.partialLengths(1, "output_size", 2)
    guard try c.bool(2, "return_indices", false) else {
      return [x.adaptiveMaxPool2d((size[0], size[1]))]
    }
    let (values, indices) = x.adaptiveMaxPool2dWithIndices((size[0], size[1]))
    return [values, indices]
  }
  table.several(prefix + "adaptive_max_pool3d") { x, c in
    let size = try c.partialLengths(1, "output_size", 3)
    let (values, indices) = x.adaptiveMaxPool3dWithIndices((size[0], size[1], size[2]))
    return try c.bool(2, "return_indices", false) ? [values, indices] : [values]
  }
  // The inverses: indices, size, stride, padding, output_size, of which the last numbers count.
  for suffix in ["", ".grad"] {
    addUnpooling(to: &table, suffix)
  }
}

private func addUnpooling(to table: inout OperationTable, _ suffix: String) {
  let prefix = "nn.functional."
  table.add(prefix + "max_unpool1d" + suffix) { x, c in
    let size = try c.single(2, "kernel_size", 1)
    return x.maxUnpool1d(
      try c.tensor(1, "indices"), size, stride: try c.stride(3, "stride", like: size),
      padding: try c.single(4, "padding", 0),
      outputSize: try c.optionalInts(5, "output_size")?.last)
  }
  table.add(prefix + "max_unpool2d" + suffix) { x, c in
    let output = try c.optionalInts(5, "output_size").map { Array($0.suffix(2)) }
    return x.maxUnpool2d(
      try c.tensor(1, "indices"), try c.pair(2, "kernel_size", 1), stride: try c.stride2(3),
      padding: try c.pair(4, "padding", 0), outputSize: output.map { ($0[0], $0[1]) })
  }
  table.add(prefix + "max_unpool3d" + suffix) { x, c in
    let output = try c.optionalInts(5, "output_size").map { Array($0.suffix(3)) }
    return x.maxUnpool3d(
      try c.tensor(1, "indices"), try c.triple(2, "kernel_size", 1), stride: try c.stride3(3),
      padding: try c.triple(4, "padding", 0), outputSize: output.map { ($0[0], $0[1], $0[2]) })
  }
}
