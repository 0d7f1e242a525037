import Autograd

/// What losses have in common: how the losses of elements are folded.
public class Loss: Module {
  /// How the losses of elements are folded.
  public final let reduction: LossReduction

  /// A loss that folds the losses of elements so.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// What `body` computes from the inputs, with this module's hooks around it.
  final func withHooks(_ inputs: Tensor..., body: ([Tensor]) -> Tensor) -> Tensor {
    withHooks(inputs) { [body($0)] }[0]
  }
}

/// What losses have in common in which some elements or classes count more than others.
///
/// State dict: `weight`, a buffer, if there is one.
public class WeightedLoss: Loss {
  /// How much each class, or each element, counts.
  public final let weight: Buffer?

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: How much each class, or each element, counts.
  ///   - reduction: How the losses of elements are folded.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean) {
    self.weight = weight.map { Buffer($0) }
    super.init(reduction: reduction)
  }
}
