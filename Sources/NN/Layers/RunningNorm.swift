import Arrays
import Autograd

/// What batch and instance normalisation have in common: a scale and a shift of each channel, and
/// running statistics.
///
/// State dict, version 2: `weight`, `bias`, `running_mean`, `running_var` (channels,), and
/// `num_batches_tracked`, a scalar of `int64`.
public class RunningNorm: Module {
  /// The scale of each channel, if the layer has one.
  public final let weight: Parameter?
  /// What is added to each channel, if the layer has it.
  public final let bias: Parameter?
  /// The mean of each channel so far, if it is kept.
  public final let runningMean: Buffer?
  /// The unbiased variance of each channel so far, if it is kept.
  public final let runningVar: Buffer?
  /// How many batches there have been.
  public final let numBatchesTracked: Buffer?
  /// The number of channels.
  public final let numFeatures: Int
  /// What is added to the variance.
  public final let eps: Double

  init(_ numFeatures: Int, eps: Double, affine: Bool, bias: Bool, trackRunningStats: Bool) {
    self.numFeatures = numFeatures
    self.eps = eps
    weight = affine ? Parameter(Tensor.ones([numFeatures])) : nil
    self.bias = affine && bias ? Parameter(Tensor.zeros([numFeatures])) : nil
    runningMean = trackRunningStats ? Buffer(Tensor.zeros([numFeatures])) : nil
    runningVar = trackRunningStats ? Buffer(Tensor.ones([numFeatures])) : nil
    numBatchesTracked = trackRunningStats ? Buffer(Tensor.zeros([], dtype: .int64)) : nil
  }

  public final override class var stateVersion: Int { 2 }

  /// The weight of new statistics as PyTorch prints it.
  var momentumText: String { "None" }

  /// The arguments as PyTorch prints them:
  /// `8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True`.
  public final override var extraDescription: String {
    "\(numFeatures), eps=\(pythonFloat(eps)), momentum=\(momentumText), "
      + "affine=\(pythonBool(weight != nil)), bias=\(pythonBool(bias != nil)), "
      + "track_running_stats=\(pythonBool(runningMean != nil))"
  }
}
