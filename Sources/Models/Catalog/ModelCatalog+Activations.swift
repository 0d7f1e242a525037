import Arrays
import Autograd
import NN
import States

extension ModelCatalog {
  static let activations: [String: Maker] = [
    "Softmax": { arguments throws(ModelError) in Softmax(dim: try arguments.integer("dim")) },
    "GELU": { arguments throws(ModelError) in
      let name = try arguments.text("approximate", default: "none")
      guard let approximation = Tensor.GELUApproximation(rawValue: name) else {
        throw ModelError(reason: "GELU: there is no approximation \"\(name)\"")
      }
      return GELU(approximate: approximation)
    },
    "ReLU": { _ throws(ModelError) in ReLU() },
    "Sigmoid": { _ throws(ModelError) in Sigmoid() },
    "Tanh": { _ throws(ModelError) in Tanh() },
    "LogSoftmax": { arguments throws(ModelError) in
      LogSoftmax(dim: try arguments.integer("dim"))
    },
    "Softmin": { arguments throws(ModelError) in Softmin(dim: try arguments.integer("dim")) },
    "GLU": { arguments throws(ModelError) in GLU(dim: try arguments.integer("dim", default: -1)) },
    "SELU": { _ throws(ModelError) in SELU() },
    "SiLU": { _ throws(ModelError) in SiLU() },
    "Mish": { _ throws(ModelError) in Mish() },
    "Hardswish": { _ throws(ModelError) in Hardswish() },
    "Hardsigmoid": { _ throws(ModelError) in Hardsigmoid() },
    "Softsign": { _ throws(ModelError) in Softsign() },
    "Tanhshrink": { _ throws(ModelError) in Tanhshrink() },
    "LogSigmoid": { _ throws(ModelError) in LogSigmoid() },
    "ReLU6": { _ throws(ModelError) in ReLU6() },
    "LeakyReLU": { arguments throws(ModelError) in
      LeakyReLU(negativeSlope: try arguments.given("negative_slope", default: 0.01))
    },
    "PReLU": { arguments throws(ModelError) in
      PReLU(
        numParameters: try arguments.length("num_parameters", default: 1),
        initial: try arguments.number("init", default: 0.25))
    },
    "ELU": { arguments throws(ModelError) in
      ELU(alpha: try arguments.given("alpha", default: 1))
    },
    "CELU": { arguments throws(ModelError) in
      CELU(alpha: try arguments.given("alpha", default: 1))
    },
    "Softplus": { arguments throws(ModelError) in
      Softplus(
        beta: try arguments.given("beta", default: 1),
        threshold: try arguments.given("threshold", default: 20))
    },
    "Hardtanh": { arguments throws(ModelError) in
      let minimum = try arguments.given("min_val", default: -1)
      let maximum = try arguments.given("max_val", default: 1)
      guard minimum.layerValue < maximum.layerValue else {
        throw ModelError(
          reason:
            "Hardtanh: min_val \(minimum.layerValue) is not below max_val \(maximum.layerValue)")
      }
      return Hardtanh(minVal: minimum, maxVal: maximum)
    },
    "Softmax2d": { _ throws(ModelError) in Softmax2d() },
    "Hardshrink": { arguments throws(ModelError) in
      Hardshrink(lambda: try arguments.given("lambd", default: 0.5))
    },
    "Softshrink": { arguments throws(ModelError) in
      let lambda = try arguments.given("lambd", default: 0.5)
      guard lambda.layerValue >= 0 else {
        throw ModelError(reason: "Softshrink: lambd \(lambda.layerValue) is negative")
      }
      return Softshrink(lambda: lambda)
    },
    "Threshold": { arguments throws(ModelError) in
      Threshold(try arguments.given("threshold"), try arguments.given("value"))
    },
    "RReLU": { arguments throws(ModelError) in
      let lower = try arguments.given("lower", default: 1 / 8)
      let upper = try arguments.given("upper", default: 1 / 3)
      guard lower.layerValue <= upper.layerValue else {
        throw ModelError(
          reason: "RReLU: lower \(lower.layerValue) is above upper \(upper.layerValue)")
      }
      return RReLU(lower: lower, upper: upper)
    },
  ]
}
