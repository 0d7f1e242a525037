// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part10: [String: Line] {
   [
    "F.maxPool2d(x, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.maxPool2d(x, 2)
    },
    "F.maxPool2d(x, 2, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.maxPool2d(x, 2, 1)
    },
    "F.maxPool2d(x, 3, stride: 1, padding: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.maxPool2d(x, 3, stride: 1, padding: 1)
    },
    "F.maxPool2d(x, (2, 1), stride: (1, 2))": { (x, idx, m, y, f, i, m2, opt) in
      return F.maxPool2d(x, (2, 1), stride: (1, 2))
    },
    "F.maxPool1d(x[0], 2, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.maxPool1d(x[0], 2, 2)
    },
    "F.maxPool3d(x[.newAxis], (1, 2, 2))": { (x, idx, m, y, f, i, m2, opt) in
      return F.maxPool3d(x[.newAxis], (1, 2, 2))
    },
    "F.maxPool3d(x[.newAxis], 2, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.maxPool3d(x[.newAxis], 2, 1)
    },
    "F.avgPool1d(x[0], 2, stride: 1, padding: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.avgPool1d(x[0], 2, stride: 1, padding: 1)
    },
    "F.avgPool2d(x, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.avgPool2d(x, 2)
    },
    "F.avgPool2d(x, 3, 2, padding: 1, ceilMode: true, countIncludePad: false)": { (x, idx, m, y, f, i, m2, opt) in
      return F.avgPool2d(x, 3, 2, padding: 1, ceilMode: true, countIncludePad: false)
    },
    "F.avgPool2d(x, (2, 3), divisorOverride: 5)": { (x, idx, m, y, f, i, m2, opt) in
      return F.avgPool2d(x, (2, 3), divisorOverride: 5)
    },
    "F.avgPool3d(x[.newAxis], 2, stride: 1, divisorOverride: 3)": { (x, idx, m, y, f, i, m2, opt) in
      return F.avgPool3d(x[.newAxis], 2, stride: 1, divisorOverride: 3)
    },
    "F.avgPool3d(x[.newAxis], (1, 2, 2))": { (x, idx, m, y, f, i, m2, opt) in
      return F.avgPool3d(x[.newAxis], (1, 2, 2))
    },
    "F.adaptiveAvgPool1d(x[0], 3)": { (x, idx, m, y, f, i, m2, opt) in
      return F.adaptiveAvgPool1d(x[0], 3)
    },
    "F.adaptiveAvgPool2d(x, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.adaptiveAvgPool2d(x, 1)
    },
    "F.adaptiveAvgPool2d(x, (nil, 2))": { (x, idx, m, y, f, i, m2, opt) in
      return F.adaptiveAvgPool2d(x, (nil, 2))
    },
    "F.adaptiveAvgPool3d(x[.newAxis], 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.adaptiveAvgPool3d(x[.newAxis], 2)
    },
    "F.adaptiveMaxPool1d(x[0], 3)": { (x, idx, m, y, f, i, m2, opt) in
      return F.adaptiveMaxPool1d(x[0], 3)
    },
    "F.adaptiveMaxPool2d(x, (3, 2))": { (x, idx, m, y, f, i, m2, opt) in
      return F.adaptiveMaxPool2d(x, (3, 2))
    },
    "F.adaptiveMaxPool3d(x[.newAxis], 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.adaptiveMaxPool3d(x[.newAxis], 2)
    },
    "F.lpPool1d(x[0], 2, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.lpPool1d(x[0], 2, 2)
    },
    "F.lpPool2d(x.abs(), 3, 2, stride: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.lpPool2d(x.abs(), 3, 2, stride: 1)
    },
    "F.unfold(x, 2, padding: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.unfold(x, 2, padding: 1)
    },
    "F.unfold(x, (2, 3), stride: (2, 1))": { (x, idx, m, y, f, i, m2, opt) in
      return F.unfold(x, (2, 3), stride: (2, 1))
    },
    "F.fold(x.reshape(1, 8, 4), (4, 4), 2, stride: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.fold(x.reshape(1, 8, 4), (4, 4), 2, stride: 2)
    },
    "F.pixelShuffle(x.reshape(1, 4, 2, 4), 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.pixelShuffle(x.reshape(1, 4, 2, 4), 2)
    },
    "F.pixelUnshuffle(x, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.pixelUnshuffle(x, 2)
    },
    "F.channelShuffle(x.reshape(1, 4, 2, 4), 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.channelShuffle(x.reshape(1, 4, 2, 4), 2)
    },
    "F.pad(x, [1, 2, 0, 1], mode: .reflect)": { (x, idx, m, y, f, i, m2, opt) in
      return F.pad(x, [1, 2, 0, 1], mode: .reflect)
    },
    "F.interpolate(x, scaleFactor: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.interpolate(x, scaleFactor: 2)
    },
    "F.dropout2d(x, 0.5)": { (x, idx, m, y, f, i, m2, opt) in
      return F.dropout2d(x, 0.5)
    },
    "F.dropout3d(x, 0.5)": { (x, idx, m, y, f, i, m2, opt) in
      return F.dropout3d(x, 0.5)
    },
    "F.localResponseNorm(x, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.localResponseNorm(x, 2)
    },
    "F.groupNorm(x, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.groupNorm(x, 2)
    },
    "F.instanceNorm(x)": { (x, idx, m, y, f, i, m2, opt) in
      return F.instanceNorm(x)
    },
    "F.rmsNorm(x, [4])": { (x, idx, m, y, f, i, m2, opt) in
      return F.rmsNorm(x, [4])
    },
    "F.layerNorm(x, [4])": { (x, idx, m, y, f, i, m2, opt) in
      return F.layerNorm(x, [4])
    },
    "F.softmax(x, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.softmax(x, 1)
    },
    "F.logSoftmax(x, 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.logSoftmax(x, 1)
    },
    "F.softmin(x, dim: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.softmin(x, dim: 1)
    },
    "F.hardshrink(x, lambd: 2.5)": { (x, idx, m, y, f, i, m2, opt) in
      return F.hardshrink(x, lambd: 2.5)
    },
    "F.softshrink(x, lambd: 2.5)": { (x, idx, m, y, f, i, m2, opt) in
      return F.softshrink(x, lambd: 2.5)
    },
    "F.softsign(x)": { (x, idx, m, y, f, i, m2, opt) in
      return F.softsign(x)
    },
    "F.tanhshrink(x)": { (x, idx, m, y, f, i, m2, opt) in
      return F.tanhshrink(x)
    },
    "F.leakyRelu(x, negativeSlope: 0.2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.leakyRelu(x, negativeSlope: 0.2)
    },
    "F.hardtanh(x, minVal: -2, maxVal: 3)": { (x, idx, m, y, f, i, m2, opt) in
      return F.hardtanh(x, minVal: -2, maxVal: 3)
    },
    "F.cosineSimilarity(x, x + 1)": { (x, idx, m, y, f, i, m2, opt) in
      return F.cosineSimilarity(x, x + 1)
    },
    "F.cosineSimilarity(x, x + 1, dim: 0)": { (x, idx, m, y, f, i, m2, opt) in
      return F.cosineSimilarity(x, x + 1, dim: 0)
    },
    "F.pairwiseDistance(x, x + 1, p: 1, keepdim: true)": { (x, idx, m, y, f, i, m2, opt) in
      return F.pairwiseDistance(x, x + 1, p: 1, keepdim: true)
    },
    "F.bilinear(x, x, Tensor.ones(2, 3, 3))": { (x, idx, m, y, f, i, m2, opt) in
      return F.bilinear(x, x, Tensor.ones(2, 3, 3))
    },
    "F.batchNorm(x, nil, nil, training: true)": { (x, idx, m, y, f, i, m2, opt) in
      return F.batchNorm(x, nil, nil, training: true)
    },
    "F.smoothL1Loss(x, x * 1.5, beta: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return F.smoothL1Loss(x, x * 1.5, beta: 2)
    },
    "F.huberLoss(x, x * 1.5, delta: 0.5)": { (x, idx, m, y, f, i, m2, opt) in
      return F.huberLoss(x, x * 1.5, delta: 0.5)
    },
    "F.softMarginLoss(x, x.sign())": { (x, idx, m, y, f, i, m2, opt) in
      return F.softMarginLoss(x, x.sign())
    },
    "F.klDiv(x, x.softmax(1), reduction: .batchMean)": { (x, idx, m, y, f, i, m2, opt) in
      return F.klDiv(x, x.softmax(1), reduction: .batchMean)
    },
    "F.poissonNllLoss(x, x.abs())": { (x, idx, m, y, f, i, m2, opt) in
      return F.poissonNllLoss(x, x.abs())
    },
    "F.gaussianNllLoss(x, x * 1.5, x.abs())": { (x, idx, m, y, f, i, m2, opt) in
      return F.gaussianNllLoss(x, x * 1.5, x.abs())
    },
    "F.hingeEmbeddingLoss(x, x.sign())": { (x, idx, m, y, f, i, m2, opt) in
      return F.hingeEmbeddingLoss(x, x.sign())
    },
    "F.marginRankingLoss(x, x.flip(0), x.sign(), margin: 0.5)": { (x, idx, m, y, f, i, m2, opt) in
      return F.marginRankingLoss(x, x.flip(0), x.sign(), margin: 0.5)
    },
    "F.cosineEmbeddingLoss(x, x.flip(0), Tensor([1, -1]))": { (x, idx, m, y, f, i, m2, opt) in
      return F.cosineEmbeddingLoss(x, x.flip(0), Tensor([1, -1]))
    },
   ]
  }
}
