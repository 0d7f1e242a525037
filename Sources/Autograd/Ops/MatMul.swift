import Arrays
import Files
import Kernels

extension Tensor {
  /// The matrix product. Equivalent to `torch.matmul`.
  ///
  /// - Parameter other: The right factor.
  /// - Returns: (…, n, m) for shapes (…, n, k) and (…, k, m), whose leading dimensions broadcast. A
  ///   vector on the left counts as a row, one on the right as a column, and that dimension is then
  ///   removed.
  /// - Precondition: Neither tensor is zero-dimensional, the shapes fit, and both are of one type, as in
  ///   PyTorch.
  public final func matmul(_ other: Tensor) -> Tensor {
    if let result = Autocast.lowered({ low in low(self).matmul(low(other)) }) { return result }
    require(
      rank > 0 && other.rank > 0,
      "matmul: shapes \(shape) and \(other.shape) must both have a dimension")
    // Of nothing PyTorch takes any.
    if elementCount > 0, other.elementCount > 0 { requireOneType("matmul", other) }
    if rank == 1 {
      let product = unsqueezed(0).matmul(other)
      return product.squeezed([other.rank == 1 ? 0 : -2])
    }
    if other.rank == 1 { return matmul(other.unsqueezed(1)).squeezed([-1]) }
    if rank > 2 && other.rank == 2 {
      // One product for the whole stack, and so one for each gradient.
      let stack = shape.dimensions.dropLast()
      return flattened(from: 0, through: -2).matmul(other)
        .reshaped(Shape(stack + [other.shape[1]]))
    }
    return .record("matmul", [self, other], .matmul(array, other.array)) { _ in
      let (x, y) = (self.saved, other.saved)
      return [{ $0.matmul(y().transposed()) }, { x().transposed().matmul($0) }]
    }
  }

  /// x · weightᵀ + bias. Equivalent to `torch.nn.functional.linear`.
  ///
  /// - Parameters:
  ///   - weight: (out, in).
  ///   - bias: (out,).
  /// - Returns: (…, out) for this tensor of shape (…, in).
  /// - Precondition: The shapes fit.
  public final func linear(_ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
    if let result = Autocast.lowered({ low in low(self).linear(low(weight), bias.map(low)) }) {
      return result
    }
    require(
      weight.rank == 2 && rank > 0 && shape[rank - 1] == weight.shape[1],
      "linear: shape \(shape) does not multiply with a weight of shape \(weight.shape)")
    require(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "linear: a bias of shape \(bias?.shape ?? .scalar) does not fit a weight of shape \(weight.shape)"
    )
    requireOneType("linear", weight, bias)
    let stack = shape.dimensions.dropLast()
    let x = rank == 2 ? self : reshaped([stack.reduce(1, *), weight.shape[1]])
    let array = NDArray.linear(x.array, weight.array, bias?.array)
    let output = Tensor.record("linear", [x, weight] + (bias.map { [$0] } ?? []), array) { _ in
      let (input, matrix) = (x.saved, weight.saved)
      var rules: [(Tensor) -> Tensor?] = [
        { $0.matmul(matrix()) }, { $0.transposed().matmul(input()) },
      ]
      if bias != nil { rules.append { $0 } }
      return rules
    }
    return rank == 2 ? output : output.reshaped(Shape(stack + [weight.shape[0]]))
  }

  /// x₁ᵀ · weight[i] · x₂ + bias[i] for each output i. Equivalent to
  /// `torch.nn.functional.bilinear`.
  ///
  /// - Parameters:
  ///   - other: x₂, (…, in₂); this tensor is x₁, (…, in₁).
  ///   - weight: (out, in₁, in₂).
  ///   - bias: (out,).
  /// - Returns: (…, out).
  /// - Precondition: The shapes fit.
  public final func bilinear(_ other: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
    // PyTorch's autocast leaves this product in the type of its operands.
    if Autocast.dtype != nil {
      return Autocast.$dtype.withValue(nil) { bilinear(other, weight, bias) }
    }
    require(
      weight.rank == 3 && rank > 0 && other.rank == rank
        && shape.dimensions.dropLast() == other.shape.dimensions.dropLast()
        && shape[rank - 1] == weight.shape[1] && other.shape[rank - 1] == weight.shape[2],
      "bilinear: shapes \(shape) and \(other.shape) do not multiply with a weight of shape "
        + "\(weight.shape)")
    requireOneType("bilinear", other, weight, bias)
    // The sum is rounded once.
    if let result = widened({ $0.bilinear(other.wide, weight.wide, bias?.wide) }) {
      return result
    }
    // For each output a product with the first, then one with the second.
    let (outputs, first, second) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let matrix = weight.permuted([1, 0, 2]).reshaped([first, outputs * second])
    let stack = shape.dimensions.dropLast()
    let products = matmul(matrix).reshaped(Shape(stack + [outputs, second]))
    let sum = products.matmul(other.unsqueezed(-1)).squeezed([-1])
    return bias.map { sum + $0 } ?? sum
  }
}
