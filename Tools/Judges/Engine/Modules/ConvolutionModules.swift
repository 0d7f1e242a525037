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
  table.add("Conv1d") { c in
    let (input, output) = (try c.int(0, "in_channels"), try c.int(1, "out_channels"))
    let size = try c.single(2, "kernel_size", 1)
    let (stride, dilation) = (try c.single(3, "stride", 1), try c.single(5, "dilation", 1))
    let (groups, bias) = (try c.int(6, "groups", 1), try c.bool(7, "bias", true))
    let mode = try c.paddingMode(8)
    func make(_ padding: some PaddingConvertible) -> Module {
      Conv1d(
        input, output, kernelSize: size, stride: stride, padding: padding, dilation: dilation,
        groups: groups, bias: bias, paddingMode: mode)
    }
    if let word = try c.paddingWord(4) { return make(word) }
    return make(try c.single(4, "padding", 0))
  }
  table.add("Conv2d") { c in
    let (input, output) = (try c.int(0, "in_channels"), try c.int(1, "out_channels"))
    let size = try c.lengths(2, "kernel_size", 1)
    let (stride, dilation) = (try c.lengths(3, "stride", 1), try c.lengths(5, "dilation", 1))
    let (groups, bias) = (try c.int(6, "groups", 1), try c.bool(7, "bias", true))
    let mode = try c.paddingMode(8)
    if let word = try c.paddingWord(4) {
      return Conv2d(
        input, output, kernelSize: size, stride: stride, padding: word, dilation: dilation,
        groups: groups, bias: bias, paddingMode: mode)
    }
    return Conv2d(
      input, output, kernelSize: size, stride: stride, padding: try c.lengths(4, "padding", 0),
      dilation: dilation, groups: groups, bias: bias, paddingMode: mode)
  }
  table.add("Conv3d") { c in
    if try c.paddingWord(4) != nil { throw NotExpressible("padding as a word") }
    return Conv3d(
      try c.int(0, "in_channels"), try c.int(1, "out_channels"),
      kernelSize: try c.lengths(2, "kernel_size", 1), stride: try c.lengths(3, "stride", 1),
      padding: try c.lengths(4, "padding", 0), dilation: try c.lengths(5, "dilation", 1),
      groups: try c.int(6, "groups", 1), bias: try c.bool(7, "bias", true))
  }
  table.add("ConvTranspose1d") { c in
    ConvTranspose1d(
      try c.int(0, "in_channels"), try c.int(1, "out_channels"),
      kernelSize: try c.single(2, "kernel_size", 1), stride: try c.single(3, "stride", 1),
      padding: try c.single(4, "padding", 0), outputPadding: try c.single(5, "output_padding", 0),
      groups: try c.int(6, "groups", 1), bias: try c.bool(7, "bias", true),
      dilation: try c.single(8, "dilation", 1))
  }
  table.add("ConvTranspose2d") { c in
    ConvTranspose2d(
      try c.int(0, "in_channels"), try c.int(1, "out_channels"),
      kernelSize: try c.lengths(2, "kernel_size", 1), stride: try c.lengths(3, "stride", 1),
      padding: try c.lengths(4, "padding", 0),
      outputPadding: try c.lengths(5, "output_padding", 0),
      groups: try c.int(6, "groups", 1), bias: try c.bool(7, "bias", true),
      dilation: try c.lengths(8, "dilation", 1))
  }
  table.add("ConvTranspose3d") { c in
    ConvTranspose3d(
      try c.int(0, "in_channels"), try c.int(1, "out_channels"),
      kernelSize: try c.lengths(2, "kernel_size", 1), stride: try c.lengths(3, "stride", 1),
      padding: try c.lengths(4, "padding", 0),
      outputPadding: try c.lengths(5, "output_padding", 0),
      groups: try c.int(6, "groups", 1), bias: try c.bool(7, "bias", true),
      dilation: try c.lengths(8, "dilation", 1))
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
