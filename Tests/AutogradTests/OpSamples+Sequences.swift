import Arrays
import Autograd

extension OpSample {
  static let composedActivations: [OpSample] = [
    .init("hardtanh", [3, 4]) { $0[0].hardtanh(min: -0.5, max: 0.75) },
    .init("relu6", [3, 4]) { ($0[0] * 6).relu6() },
    .init("threshold", [3, 4]) { $0[0].threshold(0.1, 7) },
    .init("prelu", [2, 3, 2], [3]) { $0[0].prelu($0[1]) },
    .init("prelu.one", [4], [1]) { $0[0].prelu($0[1]) },
    .init("selu", [3, 4]) { $0[0].selu() },
    .init("celu", [3, 4]) { $0[0].celu(alpha: 1.3) },
    .init("softsign", [3, 4]) { $0[0].softsign() },
    .init("tanhshrink", [3, 4]) { $0[0].tanhshrink() },
    .init("logSigmoid", [3, 4]) { $0[0].logSigmoid() },
    .init("glu", [3, 4]) { $0[0].glu() },
    .init("hardshrink", [3, 4]) { $0[0].hardshrink(lambda: 0.6) },
    .init("softshrink", [3, 4]) { $0[0].softshrink(lambda: 0.6) },
    .init("softmin", [3, 4]) { $0[0].softmin(0) },
  ]

  static let distances: [OpSample] = [
    .init("l1Loss", [2, 3], [2, 3]) { $0[0].l1Loss($0[1]) },
    .init("huberLoss", [2, 3], [2, 3]) { $0[0].huberLoss($0[1], delta: 0.7) },
    .init("smoothL1Loss", [2, 3], [2, 3]) {
      $0[0].smoothL1Loss($0[1], reduction: .sum, beta: 0.5)
    },
    .init("binaryCrossEntropy", [2, 3], [2, 3], limits: .constantInputs) {
      $0[0].sigmoid().binaryCrossEntropy($0[1].sigmoid().detached())
    },
    .init("binaryCrossEntropyWithLogits", [2, 3], [2, 3], [3], limits: .constantInputs) {
      $0[0].binaryCrossEntropyWithLogits(
        $0[1].sigmoid(), weight: Tensor.full([3], 0.5),
        positiveWeight: $0[2].detached().exp())
    },
    .init("klDiv", [2, 3], [2, 3]) {
      $0[0].logSoftmax(1).klDiv($0[1].softmax(1), reduction: .batchMean)
    },
    .init("klDiv.log", [2, 3], [2, 3]) {
      $0[0].logSoftmax(1).klDiv($0[1].logSoftmax(1), reduction: .sum, logTarget: true)
    },
    .init("cosineSimilarity", [2, 3], [2, 3]) { $0[0].cosineSimilarity($0[1]) },
    .init("cosineEmbeddingLoss", [2, 3], [2, 3]) {
      $0[0].cosineEmbeddingLoss($0[1], Tensor([1, -1]), margin: -0.9)
    },
  ]

  static let sequences: [OpSample] = [
    .init("attention", [2, 3, 4], [2, 5, 4], [2, 5, 2]) {
      $0[0].scaledDotProductAttention($0[1], $0[2])
    },
    .init("attention.causal", [2, 3, 4], [2, 3, 4], [2, 3, 2]) {
      $0[0].scaledDotProductAttention($0[1], $0[2], isCausal: true, scale: 0.3)
    },
    .init("attention.mask", [3, 2], [3, 2], [3, 2]) {
      // The second query may look at nothing.
      let mask = Tensor(
        [true, false, true, false, false, false, true, true, true], shape: [3, 3])
      return $0[0].scaledDotProductAttention($0[1], $0[2], mask: mask)
    },
    .init("attention.added", [3, 2], [3, 2], [3, 2], [3, 3]) {
      $0[0].scaledDotProductAttention($0[1], $0[2], mask: $0[3])
    },
    .init("recurrence.tanh", [3, 2, 2], [2, 2], [2], [1, 2, 2]) {
      $0[0].recurrence(.tanh, $0[1], $0[2], initial: $0[3])
    },
    .init("recurrence.relu", [3, 2, 2], [2, 2], [2], [1, 2, 2]) {
      $0[0].recurrence(.relu, $0[1], $0[2], initial: $0[3])
    },
    .init("recurrence.gru", [3, 2, 6], [6, 2], [6], [1, 2, 2]) {
      $0[0].recurrence(.gru, $0[1], $0[2], initial: $0[3])
    },
    .init("recurrence.lstm", [3, 2, 8], [8, 2], [8], [2, 2, 2]) {
      $0[0].recurrence(.lstm, $0[1], $0[2], initial: $0[3])
    },
  ]

  static let moreShapes: [OpSample] = [
    .init("unflatten", [2, 6]) { $0[0].unflattened(1, [3, -1]) },
    .init("flip", [2, 3, 2]) { $0[0].flipped([0, 2]) },
    .init("bilinear", [2, 3], [2, 4], [2, 3, 4], [2]) { $0[0].bilinear($0[1], $0[2], $0[3]) },
  ]
}
