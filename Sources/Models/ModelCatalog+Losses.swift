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
        labelSmoothing: try arguments.probability("label_smoothing", default: 0))
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
