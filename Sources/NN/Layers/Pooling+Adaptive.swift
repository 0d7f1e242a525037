import Autograd

// None of these has state.

/// The base class of `AdaptiveAvgPool1d` and `AdaptiveMaxPool1d`.
public class AdaptivePool1d: Module {
  /// The length of the output.
  public final let outputSize: Int

  /// A layer with an output of this length.
  public init(_ outputSize: Int) { self.outputSize = outputSize }

  /// The arguments as PyTorch prints them: `output_size=4`.
  public final override var extraDescription: String { "output_size=\(outputSize)" }
}

/// The mean of each of `outputSize` sections of a line. Equivalent to `torch.nn.AdaptiveAvgPool1d`.
public final class AdaptiveAvgPool1d: AdaptivePool1d {
  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveAvgPool1d(outputSize) }
}

/// The maximum of each of `outputSize` sections of a line. Equivalent to
/// `torch.nn.AdaptiveMaxPool1d`.
public final class AdaptiveMaxPool1d: AdaptivePool1d {
  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveMaxPool1d(outputSize) }
}

/// The base class of `AdaptiveAvgPool2d` and `AdaptiveMaxPool2d`.
public class AdaptivePool2d: Module {
  fileprivate final let outputSize: (Int?, Int?)
  private let summary: String

  /// A layer with an output of this height and width.
  public init(_ outputSize: some PairConvertible) {
    self.outputSize = outputSize.pair
    summary = "output_size=\(pairText(outputSize))"
  }

  /// A layer with an output of this height and width.
  public init(_ outputSize: (Int, Int)) {
    self.outputSize = outputSize
    summary = "output_size=\(outputSize)"
  }

  /// A layer with an output of this height and width; where one is nil, that of the input.
  public init(height: Int?, width: Int?) {
    outputSize = (height, width)
    summary = sizeText([height, width])
  }

  /// The arguments as PyTorch prints them: `output_size=(4, None)`.
  public final override var extraDescription: String { summary }
}

/// The mean of each of `outputSize` sections of a plane. Equivalent to
/// `torch.nn.AdaptiveAvgPool2d`.
public final class AdaptiveAvgPool2d: AdaptivePool2d {
  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveAvgPool2d(outputSize) }
}

/// The maximum of each of `outputSize` sections of a plane. Equivalent to
/// `torch.nn.AdaptiveMaxPool2d`.
public final class AdaptiveMaxPool2d: AdaptivePool2d {
  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveMaxPool2d(outputSize) }
}

/// The base class of `AdaptiveAvgPool3d` and `AdaptiveMaxPool3d`.
public class AdaptivePool3d: Module {
  fileprivate final let outputSize: (Int?, Int?, Int?)
  private let summary: String

  /// A layer with an output of this depth, height and width.
  public init(_ outputSize: some TripleConvertible) {
    self.outputSize = outputSize.triple
    summary = "output_size=\(tripleText(outputSize))"
  }

  /// A layer with an output of this depth, height and width; where one is nil, that of the input.
  public init(depth: Int?, height: Int?, width: Int?) {
    outputSize = (depth, height, width)
    summary = sizeText([depth, height, width])
  }

  /// The arguments as PyTorch prints them: `output_size=4`.
  public final override var extraDescription: String { summary }
}

/// The mean of each of `outputSize` sections of a volume. Equivalent to
/// `torch.nn.AdaptiveAvgPool3d`.
public final class AdaptiveAvgPool3d: AdaptivePool3d {
  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveAvgPool3d(outputSize) }
}

/// The maximum of each of `outputSize` sections of a volume. Equivalent to
/// `torch.nn.AdaptiveMaxPool3d`.
public final class AdaptiveMaxPool3d: AdaptivePool3d {
  /// The pooled input.
  public override func forward(_ input: Tensor) -> Tensor { input.adaptiveMaxPool3d(outputSize) }
}

/// The size of an output as PyTorch prints it, with `None` for that of the input.
private func sizeText(_ lengths: [Int?]) -> String {
  "output_size=(\(lengths.map { $0.map(String.init) ?? "None" }.joined(separator: ", ")))"
}
