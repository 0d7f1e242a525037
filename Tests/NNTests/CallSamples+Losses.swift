import Autograd
import NN

extension CallSample {
  private static var signs: Tensor { Tensor([1, -1, 1]) }
  private static var classes: Tensor { Tensor([1, 3, 0]) }
  private static var weights: Tensor { Tensor([0.5, 1, 2, 1.5] as [Float]) }
  private static var labels: Tensor {
    Tensor([3, 0, -1, 1, 2, -1, -1, -1, 1, 0, 2, 3], shape: [3, 4])
  }

  static let margins: [CallSample] = [
    .init("PairwiseDistance", { PairwiseDistance() }) { layer, x in [layer(x[0], x[1])] },
    .init("PairwiseDistance options", { PairwiseDistance(p: 3, eps: 0.01, keepDim: true) }) {
      layer, x in [layer(x[0], x[1])]
    },
    .init("HingeEmbeddingLoss", { HingeEmbeddingLoss(margin: 0.5) }) { layer, x in
      [layer(x[0], signs)]
    },
    .init("MarginRankingLoss", { MarginRankingLoss(margin: 0.25) }) { layer, x in
      [layer(x[0], x[1], signs)]
    },
    .init("SoftMarginLoss", { SoftMarginLoss() }) { layer, x in [layer(x[0], signs)] },
    .init("TripletMarginLoss", { TripletMarginLoss() }) { layer, x in
      [layer(x[0], x[1], x[2])]
    },
    .init(
      "TripletMarginLoss options",
      { TripletMarginLoss(margin: 3, p: 1, eps: 1e-3, swap: true, reduction: .none) }
    ) { layer, x in [layer(x[0], x[1], x[2])] },
    .init(
      "TripletMarginWithDistanceLoss",
      { TripletMarginWithDistanceLoss({ 1 - $0.cosineSimilarity($1) }, margin: 2, swap: true) }
    ) { layer, x in [layer(x[0], x[1], x[2])] },
    .init("MultiMarginLoss", { MultiMarginLoss() }) { layer, x in [layer(x[0], classes)] },
    .init(
      "MultiMarginLoss options",
      { MultiMarginLoss(p: 2, margin: 0.5, weight: weights, reduction: .none) }
    ) { layer, x in [layer(x[0], classes)] },
    .init("MultiMarginLoss single", { MultiMarginLoss(reduction: .sum) }) { layer, x in
      [layer(x[0], Tensor(2))]
    },
    .init("MultiLabelMarginLoss", { MultiLabelMarginLoss() }) { layer, x in
      [layer(x[0], labels)]
    },
    .init("MultiLabelMarginLoss none", { MultiLabelMarginLoss(reduction: .none) }) { layer, x in
      [layer(x[0], labels[0])]
    },
    .init("MultiLabelSoftMarginLoss", { MultiLabelSoftMarginLoss(weight: weights) }) {
      layer, x in [layer(x[0], (labels .> 0).to(.float32))]
    },
    .init("PoissonNLLLoss", { PoissonNLLLoss() }) { layer, x in
      [layer(x[0], labels.to(.float32) + 1)]
    },
    .init(
      "PoissonNLLLoss options",
      { PoissonNLLLoss(logInput: false, full: true, eps: 0.1, reduction: .sum) }
    ) { layer, x in [layer(x[0].exp(), labels.to(.float32) + 1)] },
    .init("GaussianNLLLoss", { GaussianNLLLoss() }) { layer, x in
      [layer(x[0], x[1], x[2].square())]
    },
    .init("GaussianNLLLoss options", { GaussianNLLLoss(full: true, eps: 1, reduction: .none) }) {
      layer, x in [layer(x[0], x[1], x[2].exp())]
    },
  ]
}
