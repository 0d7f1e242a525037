import Arrays
import Autograd

/// A mistake with shapes, and what the sentence about it must hold: the operation and both shapes.
enum ShapeMistake: String, CaseIterable, Codable {
  case einsumSizes, einsumRank, einsumOutput, einsumOperands, einsumDots, einsumDiagonal
  case scatter, scatterAdd, index, indexMask, indexMany, unfold, unfoldPlanes, fold, diagonal
  case split, clamp, atan2, remainder, interpolate, adaptiveMaxPool2d, featureDropout
  case instanceNorm, tile, rollScalar, topKScalar, unflattenScalar
  case layerNormWeight, convTransposeBias, gradient, gradientOfItself, nodeHook, leafHook
  case invalidGradient, axisBeyond, axisBefore, softmax, sum, variance, anyAxis, argmin
  case stack, stackAxis, stackNothing, conv1d, maxPool1d

  var words: [String] {
    switch self {
    case .einsumSizes:
      ["einsum(): subscript j has size 4 for operand 1", "previously seen size 3", "(4, 5)"]
    case .einsumRank:
      [
        "einsum(): the number of subscripts in the equation (2) does not match the number of "
          + "dimensions (1) for operand 0", "(2,)",
      ]
    case .einsumOutput:
      ["einsum(): output subscript k does not appear in the equation for any input operand"]
    case .einsumOperands:
      ["einsum(): fewer operands were provided than specified in the equation"]
    case .einsumDots:
      ["einsum(): found '.' for operand 0 that is not part of any ellipsis"]
    case .einsumDiagonal: ["einsum(): subscript i is repeated for operand 0", "(2, 3)", "3 != 2"]
    case .scatter: ["scatter:", "(2, 5)", "(2, 2)", "(3, 4)"]
    case .scatterAdd: ["scatterAdd:", "(4, 1)", "(3, 4)"]
    case .index: ["index:", "(2,)", "(3,)"]
    case .indexMask: ["index:", "(2,)", "(3, 4)"]
    case .indexMany: ["index:", "3 indices", "(3, 4)"]
    case .unfold: ["unfold:", "windows of 5", "(3, 4)"]
    case .unfoldPlanes: ["unfold:", "(3, 3)", "(4, 4)"]
    case .fold: ["fold:", "(1, 8, 5)", "(3, 3)"]
    case .diagonal: ["diagonal:", "(3, 4)"]
    case .split: ["split:", "[1, 2]", "(3, 4)"]
    case .clamp: ["clamp:", "(3, 4)", "(3,)"]
    case .atan2: ["atan2:", "(3, 4)", "(3,)"]
    case .remainder: ["remainder:", "(3, 4)", "(2, 4)"]
    case .interpolate: ["interpolate:", "(1, 2, 3)", "bilinear"]
    case .adaptiveMaxPool2d: ["adaptiveMaxPool2d:", "(3, 4)"]
    case .featureDropout: ["featureDropout:", "(3,)"]
    case .instanceNorm: ["instanceNorm:", "(2, 3, 1)"]
    case .tile: ["repeat:", "[2, -1]", "(3, 4)"]
    case .rollScalar: ["roll:", "()", "dimension 0"]
    case .topKScalar: ["topk:", "no 2 elements", "()"]
    case .unflattenScalar: ["unflatten:", "()", "dimension 0"]
    case .layerNormWeight: ["layerNorm:", "same shape as normalizedShape", "(3,)", "(4,)"]
    case .convTransposeBias: ["convTranspose2d: a bias of shape (1,)", "(1, 8, 1, 1)"]
    case .gradient: ["grad:", "a gradient of size '(1,)' to a tensor of size '(3, 4)'"]
    case .gradientOfItself: ["grad: can't assign", "(3, 4)", "as its own grad"]
    case .nodeHook, .leafHook:
      ["onGradient: a hook has changed the size", "was (3, 4) got (1,)"]
    case .invalidGradient:
      ["half: returned an invalid gradient - got (2, 4) but expected", "compatible with (3, 4)"]
    case .axisBeyond: ["shape: dimension 2 is out of range for shape (3, 4)"]
    case .axisBefore: ["shape: dimension -3 is out of range for shape (3, 4)"]
    case .softmax: ["softmax: axis 5 is out of range for shape (3, 4)"]
    case .sum: ["sum: axis 2 is out of range for shape (3, 4)"]
    case .variance: ["variance: axis 2 is out of range for shape (3, 4)"]
    case .anyAxis: ["any: axis 2 is out of range for shape (3, 4)"]
    case .argmin: ["argmin: axis 2 is out of range for shape (3, 4)"]
    case .stack: ["stack:", "(3, 4)", "(4,)"]
    case .stackAxis: ["stack: axis 3 is out of range for shape (3, 4)"]
    case .stackNothing: ["stack: there is no tensor"]
    case .conv1d: ["conv1d:", "(3, 4)", "(2, 4, 1)"]
    case .maxPool1d: ["maxPool1d:", "()"]
    }
  }

