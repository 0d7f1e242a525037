import Autograd

// PyTorch's spelling: the window without a label, and pairs as tuples.
extension Conv2d {
  /// As `init(_:_:kernelSize:stride:padding:dilation:groups:bias:paddingMode:)`, the window
  /// unlabelled as PyTorch's users write it.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns.
  ///   - padding: The padding on each side: lengths, `.same` or `.valid`.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - paddingMode: The elements that the padding adds.
  public convenience init(
    _ inChannels: Int, _ outChannels: Int, _ kernelSize: some PairConvertible,
    stride: some PairConvertible = 1, padding: some PaddingConvertible = 0,
    dilation: some PairConvertible = 1, groups: Int = 1, bias: Bool = true,
    paddingMode: PaddingMode = .zeros
  ) {
    self.init(
      inChannels, outChannels, kernelSize: kernelSize, stride: stride, padding: padding,
      dilation: dilation, groups: groups, bias: bias, paddingMode: paddingMode)
  }

  /// As `init(_:_:kernelSize:stride:padding:dilation:groups:bias:paddingMode:)`, the window a
  /// tuple.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns.
  ///   - padding: The padding on each side: lengths, `.same` or `.valid`.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - paddingMode: The elements that the padding adds.
  @_disfavoredOverload
  public convenience init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: (Int, Int),
    stride: some PairConvertible = 1, padding: some PaddingConvertible = 0,
    dilation: some PairConvertible = 1, groups: Int = 1, bias: Bool = true,
    paddingMode: PaddingMode = .zeros
  ) {
    self.init(
      inChannels, outChannels, kernelSize: [kernelSize.0, kernelSize.1], stride: stride,
      padding: padding, dilation: dilation, groups: groups, bias: bias, paddingMode: paddingMode)
  }

  /// As `init(_:_:kernelSize:stride:padding:dilation:groups:bias:paddingMode:)`, all pairs tuples.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns.
  ///   - padding: The rows and columns of padding on each side.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  public convenience init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: (Int, Int), stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1,
    bias: Bool = true
  ) {
    self.init(
      inChannels, outChannels, kernelSize: [kernelSize.0, kernelSize.1],
      stride: [stride.0, stride.1], padding: [padding.0, padding.1],
      dilation: [dilation.0, dilation.1], groups: groups, bias: bias)
  }

  /// As `init(_:_:kernelSize:stride:padding:dilation:groups:bias:paddingMode:)`, all pairs tuples.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window in rows and columns.
  ///   - padding: The rows and columns of padding on each side.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  public convenience init(
    _ inChannels: Int, _ outChannels: Int, _ kernelSize: (Int, Int), stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1,
    bias: Bool = true
  ) {
    self.init(
      inChannels, outChannels, kernelSize: kernelSize, stride: stride, padding: padding,
      dilation: dilation, groups: groups, bias: bias)
  }
}

extension Conv1d {
  /// As `init(_:_:kernelSize:stride:padding:dilation:groups:bias:paddingMode:)`, the window
  /// unlabelled as PyTorch's users write it.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window.
  ///   - padding: The padding at both ends: a length, `.same` or `.valid`.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - paddingMode: The elements that the padding adds.
  public convenience init(
    _ inChannels: Int, _ outChannels: Int, _ kernelSize: Int, stride: Int = 1,
    padding: some PaddingConvertible = 0, dilation: Int = 1, groups: Int = 1, bias: Bool = true,
    paddingMode: PaddingMode = .zeros
  ) {
    self.init(
      inChannels, outChannels, kernelSize: kernelSize, stride: stride, padding: padding,
      dilation: dilation, groups: groups, bias: bias, paddingMode: paddingMode)
  }
}

extension Conv3d {
  /// As `init(_:_:kernelSize:stride:padding:dilation:groups:bias:paddingMode:)`, the window unlabelled as
  /// PyTorch's users write it.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of the input.
  ///   - outChannels: The channels of the output.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window in planes, rows and columns.
  ///   - padding: The padding on each side: lengths, `.same` or `.valid`.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which the channels are divided.
  ///   - bias: Whether the layer has a bias.
  ///   - paddingMode: The elements that the padding adds.
  public convenience init(
    _ inChannels: Int, _ outChannels: Int, _ kernelSize: some TripleConvertible,
    stride: some TripleConvertible = 1, padding: some VolumePaddingConvertible = 0,
    dilation: some TripleConvertible = 1, groups: Int = 1, bias: Bool = true,
    paddingMode: PaddingMode = .zeros
  ) {
    self.init(
      inChannels, outChannels, kernelSize: kernelSize, stride: stride, padding: padding,
      dilation: dilation, groups: groups, bias: bias, paddingMode: paddingMode)
  }
}

extension MaxPool2d {
  /// As `init(_:stride:padding:dilation:ceilMode:)`, with the stride unlabelled as PyTorch's users
  /// write it.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window.
  ///   - padding: How far the window reaches beyond each edge.
  public convenience init(
    _ kernelSize: some PairConvertible, _ stride: some PairConvertible,
    _ padding: some PairConvertible = 0
  ) {
    self.init(kernelSize, stride: stride, padding: padding)
  }
  /// As `init(_:stride:padding:dilation:ceilMode:)`, with labels.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each edge.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public convenience init<Kernel: PairConvertible, Stride: PairConvertible>(
    kernelSize: Kernel, stride: Stride? = nil as Int?, padding: some PairConvertible = 0,
    dilation: some PairConvertible = 1, ceilMode: Bool = false
  ) {
    self.init(kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
  /// As `init(_:stride:padding:dilation:ceilMode:)`, with tuples.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each edge.
  public convenience init(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0)
  ) {
    self.init(
      [kernelSize.0, kernelSize.1], stride: stride.map { [$0.0, $0.1] },
      padding: [padding.0, padding.1])
  }
}

extension AvgPool2d {
  /// As `init(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)`, with the stride
  /// unlabelled as PyTorch's users write it.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window.
  ///   - padding: The number of zeros on each side of a plane.
  public convenience init(
    _ kernelSize: some PairConvertible, _ stride: some PairConvertible,
    _ padding: some PairConvertible = 0
  ) {
    self.init(kernelSize, stride: stride, padding: padding)
  }
  /// As `init(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)`, with tuples.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: The number of zeros on each side of a plane.
  public convenience init(
    _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0)
  ) {
    self.init(
      [kernelSize.0, kernelSize.1], stride: stride.map { [$0.0, $0.1] },
      padding: [padding.0, padding.1])
  }
}
