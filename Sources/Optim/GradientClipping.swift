import Arrays
import Autograd
import Platform

/// Scales the gradients down so that their norm, all taken as one vector, is at most `maxNorm`.
/// Equivalent to `torch.nn.utils.clip_grad_norm_`.
///
/// As in PyTorch each gradient is multiplied by `maxNorm` / (norm + 1e-6), if that is less than 1.
///
/// - Parameters:
///   - parameters: Whose gradients are scaled; those without one are left out.
///   - maxNorm: The greatest norm.
///   - normType: The p of the p-norm: 2, 1, infinity for the greatest magnitude, …
/// - Returns: The norm before, NaN or infinity if a gradient has such elements: PyTorch's argument
///   `error_if_nonfinite` is a check of this.
@discardableResult
public func clipGradNorm(
  _ parameters: [Parameter], maxNorm: Double, normType: Double = 2
) -> Double {
  noGrad {
    let norms = parameters.compactMap(\.grad).map { norm($0, normType) }
    let total = norm(Tensor(norms), normType)
    let scale = maxNorm / (total + 1e-6)
    // NaN is not less than 1, and PyTorch's clamp lets it through.
    guard scale < 1 || scale.isNaN else { return total }
    for parameter in parameters {
      if let gradient = parameter.grad { parameter.grad = gradient * scale }
    }
    return total
  }
}

/// Limits each element of the gradients to `clipValue` in magnitude. Equivalent to
/// `torch.nn.utils.clip_grad_value_`.
///
/// - Parameters:
///   - parameters: Whose gradients are limited; those without one are left out.
///   - clipValue: The greatest magnitude.
public func clipGradValue(_ parameters: [Parameter], clipValue: Double) {
  noGrad {
    for parameter in parameters {
      parameter.grad = parameter.grad?.clamp(min: -clipValue, max: clipValue)
    }
  }
}

/// The p-norm of a tensor's elements.
private func norm(_ tensor: Tensor, _ p: Double) -> Double {
  guard tensor.array.elementCount > 0 else { return 0 }
  func number(_ result: Tensor) -> Double { result.to(.float64).array.item(as: Double.self) }
  switch p {
  case .infinity: return number(tensor.abs().max())
  case -.infinity: return number(tensor.abs().min())
  case 0: return number((tensor .!= 0).to(tensor.dtype).sum())
  case 1: return number(tensor.abs().sum())
  case 2: return number(tensor.square().sum()).squareRoot()
  default: return pow(number(tensor.abs().pow(p).sum()), 1 / p)
  }
}
