import Arrays
import CKernels
import Files
import Kernels

extension Tensor {
  /// An activation whose gradient is one loop, except when the gradient is to be differentiated
  /// itself: then it is `slope`, in tensor operations.
  private final func activation(
    _ name: StaticString, _ f: CKUnary, _ gradient: CKBinary, _ a: Double = 0, _ b: Double = 0,
    slope: @escaping (Tensor) -> Tensor
  ) -> Tensor {
    .record(name, [self], array.unary(f, a, b)) { _ in
      let x = self.saved
      return [
        { grad in
          guard !GradMode.isEnabled else { return grad * slope(x()) }
          return Tensor(.binary(gradient, grad.array, x().array, a, b, for: name))
        }
      ]
    }
  }

  /// The same for an activation whose slope follows from its output.
  private final func activation(
    _ name: StaticString, _ f: CKUnary, ofOutput gradient: CKBinary,
    slope: @escaping (Tensor) -> Tensor
  ) -> Tensor {
    .record(name, [self], array.unary(f)) { output in
      [
        { grad in
          guard !GradMode.isEnabled else { return grad * slope(output()) }
          return Tensor(.binary(gradient, grad.array, output().array, for: name))
        }
      ]
    }
  }

  /// One where the mask is true, zero elsewhere.
  private static func ones(_ mask: Tensor, like x: Tensor) -> Tensor { mask.to(x.dtype) }

  /// max(0, x). Equivalent to `torch.relu`. The gradient at zero is zero.
  ///
  /// Integers stay integers. As in PyTorch, booleans trap.
  public final func relu() -> Tensor {
    require(dtype != .bool, "relu: Boolean inputs of shape \(shape) are not supported")
    guard !dtype.isIntegral else { return clamp(min: 0 as Int) }
    return .record("relu", [self], array.unary(.relu)) { _ in
      let x = self.saved
      return [
        { grad in
          guard !GradMode.isEnabled else { return grad.kept(where: .!(x() .<= 0)) }
          return Tensor(.binary(.reluGrad, grad.array, x().array, for: "relu"))
        }
      ]
    }
  }

  /// x where it is positive, `negativeSlope` · x elsewhere. Equivalent to
  /// `torch.nn.functional.leaky_relu`.
  ///
  /// - Parameter negativeSlope: The factor for elements that are not positive.
  public final func leakyRelu(negativeSlope: Double = 0.01) -> Tensor {
    activation("leakyRelu", .leakyRelu, .leakyReluGrad, negativeSlope) {
      .ones($0 .> 0, like: $0) * (1 - negativeSlope) + negativeSlope
    }
  }

  /// x where it is positive, α · (eˣ − 1) elsewhere. Equivalent to `torch.nn.functional.elu`.
  ///
  /// Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential
  /// linear units" (2016).
  ///
  /// - Parameter alpha: α; the limit for large negative elements is −α.
  public final func elu(alpha: Double = 1) -> Tensor {
    activation("elu", .elu, .eluGrad, alpha) { x in
      // Of NaN too the second derivative is NaN, and at zero it is nothing, as in PyTorch.
      let negative = Tensor.where(x .>= 0, x.zeros, x)
      return .where(x .> 0, Tensor.ones(x.shape, dtype: x.dtype), negative.exp() * alpha)
    }
  }

  /// 1 / (1 + e⁻ˣ). Equivalent to `torch.sigmoid`.
  public final func sigmoid() -> Tensor {
    activation("sigmoid", .sigmoid, ofOutput: .sigmoidGrad) { $0.sigmoidSlope() }
  }

  /// y · (1 − y), whose own slope is 1 − 2y in one piece: as the sum of 1 − y and −y it would be NaN where
  /// the gradient is infinite.
  private final func sigmoidSlope() -> Tensor {
    let slope = noGrad { self * (1 - self) }
    return .record("sigmoidSlope", [self], slope.array) { _ in
      let output = self.saved
      return [{ $0 * (1 - output() * 2) }]
    }
  }

  /// The hyperbolic tangent. Equivalent to `torch.tanh`.
  public final func tanh() -> Tensor {
    activation("tanh", .tanh, ofOutput: .tanhGrad) { 1 - $0 * $0 }
  }

  /// How ``gelu(approximate:)`` computes the normal distribution.
  public enum GELUApproximation: String, Sendable {
    /// Exactly, by the error function.
    case none
    /// By the approximation 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))).
    case tanh
  }

