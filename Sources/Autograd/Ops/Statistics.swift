import Arrays
import Files
import Kernels

extension Tensor {
  /// The covariances of variables, each a row of observations. Equivalent to `torch.cov`.
  ///
  /// - Parameters:
  ///   - correction: What is subtracted from the number of observations.
  ///   - fweights: How often each observation counts, whole numbers; once if nil.
  ///   - aweights: The importance of each observation; equal if nil.
  /// - Returns: (n, n) for this tensor of shape (n, observations); without dimensions for one variable.
  /// - Precondition: There are at most two dimensions, and the elements are not booleans.
  public final func cov(
    correction: Int = 1, fweights: Tensor? = nil, aweights: Tensor? = nil
  ) -> Tensor {
    require(rank <= 2, "cov: expected input to have two or fewer dimensions, not shape \(shape)")
    require(dtype != .bool, "cov: bool dtype is not supported for input of shape \(shape)")
    requireNoComplex("cov")
    let x = rank < 2 ? reshaped([1, elementCount]) : self
    let count = x.shape[1]
    for (name, weights) in [("fweights", fweights), ("aweights", aweights)] {
      guard let weights else { continue }
      require(
        weights.rank == 1 && weights.elementCount == count,
        "cov: expected \(name) to have one dimension of \(count) observations, not shape "
          + "\(weights.shape)")
      require(
        name == "fweights"
          ? weights.dtype.isIntegral && weights.dtype != .bool : weights.dtype.isFloatingPoint,
        "cov: expected \(name) to have \(name == "fweights" ? "an integral" : "a floating-point") type, "
          + "not \(weights.dtype) of shape \(weights.shape)")
      require(
        weights.device == .meta || !noGrad { Bool((weights .< 0).any()) },
        "cov: \(name) of shape \(weights.shape) cannot be negative")
    }
    var weights = fweights
    if let aweights { weights = weights.map { $0 * aweights } ?? aweights }
    let total = weights?.sum()
    if let total, count > 0 {
      require(
        total.device == .meta || Double(total.to(.float64)) != 0,
        "cov: weights of shape \(weights?.shape ?? .scalar) sum to zero, they cannot be normalized")
    }
    let sums = (weights.map { x * $0 } ?? x).sum([1])
    let mean = total.map { sums / $0 } ?? sums / count
    let divisor: Tensor
    if let weights, let total, let aweights, correction != 0 {
      divisor = total - (weights * aweights).sum() / total * correction
    } else {
      divisor = (total ?? Tensor(count)) - correction
    }
    let centred = x - mean.unsqueezed(1)
    let weighted = weights.map { centred * $0 } ?? centred
    let products = centred.matmul(weighted.to(centred.dtype).transposed())
    return (products / divisor.clamp(min: 0.0)).squeezed()
  }

  /// The correlation coefficients of variables, each a row of observations. Equivalent to `torch.corrcoef`.
  ///
  /// - Returns: (n, n) for this tensor of shape (n, observations); without dimensions for one variable.
  /// - Precondition: There are at most two dimensions, and the elements are not booleans.
  public final func corrcoef() -> Tensor {
    require(
      rank <= 2, "corrcoef: expected input to have two or fewer dimensions, not shape \(shape)")
    let covariances = cov()
    guard covariances.rank > 0 else { return covariances / covariances }
    let deviations = covariances.diagonal().sqrt()
    let result = covariances / deviations.unsqueezed(1) / deviations
    return result.clamp(min: -1.0, max: 1.0)
  }
}
