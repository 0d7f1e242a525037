import Arrays
import Autograd

/// A mistake with types or classes, and what the sentence about it must hold: the operation, the
/// type, and what to do.
enum TypeMistake: String, CaseIterable, Codable {
  case embedding, embeddingOfBooleans, embeddingFromEnd, gather, gatherOfBooleans, indexSelect
  case index, scatter, scatterAdd, scatterSource, oneHot, oneHotFromEnd, nllLoss, nllLossFromEnd
  case crossEntropyOfBooleans, crossEntropyOutside, whereCondition, maskedFill, maskedSelect
  case mean, norm, and, gatherFromEnd, indexSelectFromEnd, scatterFromEnd, scatterAddFromEnd
  case conv1dBias, conv2dBias, conv3dBias, convTransposeBias, layerNormWeight, layerNormBias
  case groupNormWeight, instanceNormBias, recurrenceBias, recurrenceWeight
  case gradient, nodeHook, leafHook, attention
  case fullByte, fullInfinity, fullHalf, fullNaN, fillInfinity, fillByte, negativePower,
    reluOfBooleans
  case subtractBooleans, subtractFromBooleans, negateBooleans, bilinearOfIntegers

  var words: [String] {
    let integers = "must be integers: convert them with to(.int64)"
    switch self {
    case .embedding: return ["embedding: indices of shape (2,) are float32", integers]
    case .embeddingOfBooleans: return ["embedding:", "bool", integers]
    case .embeddingFromEnd: return ["embedding: index -1 is out of range", "length 5"]
    case .gather: return ["gather:", "float64", integers]
    case .gatherOfBooleans: return ["gather:", "bool", integers]
    case .indexSelect: return ["indexSelect:", "float32", integers]
    case .index: return ["index:", "float32", integers]
    case .scatter: return ["scatter:", "float32", integers]
    case .scatterAdd: return ["scatterAdd:", "float32", integers]
    case .scatterSource: return ["scatter:", "source of float64", "float32"]
    case .oneHot: return ["oneHot:", "float32", integers]
    case .oneHotFromEnd: return ["oneHot: index -1 is out of range", "length 3"]
    case .nllLoss: return ["nllLoss: classes of shape (3,) are float32", integers]
    case .nllLossFromEnd: return ["nllLoss: index -1 is out of range", "length 4"]
    case .crossEntropyOfBooleans: return ["nllLoss: classes", "bool", integers]
    case .crossEntropyOutside: return ["nllLoss: index 4 is out of range", "length 4"]
    case .whereCondition: return ["where:", "float32", "must be bool: compare it"]
    case .maskedFill: return ["maskedFill:", "int64", "must be bool"]
    case .maskedSelect: return ["maskedSelect:", "float32"]
    case .mean: return ["mean:", "int64", "converted to a float first"]
    case .norm: return ["norm:", "int64", "converted to a float first"]
    case .and: return ["logicalAnd:", "float32", "must be bool: compare them"]
    case .gatherFromEnd: return ["gather: index -1 is out of range", "length 4"]
    case .indexSelectFromEnd: return ["indexSelect: index -2 is out of range", "length 3"]
    case .scatterFromEnd: return ["scatter: index -1 is out of range", "length 4"]
    case .scatterAddFromEnd: return ["scatterAdd: index -1 is out of range", "length 4"]
    case .conv1dBias: return ["conv1d: Input type (float64) and bias type (float32) should be"]
    case .conv2dBias: return ["conv2d: Input type (float32) and bias type (bfloat16) should be"]
    case .conv3dBias: return ["conv3d: Input type (float32) and bias type (float64) should be"]
    case .convTransposeBias:
      return ["convTranspose2d: Input type (bfloat16) and bias type (float32) should be"]
    case .layerNormWeight: return ["layerNorm: mixed dtype:", "is bfloat16", "input of float32"]
    case .layerNormBias: return ["layerNorm: mixed dtype:", "is float64", "input of bfloat16"]
    case .groupNormWeight: return ["groupNorm: mixed dtype:", "is float32", "input of float64"]
    case .instanceNormBias: return ["groupNorm: mixed dtype:", "is float64", "input of float32"]
    case .recurrenceBias, .recurrenceWeight:
      return ["recurrence:", "must have the same dtype, but got float32", "and float64"]
    case .attention:
      return ["Expected query, key, and value to have the same dtype", "query.dtype: float32"]
    case .fullByte: return ["full: value 300.0 cannot be converted to type uint8 without overflow"]
    case .fullInfinity: return ["full: value inf cannot be converted to type int64"]
    case .fullHalf: return ["full: value 65510.0 cannot be converted to type float16"]
    case .fullNaN: return ["full: value nan cannot be converted to type int32"]
    case .fillInfinity: return ["maskedFill: value -inf cannot be converted to type int64"]
    case .fillByte: return ["maskedFill: value 256.0 cannot be converted to type uint8"]
    case .negativePower: return ["pow: integers of shape (2,) to negative integer powers"]
    case .reluOfBooleans: return ["relu: Boolean inputs of shape (2,) are not supported"]
    case .subtractBooleans: return ["sub: subtraction with a bool tensor, of shapes (2,) and (2,)"]
    case .subtractFromBooleans: return ["sub: subtraction with a bool tensor of shape (2,)"]
    case .negateBooleans: return ["neg: negation of a bool tensor of shape (2,)"]
    case .bilinearOfIntegers: return ["interpolate: bilinear of int64 and shape (1, 1, 2, 2)"]
    case .gradient: return ["grad:", "with dtype 'bfloat16' to a tensor of 'float32'"]
    case .nodeHook, .leafHook:
      return ["onGradient: a hook has changed the type", "was float32 got float64"]
    }
  }

