import Arrays
import Autograd
import Files

/// The elements of all parameters as one vector, to which gradients flow back. Equivalent to
/// `torch.nn.utils.parameters_to_vector`.
///
/// - Parameter parameters: At least one.
/// - Returns: (count,).
public func parametersToVector(_ parameters: [Parameter]) -> Tensor {
  .concatenated(parameters.map { $0.flattened() })
}

/// Puts the elements of a vector into parameters, in place. Equivalent to
/// `torch.nn.utils.vector_to_parameters`.
///
/// - Parameters:
///   - vector: (count,), with at least as many elements as the parameters have.
///   - parameters: The parameters, which keep their types.
public func vectorToParameters(_ vector: Tensor, _ parameters: [Parameter]) {
  require(
    vector.rank == 1 && vector.elementCount >= parameters.reduce(0) { $0 + $1.elementCount },
    "vectorToParameters: a vector of shape \(vector.shape) does not fill the parameters")
  noGrad {
    var start = 0
    for parameter in parameters {
      let part = vector.detached().sliced(0, start..<start + parameter.elementCount)
      parameter.assign(part.reshaped(parameter.shape))
      start += parameter.elementCount
    }
  }
}

// swift-format-ignore: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation
@available(*, unavailable, renamed: "clipGradNorm")
public func clip_grad_norm_(_ parameters: [Parameter], _ maxNorm: Double) -> Double {
  refusedByCompiler()
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
@available(*, unavailable, renamed: "AveragedModel", message: "AveragedModel(model, decay: 0.999)")
public typealias EMA = AveragedModel

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
@available(*, unavailable, message: "there are no sparse gradients: use Adam", renamed: "Adam")
public typealias SparseAdam = Adam
