import Autograd

// None of these has state.

/// The greatest element of each of as many parts of a plane as the output has elements. Equivalent
/// to `torch.nn.AdaptiveMaxPool2d`.
public final class AdaptiveMaxPool2d: Module {
  private let outputSize: (Int?, Int?)
  private let summary: String

  /// A layer with an output of this height and width.
  public init(_ outputSize: some PairConvertible) {
    self.outputSize = outputSize.pair
    summary = "output_size=\(pairText(outputSize))"
  }

  /// A layer with an output of this height and width; where one is nil, that of the input.
  public init(height: Int?, width: Int?) {
    outputSize = (height, width)
    summary = adaptiveSizeText(height, width)
  }

  /// The input, pooled.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveMaxPool2d(outputSize) }

  public override var extraDescription: String { summary }
}

/// The greatest element of each of as many parts of a line as the output has elements. Equivalent
/// to `torch.nn.AdaptiveMaxPool1d`.
public final class AdaptiveMaxPool1d: Module {
  /// The length of the output.
  public let outputSize: Int

  /// A layer with an output of this length.
  public init(_ outputSize: Int) { self.outputSize = outputSize }

  /// The input, pooled.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveMaxPool1d(outputSize) }

  public override var extraDescription: String { "output_size=\(outputSize)" }
}

/// The mean over each of as many parts of a line as the output has elements. Equivalent to
/// `torch.nn.AdaptiveAvgPool1d`.
public final class AdaptiveAvgPool1d: Module {
  /// The length of the output.
  public let outputSize: Int

  /// A layer with an output of this length.
  public init(_ outputSize: Int) { self.outputSize = outputSize }

  /// The input, pooled.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveAvgPool1d(outputSize) }

  public override var extraDescription: String { "output_size=\(outputSize)" }
}

/// The size of an output as PyTorch prints it, with `None` for that of the input.
func adaptiveSizeText(_ height: Int?, _ width: Int?) -> String {
  let lengths = [height, width].map { $0.map(String.init) ?? "None" }
  return "output_size=(\(lengths.joined(separator: ", ")))"
}
