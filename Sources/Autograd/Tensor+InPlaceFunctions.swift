// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays

// Functions of one number and activations that change their tensor; the rules are those of `add_`. As in
// PyTorch, integers cannot hold what is not an integer: that traps.

extension Tensor {
  /// Replaces each element by its absolute value. Equivalent to `torch.Tensor.abs_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func abs_() -> Self { changed("abs_") { $0.abs() } }

  /// Replaces each element by its arc cosine. Equivalent to `torch.Tensor.acos_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func acos_() -> Self { changed("acos_") { $0.acos() } }

  /// Replaces each element by its arc sine. Equivalent to `torch.Tensor.asin_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func asin_() -> Self { changed("asin_") { $0.asin() } }

  /// Replaces each element by its arc tangent. Equivalent to `torch.Tensor.atan_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func atan_() -> Self { changed("atan_") { $0.atan() } }

  /// Replaces each element by the least integer that is not below it. Equivalent to `torch.Tensor.ceil_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func ceil_() -> Self { changed("ceil_") { $0.ceil() } }

  /// Replaces each element by its cosine. Equivalent to `torch.Tensor.cos_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func cos_() -> Self { changed("cos_") { $0.cos() } }

  /// Replaces each element by its hyperbolic cosine. Equivalent to `torch.Tensor.cosh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func cosh_() -> Self { changed("cosh_") { $0.cosh() } }

  /// Replaces each element by the derivative of its log-gamma. Equivalent to `torch.Tensor.digamma_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func digamma_() -> Self { changed("digamma_") { $0.digamma() } }

  /// Replaces each element by its error function. Equivalent to `torch.Tensor.erf_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func erf_() -> Self { changed("erf_") { $0.erf() } }

  /// Replaces each element by its inverse error function. Equivalent to `torch.Tensor.erfinv_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func erfinv_() -> Self { changed("erfinv_") { $0.erfinv() } }

  /// Replaces each element by its exponential. Equivalent to `torch.Tensor.exp_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func exp_() -> Self { changed("exp_") { $0.exp() } }

  /// Replaces each element by its exponential minus one. Equivalent to `torch.Tensor.expm1_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func expm1_() -> Self { changed("expm1_") { $0.expm1() } }

  /// Replaces each element by the greatest integer that is not above it. Equivalent to `torch.Tensor.floor_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func floor_() -> Self { changed("floor_") { $0.floor() } }

  /// Replaces each element by its log-gamma. Equivalent to `torch.Tensor.lgamma_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func lgamma_() -> Self { changed("lgamma_") { $0.lgamma() } }

  /// Replaces each element by its logarithm. Equivalent to `torch.Tensor.log_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func log_() -> Self { changed("log_") { $0.log() } }

  /// Replaces each element by its logarithm to base 10. Equivalent to `torch.Tensor.log10_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func log10_() -> Self { changed("log10_") { $0.log10() } }

  /// Replaces each element by the logarithm of it plus one. Equivalent to `torch.Tensor.log1p_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func log1p_() -> Self { changed("log1p_") { $0.log1p() } }

  /// Replaces each element by its logarithm to base 2. Equivalent to `torch.Tensor.log2_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func log2_() -> Self { changed("log2_") { $0.log2() } }

  /// Replaces each element by its reciprocal. Equivalent to `torch.Tensor.reciprocal_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func reciprocal_() -> Self { changed("reciprocal_") { $0.reciprocal() } }

  /// Replaces each element by the nearest integer, the even one of two. Equivalent to `torch.Tensor.round_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func round_() -> Self { changed("round_") { $0.round() } }

  /// Replaces each element by the reciprocal of its square root. Equivalent to `torch.Tensor.rsqrt_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func rsqrt_() -> Self { changed("rsqrt_") { $0.rsqrt() } }

  /// Replaces each element by its sigmoid. Equivalent to `torch.Tensor.sigmoid_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func sigmoid_() -> Self { changed("sigmoid_") { $0.sigmoid() } }

  /// Replaces each element by its sign. Equivalent to `torch.Tensor.sign_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func sign_() -> Self { changed("sign_") { $0.sign() } }

  /// Replaces each element by its sine. Equivalent to `torch.Tensor.sin_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func sin_() -> Self { changed("sin_") { $0.sin() } }

  /// Replaces each element by its hyperbolic sine. Equivalent to `torch.Tensor.sinh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func sinh_() -> Self { changed("sinh_") { $0.sinh() } }

  /// Replaces each element by its square root. Equivalent to `torch.Tensor.sqrt_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func sqrt_() -> Self { changed("sqrt_") { $0.sqrt() } }

  /// Replaces each element by its square. Equivalent to `torch.Tensor.square_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func square_() -> Self { changed("square_") { $0.square() } }

  /// Replaces each element by its tangent. Equivalent to `torch.Tensor.tan_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func tan_() -> Self { changed("tan_") { $0.tan() } }

  /// Replaces each element by its hyperbolic tangent. Equivalent to `torch.Tensor.tanh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func tanh_() -> Self { changed("tanh_") { $0.tanh() } }

  /// Replaces each element by its integer part. Equivalent to `torch.Tensor.trunc_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func trunc_() -> Self { changed("trunc_") { $0.trunc() } }
}
