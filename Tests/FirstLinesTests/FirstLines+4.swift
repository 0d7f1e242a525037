// Made by Peers/first_lines.py.
// swift-format-ignore-file
import Ballast

extension FirstLines {
  static var part4: [String: Line] {
   [
    "x.crossEntropy(idx)": { (x, idx, m, y, f, i, m2, opt) in
      let idx = y
      return x.crossEntropy(idx)
    },
    "x.mseLoss(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.mseLoss(x + 1)
    },
    "x.oneHot(3)": { (x, idx, m, y, f, i, m2, opt) in
      return (x - 1).oneHot(3)
    },
    "x.pad([1, 1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.pad([1, 1])
    },
    "x.padded([1, 1])": { (x, idx, m, y, f, i, m2, opt) in
      return x.padded([1, 1])
    },
    "x.normalize()": { (x, idx, m, y, f, i, m2, opt) in
      return x.normalize()
    },
    "x.interpolate(scaleFactor: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return x.interpolate(scaleFactor: 2)
    },
    "x.gridSample(x)": { (x, idx, m, y, f, i, m2, opt) in
      let grid = (Tensor.arange(32).float() * 0.0625 - 1).reshape(1, 4, 4, 2)
      return x.gridSample(grid)
    },
    "x.gumbelSoftmax()": { (x, idx, m, y, f, i, m2, opt) in
      return (x * 1000).gumbelSoftmax().round()
    },
    "x.scaledDotProductAttention(x, x, isCausal: true)": { (x, idx, m, y, f, i, m2, opt) in
      return x.scaledDotProductAttention(x, x, isCausal: true)
    },
    "x.cdist(x)": { (x, idx, m, y, f, i, m2, opt) in
      return x.cdist(x * 2)
    },
    "x.embedding(x)": { (x, idx, m, y, f, i, m2, opt) in
      return y.clamp(max: 1).embedding(x)
    },
    "for row in x { _ = row }": { (x, idx, m, y, f, i, m2, opt) in
      var rows: [Tensor] = []
      for row in x { rows.append(row) }
      return rows
    },
    "let (v, i2) = x.topK(2)": { (x, idx, m, y, f, i, m2, opt) in
      let (v, i2) = x.topK(2)
      return (v, i2)
    },
    "noGrad { x }": { (x, idx, m, y, f, i, m2, opt) in
      return noGrad { x * 2 }.requiresGrad
    },
    "inferenceMode { x }": { (x, idx, m, y, f, i, m2, opt) in
      return inferenceMode { x * 2 }.requiresGrad
    },
    "autocast { x }": { (x, idx, m, y, f, i, m2, opt) in
      return autocast { x.matmul(x) }
    },
    "manualSeed(0)": { (x, idx, m, y, f, i, m2, opt) in
      manualSeed(0)
      return Tensor.rand([3])
    },
    "Linear(2, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return Linear(2, 3).parameters()
    },
    "Linear(inFeatures: 2, outFeatures: 3)": { (x, idx, m, y, f, i, m2, opt) in
      return Linear(inFeatures: 2, outFeatures: 3).parameters()
    },
    "Conv2d(1, 2, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return Conv2d(1, 2, 3)
    },
    "Conv2d(1, 2, kernelSize: 3)": { (x, idx, m, y, f, i, m2, opt) in
      return Conv2d(1, 2, kernelSize: 3)
    },
    "Conv2d(1, 2, kernelSize: (3, 3))": { (x, idx, m, y, f, i, m2, opt) in
      return Conv2d(1, 2, kernelSize: (3, 3))
    },
    "MaxPool2d(2)": { (x, idx, m, y, f, i, m2, opt) in
      return MaxPool2d(2)
    },
    "MaxPool2d(2, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return MaxPool2d(2, 2)
    },
    "MaxPool2d(2, stride: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return MaxPool2d(2, stride: 2)
    },
    "MaxPool2d(kernelSize: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return MaxPool2d(kernelSize: 2)
    },
    "Dropout(0.1)": { (x, idx, m, y, f, i, m2, opt) in
      return Dropout(0.1)
    },
    "Dropout(p: 0.1)": { (x, idx, m, y, f, i, m2, opt) in
      return Dropout(p: 0.1)
    },
    "LayerNorm(8)": { (x, idx, m, y, f, i, m2, opt) in
      return LayerNorm(8)
    },
    "LayerNorm([8])": { (x, idx, m, y, f, i, m2, opt) in
      return LayerNorm([8])
    },
    "Embedding(10, 4)": { (x, idx, m, y, f, i, m2, opt) in
      return Embedding(10, 4).parameters()
    },
    "EmbeddingBag(10, 4)": { (x, idx, m, y, f, i, m2, opt) in
      return EmbeddingBag(10, 4)(Tensor([[0, 1], [1, 3]]))
    },
    "LSTM(2, 3, batchFirst: true)": { (x, idx, m, y, f, i, m2, opt) in
      return LSTM(2, 3, batchFirst: true)
    },
    "GRU(2, 3)": { (x, idx, m, y, f, i, m2, opt) in
      return GRU(2, 3)
    },
    "Softmax(dim: 1)": { (x, idx, m, y, f, i, m2, opt) in
      return Softmax(dim: 1)
    },
    "Sequential((\"a\", Linear(2, 2)))": { (x, idx, m, y, f, i, m2, opt) in
      return Sequential(("a", Linear(2, 2)))
    },
    "Sequential(named: [\"a\": Linear(2, 2)])": { (x, idx, m, y, f, i, m2, opt) in
      return Sequential(named: ["a": Linear(2, 2)])
    },
    "ModuleList([Linear(2, 2)])": { (x, idx, m, y, f, i, m2, opt) in
      return ModuleList([Linear(2, 2)])
    },
    "ModuleDict([\"a\": Linear(2, 2)])": { (x, idx, m, y, f, i, m2, opt) in
      return ModuleDict(["a": Linear(2, 2)])
    },
    "ParameterList([Parameter(x)])": { (x, idx, m, y, f, i, m2, opt) in
      return ParameterList([Parameter(x)])
    },
    "ParameterDict([\"a\": Parameter(x)])": { (x, idx, m, y, f, i, m2, opt) in
      return ParameterDict(["a": Parameter(x)])
    },
    "AdaptiveAvgPool2d(1)": { (x, idx, m, y, f, i, m2, opt) in
      return AdaptiveAvgPool2d(1)
    },
    "AdaptiveAvgPool2d((1, 1))": { (x, idx, m, y, f, i, m2, opt) in
      return AdaptiveAvgPool2d((1, 1))
    },
    "Upsample(scaleFactor: 2, mode: .nearest)": { (x, idx, m, y, f, i, m2, opt) in
      return Upsample(scaleFactor: 2, mode: .nearest)
    },
    "ConvTranspose2d(4, 2, kernelSize: 2, stride: 2)": { (x, idx, m, y, f, i, m2, opt) in
      return ConvTranspose2d(4, 2, kernelSize: 2, stride: 2)
    },
    "TransformerEncoderLayer(8, 2)": { (x, idx, m, y, f, i, m2, opt) in
      return TransformerEncoderLayer(8, 2)
    },
    "TransformerEncoderLayer(dModel: 8, nhead: 2, batchFirst: true)": { (x, idx, m, y, f, i, m2, opt) in
      return TransformerEncoderLayer(dModel: 8, nhead: 2, batchFirst: true).eval()(Tensor.ones(1, 2, 8))
    },
    "MultiheadAttention(8, 2, batchFirst: true)": { (x, idx, m, y, f, i, m2, opt) in
      return MultiheadAttention(8, 2, batchFirst: true)
    },
    "CTCLoss()": { (x, idx, m, y, f, i, m2, opt) in
      let logits = Tensor.arange(24).float().reshape(4, 2, 3).sin()
      return CTCLoss()(logits.logSoftmax(-1), Tensor([[1, 2], [2, 2]]), [4, 3], [2, 1])
    },
    "clipGradNorm(m2.parameters(), maxNorm: 1)": { (x, idx, m, y, f, i, m2, opt) in
      for p in m2.parameters() { p.grad = Tensor.ones(like: p) }
      let n = clipGradNorm(m2.parameters(), maxNorm: 1)
      return [n, m2.weight.grad as Any] as [Any]
    },
    "clipGradValue(m2.parameters(), clipValue: 1)": { (x, idx, m, y, f, i, m2, opt) in
      for p in m2.parameters() { p.grad = Tensor.ones(like: p) * 3 }
      clipGradValue(m2.parameters(), clipValue: 1)
      return m2.weight.grad
    },
    "parametersToVector(m2.parameters())": { (x, idx, m, y, f, i, m2, opt) in
      return parametersToVector(m2.parameters())
    },
    "vectorToParameters(x, m2.parameters())": { (x, idx, m, y, f, i, m2, opt) in
      let x = Tensor.arange(8).float()
      vectorToParameters(x, m2.parameters())
      return m2.parameters()
    },
    "Initialization.kaimingNormal(x)": { (x, idx, m, y, f, i, m2, opt) in
      Initialization.kaimingNormal(x)
      return x
    },
    "Initialization.xavierUniform(x)": { (x, idx, m, y, f, i, m2, opt) in
      Initialization.xavierUniform(x)
      return x
    },
    "Initialization.zeros(x)": { (x, idx, m, y, f, i, m2, opt) in
      Initialization.zeros(x)
      return x
    },
    "Initialization.orthogonal(x)": { (x, idx, m, y, f, i, m2, opt) in
      Initialization.orthogonal(x)
      return x
    },
    "Initialization.truncNormal(x)": { (x, idx, m, y, f, i, m2, opt) in
      Initialization.truncNormal(x)
      return x
    },
    "m2.weight = Parameter(x)": { (x, idx, m, y, f, i, m2, opt) in
      m2.weight = Parameter(x)
      return m2.parameters()
    },
   ]
  }
}
