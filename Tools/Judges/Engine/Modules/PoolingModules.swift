func addPoolingModules(to table: inout ModuleTable) {
  table.add("AdaptiveAvgPool1d") { c in AdaptiveAvgPool1d(try c.single(0, "output_size", 1)) }
  table.add("AdaptiveMaxPool1d") { c in AdaptiveMaxPool1d(try c.single(0, "output_size", 1)) }
  table.add("AdaptiveAvgPool2d") { c in
    if let size = c.partial(0) { return AdaptiveAvgPool2d(height: size[0], width: size[1]) }
    return AdaptiveAvgPool2d(try c.lengths(0, "output_size", 1))
  }
  table.add("AdaptiveMaxPool2d") { c in
    if let size = c.partial(0) { return AdaptiveMaxPool2d(height: size[0], width: size[1]) }
    return AdaptiveMaxPool2d(try c.lengths(0, "output_size", 1))
  }
  table.add("AdaptiveAvgPool3d") { c in
    if let size = c.partial(0) {
      return AdaptiveAvgPool3d(depth: size[0], height: size[1], width: size[2])
    }
    return AdaptiveAvgPool3d(try c.lengths(0, "output_size", 1))
  }
  table.add("AdaptiveMaxPool3d") { c in
    if let size = c.partial(0) {
      return AdaptiveMaxPool3d(depth: size[0], height: size[1], width: size[2])
    }
    return AdaptiveMaxPool3d(try c.lengths(0, "output_size", 1))
  }
  table.add("AvgPool1d") { c in
    let size = try c.single(0, "kernel_size", 1)
    return AvgPool1d(
      size, stride: try c.stride(1, "stride", like: size), padding: try c.single(2, "padding", 0),
      ceilMode: try c.bool(3, "ceil_mode", false),
      countIncludePad: try c.bool(4, "count_include_pad", true))
  }
  table.add("AvgPool2d") { c in
    func make(_ size: some PairConvertible, _ stride: some PairConvertible) throws -> Module {
      func padded(_ padding: some PairConvertible) throws -> Module {
        AvgPool2d(
          size, stride: stride, padding: padding, ceilMode: try c.bool(3, "ceil_mode", false),
          countIncludePad: try c.bool(4, "count_include_pad", true),
          divisorOverride: try c.optionalInt(5, "divisor_override"))
      }
      return try padded(try c.lengths(2, "padding", 0))
    }
    let size = try c.lengths(0, "kernel_size", 1)
    let stride = try c.optionalLengths(1, "stride") ?? size
    return try make(size, stride)
  }
  table.add("AvgPool3d") { c in
    func make(_ size: some TripleConvertible, _ stride: some TripleConvertible) throws -> Module {
      func padded(_ padding: some TripleConvertible) throws -> Module {
        AvgPool3d(
          size, stride: stride, padding: padding, ceilMode: try c.bool(3, "ceil_mode", false),
          countIncludePad: try c.bool(4, "count_include_pad", true))
      }
      return try padded(try c.lengths(2, "padding", 0))
    }
    let size = try c.lengths(0, "kernel_size", 1)
    let stride = try c.optionalLengths(1, "stride") ?? size
    return try make(size, stride)
  }
  table.add("MaxPool1d") { c in
    let size = try c.single(0, "kernel_size", 1)
    return MaxPool1d(
      size, stride: try c.stride(1, "stride", like: size), padding: try c.single(2, "padding", 0),
      dilation: try c.single(3, "dilation", 1), ceilMode: try c.bool(5, "ceil_mode", false))
  }
  table.add("MaxPool2d") { c in
    func make(
      _ size: some PairConvertible, _ stride: some PairConvertible,
      _ padding: some PairConvertible, _ dilation: some PairConvertible
    ) throws -> Module {
      MaxPool2d(
        size, stride: stride, padding: padding, dilation: dilation,
        ceilMode: try c.bool(5, "ceil_mode", false))
    }
    let size = try c.lengths(0, "kernel_size", 1)
    let stride = try c.optionalLengths(1, "stride") ?? size
    return try make(
      size, stride, try c.lengths(2, "padding", 0), try c.lengths(3, "dilation", 1))
  }
  table.add("MaxPool3d") { c in
    func make(
      _ size: some TripleConvertible, _ stride: some TripleConvertible,
      _ padding: some TripleConvertible, _ dilation: some TripleConvertible
    ) throws -> Module {
      MaxPool3d(
        size, stride: stride, padding: padding, dilation: dilation,
        ceilMode: try c.bool(5, "ceil_mode", false))
    }
    let size = try c.lengths(0, "kernel_size", 1)
    let stride = try c.optionalLengths(1, "stride") ?? size
    return try make(
      size, stride, try c.lengths(2, "padding", 0), try c.lengths(3, "dilation", 1))
  }
  table.add("LPPool1d") { c in
    let size = try c.single(1, "kernel_size", 1)
    return LPPool1d(
      try c.layerNumber(0, "norm_type", 2), size, stride: try c.stride(2, "stride", like: size),
      ceilMode: try c.bool(3, "ceil_mode", false))
  }
  table.add("LPPool2d") { c in
    let (norm, ceil) = (try c.layerNumber(0, "norm_type", 2), try c.bool(3, "ceil_mode", false))
    let size = try c.lengths(1, "kernel_size", 1)
    func make(_ size: some PairConvertible, _ stride: some PairConvertible) -> Module {
      LPPool2d(norm, size, stride: stride, ceilMode: ceil)
    }
    guard let stride = try c.optionalLengths(2, "stride") else {
      return LPPool2d(norm, size, ceilMode: ceil)
    }
    return make(size, stride)
  }
  table.add("LPPool3d") { c in
    let (norm, ceil) = (try c.layerNumber(0, "norm_type", 2), try c.bool(3, "ceil_mode", false))
    let size = try c.lengths(1, "kernel_size", 1)
    func make(_ size: some TripleConvertible, _ stride: some TripleConvertible) -> Module {
      LPPool3d(norm, size, stride: stride, ceilMode: ceil)
    }
    guard let stride = try c.optionalLengths(2, "stride") else {
      return LPPool3d(norm, size, ceilMode: ceil)
    }
    return make(size, stride)
  }
}

extension Call {
  /// Lengths of which at least one is None; nil if none is.
  fileprivate func partial(_ position: Int) -> [Int?]? {
    guard case .list(let parts)? = argument(position, "output_size") else { return nil }
    let lengths: [Int?] = parts.map { if case .int(let length) = $0 { length } else { nil } }
    return lengths.contains(nil) ? lengths : nil
  }
}
