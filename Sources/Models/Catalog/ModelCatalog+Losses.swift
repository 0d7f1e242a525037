import Autograd
import NN
import States

extension ModelCatalog {
  // Weights of classes are state, which a description does not hold.
  static let losses: [String: Maker] = [
    "MSELoss": { arguments throws(ModelError) in MSELoss(reduction: try reduction(&arguments)) },
    "L1Loss": { arguments throws(ModelError) in L1Loss(reduction: try reduction(&arguments)) },
    "SmoothL1Loss": { arguments throws(ModelError) in
      SmoothL1Loss(
        reduction: try reduction(&arguments), beta: try arguments.number("beta", default: 1))
    },
    "HuberLoss": { arguments throws(ModelError) in
      HuberLoss(
        reduction: try reduction(&arguments), delta: try arguments.number("delta", default: 1))
    },
    "CrossEntropyLoss": { arguments throws(ModelError) in
      CrossEntropyLoss(
        ignoreIndex: try arguments.integer("ignore_index", default: -100),
        reduction: try reduction(&arguments),
        labelSmoothing: try arguments.probability("label_smoothing", default: 0).layerValue)
    },
    "NLLLoss": { arguments throws(ModelError) in
      NLLLoss(
        ignoreIndex: try arguments.integer("ignore_index", default: -100),
        reduction: try reduction(&arguments))
    },
    "BCELoss": { arguments throws(ModelError) in BCELoss(reduction: try reduction(&arguments)) },
    "BCEWithLogitsLoss": { arguments throws(ModelError) in
      BCEWithLogitsLoss(reduction: try reduction(&arguments))
    },
    "KLDivLoss": { arguments throws(ModelError) in
      KLDivLoss(
        reduction: try reduction(&arguments),
        logTarget: try arguments.flag("log_target", default: false))
    },
    "CosineEmbeddingLoss": { arguments throws(ModelError) in
      CosineEmbeddingLoss(
        margin: try arguments.number("margin", default: 0), reduction: try reduction(&arguments))
    },
    "HingeEmbeddingLoss": { arguments throws(ModelError) in
      HingeEmbeddingLoss(
        margin: try arguments.number("margin", default: 1), reduction: try reduction(&arguments))
    },
    "MarginRankingLoss": { arguments throws(ModelError) in
      MarginRankingLoss(
        margin: try arguments.number("margin", default: 0), reduction: try reduction(&arguments))
    },
    "SoftMarginLoss": { arguments throws(ModelError) in
      SoftMarginLoss(reduction: try reduction(&arguments))
    },
    "TripletMarginLoss": { arguments throws(ModelError) in
      let margin = try arguments.number("margin", default: 1)
      guard margin > 0 else {
        throw ModelError(reason: "TripletMarginLoss: margin \(margin) is not positive")
      }
      return TripletMarginLoss(
        margin: margin, p: try arguments.number("p", default: 2),
        eps: try arguments.number("eps", default: 1e-6),
        swap: try arguments.flag("swap", default: false), reduction: try reduction(&arguments))
    },
    "MultiMarginLoss": { arguments throws(ModelError) in
      let power = try arguments.integer("p", default: 1)
      guard power == 1 || power == 2 else {
        throw ModelError(reason: "MultiMarginLoss: p \(power) is neither 1 nor 2")
      }
      return MultiMarginLoss(
        p: power, margin: try arguments.number("margin", default: 1),
        reduction: try reduction(&arguments))
    },
    "MultiLabelMarginLoss": { arguments throws(ModelError) in
      MultiLabelMarginLoss(reduction: try reduction(&arguments))
    },
    "MultiLabelSoftMarginLoss": { arguments throws(ModelError) in
      MultiLabelSoftMarginLoss(reduction: try reduction(&arguments))
    },
    "PoissonNLLLoss": { arguments throws(ModelError) in
      PoissonNLLLoss(
        logInput: try arguments.flag("log_input", default: true),
        full: try arguments.flag("full", default: false),
        eps: try arguments.number("eps", default: 1e-8), reduction: try reduction(&arguments))
    },
    "GaussianNLLLoss": { arguments throws(ModelError) in
      GaussianNLLLoss(
        full: try arguments.flag("full", default: false),
        eps: try arguments.number("eps", default: 1e-6), reduction: try reduction(&arguments))
    },
  ]

  private static func reduction(
    _ arguments: inout LayerArguments
  ) throws(ModelError) -> LossReduction {
    let name = try arguments.text("reduction", default: "mean")
    guard let reduction = LossReduction(rawValue: name) else {
      throw ModelError(reason: "there is no reduction \"\(name)\"")
    }
    return reduction
  }
}
