import Arrays
import Files
import Kernels

/// How the losses of elements are combined.
public enum LossReduction: String, Hashable, Sendable {
  /// Not at all: the result has one loss per element.
  case none
  /// As their mean.
  case mean
  /// As their sum.
  case sum
  /// As their sum divided by the length of the first dimension, as a divergence is averaged.
  case batchMean = "batchmean"
}

extension Tensor {
  /// These losses of elements, combined; `batch` is the length by which ``LossReduction/batchMean`` divides,
  /// that of the first dimension if nil.
  final func folded(_ reduction: LossReduction, batch: Int? = nil) -> Tensor {
    switch reduction {
    case .none: self
    case .mean: mean()
    case .sum: sum()
    case .batchMean: sum() / Double(batch ?? shape.dimensions.first ?? 1)
    }
  }

  /// (x − y)². Equivalent to `torch.nn.functional.mse_loss`.
  ///
  /// - Parameters:
  ///   - target: y, which broadcasts.
  ///   - reduction: How the losses of the elements are combined.
  public final func mseLoss(_ target: Tensor, reduction: LossReduction = .mean) -> Tensor {
    if let result = Autocast.raised({ wide in wide(self).mseLoss(wide(target), reduction: reduction)
    }) {
      return result
    }
    // A mask is a target of zeros and ones, although nothing can be taken from it.
    let x = dtype == .bool ? to(target.dtype) : self
    let y = target.dtype == .bool ? target.to(dtype) : target
    return (x - y).square().folded(reduction).named("MseLossBackward0")
  }

  /// The negative log-likelihood of classes. Equivalent to `torch.nn.functional.nll_loss`.
  ///
  /// With the mean reduction, the sum is divided by that of the weights of the targets, and ignored
  /// targets do not count.
  ///
  /// - Parameters:
  ///   - target: The classes, integers of shape (batch, …) or () for this tensor of
  ///     log-probabilities of shape (batch, classes, …) or (classes,).
  ///   - weight: A factor for each class, (classes,).
  ///   - ignoreIndex: A target to be ignored.
  ///   - reduction: How the losses of the targets are combined.
  /// - Precondition: The shapes fit, and every class that is not ignored exists.
  public final func nllLoss(
    _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100,
    reduction: LossReduction = .mean
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).nllLoss(
        target, weight: weight.map(wide), ignoreIndex: ignoreIndex, reduction: reduction)
    }) {
      return result
    }
    let axis = rank == 1 ? 0 : 1
    requireClasses("nllLoss", target, weight)
    requireOneType("nllLoss", weight)
    let isCounted = target .!= Double(ignoreIndex)
    let classes = target.to(.int64).maskedFill(target .== Double(ignoreIndex), 0)
    _ = classes.array.checkedIndices(shape[axis], for: "nllLoss")
    let picked = gather(axis, classes.unsqueezed(axis)).squeezed([axis])
    var counts = isCounted.to(dtype)
    if let weight {
      counts = counts * weight.indexSelect(0, classes.reshaped(-1)).reshaped(classes.shape)
    }
    // Where a class is ignored its probability must not matter, even if it is infinite.
    let losses = -picked.maskedFill(target .== Double(ignoreIndex), 0) * counts
    return (reduction == .mean ? losses.sum() / counts.sum() : losses.folded(reduction))
      .named("NllLossBackward0")
  }

  /// The cross entropy between unnormalized predictions and classes, or probabilities of them.
  /// Equivalent to `torch.nn.functional.cross_entropy`.
  ///
  /// ```swift
  /// let loss = model(images).crossEntropy(labels)          // (batch, classes) and (batch,)
  /// ```
  ///
  /// - Parameters:
  ///   - target: Integers as for ``nllLoss(_:weight:ignoreIndex:reduction:)``, or probabilities of
  ///     this tensor's shape, which is (batch, classes, …) or (classes,).
  ///   - weight: A factor for each class, (classes,).
  ///   - ignoreIndex: A target to be ignored. It has no effect on probabilities.
  ///   - reduction: How the losses of the targets are combined.
  ///   - labelSmoothing: The part of each target that is spread evenly over all classes, from 0 to
  ///     1.
  /// - Precondition: The shapes fit, and every class that is not ignored exists.
  public final func crossEntropy(
    _ target: Tensor, weight: Tensor? = nil, ignoreIndex: Int = -100,
    reduction: LossReduction = .mean, labelSmoothing: Double = 0
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).crossEntropy(
        wide(target), weight: weight.map(wide), ignoreIndex: ignoreIndex, reduction: reduction,
        labelSmoothing: labelSmoothing)
    }) {
      return result
    }
    require(rank > 0, "crossEntropy: shape \(shape) has no dimension for classes")
    let axis = rank == 1 ? 0 : 1
    // Beside probabilities of another type rounded logarithms would be less exact than the result.
    let isRounded = dtype == .float16 || dtype == .bfloat16
    let hasWiderTarget = isRounded && target.dtype.isFloatingPoint && target.dtype != dtype
    let logits = (hasWiderTarget ? to(.float32) : self).logSoftmax(axis)
    if target.dtype.isFloatingPoint {
      return logits.crossEntropy(probabilities: target, weight, reduction, labelSmoothing, axis)
    }
    let loss = logits.nllLoss(
      target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
    guard labelSmoothing > 0 else { return loss }
    let classes = shape[axis]
    let isIgnored = target .== Double(ignoreIndex)
    let weighted = weight.map { logits * $0.reshaped(classShape(axis)) } ?? logits
    let spread = -weighted.sum([axis]).maskedFill(isIgnored, 0)
    let smooth: Tensor
    if reduction == .mean {
      var counts = (target .!= Double(ignoreIndex)).to(dtype)
      if let weight {
        let safe = target.to(.int64).maskedFill(isIgnored, 0)
        counts = counts * weight.indexSelect(0, safe.reshaped(-1)).reshaped(safe.shape)
      }
      smooth = spread.sum() / counts.sum()
    } else {
      smooth = spread.folded(reduction)
    }
    return loss * (1 - labelSmoothing) + smooth * (labelSmoothing / Double(classes))
  }

  private final func crossEntropy(
    probabilities target: Tensor, _ weight: Tensor?, _ reduction: LossReduction,
    _ labelSmoothing: Double, _ axis: Int
  ) -> Tensor {
    require(
      target.shape == shape,
      "crossEntropy: probabilities of shape \(target.shape) do not fit shape \(shape)")
    let classes = Double(shape[axis])
    let smoothed =
      labelSmoothing > 0 ? target * (1 - labelSmoothing) + labelSmoothing / classes : target
    let weighted = weight.map { self * $0.reshaped(classShape(axis)) } ?? self
    let losses = -(weighted * smoothed).sum([axis])
    return reduction == .mean
      ? losses.sum() / (Double(elementCount) / classes) : losses.folded(reduction)
  }

  private final func classShape(_ axis: Int) -> Shape {
    Shape(shape.indices.map { $0 == axis ? shape[axis] : 1 })
  }

  final func requireClasses(_ operation: StaticString, _ target: Tensor, _ weight: Tensor?) {
    let axis = rank == 1 ? 0 : 1
    var expected = shape.dimensions
    if rank > 0 { expected.remove(at: axis) }
    require(
      rank > 0 && target.shape == Shape(expected),
      "\(operation): classes of shape \(target.shape) do not fit shape \(shape)")
    target.array.requireIntegers("classes", for: operation)
    require(
      weight.map { $0.shape == [shape[axis]] } ?? true,
      "\(operation): weights of shape \(weight?.shape ?? .scalar) do not fit shape \(shape)")
  }
}
