import Arrays
import Autograd
import Files

/// Normalization of each channel of each sample: what `InstanceNorm1d`, `InstanceNorm2d` and
/// `InstanceNorm3d` have in common.
///
/// State dict, version 2: `weight`, `bias` (channels,) if `affine`; `running_mean`, `running_var`
/// (channels,) and `num_batches_tracked`, a scalar of `int64` that stays 0, if `trackRunningStats`.
public class InstanceNorm: RunningNorm {
  /// The weight of new samples in the running statistics.
  public final let momentum: Double

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numFeatures: The number of channels.
  ///   - eps: Added to the variance.
  ///   - momentum: The weight of new samples in the running statistics.
  ///   - affine: Whether channels are scaled and shifted after normalization.
  ///   - trackRunningStats: Whether statistics are kept for evaluation, where otherwise those of
  ///     each sample are used too.
  ///   - bias: Whether channels are shifted, if they are scaled.
  public init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double = 0.1, affine: Bool = false,
    trackRunningStats: Bool = false, bias: Bool = true
  ) {
    self.momentum = momentum
    super.init(
      numFeatures, eps: eps, affine: affine, bias: bias, trackRunningStats: trackRunningStats)
  }

  /// The number of dimensions after channels.
  fileprivate var spatialRank: Int { 0 }

  /// The input, normalized, with a batch or without.
  public final override func forward(_ input: Tensor) -> Tensor {
    let rank = spatialRank + 2
    require(
      input.rank == rank || input.rank == rank - 1,
      "\(typeName): expected \(rank - 1)D or \(rank)D input, got shape \(input.shape)")
    require(
      weight == nil && runningMean == nil || input.shape[input.rank - rank + 1] == numFeatures,
      "\(typeName): input of shape \(input.shape) does not have \(numFeatures) channels")
    guard input.rank == rank else { return normalized(input.unsqueezed(0)).squeezed([0]) }
    return normalized(input)
  }

  private final func normalized(_ input: Tensor) -> Tensor {
    input.instanceNorm(
      runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
      useInputStats: isTraining || runningMean == nil, momentum: momentum, eps: eps)
  }

  final override var momentumText: String { pythonFloat(momentum) }
}

/// Normalization of each channel of each line of (batch, channels, length). Equivalent to
/// `torch.nn.InstanceNorm1d`.
///
/// State dict: as ``InstanceNorm``.
public final class InstanceNorm1d: InstanceNorm {
  override var spatialRank: Int { 1 }
}

/// Normalization of each channel of each plane of (batch, channels, height, width). Equivalent to
/// `torch.nn.InstanceNorm2d`.
///
/// State dict: as ``InstanceNorm``.
public final class InstanceNorm2d: InstanceNorm {
  override var spatialRank: Int { 2 }
}

/// Normalization of each channel of each volume of (batch, channels, depth, height, width).
/// Equivalent to `torch.nn.InstanceNorm3d`.
///
/// State dict: as ``InstanceNorm``.
public final class InstanceNorm3d: InstanceNorm {
  override var spatialRank: Int { 3 }
}
