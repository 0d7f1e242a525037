import Arrays
import Files
import Kernels

// Methods for comparisons, with tensors and with numbers.
extension Tensor {
  /// Whether elements are equal to those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.eq`.
  ///
  /// - Parameter other: The other tensor.
  public final func eq(_ other: Tensor) -> Tensor { self .== other }
  /// Whether elements are equal to a number: a tensor of `bool`. Equivalent to `torch.eq`.
  ///
  /// - Parameter other: The number.
  public final func eq(_ other: some TensorNumber) -> Tensor { self .== other.compared(self) }
  /// Whether elements differ from those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.ne`.
  ///
  /// - Parameter other: The other tensor.
  public final func ne(_ other: Tensor) -> Tensor { self .!= other }
  /// Whether elements differ from a number: a tensor of `bool`. Equivalent to `torch.ne`.
  ///
  /// - Parameter other: The number.
  public final func ne(_ other: some TensorNumber) -> Tensor { self .!= other.compared(self) }
  /// Whether elements differ from those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.not_equal`.
  ///
  /// - Parameter other: The other tensor.
  public final func notEqual(_ other: Tensor) -> Tensor { self .!= other }
  /// Whether elements differ from a number: a tensor of `bool`. Equivalent to `torch.not_equal`.
  ///
  /// - Parameter other: The number.
  public final func notEqual(_ other: some TensorNumber) -> Tensor { self .!= other.compared(self) }
  /// Whether elements are smaller than those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.lt`.
  ///
  /// - Parameter other: The other tensor.
  public final func lt(_ other: Tensor) -> Tensor { self .< other }
  /// Whether elements are smaller than a number: a tensor of `bool`. Equivalent to `torch.lt`.
  ///
  /// - Parameter other: The number.
  public final func lt(_ other: some TensorNumber) -> Tensor { self .< other.compared(self) }
  /// Whether elements are smaller than those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.less`.
  ///
  /// - Parameter other: The other tensor.
  public final func less(_ other: Tensor) -> Tensor { self .< other }
  /// Whether elements are smaller than a number: a tensor of `bool`. Equivalent to `torch.less`.
  ///
  /// - Parameter other: The number.
  public final func less(_ other: some TensorNumber) -> Tensor { self .< other.compared(self) }
  /// Whether elements are smaller or equal to those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.le`.
  ///
  /// - Parameter other: The other tensor.
  public final func le(_ other: Tensor) -> Tensor { self .<= other }
  /// Whether elements are smaller or equal to a number: a tensor of `bool`. Equivalent to `torch.le`.
  ///
  /// - Parameter other: The number.
  public final func le(_ other: some TensorNumber) -> Tensor { self .<= other.compared(self) }
  /// Whether elements are smaller or equal to those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.less_equal`.
  ///
  /// - Parameter other: The other tensor.
  public final func lessEqual(_ other: Tensor) -> Tensor { self .<= other }
  /// Whether elements are smaller or equal to a number: a tensor of `bool`. Equivalent to `torch.less_equal`.
  ///
  /// - Parameter other: The number.
  public final func lessEqual(_ other: some TensorNumber) -> Tensor {
    self .<= other.compared(self)
  }
  /// Whether elements are larger than those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.gt`.
  ///
  /// - Parameter other: The other tensor.
  public final func gt(_ other: Tensor) -> Tensor { self .> other }
  /// Whether elements are larger than a number: a tensor of `bool`. Equivalent to `torch.gt`.
  ///
  /// - Parameter other: The number.
  public final func gt(_ other: some TensorNumber) -> Tensor { self .> other.compared(self) }
  /// Whether elements are larger than those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.greater`.
  ///
  /// - Parameter other: The other tensor.
  public final func greater(_ other: Tensor) -> Tensor { self .> other }
  /// Whether elements are larger than a number: a tensor of `bool`. Equivalent to `torch.greater`.
  ///
  /// - Parameter other: The number.
  public final func greater(_ other: some TensorNumber) -> Tensor { self .> other.compared(self) }
  /// Whether elements are larger or equal to those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.ge`.
  ///
  /// - Parameter other: The other tensor.
  public final func ge(_ other: Tensor) -> Tensor { self .>= other }
  /// Whether elements are larger or equal to a number: a tensor of `bool`. Equivalent to `torch.ge`.
  ///
  /// - Parameter other: The number.
  public final func ge(_ other: some TensorNumber) -> Tensor { self .>= other.compared(self) }
  /// Whether elements are larger or equal to those of another tensor, with broadcasting: a tensor of `bool`. Equivalent to
  /// `torch.greater_equal`.
  ///
  /// - Parameter other: The other tensor.
  public final func greaterEqual(_ other: Tensor) -> Tensor { self .>= other }
  /// Whether elements are larger or equal to a number: a tensor of `bool`. Equivalent to `torch.greater_equal`.
  ///
  /// - Parameter other: The number.
  public final func greaterEqual(_ other: some TensorNumber) -> Tensor {
    self .>= other.compared(self)
  }

  /// Whether elements are NaN: PyTorch's name of ``isNaN()``.
  public final func isnan() -> Tensor { isNaN() }
  /// Whether elements are infinite: PyTorch's name of ``isInfinite()``.
  public final func isinf() -> Tensor { isInfinite() }
  /// Whether elements are neither NaN nor infinite: PyTorch's name of ``isFinite()``.
  public final func isfinite() -> Tensor { isFinite() }
  /// Whether elements are real numbers, which all are here. Equivalent to `torch.isreal`.
  public final func isreal() -> Tensor {
    requireNoComplex("isreal")
    return Tensor.ones(like: self, dtype: .bool)
  }

  /// Whether each element is close to that of another tensor, with broadcasting. Equivalent to
  /// `torch.isclose`; whether all are says ``allclose(_:rtol:atol:equalNaN:)``.
  ///
  /// Elements are close if |x − y| ≤ `atol` + `rtol` · |y|, and where they are equal.
  ///
  /// - Parameters:
  ///   - other: The tensor of y, of the same type.
  ///   - rtol: The relative tolerance, not negative.
  ///   - atol: The absolute tolerance, not negative.
  ///   - equalNaN: Whether NaN is close to NaN.
  /// - Returns: A tensor of `bool`.
  public final func isclose(
    _ other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false
  ) -> Tensor {
    require(
      dtype == other.dtype,
      "isclose: expected one type, not \(dtype) of shape \(shape) and \(other.dtype) of shape "
        + "\(other.shape)")
    require(rtol >= 0, "isclose: rtol must be greater than or equal to zero, not \(rtol)")
    require(atol >= 0, "isclose: atol must be greater than or equal to zero, not \(atol)")
    return noGrad {
      var isClose = self .== other
      if equalNaN { isClose = isClose .| (isNaN() .& other.isNaN()) }
      guard rtol > 0 || atol > 0 else { return isClose }
      let (x, y) = dtype.isIntegral ? (to(.float32), other.to(.float32)) : (self, other)
      let difference = (x - y).abs()
      let isNear = difference .<= (y * rtol).abs() + atol
      return isClose .| (difference.isFinite() .& isNear)
    }
  }
}
