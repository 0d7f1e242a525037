import Autograd
import NN

/// Divides by the root mean square over the last dimension. Twin of `LlamaRMSNorm` and `T5LayerNorm`
/// of transformers: in half precision the quotient is computed in `float32` and rounded before it is
/// multiplied by the weight, while ``/NN/RMSNorm`` rounds once.
///
/// State dict: `weight` (features,).
final class RoundedRMSNorm: Module {
  private let weight: Parameter
  private let eps: Double

  init(_ features: Int, eps: Double) {
    weight = Parameter(Tensor.ones([features]))
    self.eps = eps
  }

  override func forward(_ input: Tensor) -> Tensor {
    guard input.dtype == .float16 || input.dtype == .bfloat16 else {
      return input.rmsNorm(weight.shape, weight: weight, eps: eps)
    }
    return input.to(.float32).rmsNorm(weight.shape, eps: eps).to(input.dtype) * weight
  }

  override var extraDescription: String { "(\(weight.shape[0]),), eps=\(eps)" }
}
