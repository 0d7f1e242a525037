import Arrays
import Autograd
import Files

// Losses of several classes, more than one of which may be right.

/// max(0, margin − x[target] + x[i])^p over the other classes i, averaged over classes. Equivalent
/// to `torch.nn.MultiMarginLoss`.
///
/// State dict: `weight` (classes,), a buffer, if there is one.
public final class MultiMarginLoss: WeightedLoss {
  /// The exponent, 1 or 2.
  public let p: Int
  /// By how much the right class should exceed the others.
  public let margin: Double

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - p: The exponent, 1 or 2; anything else traps.
  ///   - margin: By how much the right class should exceed the others.
  ///   - weight: A factor for each class, (classes,), applied where it is the right one.
  ///   - reduction: How the losses of the samples are combined.
  public init(
    p: Int = 1, margin: Double = 1, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) {
    require(p == 1 || p == 2, "MultiMarginLoss: only p == 1 and p == 2 supported, not \(p)")
    self.p = p
    self.margin = margin
    super.init(weight: weight, reduction: reduction)
  }

  /// The loss of predictions of shape (batch, classes) for classes of shape (batch,).
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].multiMarginLoss(
        $0[1], power: p, margin: margin, weight: weight, reduction: reduction)
    }
  }
}

/// max(0, 1 − x[j] + x[i]) over right classes j and wrong classes i, averaged over classes.
/// Equivalent to `torch.nn.MultiLabelMarginLoss`.
///
/// It has no state.
public final class MultiLabelMarginLoss: Loss {
  /// The loss of predictions of shape (batch, classes) for a target of that shape: the right
  /// classes, then −1.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].multiLabelMarginLoss($0[1], reduction: reduction)
    }
  }
}

/// The cross entropies of the sigmoid of each class with its target, averaged over classes.
/// Equivalent to `torch.nn.MultiLabelSoftMarginLoss`.
///
/// State dict: `weight` (classes,), a buffer, if there is one.
public final class MultiLabelSoftMarginLoss: WeightedLoss {
  /// The loss of predictions of shape (batch, classes) for a target of that shape, of zeros and ones.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor {
    withHooks(input, target) {
      $0[0].multiLabelSoftMarginLoss($0[1], weight: weight, reduction: reduction)
    }
  }
}
