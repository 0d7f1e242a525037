import Autograd

/// The base class of losses: how the losses of elements are combined.
public class Loss: Module {
  /// How the losses of elements are combined.
  public final let reduction: LossReduction

  /// A loss with a reduction.
  ///
  /// - Parameter reduction: How the losses of elements are combined.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// The result of `body`, with this module's hooks before and after.
  final func withHooks(_ inputs: Tensor..., body: ([Tensor]) -> Tensor) -> Tensor {
    withHooks(inputs) { [body($0)] }[0]
  }
}

/// The base class of losses that weight elements or classes.
///
/// State dict: `weight`, a buffer, if there is one.
public class WeightedLoss: Loss {
  /// A factor for each class or element, if there is one.
  public final let weight: Buffer?

  /// A loss with these options.
  ///
  /// - Parameters:
  ///   - weight: A factor for each class or element.
  ///   - reduction: How the losses of elements are combined.
  public init(weight: Tensor? = nil, reduction: LossReduction = .mean) {
    self.weight = weight.map { Buffer($0) }
    super.init(reduction: reduction)
  }
}