  func make() {
    let x = Tensor.ones([3, 4])
    switch self {
    case .einsumSizes: _ = Tensor.einsum("ij,jk->ik", Tensor.ones([2, 3]), Tensor.ones([4, 5]))
    case .einsumRank: _ = Tensor.einsum("ij", Tensor.ones([2]))
    case .einsumOutput: _ = Tensor.einsum("i->k", Tensor.ones([2]))
    case .einsumOperands: _ = Tensor.einsum("i,j->ij", Tensor.ones([2]))
    case .einsumDots: _ = Tensor.einsum("i.j", x)
    case .einsumDiagonal: _ = Tensor.einsum("ii", Tensor.ones([2, 3]))
    case .scatter:
      _ = x.scattered(1, Tensor.zeros([2, 5], dtype: .int64), Tensor.ones([2, 2]))
    case .scatterAdd:
      _ = x.scatterAdded(1, Tensor.zeros([4, 1], dtype: .int64), Tensor.ones([4, 1]))
    case .index: _ = x.indexed([Tensor([0, 1]), Tensor([0, 1, 2])])
    case .indexMask: _ = x.indexed([Tensor([true, false])])
    case .indexMany: _ = x.indexed([nil, nil, Tensor([0])])
    case .unfold: _ = x.unfolded(1, size: 5, step: 1)
    case .unfoldPlanes: _ = Tensor.ones([1, 1, 3, 3]).unfolded((4, 4))
    case .fold: _ = Tensor.ones([1, 8, 5]).folded((3, 3), (2, 2))
    case .diagonal: _ = x.diagonal(0, 1, 1)
    case .split: _ = x.split([1, 2], axis: 1)
    case .clamp: _ = x.clamp(min: Tensor.ones([3]))
    case .atan2: _ = x.atan2(Tensor.ones([3]))
    case .remainder: _ = x.remainder(Tensor.ones([2, 4]))
    case .interpolate: _ = Tensor.ones([1, 2, 3]).interpolated(size: [4], mode: .bilinear)
    case .adaptiveMaxPool2d: _ = x.adaptiveMaxPool2d((2, 2))
    case .featureDropout: _ = Tensor.ones([3]).featureDropout()
    case .instanceNorm: _ = Tensor.ones([2, 3, 1]).instanceNorm()
    case .tile: _ = x.tiled([2, -1])
    case .rollScalar: _ = Tensor(1.0, dtype: .float64).rolled(1, 0)
    case .topKScalar: _ = Tensor(1.0, dtype: .float64).topK(2)
    case .unflattenScalar: _ = Tensor(1.0, dtype: .float64).unflattened(0, [1])
    case .layerNormWeight: _ = x.layerNorm([4], weight: Tensor.ones([3]))
    case .convTransposeBias:
      _ = Tensor.ones([1, 1, 3, 3]).convTranspose2d(Tensor.ones([1, 8, 1, 1]), Tensor.ones([1]))
    case .gradient: x.grad = Tensor.ones([1])
    case .gradientOfItself: x.grad = x
    case .nodeHook, .leafHook:
      x.requiresGrad = true
      let y = x * 2
      (self == .leafHook ? x : y).onGradient { _ in Tensor.ones([1]) }
      y.sum().backward()
    case .invalidGradient:
      x.requiresGrad = true
      Tensor.record("half", [x], x.array) { _ in [{ $0.sliced(0, 0..<2) }] }.sum().backward()
    case .axisBeyond: _ = x.shape[2]
    case .axisBefore: _ = x.shape[-3]
    case .softmax: _ = x.softmax(5)
    case .sum: _ = x.sum([2])
    case .variance: _ = x.variance([2])
    case .anyAxis: _ = x.any([2])
    case .argmin: _ = x.argmin(2)
    case .stack: _ = Tensor.stacked([x, Tensor.ones([4])])
    case .stackAxis: _ = Tensor.stacked([x, x], axis: 3)
    case .stackNothing: _ = Tensor.stacked([])
    case .conv1d: _ = x.conv1d(Tensor.ones([2, 4, 1]))
    case .maxPool1d: _ = Tensor(1.0, dtype: .float64).maxPool1d(1)
    }
  }
}
