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
  addAveragePools(to: &table)
  addMaximumPools(to: &table)
  addPowerPools(to: &table)
}

/// The windows of a pooling layer of planes or volumes, as a sample writes them.
private struct Windows {
  let size: Lengths
  /// The size where none is given.
  let stride: Lengths
  let padding: Lengths

  init(_ c: Call) throws {
    size = try c.lengths(0, "kernel_size", 1)
    stride = try c.optionalLengths(1, "stride") ?? size
    padding = try c.lengths(2, "padding", 0)
  }
}

private func addAveragePools(to table: inout ModuleTable) {
  /// Whether the length is rounded up, and whether the padding counts.
  @Sendable func flags(_ c: Call) throws -> (ceil: Bool, countsPadding: Bool) {
    (try c.bool(3, "ceil_mode", false), try c.bool(4, "count_include_pad", true))
  }
  table.add("AvgPool1d") { c in
    let (size, flags) = (try c.single(0, "kernel_size", 1), try flags(c))
    return AvgPool1d(
      size, stride: try c.stride(1, "stride", like: size), padding: try c.single(2, "padding", 0),
      ceilMode: flags.ceil, countIncludePad: flags.countsPadding)
  }
  table.add("AvgPool2d") { c in
    let (windows, flags) = (try Windows(c), try flags(c))
    return AvgPool2d(
      windows.size, stride: windows.stride, padding: windows.padding, ceilMode: flags.ceil,
      countIncludePad: flags.countsPadding,
      divisorOverride: try c.optionalInt(5, "divisor_override"))
  }
  table.add("AvgPool3d") { c in
    let (windows, flags) = (try Windows(c), try flags(c))
    return AvgPool3d(
      windows.size, stride: windows.stride, padding: windows.padding, ceilMode: flags.ceil,
      countIncludePad: flags.countsPadding)
  }
}

private func addMaximumPools(to table: inout ModuleTable) {
  table.add("MaxPool1d") { c in
    let size = try c.single(0, "kernel_size", 1)
    return MaxPool1d(
      size, stride: try c.stride(1, "stride", like: size), padding: try c.single(2, "padding", 0),
      dilation: try c.single(3, "dilation", 1), ceilMode: try c.bool(5, "ceil_mode", false))
  }
  func add(
    _ name: String, _ make: @escaping @Sendable (Windows, Lengths, Bool) -> Module
  ) {
    table.add(name) { c in
      make(try Windows(c), try c.lengths(3, "dilation", 1), try c.bool(5, "ceil_mode", false))
    }
  }
  add("MaxPool2d") {
    MaxPool2d($0.size, stride: $0.stride, padding: $0.padding, dilation: $1, ceilMode: $2)
  }
  add("MaxPool3d") {
    MaxPool3d($0.size, stride: $0.stride, padding: $0.padding, dilation: $1, ceilMode: $2)
  }
}

private func addPowerPools(to table: inout ModuleTable) {
  /// The order of the norm, and whether the length is rounded up.
  @Sendable func options(_ c: Call) throws -> (norm: LayerNumber, ceil: Bool) {
    (try c.layerNumber(0, "norm_type", 2), try c.bool(3, "ceil_mode", false))
  }
  table.add("LPPool1d") { c in
    let (size, options) = (try c.single(1, "kernel_size", 1), try options(c))
    return LPPool1d(
      options.norm, size, stride: try c.stride(2, "stride", like: size), ceilMode: options.ceil)
  }
  func add(
    _ name: String, _ make: @escaping @Sendable (LayerNumber, Lengths, Lengths?, Bool) -> Module
  ) {
    table.add(name) { c in
      let options = try options(c)
      let stride = try c.optionalLengths(2, "stride")
      return make(options.norm, try c.lengths(1, "kernel_size", 1), stride, options.ceil)
    }
  }
  // The text shows a stride only where one was given.
  add("LPPool2d") { norm, size, stride, ceil in
    guard let stride else { return LPPool2d(norm, size, ceilMode: ceil) }
    return LPPool2d(norm, size, stride: stride, ceilMode: ceil)
  }
  add("LPPool3d") { norm, size, stride, ceil in
    guard let stride else { return LPPool3d(norm, size, ceilMode: ceil) }
    return LPPool3d(norm, size, stride: stride, ceilMode: ceil)
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
