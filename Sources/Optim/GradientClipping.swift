import Arrays
import Autograd
import Platform

/// Scales gradients down so that their common norm is at most `maxNorm`. Equivalent to
/// `torch.nn.utils.clip_grad_norm_`.
///
/// The norm is taken over all gradients as if they were one vector. As in PyTorch, each gradient is
/// multiplied by `maxNorm` / (norm + 1e-6) if that is less than 1. If the norm is NaN, all
/// gradients become NaN.
///
/// ```swift
/// loss.backward()
/// clipGradNorm(model.parameters(), maxNorm: 1)
/// optimizer.step()
/// ```
///
/// - Parameters:
///   - parameters: The parameters whose gradients are scaled. Those without a gradient are skipped.
///   - maxNorm: The maximum norm.
///   - normType: The p of the p-norm; `.infinity` for the maximum magnitude.
/// - Returns: The norm before clipping. With a positive `normType` it is NaN or infinite if a
///   gradient has such elements,
///   which replaces PyTorch's argument `error_if_nonfinite`.
@discardableResult
public func clipGradNorm(
  _ parameters: [Parameter], maxNorm: Double, normType: Double = 2
) -> Double {
  noGrad {
    let norms = parameters.compactMap(\.grad).map { norm($0, normType) }
    let total = norm(Tensor(NDArray(norms)), normType)
    let scale = maxNorm / (total + 1e-6)
    // NaN is not less than 1, and PyTorch's clamp lets it through.
    guard scale < 1 || scale.isNaN else { return total }
    for parameter in parameters {
      parameter.grad?.mul_(scale)
    }
    return total
  }
}

/// Limits each element of the gradients to −`clipValue`…`clipValue`. Equivalent to
/// `torch.nn.utils.clip_grad_value_`.
///
/// - Parameters:
///   - parameters: The parameters whose gradients are limited. Those without a gradient are
///     skipped.
///   - clipValue: The maximum magnitude of an element.
public func clipGradValue(_ parameters: [Parameter], clipValue: Double) {
  noGrad {
    for parameter in parameters {
      parameter.grad?.clamp_(min: -clipValue, max: clipValue)
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
