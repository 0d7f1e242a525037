import Arrays
import Autograd
import Files
import States

/// The base class of `BatchNorm1d`, `BatchNorm2d` and `BatchNorm3d`, which normalize each channel.
///
/// Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal
/// covariate shift" (2015).
///
/// State dict, version 2: `weight`, `bias`, `running_mean`, `running_var` (channels,), and
/// `num_batches_tracked`, a scalar of `int64`. A state of an older version, without the last, loads
/// with 0.
public class BatchNorm: RunningNorm {
  /// The weight of a batch in the running statistics; nil for the average over all batches.
  public final let momentum: Double?

  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - numFeatures: The number of channels.
  ///   - eps: Added to the variance.
  ///   - momentum: The weight of a batch in the running statistics; nil for the average over all
  ///     batches.
  ///   - affine: Whether channels are scaled and shifted after normalization.
  ///   - bias: Whether they are shifted, if `affine`.
  ///   - trackRunningStats: Whether running statistics are kept and used in evaluation. Otherwise
  ///     those of the batch are used there too.
  public init(
    _ numFeatures: Int, eps: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true,
    bias: Bool = true, trackRunningStats: Bool = true
  ) {
    self.momentum = momentum
    super.init(
      numFeatures, eps: eps, affine: affine, bias: bias, trackRunningStats: trackRunningStats)
  }

  /// Adds `num_batches_tracked` to a state older than version 2.
  public override func migrate(_ state: inout StateDict, prefix: String, from version: Int?) {
    let key = prefix + "num_batches_tracked"
    guard numBatchesTracked != nil, (version ?? 1) < 2, state[key] == nil else { return }
    state.entries[key] = StateDict.Entry(NDArray(Int64(0)), role: .buffer)
  }

  func checkDimensions(_ input: Tensor) {}

  /// The normalized input, of the same shape.
  ///
  /// In training each channel must have more than one element, or it traps.
  public override func forward(_ input: Tensor) -> Tensor {
    checkDimensions(input)
    var weightOfBatch = momentum ?? 0
    if isTraining, let numBatchesTracked, numBatchesTracked.device != .meta {
      noGrad { numBatchesTracked.assign(numBatchesTracked + 1) }
      if momentum == nil { weightOfBatch = 1 / Double(numBatchesTracked.item(as: Int64.self)) }
    }
    return input.batchNorm(
      runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias,
      training: isTraining || runningMean == nil, momentum: weightOfBatch, eps: eps)
  }

  final override var momentumText: String { momentum.map(pythonFloat) ?? "None" }
}

/// Normalization of each channel of (batch, channels) or (batch, channels, length). Equivalent to
/// `torch.nn.BatchNorm1d`.
///
/// State dict: as ``BatchNorm``.
public final class BatchNorm1d: BatchNorm {
  override func checkDimensions(_ input: Tensor) {
    require(
      input.rank == 2 || input.rank == 3,
      "BatchNorm1d: expected 2D or 3D input, got shape \(input.shape)")
  }
}

/// Normalization of each channel of (batch, channels, height, width). Equivalent to
/// `torch.nn.BatchNorm2d`.
///
/// State dict: as ``BatchNorm``.
public final class BatchNorm2d: BatchNorm {
  override func checkDimensions(_ input: Tensor) {
    require(input.rank == 4, "BatchNorm2d: expected 4D input, got shape \(input.shape)")
  }
}

/// Normalization of each channel of (batch, channels, depth, height, width). Equivalent to
/// `torch.nn.BatchNorm3d`.
///
/// State dict: as ``BatchNorm``.
public final class BatchNorm3d: BatchNorm {
  override func checkDimensions(_ input: Tensor) {
    require(input.rank == 5, "BatchNorm3d: expected 5D input, got shape \(input.shape)")
  }
}
