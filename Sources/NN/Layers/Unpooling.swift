import Autograd

// None of these has state. Each takes what a pooling gave: maxima, and their places.

/// The inverse of ``MaxPool1d``: each maximum at the place where it was in lines, and zeros between. Equivalent
/// to `torch.nn.MaxUnpool1d`.
public final class MaxUnpool1d: Module {
  private let kernelSize: Int
  private let stride: Int
  private let padding: Int

  /// A layer with the window of the pooling.
  ///
  /// - Parameters:
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond both ends.
  public init(_ kernelSize: Int, stride: Int? = nil, padding: Int = 0) {
    self.kernelSize = kernelSize
    self.stride = stride ?? kernelSize
    self.padding = padding
  }

  /// The maxima at their places. The indices are those of ``MaxPool1d/withIndices(_:)``.
  public func callAsFunction(
    _ input: Tensor, _ indices: Tensor, outputSize: Int? = nil
  ) -> Tensor {
    withHooks([input, indices]) {
      [
        $0[0].maxUnpool1d(
          $0[1], kernelSize, stride: stride, padding: padding, outputSize: outputSize)
      ]
    }[0]
  }

  /// The arguments as PyTorch prints them: `kernel_size=(2,), stride=(2,), padding=(0,)`.
  public override var extraDescription: String {
    "kernel_size=(\(kernelSize),), stride=(\(stride),), padding=(\(padding),)"
  }
}

/// The inverse of ``MaxPool2d``: each maximum at the place where it was in planes, and zeros between. Equivalent
/// to `torch.nn.MaxUnpool2d`.
public final class MaxUnpool2d: Module {
  private let kernelSize: (Int, Int)
  private let stride: (Int, Int)
  private let padding: (Int, Int)
  private let summary: String

  /// A layer with the window of the pooling. Lengths are one number for both directions, or two.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each edge.
  public init<Kernel: PairConvertible, Stride: PairConvertible>(
    _ kernelSize: Kernel, stride: Stride? = nil as Int?, padding: some PairConvertible = 0
  ) {
    self.kernelSize = kernelSize.pair
    self.stride = stride?.pair ?? kernelSize.pair
    self.padding = padding.pair
    summary = unpoolingSummary(self.kernelSize, self.stride, self.padding)
  }

  /// The maxima at their places. The indices are those of ``MaxPool2d/withIndices(_:)``.
  public func callAsFunction(
    _ input: Tensor, _ indices: Tensor, outputSize: (Int, Int)? = nil
  ) -> Tensor {
    withHooks([input, indices]) {
      [
        $0[0].maxUnpool2d(
          $0[1], kernelSize, stride: stride, padding: padding, outputSize: outputSize)
      ]
    }[0]
  }

  /// The arguments as PyTorch prints them: `kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)`.
  public override var extraDescription: String { summary }
}

/// The inverse of ``MaxPool3d``: each maximum at the place where it was in volumes, and zeros between. Equivalent
/// to `torch.nn.MaxUnpool3d`.
public final class MaxUnpool3d: Module {
  private let kernelSize: (Int, Int, Int)
  private let stride: (Int, Int, Int)
  private let padding: (Int, Int, Int)
  private let summary: String

  /// A layer with the window of the pooling. Lengths are one number for all directions, or three.
  ///
  /// - Parameters:
  ///   - kernelSize: Depth, height and width of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond each edge.
  public init<Kernel: TripleConvertible, Stride: TripleConvertible>(
    _ kernelSize: Kernel, stride: Stride? = nil as Int?, padding: some TripleConvertible = 0
  ) {
    self.kernelSize = kernelSize.triple
    self.stride = stride?.triple ?? kernelSize.triple
    self.padding = padding.triple
    summary = unpoolingSummary(self.kernelSize, self.stride, self.padding)
  }

  /// The maxima at their places. The indices are those of ``MaxPool3d/withIndices(_:)``.
  public func callAsFunction(
    _ input: Tensor, _ indices: Tensor, outputSize: (Int, Int, Int)? = nil
  ) -> Tensor {
    withHooks([input, indices]) {
      [
        $0[0].maxUnpool3d(
          $0[1], kernelSize, stride: stride, padding: padding, outputSize: outputSize)
      ]
    }[0]
  }

  /// The arguments as PyTorch prints them: `kernel_size=(2, 2, 2), stride=(2, 2, 2), padding=(0, 0, 0)`.
  public override var extraDescription: String { summary }
}

/// What PyTorch prints of an inverse of pooling: always tuples.
private func unpoolingSummary<Lengths>(
  _ kernelSize: Lengths, _ stride: Lengths, _ padding: Lengths
) -> String {
  "kernel_size=\(kernelSize), stride=\(stride), padding=\(padding)"
}
