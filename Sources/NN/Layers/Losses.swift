import Autograd

/// The cross entropy between unnormalized predictions and classes. Equivalent to
/// `torch.nn.CrossEntropyLoss`.
///
/// State dict: `weight` (classes,), a buffer, if there is one.
public final class CrossEntropyLoss: WeightedLoss {
  /// A target to be ignored.
  public let ignoreIndex: Int
  /// The part of each target that is spread evenly over all classes.
  public let labelSmoothing: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: A factor for each class, (classes,).
  ///   - ignoreIndex: A target to be ignored.
  ///   - reduction: How the losses of the targets are combined.
  ///   - labelSmoothing: The part of each target that is spread evenly over all classes, from 0 to
  ///     1.
  public init(
    weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: LossReduction = .mean,
    labelSmoothing: Double = 0
  ) {
    self.ignoreIndex = ignoreIndex
    self.labelSmoothing = labelSmoothing
    super.init(weight: weight, reduction: reduction)
  }

  /// The loss of predictions of shape (batch, classes, …) for classes of shape (batch, …), or
  /// probabilities of the predictions' shape.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) { inputs in
      inputs[0].crossEntropy(
        inputs[1], weight: weight, ignoreIndex: ignoreIndex, reduction: reduction,
        labelSmoothing: labelSmoothing)
    }
  }
}

/// The square of the difference from a target. Equivalent to `torch.nn.MSELoss`. It has no state.
public final class MSELoss: Loss {
  /// The loss of predictions for a target of the same shape.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].mseLoss($0[1], reduction: reduction)
    }
  }
}
