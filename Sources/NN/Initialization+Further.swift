import Arrays
import Autograd
import Files
import Kernels
import Platform

extension Initialization {
  /// Zeros. Equivalent to `torch.nn.init.zeros_`.
  ///
  /// - Parameter tensor: The tensor to overwrite.
  public static func zeros(_ tensor: Tensor) { constant(tensor, 0) }
  /// Ones. Equivalent to `torch.nn.init.ones_`.
  ///
  /// - Parameter tensor: The tensor to overwrite.
  public static func ones(_ tensor: Tensor) { constant(tensor, 1) }
  /// The identity matrix. Equivalent to `torch.nn.init.eye_`.
  ///
  /// - Parameter tensor: The tensor to overwrite, of two dimensions.
  public static func eye(_ tensor: Tensor) {
    require(
      tensor.rank == 2, "eye: only tensors with 2 dimensions are supported, not \(tensor.shape)")
    guard tensor.device != .meta else { return }
    let (rows, columns) = (Tensor.arange(tensor.shape[0]), Tensor.arange(tensor.shape[1]))
    tensor.overwrite((rows.unsqueezed(1) .== columns).to(tensor.dtype).array)
  }

  /// A random matrix with orthonormal rows or columns. Equivalent to `torch.nn.init.orthogonal_`,
  /// though after a seed the matrix is not PyTorch's to the last digits.
  ///
  /// The numbers are drawn as PyTorch draws them; then the columns, or rows if there are fewer of
  /// these, are made orthonormal (Saxe et al., "Exact solutions to the nonlinear dynamics of learning
  /// in deep linear neural networks", 2013).
  ///
  /// - Parameters:
  ///   - tensor: The tensor to overwrite, of at least two dimensions; those after the first count as
  ///     one.
  ///   - gain: The length of the rows or columns.
  ///   - generator: The source of the numbers.
  public static func orthogonal(
    _ tensor: Tensor, gain: Double = 1, generator: Generator = .current
  ) {
    require(
      tensor.rank >= 2,
      "orthogonal: only tensors with 2 or more dimensions are supported, not \(tensor.shape)")
    guard tensor.device != .meta, tensor.elementCount > 0 else { return }
    let rows = tensor.shape[0]
    let columns = tensor.elementCount / rows
    let drawn = generator.normal([rows, columns], mean: 0, std: 1, dtype: tensor.dtype)
    let matrix = Tensor(drawn).to(.float64)
    let tall = rows < columns ? matrix.transposed() : matrix
    var vectors: [[Double]] = []
    for column in tall.unbind(1) {
      var vector = [Double](column)
      // Twice, so that rounding leaves nothing along the vectors before. The sign is that of the
      // diagonal of R in PyTorch's decomposition, which makes it positive.
      for _ in 0..<2 {
        for other in vectors {
          let along = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for index in vector.indices { vector[index] -= along * other[index] }
        }
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vectors.append(vector.map { $0 / length })
    }
    let orthonormal = noGrad { Tensor(vectors, dtype: .float64) * gain }
    let result = rows < columns ? orthonormal : orthonormal.transposed()
    tensor.overwrite(result.reshaped(tensor.shape).to(tensor.dtype).array.copied())
  }

  /// Normally distributed numbers between two bounds. Equivalent to `torch.nn.init.trunc_normal_`,
  /// with its numbers after a seed.
  ///
  /// - Parameters:
  ///   - tensor: The tensor to overwrite.
  ///   - mean: The mean of the distribution.
  ///   - std: The standard deviation of the distribution.
  ///   - low: The lower bound.
  ///   - high: The upper bound.
  ///   - generator: The source of the numbers.
  public static func truncNormal(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, low: Double = -2, high: Double = 2,
    generator: Generator = .current
  ) {
    guard tensor.device != .meta else { return }
    func draw() -> Tensor {
      Tensor(generator.normal(tensor.shape, mean: mean, std: std, dtype: tensor.dtype))
    }
    func spread(_ from: Double, _ to: Double) -> Tensor {
      Tensor(generator.uniform(tensor.shape, from: from, to: to, dtype: tensor.dtype))
    }
    func share(_ x: Double) -> Double { (1 + erf((x - mean) / std / 2.0.squareRoot())) / 2 }
    noGrad {
      guard share(high) - share(low) <= 0.3 else {
        // Normal numbers, drawn again where they are out of bounds.
        var result = draw()
        while true {
          let isOutside = (result .< low) .| (result .> high)
          guard Bool(isOutside.any()) else { break }
          result = .where(isOutside, draw(), result)
        }
        return tensor.overwrite(result.array)
      }
      // Uniform numbers, accepted as often as the density says.
      let peak = -0.5 * pow((Swift.max(low, Swift.min(mean, high)) - mean) / std, 2)
      func isRefused(_ candidates: Tensor) -> Tensor {
        let density = ((candidates - mean) / std).square() * -0.5 - peak
        return spread(0, 1).log() .> density
      }
      var result = spread(low, high)
      var isPending = isRefused(result)
      while Bool(isPending.any()) {
        let candidates = spread(low, high)
        result = .where(isPending, candidates, result)
        isPending = isPending .& isRefused(candidates)
      }
      tensor.overwrite(result.array)
    }
  }
}
