import Autograd

// None of these has state.

/// The maximum in each position of a window along lines. Equivalent to `torch.nn.MaxPool1d`.
public final class MaxPool1d: Module {
  private let kernelSize: Int
  private let stride: Int
  private let padding: Int
  private let dilation: Int
  private let ceilMode: Bool

  /// A layer with the given window. The arguments are those of ``MaxPool2d``.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.maxPool1d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }

  /// The pooled input, and the row-major index of each maximum among those that it was the greatest of: what
  /// `return_indices=True` gives. ``MaxUnpool1d`` takes both.
  public func withIndices(_ input: Tensor) -> (values: Tensor, indices: Tensor) {
    let outputs = withHooks([input]) {
      let (values, indices) = $0[0].maxPool1dWithIndices(
        kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
      return [values, indices]
    }
    return (outputs[0], outputs[1])
  }

  /// The arguments as PyTorch prints them:
  /// `kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False`.
  public override var extraDescription: String {
    "kernel_size=\(kernelSize), stride=\(stride), padding=\(padding), dilation=\(dilation), "
      + "ceil_mode=\(pythonBool(ceilMode))"
  }
}

/// The mean in each position of a window along lines. Equivalent to `torch.nn.AvgPool1d`.
public final class AvgPool1d: Module {
  private let kernelSize: Int
  private let stride: Int
  private let padding: Int
  private let ceilMode: Bool
  private let countIncludePad: Bool

  /// A layer with the given window. The arguments are those of ``AvgPool2d``.
  public init(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true
  ) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
    self.ceilMode = ceilMode
    self.countIncludePad = countIncludePad
  }

  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor {
    input.avgPool1d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad)
  }

  /// The arguments as PyTorch prints them: `kernel_size=(2,), stride=(2,), padding=(0,)`.
  public override var extraDescription: String {
    "kernel_size=(\(kernelSize),), stride=(\(stride),), padding=(\(padding),)"
  }
}
