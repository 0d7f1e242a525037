// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays

// What `torch.nn.functional` does with `inplace=True`; the rules are those of `add_`.

extension Tensor {
  /// Applies ``relu()`` to each element, in place. Equivalent to `torch.nn.functional.relu` with `inplace=True`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func relu_() -> Self {
    changed("relu_") { $0.relu() }
  }

  /// Applies ``relu6()`` to each element, in place. Equivalent to `torch.nn.functional.relu6` with `inplace=True`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func relu6_() -> Self {
    changed("relu6_") { $0.relu6() }
  }

  /// Applies ``selu()`` to each element, in place. Equivalent to `torch.nn.functional.selu` with `inplace=True`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func selu_() -> Self {
    changed("selu_") { $0.selu() }
  }

  /// Applies ``silu()`` to each element, in place. Equivalent to `torch.nn.functional.silu` with `inplace=True`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func silu_() -> Self {
    changed("silu_") { $0.silu() }
  }

  /// Applies ``mish()`` to each element, in place. Equivalent to `torch.nn.functional.mish` with `inplace=True`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func mish_() -> Self {
    changed("mish_") { $0.mish() }
  }

  /// Applies ``hardswish()`` to each element, in place. Equivalent to `torch.nn.functional.hardswish` with `inplace=True`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func hardswish_() -> Self {
    changed("hardswish_") { $0.hardswish() }
  }

  /// Applies ``hardsigmoid()`` to each element, in place. Equivalent to `torch.nn.functional.hardsigmoid` with `inplace=True`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func hardsigmoid_() -> Self {
    changed("hardsigmoid_") { $0.hardsigmoid() }
  }

  /// Applies ``leakyRelu(negativeSlope:)`` to each element, in place. Equivalent to `torch.nn.functional.leaky_relu_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func leakyRelu_(negativeSlope: Double = 0.01) -> Self {
    changed("leakyRelu_") { $0.leakyRelu(negativeSlope: negativeSlope) }
  }

  /// Applies ``elu(alpha:)`` to each element, in place. Equivalent to `torch.nn.functional.elu_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func elu_(alpha: Double = 1) -> Self {
    changed("elu_") { $0.elu(alpha: alpha) }
  }

  /// Applies ``celu(alpha:)`` to each element, in place. Equivalent to `torch.nn.functional.celu_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func celu_(alpha: Double = 1) -> Self {
    changed("celu_") { $0.celu(alpha: alpha) }
  }

  /// Limits each element as ``hardtanh(min:max:)`` does, in place. Equivalent to `torch.nn.functional.hardtanh_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func hardtanh_(min: Double = -1, max: Double = 1) -> Self {
    changed("hardtanh_") { $0.hardtanh(min: min, max: max) }
  }

  /// Applies ``threshold(_:_:)`` to each element, in place. Equivalent to `torch.nn.functional.threshold_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func threshold_(_ threshold: Double, _ value: Double) -> Self {
    changed("threshold_") { $0.threshold(threshold, value) }
  }

  /// Applies ``rrelu(lower:upper:training:generator:)``, in place. Equivalent to `torch.nn.functional.rrelu_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func rrelu_(
    lower: Double = 1 / 8, upper: Double = 1 / 3, training: Bool = false,
    generator: Generator = .current
  ) -> Self {
    changed("rrelu_") {
      $0.rrelu(lower: lower, upper: upper, training: training, generator: generator)
    }
  }

  /// Applies ``dropout(_:training:generator:)``, in place; nothing is changed outside training. Equivalent to `torch.dropout_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func dropout_(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Self {
    requireProbability("dropout_", probability)
    guard training, probability > 0 else { return self }
    return changed("dropout_") { $0.dropout(probability, training: true, generator: generator) }
  }

  /// Applies ``featureDropout(_:training:generator:)``, in place; nothing is changed outside training. Equivalent to `torch.feature_dropout_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func featureDropout_(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Self {
    requireProbability("featureDropout_", probability)
    guard training, probability > 0 else { return self }
    return changed("featureDropout_") {
      $0.featureDropout(probability, training: true, generator: generator)
    }
  }

  /// Applies ``alphaDropout(_:training:generator:)``, in place; nothing is changed outside training. Equivalent to `torch.alpha_dropout_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func alphaDropout_(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Self {
    requireProbability("alphaDropout_", probability)
    guard training, probability > 0 else { return self }
    return changed("alphaDropout_") {
      $0.alphaDropout(probability, training: true, generator: generator)
    }
  }

  /// Applies ``featureAlphaDropout(_:training:generator:)``, in place; nothing is changed outside training. Equivalent to `torch.feature_alpha_dropout_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func featureAlphaDropout_(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Self {
    requireProbability("featureAlphaDropout_", probability)
    guard training, probability > 0 else { return self }
    return changed("featureAlphaDropout_") {
      $0.featureAlphaDropout(probability, training: true, generator: generator)
    }
  }
}
