import Autograd

/// The connectionist temporal classification loss. Equivalent to `torch.nn.CTCLoss`. It has no state.
public final class CTCLoss: Module {
  /// The class between two others.
  public let blank: Int
  /// How losses are combined.
  public let reduction: LossReduction
  /// Whether the loss of a target that does not fit is zero.
  public let zeroInfinity: Bool

  /// A loss.
  ///
  /// - Parameters:
  ///   - blank: The class between two others.
  ///   - reduction: How losses are combined. For the mean each is divided by the length of its target.
  ///   - zeroInfinity: Whether the loss of a target that does not fit, and its gradient, is zero.
  public init(blank: Int = 0, reduction: LossReduction = .mean, zeroInfinity: Bool = false) {
    self.blank = blank
    self.reduction = reduction
    self.zeroInfinity = zeroInfinity
  }

  /// The loss. See ``/Autograd/Tensor/ctcLoss(_:_:_:blank:reduction:zeroInfinity:)``.
  ///
  /// - Parameters:
  ///   - logProbabilities: (time, batch, classes), from a log-softmax.
  ///   - targets: (batch, length), or all targets one after the other.
  ///   - inputLengths: The number of steps of each sequence.
  ///   - targetLengths: The length of each target.
  public func callAsFunction(
    _ logProbabilities: Tensor, _ targets: Tensor, _ inputLengths: [Int], _ targetLengths: [Int]
  ) -> Tensor {
    withHooks([logProbabilities, targets]) {
      [
        $0[0].ctcLoss(
          $0[1], inputLengths, targetLengths, blank: blank, reduction: reduction,
          zeroInfinity: zeroInfinity)
      ]
    }[0]
  }
}
