import Arrays
import Autograd

/// The base class of batch and instance normalization: scale and shift of each channel, and running
/// statistics.
///
/// State dict, version 2: `weight`, `bias`, `running_mean`, `running_var` (channels,), and
/// `num_batches_tracked`, a scalar of `int64`; those that the options include.
public class RunningNorm: Module {
  /// The scale of each channel, (channels,); nil if not affine.
  public final let weight: Parameter?
  /// The shift of each channel, (channels,); nil if there is none.
  public final let bias: Parameter?
  /// The running mean of each channel, (channels,); nil if not tracked.
  public final let runningMean: Buffer?
  /// The running unbiased variance of each channel, (channels,); nil if not tracked.
  public final let runningVar: Buffer?
  /// The number of batches seen in training, a scalar of `int64`, which stays 0 in instance
  /// normalization; nil if not tracked.
  public final let numBatchesTracked: Buffer?
  /// The number of channels.
  public final let numFeatures: Int
  /// Added to the variance.
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

  /// 2, since `num_batches_tracked` was added.
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