  /// x · Φ(x), where Φ is the cumulative distribution function of the standard normal distribution.
  /// Equivalent to `torch.nn.functional.gelu`.
  ///
  /// Hendrycks and Gimpel, "Gaussian error linear units" (2016).
  ///
  /// - Parameter approximate: How Φ is computed.
  public final func gelu(approximate: GELUApproximation = .none) -> Tensor {
    switch approximate {
    case .none:
      activation("gelu", .gelu, .geluGrad) { x in
        let distribution = ((x * 0.5.squareRoot()).erf() + 1) * 0.5
        return distribution + x * (x.square() * -0.5).exp() * 0.398942280401432677940
      }
    case .tanh:
      activation("gelu", .geluTanh, .geluTanhGrad) { x in
        let scale = 0.797884560802865355880
        let t = ((x + x.pow(3) * 0.044715) * scale).tanh()
        let inner = (x.square() * (3 * 0.044715) + 1) * scale
        return (t + 1) * 0.5 + x * 0.5 * (1 - t * t) * inner
      }
    }
  }

  /// x · sigmoid(x), also known as swish. Equivalent to `torch.nn.functional.silu`.
  public final func silu() -> Tensor {
    activation("silu", .silu, .siluGrad) { x in
      let s = x.sigmoid()
      return s * (x * (1 - s) + 1)
    }
  }

  /// x · tanh(softplus(x)). Equivalent to `torch.nn.functional.mish`.
  public final func mish() -> Tensor {
    activation("mish", .mish, .mishGrad) { x in
      let t = x.softplus().tanh()
      return t + x * x.sigmoid() * (1 - t * t)
    }
  }

  /// log(1 + e^(β · x)) / β, a smooth ``relu()``. Equivalent to `torch.nn.functional.softplus`.
  ///
  /// - Parameters:
  ///   - beta: β, the sharpness.
  ///   - threshold: Where β · x exceeds it, the result is x.
  public final func softplus(beta: Double = 1, threshold: Double = 20) -> Tensor {
    activation("softplus", .softplus, .softplusGrad, beta, threshold) { x in
      .where(
        x * beta .> threshold, Tensor.ones(x.shape, dtype: x.dtype), (x * beta).sigmoid())
    }
  }

  /// x · clamp(x + 3, 0…6) / 6, a cheap ``silu()``. Equivalent to `torch.nn.functional.hardswish`.
  public final func hardswish() -> Tensor {
    activation("hardswish", .hardswish, .hardswishGrad) { x in
      let middle = .ones(x .> -3, like: x) * .ones(x .< 3, like: x)
      return middle * (x / 3 + 0.5) + .ones(x .>= 3, like: x)
    }
  }

  /// clamp(x + 3, 0…6) / 6, a cheap ``sigmoid()``. Equivalent to `torch.nn.functional.hardsigmoid`.
  public final func hardsigmoid() -> Tensor {
    activation("hardsigmoid", .hardsigmoid, .hardsigmoidGrad) { x in
      .ones(x .> -3, like: x) * .ones(x .< 3, like: x) / 6
    }
  }

  /// eˣ divided by the sum of eˣ along a dimension. Equivalent to `torch.softmax`.
  ///
  /// Integers are converted to `float32` first.
  ///
  /// - Parameter axis: The dimension along which results add up to 1.
  public final func softmax(_ axis: Int) -> Tensor { softmax(axis, logarithm: false) }

  /// The logarithm of ``softmax(_:)``, computed accurately. Equivalent to `torch.log_softmax`.
  ///
  /// - Parameter axis: The dimension along which probabilities add up to 1.
  public final func logSoftmax(_ axis: Int) -> Tensor { softmax(axis, logarithm: true) }

  private final func softmax(_ axis: Int, logarithm: Bool) -> Tensor {
    let axis = shape.normalizedAxis(axis, for: logarithm ? "logSoftmax" : "softmax")
    let x = dtype.isIntegral ? to(.float32) : self
    let compute = x.array.cast(to: x.dtype.computeType)
    let result = compute.softmax(axis: axis, logarithm: logarithm).cast(to: x.dtype)
    return .recordSoftmax(
      logarithm ? "logSoftmax" : "softmax", x, result, axis: axis, logarithm: logarithm)
  }

  /// A softmax that has been computed, with its gradient.
  static func recordSoftmax(
    _ name: StaticString, _ x: Tensor, _ result: NDArray, axis: Int, logarithm: Bool
  ) -> Tensor {
    record(name, [x], result) { output in
      [
        { grad in
          let y = output()
          guard GradMode.isEnabled else {
            let compute = y.dtype.computeType
            return Tensor(
              y.array.cast(to: compute).softmaxGradient(
                grad.array.cast(to: compute), axis: axis, logarithm: logarithm))
          }
          return logarithm
            ? grad - y.exp() * grad.sum([axis], keepDims: true)
            : (grad - (grad * y).sum([axis], keepDims: true)) * y
        }
      ]
    }
  }
}
