func addConvolutionModules(to table: inout ModuleTable) {
  table.add("Linear") { c in
    Linear(
      try c.int(0, "in_features"), try c.int(1, "out_features"), bias: try c.bool(2, "bias", true))
  }
  table.custom("Bilinear") { c in
    let module = Bilinear(
      try c.int(0, "in1_features"), try c.int(1, "in2_features"), try c.int(2, "out_features"),
      bias: try c.bool(3, "bias", true))
    return BuiltModule(module) { [module(try $0.tensor(0), try $0.tensor(1))] }
  }
  addConvolutions(to: &table)
  addTransposedConvolutions(to: &table)
}

/// What the convolutions of all dimensions share.
private struct Channels {
  let input: Int
  let output: Int
  let groups: Int
  let bias: Bool

  init(_ c: Call) throws {
    (input, output) = (try c.int(0, "in_channels"), try c.int(1, "out_channels"))
    (groups, bias) = (try c.int(6, "groups", 1), try c.bool(7, "bias", true))
  }
}

/// The windows of a convolution of planes or volumes, as a sample writes them.
private struct Windows {
  let size: Lengths
  let stride: Lengths
  let dilation: Lengths

  init(_ c: Call, dilationAt place: Int) throws {
    size = try c.lengths(2, "kernel_size", 1)
    stride = try c.lengths(3, "stride", 1)
    dilation = try c.lengths(place, "dilation", 1)
  }
}

private func addConvolutions(to table: inout ModuleTable) {
  table.add("Conv1d") { c in
    let (channels, mode) = (try Channels(c), try c.paddingMode(8))
    let size = try c.single(2, "kernel_size", 1)
    let (stride, dilation) = (try c.single(3, "stride", 1), try c.single(5, "dilation", 1))
    func make(_ padding: some PaddingConvertible) -> Module {
      Conv1d(
        channels.input, channels.output, kernelSize: size, stride: stride, padding: padding,
        dilation: dilation, groups: channels.groups, bias: channels.bias, paddingMode: mode)
    }
    if let word = try c.paddingWord(4) { return make(word) }
    return make(try c.single(4, "padding", 0))
  }
  table.add("Conv2d") { c in
    let (channels, windows) = (try Channels(c), try Windows(c, dilationAt: 5))
    let mode = try c.paddingMode(8)
    func make(_ padding: some PaddingConvertible) -> Module {
      Conv2d(
        channels.input, channels.output, kernelSize: windows.size, stride: windows.stride,
        padding: padding, dilation: windows.dilation, groups: channels.groups,
        bias: channels.bias, paddingMode: mode)
    }
    if let word = try c.paddingWord(4) { return make(word) }
    return make(try c.lengths(4, "padding", 0))
  }
  table.add("Conv3d") { c in
    let (channels, windows) = (try Channels(c), try Windows(c, dilationAt: 5))
    let mode = try c.paddingMode(8)
    func make(_ padding: some VolumePaddingConvertible) -> Module {
      Conv3d(
        channels.input, channels.output, kernelSize: windows.size, stride: windows.stride,
        padding: padding, dilation: windows.dilation, groups: channels.groups,
        bias: channels.bias, paddingMode: mode)
    }
    if let word = try c.paddingWord(4) { return make(word == .toSameSize ? .same : .valid) }
    return make(try c.lengths(4, "padding", 0))
  }
}

private func addTransposedConvolutions(to table: inout ModuleTable) {
  table.add("ConvTranspose1d") { c in
    let channels = try Channels(c)
    return ConvTranspose1d(
      channels.input, channels.output, kernelSize: try c.single(2, "kernel_size", 1),
      stride: try c.single(3, "stride", 1), padding: try c.single(4, "padding", 0),
      outputPadding: try c.single(5, "output_padding", 0), groups: channels.groups,
      bias: channels.bias, dilation: try c.single(8, "dilation", 1))
  }
  func add(
    _ name: String,
    _ make: @escaping @Sendable (Channels, Windows, (padding: Lengths, output: Lengths)) -> Module
  ) {
    table.add(name) { c in
      make(
        try Channels(c), try Windows(c, dilationAt: 8),
        (try c.lengths(4, "padding", 0), try c.lengths(5, "output_padding", 0)))
    }
  }
  add("ConvTranspose2d") { channels, windows, lengths in
    ConvTranspose2d(
      channels.input, channels.output, kernelSize: windows.size, stride: windows.stride,
      padding: lengths.padding, outputPadding: lengths.output, groups: channels.groups,
      bias: channels.bias, dilation: windows.dilation)
  }
  add("ConvTranspose3d") { channels, windows, lengths in
    ConvTranspose3d(
      channels.input, channels.output, kernelSize: windows.size, stride: windows.stride,
      padding: lengths.padding, outputPadding: lengths.output, groups: channels.groups,
      bias: channels.bias, dilation: windows.dilation)
  }
}

extension Call {
  /// The padding, if it is a word.
  fileprivate func paddingWord(_ position: Int) throws -> ConvolutionPadding? {
    guard case .text(let word)? = argument(position, "padding") else { return nil }
    switch word {
    case "same": return .toSameSize
    case "valid": return .nothing
    default: throw NotExpressible("padding='\(word)'")
    }
  }
}
