import Autograd

// None of these has state.

/// The norm of the elements in each position of a window along lines. Equivalent to
/// `torch.nn.LPPool1d`.
public final class LPPool1d: Module {
  private let normType: Double
  private let kernelSize: Int
  private let stride: Int?
  private let ceilMode: Bool
  private let normText: String

  /// A layer with the given window.
  ///
  /// - Parameters:
  ///   - normType: The order of the norm.
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public init(
    _ normType: LayerNumber, _ kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false
  ) {
    self.normType = normType.layerValue
    normText = normType.layerText
    self.kernelSize = kernelSize
    self.stride = stride
    self.ceilMode = ceilMode
  }

  /// A layer with the given window and an exponent that may be computed.
  @_disfavoredOverload
  public convenience init(
    _ normType: Double, _ kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false
  ) {
    self.init(LayerNumber(normType), kernelSize, stride: stride, ceilMode: ceilMode)
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.lpPool1d(normType, kernelSize, stride: stride, ceilMode: ceilMode)
  }

  /// The arguments as PyTorch prints them:
  /// `norm_type=2.0, kernel_size=3, stride=None, ceil_mode=False`.
  public override var extraDescription: String {
    powerText(normText, "\(kernelSize)", stride.map(String.init), ceilMode)
  }
}

/// The norm of the elements in each position of a window on planes. Equivalent to
/// `torch.nn.LPPool2d`.
public final class LPPool2d: Module {
  private let normType: Double
  private let kernelSize: (Int, Int)
  private let stride: (Int, Int)?
  private let ceilMode: Bool
  private let summary: String

  /// A layer with the given window. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - normType: The order of the norm.
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public init<Stride: PairConvertible>(
    _ normType: LayerNumber, _ kernelSize: some PairConvertible, stride: Stride? = nil as Int?,
    ceilMode: Bool = false
  ) {
    self.normType = normType.layerValue
    self.kernelSize = kernelSize.pair
    self.stride = stride?.pair
    self.ceilMode = ceilMode
    summary = powerText(normType.layerText, pairText(kernelSize), stride.map(pairText), ceilMode)
  }

  /// A layer with the given window and an exponent that may be computed.
  @_disfavoredOverload
  public convenience init<Stride: PairConvertible>(
    _ normType: Double, _ kernelSize: some PairConvertible, stride: Stride? = nil as Int?,
    ceilMode: Bool = false
  ) {
    self.init(LayerNumber(normType), kernelSize, stride: stride, ceilMode: ceilMode)
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.lpPool2d(normType, kernelSize, stride: stride, ceilMode: ceilMode)
  }

  /// The arguments as PyTorch prints them:
  /// `norm_type=2.0, kernel_size=3, stride=None, ceil_mode=False`.
  public override var extraDescription: String { summary }
}

/// The norm of the elements in each position of a window on volumes. Equivalent to
/// `torch.nn.LPPool3d`.
public final class LPPool3d: Module {
  private let normType: Double
  private let kernelSize: (Int, Int, Int)
  private let stride: (Int, Int, Int)?
  private let ceilMode: Bool
  private let summary: String

  /// A layer with the given window. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - normType: The order of the norm.
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - ceilMode: Whether a last window may extend beyond the edge.
  public init<Stride: TripleConvertible>(
    _ normType: LayerNumber, _ kernelSize: some TripleConvertible,
    stride: Stride? = nil as Int?,
    ceilMode: Bool = false
  ) {
    self.normType = normType.layerValue
    self.kernelSize = kernelSize.triple
    self.stride = stride?.triple
    self.ceilMode = ceilMode
    summary = powerText(
      normType.layerText, tripleText(kernelSize), stride.map(tripleText), ceilMode)
  }

  /// A layer with the given window and an exponent that may be computed.
  @_disfavoredOverload
  public convenience init<Stride: TripleConvertible>(
    _ normType: Double, _ kernelSize: some TripleConvertible, stride: Stride? = nil as Int?,
    ceilMode: Bool = false
  ) {
    self.init(LayerNumber(normType), kernelSize, stride: stride, ceilMode: ceilMode)
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.lpPool3d(normType, kernelSize, stride: stride, ceilMode: ceilMode)
  }

  /// The arguments as PyTorch prints them:
  /// `norm_type=2.0, kernel_size=3, stride=None, ceil_mode=False`.
  public override var extraDescription: String { summary }
}

private func powerText(
  _ normType: String, _ kernelSize: String, _ stride: String?, _ ceilMode: Bool
) -> String {
  "norm_type=\(normType), kernel_size=\(kernelSize), stride=\(stride ?? "None"), "
    + "ceil_mode=\(pythonBool(ceilMode))"
}
