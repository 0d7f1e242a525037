// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Kernels

// Further functions that change their tensor; the rules are those of `add_`.

extension Tensor {
  /// Replaces each element by its absolute value. Equivalent to
  /// `torch.Tensor.absolute_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func absolute_() -> Self {
    changed("absolute_") { $0.absolute() }
  }
  /// Replaces each element by its negative. Equivalent to
  /// `torch.Tensor.neg_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func neg_() -> Self {
    changed("neg_") { $0.neg() }
  }
  /// Replaces each element by its negative. Equivalent to
  /// `torch.Tensor.negative_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func negative_() -> Self {
    changed("negative_") { $0.negative() }
  }
  /// Replaces each element by the inverse of its hyperbolic cosine. Equivalent to
  /// `torch.Tensor.acosh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func acosh_() -> Self {
    changed("acosh_") { $0.acosh() }
  }
  /// Replaces each element by the inverse of its hyperbolic sine. Equivalent to
  /// `torch.Tensor.asinh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func asinh_() -> Self {
    changed("asinh_") { $0.asinh() }
  }
  /// Replaces each element by the inverse of its hyperbolic tangent. Equivalent to
  /// `torch.Tensor.atanh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func atanh_() -> Self {
    changed("atanh_") { $0.atanh() }
  }
  /// Replaces each element by its arc cosine. Equivalent to
  /// `torch.Tensor.arccos_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func arccos_() -> Self {
    changed("arccos_") { $0.arccos() }
  }
  /// Replaces each element by its arc sine. Equivalent to
  /// `torch.Tensor.arcsin_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func arcsin_() -> Self {
    changed("arcsin_") { $0.arcsin() }
  }
  /// Replaces each element by its arc tangent. Equivalent to
  /// `torch.Tensor.arctan_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func arctan_() -> Self {
    changed("arctan_") { $0.arctan() }
  }
  /// Replaces each element by the inverse of its hyperbolic cosine. Equivalent to
  /// `torch.Tensor.arccosh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func arccosh_() -> Self {
    changed("arccosh_") { $0.arccosh() }
  }
  /// Replaces each element by the inverse of its hyperbolic sine. Equivalent to
  /// `torch.Tensor.arcsinh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func arcsinh_() -> Self {
    changed("arcsinh_") { $0.arcsinh() }
  }
  /// Replaces each element by the inverse of its hyperbolic tangent. Equivalent to
  /// `torch.Tensor.arctanh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func arctanh_() -> Self {
    changed("arctanh_") { $0.arctanh() }
  }
  /// Replaces each element by one minus its error function. Equivalent to
  /// `torch.Tensor.erfc_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func erfc_() -> Self {
    changed("erfc_") { $0.erfc() }
  }
  /// Replaces each element by two to its power. Equivalent to
  /// `torch.Tensor.exp2_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func exp2_() -> Self {
    changed("exp2_") { $0.exp2() }
  }
  /// Replaces each element by its integer part. Equivalent to
  /// `torch.Tensor.fix_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func fix_() -> Self {
    changed("fix_") { $0.fix() }
  }
  /// Replaces each element by what its integer part leaves. Equivalent to
  /// `torch.Tensor.frac_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func frac_() -> Self {
    changed("frac_") { $0.frac() }
  }
  /// Replaces each element by its sign. Equivalent to
  /// `torch.Tensor.sgn_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func sgn_() -> Self {
    changed("sgn_") { $0.sgn() }
  }
  /// Replaces each element by its normalized cardinal sine. Equivalent to
  /// `torch.Tensor.sinc_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func sinc_() -> Self {
    changed("sinc_") { $0.sinc() }
  }
  /// Replaces each element by its degrees as radians. Equivalent to
  /// `torch.Tensor.deg2rad_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func deg2rad_() -> Self {
    changed("deg2rad_") { $0.deg2rad() }
  }
  /// Replaces each element by its radians as degrees. Equivalent to
  /// `torch.Tensor.rad2deg_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func rad2deg_() -> Self {
    changed("rad2deg_") { $0.rad2deg() }
  }
  /// Replaces each element by whether it is zero. Equivalent to
  /// `torch.Tensor.logical_not_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func logicalNot_() -> Self {
    changed("logicalNot_") { $0.logicalNot() }
  }
  /// Replaces each element by the bits that it lacks. Equivalent to
  /// `torch.Tensor.bitwise_not_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func bitwiseNot_() -> Self {
    changed("bitwiseNot_") { $0.bitwiseNot() }
  }
  /// Replaces each element by log(x / (1 − x)). Equivalent to
  /// `torch.Tensor.logit_`.
  ///
  /// - Parameter eps: As for ``logit(eps:)``.
  /// - Returns: This tensor.
  @discardableResult
  public final func logit_(eps: Double? = nil) -> Self {
    changed("logit_") { $0.logit(eps: eps) }
  }
  /// Rounds each element to decimal places. Equivalent to
  /// `torch.Tensor.round_`.
  ///
  /// - Parameter decimals: The decimal places.
  /// - Returns: This tensor.
  @discardableResult
  public final func round_(decimals: Int) -> Self {
    changed("round_") { $0.round(decimals: decimals) }
  }
  /// Replaces NaN and infinities by numbers. Equivalent to
  /// `torch.Tensor.nan_to_num_`.
  ///
  /// - Parameters:
  ///   - nan: For NaN.
  ///   - posinf: For infinity; the largest number of the type if nil.
  ///   - neginf: For −infinity; the smallest number of the type if nil.
  /// - Returns: This tensor.
  @discardableResult
  public final func nanToNum_(
    nan: Double = 0, posinf: Double? = nil, neginf: Double? = nil
  ) -> Self {
    changed("nanToNum_") { $0.nanToNum(nan: nan, posinf: posinf, neginf: neginf) }
  }
  /// Replaces each element by the sum up to it. Equivalent to
  /// `torch.Tensor.cumsum_`.
  ///
  /// - Parameter dim: The dimension.
  /// - Returns: This tensor.
  @discardableResult
  public final func cumsum_(_ dim: Int) -> Self {
    changed("cumsum_") { $0.cumsum(dim) }
  }
  /// Replaces each element by the product up to it. Equivalent to
  /// `torch.Tensor.cumprod_`.
  ///
  /// - Parameter dim: The dimension.
  /// - Returns: This tensor.
  @discardableResult
  public final func cumprod_(_ dim: Int) -> Self {
    changed("cumprod_") { $0.cumprod(dim) }
  }
  /// Sets what is above a diagonal to zero. Equivalent to
  /// `torch.Tensor.tril_`.
  ///
  /// - Parameter diagonal: The last diagonal that is kept.
  /// - Returns: This tensor.
  @discardableResult
  public final func tril_(_ diagonal: Int = 0) -> Self {
    changed("tril_") { $0.lowerTriangle(diagonal) }
  }
  /// Sets what is below a diagonal to zero. Equivalent to
  /// `torch.Tensor.triu_`.
  ///
  /// - Parameter diagonal: The first diagonal that is kept.
  /// - Returns: This tensor.
  @discardableResult
  public final func triu_(_ diagonal: Int = 0) -> Self {
    changed("triu_") { $0.upperTriangle(diagonal) }
  }
  /// Limits each element to a range. Equivalent to
  /// `torch.Tensor.clip_`.
  ///
  /// - Parameters:
  ///   - min: The lower limit.
  ///   - max: The upper limit.
  /// - Returns: This tensor.
  @discardableResult
  public final func clip_(_ min: some TensorNumber, _ max: some TensorNumber) -> Self {
    changed("clip_") { $0.clamp(min, max) }
  }
  /// Limits each element to a range. Equivalent to
  /// `torch.Tensor.clamp_`.
  ///
  /// - Parameters:
  ///   - min: The lower limit.
  ///   - max: The upper limit.
  /// - Returns: This tensor.
  @discardableResult
  public final func clamp_(_ min: some TensorNumber, _ max: some TensorNumber) -> Self {
    changed("clamp_") { $0.clamp(min, max) }
  }
  /// Limits each element to a range. Equivalent to
  /// `torch.Tensor.clip_`.
  ///
  /// - Parameters:
  ///   - min: The lower limit.
  ///   - max: The upper limit.
  /// - Returns: This tensor.
  @discardableResult
  public final func clip_(min: Double = -.infinity, max: Double = .infinity) -> Self {
    changed("clip_") { $0.clamp(min: min, max: max) }
  }
  /// Limits each element to a range. Equivalent to
  /// `torch.Tensor.clip_`.
  ///
  /// - Parameters:
  ///   - min: The lower limit.
  ///   - max: The upper limit.
  /// - Returns: This tensor.
  @discardableResult
  public final func clip_(min: Int, max: Int) -> Self {
    changed("clip_") { $0.clamp(min: min, max: max) }
  }
  /// Limits each element to a lower bound. Equivalent to
  /// `torch.Tensor.clamp_min_`.
  ///
  /// - Parameter min: The bound.
  /// - Returns: This tensor.
  @discardableResult
  public final func clampMin_(_ min: some TensorNumber) -> Self {
    changed("clampMin_") { $0.clampMin(min) }
  }
  /// Limits each element to a lower bound. Equivalent to
  /// `torch.Tensor.clamp_min_`.
  ///
  /// - Parameter min: The bound.
  /// - Returns: This tensor.
  @discardableResult
  public final func clampMin_(_ min: Tensor) -> Self {
    changed("clampMin_") { $0.clampMin(min) }
  }
  /// Limits each element to an upper bound. Equivalent to
  /// `torch.Tensor.clamp_max_`.
  ///
  /// - Parameter max: The bound.
  /// - Returns: This tensor.
  @discardableResult
  public final func clampMax_(_ max: some TensorNumber) -> Self {
    changed("clampMax_") { $0.clampMax(max) }
  }
  /// Limits each element to an upper bound. Equivalent to
  /// `torch.Tensor.clamp_max_`.
  ///
  /// - Parameter max: The bound.
  /// - Returns: This tensor.
  @discardableResult
  public final func clampMax_(_ max: Tensor) -> Self {
    changed("clampMax_") { $0.clampMax(max) }
  }
}