  func make() {
    let x = Tensor.ones([3, 4])
    let floats = Tensor([0, 1] as [Float])
    switch self {
    case .embedding: _ = floats.embedding(Tensor.ones([5, 2]))
    case .embeddingOfBooleans: _ = Tensor([true, false]).embedding(Tensor.ones([5, 2]))
    case .embeddingFromEnd: _ = Tensor([0, -1]).embedding(Tensor.ones([5, 2]))
    case .gather: _ = x.gather(1, Tensor.ones([3, 1], dtype: .float64))
    case .gatherOfBooleans: _ = x.gather(1, x .> 0)
    case .indexSelect: _ = x.indexSelect(0, floats)
    case .index: _ = x.indexed([floats])
    case .scatter: _ = x.scattered(1, Tensor.ones([3, 1]), Tensor.ones([3, 1]))
    case .scatterAdd: _ = x.scatterAdded(1, Tensor.ones([3, 1]), Tensor.ones([3, 1]))
    case .scatterSource:
      let indices = Tensor.zeros([3, 1], dtype: .int64)
      _ = x.scattered(1, indices, Tensor.ones([3, 1], dtype: .float64))
    case .oneHot: _ = floats.oneHot(3)
    case .oneHotFromEnd: _ = Tensor([0, -1]).oneHot(3)
    case .nllLoss: _ = x.nllLoss(Tensor.ones([3]))
    case .nllLossFromEnd: _ = x.nllLoss(Tensor([0, -1, 2]))
    case .crossEntropyOfBooleans: _ = x.crossEntropy(Tensor([true, false, true]))
    case .crossEntropyOutside: _ = x.crossEntropy(Tensor([0, 4, 2]))
    case .whereCondition: _ = Tensor.where(x, x, x)
    case .maskedFill: _ = x.maskedFill(Tensor.ones([3, 4], dtype: .int64), 0)
    case .maskedSelect: _ = x.maskedSelect(x)
    case .mean: _ = Tensor([1, 2]).mean()
    case .norm: _ = Tensor([1, 2]).norm(order: 3)
    case .and: _ = x .& x
    case .gatherFromEnd: _ = x.gather(1, Tensor([0, 1, -1], shape: [3, 1]))
    case .indexSelectFromEnd: _ = x.indexSelect(0, Tensor([-2]))
    case .scatterFromEnd: _ = x.scattered(1, Tensor([-1], shape: [1, 1]), 7)
    case .scatterAddFromEnd: _ = x.scatterAdded(1, Tensor([-1], shape: [1, 1]), x)
    case .conv1dBias:
      let weight = Tensor.ones([64, 3, 1], dtype: .float64)
      _ = x.to(.float64).conv1d(weight, Tensor.ones([64]))
    case .conv2dBias:
      let bias = Tensor.ones([64], dtype: .bfloat16)
      _ = Tensor.ones([1, 1, 9, 9]).conv2d(Tensor.ones([64, 1, 1, 1]), bias)
    case .conv3dBias:
      let bias = Tensor.ones([8], dtype: .float64)
      _ = Tensor.ones([1, 1, 3, 3, 3]).conv3d(Tensor.ones([8, 1, 1, 1, 1]), bias)
    case .convTransposeBias:
      let weight = Tensor.ones([1, 8, 1, 1], dtype: .bfloat16)
      _ = Tensor.ones([1, 1, 3, 3], dtype: .bfloat16).convTranspose2d(weight, Tensor.ones([8]))
    case .layerNormWeight: _ = x.layerNorm([4], weight: Tensor.ones([4], dtype: .bfloat16))
    case .layerNormBias:
      _ = x.to(.bfloat16).layerNorm([4], bias: Tensor.ones([4], dtype: .float64))
    case .groupNormWeight: _ = x.to(.float64).groupNorm(2, weight: Tensor.ones([4]))
    case .instanceNormBias:
      _ = Tensor.ones([1, 2, 3]).instanceNorm(bias: Tensor.ones([2], dtype: .float64))
    case .recurrenceBias:
      let bias = Tensor.ones([4], dtype: .float64)
      _ = Tensor.ones([1, 3, 4]).recurrence(
        .tanh, Tensor.ones([4, 4]), bias, initial: Tensor.ones([1, 3, 4]))
    case .recurrenceWeight:
      _ = Tensor.ones([1, 3, 4]).recurrence(
        .tanh, Tensor.ones([4, 4], dtype: .float64), nil, initial: Tensor.ones([1, 3, 4]))
    case .attention:
      let half = x.to(.bfloat16)
      _ = x.scaledDotProductAttention(half, half)
    case .fullByte: _ = Tensor.full([2], 300, dtype: .uint8)
    case .fullInfinity: _ = Tensor.full([2], .infinity, dtype: .int64)
    case .fullHalf: _ = Tensor.full([2], 65510, dtype: .float16)
    case .fullNaN: _ = Tensor.full([2], .nan, dtype: .int32)
    case .fillInfinity: _ = Tensor([1, 2]).maskedFill(Tensor([true, false]), -.infinity)
    case .fillByte:
      _ = Tensor.ones([2], dtype: .uint8).maskedFill(Tensor([true, false]), 256)
    case .negativePower: _ = Tensor([1, 2]).pow(-1)
    case .reluOfBooleans: _ = Tensor([true, false]).relu()
    case .subtractBooleans: _ = Tensor([true, false]) - Tensor([true, true])
    case .subtractFromBooleans: _ = Tensor([true, false]) - 1
    case .negateBooleans: _ = -Tensor([true, false])
    case .bilinearOfIntegers:
      _ = Tensor.ones([1, 1, 2, 2], dtype: .int64).interpolated(size: [4, 4], mode: .bilinear)
    case .gradient: x.grad = Tensor.ones([3, 4], dtype: .bfloat16)
    case .nodeHook, .leafHook:
      x.requiresGrad = true
      let y = x * 2
      (self == .leafHook ? x : y).onGradient { $0.to(.float64) }
      y.sum().backward()
    }
  }
}
